"""Several people: whether one body holds the forms of more than one person.

No name of one is ever put beside the number of another, and nobody is passed over.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from leads.forms.field_roles import LEAST_DIGITS, FieldRoleCandidate, FieldRoleCandidates
from leads.forms.form_field import FormField, text_of
from leads.forms.label_vocabulary import has_number_owner_phrase, plain_words
from leads.forms.number_ownership import (
    is_own_phone_group,
    is_own_phone_section,
)
from leads.forms.owner_answers import PERSONS_NAME

NAMES = ("name", "first_name")
WHO_AND_WHERE = (*NAMES, "email", "phone")
PERSON_WORDS = (
    "contact", "contacto", "caller", "user", "usuario", "customer", "visitor", "guest", "lead",
)  # fmt: skip
"""Whom a form calls so is its sender, unless it asks for the sender's name besides."""
NAME_WORDS = frozenset({"name", "nombre", "fullname"})
SENDER_GROUPS = frozenset({"caller", "contact", "customer", "visitor", "contacto"})
MOST_GROUPS = 30  # that say who one person is
NUMBER = re.compile(r"\d+")
LAST_DIGITS = 10
"""By so many of its last digits a number is the same, whatever stands before them."""


@dataclass
class _GroupAnswers:
    """The answers of one group of fields that say who somebody is, by role and question."""

    group: str
    answers: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def given(self, *roles: str) -> set[str]:
        """Return the different answers to the questions for these roles."""
        asked = (texts for (role, _), texts in self.answers.items() if role in roles)
        return set(itertools.chain(*asked))

    def has_one_question_answered_by_several(self) -> bool:
        """Whether the items of a list of people stand in this group, one after the other."""
        return bool(self.given("phone")) and any(
            role != "phone" and _tell_of_several(texts) for (role, _), texts in self.answers.items()
        )

    def has_numbered_people(self) -> bool:
        """Whether `name_1` and `phone_1` stand beside `name_2` and `phone_2` or `email_2`."""
        together = _GroupAnswers(self.group)
        for (role, key), texts in self.answers.items():
            together.answers.setdefault((role, NUMBER.sub("", key)), []).extend(texts)
        return _is_several_answered(together, NAMES) and any(
            _is_several_answered(together, (role,)) for role in ("phone", "email")
        )


def has_several_people(claims: FieldRoleCandidates) -> bool:
    """Whether a body holds several people's forms: the same questions with different answers.

    They stand in a list, or side by side in groups of their own.
    """
    is_one_known = any(
        claim.is_own_phone and not claim.item.is_blank for claim in claims.for_role("phone")
    )
    theirs = [
        claim
        for claim in claims.all
        if claim.role in WHO_AND_WHERE
        and claim.is_submitters
        and not claim.item.is_blank
        and not (is_one_known and _stands_among_others(claim.item))
    ]
    if any(_has_other_name(word, claims) for word in PERSON_WORDS) or _is_sent_for_another(claims):
        return True
    is_one_of_each = len({claim.role for claim in theirs}) == len(theirs)
    if is_one_of_each and not any(isinstance(claim.item.value, list) for claim in theirs):
        return False  # as nearly always
    groups: dict[str, _GroupAnswers] = {}
    for claim in theirs:
        item = claim.item
        said = groups.setdefault(item.group, _GroupAnswers(item.group))
        texts = map(text_of, item.values) if _lists_people(claim) else [text_of(item.value)]
        said.answers.setdefault((claim.role, item.key), []).extend(map(_plain_answer, texts))
    if len(groups) > MOST_GROUPS:
        return True
    return any(
        one.has_one_question_answered_by_several() or one.has_numbered_people()
        for one in groups.values()
    ) or any(map(_are_two_people, itertools.combinations(groups.values(), 2)))


def _lists_people(claim: FieldRoleCandidate) -> bool:
    """Whether each item of an answer may be somebody: "Ana" and "Ruiz" are one, whole names not."""
    items = [text_of(one).strip() for one in claim.item.values]
    return claim.role == "email" or (claim.role == "name" and all(" " in one for one in items))


def _has_other_name(word: str, claims: FieldRoleCandidates) -> bool:
    """Whether the number is a contact's (or so), whose name is another than the sender's."""
    given = [claim for claim in claims.all if claim.is_submitters and not claim.item.is_blank]
    phones = [claim.item for claim in given if claim.role == "phone" and claim.is_own_phone]
    if not phones or not all(_names_word(word, item) for item in phones):
        return False
    groups = {item.group for item in phones}
    own: set[str] = set()
    theirs: set[str] = set()
    for claim in given:
        is_theirs = _names_word(word, claim.item)
        is_name = claim.role in NAMES and claim.is_own_name
        is_name = is_name or (is_theirs and not claim.role and _asks_name_of_person(claim.item))
        if is_name and claim.item.group in groups:
            names = theirs if is_theirs else own
            names.add(_plain_answer(text_of(claim.item.value)))
    return _tell_apart(own, theirs)


def _asks_name_of_person(item: FormField) -> bool:
    """Whether a field asks for a name, such as "User name", and a person's name is answered."""
    asked = NAME_WORDS.intersection(plain_words(f"{item.key} {item.label}"))
    return bool(asked) and PERSONS_NAME.match(text_of(item.value)) is not None


def _is_sent_for_another(claims: FieldRoleCandidates) -> bool:
    """Whether beside the name of whoever filled out the form another name has the number.

    As in "Submitted by: Ana Ruiz, Name: Leo Park, Phone".
    """
    given = [claim for claim in claims.all if claim.is_submitters and not claim.item.is_blank]
    phones = [claim.item for claim in given if claim.role == "phone" and claim.is_own_phone]
    if not phones or any(map(_names_sender, phones)):
        return False
    groups = {item.group for item in phones}
    near = [claim for claim in given if claim.item.group in groups]
    senders = {
        _plain_answer(text_of(claim.item.value))
        for claim in near
        if PERSONS_NAME.match(text_of(claim.item.value))
        and (_asks_who_sends(claim.item) if not claim.role else claim.role == "name")
        and _names_sender(claim.item)
    }
    return _tell_apart(senders, _names_of_nobody_else(near)) if senders else False


def _names_of_nobody_else(claims: Sequence[FieldRoleCandidate]) -> set[str]:
    """Return the whole names in fields that do not say whose they are, as "Name" does."""
    open_names = {
        role: [
            _plain_answer(text_of(claim.item.value))
            for claim in claims
            if claim.role == role and claim.is_own_name and not _names_sender(claim.item)
        ]
        for role in (*NAMES, "last_name")
    }
    parts = zip(open_names["first_name"], open_names["last_name"], strict=False)
    return {*open_names["name"], *map(" ".join, parts)}


def _names_sender(item: FormField) -> bool:
    """Whether a field says that it is about whoever fills out the form."""
    return has_number_owner_phrase("senders", f"{item.key} {item.label}")


def _asks_who_sends(item: FormField) -> bool:
    """Whether a field asks for nothing but who fills out the form, as "Submitted by" does."""
    names = filter(None, (item.key, item.label))
    return any(has_number_owner_phrase("senders", name, is_all=True) for name in names)


def _names_word(word: str, item: FormField) -> bool:
    return word in plain_words(f"{item.key} {item.label}")


def _stands_among_others(item: FormField) -> bool:
    """Whether a field's place is not understood: beside a sender whom we know, it is another's."""
    return not (is_own_phone_group(item.group) and is_own_phone_section(item.section))


def _are_two_people(groups: tuple[_GroupAnswers, _GroupAnswers]) -> bool:
    """Whether two groups of fields, each of which may be the submitter's, tell of two people."""
    one, other = groups
    if not (one.given("phone") or other.given("phone")):
        return False
    are_numbered = NUMBER.sub("", one.group) == NUMBER.sub("", other.group)
    roles = NAMES if one.given(*NAMES) and other.given(*NAMES) else ("email",)
    have_other_names = _tell_apart(one.given(*roles), other.given(*roles))
    return have_other_names and (
        are_numbered
        or any(_is_sender_without_phone(group) for group in groups)
        or _tell_apart(one.given("phone"), other.given("phone"))
    )


def _is_sender_without_phone(one: _GroupAnswers) -> bool:
    """Whether a group is called by a word for a form's sender, and has no number."""
    called = plain_words(one.group.rpartition(".")[2])
    is_sender = not SENDER_GROUPS.isdisjoint(called) or has_number_owner_phrase(
        "senders", one.group
    )
    return is_sender and not one.given("phone")


def _is_several_answered(said: _GroupAnswers, roles: Sequence[str]) -> bool:
    return any(role in roles and _tell_of_several(t) for (role, _), t in said.answers.items())


def _tell_of_several(texts: Iterable[str]) -> bool:
    different = set(filter(None, map(_plain_answer, texts)))
    return any(_tell_apart({one}, {other}) for one, other in itertools.combinations(different, 2))


def _tell_apart(some: set[str], others: set[str]) -> bool:
    """Whether none of the answers is among the others, or a fuller form of one of them."""
    return bool(some and others) and not any(
        set(one.split()) <= set(other.split()) or set(other.split()) <= set(one.split())
        for one, other in itertools.product(some, others)
    )


def _plain_answer(text: str) -> str:
    """Return a name without capitals, and a number by its last digits, however it is written."""
    digits = "".join(filter(str.isdecimal, text))
    is_number = len(digits) >= LEAST_DIGITS and "@" not in text
    return digits[-LAST_DIGITS:] if is_number else " ".join(text.casefold().split())
