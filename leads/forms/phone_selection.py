"""Phone selection: which number in a form is the submitter's, and which a person has to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from leads import phone_numbers
from leads.forms.compound_fields import UNKNOWN_COUNTRY
from leads.forms.field_roles import (
    LEAST_DIGITS,
    LONGEST_ANSWER,
    MAPPED,
    FieldRoleCandidate,
    FieldRoleCandidates,
    is_called,
)
from leads.forms.form_field import FormField, text_of
from leads.forms.label_vocabulary import CLIENT, SELF, is_from_third_party_submitter, plain_words
from leads.forms.named_people import (
    is_below_anothers_name,
    is_below_contact,
    is_beside_anothers_name_alone,
    is_customer_of_another,
)
from leads.forms.owner_answers import is_of_senders_relative, says_number_is_anothers
from leads.forms.phone_parsing import (
    StatedCountries,
    find_stated_countries,
    is_date_or_timestamp,
    numbers_in_field,
    region_of_number,
)
from leads.i18n.messages import Message, MessageKey

LONGEST_SEARCH = 2000
MOST_SUGGESTIONS, MOST_NUMBERS = 5, 50  # of one form
MOST_DIGITS = 15  # of one number, as E.164 has it
NO_NUMBER = frozenset(
    {
        "id", "ids", "uuid", "token", "key", "hash", "timestamp", "created", "updated",
        "submitted", "ip", "url",
        "gclid", "fbclid", "agent", "date", "version", "fax",
    }
)  # fmt: skip
SEVERAL_NUMBERS = Message(MessageKey.SEVERAL_NUMBERS)
FOR_A_CLIENT = Message(MessageKey.FOR_A_CLIENT)
UNSURE_WHOSE_NUMBER = Message(MessageKey.UNSURE_WHOSE_NUMBER)
UNLISTED_AREA_CODE = Message(MessageKey.UNLISTED_AREA_CODE)


@dataclass(frozen=True)
class NumberSuggestion:
    """A number that a person may find to be the submitter's, and whose it is said to be.

    `label` is what the form calls its field, `field` what a source's mapping would call it: nothing
    where other fields are called so too, or it is known for theirs. `is_anothers`: a word of the
    field means another person.
    """

    number: str
    label: str = ""
    field: str = ""
    is_anothers: bool = False


@dataclass(frozen=True)
class NumberChoice:
    """The submitter's number as it was given and as it can be dialed, or what a person is shown.

    `doubt` is why a person has to check first whether the number is the submitter's, or nothing.
    """

    given: str = ""
    number: str | None = None
    extension: str = ""
    doubt: str = ""
    suggestions: tuple[NumberSuggestion, ...] = ()


@dataclass(frozen=True)
class _GivenNumber:
    """A text in one of the submitter's own fields, and the number that it can be dialed as."""

    text: str
    claim: FieldRoleCandidate
    region: str | None  # in which it is meant; None where nobody can tell
    number: str | None


def choose_number(
    claims: FieldRoleCandidates, region: str, *, doubt_before: str = ""
) -> NumberChoice:
    """Return the submitter's number: of several, the first that can be dialed.

    It stands in a field of which every word is understood as the submitter's own phone. Numbers in
    other fields are suggested to a person, and take no place that was left blank. `doubt_before`
    is why a person looks in any case.
    """
    chosen = _first_number_given_as_own(claims, region)
    if chosen is None:
        suggestions = _suggest_numbers(claims, region)
        doubt = doubt_before or _doubt_without_own(suggestions, claims)
        return NumberChoice(doubt=doubt, suggestions=suggestions)
    claims.home = claims.mark_as_used(chosen.claim.item).group
    doubt = doubt_before or _doubt_about(chosen, claims, region)
    return NumberChoice(
        given=chosen.text,
        number=chosen.number,
        extension=phone_numbers.split_extension(chosen.text).extension,
        doubt=doubt,
        suggestions=_suggest_chosen(chosen, claims, region) if doubt or not chosen.number else (),
    )


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


def _first_number_given_as_own(claims: FieldRoleCandidates, region: str) -> _GivenNumber | None:
    """Return what was given in the submitter's own fields: the first that can be dialed, else any.

    None where nothing was given.
    """
    own = sorted(
        (claim for claim in claims.for_role("phone") if claim.is_own_phone),
        key=lambda claim: claim.preference_key,
    )
    given = [
        (text, claim)
        for claim in own
        for text in numbers_in_field(claim.item)
        if text and not is_date_or_timestamp(text, claim, region)
    ]
    stated = find_stated_countries(claims) if given else {}
    read = (
        _GivenNumber(text, claim, *_read_number(text, claim, stated, region))
        for text, claim in given[:MOST_NUMBERS]
    )
    first = next(read, None)
    return (
        first if first is None or first.number else next((one for one in read if one.number), first)
    )


def _read_number(
    text: str, claim: FieldRoleCandidate, stated: Mapping[str, StatedCountries], region: str
) -> tuple[str | None, str | None]:
    """Return the country in which a number is meant, and the number as it can be dialed."""
    own = region_of_number(text, stated.get(claim.item.group, StatedCountries()), region)
    return own, phone_numbers.normalize_phone(text, own) if own else None


def _doubt_about(chosen: _GivenNumber, claims: FieldRoleCandidates, region: str) -> str:
    if _has_several_numbers(chosen.claim.item, claims, region):
        return SEVERAL_NUMBERS
    is_confirmed = chosen.claim.sureness == MAPPED
    if _is_own_number_blank(chosen.claim, claims) or says_number_is_anothers(
        claims, is_confirmed=is_confirmed
    ):
        return UNSURE_WHOSE_NUMBER
    if not is_confirmed and (
        is_below_anothers_name(chosen.claim, claims)
        or is_beside_anothers_name_alone(chosen.claim, claims)
        or is_below_contact(chosen.claim, claims)
        or is_customer_of_another(chosen.claim.item, claims)
        or is_of_senders_relative(chosen.claim.item, claims)
    ):
        return UNSURE_WHOSE_NUMBER
    if chosen.number or not chosen.region:
        return ""
    is_unlisted = phone_numbers.normalize_unlisted_phone(chosen.text, chosen.region)
    return UNLISTED_AREA_CODE if is_unlisted else ""


def _is_own_number_blank(chosen: FieldRoleCandidate, claims: FieldRoleCandidates) -> bool:
    """Whether "your phone" was left blank, and the chosen number is only called "phone"."""
    return chosen.owner != SELF and any(
        claim.owner == SELF and claim.is_own_phone and claim.item.is_blank
        for claim in claims.for_role("phone")
    )


def _has_several_numbers(own: FormField, claims: FieldRoleCandidates, region: str) -> bool:
    """Whether the submitter's fields hold two numbers under one name, in whatever shape.

    Nobody could tell which of them to ring.
    """
    same = (claim.item for claim in claims.all if _has_same_field_name(claim.item, own))
    texts = {text for item in same for text in numbers_in_field(item)}
    if len(texts) == 1 and sum(map(str.isdigit, *texts)) <= MOST_DIGITS:  # as nearly always
        return False
    numbers: set[str] = set()
    for text in texts:
        numbers.update(phone_numbers.find_phones(text, region))
        if len(numbers) > 1:
            return True
    return False


def _has_same_field_name(one: FormField, other: FormField) -> bool:
    return (one.path, one.label, one.section) == (other.path, other.label, other.section)


def _suggest_chosen(
    chosen: _GivenNumber, claims: FieldRoleCandidates, region: str
) -> tuple[NumberSuggestion, ...]:
    """Suggest the numbers in the submitter's own field, or where none is read, elsewhere."""
    own = chosen.region or region
    numbers = [
        *phone_numbers.find_phones(chosen.text, own),
        phone_numbers.normalize_unlisted_phone(chosen.text, own),
    ]
    found = tuple(
        _suggestion_of(number, chosen.claim, claims)
        for number in dict.fromkeys((chosen.number, *numbers))
        if number and chosen.region
    )
    return found or _suggest_numbers(claims, region)


def _suggest_numbers(claims: FieldRoleCandidates, region: str) -> tuple[NumberSuggestion, ...]:
    """Suggest the numbers in fields for a phone, and without one that may be theirs, any."""
    found: dict[str, NumberSuggestion] = {}
    phones = sorted(claims.for_role("phone"), key=lambda claim: not claim.is_submitters)
    for claim in phones[:MOST_SUGGESTIONS]:
        for text in numbers_in_field(claim.item)[:MOST_SUGGESTIONS]:
            number = phone_numbers.normalize_phone_by_hand(text, region)
            if number and not is_date_or_timestamp(text, claim, region):
                found.setdefault(number, _suggestion_of(number, claim, claims))
    if all(one.is_anothers for one in found.values()):
        return (*_find_number_in_answers(claims, region), *found.values())
    return tuple(found.values())


def _suggestion_of(
    number: str, claim: FieldRoleCandidate, claims: FieldRoleCandidates
) -> NumberSuggestion:
    item = claim.item
    said = f"{item.section}: {item.title}" if item.section else item.title
    field = "" if claim.is_own_phone else _mapping_name(item, claims)
    return NumberSuggestion(number, said[:LONGEST_ANSWER], field, not claim.is_submitters)


def _mapping_name(item: FormField, claims: FieldRoleCandidates) -> str:
    """Return what calls this field and no other of the form, or nothing."""
    is_alone = sum(is_called(claim.item, item.path) for claim in claims.all) == 1
    return item.path if is_alone and not item.section else ""


def _doubt_without_own(
    suggestions: tuple[NumberSuggestion, ...], claims: FieldRoleCandidates
) -> str:
    """Return why a person has to look at the numbers of fields that are nobody's we know."""
    phones = [claim for claim in claims.for_role("phone") if not claim.item.is_blank]
    open_ones = [claim for claim in phones if claim.is_submitters]
    if any(claim.owner == CLIENT for claim in open_ones) and any(
        is_from_third_party_submitter(f"{claim.item.group} {claim.item.title}") for claim in phones
    ):
        return FOR_A_CLIENT
    return UNSURE_WHOSE_NUMBER if suggestions and open_ones else ""


def _find_number_in_answers(claims: FieldRoleCandidates, region: str) -> Iterator[NumberSuggestion]:
    """Yield the first number that an answer holds, in whatever field."""
    left = LONGEST_SEARCH
    for claim in claims.all:
        text = text_of(claim.item.value)[:left]
        is_worth_a_look = (
            claim.is_submitters
            and UNKNOWN_COUNTRY not in text
            and sum(map(str.isdigit, text)) >= LEAST_DIGITS
            and not NO_NUMBER.intersection(plain_words(claim.item.key))
        )
        number = phone_numbers.find_first_phone(text, region) if is_worth_a_look else None
        left -= len(text) if is_worth_a_look else 0
        if number:
            yield _suggestion_of(number, claim, claims)
            return
