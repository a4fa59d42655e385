"""Normalization: one spelling for what people type on a phone, in English and Spanish.

A text becomes words in lower case without accents, apostrophes, abbreviations and contractions
(`cant` and `kant` are `cannot`, `xq` is `porque`), emoji, and the marks `.`, `?` and
`,` where a sentence or clause ends. The cost grows with the length of a text, up to a bound.
"""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

LONGEST_START, LONGEST_END = 15_000, 5_000
"""Characters that are read of a longer text: whoever needs more begins and ends with it."""
LONGEST_WORD = 40  # letters; what is longer is no word
SHORTEST_SLIP = 5  # letters of a word in which a slip of the finger is seen
SENTENCE_END, QUESTION, PAUSE = ".", "?", ","

_APOSTROPHE = re.compile(r"[\u2018\u2019\u201b\u02bc\u00b4`\u2032]")
_SPACED_OUT = re.compile(r"(?<!\w)[^\W\d_](?:[ ._*-][^\W\d_]){2,}(?!\w)")
_PHONE_SHORTHAND = frozenset("qxk")  # `x q a` is three abbreviations, `s t o p` one word
_TOKEN = re.compile(
    r"w/(?:o(?:ut)?)?(?!\w)|"
    r"[^\W_]+(?:'[^\W_]+)*|[?]|[.!;:\n\u2026\u00a1\u00bf]+|,|[^\w\s]",
    re.IGNORECASE,
)
_THOUSANDS = re.compile(r"(?<=\d)[,.](?=\d{3}(?!\d))")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_LETTERS_FOR_DIGITS = str.maketrans("01345", "oieas")
_DIGIT_AMONG_LETTERS = re.compile(
    r"(?<=[a-z])[01345]+(?=[a-z])|(?<![^\W_])0(?=[a-z]{2})|(?<=[a-z])0(?![^\W_])"
)
_INVISIBLE = frozenset({"Mn", "Me", "Cf", "Sk"})


@functools.lru_cache(maxsize=4)  # one message is asked for danger, risks and wishes in a row
def canonical_words(text: str) -> tuple[str, ...]:
    """Return the words, emoji and marks of a text, in one spelling."""
    return tuple(_each_word(_plain_letters(_bounded(text))))


@dataclass(frozen=True)
class Vocabulary:
    """Words that somebody may have meant, and how they are found from what was typed."""

    words: frozenset[str]
    by_sound: Mapping[str, str]
    by_rest: Mapping[str, tuple[str, ...]]

    def correct_slip(self, word: str) -> str:
        """Return the word of the vocabulary that was meant: by sound, or but for one slip.

        One letter too many, too few, other or exchanged with the next, and never the first.
        """
        if word in self.words or not word.isalpha() or len(word) > LONGEST_WORD:
            return word
        if len(word) >= SHORTEST_SLIP - 1 and (same_sound := self.by_sound.get(_sound(word))):
            return same_sound
        if len(word) < SHORTEST_SLIP:
            return word
        for rest in (word, *_rests(word)):
            for meant in self.by_rest.get(rest, ()):
                if _is_one_slip(word, meant):
                    return meant
        return word


def build_vocabulary(meant: Iterable[str], known: Iterable[str] = ()) -> Vocabulary:
    """Return a vocabulary of words that may be meant; other known words are no slips of them."""
    targets = sorted(set(meant))
    by_rest: dict[str, tuple[str, ...]] = {}
    for word in targets:
        if len(word) >= SHORTEST_SLIP:
            for rest in {word, *_rests(word)}:
                by_rest[rest] = (*by_rest.get(rest, ()), word)
    by_sound = {_sound(word): word for word in reversed(targets) if len(word) >= SHORTEST_SLIP - 1}
    return Vocabulary(frozenset(targets).union(known), by_sound, by_rest)


def spelled_length(text: str) -> int:
    """Return of how many characters a text is with its accents and ligatures taken apart."""
    return len(text) if text.isascii() else len(unicodedata.normalize("NFKD", text))


def _bounded(text: str) -> str:
    if len(text) <= LONGEST_START + LONGEST_END:
        return text
    return f"{text[:LONGEST_START]}\n{text[-LONGEST_END:]}"


def _plain_letters(text: str) -> str:
    plain = _APOSTROPHE.sub("'", text)
    if not plain.isascii():
        plain = "".join(
            c
            for c in _bounded(unicodedata.normalize("NFKD", plain))
            if unicodedata.category(c) not in _INVISIBLE
        )
    return _SPACED_OUT.sub(_join_spaced_out, _THOUSANDS.sub("", plain.lower()))


def _join_spaced_out(match: re.Match[str]) -> str:
    letters = re.sub(r"[\W_]", "", match.group())
    is_shorthand = len(letters) < len("stop") and not _PHONE_SHORTHAND.isdisjoint(letters)
    return match.group() if is_shorthand else letters


def _each_word(plain: str) -> Iterator[str]:
    previous = ""
    for token in _TOKEN.findall(plain):
        words = _spell(token, previous)
        yield from words
        previous = words[-1] if words else previous


def _spell(token: str, previous: str) -> tuple[str, ...]:
    first = token[0]
    if first in ",?":
        return (token,)
    if first in ".!;:\n\u2026\u00a1\u00bf":
        return (SENTENCE_END,)
    if not first.isalnum():
        return (token,) if unicodedata.category(first) == "So" else ()
    if token == "ill" and previous in _spellings().sick_before:  # noqa: S105 - a word
        return (token,)
    return _spell_word(token[:LONGEST_WORD])


def with_letters_for_digits(text: str) -> str:
    """Return a text in lower case with the letters that its digits look like: "0ut" is out."""
    return _DIGIT_AMONG_LETTERS.sub(
        lambda digits: digits.group().translate(_LETTERS_FOR_DIGITS), text
    )


@functools.lru_cache(maxsize=8192)
def _spell_word(word: str) -> tuple[str, ...]:
    long_forms = _spellings().long_forms
    for spelling in (word, _REPEATED.sub(r"\1", word)):
        if spelling in long_forms:
            return long_forms[spelling]
    bare = _REPEATED.sub(r"\1", word).replace("'", "")
    lettered = with_letters_for_digits(bare)
    return long_forms.get(lettered, (lettered,))


@dataclass(frozen=True)
class _Spellings:
    long_forms: Mapping[str, tuple[str, ...]]
    sick_before: frozenset[str]


@functools.cache
def _spellings() -> _Spellings:
    read = tomllib.loads(Path(__file__).with_name("spellings.toml").read_text("utf-8"))
    long_forms = {
        short: tuple(long.split())
        for table in ("contractions", "english", "spanish")
        for long, shorts in read[table].items()
        for short in shorts.split()
    }
    bare = {short.replace("'", ""): long for short, long in long_forms.items()}
    for word in read["other_words"].split():
        bare.pop(word, None)
    return _Spellings(bare | long_forms, frozenset(read["sick_before"].split()))


_SOUNDS = (
    (re.compile(r"h(?!$)(?<![cs]h)"), ""),
    (re.compile(r"v"), "b"),
    (re.compile(r"sc(?=[ei])|c(?=[ei])|z|x"), "s"),
    (re.compile(r"qu(?=[ei])|q|c(?!h)"), "k"),
    (re.compile(r"ll"), "y"),
    (re.compile(r"g(?=[ei])"), "j"),
    (re.compile(r"m(?=[bpn])"), "n"),
    (re.compile(r"(.)\1"), r"\1"),
)


@functools.lru_cache(maxsize=8192)
def _sound(word: str) -> str:
    """Return a word as a Spanish ear would write it: `inconsiente` is `inconsciente`."""
    for letters, sound in _SOUNDS:
        word = letters.sub(sound, word)
    return word


def _rests(word: str) -> list[str]:
    return [word[:at] + word[at + 1 :] for at in range(1, len(word))]


def _is_one_slip(word: str, meant: str) -> bool:
    if word[0] != meant[0]:
        return False
    if len(word) != len(meant):
        return abs(len(word) - len(meant)) == 1
    unlike = [at for at, (one, other) in enumerate(zip(word, meant, strict=True)) if one != other]
    if len(unlike) == 1:
        return True
    return (
        len(unlike) == len("ab")
        and unlike[1] - unlike[0] == 1
        and word[unlike[0]] == meant[unlike[1]]
        and word[unlike[1]] == meant[unlike[0]]
    )
