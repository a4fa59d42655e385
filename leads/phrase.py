"""Sentences that can be said in another language: English in the code, the others in catalogues beside it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from babel.messages import pofile

CATALOGUES = Path(__file__).parent / "catalogues"


class Phrase(str):
    """A text in English that remembers what it was made of, so that a screen can say it in the reader's language.

    `Phrase("{name} took it.", name="Ana")` is the text "Ana took it." to whoever wants a text: a log, a test, an
    error's `str`. Values may be phrases themselves. The first argument is a constant: catalogues are made from it.
    """

    __slots__ = ("template", "values")
    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, **values: Any) -> Self:
        """Make a text out of a template; without values it is the text, braces and all."""
        self = super().__new__(cls, template.format(**values) if values else template)
        self.template, self.values = template, values
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        """Let copies remember too."""
        return (self.template,), self.values


def counted(count: int, one: str, many: str, **values: Any) -> Phrase:
    """Return the phrase for one of something, or for any other number, which it calls `{count}`."""
    return Phrase(one if count == 1 else many, count=count, **values)


def say(language: str, text: str, /, **values: Any) -> str:
    """Return a text in one of our languages; what no catalogue knows stays as it is."""
    phrase = text if isinstance(text, Phrase) else Phrase(text, **values)
    template = _catalogue(language).get(phrase.template, phrase.template)
    if not phrase.values:
        return template
    said = {name: say(language, value) if isinstance(value, Phrase) else value for name, value in phrase.values.items()}
    return template.format(**said)


@functools.cache
def _catalogue(language: str) -> dict[str, str]:
    """Return English templates with what they are in another language; both forms of what is counted."""
    path = CATALOGUES / f"{language}.po"
    if not path.exists():  # English is in the code
        return {}
    with path.open("rb") as file:
        entries = [entry for entry in pofile.read_po(file) if entry.id and not entry.fuzzy]
    forms = [pair for entry in entries for pair in zip(_forms(entry.id), _forms(entry.string), strict=True)]
    return {english: other for english, other in forms if other}


def _forms(said: str | Sequence[str] | None) -> Sequence[str]:
    return (said or "",) if isinstance(said, str | None) else said
