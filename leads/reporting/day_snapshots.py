"""Day snapshots: days that are over, each stored in one piece as the figures read it.

They are copies: the callbacks stay the truth. The database itself marks a day when one of its
callbacks is added, changed or removed, whoever does it: see the triggers of migration 0008. A day
that is marked or has no snapshot is read from its callbacks, and stored again later.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Select, func, insert, text
from sqlmodel import Session, col, delete, select

from leads.models.calls import Callback
from leads.models.watching import DaySnapshot
from leads.reporting import columnar_query
from leads.reporting.columnar_query import Columns

DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)
DAY_ZERO = datetime(1970, 1, 1, tzinfo=UTC)  # of day 0
DAY_LOCK_NAMESPACE = (
    7_001  # whose numbers are days: a writer shares a day's lock, and who packs it waits for no one
)
Span = tuple[datetime, datetime]


def load_day_snapshots(
    session: Session, *, layout: str, start: datetime, end: datetime
) -> tuple[Columns, list[Span]]:
    """Return the snapshots of the days that a period touches, and the spans that none covers.

    A day's snapshot is whole, even where the period begins or ends within the day.
    """
    within = (
        col(DaySnapshot.day) >= _day_number(start),
        col(DaySnapshot.day) <= _day_number(end - MOMENT),
    )
    packed = select(DaySnapshot.day, DaySnapshot.content).where(
        col(DaySnapshot.day).in_(_valid_snapshot_days_query(layout).where(*within))
    )
    found = session.exec(packed.order_by(col(DaySnapshot.day))).all()
    return _decode_snapshots(layout, [content for _, content in found]), _spans_without_snapshot(
        [day for day, _ in found], start, end
    )


def list_days_without_snapshot(session: Session, *, layout: str, now: datetime) -> list[int]:
    """Return the days that are over and have no valid snapshot, the oldest first.

    Today, which still changes, would have to be stored again and again.
    """
    first = session.exec(select(func.min(Callback.received_at))).one()
    if first is None:
        return []
    packed = set(session.exec(_valid_snapshot_days_query(layout)))
    return [day for day in range(_day_number(first), _day_number(now)) if day not in packed]


def store_day_snapshot(session: Session, day: int, rows: Select[Any], *, layout: str) -> bool:
    """Store the snapshot of one day of a query of callbacks.

    False if one of its callbacks is being changed at this moment.
    """
    if not _try_lock_day(session, day):
        return False
    start = DAY_ZERO + day * DAY
    rows = rows.where(col(Callback.received_at) >= start, col(Callback.received_at) < start + DAY)
    found = columnar_query.fetch_columns(session, rows)
    content = b"".join(found[name].astype("<i8").tobytes() for name in _layout_columns(layout))
    session.execute(delete(DaySnapshot).where(col(DaySnapshot.day) == day))
    session.execute(insert(DaySnapshot).values(day=day, layout=layout, content=content))
    return True


def delete_day_snapshots(session: Session) -> None:
    """Delete every snapshot; the days are stored anew later."""
    session.execute(delete(DaySnapshot))


def _valid_snapshot_days_query(layout: str) -> Any:
    """Return the query for the days whose snapshot has this layout and is not marked as changed."""
    days = select(DaySnapshot.day).group_by(col(DaySnapshot.day))
    return days.having(
        func.min(DaySnapshot.layout) == layout, func.max(DaySnapshot.layout) == layout
    )


def _try_lock_day(session: Session, day: int) -> bool:
    """Lock a day for its snapshot; False if a change of it is not committed yet.

    PostgreSQL would miss such a change; on SQLite whoever writes is alone.
    """
    if session.get_bind().dialect.name == "sqlite":
        return True
    lock = text("SELECT pg_try_advisory_xact_lock(:locks, :day)")
    return bool(session.execute(lock, {"locks": DAY_LOCK_NAMESPACE, "day": day}).scalar_one())


def _layout_columns(layout: str) -> list[str]:
    return layout.split("|", maxsplit=1)[0].split()


def _decode_snapshots(layout: str, days: Sequence[bytes]) -> Columns:
    names = _layout_columns(layout)
    parts = [np.frombuffer(content, "<i8").reshape(len(names), -1) for content in days]
    values = np.concatenate(parts or [np.empty((len(names), 0), "<i8")], axis=1)
    return {
        name: column.view("<M8[us]") if name.endswith("_at") else column
        for name, column in zip(names, values, strict=True)
    }


def _spans_without_snapshot(packed: Sequence[int], start: datetime, end: datetime) -> list[Span]:
    """Return the spans of a period that no snapshot covers."""
    edges = [
        start,
        *(edge for day in packed for edge in (DAY_ZERO + day * DAY, DAY_ZERO + (day + 1) * DAY)),
        end,
    ]
    spans = zip(edges[::2], edges[1::2], strict=True)
    return [(since, until) for since, until in spans if since < until]


def _day_number(at: datetime) -> int:
    return (at - DAY_ZERO) // DAY
