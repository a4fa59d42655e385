"""Legal holidays: the days on which state laws let no phone ring. Pure."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from leads.contact_rules.zip_zones import HERE

DAY = timedelta(days=1)
SATURDAY, SUNDAY = 5, 6
FEDERAL = "federal"  # stands for all of them


@functools.lru_cache(maxsize=256)
def holidays_in_year(names: tuple[str, ...], year: int) -> frozenset[date]:
    """Return the days of a year on which these holidays are, or are kept for a weekend's."""
    kept = (
        day
        for around in (year - 1, year, year + 1)
        for name in names
        for rule in _rules_named(name)
        for day in _days_kept(rule, around)
    )
    return frozenset(day for day in kept if day.year == year)


def _rules_named(name: str) -> list[dict[str, Any]]:
    listed = _load_holidays()
    return list(listed[FEDERAL].values()) if name == FEDERAL else [listed["state"][name]]


def _days_kept(rule: dict[str, Any], year: int) -> Iterator[date]:
    """Yield a holiday, and the working day on which it is kept where it falls on a weekend."""
    if rule.get("even_years") and year % 2:
        return
    day = _holiday_date(rule, year)
    yield day
    if day.weekday() == SATURDAY:
        yield day - DAY
    if day.weekday() == SUNDAY and "easter" not in rule:
        yield day + DAY


def _holiday_date(rule: dict[str, Any], year: int) -> date:
    if "easter" in rule:
        return _easter_sunday(year) + timedelta(days=rule["easter"])
    if "day" in rule:
        return date(year, rule["month"], rule["day"])
    day = _nth_weekday(year, rule["month"], rule["weekday"], rule["nth"])
    return day + timedelta(days=rule.get("plus", 0))


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """Return the nth such weekday of a month; -1 is the last."""
    if nth < 0:
        following = date(year + month // 12, month % 12 + 1, 1)
        return _nth_weekday(following.year, following.month, weekday, 1) - 7 * DAY
    first = date(year, month, 1)
    return first + ((weekday - first.weekday()) % 7 + 7 * (nth - 1)) * DAY


def _easter_sunday(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876)."""
    golden, century, rest = year % 19, year // 100, year % 100
    leap, skipped = century // 4, (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - leap - skipped + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@functools.cache
def _load_holidays() -> dict[str, Any]:
    return tomllib.loads((HERE / "holidays.toml").read_text("utf-8"))
