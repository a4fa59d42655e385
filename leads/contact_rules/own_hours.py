"""A helpline's own hours and closed days, which only tighten what the law allows. Pure."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Self

from leads.contact_rules.calling_hours import CallingHoursRule, Window

OWN_HOURS = "helpline-hours"
DAYS = 7


@dataclass(frozen=True)
class OwnHours:
    """When a helpline calls, by the clock of whoever is called: Monday first, None is closed."""

    windows: tuple[Window | None, ...]
    closed_dates: frozenset[date] = frozenset()

    @classmethod
    def from_data(cls, stored: dict[str, Any] | None) -> Self | None:
        """Return the hours that are stored; None where the helpline has none of its own."""
        if not stored:
            return None
        windows = tuple(
            (time.fromisoformat(day[0]), time.fromisoformat(day[1])) if day else None
            for day in stored["windows"]
        )
        return cls(windows, frozenset(map(date.fromisoformat, stored["closed_dates"])))

    def as_data(self) -> dict[str, Any]:
        """Return the hours as JSON has them."""
        windows = [[f"{at:%H:%M}" for at in day] if day else None for day in self.windows]
        return {"windows": windows, "closed_dates": sorted(map(str, self.closed_dates))}

    def span_of_day(self, day: date) -> tuple[datetime, datetime] | None:
        """Return from when until when they are open on a day, by the clock on the wall.

        An end that is not after the begin is on the next day. None where they are closed.
        """
        window = self.windows[day.weekday()]
        if window is None or day in self.closed_dates:
            return None
        opens, closes = window
        last = day if opens < closes else day + timedelta(days=1)
        return datetime.combine(day, opens), datetime.combine(last, closes)

    def is_within(self, other: OwnHours | None, *, today: date) -> bool:
        """Whether nobody is called at an hour from today on at which `other` does not call."""
        return other is None or (
            all(map(_is_window_within, self.windows, other.windows))
            and {day for day in other.closed_dates if day >= today} <= self.closed_dates
        )


def own_hours_rule(stored: dict[str, Any] | None) -> CallingHoursRule | None:
    """Return the rule that a helpline's stored hours are; None where it has none."""
    if not stored:
        return None
    windows = tuple(tuple(day) if day else None for day in stored["windows"])
    return _make_rule(windows, tuple(stored["closed_dates"]))


@functools.lru_cache(maxsize=256)
def _make_rule(windows: tuple[Any, ...], closed_dates: tuple[str, ...]) -> CallingHoursRule:
    hours = OwnHours.from_data({"windows": windows, "closed_dates": closed_dates})
    return CallingHoursRule(
        id=OWN_HOURS,
        where="",
        windows=hours.windows if hours else (),
        citation="The helpline's own hours",
        closed_dates=hours.closed_dates if hours else frozenset(),
    )


def _is_window_within(narrow: Window | None, wide: Window | None) -> bool:
    if narrow is None:
        return True
    return wide is not None and wide[0] <= narrow[0] and narrow[1] <= wide[1]
