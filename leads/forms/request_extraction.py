"""From answers to what we need of them: who to ring, where, when and how safely. One picker for all form tools.

The look of a value alone may give an address or a name to read; a number only to suggest.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from leads.errors import BadSubmission
from leads.forms.consent import agreed
from leads.forms.field_roles import (
    ASKS,
    DECLARED,
    EMAIL,
    LONGEST_ANSWER,
    MAPPED,
    MENTIONED,
    Claim,
    Claims,
    are_several,
    claims_of,
    plain,
)
from leads.forms.form_field import Entry, Item, text_of
from leads.forms.label_vocabulary import role_of, tokens, whom
from leads.forms.phone_selection import no_dial, submitters, suggestion
from leads.forms.request import FormRequest
from leads.forms.safe_contact_answers import safe_to_call, what_to_know
from leads.forms.yes_no_answers import agreement, truth
from leads.i18n.translatable import Phrase

YES_OR_NO = frozenset({"any_hour", "safe_to_call", "safe_to_voicemail", "safe_to_text", "consent"})
LONGEST_ID, LONGEST_VALUE, MOST_ROWS, LONGEST_SEARCH = 200, 500, 200, 4000
LOOKS_LIKE_A_NAME = re.compile(r"[^\W\d_][^\W\d_'.\-]*( [^\W\d_][^\W\d_'.\-]*){1,3}")
HAVE_IDS_OF_THEIR_OWN = frozenset(
    {
        "contact", "contacts", "lead", "leads", "person", "people", "customer", "customers", "client", "clients",
        "user", "users", "merges", "data", "profile", "member", "subscriber", "visitor", "attributes", "properties",
        "guest", "student", "patient", "account", "form", "page", "field", "fields",
    }
)  # fmt: skip
"""Groups that are no submission: the same person's next request has the same id there."""
NOT_WRITTEN_BY_THEM = frozenset({"to", "admin", "from", "owner", "recipient", "assigned", "notification"})


def pick(entry: Entry, *, region: str, mapping: Mapping[str, str]) -> FormRequest:
    """Read the answers, with numbers meant as in `region`. What is not understood is kept under `unknown`.

    A missing or unusable number is `phone=None`. Raises BadSubmission where several people ask to be rung.
    """
    claims = claims_of(entry.items, mapping)
    if are_several(claims):
        msg = Phrase("It holds the forms of several people: a person has to see whom to ring.")
        raise BadSubmission(msg)
    given, number, doubt = submitters(claims, region)
    doubt, cautions = entry.doubt or doubt, what_to_know(claims)
    consent, consent_text = _consent(claims)
    return FormRequest(
        phone=None if doubt else number,
        phone_as_given=given,
        suggested_phone=suggestion(number, claims, region) if doubt or not (number or entry.thin) else None,
        no_dial=no_dial(claims, region, number),
        name=_name(claims),
        email=_email(claims),
        message=_message(claims),
        for_whom=whom(_text(claims, "for_whom")),
        consent=consent,
        consent_text=_text(claims, "consent_text") or consent_text,
        any_hour=_truth(claims, "any_hour"),
        safe_to_call=safe_to_call(claims),
        safe_to_voicemail=_truth(claims, "safe_to_voicemail") if not cautions else False,
        safe_to_text=_truth(claims, "safe_to_text") if not cautions else False,
        cautions=cautions,
        best_time=_text(claims, "best_time"),
        city=_text(claims, "city"),
        region=_text(claims, "region"),
        zip=_text(claims, "zip"),
        language=_text(claims, "language"),
        page_url=_text(claims, "page_url") or entry.page_url,
        campaign=_text(claims, "campaign") or entry.campaign,
        vendor_id=_short(entry.vendor_id or _own_id(claims)) or None,
        event=entry.event,
        reason=entry.thin or doubt,
        fields=[_row(item) for item in entry.items[:MOST_ROWS]],
        unknown=_unknown(entry.items, claims),
    )


def _name(claims: Claims) -> str:
    """Return the name, whole or in parts, whichever stands nearer to the number."""
    whole, first, last = (claims.usable(role) for role in ("name", "first_name", "last_name"))
    parts = [found[0].item for found in (first, last) if found]
    is_called_so = bool(whole) and whole[0].sureness < MENTIONED
    if parts and (not is_called_so or (parts[0].group == claims.home != whole[0].item.group)):
        return " ".join(_single(claims.take(item)) for item in parts)
    if whole:
        name = _single(claims.take(whole[0].item))
        is_first = last and not first and " " not in name
        return f"{name} {_single(claims.take(last[0].item))}" if is_first else name
    unnamed = (claim.item for claim in claims.all if not claim.role and claim.item.key.isdecimal())
    item = next((item for item in unnamed if not item.label and LOOKS_LIKE_A_NAME.fullmatch(text_of(item.value))), None)
    return _single(claims.take(item)) if item else ""


def _email(claims: Claims) -> str:
    usable = claims.usable("email")
    claim = next((claim for claim in usable if "@" in text_of(claim.item.value)), next(iter(usable), None))
    item = claim.item if claim else next((claim.item for claim in claims.all if _is_address(claim, claims)), None)
    return _single(claims.take(item)) if item else ""


def _is_address(claim: Claim, claims: Claims) -> bool:
    """Whether this is an e-mail address by its look, and may be the submitter's."""
    is_open = not claim.role and claim.is_theirs and not claims.is_apart(claim.item)
    return bool(
        is_open
        and len(text_of(claim.item.value)) <= LONGEST_ANSWER
        and EMAIL.fullmatch(text_of(claim.item.value))
        and not NOT_WRITTEN_BY_THEM.intersection(tokens(claim.item.key))
    )


def _message(claims: Claims) -> str:
    """Return what they wrote: in a field that is called a message rather than in any long text."""
    usable = claims.usable("message")
    called = (claim for claim in usable if claim.sureness != DECLARED or role_of(claim.item.title))
    claim = next(called, next(iter(usable), None))
    return text_of(claims.take(claim.item).value) if claim else ""


def _text(claims: Claims, role: str) -> str:
    claim = next(iter(claims.usable(role)), None)
    return _single(claims.take(claim.item)) if claim else ""


def _truth(claims: Claims, role: str) -> bool | None:
    claim = next(iter(claims.usable(role)), None)
    values = claims.take(claim.item).values if claim else []
    return next((said for value in values if (said := truth(value)) is not None), None)


def _single(item: Item) -> str:
    """Return the first thing given: a name that comes twice is not a name of two."""
    return next((text for value in item.values if (text := text_of(value))), "")


def _consent(claims: Claims) -> tuple[bool | None, str]:
    """Our own field first: its answer is about being called, and its wording stands in `consent_text`."""
    own = claims.to("consent")
    for claim in own:
        said = _own_consent(claim)
        if said is not None:
            claims.take(claim.item)
            return said, _wording(claim.item)
    given, wording, items = agreed([claim.item for claim in (*own, *claims.to(ASKS))])
    claims.taken.extend(items)
    return given, wording


def _own_consent(claim: Claim) -> bool | None:
    """A box left empty is a no; what a person said is the box for consent may send any words when it is ticked."""
    if claim.item.is_blank:
        return None if None in claim.item.values else False
    said = next((said for value in claim.item.values if (said := agreement(value)) is not None), None)
    return True if said is None and claim.sureness == MAPPED else said


def _wording(item: Item) -> str:
    texts = (item.label, *map(text_of, item.values))
    return ": ".join(dict.fromkeys(text for text in texts if len(text.split()) > 1))


def _own_id(claims: Claims) -> str:
    """A bare `id` counts only beside the number or around it, and where it is not the person's or the form's."""
    filled = [claim for claim in claims.to("id") if not claim.item.is_blank]
    around = [claim for claim in filled if claim.sureness == MAPPED or _is_of_the_submission(claim.item, claims.home)]
    claim = min(around, key=lambda claim: (claim.sureness, _rank(claim.item), -len(claim.item.group)), default=None)
    return _single(claims.take(claim.item)) if claim else ""


def _is_of_the_submission(item: Item, home: str) -> bool:
    if not f"{home}.".startswith(item.group):
        return False
    is_bare = tokens(item.key) == ("id",)
    is_a_persons = plain(item.group.rpartition(".")[2]) in HAVE_IDS_OF_THEIR_OWN
    return not is_bare or (not is_a_persons and _is_counted(_single(item)))


def _is_counted(number: str) -> bool:
    """Whether it may be another one for every submission: the ids that people give to forms are names."""
    return bool(re.search(r"\d", number)) and not {"form", "formulario"}.intersection(tokens(number))


def _rank(item: Item) -> int:
    """The id of a submission goes before one of whatever, and the id of the event that told of it comes last."""
    said = tokens(item.key)
    return 1 if said == ("id",) else 2 * ("event" in said)


def _short(text: str) -> str:
    """Databases index short texts only."""
    return text if len(text) <= LONGEST_ID else hashlib.sha256(text.encode()).hexdigest()


def _row(item: Item) -> dict[str, str]:
    return {"key": item.path, "label": item.label, "value": text_of(item.value)[:LONGEST_VALUE]}


def _unknown(items: Sequence[Item], claims: Claims) -> dict[str, list[Any]]:
    """Keep what has no place of its own; what only says the same once more is left out."""
    roles = {id(claim.item): claim.role for claim in claims.all}
    taken = {id(item) for item in claims.taken}
    said = {(roles.get(id(item), ""), _single(item)) for item in claims.taken}
    unknown: dict[str, list[Any]] = {}
    for item in items:
        role = roles.get(id(item), "")
        rest = [value for value in _left(item, role, is_taken=id(item) in taken) if (role, text_of(value)) not in said]
        if rest:
            unknown.setdefault(item.title, []).extend(rest)
    return unknown


def _left(item: Item, role: str, *, is_taken: bool) -> Iterable[Any]:
    """Return what of a field is still to be told."""
    if is_taken and role in YES_OR_NO | {"message", ASKS}:
        return []
    values = item.values[1:] if is_taken else item.values
    return [value.strip() if isinstance(value, str) else value for value in values if text_of(value)]
