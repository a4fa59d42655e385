"""Possible location: every place where a lead may be, by what they stated and by their number."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from leads import phone_numbers
from leads.contact_rules.area_codes import NORTH_AMERICA, find_number_area
from leads.contact_rules.stated_places import read_stated_place
from leads.contact_rules.zip_zones import US, Area, anywhere_in_us, country_zones, join_areas

ABROAD = "abroad"


@dataclass(frozen=True)
class PossibleLocation:
    """Where a lead may be: every possible IANA zone, and the places whose rules apply.

    `places` are ISO 3166 codes, such as US-FL. `is_known` is False where nothing was stated and
    nobody can tell in which country the number is: satellite phones, freephone abroad.
    """

    zones: tuple[str, ...]
    places: tuple[str, ...] = (US,)
    is_known: bool = True

    @classmethod
    def from_data(cls, kept: Mapping[str, Any]) -> Self:
        """Return the location of which `as_data` was kept."""
        return cls(tuple(kept["zones"]), tuple(kept["places"]), is_known=bool(kept["is_known"]))

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "zones": list(self.zones),
            "places": list(self.places),
            "is_known": self.is_known,
        }

    @property
    def zone(self) -> str:
        """The lead's most likely zone, in which times are shown."""
        return self.zones[0]

    @property
    def jurisdictions(self) -> frozenset[str]:
        """Whose rules apply: the US, its states, and the one rule of every other country."""
        return _jurisdictions_of(self.places)


@functools.lru_cache(maxsize=65_536)
def possible_location(
    number: str, *, region: str = "", zip_code: str = "", city: str = "", source_region: str = US
) -> PossibleLocation:
    """Return where the lead may be: the stated place and that of the number, both.

    What is stated and not understood may be anywhere in the number's country. Five digits beside a
    number of another country are a ZIP code only to a source (`source_region`) that asks for one.
    """
    own = find_number_area(number)
    is_american = number.startswith(NORTH_AMERICA)
    reads_zip = is_american or phone_numbers.is_north_american(source_region)
    stated = read_stated_place(region, zip_code if reads_zip else "", city)
    place = None if _says_no_more(stated.area, own) else stated.area
    areas = [area for area in ((place, own) if is_american or region else (own, place)) if area]
    if not stated.is_understood:
        areas += _whole_countries(own, is_american=is_american)
    joined = join_areas(*(areas or [anywhere_in_us()]))
    is_told = stated.area is not None and stated.is_understood
    return PossibleLocation(joined.zones, joined.codes, is_known=own is not None or is_told)


def _says_no_more(stated: Area | None, own: Area | None) -> bool:
    """Whether somebody with an American number says that they are in the US."""
    american = stated is not None and stated.codes == (US,)
    return american and own is not None and all(code[:2] == US for code in own.codes)


def _whole_countries(own: Area | None, *, is_american: bool) -> list[Area]:
    """Return all of the number's countries, and of the US for a number that looks like one."""
    countries = {code[:2] for code in own.codes} - {US} if own else set()
    zones = country_zones()
    whole = [Area((code,), zones[code]) for code in sorted(countries) if code in zones]
    return [*whole, anywhere_in_us()] if is_american or not whole else whole


def unite_locations(locations: Iterable[PossibleLocation]) -> PossibleLocation:
    """Return where a phone may be that is said to be at each of these: the hours of all count."""
    every = tuple(locations)
    return PossibleLocation(
        zones=tuple(dict.fromkeys(zone for one in every for zone in one.zones)),
        places=tuple(dict.fromkeys(place for one in every for place in one.places)),
        is_known=any(one.is_known for one in every),
    )


@functools.lru_cache(maxsize=4096)
def _jurisdictions_of(places: tuple[str, ...]) -> frozenset[str]:
    american = {place for place in places if place.split("-")[0] == US}
    abroad = {ABROAD} if len(american) < len(places) else set()
    return frozenset(american | abroad | ({US} if american else set()))
