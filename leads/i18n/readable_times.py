"""Readable times: days, times of day and instants as readers of each of our languages write them.

Screens, mails and spoken words all take them from here. No line ends within a time of day.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Literal, Self, get_args
from zoneinfo import ZoneInfo

from babel import dates

NARROW_SPACE = "\u202f"  # fonts of browsers draw it too wide in narrow columns
NO_BREAK_SPACE = "\u00a0"
ONE_O_CLOCK = (1, 13)

SpanishForm = Literal["las", "a las"]
"""What a Spanish sentence may have before a time: its article, or that and its preposition."""
SPANISH_FORMS: tuple[SpanishForm, ...] = get_args(SpanishForm)


class ReadableTime(str):
    """A time as it stands alone, "2:05 p.m.", and within a Spanish sentence, "las 2:05 p.m."."""

    __slots__ = ("clock", "day", "hour")
    clock: str
    day: str
    hour: int

    def __new__(cls, clock: str, *, hour: int, day: str = "") -> Self:
        """Make a time of how its clock is written, its hour of 24, and its day if that is said."""
        self = super().__new__(cls, f"{day}, {clock}" if day else clock)
        self.clock, self.day, self.hour = clock, day, hour
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, int | str]]:
        """Let copies remember the parts."""
        return (self.clock,), {"hour": self.hour, "day": self.day}

    def in_spanish(self, form: SpanishForm) -> str:
        """Return the time with what its sentence asks for, and with its day's article."""
        with_article = f"{'la' if self.hour in ONE_O_CLOCK else 'las'} {self.clock}"
        if self.day:
            return f"el {self.day}, a {with_article}"
        return f"a {with_article}" if form == "a las" else with_article


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


def format_time_of_day(at: time, *, language: str) -> ReadableTime:
    """Return a time on the clock, as "2:05 PM"."""
    said = dates.format_time(at, "short", locale=locale_of_language(language))
    whole = said.replace(NARROW_SPACE, NO_BREAK_SPACE).replace(" ", NO_BREAK_SPACE)
    return ReadableTime(whole, hour=at.hour)


def format_day_and_time(at: datetime, *, language: str) -> ReadableTime:
    """Return a local time of a day near today, as "Tue, Mar 3, 2:05 PM"."""
    clock = format_time_of_day(at.time(), language=language)
    return ReadableTime(clock, hour=at.hour, day=format_day(at.date(), language=language))


def name_zone_city(zone: str, *, language: str) -> str:
    """Return the city that a time zone is named after, as "New York".

    Raises LookupError or ValueError for what is no zone.
    """
    there = dates.get_timezone_location(
        ZoneInfo(zone), locale=locale_of_language(language), return_city=True
    )
    return there.rpartition("/")[2]


def format_instant(at: datetime, *, zone: str, language: str) -> ReadableTime:
    """Return an instant for readers of any day and place, as "March 3, 2026, 2:05 PM EST"."""
    local = at.astimezone(ZoneInfo(zone))
    zone_name = dates.get_timezone_name(local, "short", locale=locale_of_language(language))
    clock = format_time_of_day(local.time(), language=language)
    day = format_date(local.date(), language=language)
    return ReadableTime(f"{clock}{NO_BREAK_SPACE}{zone_name}", hour=local.hour, day=day)
