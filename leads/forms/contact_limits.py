"""Contact limits: the answers that speak against a call, for whoever decides to read."""

from __future__ import annotations

from leads.forms.consent import (
    CONSENT_METADATA_WORDS,
    PHONE_NUMBER_TEXT,
    is_consent_question,
    limits_calls,
)
from leads.forms.field_roles import FieldRoleCandidate, FieldRoleCandidates
from leads.forms.form_field import FormField, text_of
from leads.forms.label_vocabulary import (
    SOMEBODY_ELSE,
    answer_owner,
    has_consent_phrase,
    plain_words,
)
from leads.free_text.refusals import (
    asks_for_forbidden_ways,
    asks_for_safe_ways,
    asks_for_ways,
    includes_calls,
    leaves_calls_out,
    names_no_way,
    read_contact_limit,
)

LONGEST_QUOTE = 300  # characters
ROLES_OF_OWN_WORDS = frozenset({"message", "best_time", ""})


def collect_contact_limits(claims: FieldRoleCandidates) -> list[str]:
    """Return the answers that speak against a call, each with its question.

    Conditions on a yes, ways of contact without a call, and people's own words. A plain no is none:
    it needs no words.
    """
    limiting = (claim.item for claim in claims.all if _speaks_against_call(claim, claims))
    return list(
        dict.fromkeys(
            f"{item.title}: {text_of(item.value)}"[:LONGEST_QUOTE].strip() for item in limiting
        )
    )


def limits_ways_of_contact(item: FormField) -> bool:
    """Whether the ways of contact that were chosen leave calls out, or the forbidden have them."""
    if not answers_ways_question(item):
        return False
    texts = [text_of(value) for value in item.values]
    if _asks_for_forbidden(item):
        return includes_calls(texts)
    is_safe = any(map(asks_for_safe_ways, _questions_of(item)))
    return leaves_calls_out(texts) or (is_safe and any(map(names_no_way, texts)))


def answers_ways_question(item: FormField) -> bool:
    """Whether a field tells in which ways whoever asks may be contacted, or may not."""
    if item.is_blank or PHONE_NUMBER_TEXT.fullmatch(text_of(item.value)):
        return False
    owner = answer_owner(f"{item.group} {item.section} {item.key} {item.label}")
    return owner != SOMEBODY_ELSE and (
        any(map(asks_for_ways, _questions_of(item))) or _asks_for_forbidden(item)
    )


def _speaks_against_call(claim: FieldRoleCandidate, claims: FieldRoleCandidates) -> bool:
    item = claim.item
    if item.is_blank or claims.is_in_unrelated_group(item):
        return False
    if limits_ways_of_contact(item):
        return True
    if _asks_for_forbidden(item):
        return False
    if is_consent_question(item) or claim.role == "consent":
        return limits_calls(item)
    if claim.role == "safe_to_call":
        return any(read_contact_limit(text_of(value)) for value in item.values)
    return claim.is_submitters and _is_in_own_words(claim) and _refuses_in_own_words(item)


def _is_in_own_words(claim: FieldRoleCandidate) -> bool:
    named = f"{claim.item.key} {claim.item.label}"
    is_wording = CONSENT_METADATA_WORDS.intersection(plain_words(named)) or has_consent_phrase(
        "asks", named
    )
    return claim.role in ROLES_OF_OWN_WORDS and not (claim.role == "" and is_wording)


def _refuses_in_own_words(item: FormField) -> bool:
    return any(isinstance(value, str) and read_contact_limit(value) for value in item.values)


def _asks_for_forbidden(item: FormField) -> bool:
    return any(map(asks_for_forbidden_ways, _questions_of(item)))


def _questions_of(item: FormField) -> tuple[str, str]:
    """Return the question that a field asks, without and with what stands around the field."""
    asked = f"{item.key}. {item.label}"
    return asked, f"{item.section} {item.group.rpartition('.')[2]} {asked}"
