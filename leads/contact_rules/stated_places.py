"""Stated places: what people's own words, and what they write as a ZIP code, say of where they are.

Nothing is guessed: what is not wholly understood says so, and the hours are wider for it. Pure.
"""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from leads.contact_rules.zip_zones import (
    HERE,
    US,
    Area,
    anywhere_in_us,
    area_zones,
    find_zip_area,
    join_areas,
    military_area,
    us_places,
)
from leads.i18n import country_names

ZIP = re.compile(r"(?<!\d)(\d{5})(?:[- ]?\d{4})?(?!\d)")
CANADIAN_POSTCODE = re.compile(r"(?i)\b([ABCEGHJ-NPRSTVXY])\d[A-Z][ -]?\d[A-Z]\d\b")
APOSTROPHES = re.compile("['`\u00b4\u02bb\u02bc\u2018\u2019\u02bf\u02be\u2032]")
PART_ENDS = re.compile(r"[,;:/|()\[\]\n\t+&\u2013\u2014]| - ")
MOST_WORDS = 6  # of one name
CODE_LENGTH = 2
CITIES_ABROAD = HERE / "cities_abroad.txt"
BEFORE_AMERICAN_NAMES = frozenset(
    {
        "north",
        "south",
        "east",
        "west",
        "new",
        "old",
        "mount",
        "mt",
        "fort",
        "port",
        "lake",
        "little",
    }
)
"""With one of these before it the name of a country is that of a town at home."""


@dataclass(frozen=True)
class StatedPlace:
    """What was stated of a place: where it may be, and whether every word of it was understood.

    `area` is None where no part of it was understood.
    """

    area: Area | None = None
    is_understood: bool = True


NOTHING_STATED = StatedPlace()


@functools.lru_cache(maxsize=16_384)
def read_stated_place(region: str, zip_code: str = "", city: str = "") -> StatedPlace:
    """Return where somebody says they are, in the fields for it.

    A ZIP code in the stated state is the place; one elsewhere is a second place. A city says
    something only where it names its state as well: there is a Paris in many of them.
    """
    texts = [unicodedata.normalize("NFKC", text).strip() for text in (zip_code, region)]
    postal = [area for text in texts for area in _postal_areas(text)]
    read = [_read_words(_without_postcodes(text)) for text in texts]
    base = _base_abroad(city)
    beside = [area for area in (_state_beside_city(city), base) if area]
    read += [StatedPlace(area) for area in beside]
    if city and not (beside or region or zip_code):
        alone = _read_country(city)
        read += [alone] if alone.area else []
    named = [place.area for place in read if place.area]
    wider = [area for area in named if not _is_within(postal, area)]
    areas = [*postal, *wider]
    is_understood = all(place.is_understood for place in read) or bool(postal)
    return StatedPlace(_join_places(areas) if areas else None, is_understood)


def _is_within(postal: list[Area], named: Area) -> bool:
    """Whether a post code tells more exactly where in a named place somebody is."""
    return any(set(area.codes) <= set(named.codes) for area in postal)


def _postal_areas(text: str) -> Iterator[Area]:
    for match in ZIP.finditer(text):
        if area := find_zip_area(match[1]):
            yield area
    for match in CANADIAN_POSTCODE.finditer(text):
        yield _area_of_codes(_load_names()["postal_letters"][match[1].upper()])


def _without_postcodes(text: str) -> str:
    known = ZIP.sub(lambda match: " " if find_zip_area(match[1]) else match[0], text)
    return CANADIAN_POSTCODE.sub(" ", known)


def _state_beside_city(city: str) -> Area | None:
    """Return the state in "Honolulu, HI": the last of several parts."""
    _name, comma, state = unicodedata.normalize("NFKC", city).rpartition(",")
    place = _read_words(state) if comma else NOTHING_STATED
    return place.area if place.is_understood else None


def _read_words(text: str) -> StatedPlace:
    """Return what a text says; a base abroad that it names counts beside the rest of it."""
    named = _read_places(text)
    base = _base_abroad(text)
    if base is None:
        return named
    words = plain_place_name(text).split()
    is_understood = set(_load_names()["words"]["doubtful"]).isdisjoint(words)
    return StatedPlace(join_areas(base, *([named.area] if named.area else [])), is_understood)


def _base_abroad(text: str) -> Area | None:
    """Return the country of a base in "Kadena Air Base", wherever it stands among the words."""
    known, words = _countries_by_base(), plain_place_name(text).split()
    runs = (words[at : at + size] for at in range(len(words)) for size in (1, 2, 3))
    codes = [known[name] for run in runs if (name := " ".join(run)) in known]
    return _area_of_codes(codes) if codes else None


def _read_places(text: str) -> StatedPlace:
    if whole := _places_by_name().get(
        " ".join(_words_of_place(text)).lower()
    ):  # such as Washington, D.C.
        return StatedPlace(_area_of_codes(whole))
    if country := _country_of_its_city(text):
        return StatedPlace(_area_of_code(country))
    parts = [part for part in PART_ENDS.split(text) if part.strip()]
    read = [_read_part(part) for part in parts]
    if parts and not read[-1].area and not read[-1].is_understood:
        read[-1] = _read_country(parts[-1])
    areas = [place.area for place in read if place.area]
    if not areas:
        return StatedPlace(None, all(place.is_understood for place in read))
    is_understood = all(place.is_understood for place in read) or any(
        place.is_understood and place.area and place.area.codes != (US,) for place in read
    )
    return StatedPlace(_join_places(areas), is_understood)


def _read_part(part: str) -> StatedPlace:
    """Return what one part says.

    It is understood where no word follows the place and none takes it back: "South Florida" is in
    Florida, "Kansas City" may not be in Kansas. "USA" takes nothing away from the
    words before it.
    """
    said = _load_names()["words"]
    if part.strip().lower() in said["dotted"]:
        return StatedPlace(None, is_understood=False)
    words = _words_of_place(part)
    plain = [word.lower() for word in words]
    if code := _code_alone(plain) or _iso_code(part):
        return StatedPlace(_area_of_code(code))
    codes: list[str] = []
    before: list[str] = []
    after: list[str] = []
    at = 0
    while at < len(words):
        length, found = _longest_name(plain, at)
        codes += found
        if found and found != (US,):
            before, after = [*before, *after], []
        elif not found:
            after.append(words[at])
        at += length
    if after and after[-1].isupper() and (code := _code_alone([after[-1].lower()])):
        codes, before, after = [*codes, code], [*before, *after[:-1]], []
    is_taken_back = any(word.lower() in said["doubtful"] for word in before)
    is_understood = not is_taken_back and all(word.lower() in said["silent"] for word in after)
    return StatedPlace(_area_of_codes(codes) if codes else None, is_understood)


def _longest_name(words: list[str], at: int) -> tuple[int, tuple[str, ...]]:
    """Return how many words from `at` on are a name, and its places; one word that is none."""
    for length in range(min(MOST_WORDS, len(words) - at), 0, -1):
        if found := _places_by_name().get(" ".join(words[at : at + length])):
            return length, found
    return 1, ()


def _code_alone(words: list[str]) -> str:
    """Return the place of two letters that stand alone."""
    letters = "".join(words)
    alone = len(words) == 1 or all(len(word) == 1 for word in words)
    return _places_by_code().get(letters, "") if alone and len(letters) == CODE_LENGTH else ""


def _iso_code(part: str) -> str:
    """Return the place in "US-HI" or "CA-BC"."""
    code = part.strip().upper().replace("_", "-")
    return code if code in us_places()["areas"] else ""


def _read_country(text: str) -> StatedPlace:
    """Return the country that a text is the name of, in English or Spanish, or a city abroad.

    A city is not understood to the end: there is a London in Kentucky, too.
    """
    words = plain_place_name(text).removeprefix("the ").split()
    if country := _country_named(words):
        return StatedPlace(_area_of_code(country))
    behind = _country_at_end(words)
    abroad = (behind,) if behind else _countries_by_city().get(" ".join(words), ())
    return StatedPlace(_area_of_codes(abroad) if abroad else None, is_understood=False)


def _country_named(words: list[str]) -> str | None:
    name = " ".join(words)
    country = _countries_by_other_name().get(name) or country_names.find_country(name)
    return country if country in area_zones() else None


def _country_at_end(words: list[str]) -> str | None:
    """Return the country in "Kingston Jamaica" or "Mumbai India"; South Jordan is in Utah."""
    ends = (
        words[at:]
        for at in range(max(1, len(words) - MOST_WORDS), len(words))
        if words[at - 1] not in BEFORE_AMERICAN_NAMES
    )
    return next(filter(None, map(_country_named, ends)), None)


def _country_of_its_city(text: str) -> str | None:
    """Return the country in "Tbilisi, Georgia", whose name is that of a state as well."""
    *city, last = plain_place_name(text).split() or [""]
    country = _country_named([last]) if last in _places_by_name() else None
    return country if country in _countries_by_city().get(" ".join(city), ()) else None


def plain_place_name(text: str) -> str:
    """Return a name in small letters without accents, apostrophes and dots."""
    return " ".join(_words_of_place(text)).lower()


def _words_of_place(text: str) -> list[str]:
    """Return the words without accents, apostrophes and dots, as they are written otherwise."""
    plain = unicodedata.normalize("NFKD", APOSTROPHES.sub("", text))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"\b([A-Za-z])\.(?=[A-Za-z]\b)", r"\1", plain)
    return re.sub(r"[\W_]+", " ", plain).split()


def _area_of_codes(codes: Iterable[str]) -> Area:
    return _join_places([_area_of_code(code) for code in dict.fromkeys(codes)])


def _join_places(areas: list[Area]) -> Area:
    """Return several places as one area; beside a province its country says no more."""
    divided = {code[:2] for area in areas for code in area.codes if "-" in code}
    return join_areas(*(area for area in areas if not divided.issuperset(area.codes)))


def _area_of_code(code: str) -> Area:
    if code in us_places()["military"]:
        return military_area(code)
    if code == US:
        return anywhere_in_us()
    return Area((code,), area_zones()[code])


@functools.cache
def _places_by_name() -> dict[str, tuple[str, ...]]:
    """Return the places of each name."""
    names: dict[str, tuple[str, ...]] = {}
    for code, known in _load_names()["names"].items():
        for name in known:
            names[name] = (*names.get(name, ()), code)
    return names | dict.fromkeys(_load_names()["words"]["country"], (US,))


@functools.cache
def _places_by_code() -> dict[str, str]:
    """Return the place of each pair of letters."""
    own = {code[3:].lower(): code for code in us_places()["areas"] if code[:3] in ("US-", "CA-")}
    more = _load_names()["codes"].items()
    return own | {letters: code for code, known in more for letters in known}


@functools.cache
def _countries_by_other_name() -> dict[str, str]:
    """Return the countries by what they are also called."""
    return {name: code for code, known in _load_names()["countries"].items() for name in known}


@functools.cache
def _countries_by_city() -> dict[str, tuple[str, ...]]:
    """Return the countries abroad by their cities: after which zones are named, and large ones."""
    cities = (
        (name, code)
        for code, zones in area_zones().items()
        if len(code) == CODE_LENGTH and code != US
        for zone in zones
        for name in country_names.cities_of_zone(zone)
    )
    american = _places_by_name()
    named = {name: (code,) for name, code in cities if name not in american}
    large: dict[str, tuple[str, ...]] = {}
    for code, names in _lists_of_cities():
        if code in area_zones():
            for name in names:
                large[name] = (*large.get(name, ()), code)
    return {name: codes for name, codes in large.items() if name not in american} | named


def _lists_of_cities() -> Iterator[tuple[str, Sequence[str]]]:
    """Yield large cities abroad, with the country of each list."""
    yield from _load_names()["cities_abroad"].items()
    for line in CITIES_ABROAD.read_text("utf-8").splitlines():
        code, _, names = line.partition(" ")
        yield code, names.split(", ")


@functools.cache
def _countries_by_base() -> dict[str, str]:
    """Return the countries abroad by the bases there, which have no namesake at home."""
    known = _load_names()["bases_abroad"].items()
    return {name: code for code, names in known for name in names}


@functools.cache
def _load_names() -> dict[str, Any]:
    return tomllib.loads((HERE / "place_names.toml").read_text("utf-8"))
