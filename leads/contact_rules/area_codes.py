"""Where a phone number may be: by its area code, or by its country."""

from __future__ import annotations

import functools
import tomllib

import phonenumbers
from phonenumbers import PhoneNumberType

from leads.contact_rules.zip_zones import HERE, Area, anywhere_in_us, country_zones, join_areas

NORTH_AMERICA = "+1"
TYPES_OF_A_PLACE = (
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.VOIP,
    PhoneNumberType.PAGER,
    PhoneNumberType.UNKNOWN,
)  # freephone, shared cost, personal and satellite numbers are of no place


def find_number_area(number: str) -> Area | None:
    """Return every place where a number in E.164 form may be; None where it is of no place.

    An area code of North America that is not listed may be anywhere in the US.
    """
    if number.startswith(NORTH_AMERICA):
        return listed_area(number) or anywhere_in_us()
    return _find_area_abroad(number)


def listed_area(number: str) -> Area | None:
    """Return where the area code of a number in E.164 form lies; None where it is not listed."""
    return area_codes().get(number[2:5]) if number.startswith(NORTH_AMERICA) else None


@functools.cache
def area_codes() -> dict[str, Area]:
    """Return where each geographic area code of North America lies."""
    listed = tomllib.loads((HERE / "area_codes.toml").read_text("utf-8"))["area"]
    areas = [(Area(tuple(row["where"]), tuple(row["zones"])), row["codes"]) for row in listed]
    return {code: area for area, codes in areas for code in codes}


@functools.lru_cache(maxsize=4096)
def _find_area_abroad(number: str) -> Area | None:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    country = phonenumbers.region_code_for_number(parsed)
    sharing = phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
    zones = country_zones()
    countries = [code for code in ([country] if country else sharing) if code in zones]
    if not countries or phonenumbers.number_type(parsed) not in TYPES_OF_A_PLACE:
        return None
    return join_areas(*(Area((code,), zones[code]) for code in countries))
