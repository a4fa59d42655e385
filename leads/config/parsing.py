"""Parsers for the options of the command line. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from leads.errors import BadConfiguration
from leads.i18n.translatable import Phrase

LONGEST_TARGET = 31_536_000  # seconds: a year
FIRST_DAY, LAST_DAY = (
    date(1970, 1, 1),
    date(9998, 12, 31),
)  # calendars end, and a zone must not push us over


def parse_date(option: str, text: str) -> date:
    """Return a day of the calendar."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        msg = f"{option} must be a date such as 2026-03-31."
        raise BadConfiguration(msg) from None
    return min(max(day, FIRST_DAY), LAST_DAY)


def parse_instant(option: str, text: str) -> datetime:
    """Return an instant, which has to say its offset."""
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    msg = (
        f"{option} must be an instant with its offset from UTC, such as 2026-03-31T17:00:00-04:00."
    )
    raise BadConfiguration(msg)


def parse_time_zone(name: str) -> str:
    """Return the name of a time zone that exists."""
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        msg = Phrase("There is no time zone {name}. Use one such as America/New_York.", name=name)
        raise BadConfiguration(msg) from None


def parse_service_level_target(seconds: float) -> timedelta:
    """Return the time within which a person should be rung."""
    if not 0 < seconds <= LONGEST_TARGET:
        msg = f"--target must be more than 0 seconds and at most {LONGEST_TARGET}."
        raise BadConfiguration(msg)
    return timedelta(seconds=seconds)
