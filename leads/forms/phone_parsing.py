"""Phone parsing: whether and how a number in a field can be dialed.

It is read in the country that is stated for it, and not at all if it is a time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from leads import phone_numbers
from leads.forms.compound_fields import UNKNOWN_COUNTRY, are_parts_of_one_number
from leads.forms.field_roles import MENTIONED, FieldRoleCandidate, FieldRoleCandidates
from leads.forms.form_field import FormField, text_of
from leads.forms.label_vocabulary import match_field_role, plain_words

CALLING_CODE = re.compile(r"\+\d{1,3}")
COUNTRY_OF_A_NUMBER = frozenset(
    tuple(name.split())
    for name in (
        "country code", "phone country code", "phone country", "phone code", "dial code",
        "dialing code",
        "calling code",
        "country calling code", "phone number country", "phone number country code",
        "mobile country code",
        "mobile country", "country short name", "phone dial code", "isd code", "tel country",
        "telephone country code",
    )
)  # fmt: skip
FIRST_SECOND, LAST_SECOND = 978_307_200, 4_133_894_400  # 2001 until 2101
UNIX_TIME, DATE = re.compile(r"\d{9,10}(\d{3})?"), re.compile(r"\d{4}-\d\d-\d\d(\D|$)")


@dataclass(frozen=True)
class StatedCountries:
    """The country that is stated for a number, and the one for the address beside it."""

    of_the_number: str = ""
    of_the_address: str = ""


def numbers_in_field(item: FormField) -> list[str]:
    """Return the numbers in a field.

    A calling code or an area code that stands by itself begins a number.
    """
    texts = [text_of(value) for value in item.values]
    is_one = len(texts) > 1 and (CALLING_CODE.fullmatch(texts[0]) or are_parts_of_one_number(texts))
    return [" ".join(texts)] if is_one else texts


def region_of_number(text: str, country: StatedCountries, region: str) -> str | None:
    """Return the country in which a number is meant; None where a person has to decide."""
    if UNKNOWN_COUNTRY in text:
        return None
    if text.startswith("+"):
        return region
    if country.of_the_number:
        return phone_numbers.parse_region(country.of_the_number)
    home = phone_numbers.parse_region(country.of_the_address) or region
    is_near = phone_numbers.calling_code(home) == phone_numbers.calling_code(region)
    return region if is_near else None


def find_stated_countries(claims: FieldRoleCandidates) -> dict[str, StatedCountries]:
    """Return the countries that are stated in each group of fields, the first of each kind."""
    stated: dict[str, StatedCountries] = {}
    for item in (claim.item for claim in claims.all if not claim.item.is_blank):
        known = stated.get(item.group, StatedCountries())
        if not known.of_the_number and _is_country_of_number(item):
            stated[item.group] = replace(known, of_the_number=text_of(item.value))
        elif not known.of_the_address and plain_words(item.key) == ("country",):
            stated[item.group] = replace(known, of_the_address=text_of(item.value))
    return stated


def _is_country_of_number(item: FormField) -> bool:
    """Whether a field states the country of the number beside it."""
    within = plain_words(item.group.rpartition(".")[2])
    is_of_a_number = (
        bool(within)
        and (said := match_field_role(" ".join(within))) is not None
        and said.role == "phone"
    )
    named = {plain_words(item.key), plain_words(item.label)}
    return bool(named & COUNTRY_OF_A_NUMBER) or (
        is_of_a_number and bool(named & {("country",), ("code",)})
    )


def is_date_or_timestamp(text: str, claim: FieldRoleCandidate, region: str) -> bool:
    """Whether a field that only mentions a phone holds a date or a Unix time.

    Such a text may be a phone number in other countries.
    """
    if claim.sureness != MENTIONED and plain_words(claim.item.key)[:1] != ("is",):
        return False
    if DATE.match(text):
        return True
    seconds = int(text[:10]) if UNIX_TIME.fullmatch(text) else 0
    return FIRST_SECOND <= seconds < LAST_SECOND and not phone_numbers.is_north_american(region)
