"""The countries of the world by their names in English and Spanish."""

from __future__ import annotations

import functools
import unicodedata

from babel import Locale

NAMED_IN = ("en", "es")


def find_country(name: str) -> str:
    """Return the two letters of a country by its name without accents; empty if it is none."""
    return _countries_by_name().get(" ".join(name.lower().split()), "")


def cities_of_zone(zone: str) -> frozenset[str]:
    """Return the names without accents of the city after which an IANA zone is named."""
    known = (Locale(language).time_zones.get(zone, {}) for language in NAMED_IN)
    named = (text for one in known if (text := one.get("city")))
    return frozenset(map(_plain_name, (zone.rpartition("/")[2], *named)))


@functools.cache
def _countries_by_name() -> dict[str, str]:
    return {
        _plain_name(name): code
        for language in NAMED_IN
        for code, name in Locale(language).territories.items()
        if len(code) == 2 and code.isalpha()  # noqa: PLR2004 - ISO 3166; longer are continents
    }


def _plain_name(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower().replace("\u2019", ""))
    words = "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join(words.split())
