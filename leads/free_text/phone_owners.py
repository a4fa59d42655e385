"""Phone owners: whose phone a sentence says it is, in English and Spanish. Pure."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from leads.free_text.refusals import plain_clauses

NAMES_A_PHONE = re.compile(r"phone|cel|mobile|number|line|tel|n[uú]mero|m[oó]vil", re.IGNORECASE)
SOMEBODY_ELSE = "somebody else"
"""Whose it is where the sentence names nobody: "este es su número"."""
MACRO = re.compile(r"\{([a-z]+)\}")


def find_stated_owners(text: str) -> Iterator[str]:
    """Yield the words in which a text says whose phone it is, in lower case without accents."""
    if not NAMES_A_PHONE.search(text):
        return
    said = plain_clauses(text)
    for pattern in _patterns():
        matches = (match.groupdict() for match in pattern.finditer(said))
        yield from (named.get("whose", SOMEBODY_ELSE) for named in matches)


@functools.cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    listed = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    sentences = (pattern for language in listed["sentences"].values() for pattern in language)
    expanded = (_expand_macros(pattern, listed["words"]) for pattern in sentences)
    return tuple(re.compile(rf"(?<!\w)(?:{pattern})") for pattern in expanded)


def _expand_macros(pattern: str, words: Mapping[str, str]) -> str:
    """Put the lists of words, which may name each other, in the place of their names."""
    while MACRO.search(pattern):
        pattern = MACRO.sub(lambda name: words[name[1]], pattern)
    return pattern
