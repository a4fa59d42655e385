"""Translatable texts: sentences that a screen can say in its reader's language.

English stands in the code, the other languages in catalogs beside it.
"""

from __future__ import annotations

import functools
import re
import string
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from babel.messages import pofile

SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+")
FEWEST_LETTERS = 15  # "{name} · {number}" fits everything
CATALOGUES = Path(__file__).parent / "catalogues"


class Phrase(str):
    """An English text that remembers its template and values, so that a screen can translate it.

    `Phrase("{name} took it.", name="Ana")` is the text "Ana took it." to whoever wants a text: a
    log, a test, an error's `str`. Values may be phrases themselves. The first argument is a
    constant: catalogs are made from it.
    """

    __slots__ = ("template", "values")
    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, **values: Any) -> Self:
        """Make a phrase of a template; without values its text is the template, braces and all."""
        self = super().__new__(cls, template.format(**values) if values else template)
        self.template, self.values = template, values
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        """Return the arguments by which a copy remembers template and values, too."""
        return (self.template,), self.values


def plural_phrase(count: int, one: str, many: str, **values: Any) -> Phrase:
    """Return the phrase for one of something, or for any other `{count}` of it."""
    return Phrase(one if count == 1 else many, count=count, **values)


def translate(language: str, text: str, /, **values: Any) -> str:
    """Return a text in one of our languages; a text that no catalog knows stays as it is.

    Values fill what a text, or a phrase that was made without them, has in braces.
    """
    template = text.template if isinstance(text, Phrase) else text
    phrase = text if isinstance(text, Phrase) and not values else Phrase(template, **values)
    template = _load_catalog(language).get(phrase.template, phrase.template)
    if not phrase.values:
        return template
    said = {
        name: translate(language, value) if isinstance(value, Phrase) else value
        for name, value in phrase.values.items()
    }
    return template.format(**said)


def split_sentences(text: str) -> list[str]:
    """Return the sentences that a text consists of."""
    return [one for one in SENTENCE_ENDS.split(text.strip()) if one]


def join_sentences(first: str, *more: str) -> str:
    """Return the sentences one after the other, as a text that can still be translated."""
    return Phrase("{first} {more}", first=first, more=join_sentences(*more)) if more else first


@functools.lru_cache(maxsize=1024)
def parse_stored_phrase(text: str) -> str:
    """Return the phrase that a stored text was made of, sentence by sentence.

    A sentence that is none of ours stays as it is.
    """
    whole = _parse_whole_text(text)
    parts = split_sentences(text)
    if isinstance(whole, Phrase) or len(parts) < 2:  # noqa: PLR2004 - one is the whole
        return whole
    for count in range(len(parts) - 1, 0, -1):  # some phrases are longer than a sentence
        head = _parse_whole_text(" ".join(parts[:count]))
        if isinstance(head, Phrase):
            return join_sentences(head, parse_stored_phrase(" ".join(parts[count:])))
    rest = parse_stored_phrase(" ".join(parts[1:]))
    return join_sentences(parts[0], rest) if isinstance(rest, Phrase) else text


def _parse_whole_text(text: str) -> str:
    if text in _catalog_templates():
        return Phrase(text)
    for template, pattern in _recognizable_templates():
        if found := pattern.fullmatch(text):
            return Phrase(
                template,
                **{name: parse_stored_phrase(value) for name, value in found.groupdict().items()},
            )
    return text


@functools.cache
def _recognizable_templates() -> list[tuple[str, re.Pattern[str]]]:
    """Return the catalogs' templates that have values, with patterns that recognize their texts.

    Those with too few words to be recognized by are left out; the one with the most letters comes
    first.
    """
    parts = {
        template: list(string.Formatter().parse(template))
        for template in _catalog_templates()
        if "{" in template
    }
    words = {template: sum(len(text) for text, *_ in found) for template, found in parts.items()}
    telling = sorted(
        (one for one in parts if words[one] >= FEWEST_LETTERS), key=lambda one: -words[one]
    )
    return [
        (template, re.compile(_template_pattern(parts[template]), re.DOTALL))
        for template in telling
    ]


@functools.cache
def _catalog_templates() -> frozenset[str]:
    return frozenset(
        template for path in CATALOGUES.glob("*.po") for template in _load_catalog(path.stem)
    )


def _template_pattern(parts: list[Any]) -> str:
    seen: set[str] = set()
    pattern = ""
    for text, name, *_ in parts:
        pattern += re.escape(text)
        if name:
            pattern += f"(?P={name})" if name in seen else f"(?P<{name}>.+)"
            seen.add(name)
    return pattern


@functools.cache
def _load_catalog(language: str) -> dict[str, str]:
    """Return a language's catalog: English templates with their translations.

    Both forms of what is counted are in it.
    """
    path = CATALOGUES / f"{language}.po"
    if not path.exists():  # English is in the code
        return {}
    with path.open("rb") as file:
        entries = [entry for entry in pofile.read_po(file) if entry.id and not entry.fuzzy]
    forms = [
        pair
        for entry in entries
        for pair in zip(_plural_forms(entry.id), _plural_forms(entry.string), strict=True)
    ]
    return {english: other for english, other in forms if other}


def _plural_forms(said: str | Sequence[str] | None) -> Sequence[str]:
    return (said or "",) if isinstance(said, str | None) else said
