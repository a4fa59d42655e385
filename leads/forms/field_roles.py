"""Field roles: which of our fields an answer is, how sure that is, and whose answer it asks for.

Believed in this order: the source's own mapping, the type its tool declares, its name, the words of
its label.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from leads.forms.call_questions import asks_about_calls, refuses_call_by_answer
from leads.forms.consent import (
    PHONE_NUMBER_TEXT,
    forbids_calls,
    is_consent_question,
    plain_field_type,
    refuses_to_be_called,
)
from leads.forms.form_field import FormField, text_of
from leads.forms.label_vocabulary import (
    ANYBODY,
    SOMEBODY_ELSE,
    SPARE,
    answer_owner,
    cache_short_texts,
    has_consent_phrase,
    is_non_person_group,
    is_organization_group,
    match_field_role,
    plain_words,
    role_by_field_type,
)
from leads.forms.number_ownership import (
    asks_for_own_phone,
    is_of_second_person,
    is_own_name_or_email,
    is_own_phone_group,
    is_own_phone_name,
    is_own_phone_section,
)
from leads.forms.yes_no_answers import parse_safety_answer, parse_yes_no

NAMES: dict[str, tuple[str, ...]] = {
    "name": ("name", "full_name", "your_name"),
    "first_name": ("first_name", "firstname", "given_name"),
    "last_name": ("last_name", "lastname", "family_name", "surname"),
    "phone": (
        "phone",
        "phone_number",
        "phonenumber",
        "telephone",
        "tel",
        "mobile",
        "mobile_phone",
        "cell_phone",
    ),
    "phone_extension": ("phone_extension", "phone_ext", "extension", "ext"),
    "email": ("email", "email_address", "e_mail"),
    "message": ("message", "comments", "comment"),
    "for_whom": ("for_whom",),
    "any_hour": ("any_hour",),
    "best_time": ("best_time",),
    "safe_to_call": ("safe_to_call",),
    "safe_to_voicemail": ("safe_to_voicemail",),
    "safe_to_text": ("safe_to_text",),
    "consent": ("consent",),
    "consent_text": ("consent_text",),
    "page_url": ("page_url",),
    "campaign": ("campaign",),
    "city": ("city",),
    "region": ("region", "state"),
    "zip": ("zip", "zip_code", "postal_code"),
    "language": ("language",),
    "wished_gender": ("wished_gender",),
    "wished_skill": ("wished_skill",),
    "id": ("id",),
}
"""Our own field names, and for the plainest of them what others call the same thing.

Other words for them are in `words.toml`.
"""

FIELD_OF = {alias: name for name, aliases in NAMES.items() for alias in aliases}
VISIT_ROLES = frozenset(
    {"campaign", "page_url"}
)  # they stand among what was tracked, not among the answers
ROLES_OF_ANY_OWNER = VISIT_ROLES | {
    "for_whom",
    "message",
    "best_time",
    "language",
    "wished_gender",
    "wished_skill",
}  # "tell us about your loved one"
WHO_ROLES = frozenset({"name", "first_name", "last_name", "email"})
CONSENT_QUESTION = "asks"  # the role of a question for consent that is not called by our own name
MAPPED, DECLARED, NAMED, LABELLED, MENTIONED, BY_VALUE_ONLY = range(6)
"""The degrees of sureness that a field has a role, the smaller the surer."""
LONGEST_ANSWER, LEAST_DIGITS = 200, 7
SPARE_NUMBER_NAME = re.compile(r"[^\W\d_][ _#\-]*[2-9]$")  # "Phone 2" stands beside a first one
EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]{2,}")


@dataclass(frozen=True)
class FieldRoleCandidate:
    """A field with the role it may have, how sure that is, and whose answer it asks for."""

    item: FormField
    role: str
    sureness: int
    owner: int
    place: int

    @property
    def preference_key(self) -> tuple[int, int, int, int]:
        """What sorts candidates for a role, the best first.

        The main number goes before a spare one, the surer role first, `your` before `the`, and then
        the earlier field.
        """
        return (max(self.owner, ANYBODY), self.sureness, self.owner, self.place)

    @property
    def is_submitters(self) -> bool:
        """Whether the answer is the submitter's and not somebody else's."""
        return self.owner != SOMEBODY_ELSE

    @property
    def is_own_name(self) -> bool:
        """Whether a name or an address is not said to be that of somebody whom nobody knows."""
        if self.sureness == MAPPED:
            return True
        return self._is_understood_by(is_own_name_or_email)

    @property
    def is_own_phone(self) -> bool:
        """Whether every word of the field's name is understood as the submitter's own phone.

        Nothing else vouches for a number but what a person said of the source: the type that a tool
        declares says that it is a phone, and not whose.
        """
        if self.role != "phone" or self.sureness == MAPPED:
            return self.role == "phone"
        return self.is_submitters and self._is_understood_by(is_own_phone_name)

    def _is_understood_by(self, understands: Callable[[str], bool]) -> bool:
        item = self.item
        key = "" if item.is_key_an_id else item.key
        return (
            bool(key or item.label)
            and understands(key)
            and understands(item.label)
            and not is_of_second_person(item.group)
            and not is_of_second_person(item.section)
            and is_own_phone_group(item.group)
            and is_own_phone_section(item.section)
        )


@dataclass
class FieldRoleCandidates:
    """The candidates for all roles, and the fields that were used so far.

    `home` is the group of fields in which the submitter's number stands.
    """

    all: Sequence[FieldRoleCandidate]
    home: str = ""
    taken: list[FormField] = field(default_factory=list)

    def for_role(self, role: str) -> list[FieldRoleCandidate]:
        """Return the candidates for a role, those that stand beside the number first."""
        return sorted(self._candidates_by_role.get(role, ()), key=self._nearness_key)

    def usable_for_role(self, role: str) -> list[FieldRoleCandidate]:
        """Return the candidates for a role that are filled out and tell of the submitter."""
        return [
            claim
            for claim in self.for_role(role)
            if not claim.item.is_blank
            and (role in ROLES_OF_ANY_OWNER or claim.is_submitters)
            and (role not in WHO_ROLES or claim.is_own_name)
            and (
                role in VISIT_ROLES
                or claim.sureness == MAPPED
                or not self.is_in_unrelated_group(claim.item)
            )
        ]

    def is_in_unrelated_group(self, item: FormField) -> bool:
        """Whether a field stands in a group about the form, the company or the device."""
        return item.group != self.home and is_non_person_group(item.group)

    def mark_as_used(self, item: FormField) -> FormField:
        """Mark a field as used for a role, and return it."""
        self.taken.append(item)
        return item

    @functools.cached_property
    def _candidates_by_role(self) -> Mapping[str, Sequence[FieldRoleCandidate]]:
        claims_by_role: dict[str, list[FieldRoleCandidate]] = {}
        for claim in self.all:
            claims_by_role.setdefault(claim.role, []).append(claim)
        return claims_by_role

    def _nearness_key(self, claim: FieldRoleCandidate) -> tuple[bool, bool, tuple[int, ...]]:
        is_mapped = claim.sureness == MAPPED
        return (
            not is_mapped,
            not is_mapped and claim.item.group != self.home,
            claim.preference_key,
        )


def find_role_candidates(
    items: Sequence[FormField], mapping: Mapping[str, str]
) -> FieldRoleCandidates:
    """Return the role that each answer may have.

    Where the mapping names a role's field, no other field has that role.
    """
    claims = [_choose_role_candidate(item, place, mapping) for place, item in enumerate(items)]
    settled = {claim.role for claim in claims if claim.sureness == MAPPED}
    return FieldRoleCandidates(
        [claim for claim in claims if claim.sureness == MAPPED or claim.role not in settled]
    )


@cache_short_texts
def plain_field_name(name: str) -> str:
    """Return a field's name in the spelling of our own."""
    return re.sub(r"[\s\-]+", "_", name.strip().lower())


def _choose_role_candidate(
    item: FormField, place: int, mapping: Mapping[str, str]
) -> FieldRoleCandidate:
    mapped = next((ours for ours, theirs in mapping.items() if is_called(item, theirs)), "")
    if mapped:
        return FieldRoleCandidate(
            item, FIELD_OF.get(plain_field_name(mapped), mapped), MAPPED, ANYBODY, place
        )
    role, sureness = next(_possible_roles(item), ("", BY_VALUE_ONLY))
    return FieldRoleCandidate(item, role, sureness, _field_owner(item), place)


def _field_owner(item: FormField) -> int:
    if is_organization_group(item.group) or forbids_calls(f"{item.key} {item.label}"):
        return SOMEBODY_ELSE
    owner = answer_owner(f"{item.group} {item.section} {item.key} {item.label}")
    return (
        max(owner, SPARE) if any(map(SPARE_NUMBER_NAME.search, (item.key, item.label))) else owner
    )


def is_called(item: FormField, wanted: str) -> bool:
    """Whether a mapping that names a field means this one, by its key, its path or its label."""
    called = {plain_field_name(name) for name in (item.key, item.path, item.label)}
    is_path = wanted.replace("/", ".") == item.path
    return bool(wanted) and (is_path or plain_field_name(wanted) in called)


def _possible_roles(item: FormField) -> Iterator[tuple[str, int]]:
    """Yield the roles that a field may have, the surest first."""
    declared = role_by_field_type().get(plain_field_type(item.type), "")
    is_fax = "fax" in plain_words(f"{item.key} {item.label}")
    if declared and declared != "message" and not is_fax:
        yield declared, DECLARED
    own = FIELD_OF.get(plain_field_name(item.key))
    if own and not (own == "region" and asks_about_calls(item.path)):  # the state of a channel
        yield own, NAMED
    if is_consent_question(item):
        yield CONSENT_QUESTION, NAMED
    for text, sureness in ((item.key, NAMED), (item.label, LABELLED)):
        said = match_field_role(text)
        if said and said.role == "phone" and refuses_call_by_answer(item):
            yield CONSENT_QUESTION, MENTIONED  # "phone contact: no"
        elif said and said.role != "phone" and _is_number_to_call(said.role, item):
            yield "phone", MENTIONED  # "a safe number to call", "best number and time"
        elif said and said.role == "name" and refuses_to_be_called(item):
            yield CONSENT_QUESTION, MENTIONED  # "would you like us to call you?"
        elif said and (said.is_all or _value_fits_role(said.role, item)):
            yield said.role, sureness if said.is_all else MENTIONED
    yield from _roles_of_last_resort(item, "" if is_fax else declared)


def _roles_of_last_resort(item: FormField, declared: str) -> Iterator[tuple[str, int]]:
    """Yield the roles of a field that neither its key nor its label is a name for."""
    if _is_number_of_sender(item):
        yield "phone", MENTIONED
    if plain_words(item.key) == ("url",) and plain_words(item.group)[-1:] == ("page",):
        yield "page_url", NAMED
    if declared:
        yield declared, DECLARED
    if refuses_to_be_called(item):
        yield CONSENT_QUESTION, MENTIONED


def _is_number_to_call(role: str, item: FormField) -> bool:
    """Whether a question about a call is answered with a number."""
    is_number = PHONE_NUMBER_TEXT.fullmatch(text_of(item.value)) is not None
    return is_number and (role == "safe_to_call" or _is_number_of_sender(item))


def _is_number_of_sender(item: FormField) -> bool:
    """Whether an answer is a number, and its question asks for the sender's own in any words."""
    text = text_of(item.value)
    is_number = len(text) <= LONGEST_ANSWER and PHONE_NUMBER_TEXT.fullmatch(text) is not None
    return is_number and any(map(asks_for_own_phone, (item.key, item.label)))


def _value_fits_role(role: str, item: FormField) -> bool:
    """Whether an answer is what a role asks for, where the label only mentions the role."""
    text = text_of(item.value)
    match role:
        case "phone":
            return (
                sum(letter.isdigit() for letter in text) >= LEAST_DIGITS
                and len(text) <= LONGEST_ANSWER
            )
        case "email":
            return bool(EMAIL.search(text[:LONGEST_ANSWER]))  # its cost grows with the square
        case "name" | "first_name" | "last_name":
            return 0 < len(text) <= LONGEST_ANSWER and not re.search(r"[@/\d]", text)
        case "safe_to_call":
            named = f"{item.key} {item.label}"
            is_about_calls = has_consent_phrase("calls", named) or not has_consent_phrase(
                "otherwise", named
            )
            return is_about_calls and any(
                parse_safety_answer(value) is not None for value in item.values
            )
        case "safe_to_voicemail" | "safe_to_text":
            return any(parse_yes_no(value) is not None for value in item.values)
    return True
