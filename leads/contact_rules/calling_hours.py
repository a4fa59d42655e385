"""Calling hours: when a phone may ring in every place where its owner may be. Pure."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from leads.contact_rules.legal_holidays import holidays_in_year
from leads.contact_rules.possible_location import PossibleLocation
from leads.contact_rules.stated_call_times import StatedCallTime, next_stated_time
from leads.contact_rules.zip_zones import HERE

MOST_STEPS = 60  # openings that are looked at: some places are never open at the same time
MOST_CLOSED_DAYS = 366
LONGEST_OPEN_DAYS = 3  # hours that do not end within them are told as always open
DAY = timedelta(days=1)
SATURDAY = 5
EVERY_CHANNEL = ("call", "text")

Window = tuple[time, time]
"""When a day opens and closes, by the clock of the place; there is none on a closed day."""


ALL_DAY: Window = (time.min, time.max)
NEVER: Window = (time.max, time.min)

WindowOfDay = Callable[[date], Window | None]


@dataclass(frozen=True)
class CallingHoursRule:
    """The windows in which phones may ring, by the clock of whoever is called, and whose.

    `windows`: of Monday and the six days after it. `most_per_day`: contacts in any 24 hours.
    """

    id: str
    where: str
    windows: tuple[Window | None, ...]
    citation: str
    effective_from: date = date.min
    effective_until: date = date.max
    holidays: tuple[str, ...] = ()
    closed_dates: frozenset[date] = frozenset()
    most_per_day: int | None = None
    applies_to: tuple[str, ...] = EVERY_CHANNEL
    confidence: str = "high"

    def window_of(self, day: date) -> Window | None:
        """Return when a day opens and closes; None where it stays closed.

        A day on which the rule is not in force yet, or no more, is open all day.
        """
        if not self.effective_from <= day < self.effective_until:
            return ALL_DAY
        if day in self.closed_dates or day in holidays_in_year(self.holidays, day.year):
            return None
        return self.windows[day.weekday()]


@functools.lru_cache(maxsize=4096)
def calling_hours_rules(
    jurisdictions: frozenset[str], channel: str = "call"
) -> tuple[CallingHoursRule, ...]:
    """Return the laws about a channel in these jurisdictions."""
    return tuple(
        rule
        for rule in load_calling_hours_rules()
        if rule.where in jurisdictions and channel in rule.applies_to
    )


def rules_of_place(place: PossibleLocation) -> tuple[CallingHoursRule, ...]:
    """Return the laws about calls to a place."""
    return calling_hours_rules(place.jurisdictions)


@functools.lru_cache(maxsize=65_536)
def place_of_same_hours(place: PossibleLocation) -> PossibleLocation:
    """Return the one place that stands for all with the same zones and laws."""
    bound = {rule.where for rule in rules_of_place(place)}
    return PossibleLocation(tuple(sorted(place.zones)), tuple(sorted(bound)))


def closed_rules(
    rules: Sequence[CallingHoursRule], place: PossibleLocation, at: datetime
) -> tuple[CallingHoursRule, ...]:
    """Return those of the rules that let no phone ring at an instant in some zone of a place."""
    clocks = [at.astimezone(_zone_of_name(zone)) for zone in place.zones]
    return tuple(
        rule
        for rule in rules
        if not all(_is_open_by_the_clock(rule.window_of, clock) for clock in clocks)
    )


def next_callable_time(
    place: PossibleLocation, at: datetime, rules: Sequence[CallingHoursRule] | None = None
) -> datetime | None:
    """Return the first instant from `at` on at which ringing is allowed.

    Every rule (by default every law) has to allow it in every zone of the place. None where they
    never do at the same time: a person has to decide.
    """
    binding = rules_of_place(place) if rules is None else tuple(rules)
    window_of = _common_window_of(binding)
    zones = list(map(_zone_of_name, place.zones)) if binding else []
    for _ in range(MOST_STEPS):
        later = at
        for zone in zones:
            opens = _opens_at(window_of, zone, later)
            if opens is None:
                return None
            later = max(later, opens)
        if later == at:
            return at
        at = later
    return None


@dataclass(frozen=True)
class OpenHours:
    """The hours in which somebody may be called: where they may be, and the rules that bind.

    `stated`: when others wish their phone to ring that it shares.
    """

    place: PossibleLocation
    rules: tuple[CallingHoursRule, ...]
    stated: tuple[StatedCallTime, ...] = ()

    @classmethod
    def by_law(cls, place: PossibleLocation) -> Self:
        """Return the hours of a place by its laws alone."""
        return cls(place, rules_of_place(place))

    def next_open(self, at: datetime) -> datetime | None:
        """Return the first instant from `at` on that is open; None where there is none."""
        for _ in range(MOST_STEPS):
            opens = self.next_allowed(at)
            later = self.next_stated(opens) if opens else None
            if later is None or later == opens:
                return later
            at = later
        return None

    def next_allowed(self, at: datetime) -> datetime | None:
        """Return the first instant from `at` on that the rules allow; None where there is none."""
        return next_callable_time(self.place, at, self.rules)

    def closing_time(self, at: datetime) -> datetime | None:
        """Return when the hours end in which an instant is; None where they do not for days."""
        pairs = [(rule, _zone_of_name(zone)) for rule in self.rules for zone in self.place.zones]
        for _ in range(LONGEST_OPEN_DAYS if pairs else 0):
            closes = min(_closes_at(rule, zone, at) for rule, zone in pairs)
            if self.next_allowed(closes) != closes:
                return closes
            at = closes
        return None

    def next_stated(self, at: datetime) -> datetime | None:
        """Return the first instant from `at` on that was wished; None where there is none."""
        return next_stated_time(self.stated, self.place.zones, at) if self.stated else at


def callable_spans(
    place: PossibleLocation, start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """Return the spans between two instants in which phones were allowed to ring, in order."""
    spans: list[tuple[datetime, datetime]] = []
    at = start
    rules = rules_of_place(place)
    pairs = [(rule, _zone_of_name(zone)) for rule in rules for zone in place.zones]
    while at < end and (opened := next_callable_time(place, at, rules)) and opened < end:
        at = min(_closes_at(rule, zone, opened) for rule, zone in pairs)
        if spans and spans[-1][1] == opened:
            spans[-1] = (spans[-1][0], min(at, end))
        else:
            spans.append((opened, min(at, end)))
    return spans


@functools.lru_cache(maxsize=1024)
def _common_window_of(rules: tuple[CallingHoursRule, ...]) -> WindowOfDay:
    """Return what tells when a day opens and closes by all of some rules; each day is kept."""

    @functools.lru_cache(maxsize=1024)
    def window_of(day: date) -> Window | None:
        windows = [rule.window_of(day) for rule in rules]
        opens = max((window or NEVER)[0] for window in windows)
        closes = min((window or NEVER)[1] for window in windows)
        return (opens, closes) if opens < closes else None

    return window_of


def _is_open_by_the_clock(window_of: WindowOfDay, clock: datetime) -> bool:
    window = window_of(clock.date())
    return window is not None and (window == ALL_DAY or window[0] <= clock.time() < window[1])


def _opens_at(window_of: WindowOfDay, zone: ZoneInfo, at: datetime) -> datetime | None:
    """Return `at` where it is in its day's window, else when the next window opens."""
    clock = at.astimezone(zone)
    if _is_open_by_the_clock(window_of, clock):
        return at
    for day in _days_from(clock.date()):
        window = window_of(day)
        if window and (day > clock.date() or clock.time() < window[0]):
            return datetime.combine(day, window[0], zone).astimezone(UTC)
    return None


def _closes_at(rule: CallingHoursRule, zone: ZoneInfo, at: datetime) -> datetime:
    """Return when the window closes in which an instant is; one of a whole day, at midnight."""
    day = at.astimezone(zone).date()
    window = rule.window_of(day)
    if window is None or window == ALL_DAY:
        return datetime.combine(day + DAY, time.min, zone).astimezone(UTC)
    return datetime.combine(day, window[1], zone).astimezone(UTC)


def _days_from(first: date) -> Iterator[date]:
    for number in range(MOST_CLOSED_DAYS):
        yield first + number * DAY


@functools.lru_cache(maxsize=512)
def _zone_of_name(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@functools.cache
def load_calling_hours_rules() -> tuple[CallingHoursRule, ...]:
    """Return every law of the table."""
    listed = tomllib.loads((HERE / "calling_hours.toml").read_text("utf-8"))["rule"]
    return tuple(_to_rule(dict(row)) for row in listed)


def _to_rule(row: dict[str, Any]) -> CallingHoursRule:
    every_day = (row.pop("opens"), row.pop("closes"))
    weekend = [row.pop(day, every_day) for day in ("saturday", "sunday")]
    windows = [every_day] * SATURDAY + [(day[0], day[1]) if day else None for day in weekend]
    row |= {name: tuple(row[name]) for name in ("holidays", "applies_to") if name in row}
    return CallingHoursRule(windows=tuple(windows), **row)
