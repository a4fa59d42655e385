"""Where a US ZIP code is, and in which zones."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

US = "US"
HERE = Path(__file__).parent
TABLE = HERE / "zip_zones.txt"
ABROAD_BY_POST = ("FM", "MH", "PW")  # countries in free association, whose mail has ZIP codes


@dataclass(frozen=True)
class Area:
    """A place by its ISO 3166 codes, such as US-FL or BB, and every zone it may be in."""

    codes: tuple[str, ...]
    zones: tuple[str, ...]


@functools.lru_cache(maxsize=4096)
def find_zip_area(zip_code: str) -> Area | None:
    """Return where five digits are: with the exact zone, or with all of the prefix's states."""
    prefix, end = zip_code[:3], int(zip_code[3:])
    if special := us_places()["zips"].get(zip_code):
        return Area((special["area"],), tuple(special["zones"]))
    rows = _load_zip_table().get(prefix, [])
    for code, zone, ranges in rows:
        if any(first <= end <= last for first, last in ranges):
            return Area((code,), (zone,))
    for span, office in us_places()["military_zips"].items():
        first_prefix, last_prefix = span.split("-")
        if first_prefix <= prefix <= last_prefix:
            return military_area(office)
    whole = [Area((code,), area_zones()[code]) for code, _zone, _ranges in rows]
    return join_areas(*whole) if whole else None


def military_area(office: str) -> Area:
    """Return where the people of a military post office may be: at home, or abroad."""
    return Area(("US", office), tuple(us_places()["military"][office]))


def join_areas(*areas: Area) -> Area:
    """Return several areas as one: somebody may be in any of them."""
    codes = dict.fromkeys(code for area in areas for code in area.codes)
    zones = dict.fromkeys(zone for area in areas for zone in area.zones)
    return Area(tuple(codes), tuple(zones))


def area_of_postal_state(state: str) -> str:
    """Return the ISO 3166 code of a state as the post writes it."""
    return state if state in ABROAD_BY_POST else f"US-{state}"


@functools.cache
def area_zones() -> dict[str, tuple[str, ...]]:
    """Return every zone of each state, province and country that has its own."""
    own = us_places()["areas"]
    return country_zones() | {code: tuple(zones) for code, zones in own.items()}


@functools.cache
def country_zones() -> dict[str, tuple[str, ...]]:
    """Return every zone of each country, as tzdata lists them."""
    zones: dict[str, tuple[str, ...]] = {}
    for line in _read_zone_tab().splitlines():
        if not line.startswith("#"):
            country, _coordinates, zone = line.split("\t")[:3]
            zones[country] = (*zones.get(country, ()), zone)
    return zones


def anywhere_in_us() -> Area:
    """Return the area of somebody who may be anywhere in the US."""
    return Area(("US",), tuple(us_places()["anywhere"]))


@functools.cache
def us_places() -> dict[str, Any]:
    """Return the table of zones and of special ZIP codes."""
    return tomllib.loads((HERE / "us_zones.toml").read_text("utf-8"))


@functools.cache
def _load_zip_table() -> dict[str, list[tuple[str, str, list[tuple[int, int]]]]]:
    table: dict[str, list[tuple[str, str, list[tuple[int, int]]]]] = {}
    for line in TABLE.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            prefix, code, zone, *spans = line.split()
            ranges = [(int(span[:2]), int(span[-2:])) for span in spans]
            table.setdefault(prefix, []).append((code, zone, ranges))
    return table


def _read_zone_tab() -> str:
    return (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8")
