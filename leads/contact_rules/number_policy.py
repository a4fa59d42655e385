"""Number policy: which countries and kinds of number a helpline calls. Pure.

A number is called by rule only where its country and its kind are on the helpline's lists. Numbers
that cost whoever calls them, or that are nobody's own phone, are on no list.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import PhoneNumberType

from leads.contact_rules.area_codes import listed_area
from leads.i18n.messages import Message, MessageKey


class NumberKind(StrEnum):
    """What kind of phone a number is."""

    FIXED = "fixed"
    MOBILE = "mobile"
    FIXED_OR_MOBILE = "fixed_or_mobile"  # its country does not tell them apart
    VOIP = "voip"
    TOLL_FREE = "toll_free"
    PREMIUM = "premium"
    SHARED_COST = "shared_cost"
    PERSONAL = "personal"
    SATELLITE = "satellite"
    PAGER = "pager"
    UAN = "uan"  # a company's number for the whole country
    UNKNOWN = "unknown"


KIND_LABELS = {kind: Message(MessageKey(f"kind_{kind}")) for kind in NumberKind}
USUAL_KINDS = (NumberKind.FIXED, NumberKind.MOBILE, NumberKind.FIXED_OR_MOBILE, NumberKind.VOIP)
NEVER_CALLED = frozenset(
    {NumberKind.PREMIUM, NumberKind.SHARED_COST, NumberKind.PERSONAL, NumberKind.SATELLITE}
)
"""The kinds that no helpline calls and no person can let through: they earn by being called."""

CHOOSABLE_KINDS = tuple(kind for kind in NumberKind if kind not in NEVER_CALLED)
US_TERRITORIES = ("PR", "VI", "GU", "AS", "MP")
"""At home where the United States are: Puerto Rico, the U.S. Virgin Islands, Guam, American Samoa
and the Northern Mariana Islands. Every other country behind +1 is abroad."""

SATELLITE_CODES = frozenset({870, 878, 881, 882, 883, 888, 979, 991})
"""Calling codes of no country, which satellites and dear networks have."""

PAID_SERVICES = re.compile(r"\+1\d{3}(?:976\d{4}|5551212)")
"""Pay-per-call services and directory assistance, which the library takes for subscribers."""

KIND_BY_TYPE = {
    PhoneNumberType.FIXED_LINE: NumberKind.FIXED,
    PhoneNumberType.MOBILE: NumberKind.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberKind.FIXED_OR_MOBILE,
    PhoneNumberType.VOIP: NumberKind.VOIP,
    PhoneNumberType.TOLL_FREE: NumberKind.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE: NumberKind.PREMIUM,
    PhoneNumberType.SHARED_COST: NumberKind.SHARED_COST,
    PhoneNumberType.PERSONAL_NUMBER: NumberKind.PERSONAL,
    PhoneNumberType.PAGER: NumberKind.PAGER,
    PhoneNumberType.UAN: NumberKind.UAN,
    PhoneNumberType.VOICEMAIL: NumberKind.UAN,
}
NO_COUNTRY = "001"  # as phonenumbers names what belongs to the whole world
MOST_REMEMBERED = 4096


@dataclass(frozen=True)
class NumberTraits:
    """A number's kind, and its country's two letters; empty where it has none."""

    kind: NumberKind
    country: str


@dataclass(frozen=True)
class NumberPolicy:
    """The countries and kinds of number that a helpline calls."""

    countries: tuple[str, ...]
    kinds: tuple[str, ...] = USUAL_KINDS

    @classmethod
    def of_helpline(
        cls, countries: Collection[str], kinds: Collection[str], *, source_region: str
    ) -> NumberPolicy:
        """Return a helpline's policy: the country of the source and the usual kinds by default."""
        return cls(tuple(countries) or (source_region,), tuple(kinds) or USUAL_KINDS)


@dataclass(frozen=True)
class PolicyObjection:
    """Why a number is not called by rule; whether a person may decide that it is."""

    reason: Message
    may_be_confirmed: bool


OWN_NUMBER = PolicyObjection(Message(MessageKey.OWN_NUMBER), may_be_confirmed=False)
"""The objection to our caller IDs and to advisors' own phones."""


def find_policy_objection(
    number: str, policy: NumberPolicy | None, *, has_place: bool = False
) -> PolicyObjection | None:
    """Return why a number (E.164) is not called by rule, None where it is.

    Where no helpline's policy is known, only numbers that nobody calls are objected to.
    `has_place`: whoever asks said where they are. A toll-free number tells no place, so that
    without one nobody knows when it may be called.
    """
    if never_called := find_never_called_reason(number):
        return PolicyObjection(never_called, may_be_confirmed=False)
    traits = traits_of_number(number)
    if traits.kind is NumberKind.TOLL_FREE and not has_place:
        return _state_objection(MessageKey.NUMBER_WITHOUT_PLACE, traits, may_be_confirmed=False)
    if policy is None:
        return None
    if traits.country not in home_countries(policy.countries):
        return _state_objection(MessageKey.NUMBER_ABROAD, traits, may_be_confirmed=True)
    if traits.kind not in policy.kinds:
        return _state_objection(MessageKey.NUMBER_OF_OTHER_KIND, traits, may_be_confirmed=True)
    return None


def find_never_called_reason(number: str) -> Message | None:
    """Return why a number (E.164) is of a kind that nobody calls, None where it is of another."""
    traits = traits_of_number(number)
    if traits.kind not in NEVER_CALLED:
        return None
    return _state_objection(MessageKey.NUMBER_NEVER_CALLED, traits, may_be_confirmed=False).reason


@functools.lru_cache(maxsize=MOST_REMEMBERED)
def traits_of_number(number: str) -> NumberTraits:
    """Return the kind and the country of a number (E.164)."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return NumberTraits(NumberKind.UNKNOWN, "")
    kind = KIND_BY_TYPE.get(phonenumbers.number_type(parsed), NumberKind.UNKNOWN)
    if parsed.country_code in SATELLITE_CODES and kind is not NumberKind.PREMIUM:
        kind = NumberKind.SATELLITE
    if PAID_SERVICES.fullmatch(number):
        kind = NumberKind.PREMIUM
    region = phonenumbers.region_code_for_number(parsed)
    area = listed_area(number)
    if kind is NumberKind.UNKNOWN and area:  # newly in service: the library does not know it yet
        kind, region = NumberKind.FIXED_OR_MOBILE, region or area.codes[0][:2]
    if region is None and parsed.country_code:
        region = phonenumbers.region_code_for_country_code(parsed.country_code)
    return NumberTraits(kind, "" if region in (None, NO_COUNTRY, "ZZ") else region)


@functools.cache
def home_countries(countries: Sequence[str]) -> frozenset[str]:
    """Return the countries that are called; the United States and their territories are one."""
    united = frozenset(("US", *US_TERRITORIES))
    return frozenset(countries) | (united if united.intersection(countries) else frozenset())


def _state_objection(
    key: MessageKey, traits: NumberTraits, *, may_be_confirmed: bool
) -> PolicyObjection:
    message = Message(key, country=traits.country or NO_COUNTRY, kind=KIND_LABELS[traits.kind])
    return PolicyObjection(message, may_be_confirmed=may_be_confirmed)
