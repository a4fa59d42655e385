"""Owner answers: whether an answer beside the number says whose it is, and what it says.

A heading, a role, a question whose phone it is, a note on the phone, a sentence of a message: what
tells of the number and is not understood as the sender's own makes a person look.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from leads.forms.consent import PHONE_NUMBER_TEXT
from leads.forms.field_roles import LEAST_DIGITS, FieldRoleCandidates
from leads.forms.form_field import FormField, text_of
from leads.forms.label_vocabulary import (
    cache_short_texts,
    has_number_owner_phrase,
    normalize_for_whom,
    number_owner_words,
    plain_words,
)
from leads.forms.number_ownership import is_own_phone_name, is_own_phone_section
from leads.forms.yes_no_answers import parse_yes_no
from leads.free_text.call_times import read_call_time
from leads.free_text.phone_owners import find_stated_owners

LONGEST_ROLE, LONGEST_LABEL, LONGEST_TITLE = 5, 4, 12  # words
NAMES = ("name", "first_name")


class OwnerQuestion(StrEnum):
    """What the name of a field tells of whose the number is."""

    TITLE = "title"  # whom the fields below it are about
    WHOSE = "whose"  # whose phone it is
    CONFIRMS = "confirms"  # whether it is the sender's: a no gives it to another
    ROLE = "role"  # what somebody is to somebody
    ADVERSARY = "adversary"  # whether somebody is such


def says_number_is_anothers(claims: FieldRoleCandidates, *, is_confirmed: bool) -> bool:
    """Whether an answer says that the chosen number is anybody's but the submitter's.

    `is_confirmed`: a supervisor said whose field it is, so that its form's titles say no more.
    """
    theirs = (claim for role in NAMES for claim in claims.for_role(role) if claim.is_own_name)
    names = [text_of(claim.item.value) for claim in theirs if not _is_title(claim.item.key)]
    for item in (claim.item for claim in claims.all if not claim.item.is_blank):
        if _is_title(item.key) and (is_confirmed or not _stands_above(item, claims.home)):
            continue
        if gives_number_to_another(item, own_names=names):
            return True
    return False


def gives_number_to_another(item: FormField, *, own_names: Sequence[str]) -> bool:
    """Whether an answer says that the phone is anybody's but that of whoever has these names."""
    answer = text_of(item.value)
    if PHONE_NUMBER_TEXT.fullmatch(answer):
        return False  # the number itself, under a label that says whose it is
    asked = _owner_questions_of(item)
    if OwnerQuestion.TITLE in asked and _may_be_title(answer):
        is_another = has_number_owner_phrase("pronouns", answer, is_all=True)
        return is_another or not (is_own_phone_section(answer) or _is_sender(answer, own_names))
    if OwnerQuestion.CONFIRMS in asked:
        return any(parse_yes_no(value) is False for value in item.values)
    if OwnerQuestion.WHOSE in asked and any(map(str.isalpha, answer)):
        is_kind = has_number_owner_phrase("phone_kinds", answer, is_all=True)
        is_own = is_own_phone_name(answer) or _is_sender(answer, own_names)
        return not (is_own or is_kind or read_call_time(answer))
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


def _names_another(item: FormField, answer: str, asked: frozenset[OwnerQuestion]) -> bool:
    """Whether an answer is a word for whoever did or may do harm, or for another contact."""
    if len(answer.split()) > LONGEST_ROLE:
        return False
    if OwnerQuestion.ROLE in asked:
        return any(has_number_owner_phrase(kind, answer) for kind in ("adversaries", "contacts"))
    names = (item.key, item.label)
    is_label = all("?" not in one and len(plain_words(one)) <= LONGEST_LABEL for one in names)
    return is_label and _is_adversary(answer)


def _may_be_title(answer: str) -> bool:
    is_short = len(answer.split()) <= LONGEST_TITLE
    return is_short and sum(map(str.isdigit, answer)) < LEAST_DIGITS


def _is_sender(answer: str, own_names: Sequence[str]) -> bool:
    is_own = has_number_owner_phrase("own", answer, is_all=True)
    said = set(answer.casefold().split())
    named = (set(name.casefold().split()) for name in own_names)
    is_named = any(said and name and (said <= name or name <= said) for name in named)
    return is_own or is_named or normalize_for_whom(answer) == "self"


def _owner_questions_of(item: FormField) -> frozenset[OwnerQuestion]:
    asked = _owner_questions_in(item.key)
    if item.label:
        asked |= _owner_questions_in(item.label)
    if item.group:  # `kind` in `person` is the kind of a person
        within = _owner_questions_in(f"{item.group.rpartition('.')[2]} {item.key}")
        asked |= within & {OwnerQuestion.TITLE, OwnerQuestion.ROLE}
    return asked


@cache_short_texts
def _owner_questions_in(name: str) -> frozenset[OwnerQuestion]:
    told = {
        OwnerQuestion.TITLE: _is_title(name),
        OwnerQuestion.WHOSE: _asks_whose_phone(plain_words(name)),
        OwnerQuestion.CONFIRMS: has_number_owner_phrase("confirms", name),
        OwnerQuestion.ROLE: _is_role(name),
        OwnerQuestion.ADVERSARY: _is_adversary(name),
    }
    return frozenset(question for question, is_told in told.items() if is_told)


@cache_short_texts
def _is_title(name: str) -> bool:
    return has_number_owner_phrase("titles", name, is_all=True)


def _asks_whose_phone(said: Sequence[str]) -> bool:
    """Whether words ask whose phone it is, or say it and nothing else."""
    nouns, tells = number_owner_words("nouns"), number_owner_words("tells")
    is_all = (nouns | tells | number_owner_words("beside")).issuperset(said)
    telling = number_owner_words("asks_who") | (tells if is_all else frozenset())
    return not (nouns.isdisjoint(said) or telling.isdisjoint(said))


def _is_role(name: str) -> bool:
    is_named = has_number_owner_phrase("roles", name, is_all=True)
    return is_named or not number_owner_words("role_nouns").isdisjoint(plain_words(name))


@cache_short_texts
def _is_adversary(name: str) -> bool:
    """Whether a name or an answer has no other words than one for an adversary."""
    around = number_owner_words("around")
    said = (word for word in plain_words(name) if word not in around)
    return has_number_owner_phrase("adversaries", " ".join(said), is_all=True)


@cache_short_texts
def _is_own_phone(whose: str) -> bool:
    apt = number_owner_words("apt")
    return is_own_phone_name(" ".join(("phone", *(w for w in whose.split() if w not in apt))))
