"""The same figures for parts of a period: by day, hour, weekday, source or advisor, each part counted by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

import numpy as np

from leads import metrics
from leads.cohort import Cohort, local
from leads.columns import Numbers
from leads.metrics import EXCLUDED, HIT, MISS, PENDING
from leads.survival import Percentiles

HOURS, DAYS_OF_WEEK = 24, 7
T = TypeVar("T")


@dataclass(frozen=True)
class Figures:
    """What is asked of every part: how many, how many in time, and how long people waited for a first ring."""

    received: int
    rung: int
    reached: int
    hits: int
    misses: int
    pending: int
    excluded: int
    attempt: Percentiles
    contact: Percentiles

    @property
    def in_time(self) -> float | None:
        """Hits / (hits + misses); None when nobody counts yet."""
        counted = self.hits + self.misses
        return self.hits / counted if counted else None

    @property
    def contact_rate(self) -> float | None:
        """Share of the people received whom an advisor has talked to so far."""
        return self.reached / self.received if self.received else None


def figures(people: Cohort, *, target: timedelta, now: datetime) -> Figures:
    """Return the figures of one part, by the definitions of the whole."""
    standing = np.bincount(metrics.standing(people, target=target, now=now), minlength=4).tolist()
    return Figures(
        received=len(people),
        rung=int(people.rung.sum()),
        reached=int(people.reached.sum()),
        hits=standing[HIT],
        misses=standing[MISS],
        pending=standing[PENDING],
        excluded=standing[EXCLUDED],
        attempt=metrics.time_to_first_attempt(people, now=now),
        contact=metrics.time_to_first_contact(people, now=now),
    )


def by_hour(people: Cohort, *, zone: str, of: Callable[[Cohort], T]) -> dict[datetime, T]:
    """Return a figure for each hour of the wall clock in a zone in which anybody asked for help.

    The hour that a clock shows twice in autumn is one hour.
    """
    hours = local(people.received_at, zone).astype("datetime64[h]").astype(np.int64)
    return {_hour(number): of(part) for number, part in parts(people, hours)}


def by_day(people: Cohort, *, first: date, last: date, zone: str, of: Callable[[Cohort], T]) -> dict[date, T]:
    """Return a figure for each day from first to last of the calendar in a zone, days without anybody included."""
    days = local(people.received_at, zone).astype("datetime64[D]").astype(np.int64)
    found = dict(parts(people, days))
    every = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    return {day.item(): of(found.get(int(day.astype(int)), people[:0])) for day in every}


def by_hour_of_week(people: Cohort, *, zone: str, of: Callable[[Cohort], T]) -> dict[tuple[int, int], T]:
    """Return a figure for each (weekday, hour) of the wall clock in a zone; Monday is 0. Hours without anybody lack."""
    there = local(people.received_at, zone)
    hours = there.astype("datetime64[h]").astype(np.int64)
    weekday = (there.astype("datetime64[D]").astype(np.int64) + 3) % DAYS_OF_WEEK  # 1970 began on a Thursday
    codes = weekday * HOURS + hours % HOURS
    return {divmod(code, HOURS): of(part) for code, part in parts(people, codes)}


def parts(people: Cohort, codes: Numbers) -> Iterator[tuple[int, Cohort]]:
    """Yield each code with the people who have it, in order of the codes."""
    order = np.argsort(codes, kind="stable")
    found, starts = np.unique(codes[order], return_index=True)
    for code, which in zip(found.tolist(), np.split(order, starts[1:]), strict=False):
        yield code, people[which]


def _hour(number: int) -> datetime:
    start: datetime = np.datetime64(number, "h").astype("datetime64[us]").item()
    return start
