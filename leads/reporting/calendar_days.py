"""Calendar days and wall clocks of a zone, for single instants and for columns of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from leads.reporting.columnar_query import Instants

QUARTER = 15 * 60 * 10**6  # microseconds: clocks are set at whole quarters of an hour


def day_bounds(on: date, zone: str) -> tuple[datetime, datetime]:
    """Return, as UTC, the first instants of a zone's day and of the day after.

    A day may have 23 or 25 hours.
    """
    return period_bounds(on, on, zone)


def period_bounds(first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    """Return, as UTC, the first instants of a zone's first day and of the day after the last."""
    midnights = (
        datetime.combine(day, time(), ZoneInfo(zone)) for day in (first, last + timedelta(days=1))
    )
    start, end = (midnight.astimezone(UTC) for midnight in midnights)
    return start, end


def to_local_time(at: Instants, zone: str) -> Instants:
    """Return the wall-clock time in a zone of a column of instants."""
    if not len(at):
        return at
    quarters = at.astype(np.int64) // QUARTER
    least = int(quarters.min())
    there_are = np.flatnonzero(np.bincount(quarters - least))
    offsets = np.zeros(there_are[-1] + 1, "timedelta64[us]")
    offsets[there_are] = [
        _utc_offset_of_quarter(least + number, ZoneInfo(zone)) for number in there_are.tolist()
    ]
    return np.asarray(at + offsets[quarters - least])


def to_instant_column(values: Sequence[datetime | None]) -> Instants:
    """Return instants as a column; None becomes NaT."""
    return np.array(
        [at and at.astimezone(UTC).replace(tzinfo=None) for at in values], dtype="datetime64[us]"
    )


def to_numpy_instant(at: datetime) -> np.datetime64:
    """Return an instant as numpy has it, in UTC and without a zone."""
    return np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "us")


def mark_as_utc(value: Any) -> Any:
    """Return a column's value, with the zone UTC if it is an instant."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def _utc_offset_of_quarter(quarter: int, zone: ZoneInfo) -> timedelta:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=quarter * QUARTER)
    return at.astimezone(zone).utcoffset() or timedelta()
