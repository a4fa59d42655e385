"""Our public pages can be read after six years of school, in both languages.

English by the grade of Flesch and Kincaid (1975), Spanish by the scale of Fernández Huerta (1959)
in Law's correction of its sentence term, on which 70 and more is "fairly easy": the sixth grade.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from leads.i18n import languages

NOT_SENTENCES = {"clock", "own_name", "times", "parts", "trap"}
FILLED = {"brand": "Helpline", "operator": "our team", "minutes": "five", "until": "until nine"}
SILENT_E = re.compile(r"(?<=[^laeiouy])es?$|(?<=[^tdaeiouy])ed$")
ENGLISH_VOWELS = re.compile(r"[aeiouy]+")
SPANISH_VOWELS = re.compile(r"[iuü]?[aeoáéó][iuy]?(?![aeoáéóíú])|[íúiuü]+|[aeoáéó]")


def sentences(words: dict[str, Any]) -> Iterator[str]:
    for name, text in words.items():
        if name in NOT_SENTENCES:
            continue
        if isinstance(text, dict):
            yield from sentences(text)
        else:
            filled = re.sub(r"\{(\w+)\}", lambda gap: FILLED.get(gap[1], "8"), text)
            said = (one for one in re.split(r"[.:?!]", filled) if len(one.split()) > 3)
            yield from said


def measure(language: str) -> tuple[float, float]:
    """Return the words in a sentence and the syllables in a word, as means."""
    told = list(sentences(languages.page_texts(language)))
    words = [word for one in told for word in re.findall(r"[^\W\d_]+", one.lower())]
    count = english_syllables if language == "en" else spanish_syllables
    return len(words) / len(told), sum(map(count, words)) / len(words)


def english_syllables(word: str) -> int:
    return max(1, len(ENGLISH_VOWELS.findall(SILENT_E.sub("", word))))


def spanish_syllables(word: str) -> int:
    return max(1, len(SPANISH_VOWELS.findall(re.sub(r"qu|gu(?=[eié])", "q", word))))


def test_english_is_of_the_sixth_grade() -> None:
    per_sentence, per_word = measure("en")
    assert 0.39 * per_sentence + 11.8 * per_word - 15.59 <= 6


def test_spanish_is_of_the_sixth_grade() -> None:
    per_sentence, per_word = measure("es")
    assert 206.84 - 60 * per_word - 1.02 * per_sentence >= 70


def test_syllables_are_counted_as_they_are_spoken() -> None:
    english = {"call": 1, "please": 1, "number": 2, "needed": 2, "confidential": 4}
    spanish = {"llamada": 3, "quiere": 2, "aquí": 2, "día": 2, "siguiente": 3, "sí": 1, "línea": 3}
    assert {word: english_syllables(word) for word in english} == english
    assert {word: spanish_syllables(word) for word in spanish} == spanish
