"""Phone clauses: whether what somebody writes about a phone or a call is understood.

Nobody could list all that makes a call harmful: whose phone it is, who answers it, what must not be
said. What is harmless can be told: their own phone, times, that a call is welcome, other calls of
which they tell. A clause that says whose a phone is, or that speaks of others, of a refusal, of
another way or of a secret, and is not understood so, is for a person to read. Pure.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leads.free_text.call_times import read_call_time
from leads.free_text.refusals import plain_clauses


def find_unclear_phone_clauses(text: str) -> Iterator[str]:
    """Yield the clauses about a phone or a call that may speak against one, or take it all back.

    One that may has a word of somebody else, of a refusal, of another way or of a secret, and is
    not understood to be harmless.
    """
    known = _load_phone_vocabulary()
    said = plain_clauses(text)
    yield from (match[0] for pattern in known.takes_back if (match := pattern.search(said)))
    if not known.speaks.search(said):
        return
    for clause in known.starts.sub(" | ", said).split("|"):
        is_unclear = _is_doubtful(clause, known) and not _is_harmless(clause.strip(), known)
        if is_unclear or known.secret.search(clause):
            yield clause.strip()


@dataclass(frozen=True)
class _PhoneVocabulary:
    """What `phone_clauses.toml` lists."""

    takes_back: Sequence[re.Pattern[str]]
    speaks: re.Pattern[str]
    owners: re.Pattern[str]
    doubts: frozenset[str]
    secret: re.Pattern[str]
    starts: re.Pattern[str]
    tells: Sequence[re.Pattern[str]]
    words: frozenset[str]
    refuses: frozenset[str]
    purposes: frozenset[str]
    asks: re.Pattern[str]
    risks: frozenset[str]


def _is_doubtful(clause: str, known: _PhoneVocabulary) -> bool:
    """Whether a clause about a phone says whose it is, or has a word that may speak against it."""
    has_word = not known.doubts.isdisjoint(clause.split())
    return bool(known.speaks.search(clause) and (has_word or known.owners.search(clause)))


def _is_harmless(clause: str, known: _PhoneVocabulary) -> bool:
    """Whether a clause tells of other calls, or has only words that welcome one."""
    rest = clause
    for pattern in known.tells:
        rest = pattern.sub(" ", rest)
    if not known.speaks.search(rest):
        return True
    words = _without_purpose(rest.split(), known)
    unknown = {word for word in words if not (word in known.words or re.search("[1-9]", word))}
    return not unknown or (unknown <= known.refuses and read_call_time(clause) is not None)


def _without_purpose(words: list[str], known: _PhoneVocabulary) -> list[str]:
    """Return a clause without what the call is about: it speaks of no phone, and of no risk."""
    for at, word in enumerate(words):
        if word in known.purposes and known.asks.search(" ".join(words[:at])):
            about = words[at + 1 :]
            is_plain = known.risks.isdisjoint(about) and not known.speaks.search(" ".join(about))
            return words[:at] if is_plain else words
    return words


@functools.cache
def _load_phone_vocabulary() -> _PhoneVocabulary:
    listed: Mapping[str, Any] = tomllib.loads(
        Path(__file__).with_suffix(".toml").read_text("utf-8")
    )
    speaks, lists = listed["speaks"], listed["known"]
    words = "|".join(speaks["words"].split())
    starts = "|".join(line.strip() for line in speaks["starts"].strip().splitlines())
    return _PhoneVocabulary(
        tuple(re.compile(one) for some in listed["takes_back"].values() for one in some),
        re.compile(rf"\b(?:{words}|{speaks['phrases']})\b"),
        re.compile(listed["owners"]["said"]),
        frozenset(word for some in listed["doubts"].values() for word in some.split()),
        re.compile(rf"\b(?:{speaks['secret']})\b"),
        re.compile(rf"\s(?={starts})"),
        tuple(re.compile(pattern) for some in listed["tells"].values() for pattern in some),
        frozenset(" ".join(lists[name] for name in ("small", "own", "welcome", "times")).split()),
        frozenset(lists["refuses"].split()),
        frozenset(lists["purposes"].split()),
        re.compile(rf"\b(?:{'|'.join(listed['speaks']['asks'].split())})(?! (?:is|was|es|era)\b)"),
        frozenset(lists["risks"].split()),
    )
