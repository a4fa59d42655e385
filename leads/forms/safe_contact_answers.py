"""Whether it is safe to call the submitter, and what an advisor has to know before the call."""

from __future__ import annotations

from leads.forms.contact_limits import (
    answers_safe_ways_question,
    answers_with_ways,
    limits_ways_of_contact,
)
from leads.forms.field_roles import FieldRoleCandidate, FieldRoleCandidates
from leads.forms.form_field import FormField, text_of
from leads.forms.label_vocabulary import has_safety_phrase
from leads.forms.talking_questions import denies_talking, tells_of_watched_phone
from leads.forms.yes_no_answers import parse_safety_answer, parse_yes_no
from leads.free_text.refusals import named_ways

LONGEST_CAUTION = 300  # characters


def read_safe_to_call(claims: FieldRoleCandidates) -> bool | None:
    """Return whether it is safe to call the submitter; None where nothing says so.

    One no among several answers is a no, and so are ways of contact, preferred, safe or
    forbidden, that leave no room for a call. A no that holds only while somebody else is there
    forbids no call: `collect_cautions` returns it.
    """
    asked = [
        claims.mark_as_used(claim.item)
        for claim in claims.usable_for_role("safe_to_call")
        if not _is_conditional_contact_question(claim)
    ]
    answers = {_parse_answer(item, value) for item in asked for value in item.values}
    if False in answers or any(
        limits_ways_of_contact(claim.item) or _reports_danger(claim.item) for claim in claims.all
    ):
        return False
    return True if True in answers else None


def _parse_answer(item: FormField, value: object) -> bool | None:
    """Return what an answer says of calls; the name of a way of contact is no refusal."""
    said = parse_safety_answer(value)
    return None if said is False and answers_with_ways(item) else said


def collect_cautions(claims: FieldRoleCandidates) -> list[str]:
    """Return the questions whose answers warn that somebody else may hear or answer a call.

    Each stands with its answer. Where there is one, no voicemail may be left and no text sent.
    """
    warnings = (claim.item for claim in claims.all if _is_caution(claim))
    return list(
        dict.fromkeys(f"{item.title} {text_of(item.value)}"[:LONGEST_CAUTION] for item in warnings)
    )


def _is_caution(claim: FieldRoleCandidate) -> bool:
    named, item = _field_key_and_label(claim.item), claim.item
    if item.is_blank:
        return False
    if answers_safe_ways_question(item):
        return not any(named_ways(text_of(value)) for value in item.values) and all(
            parse_yes_no(value) is None for value in item.values
        )
    if _is_conditional_contact_question(claim) or has_safety_phrase("private", named):
        return any(parse_safety_answer(value) is False for value in item.values)
    if claim.role != "safe_to_call" and (denies_talking(item) or tells_of_watched_phone(item)):
        return True
    return has_safety_phrase("overheard", named) and any(
        parse_yes_no(value) is not False for value in item.values
    )


def _is_conditional_contact_question(claim: FieldRoleCandidate) -> bool:
    named = _field_key_and_label(claim.item)
    return has_safety_phrase("while", named) and has_safety_phrase("contact", named)


def _reports_danger(item: FormField) -> bool:
    return has_safety_phrase("danger", _field_key_and_label(item)) and any(
        parse_yes_no(value) is True for value in item.values
    )


def _field_key_and_label(item: FormField) -> str:
    return f"{item.key} {item.label}"
