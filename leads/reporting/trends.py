"""Trends: the same figures for the parts of a period.

The parts are days, hours, weekdays, sources or advisors, each counted by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from leads.reporting import metrics, survival_analysis
from leads.reporting.calendar_days import to_local_time
from leads.reporting.cohort import Cohort
from leads.reporting.columnar_query import Numbers
from leads.reporting.metrics import EXCLUDED, HIT, MISS, PENDING
from leads.reporting.survival_analysis import WAIT_END_CODES, Percentiles, WaitEnd, Waits

HOURS, DAYS_OF_WEEK = 24, 7


@dataclass(frozen=True)
class CohortFigures:
    """What is asked of every part.

    How many, how many in time, and how long people waited for a first ring.
    """

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
        """The share that `metrics.contact_rate` defines."""
        return self.reached / self.received if self.received else None


EMPTY_FIGURES = CohortFigures(
    0, 0, 0, 0, 0, 0, 0, Percentiles(None, None, None), Percentiles(None, None, None)
)


def figures_of_cohort(people: Cohort, *, target: timedelta, now: datetime) -> CohortFigures:
    """Return the figures of people taken together."""
    return next(
        iter(
            figures_by_code(
                people, np.zeros(len(people), np.int64), target=target, now=now
            ).values()
        ),
        EMPTY_FIGURES,
    )


def figures_by_hour(
    people: Cohort, *, zone: str, target: timedelta, now: datetime
) -> dict[datetime, CohortFigures]:
    """Return the figures of each hour of the wall clock in a zone in which anybody asked for help.

    The hour that a clock shows twice in autumn is one hour.
    """
    hours = to_local_time(people.received_at, zone).astype("datetime64[h]").astype(np.int64)
    return {
        _hour_start(number): part
        for number, part in figures_by_code(people, hours, target=target, now=now).items()
    }


def figures_by_day(
    people: Cohort, *, first: date, last: date, zone: str, target: timedelta, now: datetime
) -> dict[date, CohortFigures]:
    """Return the figures of each calendar day in a zone, `first` to `last`, empty days included."""
    days = to_local_time(people.received_at, zone).astype("datetime64[D]").astype(np.int64)
    by_day = figures_by_code(people, days, target=target, now=now)
    every = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    return {day.item(): by_day.get(int(day.astype(int)), EMPTY_FIGURES) for day in every}


def figures_by_hour_of_week(
    people: Cohort, *, zone: str, target: timedelta, now: datetime
) -> dict[tuple[int, int], CohortFigures]:
    """Return the figures of each (weekday, hour) of the wall clock in a zone; Monday is 0.

    Hours in which nobody asked are left out.
    """
    there = to_local_time(people.received_at, zone)
    hours = there.astype("datetime64[h]").astype(np.int64)
    weekday = (
        there.astype("datetime64[D]").astype(np.int64) + 3
    ) % DAYS_OF_WEEK  # 1970 began on a Thursday
    by_code = figures_by_code(people, weekday * HOURS + hours % HOURS, target=target, now=now)
    return {divmod(code, HOURS): part for code, part in by_code.items()}


def figures_by_code(
    people: Cohort, codes: Numbers, *, target: timedelta, now: datetime
) -> dict[int, CohortFigures]:
    """Return the figures of those who share a code.

    They are worked out for all codes at once.
    """
    standing = metrics.classify_against_target(people, target=target, now=now)
    attempt = metrics.waits_until(people, "first_rung_at", now=now)
    contact = metrics.waits_until(people, "first_conversation_at", now=now)
    order = np.argsort(codes, kind="stable")
    distinct, starts = np.unique(codes[order], return_index=True)
    parts = np.split(order, starts[1:]) if len(distinct) else []
    return {
        code: _figures_from_waits(standing[part], attempt[part], contact[part])
        for code, part in zip(distinct.tolist(), parts, strict=True)
    }


def _figures_from_waits(standing: Numbers, attempt: Waits, contact: Waits) -> CohortFigures:
    counted = np.bincount(standing, minlength=4).tolist()
    happened = WAIT_END_CODES[WaitEnd.HAPPENED]
    return CohortFigures(
        received=len(standing),
        rung=int((attempt.ends == happened).sum()),
        reached=int((contact.ends == happened).sum()),
        hits=counted[HIT],
        misses=counted[MISS],
        pending=counted[PENDING],
        excluded=counted[EXCLUDED],
        attempt=survival_analysis.kaplan_meier_percentiles(attempt),
        contact=survival_analysis.kaplan_meier_percentiles(contact),
    )


def _hour_start(number: int) -> datetime:
    start: datetime = np.datetime64(number, "h").astype("datetime64[us]").item()
    return start
