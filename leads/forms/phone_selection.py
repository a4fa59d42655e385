"""Phone selection: which number in a form is the submitter's, and which are somebody else's."""

from __future__ import annotations

from leads import phone_numbers
from leads.forms.compound_fields import UNKNOWN_COUNTRY
from leads.forms.field_roles import (
    LEAST_DIGITS,
    LONGEST_ANSWER,
    FieldRoleCandidate,
    FieldRoleCandidates,
)
from leads.forms.form_field import FormField, text_of
from leads.forms.label_vocabulary import CLIENT, is_from_third_party_submitter, plain_words
from leads.forms.phone_parsing import (
    StatedCountries,
    dialable_number,
    find_stated_countries,
    is_date_or_timestamp,
    numbers_in_field,
)
from leads.i18n.messages import Message, MessageKey

LONGEST_SEARCH = 4000
NO_NUMBER = frozenset(
    {
        "id", "ids", "uuid", "token", "key", "hash", "timestamp", "created", "updated",
        "submitted", "ip", "url",
        "gclid", "fbclid", "agent", "date", "version", "fax",
    }
)  # fmt: skip
SEVERAL_NUMBERS = Message(MessageKey.SEVERAL_NUMBERS)
FOR_A_CLIENT = Message(MessageKey.FOR_A_CLIENT)


def find_submitters_number(claims: FieldRoleCandidates, region: str) -> tuple[str, str | None, str]:
    """Return the submitter's number as it was given and as it can be dialed.

    Of several, it is the first that can be dialed. The third value is why a person has to check
    first whether the number is the submitter's, or nothing.
    """
    theirs = sorted(
        (claim for claim in claims.for_role("phone") if claim.is_submitters),
        key=lambda claim: claim.preference_key,
    )
    spoken = ((text, claim) for claim in theirs for text in numbers_in_field(claim.item))
    given = [
        (text, claim)
        for text, claim in spoken
        if text and not is_date_or_timestamp(text, claim, region)
    ]
    if not given:
        return "", None, ""
    stated = find_stated_countries(claims)
    dialable = (
        (
            text,
            claim,
            dialable_number(text, stated.get(claim.item.group, StatedCountries()), region),
        )
        for text, claim in given
    )
    text, claim, number = next((one for one in dialable if one[2]), (*given[0], None))
    claims.home = claims.mark_as_used(claim.item).group
    is_for_a_client = claim.owner == CLIENT and any(
        map(_is_third_party_submitters_number, claims.all)
    )
    return (
        text,
        number,
        FOR_A_CLIENT if is_for_a_client else _several_numbers_doubt(claim.item, claims, region),
    )


def suggest_number(number: str | None, claims: FieldRoleCandidates, region: str) -> str | None:
    """Return a number from anywhere in the form that a person may find to be the submitter's."""
    return number or _find_number_in_answers(claims, region)


def find_no_dial_numbers(claims: FieldRoleCandidates, region: str, own: str | None) -> list[str]:
    """Return the numbers of other people in the form; only the submitter asked to be rung."""
    items = (
        claim.item
        for claim in claims.all
        if not claim.is_submitters and claim.role in ("phone", "")
    )
    texts = (text_of(value) for item in items for value in item.values)
    theirs = (
        phone_numbers.normalize_phone(text, region)
        for text in texts
        if LEAST_DIGITS <= len(text) <= LONGEST_ANSWER
    )
    return sorted({number for number in theirs if number} - {own})


def _is_third_party_submitters_number(claim: FieldRoleCandidate) -> bool:
    """Whether a field holds the number of somebody who may have asked on the client's behalf."""
    return (
        not claim.is_submitters
        and claim.role == "phone"
        and not claim.item.is_blank
        and is_from_third_party_submitter(f"{claim.item.group} {claim.item.title}")
    )


def _several_numbers_doubt(own: FormField, claims: FieldRoleCandidates, region: str) -> str:
    """Return the doubt that the submitter's fields hold two numbers under one name, or nothing.

    Nobody could tell which of them to ring.
    """
    same = (claim.item for claim in claims.all if _has_same_field_name(claim.item, own))
    texts = {text for item in same for text in numbers_in_field(item)}
    if len(texts) == 1:  # as nearly always
        return ""
    return (
        SEVERAL_NUMBERS
        if len({phone_numbers.normalize_phone(text, region) for text in texts} - {None}) > 1
        else ""
    )


def _has_same_field_name(one: FormField, other: FormField) -> bool:
    return (one.path, one.label, one.section) == (other.path, other.label, other.section)


def _find_number_in_answers(claims: FieldRoleCandidates, region: str) -> str | None:
    items = (claim.item for claim in claims.all if claim.is_submitters)
    texts = (
        text_of(item.value) for item in items if not NO_NUMBER.intersection(plain_words(item.key))
    )
    worth_a_look = (
        text
        for text in texts
        if UNKNOWN_COUNTRY not in text and sum(map(str.isdigit, text)) >= LEAST_DIGITS
    )
    return phone_numbers.find_first_phone("\n".join(worth_a_look)[:LONGEST_SEARCH], region)
