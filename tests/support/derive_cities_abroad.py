"""Derive `leads/contact_rules/cities_abroad.txt` from the area codes of phonenumbers.

    python -m tests.support.derive_cities_abroad

The table of phonenumbers takes seconds to load; what the product needs of it is which country a
large city is in that has no zone of its own name and no namesake at home.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import zipcodes
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
from phonenumbers.geodata import GEOCODE_DATA

from leads.contact_rules import stated_places

HEADER = """\
# Cities abroad by country, from the area codes of phonenumbers (Apache 2.0), in English and
# Spanish, by tests/support/derive_cities_abroad.py. Left out: long codes (small towns), and names
# of places in the US.
"""
LONGEST_AREA_CODE = 3  # digits: a large city's
SHORTEST_NAME = 4  # letters
REST_OF_NAME = re.compile(r"[,/(]| - ")


def names_by_country() -> dict[str, set[str]]:
    """Return the names of large cities that are in no list at home, by country."""
    at_home = {
        stated_places.plain_place_name(name)
        for row in zipcodes.list_all()
        for name in (row["city"], *row["acceptable_cities"])
    }
    found = defaultdict[str, set[str]](set)
    for prefix, names in GEOCODE_DATA.items():
        for country in _countries_of(prefix):
            for language in {"en", "es"} & names.keys():
                name = stated_places.plain_place_name(REST_OF_NAME.split(names[language])[0])
                is_name = len(name) >= SHORTEST_NAME and not re.search(r"\d", name)
                if is_name and name not in at_home:
                    found[country].add(name)
    return found


def _countries_of(prefix: str) -> Iterator[str]:
    """Yield the country of a large city's area code, if it has a country code of its own."""
    for length in (1, 2, 3):
        regions = COUNTRY_CODE_TO_REGION_CODE.get(int(prefix[:length]), ())
        if len(regions) == 1 and len(prefix) - length <= LONGEST_AREA_CODE:
            yield regions[0]


def derive_lines() -> list[str]:
    """Return the lines of the file."""
    found = sorted(names_by_country().items())
    return [f"{country} {', '.join(sorted(names))}" for country, names in found]


if __name__ == "__main__":
    text = HEADER + "".join(f"{line}\n" for line in derive_lines())
    stated_places.CITIES_ABROAD.write_text(text, "utf-8")
