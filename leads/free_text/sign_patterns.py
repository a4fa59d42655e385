"""Sign patterns: the small language in which word lists say what a sentence may look like.

`word` is itself, `word*` any word that begins so, `(one|the other)` a choice, `(maybe)?` may be
missing, `{concept}` one of its ways to be said, `#` a number, `##` one of two digits or more, `1##`
one of three that begins so. `..` stands for up to three words of the same sentence and `...` for up
to seven; `.` is where a sentence begins or ends, `$` where a clause ends, and `>>` the rest of the
clause. `a + b` asks for both, anywhere in what is read.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

SMALL_GAP, WIDE_GAP = 3, 7  # words
_ELEMENT = re.compile(r"\{\w+\}|>>|\$|\.{1,3}|##?|[()|]\??|[?,]|[^\s(){}|?]+")
_NUMBER_WORDS = (
    "one two three four five six seven eight nine ten twenty thirty "
    "uno dos tres cuatro cinco seis siete ocho nueve diez veinte treinta"
)
_MARKS = {
    "..": rf"(?:[^ .?]+ ){{0,{SMALL_GAP}}}?",
    "...": rf"(?:[^ .?]+ ){{0,{WIDE_GAP}}}?",
    ">>": r"(?:(?!(?:but|pero|now|ahora|,|(?:and|y) (?:i|yo|me|my|mi|he|she|no)) )[^ .?]+ )*",
    ".": r"[.?] ",
    "$": r"(?=[.?,] )",
    "##": r"\d{2,}\S* ",
    "#": rf"(?:\d+\S*|{_NUMBER_WORDS.replace(' ', '|')}) ",
    ",": ", ",
    "(": "(?:",
    "|": "|",
    ")": ")",
    ")?": ")?",
    "?": r"\? ",
}

ANY_TEXT = frozenset({""})  # stands for a word that every text has


@dataclass(frozen=True)
class PatternPart:
    """One part of a pattern, and sets of words of each of which one is there wherever it matches.

    Without such sets it may match anywhere.
    """

    source: str
    needed: tuple[frozenset[str], ...]

    @functools.cached_property
    def one_of(self) -> frozenset[str]:
        """The smallest of these sets; empty where there is none."""
        return min(self.needed, key=len, default=frozenset())

    @functools.cached_property
    def expression(self) -> re.Pattern[str]:
        """The expression to search for, made when a text first may have it."""
        return re.compile(f"(?<= ){self.source}")

    def compile_expression(self) -> None:
        """Make the expression before a text needs it."""
        _ = self.expression

    def is_in(self, text: str, words: frozenset[str]) -> bool:
        """Whether a text, of which the words are given by `words_and_beginnings`, has it."""
        return self.may_be_in(words) and self.expression.search(text) is not None

    def may_be_in(self, words: frozenset[str]) -> bool:
        """Whether a text of these words has what the part cannot do without."""
        return _has_one_of_each(words, self.needed)


@dataclass(frozen=True)
class SignPattern:
    """What a text must have, all of it, to show one sign."""

    parts: tuple[PatternPart, ...]

    @property
    def one_of(self) -> frozenset[str]:
        """Words of which one is there wherever the sign is shown: of its rarest part."""
        return min((part.one_of for part in self.parts if part.one_of), key=len, default=ANY_TEXT)

    def is_in(self, text: str, words: frozenset[str]) -> bool:
        """Whether a text shows the sign."""
        if not _has_one_of_each(words, self._needed):
            return False
        return all(part.expression.search(text) for part in self.parts)

    @functools.cached_property
    def _needed(self) -> tuple[frozenset[str], ...]:
        """The sets of words of all parts, the smallest first: most texts lack the rarest words."""
        return tuple(sorted((one_of for part in self.parts for one_of in part.needed), key=len))


def _has_one_of_each(words: frozenset[str], needed: tuple[frozenset[str], ...]) -> bool:
    for one_of in needed:  # a loop: it is run for each sign of each text  # noqa: SIM110
        if one_of.isdisjoint(words):
            return False
    return True


class PatternIndex:
    """Which patterns of a list a text may have, by its words: most texts may have few."""

    def __init__(self, needed: Iterable[frozenset[str]]) -> None:
        """Index the patterns by the words of which each needs one; without any it is always met."""
        self._places: dict[str, list[int]] = {}
        self._count = 0
        for place, one_of in enumerate(needed):
            self._count = place + 1
            for word in one_of or ANY_TEXT:
                self._places.setdefault(word, []).append(place)

    def __len__(self) -> int:
        """Return how many patterns there are."""
        return self._count

    def places_in(self, words: frozenset[str]) -> list[int]:
        """Return the places of the patterns that may be met, in the order of the list."""
        found = self._places.keys() & (words | ANY_TEXT)
        return sorted({place for word in found for place in self._places[word]})


def words_and_beginnings(words: tuple[str, ...]) -> frozenset[str]:
    """Return the words, and what each begins with, as `word*` is written."""
    return frozenset(words).union(*map(_beginnings_of_word, set(words)))


@functools.lru_cache(maxsize=8192)
def _beginnings_of_word(word: str) -> tuple[str, ...]:
    return tuple(f"{word[:length]}*" for length in range(2, len(word) + 1))


def compile_concepts(ways: Mapping[str, str]) -> dict[str, PatternPart]:
    """Return the concepts by name, each of which is one of its ways to be said.

    A concept may be said by those above it.
    """
    concepts: dict[str, PatternPart] = {}
    for name, said in ways.items():
        concepts[name] = compile_part(f"( {said} )", concepts)
    return concepts


def compile_sign(pattern: str, concepts: Mapping[str, PatternPart]) -> SignPattern:
    """Return a pattern ready to be looked for. Raises KeyError for an unknown concept."""
    return SignPattern(tuple(compile_part(part, concepts) for part in pattern.split(" + ")))


def compile_part(part: str, concepts: Mapping[str, PatternPart]) -> PatternPart:
    """Return one part of a pattern."""
    elements = _ELEMENT.findall(part)
    expression = "".join(_element_expression(element, concepts) for element in elements)
    return PatternPart(expression, tuple(_needed_words(elements, concepts)))


def words_of_pattern(pattern: str) -> Iterator[str]:
    """Yield the words of a pattern, and the beginnings of words, as `word*`."""
    return (word for word in _ELEMENT.findall(pattern) if word.removesuffix("*").isalpha())


def _element_expression(element: str, concepts: Mapping[str, PatternPart]) -> str:
    if element.startswith("{"):
        return concepts[element[1:-1]].source
    if element in _MARKS:
        return _MARKS[element]
    if "#" in element:
        return rf"{element.replace('#', '[0-9]')} "
    if element.endswith("*"):
        return rf"{re.escape(element[:-1])}\S* "
    return f"{re.escape(element)} "


def _needed_words(
    elements: list[str], concepts: Mapping[str, PatternPart]
) -> Iterator[frozenset[str]]:
    """Yield the words of each element that must be there, but for those that are no words."""
    at = 0
    while at < len(elements):
        end = _end_of_group(elements, at)
        group = elements[at : end + 1]
        if group[-1] != ")?" and (words := _first_words(group, concepts)):
            yield words
        at = end + 1


def _end_of_group(elements: list[str], at: int) -> int:
    depth = 0
    for end in range(at, len(elements)):
        depth += (elements[end] == "(") - (elements[end] in {")", ")?"})
        if depth == 0:
            return end
    msg = f"a choice is not closed: {' '.join(elements)}"
    raise ValueError(msg)


def _first_words(group: list[str], concepts: Mapping[str, PatternPart]) -> frozenset[str]:
    """Return words of which one is there if the group is; empty where one choice has none."""
    if group[0].startswith("{"):
        return concepts[group[0][1:-1]].one_of
    if group[0] != "(":
        is_no_word = group[0] in _MARKS or "#" in group[0]
        return frozenset() if is_no_word else frozenset(group)
    choices: list[list[str]] = [[]]
    depth = 0
    for element in group[1:-1]:
        depth += (element == "(") - (element in {")", ")?"})
        if element == "|" and depth == 0:
            choices.append([])
        else:
            choices[-1].append(element)
    needed = [
        min(_needed_words(choice, concepts), key=len, default=frozenset()) for choice in choices
    ]
    return frozenset().union(*needed) if all(needed) else frozenset()
