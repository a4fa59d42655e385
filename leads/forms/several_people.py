"""Several people: whether one body holds the forms of more than one person.

No name of one is ever put beside the number of another, and nobody is passed over.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from leads.forms.field_roles import FieldRoleCandidate, FieldRoleCandidates
from leads.forms.form_field import FormField, text_of
from leads.forms.label_vocabulary import has_number_owner_phrase, plain_words
from leads.forms.named_people import (
    is_of_other_name,
    is_sent_for_another,
    plain_answer,
    tell_apart,
)
from leads.forms.number_ownership import (
    is_own_phone_group,
    is_own_phone_section,
)
from leads.forms.owner_answers import NAMES

WHO_AND_WHERE = (*NAMES, "email", "phone")
SENDER_GROUPS = frozenset({"caller", "contact", "customer", "visitor", "contacto"})
MOST_GROUPS = 30  # that say who one person is
NUMBER = re.compile(r"\d+")


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
    if is_of_other_name(claims) or is_sent_for_another(claims):
        return True
    is_one_of_each = len({claim.role for claim in theirs}) == len(theirs)
    if is_one_of_each and not any(isinstance(claim.item.value, list) for claim in theirs):
        return False  # as nearly always
    groups: dict[str, _GroupAnswers] = {}
    for claim in theirs:
        item = claim.item
        said = groups.setdefault(item.group, _GroupAnswers(item.group))
        texts = map(text_of, item.values) if _lists_people(claim) else [text_of(item.value)]
        said.answers.setdefault((claim.role, item.key), []).extend(map(plain_answer, texts))
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
    have_other_names = tell_apart(one.given(*roles), other.given(*roles))
    return have_other_names and (
        are_numbered
        or any(_is_sender_without_phone(group) for group in groups)
        or tell_apart(one.given("phone"), other.given("phone"))
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
    different = set(filter(None, map(plain_answer, texts)))
    return any(tell_apart({one}, {other}) for one, other in itertools.combinations(different, 2))
