"""Calling hours: where a lead may be, and when a phone may ring there."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from leads import phone_numbers

STATE_NAMES = {
    "alabama": "AL", "alaska": "AK", "arizona": "AZ", "arkansas": "AR", "california": "CA",
    "colorado": "CO",
    "connecticut": "CT", "delaware": "DE", "district of columbia": "DC", "florida": "FL",
    "georgia": "GA",
    "hawaii": "HI", "idaho": "ID", "illinois": "IL", "indiana": "IN", "iowa": "IA", "kansas": "KS",
    "kentucky": "KY", "louisiana": "LA", "maine": "ME", "maryland": "MD", "massachusetts": "MA",
    "michigan": "MI",
    "minnesota": "MN", "mississippi": "MS", "missouri": "MO", "montana": "MT", "nebraska": "NE",
    "nevada": "NV",
    "new hampshire": "NH", "new jersey": "NJ", "new mexico": "NM", "new york": "NY",
    "north carolina": "NC",
    "north dakota": "ND", "ohio": "OH", "oklahoma": "OK", "oregon": "OR", "pennsylvania": "PA",
    "puerto rico": "PR", "rhode island": "RI", "south carolina": "SC", "south dakota": "SD",
    "tennessee": "TN",
    "texas": "TX", "utah": "UT", "vermont": "VT", "virginia": "VA", "washington": "WA",
    "west virginia": "WV",
    "wisconsin": "WI", "wyoming": "WY",
}  # fmt: skip
MOST_STEPS = 400  # a window that never opens within this many steps is a mistake in the rules


@dataclass(frozen=True)
class CallingHoursRule:
    """One window in which phones may ring, in local time, with the law it comes from."""

    id: str
    where: str
    opens: time
    closes: time
    citation: str


@dataclass(frozen=True)
class PossibleLocation:
    """Where a lead may be: every possible IANA zone, and the US state if the lead stated one."""

    zones: tuple[str, ...]
    state: str = ""

    @property
    def zone(self) -> str:
        """The lead's most likely zone, in which times are shown."""
        return self.zones[0]


def possible_location(number: str, *, region: str = "", zip_code: str = "") -> PossibleLocation:
    """Return where the lead may be, by what was stated or by the number.

    The stated ZIP or state goes first, then the number; where neither tells, it is anywhere in the
    US. Five digits beside a number of another country are that country's postal code, not a ZIP.
    """
    state = (_state_of_zip(zip_code) or _state_from_name(region)) if number.startswith("+1") else ""
    if state:
        return PossibleLocation(tuple(_load_us_zones()["states"][state]), state)
    return PossibleLocation(
        phone_numbers.phone_time_zones(number) or tuple(_load_us_zones()["anywhere"])
    )


def unite_locations(locations: Iterable[PossibleLocation]) -> PossibleLocation:
    """Return where a phone may be that is said to be at each of these: the hours of all count."""
    first, *others = locations
    zones = dict.fromkeys(zone for one in (first, *others) for zone in one.zones)
    return replace(first, zones=tuple(zones))


def calling_hours_rules(place: PossibleLocation) -> tuple[CallingHoursRule, ...]:
    """Return the rules in force for a place."""
    return tuple(
        rule for rule in _load_calling_hours_rules() if rule.where in ("US", f"US-{place.state}")
    )


def is_within_calling_hours(place: PossibleLocation, at: datetime) -> bool:
    """Whether every rule allows ringing at an instant in every zone the lead may be in."""
    return next_callable_time(place, at) == at


def next_callable_time(place: PossibleLocation, at: datetime) -> datetime:
    """Return the first instant from `at` on at which ringing is allowed.

    Every rule has to allow it in every possible zone of the place.
    """
    for _ in range(MOST_STEPS):
        later = max(
            (
                _rule_opens_at(rule, zone, at)
                for rule in calling_hours_rules(place)
                for zone in place.zones
            ),
            default=at,
        )
        if later == at:
            return at
        at = later
    msg = f"the calling hours never open in {place.zones}"
    raise ValueError(msg)


def callable_spans(
    place: PossibleLocation, start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """Return the spans between two instants in which phones were allowed to ring, in order."""
    spans, at = [], start
    while at < end and (opened := next_callable_time(place, at)) < end:
        at = min(
            _rule_closes_at(rule, zone, opened)
            for rule in calling_hours_rules(place)
            for zone in place.zones
        )
        spans.append((opened, min(at, end)))
    return spans


def _rule_opens_at(rule: CallingHoursRule, zone: str, at: datetime) -> datetime:
    local = at.astimezone(ZoneInfo(zone))
    if rule.opens <= local.time() < rule.closes:
        return at
    day = local.date() if local.time() < rule.opens else local.date() + timedelta(days=1)
    return datetime.combine(day, rule.opens, ZoneInfo(zone)).astimezone(UTC)


def _rule_closes_at(rule: CallingHoursRule, zone: str, at: datetime) -> datetime:
    day = at.astimezone(ZoneInfo(zone)).date()
    return datetime.combine(day, rule.closes, ZoneInfo(zone)).astimezone(UTC)


def _state_of_zip(text: str) -> str:
    digits = text.strip()[:5]
    if len(digits) != 5 or not digits.isdecimal():  # noqa: PLR2004 - a ZIP code has five digits
        return ""
    prefix = int(digits[:3])
    for span, state in _load_us_zones()["zips"].items():
        first, last = span.split("-")
        if int(first) <= prefix <= int(last):
            return str(state)
    return ""


def _state_from_name(text: str) -> str:
    word = text.strip().removeprefix("US-")
    code = STATE_NAMES.get(word.lower(), word.upper())
    return code if code in _load_us_zones()["states"] else ""


@functools.cache
def _load_calling_hours_rules() -> tuple[CallingHoursRule, ...]:
    listed = tomllib.loads((Path(__file__).parent / "calling_hours.toml").read_text("utf-8"))[
        "rule"
    ]
    return tuple(
        CallingHoursRule(**{name: row[name] for name in CallingHoursRule.__dataclass_fields__})
        for row in listed
    )


@functools.cache
def _load_us_zones() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "us_zones.toml").read_text("utf-8"))
