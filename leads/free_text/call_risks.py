"""Call risks: what people write of their own accord that a person has to read before a call.

Whoever else may answer, hear or see it, whose phone it is, what must stay a secret, another way, a
condition, a request taken back. What looks like a sign and is harmless is masked, and what is left
is read for signs, both data: `call_risks.toml`. A text without any is no promise that a call is
safe. Pure.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from leads.free_text import normalization, risk_likeness
from leads.free_text.sign_patterns import (
    PatternIndex,
    PatternPart,
    SignPattern,
    compile_concepts,
    compile_part,
    compile_sign,
    words_and_beginnings,
    words_of_pattern,
)

LONGEST_START, LONGEST_END = 1500, 500  # words that are read of a longer text
LONGEST_SENTENCE = 80  # words that are read together
SHORTEST_SLIP = 6  # letters of a word that is known with a slip of the finger
MASK = "_ "
HAVE_PHONES = ("kin", "people", "places")
"""The lists of those whose phone it may be."""


class CallRisk(StrEnum):
    """Why a person decides before anybody is called."""

    ANSWERED_BY_OTHERS = "answered_by_others"
    HEARD_BY_OTHERS = "heard_by_others"
    SEEN_BY_OTHERS = "seen_by_others"
    PHONE_OF_OTHERS = "phone_of_others"
    CONFIDENTIAL = "confidential"
    OTHER_WAY = "other_way"
    CONDITION = "condition"
    TAKEN_BACK = "taken_back"
    NOT_A_REQUEST = "not_a_request"
    WRONG_NUMBER = "wrong_number"
    LIKELY = "likely"  # no sign names it


def find_call_risks(text: str) -> Iterator[CallRisk]:
    """Yield what a text says that a person has to read before a call, sentence by sentence.

    Where no sign names it, the text as a whole may read like one.
    """
    known, words, is_named = _load_risk_signs(), words_to_read(text), False
    for sentence in dict.fromkeys(_sentences(words)):
        for risk in known.risks_in(sentence):
            is_named = True
            yield risk
    if not is_named and risk_likeness.reads_like_risk(words):
        yield CallRisk.LIKELY


def has_call_risk(text: str) -> bool:
    """Whether a text says anything that a person has to read before a call."""
    return next(find_call_risks(text), None) is not None


def compile_all_risks() -> None:
    """Make every expression now that is otherwise made when a text first may need it."""
    known = _load_risk_signs()
    signs = (part for _risk, pattern in known.signs for part in pattern.parts)
    for part in (*signs, *known.harmless):
        part.compile_expression()
    risk_likeness.load_weights()


@dataclass(frozen=True)
class _RiskSigns:
    vocabulary: normalization.Vocabulary
    stems: frozenset[str]
    harmless: tuple[PatternPart, ...]
    signs: tuple[tuple[CallRisk, SignPattern], ...]
    index: PatternIndex

    def risks_in(self, sentence: Sequence[str]) -> Iterator[CallRisk]:
        """Yield the risks of a sentence, without what is harmless in it."""
        said = f" . {' '.join(map(self._meant_word, sentence))} . "
        words = words_and_beginnings(tuple(said.split()))
        for phrase in self.harmless:
            if phrase.may_be_in(words):
                said = phrase.expression.sub(MASK, said)
        words = words_and_beginnings(tuple(said.split()))
        for place in self.index.places_in(words):
            risk, pattern = self.signs[place]
            if pattern.is_in(said, words):
                yield risk

    def _meant_word(self, word: str) -> str:
        if self.stems.isdisjoint(words_and_beginnings((word,))):
            return self.vocabulary.correct_slip(word)
        return word


def words_to_read(text: str) -> tuple[str, ...]:
    """Return the canonical words of a text, of a very long one those of its two ends."""
    words = normalization.canonical_words(text)
    if len(words) > LONGEST_START + LONGEST_END:
        return (*words[:LONGEST_START], normalization.SENTENCE_END, *words[-LONGEST_END:])
    return words


def _sentences(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the words of each sentence, or of so much of it as is read together."""
    sentence = list[str]()
    for word in (*words, normalization.SENTENCE_END):
        is_end = word in {normalization.SENTENCE_END, normalization.QUESTION}
        if not is_end:
            sentence.append(word)
        if sentence and (is_end or len(sentence) == LONGEST_SENTENCE):
            yield tuple(sentence)
            sentence = []


@functools.cache
def _load_risk_signs() -> _RiskSigns:
    read = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    words, harmless = _as_choices(read["words"]), read["harmless"]["phrases"].strip().splitlines()
    ways = compile_concepts({**words, **read["ways"]})
    signs = [
        (CallRisk(risk), pattern)
        for risk, patterns in read["signs"].items()
        for pattern in patterns.strip().splitlines()
    ]
    patterns = [*read["ways"].values(), *harmless, *(pattern for _, pattern in signs)]
    literal = {word for pattern in patterns for word in words_of_pattern(pattern)}
    listed = {word for choices in words.values() for word in words_of_pattern(choices)}
    compiled = tuple((risk, compile_sign(_each_as_a_choice(it), ways)) for risk, it in signs)
    return _RiskSigns(
        normalization.build_vocabulary(
            (word for word in listed if len(word) >= SHORTEST_SLIP),
            [*listed, *literal, *read["slips"]["known"].split()],
        ),
        frozenset(word for word in literal if word.endswith("*")),
        tuple(compile_part(f"( {phrase} )", ways) for phrase in harmless),
        compiled,
        PatternIndex(pattern.one_of for _, pattern in compiled),
    )


def _each_as_a_choice(pattern: str) -> str:
    return " + ".join(f"( {part} )" for part in pattern.split(" + "))


def _as_choices(words: Mapping[str, str]) -> dict[str, str]:
    """Return lists of words as choices, those of people and places with an s too."""
    whose = {
        f"whose_{name}": " ".join(f"{word}s" for word in words[name].split())
        for name in HAVE_PHONES
    }
    return {name: " | ".join(listed.split()) for name, listed in {**words, **whose}.items()}
