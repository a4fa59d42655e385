"""Sign patterns: the small language in which word lists say what a sentence may look like.

`word` is itself, `word*` any word that begins so, `(one|the other)` a choice, `(maybe)?` may be
missing, `{concept}` one of its ways to be said, `#` a number, `##` one of two digits or more, `1##`
one of three that begins so. `..` stands for up to three words of the same sentence and `...` for up
to seven; `.` is where a sentence begins or ends, and `>>` the rest of it, up to a `but`. `a + b`
asks for both, anywhere in what is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

SMALL_GAP, WIDE_GAP = 3, 7  # words
_ELEMENT = re.compile(r"\{\w+\}|>>|\.{1,3}|##?|[()|]\??|[?,]|[^\s(){}|?]+")
_NUMBER_WORDS = (
    "one two three four five six seven eight nine ten twenty thirty "
    "uno dos tres cuatro cinco seis siete ocho nueve diez veinte treinta"
)
_MARKS = {
    "..": rf"(?:[^ .?]+ ){{0,{SMALL_GAP}}}?",
    "...": rf"(?:[^ .?]+ ){{0,{WIDE_GAP}}}?",
    ">>": r"(?:(?!(?:but|pero|now|ahora) )[^ .?]+ )*",
    ".": r"[.?] ",
    "##": r"\d{2,}\S* ",
    "#": rf"(?:\d+\S*|{_NUMBER_WORDS.replace(' ', '|')}) ",
    ",": ", ",
    "(": "(?:",
    "|": "|",
    ")": ")",
    ")?": ")?",
    "?": r"\? ",
}


@dataclass(frozen=True)
class PatternPart:
    """One part of a pattern, and words of which one is there wherever it matches.

    Without such words (empty) it may match anywhere.
    """

    expression: re.Pattern[str]
    one_of: frozenset[str]

    def is_in(self, text: str, words: frozenset[str]) -> bool:
        """Whether a text, of which the words are given by `words_and_beginnings`, has it."""
        if self.one_of and self.one_of.isdisjoint(words):
            return False
        return self.expression.search(text) is not None


@dataclass(frozen=True)
class SignPattern:
    """What a text must have, all of it, to show one sign."""

    parts: tuple[PatternPart, ...]

    def is_in(self, text: str, words: frozenset[str]) -> bool:
        """Whether a text shows the sign."""
        return all(part.is_in(text, words) for part in self.parts)


def words_and_beginnings(words: tuple[str, ...]) -> frozenset[str]:
    """Return the words, and what each begins with, as `word*` is written."""
    return frozenset(words).union(
        f"{word[:length]}*" for word in set(words) for length in range(2, len(word) + 1)
    )


def compile_sign(pattern: str, concepts: Mapping[str, str]) -> SignPattern:
    """Return a pattern ready to be looked for. Raises KeyError for an unknown concept."""
    spelled_out = _spell_out(pattern, concepts)
    return SignPattern(tuple(compile_part(part) for part in spelled_out.split(" + ")))


def compile_part(part: str) -> PatternPart:
    """Return one part of a pattern, whose concepts are spelled out."""
    elements = _ELEMENT.findall(part)
    expression = "".join(map(_element_expression, elements))
    return PatternPart(re.compile(f"(?<= ){expression}"), _needed_words(elements))


def words_of_pattern(pattern: str) -> Iterator[str]:
    """Yield the words of a pattern, and the beginnings of words, as `word*`."""
    return (word for word in _ELEMENT.findall(pattern) if word.removesuffix("*").isalpha())


def _spell_out(pattern: str, concepts: Mapping[str, str]) -> str:
    return re.sub(
        r"\{(\w+)\}",
        lambda name: f"( {_spell_out(' '.join(concepts[name[1]].split()), concepts)} )",
        pattern,
    )


def _element_expression(element: str) -> str:
    if element in _MARKS:
        return _MARKS[element]
    if "#" in element:
        return rf"{element.replace('#', '[0-9]')} "
    if element.endswith("*"):
        return rf"{re.escape(element[:-1])}\S* "
    return f"{re.escape(element)} "


def _needed_words(elements: list[str]) -> frozenset[str]:
    """Return the words of the first element that must be there; empty where that is no word."""
    at = 0
    while at < len(elements):
        end = _end_of_group(elements, at)
        group = elements[at : end + 1]
        if group[-1] != ")?" and (words := _first_words(group)):
            return words
        at = end + 1
    return frozenset()


def _end_of_group(elements: list[str], at: int) -> int:
    depth = 0
    for end in range(at, len(elements)):
        depth += (elements[end] == "(") - (elements[end] in {")", ")?"})
        if depth == 0:
            return end
    msg = f"a choice is not closed: {' '.join(elements)}"
    raise ValueError(msg)


def _first_words(group: list[str]) -> frozenset[str]:
    """Return words of which one is there if the group is; empty where one choice has none."""
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
    needed = [_needed_words(choice) for choice in choices]
    return frozenset().union(*needed) if all(needed) else frozenset()
