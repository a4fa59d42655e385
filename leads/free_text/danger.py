"""Danger: words that say a life or somebody's safety may be at risk, by kind.

Words that look like it and are harmless (figures of speech, denials, what is past and over) are
masked, and what is left is read for signs. The signs are data: danger.toml. They decide nothing:
they put a person's callback first and the right help before an advisor; their absence means
nothing.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from leads.free_text import normalization
from leads.free_text.sign_patterns import (
    PatternIndex,
    PatternPart,
    SignPattern,
    compile_concepts,
    compile_sign,
    words_and_beginnings,
    words_of_pattern,
)

WINDOW, OVERLAP = 120, 40  # words that are read together, and again with the next ones
LONGEST_START, LONGEST_END = 1500, 500  # words that are read of a longer text
_TURN = re.compile(
    r"(?<= )(?=(?:but|pero|however|now|ahora|aunque|although|today|hoy) )"
    r"|(?<= )(?=(?:,|and|y|so) (?:i|he|she|they) (?:am|is|are|wants?|will|cannot|do|does|feels?) )"
    r"|(?<= )(?=(?:,|y) (?:ya |no |me |se )*(?:quier[oe]|voy|va|estoy|esta|sient[oe]|respira) )"
)
"""Where a sentence goes over to what is now."""
_SENTENCE = re.compile(r"[^.?]*(?:[.?] |$)")


class DangerKind(StrEnum):
    """The kinds of danger, the first to be told first."""

    NOW = "now"  # 911: overdose, not breathing, cannot be woken, seizure, swallowed, bleeding
    SELF = "self"  # 988: wish to die, plan, means, goodbye, self-harm, attempt
    HARM = "harm"  # violence or a threat: a person decides how to reach them
    WITHDRAWAL = "withdrawal"  # the withdrawals that kill: medical care today
    UNSPECIFIED = "unspecified"  # noticed before the kinds were told apart


@dataclass(frozen=True)
class _Sign:
    kind: DangerKind
    pattern: SignPattern
    unless: PatternPart | None
    is_poison: bool


@dataclass(frozen=True)
class _Signs:
    signs: tuple[_Sign, ...]
    sign_index: PatternIndex
    bare_signs: tuple[_Sign, ...]
    """The signs that are looked for in what is masked too."""
    bare_index: PatternIndex
    harmless: tuple[PatternPart, ...]
    harmless_index: PatternIndex
    past: PatternPart
    present: PatternPart
    again: PatternPart
    vocabulary: normalization.Vocabulary
    stems: frozenset[str]

    def meant_word(self, word: str) -> str:
        """Return the word that was meant, which is itself where a pattern knows its beginning."""
        if self.stems.isdisjoint(words_and_beginnings((word,))):
            return self.vocabulary.correct_slip(word)
        return word


def read_danger(text: str) -> DangerKind | None:
    """Return the danger that a text speaks of, 911 before 988 where two fit, or None."""
    return first_danger(all_dangers(text))


def all_dangers(text: str) -> tuple[DangerKind, ...]:
    """Return every kind of danger that a text speaks of, the first to be told first."""
    kinds = set[DangerKind]()
    for sign in _signs_in(text, lambda sign: sign.kind not in kinds):
        kinds.add(sign.kind)
    return tuple(kind for kind in DangerKind if kind in kinds)


def first_danger(kinds: Iterable[DangerKind | None]) -> DangerKind | None:
    """Return the kind that is to be told first, or None where there is none."""
    present = set(kinds)
    return next((kind for kind in DangerKind if kind in present), None)


def speaks_of_poison(text: str) -> bool:
    """Whether a text says that something was swallowed or taken: Poison Help is shown."""
    return any(_signs_in(text, lambda sign: sign.is_poison))


def compile_all_signs() -> None:
    """Make every expression now that is otherwise made when a text first may need it."""
    known = _load_signs()
    parts = [part for sign in known.signs for part in (*sign.pattern.parts, sign.unless) if part]
    for part in (*parts, *known.harmless, known.past, known.present, known.again):
        part.compile_expression()


def _signs_in(text: str, is_wanted: Callable[[_Sign], bool]) -> Iterator[_Sign]:
    known = _load_signs()
    words = [
        known.meant_word(word) for word in _beginning_and_end(normalization.canonical_words(text))
    ]
    seen: set[str] = set()
    for start in range(0, max(len(words) - OVERLAP, 1), WINDOW - OVERLAP):
        window = " ".join(words[start : start + WINDOW])
        if window not in seen:
            seen.add(window)
            yield from _signs_in_window(f" . {window} . ", known, is_wanted)


def _beginning_and_end(words: tuple[str, ...]) -> tuple[str, ...]:
    if len(words) <= LONGEST_START + LONGEST_END:
        return words
    return (*words[:LONGEST_START], normalization.SENTENCE_END, *words[-LONGEST_END:])


def _signs_in_window(
    window: str, known: _Signs, is_wanted: Callable[[_Sign], bool]
) -> Iterator[_Sign]:
    current = _without_past(window, known)
    masked = _mask_harmless(current, known)
    yield from _signs_of(known.signs, known.sign_index, masked, is_wanted)
    if masked != current:
        yield from _signs_of(known.bare_signs, known.bare_index, current, is_wanted)


def _signs_of(
    signs: tuple[_Sign, ...], index: PatternIndex, text: str, is_wanted: Callable[[_Sign], bool]
) -> Iterator[_Sign]:
    words = words_and_beginnings(tuple(text.split()))
    for place in index.places_in(words):
        sign = signs[place]
        if not is_wanted(sign) or not sign.pattern.is_in(text, words):
            continue
        if not (sign.unless and sign.unless.is_in(text, words)):
            yield sign


def _mask_harmless(window: str, known: _Signs) -> str:
    words = words_and_beginnings(tuple(window.split()))
    for place in known.harmless_index.places_in(words):
        figure = known.harmless[place]
        if figure.may_be_in(words):
            window = figure.expression.sub("_ ", window)
    return window


def _without_past(window: str, known: _Signs) -> str:
    """Return a text without what it says of times that are over."""
    if not known.past.is_in(window, words_and_beginnings(tuple(window.split()))):
        return window
    kept = []
    for sentence in _SENTENCE.findall(window):
        comes_again = known.again.is_in(
            f" {sentence}", words_and_beginnings(tuple(sentence.split()))
        )
        for clause in _TURN.split(sentence):
            words = words_and_beginnings(tuple(clause.split()))
            text = f" {clause}"
            is_over = known.past.is_in(text, words) and not known.present.is_in(text, words)
            kept.append("_ . " if is_over and not comes_again else clause)
    return " " + "".join(kept).lstrip()


@functools.cache
def _load_signs() -> _Signs:
    read = tomllib.loads(Path(__file__).with_name("danger.toml").read_text("utf-8"))
    concepts = compile_concepts(read["concepts"])
    harmless = [*read["harmless"]["denials"], *read["harmless"]["figures"]]
    patterns = [pattern for group in read["signs"] for pattern in group["patterns"]]
    words = {
        word
        for pattern in (*read["concepts"].values(), *harmless, *patterns)
        for word in words_of_pattern(pattern)
    }

    def compile_one(pattern: str) -> PatternPart:
        return compile_sign(pattern, concepts).parts[0]

    def compile_group(group: Mapping[str, Any]) -> tuple[_Sign, ...]:
        unless = compile_one(group["unless"]) if "unless" in group else None
        return tuple(
            _Sign(
                DangerKind(group["kind"]),
                compile_sign(pattern, concepts),
                unless,
                group.get("poison", False),
            )
            for pattern in group["patterns"]
        )

    signs, bare_signs = list[_Sign](), list[_Sign]()
    for group in read["signs"]:
        compiled = compile_group(group)
        signs += compiled
        bare_signs += compiled if group.get("reads_masked", False) else ()
    masked = tuple(map(compile_one, harmless))
    return _Signs(
        tuple(signs),
        PatternIndex(sign.pattern.one_of for sign in signs),
        tuple(bare_signs),
        PatternIndex(sign.pattern.one_of for sign in bare_signs),
        masked,
        PatternIndex(phrase.one_of for phrase in masked),
        compile_one("{past}"),
        compile_one("{present}"),
        compile_one("{again}"),
        normalization.build_vocabulary(
            read["slips"]["meant"].split(), words.union(read["slips"]["known"].split())
        ),
        frozenset(word for word in words if word.endswith("*")),
    )
