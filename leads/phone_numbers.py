"""Phone numbers: one normalizer for every edge, masks for every screen, zones for the gate."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers
from phonenumbers import PhoneNumberFormat
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number

REGION_NAMES = {
    "USA": "US",
    "UNITED STATES": "US",
    "UNITED STATES OF AMERICA": "US",
    "ESTADOS UNIDOS": "US",
    "CANADA": "CA",
    "MEXICO": "MX",
    "MÉXICO": "MX",
    "UK": "GB",
    "UNITED KINGDOM": "GB",
}
UNCONTACTABLE_TYPES = (
    phonenumbers.PhoneNumberType.UNKNOWN,
    phonenumbers.PhoneNumberType.PREMIUM_RATE,
)  # not valid, or dear
MOST_ZONES = (
    6  # toll-free and personal numbers claim every zone of the numbering plan: that is not knowing
)


def normalize_phone(text: str, region: str) -> str | None:
    """Return the E.164 form of a number that can be in use, read as in `region`; None otherwise.

    "Possible" is not enough for a lead: ten digits of a time stamp are a possible number.
    """
    written = (text, *_alternative_dialings(text, region))
    numbers = (number for number in (_parse_phone(one, region) for one in written) if number)
    return next(
        (_format_e164(number) for number in numbers if _is_contactable_number(number)), None
    )


def normalize_possible_phone(text: str, region: str = "US") -> str | None:
    """Return the E.164 form of a colleague's number as given; None if it cannot be dialed."""
    parsed = _parse_phone(text, region)
    return _format_e164(parsed) if parsed and phonenumbers.is_possible_number(parsed) else None


def find_first_phone(text: str, region: str) -> str | None:
    """Return the E.164 form of the first number in a text; None where there is none."""
    first_match = next(iter(phonenumbers.PhoneNumberMatcher(text, region)), None)
    return _format_e164(first_match.number) if first_match else None


def mask_phone(number: str) -> str:
    """Return a mask that shows that there is a number without showing which."""
    return "••• ••• " + number[-2:] if number else "no number"


def format_phone(number: str) -> str:
    """Return a number the way people in its country write it."""
    parsed = _parse_phone(number, "US")
    if parsed is None:
        return number
    home = parsed.country_code == 1
    return phonenumbers.format_number(
        parsed, PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
    )


def phone_time_zones(number: str) -> tuple[str, ...]:
    """Return every IANA zone a number may be in; empty when nobody can tell."""
    parsed = _parse_phone(number, "US")
    zones = time_zones_for_number(parsed) if parsed else ()
    if UNKNOWN_TIMEZONE in zones or len(zones) > MOST_ZONES:
        return ()
    return tuple(zones)


def country_of_phone(number: str) -> str:
    """Return the country of an E.164 number, as US; empty for a number of no country."""
    return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""


def is_supported_region(region: str) -> bool:
    """Whether two letters (ISO 3166) are a country whose numbers can be read."""
    return region in phonenumbers.SUPPORTED_REGIONS


def parse_region(country: str) -> str | None:
    """Return the two letters of the country that a calling code, country code or name stands for.

    Only a few names are known.
    """
    code = re.search(r"\+ ?(\d{1,3})", country) or re.fullmatch(r"0{0,2}(\d{1,3})", country.strip())
    if code:
        region = phonenumbers.region_code_for_country_code(int(code[1]))
        return region if is_supported_region(region) else None
    plain = " ".join(country.upper().replace(".", "").split())
    region = REGION_NAMES.get(plain, plain)
    return region if is_supported_region(region) else None


def calling_code(region: str) -> str:
    """Return the calling code of a country: what stands after the plus."""
    return str(phonenumbers.country_code_for_region(region))


def is_north_american(region: str) -> bool:
    """Whether a country's numbers have ten digits, of which the first is never 0 or 1."""
    return phonenumbers.country_code_for_region(region) == 1


def _alternative_dialings(text: str, region: str) -> Iterator[str]:
    """Yield how else a number may be meant: 00 for the plus, and Mexico's prefixes until 2019."""
    plain = re.sub(r"[\s().-]", "", text)
    if plain.startswith("00"):
        yield f"+{plain[2:]}"
    own = re.fullmatch(r"(?:\+|00)?521(\d{10})", plain)
    home = re.fullmatch(r"(?:01|044|045)(\d{10})", plain) if region == "MX" else None
    if old := own or home:
        yield f"+52{old[1]}"


def _is_contactable_number(number: phonenumbers.PhoneNumber) -> bool:
    """Whether somebody may pick up at a number.

    A number that costs by the minute is nobody's own.
    """
    return phonenumbers.number_type(number) not in UNCONTACTABLE_TYPES


def _parse_phone(text: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def _format_e164(parsed: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
