"""Phone numbers: one normalizer for every edge, masks for every screen."""

from __future__ import annotations

import functools
import itertools
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import phonenumbers
from phonenumbers import PhoneNumberFormat, shortnumberinfo

from leads.i18n.translatable import Phrase

NUMBER_WITHHELD = Phrase("blocked number")
NUMBER_ERASED = Phrase("erased number")
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
LONGEST_EXTENSION = 8  # digits
LONGEST_WRITTEN = 200  # characters; what is longer is no number
MOST_TRIES = 40  # of what looks like a number in a text
MOST_GAPS = 16  # between the digits of two numbers, at each of which the second may begin
LINKS = re.compile(
    r"(tel|sms|callto|whatsapp)\s*:(//)?|https?://(wa\.me/|api\.whatsapp\.com/send\?phone=)",
    re.IGNORECASE,
)
KINDS = (
    r"cell|cellphone|mobile|home|work|phone|tel|telephone|whatsapp|landline|casa|celular|cel"
    r"|m[oó]vil|tel[eé]fono|trabajo|fijo"
)
KIND_BEFORE = re.compile(rf"\s*\(?({KINDS})\)?\s*[.:\-]?\s+(?=[+(\d])", re.IGNORECASE)
KIND_BEHIND = re.compile(rf"(?<=\d)\s*(\(({KINDS})\)|[\s,\-]+({KINDS}))\.?$", re.IGNORECASE)
FRACTION = re.compile(r"(?<=\d{7})\.0+$")  # what spreadsheets make of a number
EXTENSION = re.compile(
    r"[\s,;]*(?:"
    r"(?:;ext=|\b(?:extension|extensi[oó]n|extn|ext|interno|anexo)(?![^\W\d_])[\s.:#=]*)(\d{0,8})"
    r"|(?:\s?#|(?<=[\d)\s])x)[\s.:]*(\d{1,8})"
    r")\s*$",
    re.IGNORECASE,
)
SIGNS_AROUND_VALUES = re.compile(r"[<>{}\[\]\"'=:;|\x00]+")
WRITTEN = re.compile(r"\+?[\d\s().\-/]+")
IN_NORTH_AMERICA = re.compile(r"[2-9]\d\d[2-9]\d{6}")
NEVER_AN_AREA_CODE = re.compile(
    r".11|.9.|37.|96.|88[0-7]|889|822|700|710|456|5(00|2\d|33|44|55|66|77|88)|6(00|22|33|44|55|77)"
)
"""Codes that are kept for services, for whoever pays, for persons, or for a longer plan."""
ERASED = "erased-"  # how what stands in place of an erased number begins
WITHHELD = "withheld-"  # how the phone of somebody begins who called in without showing a number
NEW_AREA_CODES = Path(__file__).parent / "new_area_codes.toml"


@dataclass(frozen=True)
class WrittenPhone:
    """A number as somebody wrote it: what is dialed, and what is dialed behind it."""

    number: str
    extension: str = ""


def normalize_phone(text: str, region: str) -> str | None:
    """Return the E.164 form of a number that can be in use, read as in `region`; None otherwise.

    "Possible" is not enough for a lead: ten digits of a time stamp are a possible number. Letters
    are no digits: a number with letters in it is masked, or half written.
    """
    return next(
        (_format_e164(one) for one in _possible_numbers(text, region) if _is_number_in_use(one)),
        None,
    )


def normalize_phone_by_hand(text: str, region: str) -> str | None:
    """Return the E.164 form of a number that a person vouches for; None if it cannot be dialed.

    Beside the numbers of every form these are the ones of area codes too new to be known.
    """
    return normalize_phone(text, region) or normalize_unlisted_phone(text, region)


def normalize_unlisted_phone(text: str, region: str) -> str | None:
    """Return the E.164 form of a North American number whose area code is not known yet.

    New codes come into service before anybody's list has them: a person has to say whether it is.
    """
    numbers = map(_format_e164, _possible_numbers(text, region))
    return next((number for number in numbers if _has_unlisted_area_code(number)), None)


def split_extension(text: str) -> WrittenPhone:
    """Return a number's text and the digits of the extension behind it.

    "ext." with nothing behind it is no extension.
    """
    if len(text) > LONGEST_WRITTEN:
        return WrittenPhone(text)
    plain = _plain_signs(text)
    found = EXTENSION.search(plain)
    if not found or not any(map(str.isdigit, plain[: found.start()])):
        return WrittenPhone(plain)
    return WrittenPhone(plain[: found.start()], found[1] or found[2] or "")


def is_extension(text: str) -> bool:
    """Whether a text is an extension, or none: digits, which are sent as keys."""
    return len(text) <= LONGEST_EXTENSION and (not text or (text.isascii() and text.isdigit()))


def find_phones(text: str, region: str) -> list[str]:
    """Return the E.164 forms of the numbers in a short text, whatever stands between them."""
    found: list[str] = []
    for part in re.split(r"[^\d\s+().\-]+", split_extension(text[:LONGEST_WRITTEN]).number):
        found += _numbers_side_by_side(part.strip(), region)
    return list(dict.fromkeys(found))


def normalize_possible_phone(text: str, region: str = "US") -> str | None:
    """Return the E.164 form of a colleague's number as given; None if it cannot be dialed."""
    possible = (
        one for one in _possible_numbers(text, region) if phonenumbers.is_possible_number(one)
    )
    return next(map(_format_e164, possible), None)


def is_emergency_number(text: str) -> bool:
    """Whether a text is the number of an emergency service, however it is dialed from here."""
    digits = re.sub(r"\D", "", split_extension(text).number)
    readings = (digits, digits.removeprefix("1"))
    return any(shortnumberinfo.connects_to_emergency_number(one, "US") for one in readings)


def find_first_phone(text: str, region: str) -> str | None:
    """Return the E.164 form of the first number in a text; None where there is none.

    The text may be one that a machine wrote, with signs right beside the number.
    """
    written = SIGNS_AROUND_VALUES.sub("\n", text)
    matches = phonenumbers.PhoneNumberMatcher(written, region, max_tries=MOST_TRIES)
    first_match = next(iter(matches), None)
    return _format_e164(first_match.number) if first_match else None


def withheld_phone(call_id: str) -> str:
    """Return what stands in place of a number that was withheld from one call.

    No two are the same, none is ever a number, and nobody can be found or dialed by it.
    """
    return WITHHELD + call_id


def erased_phone(lead_id: int) -> str:
    """Return what stands in place of the number of a lead who was erased; as a withheld one."""
    return f"{ERASED}{lead_id}"


def is_withheld(number: str) -> bool:
    """Whether this stands in place of a number that was withheld, or erased."""
    return number.startswith((WITHHELD, ERASED))


def mask_phone(number: str) -> str:
    """Return a mask that shows that there is a number without showing which."""
    if is_withheld(number):
        return NUMBER_ERASED if number.startswith(ERASED) else NUMBER_WITHHELD
    return "••• ••• " + number[-2:] if number else Phrase("no number")


def format_phone(number: str) -> str:
    """Return a number the way people in its country write it."""
    if is_withheld(number):
        return NUMBER_ERASED if number.startswith(ERASED) else NUMBER_WITHHELD
    parsed = _parse_phone(number, "US")
    if parsed is None:
        return number
    home = parsed.country_code == 1
    return phonenumbers.format_number(
        parsed, PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
    )


def example_phone(region: str) -> str:
    """Return an invented number of a country, the way people there write it."""
    example = phonenumbers.example_number(region)
    home = PhoneNumberFormat.NATIONAL
    return phonenumbers.format_number(example, home) if example else ""


def country_of_phone(number: str) -> str:
    """Return the country of an E.164 number, as US; empty for a number of no country."""
    if is_withheld(number):
        return ""
    return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""


def is_supported_region(region: str) -> bool:
    """Whether two letters (ISO 3166) are a country whose numbers can be read."""
    return region in phonenumbers.SUPPORTED_REGIONS


def supported_regions() -> frozenset[str]:
    """Return the two letters (ISO 3166) of every country whose numbers can be read."""
    return frozenset(phonenumbers.SUPPORTED_REGIONS)


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


@functools.cache
def new_area_codes() -> dict[str, str]:
    """Return the area codes that came into service of late, and since when, by public reports."""
    known = tomllib.loads(NEW_AREA_CODES.read_text("utf-8"))["codes"]
    return {code: str(fact["since"]) for code, fact in known.items()}


def area_code_of(number: str) -> str:
    """Return the area code of a North American number in E.164; nothing for any other."""
    return number[2:5] if number.startswith("+1") else ""


def _plain_signs(text: str) -> str:
    """Return a text with plain digits, spaces and dashes for those that typesetters use."""
    if text.isascii():
        return text
    spelled = unicodedata.normalize("NFKC", text)
    plain = {"Zs": " ", "Pd": "-", "Cf": ""}
    written = "".join(plain.get(unicodedata.category(sign), sign) for sign in spelled)
    return re.sub("[\u2212\u00b7\u2022]", "-", written)


def _possible_numbers(text: str, region: str) -> Iterator[phonenumbers.PhoneNumber]:
    """Yield what a text may mean as a number, the likeliest first; nothing if it is none."""
    if len(text) > LONGEST_WRITTEN:
        return
    written = split_extension(LINKS.sub("", text.strip().strip("'\"=,.;"), count=1)).number
    plain = FRACTION.sub("", KIND_BEHIND.sub("", KIND_BEFORE.sub("", written.strip(), 1)))
    plain = plain.strip().strip("'\"=,.;: ")
    if not WRITTEN.fullmatch(plain):
        return
    for one in (plain, *_alternative_dialings(plain, region)):
        number = _parse_phone(one, region)
        if number:
            yield number


def _alternative_dialings(text: str, region: str) -> Iterator[str]:
    """Yield how else a number may be meant: 00 for the plus, and Mexico's prefixes until 2019."""
    plain = re.sub(r"[\s().-]", "", text)
    if plain.startswith("00"):
        yield f"+{plain[2:]}"
    own = re.fullmatch(r"(?:\+|00)?521(\d{10})", plain)
    home = re.fullmatch(r"(?:01|044|045)(\d{10})", plain) if region == "MX" else None
    if old := own or home:
        yield f"+52{old[1]}"


def _numbers_side_by_side(text: str, region: str) -> list[str]:
    """Return the one number that a text without letters is, or the two that it holds."""
    whole = normalize_phone(text, region)
    if whole:
        return [whole]
    gaps = (gap.start() for gap in re.finditer(r"(?<=\d)[\s.\-]*[\s+(.\-](?=[+(\d])", text))
    halves = ([normalize_phone(text[:at], region), normalize_phone(text[at:].lstrip(" .-"), region)]
              for at in itertools.islice(gaps, MOST_GAPS))  # fmt: skip
    return next(([one, other] for one, other in halves if one and other), [])


def _is_number_in_use(number: phonenumbers.PhoneNumber) -> bool:
    """Whether somebody may pick up at a number.

    A number that costs by the minute is nobody's own.
    """
    return phonenumbers.number_type(number) not in UNCONTACTABLE_TYPES


def _has_unlisted_area_code(number: str) -> bool:
    code = area_code_of(number)
    return (
        bool(code)
        and bool(IN_NORTH_AMERICA.fullmatch(number[2:]))
        and not NEVER_AN_AREA_CODE.fullmatch(code)
        and not _is_known_area_code(code)
    )


@functools.lru_cache(maxsize=1024)
def _is_known_area_code(code: str) -> bool:
    """Whether any number of an area code is known to be in use."""
    return any(
        phonenumbers.is_valid_number(phonenumbers.parse(f"+1{code}{line}"))
        for line in ("2345678", "5550142", "4012345")
    )


def _parse_phone(text: str, region: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def _format_e164(parsed: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
