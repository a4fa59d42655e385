"""Spoken languages: which one somebody asks to be talked to in, in their own words. Pure."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from leads.free_text import concepts, normalization
from leads.i18n import languages

LONGEST_TEXT = 60  # words that are read: who wants a language says so in fewer
LOOKS_BACK = 5  # words before a language's name that speak of it
LOOKS_ON = 3  # words after it that say that it is better
QUESTION = "?"


def read_language_wish(text: str) -> str:
    """Return the code of the language in which somebody wants to be talked to; empty for none.

    Of two that they speak the one that they prefer is wished for, or neither. Who writes in
    Spanish that they do not speak English wants Spanish.
    """
    words = normalization.canonical_words(text)[:LONGEST_TEXT]
    wished: set[str] = set()
    preferred: list[str] = []
    refused: set[str] = set()
    for clause, is_question in _clauses_of(words):
        for place, word in enumerate(clause):
            code = languages.find_named_language(word)
            if not code or _is_said_of_something_else(clause, place):
                continue
            if _said_before(clause, place) & _word_lists()["refuses"]:
                refused |= {code} if word == "ingles" else set()
            elif _is_of_somebody_else(clause, place):
                continue
            elif _is_preferred(clause, place):
                preferred.append(code)
            elif _is_wished(clause, place, is_question=is_question):
                wished.add(code)
    if preferred:
        return preferred[0]
    if not wished and refused:
        return "es"
    return wished.pop() if len(wished) == 1 else ""


def _clauses_of(words: Sequence[str]) -> Iterator[tuple[list[str], bool]]:
    """Yield what stands between two marks, and whether a question mark ends it."""
    clause: list[str] = []
    for is_mark, run in groupby(words, lambda word: word in concepts.MARKS):
        said = list(run)
        if is_mark and clause:
            yield clause, QUESTION in said
            clause = []
        elif not is_mark:
            clause = said
    if clause:
        yield clause, False


def _is_wished(clause: Sequence[str], place: int, *, is_question: bool) -> bool:
    lists, before = _word_lists(), _said_before(clause, place)
    others = {word for word in clause if not languages.find_named_language(word)}
    if others <= lists["beside"] or before & lists["speaks"]:
        return True
    if before & lists["asks"] and lists["ends"].issuperset(clause[place + 1 : place + 2]):
        return True
    return bool(before & lists["looks_for"] and (is_question or before & lists["somebody"]))


def _is_preferred(clause: Sequence[str], place: int) -> bool:
    """Whether a language is the one that is preferred: "prefer English", "Spanish is better"."""
    lists = _word_lists()
    if _said_before(clause, place) & lists["prefers"]:
        return True
    return not lists["is_preferred"].isdisjoint(clause[place + 1 : place + 1 + LOOKS_ON])


def _is_of_somebody_else(clause: Sequence[str], place: int) -> bool:
    """Whether it is told what somebody else speaks: "my husband only speaks Korean"."""
    lists = _word_lists()
    for at, word in enumerate(clause):
        if word not in lists["others"]:
            continue
        told = clause[at + 1 : place] if at < place else clause[at + 1 :]
        if not lists["they_do"].isdisjoint(told) and lists["writer"].isdisjoint(told):
            return True
    return False


def _said_before(clause: Sequence[str], place: int) -> set[str]:
    return set(clause[max(0, place - LOOKS_BACK) : place])


def _is_said_of_something_else(clause: Sequence[str], place: int) -> bool:
    lists, before, after = _word_lists(), clause[:place][-1:], clause[place + 1 : place + 2]
    return not lists["other_things"].isdisjoint(after) or not lists["of_a_thing"].isdisjoint(before)


@functools.cache
def _word_lists() -> Mapping[str, frozenset[str]]:
    read = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return {name: frozenset(words.split()) for name, words in read.items()}
