"""Readable times: days, times of day and instants as readers of each of our languages write them.

Screens, mails and spoken words all take them from here.
"""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from babel import dates

NARROW_SPACE = "\u202f"  # fonts of browsers draw it too wide in narrow columns


def locale_of_language(language: str) -> str:
    """Return the locale by which dates and numbers are written for readers of a language."""
    return f"{language}_US"


def format_day(on: date, *, language: str) -> str:
    """Return a day near today, as "Tue, Mar 3"."""
    at = datetime.combine(on, time())
    return dates.format_skeleton("MMMEd", at, locale=locale_of_language(language))


def format_date(on: date, *, language: str) -> str:
    """Return a day of any year, as "March 3, 2026"."""
    return dates.format_date(on, "long", locale=locale_of_language(language))


def format_time_of_day(at: time, *, language: str) -> str:
    """Return a time on the clock, as "2:05 PM"."""
    said = dates.format_time(at, "short", locale=locale_of_language(language))
    return said.replace(NARROW_SPACE, " ")


def name_zone_city(zone: str, *, language: str) -> str:
    """Return the city that a time zone is named after, as "New York".

    Raises LookupError or ValueError for what is no zone.
    """
    there = dates.get_timezone_location(
        ZoneInfo(zone), locale=locale_of_language(language), return_city=True
    )
    return there.rpartition("/")[2]


def format_instant(at: datetime, *, zone: str, language: str) -> str:
    """Return an instant for readers of any day and place, as "March 3, 2026, 2:05 PM EST"."""
    local = at.astimezone(ZoneInfo(zone))
    zone_name = dates.get_timezone_name(local, "short", locale=locale_of_language(language))
    day, hour = local.date(), local.time()
    said = (format_date(day, language=language), format_time_of_day(hour, language=language))
    return f"{', '.join(said)} {zone_name}"
