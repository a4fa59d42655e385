"""The languages of our public pages, and the texts that the pages say in each."""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from babel import Locale, localedata

from leads.i18n.translatable import LanguageName, Phrase, capitalize_first

PAGES = Path(__file__).parent.parent / "pages"
LANGUAGES = {"en": Phrase("English"), "es": Phrase("Spanish")}
"""The languages of the pages, as advisors call them. Each has a file of texts beside the pages."""

NATIVE_LANGUAGE_NAMES = {"en": "English", "es": "Español"}
"""The languages of the pages, as those who speak them call them."""

FOR_WHOM_LABELS = {
    "self": Phrase("For themselves"),
    "loved_one": Phrase("For someone they love"),
    "professional": Phrase("A professional"),
}
"""For whom people ask, as advisors call it."""

SPOKEN_LANGUAGES: Mapping[str, Phrase] = {
    code: LanguageName(code)
    for code in (
        "en", "es", "ar", "fa", "fr", "ht", "hi", "hmn", "ko", "ne", "pl", "pt", "ru", "so",
        "sw", "tl", "uk", "ur", "vi", "yue", "zh",
    )
}  # fmt: skip
"""The languages in which advisors talk to people, as advisors call them."""

GENDER_LABELS: Mapping[str, Phrase] = {"woman": Phrase("a woman"), "man": Phrase("a man")}
"""Whom people may wish to talk to, as advisors call it."""

LANGUAGE_ALIASES = {"creole": "ht", "kreyol": "ht", "mandarin": "zh", "farsi": "fa"}
"""What people call a language besides its names in ours and its own."""

DEFAULT_LANGUAGE = "en"  # what helplines and browsers say when nobody chose anything
ACCEPT_LANGUAGE_ITEM = re.compile(r"([a-z]+)[a-z0-9-]*\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*(?:,|$)")


@functools.cache
def page_texts(language: str) -> dict[str, Any]:
    """Return every text in one of our languages."""
    return tomllib.loads((PAGES / f"{language}.toml").read_text("utf-8"))


def native_language_name(code: str) -> str:
    """Return what those who speak a language call it, or its English name.

    What is no language of ours is called as it was written.
    """
    if code not in SPOKEN_LANGUAGES:
        return code
    reader = Locale(code if localedata.exists(code) else DEFAULT_LANGUAGE)
    name = str(reader.languages.get(code, code))
    return capitalize_first(name)


def default_consent_text(language: str, *, brand: str) -> str:
    """Return the wording of consent for a helpline that has none of its own."""
    return str(page_texts(language)["consent"]).format(brand=brand)


def supported_language(tag: str) -> str:
    """Return which of our languages a tag such as `es-MX` names, or nothing."""
    language = re.split("[-_]", tag.strip().lower())[0]
    return language if language in LANGUAGES else ""


def find_named_language(word: str) -> str:
    """Return the code of the spoken language that a word names in any of ours or its own.

    A tag is no name: "hi" is how people greet. Empty for what is none of them.
    """
    return _spoken_language_names().get(_plain_language_name(word), "")


def find_spoken_language(text: str) -> str:
    """Return the code of the spoken language that a tag or a name in any of ours or its own is.

    Empty for what is none of them.
    """
    return _spoken_language_names().get(_plain_language_name(text)) or _spoken_language_of_tag(text)


def choose_visitor_language(asked: str, *, locale: str = "", accepted: str = "") -> str:
    """Return the language of a page for a visitor.

    It is the one asked for, else the helpline's, else the browser's. English counts only when it
    was asked for or nothing else was named: it is what a helpline's locale and many people's
    browsers say because nobody ever changed it, and Spanish is there because somebody did.
    """
    named = (supported_language(locale), _preferred_language(accepted))
    return supported_language(asked) or next(
        (language for language in named if language not in ("", DEFAULT_LANGUAGE)), DEFAULT_LANGUAGE
    )


def _preferred_language(accepted: str) -> str:
    """Return the first of our languages in an Accept-Language header, by weight, then by place."""
    wishes = [
        (supported_language(tag), float(weight or 1))
        for tag, weight in ACCEPT_LANGUAGE_ITEM.findall(accepted.lower())
    ]
    ours = [wish for wish in wishes if wish[0] and wish[1]]
    return max(ours, key=lambda wish: wish[1])[0] if ours else ""


def _spoken_language_of_tag(tag: str) -> str:
    code = re.split("[-_]", tag.strip().lower())[0]
    return code if code in SPOKEN_LANGUAGES else ""


@functools.cache
def _spoken_language_names() -> dict[str, str]:
    names = dict(LANGUAGE_ALIASES)
    for code in SPOKEN_LANGUAGES:
        readers = (*LANGUAGES, *((code,) if localedata.exists(code) else ()))
        for reader in readers:
            names[_plain_language_name(Locale(reader).languages.get(code, code))] = code
    return names


def _plain_language_name(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
