"""Times as our public pages say them: "between 8 and 9 this morning", in either language. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel import dates

from leads.i18n import languages

AFTERNOON, EVENING, NIGHT = time(12), time(17), time(20)
HALF_DAY = 12  # hours
DAYS_BY_NAME = 6  # farther away, a day is told with its date
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class VisitorClock:
    """Says instants by a visitor's clock, seen from now.

    `names_zone`: whether the reader may live by another clock, so that times need their zone.
    """

    language: str
    zone: str
    now: datetime
    names_zone: bool = False

    def say_at(self, at: datetime) -> str:
        """Return a time, as "8 tomorrow morning"."""
        return self._say(self._clock["at"], at)

    def say_until(self, at: datetime) -> str:
        """Return a time at which something ends, as "until 9 tonight"."""
        return self._say(self._clock["until"], at, is_end=True)

    def say_between(self, first: datetime, last: datetime) -> str:
        """Return a span of one day, as "between 8 and 9 this morning"."""
        return self._say(self._clock["between"], first, last)

    @property
    def _clock(self) -> Mapping[str, Any]:
        words: Mapping[str, Any] = languages.page_texts(self.language)["clock"]
        return words

    def _say(
        self, hours: str, first: datetime, last: datetime | None = None, *, is_end: bool = False
    ) -> str:
        local = first.astimezone(ZoneInfo(self.zone))
        part = _part_of_day(local.time(), is_span=last is not None, is_end=is_end)
        is_midnight = last is None and local.time() == time()
        day = local - MINUTE if is_end or is_midnight else local  # midnight ends the day before
        away = (day.date() - self.now.astimezone(day.tzinfo).date()).days
        table = self._clock[("today", "tomorrow")[away] if away in (0, 1) else "later"]
        said = table[part].format(
            hours=hours.format(
                first=self._say_hour(first), last=self._say_hour(last) if last else ""
            ),
            day=self._say_day(day, away),
        )
        return f"{said} ({self._zone_name})" if self.names_zone else said

    def _say_hour(self, at: datetime) -> str:
        local, words = at.astimezone(ZoneInfo(self.zone)), self._clock["hours"]
        if local.time() in (time(), time(HALF_DAY)):
            return str(words["noon" if local.hour else "midnight"])
        hour = local.hour % HALF_DAY or HALF_DAY
        told = f"{hour}:{local.minute:02}" if local.minute else f"{hour}"
        return str(words["one" if hour == 1 else "other"]).format(hour=told)

    def _say_day(self, local: datetime, away: int) -> str:
        pattern = "EEEE" if away <= DAYS_BY_NAME else self._clock["date"]
        return dates.format_date(local.date(), pattern, locale=self.language)

    @property
    def _zone_name(self) -> str:
        return dates.get_timezone_name(ZoneInfo(self.zone), locale=self.language)


def _part_of_day(at: time, *, is_span: bool, is_end: bool) -> str:
    if not is_span and at in (time(), time(HALF_DAY)):
        return "noon" if at.hour else "midnight"
    if at < AFTERNOON:
        return "morning"
    if at < EVENING or (is_end and at == EVENING):
        return "afternoon"
    return "evening" if at < NIGHT else "night"
