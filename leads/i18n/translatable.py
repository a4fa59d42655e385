"""Translatable texts: sentences that a screen can say in its reader's language.

English stands in the code, the other languages in catalogs beside it.
"""

from __future__ import annotations

import functools
import gettext
import re
import string
from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from typing import Any, Self

from babel import Locale
from babel.messages import pofile
from babel.messages.catalog import Catalog

from leads.i18n import readable_times
from leads.i18n.readable_times import SPANISH_FORMS, ReadableTime

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


class CodedName(Phrase):
    """What a code stands for, as readers of each language call or write it.

    What is no code of the kind stands for itself.
    """

    __slots__ = ("code",)
    code: str

    def __new__(cls, code: str) -> Self:
        """Make the name of a code, or of what another one is the name of."""
        letters = code.code if isinstance(code, CodedName) else code
        self = super().__new__(cls, cls.name_code("en", letters))
        self.code = letters
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        """Let copies remember the code."""
        return (self.code,), {}

    @staticmethod
    def name_code(language: str, code: str) -> str:
        """Return what a code stands for, to readers of a language."""
        raise NotImplementedError


class CountryName(CodedName):
    """The name of a country, known by its two letters (ISO 3166)."""

    __slots__ = ()

    @staticmethod
    def name_code(language: str, code: str) -> str:
        """Return the country's name in a language."""
        return str(Locale(language).territories.get(code, code))


class LanguageName(CodedName):
    """The name of a language, known by its code (ISO 639)."""

    __slots__ = ()

    @staticmethod
    def name_code(language: str, code: str) -> str:
        """Return the language's name in another one."""
        return str(Locale(language).languages.get(code, code))


class NamedDay(CodedName):
    """A day near today, known by its date (ISO 8601)."""

    __slots__ = ()

    @staticmethod
    def name_code(language: str, code: str) -> str:
        """Return the day as readers of a language write it."""
        try:
            return readable_times.format_day(date.fromisoformat(code), language=language)
        except ValueError:
            return code


class NamedTimeOfDay(CodedName):
    """A time on the clock, known by its 24 hours, as 18:00."""

    __slots__ = ()

    @staticmethod
    def name_code(language: str, code: str) -> str:
        """Return the time as readers of a language write it."""
        try:
            return readable_times.format_time_of_day(time.fromisoformat(code), language=language)
        except ValueError:
            return code


class NamedZone(CodedName):
    """A time zone, known by its name in the database of zones."""

    __slots__ = ()

    @staticmethod
    def name_code(language: str, code: str) -> str:
        """Return the city that the zone is named after, as readers of a language call it."""
        try:
            return readable_times.name_zone_city(code, language=language)
        except (LookupError, ValueError):
            return code


class OwnLabel(Phrase):
    """A label that a helpline wrote itself, in English, in Spanish or in both.

    Who reads the other language sees the one that there is.
    """

    __slots__ = ("english", "spanish")
    english: str
    spanish: str

    def __new__(cls, english: str, *, spanish: str = "") -> Self:
        """Make a label; braces in it stand for themselves."""
        self = super().__new__(cls, english or spanish)
        self.english, self.spanish = english, spanish
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        """Let copies remember both."""
        return (self.english,), {"spanish": self.spanish}


def plural_phrase(count: int, one: str, many: str, **values: Any) -> Phrase:
    """Return the phrase for one of something, or for any other `{count}` of it."""
    return Phrase(one if count == 1 else many, count=count, **values)


def translate(language: str, text: str, /, **values: Any) -> str:
    """Return a text in one of our languages; a text that no catalog knows stays as it is.

    Values fill what a text, or a phrase that was made without them, has in braces.
    """
    template = text.template if isinstance(text, Phrase) else text
    phrase = text if isinstance(text, Phrase) and not values else Phrase(template, **values)
    if isinstance(text, CodedName):
        return text.name_code(language, text.code)
    if isinstance(text, OwnLabel):
        return (text.spanish if language == "es" else text.english) or str(text)
    known = _load_catalog(language).get(phrase.template, phrase.template)
    template = known if isinstance(known, str) else _plural_form(language, known, phrase)
    if not phrase.values:
        return template
    said = {
        name: translate(language, value) if isinstance(value, Phrase) else value
        for name, value in phrase.values.items()
    }
    if language == "es":
        template = _contract_articles(template, phrase.values, said)
    text_said = _SentenceFormatter().vformat(template, (), said)
    for value in said.values():
        end = value.clock if isinstance(value, ReadableTime) else str(value)
        if end.endswith("."):  # "10:11 a.m." ends its sentence, too
            text_said = text_said.replace(f"{end}.", end)
    return text_said


def capitalize_first(words: str) -> str:
    """Return words of the middle of a sentence as those at its beginning."""
    return words[:1].upper() + words[1:]


def list_phrases(first: str, *more: str) -> str:
    """Return words one after the other with commas, as a text that can still be translated."""
    return Phrase("{first}, {more}", first=first, more=list_phrases(*more)) if more else first


def join_sentences(first: str, *more: str) -> str:
    """Return the sentences one after the other, as a text that can still be translated."""
    return Phrase("{first} {more}", first=first, more=join_sentences(*more)) if more else first


def _contract_articles(template: str, values: dict[str, Any], said: dict[str, Any]) -> str:
    """Return a Spanish sentence that says "del" and "al" before words of ours that begin with "el".

    Takes the article from these words. What people wrote is never touched.
    """
    for name, words in said.items():
        if isinstance(values[name], Phrase) and str(words).startswith("el "):
            template, joints = re.subn(rf"\b(de|a) \{{{name}\}}", rf"\1l {{{name}}}", template)
            if joints:
                said[name] = str(words).removeprefix("el ")
    return template


class _SentenceFormatter(string.Formatter):
    """What fills a sentence: "{time:a las}" of a Spanish one with "a la 1:00 p.m."."""

    def format_field(self, value: Any, format_spec: str) -> Any:
        """Return a value as the sentence asks for it; what is no time stays as it is."""
        for form in SPANISH_FORMS:
            if format_spec == form:
                return value.in_spanish(form) if isinstance(value, ReadableTime) else str(value)
        return super().format_field(value, format_spec)


@functools.cache
def _load_catalog(language: str) -> dict[str, str | tuple[str, ...]]:
    """Return a language's catalog: English templates with their translations.

    Both forms of what is counted are in it, each with as many forms as that language has.
    """
    path = CATALOGUES / f"{language}.po"
    if not path.exists():  # English is in the code
        return {}
    with path.open("rb") as file:
        entries: list[Any] = [entry for entry in pofile.read_po(file, language) if not entry.fuzzy]
    return {
        english: entry.string
        for entry in entries
        for english in (entry.id if entry.pluralizable else (entry.id,))
        if english and entry.string and all(entry.string)
    }


def _plural_form(language: str, forms: tuple[str, ...], phrase: Phrase) -> str:
    """Return the form that a phrase's count takes, the last one for what is no number."""
    count = phrase.values.get("count")
    return forms[_plural_rule(language)(count) if isinstance(count, int) else -1]


@functools.cache
def _plural_rule(language: str) -> Callable[[int], int]:
    """Return what says which of a language's plural forms a count takes, as gettext counts them."""
    return gettext.c2py(Catalog(locale=language).plural_expr)
