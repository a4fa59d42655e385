"""Whether it is safe to call who fills out the form, and what an advisor has to know before the call."""

from __future__ import annotations

from leads.forms.field_roles import Claim, Claims
from leads.forms.form_field import Item, text_of
from leads.forms.label_vocabulary import says, warns
from leads.forms.yes_no_answers import safety, truth

LONGEST_CAUTION = 300  # characters


def safe_to_call(claims: Claims) -> bool | None:
    """One no among several answers is a no; so is a contact preference that leaves no room for a call.

    A no that holds only while somebody else is there forbids no call: `what_to_know` tells of it.
    """
    asked = [claims.take(claim.item) for claim in claims.usable("safe_to_call") if not _is_conditional(claim)]
    answers = {safety(value) for item in asked for value in item.values}
    if False in answers or any(_declines(claim.item) or _is_dangerous(claim.item) for claim in claims.all):
        return False
    return True if True in answers else None


def what_to_know(claims: Claims) -> list[str]:
    """Return each question about who else may hear or answer a call, with its answer, where that is a warning.

    Where there is one, no message may be left and no text sent.
    """
    warnings = (claim.item for claim in claims.all if _is_warning(claim))
    return list(dict.fromkeys(f"{item.title} {text_of(item.value)}"[:LONGEST_CAUTION] for item in warnings))


def _is_warning(claim: Claim) -> bool:
    named, item = _named(claim.item), claim.item
    if item.is_blank:
        return False
    if _is_conditional(claim) or warns("private", named):
        return any(safety(value) is False for value in item.values)
    return warns("overheard", named) and any(truth(value) is not False for value in item.values)


def _is_conditional(claim: Claim) -> bool:
    named = _named(claim.item)
    return warns("while", named) and warns("contact", named)


def _is_dangerous(item: Item) -> bool:
    return warns("danger", _named(item)) and any(truth(value) is True for value in item.values)


def _declines(item: Item) -> bool:
    return says("preference", _named(item)) and says("declines", text_of(item.value))


def _named(item: Item) -> str:
    return f"{item.key} {item.label}"
