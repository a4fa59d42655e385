"""Translatable texts: sentences that a screen can say in its reader's language.

English stands in the code, the other languages in catalogs beside it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from babel.messages import pofile

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


def join_sentences(first: str, *more: str) -> str:
    """Return the sentences one after the other, as a text that can still be translated."""
    return Phrase("{first} {more}", first=first, more=join_sentences(*more)) if more else first


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
