"""What a field's name or label says: which answer it asks for, and whose."""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

Phrase = tuple[str, ...]
Given = ParamSpec("Given")
Read = TypeVar("Read")

SELF, ANYBODY, CALLER, CLIENT, SPARE, SOMEBODY_ELSE = range(6)
"""Whose number a field asks for, the more likely the submitter's the smaller."""

LONGEST_TEXT = 1000  # characters of a label that are looked at
CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
WORD, NUMBERED = re.compile(r"[^\W_]+"), re.compile(r"(?<=[^\W\d]{2})\d+$")
OWNERS = ((SOMEBODY_ELSE, "other"), (SPARE, "spare"), (CLIENT, "client"), (CALLER, "caller"), (SELF, "self"))
WORD_BY_WORD = frozenset({"id"})  # the id of a contact or of a form is not that of a submission
LONGEST_LABEL = 30  # words; what is longer is a text that asks for nothing


@dataclass(frozen=True)
class Role:
    """How one of our fields is called elsewhere."""

    alone: frozenset[Phrase]
    vague: frozenset[Phrase]
    exact: frozenset[Phrase]
    within: frozenset[Phrase]
    never: frozenset[str]


@dataclass(frozen=True)
class Said:
    """Which of our fields a name or label asks for, and whether that is all it says."""

    role: str
    is_all: bool


def remembered(read: Callable[Given, Read]) -> Callable[Given, Read]:
    """Keep what is read of names and labels, which come again with each submission. What is long is no name."""
    kept: Callable[Given, Read] = functools.lru_cache(maxsize=4096)(read)  # type: ignore[assignment] # texts can be hashed

    @functools.wraps(read)
    def reading(*said: Given.args, **how: Given.kwargs) -> Read:
        is_a_name = sum(map(len, said)) <= LONGEST_TEXT  # type: ignore[arg-type] # texts, or words of a text
        return (kept if is_a_name else read)(*said, **how)

    return reading


@remembered
def tokens(text: str) -> Phrase:
    """Return the plain words of a name or label, without accents and numbers: `q13_phoneNumber` is phone, number."""
    plain = CAPITAL.sub(" ", text[:LONGEST_TEXT]).lower().replace("#", " number ")
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    words = WORD.findall(plain)
    if not all(map(str.isalpha, words)):
        words = [word if word.isalpha() else NUMBERED.sub("", word) for word in words]
    return tuple(filter(str.isalpha, words))


@remembered
def role_of(text: str) -> Said | None:
    """Return which of our fields a name or label asks for."""
    said = tokens(text)
    if not said or len(said) > LONGEST_LABEL:
        return None
    roles = {name: role for name, role in _roles().items() if not role.never.intersection(said)}
    spoken = tuple(word for word in said if word not in _fillers())
    for name, role in roles.items():
        is_called_so = said in role.exact or (spoken in role.exact and name not in WORD_BY_WORD)
        if is_called_so or (said in role.alone and not re.search(r"\d", text)):
            return Said(name, is_all=True)
    vague = next((name for name, role in roles.items() if said in role.vague), "")
    if vague:
        return Said(vague, is_all=False)
    there = _phrases_in(said)
    longest = {name: max(map(len, role.within & there), default=0) for name, role in roles.items()}
    name = max(longest, key=longest.__getitem__, default="")
    return Said(name, is_all=False) if longest.get(name) else None


@remembered
def owner_of(text: str) -> int:
    """Return whose answer a name or label asks for: the submitter's own, or somebody else's."""
    there = _phrases_in(tokens(text))
    found = (owner for owner, name in OWNERS if _phrases("owner", name) & there)
    return next(found, ANYBODY)


@remembered
def is_a_senders(text: str) -> bool:
    """Whether an answer is somebody's who may have filled out the form for another person."""
    return bool(_phrases("owner", "senders") & _phrases_in(tokens(text)))


@remembered
def is_about_things(group: str) -> bool:
    """Whether a group of fields tells of the form, the company or the device rather than of a person."""
    return _names_one_of("things", group)


@remembered
def is_about_an_organisation(group: str) -> bool:
    """Whether a group of fields tells of a company, or of somebody who works for the form's owner."""
    return _names_one_of("organisations", group)


@remembered
def part_of(text: str) -> tuple[Phrase, str] | None:
    """Return what a name says besides, and which part of a phone number it asks for; None where it asks for none."""
    said = tokens(text)
    for part, phrases in _parts().items():
        longest = max((len(phrase) for phrase in phrases if said[-len(phrase) :] == phrase), default=0)
        if longest:
            return said[:-longest], part
    return None


def says(kind: str, text: str) -> bool:
    """Whether a text has the words of consent of this kind: asks, refuses, calls, voicemail, others, selling."""
    return bool(_phrases("consent", kind) & _phrases_in(tokens(text)))


@remembered
def warns(kind: str, text: str) -> bool:
    """Whether a question is about who else may hear or answer a call: while, private, overheard, danger."""
    return bool(_phrases("safety", kind) & _phrases_in(tokens(text)))


@functools.cache
def type_roles() -> Mapping[str, str]:
    """Return which of our fields a type that a tool declares stands for."""
    return {kind: role for role, kinds in _words()["types"].items() for kind in kinds}


@functools.cache
def types_of(role: str) -> frozenset[str]:
    """Return the types that tools declare for a kind of question."""
    return frozenset(_words()["boxes"][role])


def whom(text: str) -> str:
    """Return for whom they ask, in our words; in theirs where those are others."""
    said = " ".join(tokens(text))
    found = (ours for ours, theirs in _words()["whom"].items() if said in theirs or text.strip().lower() == ours)
    return next(found, text)


@remembered
def _phrases_in(said: Phrase) -> frozenset[Phrase]:
    """Return the runs of words in what is said that may be phrases of ours: most words begin none."""
    sizes = _sizes()
    return frozenset(said[at : at + size] for at, word in enumerate(said) for size in sizes.get(word, ()))


@functools.cache
def _roles() -> Mapping[str, Role]:
    return {
        name: Role(
            alone=_split(role.get("alone", ())),
            vague=_split(role.get("vague", ())),
            exact=_split(role["exact"]),
            within=_split(role["within"]),
            never=frozenset(role["never"]),
        )
        for name, role in _words()["role"].items()
    }


@functools.cache
def _parts() -> Mapping[str, frozenset[Phrase]]:
    return {part: _split(phrases) for part, phrases in _words()["parts"].items()}


@functools.cache
def _sizes() -> Mapping[str, frozenset[int]]:
    """Return how long our phrases are, by the word that they begin with."""
    listed = (_phrases(section, name) for section in ("owner", "consent", "safety") for name in _words()[section])
    sizes: dict[str, set[int]] = {}
    for phrase in frozenset().union(*listed, *(role.within for role in _roles().values())):
        sizes.setdefault(phrase[0], set()).add(len(phrase))
    return {word: frozenset(found) for word, found in sizes.items()}


@functools.cache
def _phrases(section: str, name: str) -> frozenset[Phrase]:
    return _split(_words()[section][name])


def _split(written: Iterable[str]) -> frozenset[Phrase]:
    return frozenset(tuple(phrase.split()) for phrase in written)


def _names_one_of(kind: str, group: str) -> bool:
    return not set(tokens(group.rpartition(".")[2])).isdisjoint(_words()["owner"][kind])


@functools.cache
def _fillers() -> frozenset[str]:
    return frozenset(_words()["fillers"])


@functools.cache
def _words() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))
