"""Which of our fields an answer is, how sure that is, and whose answer it asks for.

Believed in this order: the source's own mapping, the type its tool declares, its name, the words of its label.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from leads.forms.consent import A_NUMBER, is_question, plain_type, refuses
from leads.forms.form_field import Item, text_of
from leads.forms.label_vocabulary import (
    ANYBODY,
    SOMEBODY_ELSE,
    SPARE,
    is_about_an_organisation,
    is_about_things,
    owner_of,
    remembered,
    role_of,
    says,
    tokens,
    type_roles,
)
from leads.forms.yes_no_answers import safety, truth

NAMES: dict[str, tuple[str, ...]] = {
    "name": ("name", "full_name", "your_name"),
    "first_name": ("first_name", "firstname", "given_name"),
    "last_name": ("last_name", "lastname", "family_name", "surname"),
    "phone": ("phone", "phone_number", "phonenumber", "telephone", "tel", "mobile", "mobile_phone", "cell_phone"),
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
    "id": ("id",),
}
"""Our own field names, and for the plainest of them what others call the same thing. Other words: words.toml."""

FIELD_OF = {alias: name for name, aliases in NAMES.items() for alias in aliases}
OF_THE_VISIT = frozenset({"campaign", "page_url"})  # they stand among what was tracked, not among the answers
OF_NOBODY = OF_THE_VISIT | {"for_whom", "message", "best_time", "language"}  # "tell us about your loved one"
ASKS = "asks"  # the role of a question for consent that is not called by our own name
MAPPED, DECLARED, NAMED, LABELLED, MENTIONED, LOOKS = range(6)
"""How sure it is what a field asks for, the smaller the surer."""
LONGEST_ANSWER, LEAST_DIGITS = 200, 7
SECOND = re.compile(r"[^\W\d_][ _#\-]*[2-9]$")  # "Phone 2" stands beside a first one
EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]{2,}")


@dataclass(frozen=True)
class Claim:
    """A field, which of ours it may be, how sure that is, and whose answer it asks for."""

    item: Item
    role: str
    sureness: int
    owner: int
    place: int

    @property
    def order(self) -> tuple[int, int, int, int]:
        """The best comes first: no spare number before the main one, the surer, `your` before `the`, the earlier."""
        return (max(self.owner, ANYBODY), self.sureness, self.owner, self.place)

    @property
    def is_theirs(self) -> bool:
        """Whether it is the answer of who fills out the form, and not somebody else's."""
        return self.owner != SOMEBODY_ELSE


@dataclass
class Claims:
    """The claims to all roles, and what was taken from them so far. `home` is where the number stands."""

    all: Sequence[Claim]
    home: str = ""
    taken: list[Item] = field(default_factory=list)

    def to(self, role: str) -> list[Claim]:
        """Return the claims to a role, those that stand beside the number first."""
        return sorted(self._by_role.get(role, ()), key=self._nearness)

    def usable(self, role: str) -> list[Claim]:
        """Return the filled ones that tell of the submitter, not of things or of somebody else."""
        return [
            claim
            for claim in self.to(role)
            if not claim.item.is_blank
            and (role in OF_NOBODY or claim.is_theirs)
            and (role in OF_THE_VISIT or claim.sureness == MAPPED or not self.is_apart(claim.item))
        ]

    def is_apart(self, item: Item) -> bool:
        """Whether a field stands among those of the form, the company or the device."""
        return item.group != self.home and is_about_things(item.group)

    def take(self, item: Item) -> Item:
        """Note that a field has found its place."""
        self.taken.append(item)
        return item

    @functools.cached_property
    def _by_role(self) -> Mapping[str, Sequence[Claim]]:
        found: dict[str, list[Claim]] = {}
        for claim in self.all:
            found.setdefault(claim.role, []).append(claim)
        return found

    def _nearness(self, claim: Claim) -> tuple[bool, bool, tuple[int, ...]]:
        is_mapped = claim.sureness == MAPPED
        return (not is_mapped, not is_mapped and claim.item.group != self.home, claim.order)


def claims_of(items: Sequence[Item], mapping: Mapping[str, str]) -> Claims:
    """Return what each of the answers may be. Where a person said which field it is, no other one is."""
    claims = [_claim(item, place, mapping) for place, item in enumerate(items)]
    settled = {claim.role for claim in claims if claim.sureness == MAPPED}
    return Claims([claim for claim in claims if claim.sureness == MAPPED or claim.role not in settled])


def are_several(claims: Claims) -> bool:
    """Whether this is a list of people rather than one form: the same numbers and names are asked for again."""
    groups: dict[str, dict[str, set[str]]] = {}
    for claim in claims.all:
        if claim.is_theirs and not claim.item.is_blank and claim.role in ("phone", "name", "first_name", "email"):
            said = groups.setdefault(claim.item.group, {}).setdefault(f"{claim.role} {claim.item.key}", set())
            said.add(text_of(claim.item.value))
    return any(_repeats(asked, "phone") and _repeats(asked, "name", "first_name", "email") for asked in groups.values())


def _repeats(asked: Mapping[str, set[str]], *roles: str) -> bool:
    return any(len(said) > 1 for question, said in asked.items() if question.split(" ", 1)[0] in roles)


@remembered
def plain(name: str) -> str:
    """Return a field's name in the spelling of our own."""
    return re.sub(r"[\s\-]+", "_", name.strip().lower())


def _claim(item: Item, place: int, mapping: Mapping[str, str]) -> Claim:
    mapped = next((ours for ours, theirs in mapping.items() if _is_meant(item, theirs)), "")
    if mapped:
        return Claim(item, FIELD_OF.get(plain(mapped), mapped), MAPPED, ANYBODY, place)
    role, sureness = next(_roles(item), ("", LOOKS))
    return Claim(item, role, sureness, _owner(item), place)


def _owner(item: Item) -> int:
    if is_about_an_organisation(item.group) or refuses(f"{item.key} {item.label}"):
        return SOMEBODY_ELSE
    owner = owner_of(f"{item.group} {item.section} {item.key} {item.label}")
    return max(owner, SPARE) if any(map(SECOND.search, (item.key, item.label))) else owner


def _is_meant(item: Item, wanted: str) -> bool:
    return bool(wanted) and plain(wanted) in {plain(name) for name in (item.key, item.path, item.label)}


def _roles(item: Item) -> Iterator[tuple[str, int]]:
    """Yield which of our fields this may be, the surest first."""
    declared = type_roles().get(plain_type(item.type), "")
    is_fax = "fax" in tokens(f"{item.key} {item.label}")
    if declared and declared != "message" and not is_fax:
        yield declared, DECLARED
    own = FIELD_OF.get(plain(item.key))
    if own:
        yield own, NAMED
    if is_question(item):
        yield ASKS, NAMED
    for text, sureness in ((item.key, NAMED), (item.label, LABELLED)):
        said = role_of(text)
        if said and said.role == "safe_to_call" and A_NUMBER.fullmatch(text_of(item.value)):
            yield "phone", MENTIONED  # "a safe number to call"
        elif said and (said.is_all or _fits(said.role, item)):
            yield said.role, sureness if said.is_all else MENTIONED
    if declared and not is_fax:
        yield declared, DECLARED


def _fits(role: str, item: Item) -> bool:
    """Whether the answer is what a label that only mentions a thing would ask for."""
    text = text_of(item.value)
    match role:
        case "phone":
            return sum(letter.isdigit() for letter in text) >= LEAST_DIGITS and len(text) <= LONGEST_ANSWER
        case "email":
            return bool(EMAIL.search(text[:LONGEST_ANSWER]))  # its cost grows with the square
        case "name" | "first_name" | "last_name":
            return 0 < len(text) <= LONGEST_ANSWER and not re.search(r"[@/\d]", text)
        case "safe_to_call":
            named = f"{item.key} {item.label}"
            is_about_calls = says("calls", named) or not says("otherwise", named)
            return is_about_calls and any(safety(value) is not None for value in item.values)
        case "safe_to_voicemail" | "safe_to_text":
            return any(truth(value) is not None for value in item.values)
    return True
