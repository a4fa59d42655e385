"""Telling words: what tells somebody else why a person is texted or called. Pure."""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from pathlib import Path


def find_telling_word(text: str) -> str:
    """Return the first word of a text that tells what somebody asked for; empty for none."""
    words = re.findall(r"\w+", unicodedata.normalize("NFC", text))
    plain = [_without_accents(word) for word in words]
    for place in range(len(words)):
        rest = " ".join(plain[place:])
        for beginning in _load_beginnings():
            if rest.startswith(beginning):
                return " ".join(words[place : place + len(beginning.split())])
    return ""


def _without_accents(word: str) -> str:
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


@functools.cache
def _load_beginnings() -> tuple[str, ...]:
    path = Path(__file__).with_suffix(".toml")
    return tuple(tomllib.loads(path.read_text("utf-8"))["never"]["words"])
