"""Owner answers: whether an answer beside the number says whose it is, and what it says.

Under a name that speaks of a phone, or asks who somebody is, only what is understood leaves the
number the sender's: a fact, a kind of phone, a time, the sender, a yes to a question that we know.
Whatever else is said makes a person look: nobody could list all others. So does what tells of
another in a heading, a role, a form's title, or a sentence of a message.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from leads.forms.call_questions import is_fact, speaks_of_calls
from leads.forms.consent import PHONE_NUMBER_TEXT
from leads.forms.field_roles import FieldRoleCandidates
from leads.forms.form_field import FormField, text_of
from leads.forms.label_vocabulary import (
    cache_short_texts,
    has_consent_phrase,
    has_number_owner_phrase,
    has_safety_phrase,
    normalize_for_whom,
    number_owner_words,
    plain_words,
)
from leads.forms.number_ownership import is_own_phone_name, is_own_phone_section
from leads.forms.talking_questions import asks_about_talking, asks_about_watching
from leads.forms.yes_no_answers import is_plain_answer, parse_yes_no
from leads.free_text.call_times import read_call_time
from leads.free_text.phone_owners import find_stated_owners

LONGEST_ROLE, LONGEST_LABEL, LONGEST_TITLE, LONGEST_NOTE = 5, 4, 12, 3  # words
NAMES = ("name", "first_name")
RELATED_TO = re.compile(
    r"\b(?:relation(?:ship)?s?|related|parentesco|relacion|vinculo)\b.*?"
    r"\b(?:to|with|con|al|a)\b(?P<whom>.+)"
)
"""How a name asks what the sender is to somebody, who is another then."""
NOBODY = frozenset(
    {"the", "a", "an", "your", "my", "this", "that", "us", "you", "me", "is", "phone", "number",
     "el", "la", "los", "las", "su", "tu", "mi", "de", "of", "for", "para", "telefono", "numero"}
)  # fmt: skip
OPEN_ROLES = frozenset({"", "phone"})
"""Fields of other roles are read by what those ask."""


class OwnerQuestion(StrEnum):
    """What the name of a field tells of whose the number is."""

    TITLE = "title"  # whom the fields below it are about
    FORM = "form"  # what the whole form is about
    PHONE = "phone"  # something of a phone
    WHO = "who"  # who somebody is
    CALLED = "called"  # who is to be called
    ROLE = "role"  # what somebody is to somebody
    ADVERSARY = "adversary"  # whether somebody is such


TITLES = frozenset({OwnerQuestion.TITLE, OwnerQuestion.FORM})


def says_number_is_anothers(claims: FieldRoleCandidates, *, is_confirmed: bool) -> bool:
    """Whether an answer says that the chosen number is anybody's but the submitter's.

    `is_confirmed`: a supervisor said whose field it is, so that its form's titles say no more.
    """
    names = _names_of_sender(claims)
    for claim in claims.all:
        item = claim.item
        if item.is_blank or (_is_title(item.key) and not _stands_above(item, claims.home)):
            continue
        if is_confirmed and TITLES & _owner_questions_in(item.key):
            continue
        if gives_number_to_another(item, own_names=names, role=claim.role):
            return True
    return False


def _names_of_sender(claims: FieldRoleCandidates) -> list[str]:
    theirs = (claim for role in NAMES for claim in claims.for_role(role) if claim.is_own_name)
    return [text_of(claim.item.value) for claim in theirs if not _is_title(claim.item.key)]


def is_of_senders_relative(number: FormField, claims: FieldRoleCandidates) -> bool:
    """Whether the number is that of somebody to whom the sender says to be related.

    Beside "Relationship to user: mother" a user's phone is not the mother's, who writes.
    """
    named = f"{number.group} {number.section} {number.key} {number.label}"
    whose = frozenset(plain_words(named))
    return any(
        not whose.isdisjoint(_related_people_in(item.key) | _related_people_in(item.label))
        and not _is_no_relative(text_of(item.value), claims)
        for item in (claim.item for claim in claims.all if not claim.item.is_blank)
    )


def _is_no_relative(answer: str, claims: FieldRoleCandidates) -> bool:
    """Whether an answer to what the sender is to somebody says that it is the sender, or nobody."""
    is_none = has_number_owner_phrase("phone_kinds", answer, is_all=True)
    return is_none or _is_sender(answer, _names_of_sender(claims))


@cache_short_texts
def _related_people_in(name: str) -> frozenset[str]:
    """Return the words for whom a name asks the sender's relationship to."""
    asked = RELATED_TO.search(" ".join(plain_words(name)))
    return frozenset(asked["whom"].split()) - NOBODY if asked else frozenset()


def gives_number_to_another(item: FormField, *, own_names: Sequence[str], role: str = "") -> bool:
    """Whether an answer says that the phone is anybody's but that of whoever has these names."""
    answer = text_of(item.value)
    if PHONE_NUMBER_TEXT.fullmatch(answer):
        return False  # the number itself, under a label that says whose it is
    asked = _owner_questions_of(item)
    if OwnerQuestion.TITLE in asked and _may_be_title(answer):
        is_another = has_number_owner_phrase("pronouns", answer, is_all=True)
        return is_another or not (is_own_phone_section(answer) or _is_sender(answer, own_names))
    if OwnerQuestion.FORM in asked:
        return _is_form_about_another(answer)
    if _asks_openly(item, asked, role):
        return not _leaves_number_theirs(item, answer, own_names)
    if OwnerQuestion.ADVERSARY in asked:
        return any(parse_yes_no(value) is True for value in item.values)
    return _names_another(item, answer, asked) or says_phone_is_anothers(answer)


def tells_whose_number(name: str) -> bool:
    """Whether a field of this name tells whose the number is."""
    return bool(_owner_questions_in(name))


def says_phone_is_anothers(text: str) -> bool:
    """Whether a sentence says that this phone is somebody's, and that is not understood as own."""
    return not all(map(_is_own_phone, find_stated_owners(text)))


def _stands_above(item: FormField, home: str) -> bool:
    """Whether a title stands in the group of the number, or around it.

    Those in a list stand above their own fields only, which have them as their section.
    """
    is_around = not item.group or f"{home}.".startswith(f"{item.group}.")
    return is_around and not (item.section and text_of(item.value) in item.section)


def _asks_openly(item: FormField, asked: frozenset[OwnerQuestion], role: str) -> bool:
    """Whether a field asks about a phone or for a person, and no role says what is answered."""
    if OwnerQuestion.CALLED in asked:
        return role in OPEN_ROLES | {"name", "for_whom"}
    is_note = role == "message" and len(plain_words(item.title)) <= LONGEST_NOTE
    is_asked = OwnerQuestion.PHONE in asked or OwnerQuestion.WHO in asked
    return is_asked and (role in OPEN_ROLES or is_note)


def _leaves_number_theirs(item: FormField, answer: str, own_names: Sequence[str]) -> bool:
    """Whether an answer to something about a phone is understood, and no phone of another."""
    said = frozenset(plain_words(f"{item.key} {item.label}"))
    if said & number_owner_words("facts"):
        return True
    is_kind = has_number_owner_phrase("phone_kinds", answer, is_all=True)
    if is_kind or _is_sender(answer, own_names):
        return True
    if not all(map(is_plain_answer, item.values)):
        is_known = _is_fact_alone(answer) or read_call_time(answer) is not None
        return is_known or is_own_phone_name(answer)
    if any(parse_yes_no(value) is False for value in item.values):
        return said.isdisjoint(number_owner_words("yours"))
    names = (item.key, item.label)
    return all(map(is_own_phone_name, names)) or any(map(asks_about_talking, names))


def _is_fact_alone(answer: str) -> bool:
    """Whether an answer is a number, an id, a date or an address, with no word beside it."""
    return is_fact(answer) or all(any(map(str.isdigit, word)) for word in answer.split())


def _names_another(item: FormField, answer: str, asked: frozenset[OwnerQuestion]) -> bool:
    """Whether an answer is a word for whoever did or may do harm, or for another contact."""
    if len(answer.split()) > LONGEST_ROLE:
        return False
    if OwnerQuestion.ROLE in asked:
        return any(has_number_owner_phrase(kind, answer) for kind in ("adversaries", "contacts"))
    names = (item.key, item.label)
    is_label = all("?" not in one and len(plain_words(one)) <= LONGEST_LABEL for one in names)
    return is_label and is_adversary(answer)


def _may_be_title(answer: str) -> bool:
    is_short = len(answer.split()) <= LONGEST_TITLE
    return is_short and not is_fact(answer)


def _is_form_about_another(title: str) -> bool:
    """Whether the title of a form or a page says that it is about somebody else."""
    kinds = ("adversaries", "forms_about_others")
    is_about_other = any(has_number_owner_phrase(kind, title) for kind in kinds)
    return is_about_other and "self" not in plain_words(title)


def _is_sender(answer: str, own_names: Sequence[str]) -> bool:
    is_own = has_number_owner_phrase("own", answer, is_all=True)
    said = set(answer.casefold().split())
    named = (set(name.casefold().split()) for name in own_names)
    is_named = any(said and name and (said <= name or name <= said) for name in named)
    return is_own or is_named or normalize_for_whom(answer) == "self"


def _owner_questions_of(item: FormField) -> frozenset[OwnerQuestion]:
    asked = frozenset().union(*map(_owner_questions_in, filter(None, (item.key, item.label))))
    if item.group:  # `kind` in `person` is the kind of a person
        within = _owner_questions_in(f"{item.group.rpartition('.')[2]} {item.key}")
        asked |= within & {OwnerQuestion.TITLE, OwnerQuestion.ROLE}
    return asked


@cache_short_texts
def _owner_questions_in(name: str) -> frozenset[OwnerQuestion]:
    told = {
        OwnerQuestion.TITLE: _is_title(name),
        OwnerQuestion.FORM: has_number_owner_phrase("forms", name, is_all=True),
        OwnerQuestion.PHONE: _speaks_of_phone(name),
        OwnerQuestion.WHO: _asks_who(name),
        OwnerQuestion.CALLED: _asks_whom_to_call(name),
        OwnerQuestion.ROLE: _is_role(name),
        OwnerQuestion.ADVERSARY: is_adversary(name),
    }
    return frozenset(question for question, is_told in told.items() if is_told)


@cache_short_texts
def _is_title(name: str) -> bool:
    return has_number_owner_phrase("titles", name, is_all=True)


def _speaks_of_phone(name: str) -> bool:
    """Whether a name speaks of a phone, and not of whether to call it or to leave a message."""
    said = frozenset(plain_words(name))
    is_phone = not said.isdisjoint(number_owner_words("nouns")) or (
        len(said) > 1
        and not said.isdisjoint(number_owner_words("vague_nouns"))
        and said.isdisjoint(number_owner_words("other_things"))
    )
    return is_phone and not _asks_about_contact(name)


def _asks_about_contact(name: str) -> bool:
    safety = ("contact", "private", "overheard", "danger")
    return (
        speaks_of_calls(name)
        or any(has_safety_phrase(kind, name) for kind in safety)
        or asks_about_watching(name)
        or has_consent_phrase("voicemail", name)
        or has_consent_phrase("asks", name)
    )


def _asks_who(name: str) -> bool:
    said = frozenset(plain_words(name))
    asks, others = number_owner_words("asks_who"), number_owner_words("other_people")
    is_asked = not said.isdisjoint(asks) and said.isdisjoint(others)
    return is_asked and not asks_about_watching(name)


def _asks_whom_to_call(name: str) -> bool:
    said = frozenset(plain_words(name))
    calls, people, others = map(number_owner_words, ("calls", "called", "no_calls"))
    is_asked = not (said.isdisjoint(calls) or said.isdisjoint(people)) and said.isdisjoint(others)
    return is_asked and not asks_about_watching(name)


def _is_role(name: str) -> bool:
    is_named = has_number_owner_phrase("roles", name, is_all=True)
    return is_named or not number_owner_words("role_nouns").isdisjoint(plain_words(name))


@cache_short_texts
def is_adversary(name: str) -> bool:
    """Whether a name or an answer has no other words than one for an adversary."""
    around = number_owner_words("around")
    said = (word for word in plain_words(name) if word not in around)
    return has_number_owner_phrase("adversaries", " ".join(said), is_all=True)


@cache_short_texts
def _is_own_phone(whose: str) -> bool:
    apt = number_owner_words("apt")
    return is_own_phone_name(" ".join(("phone", *(w for w in whose.split() if w not in apt))))
