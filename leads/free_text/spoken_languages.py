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
QUESTION = "?"


def read_language_wish(text: str) -> str:
    """Return the code of the language in which somebody wants to be talked to; empty for none.

    Of two that they speak neither is wished for. Who writes in Spanish that they do not speak
    English wants Spanish.
    """
    words = normalization.canonical_words(text)[:LONGEST_TEXT]
    wished: set[str] = set()
    refused: set[str] = set()
    for clause, is_question in _clauses_of(words):
        for place, word in enumerate(clause):
            code = languages.find_named_language(word)
            if not code or _is_said_of_something_else(clause, place):
                continue
            if _said_before(clause, place) & _word_lists()["refuses"]:
                refused |= {code} if word == "ingles" else set()
            elif _is_wished(clause, place, is_question=is_question):
                wished.add(code)
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
    return bool(before & lists["looks_for"] and (is_question or before & lists["somebody"]))


def _said_before(clause: Sequence[str], place: int) -> set[str]:
    return set(clause[max(0, place - LOOKS_BACK) : place])


def _is_said_of_something_else(clause: Sequence[str], place: int) -> bool:
    return place + 1 < len(clause) and clause[place + 1] in _word_lists()["other_things"]


@functools.cache
def _word_lists() -> Mapping[str, frozenset[str]]:
    read = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return {name: frozenset(words.split()) for name, words in read.items()}
