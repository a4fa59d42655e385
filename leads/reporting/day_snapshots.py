"""Days that are over, each kept as one Arrow stream that the figures read.

A copy: the callbacks stay the truth.

The database itself marks a day when one of its callbacks is added, changed or removed, whoever does
it: see the triggers of migration 0008. A day that is marked or not packed is read from its
callbacks, and packed again later.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
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
    session: Session, *, schema: pa.Schema, start: datetime, end: datetime
) -> tuple[Columns, list[Span]]:
    """Return the snapshots of the days that a period touches, and the spans that none covers.

    A day's snapshot is whole, even where the period begins or ends within the day.
    """
    within = (
        col(DaySnapshot.day) >= _day_number(start),
        col(DaySnapshot.day) <= _day_number(end - MOMENT),
    )
    packed = select(DaySnapshot.day, DaySnapshot.content).where(
        col(DaySnapshot.day).in_(_valid_snapshot_days_query(schema).where(*within))
    )
    snapshots = session.exec(packed.order_by(col(DaySnapshot.day))).all()
    return _decode_snapshots(
        schema, [content for _, content in snapshots]
    ), _spans_without_snapshot([day for day, _ in snapshots], start, end)


def list_days_without_snapshot(session: Session, *, schema: pa.Schema, now: datetime) -> list[int]:
    """Return the days that are over and not packed, the oldest first.

    Those that still change would keep it busy.
    """
    first = session.exec(select(func.min(Callback.received_at))).one()
    if first is None:
        return []
    packed = set(session.exec(_valid_snapshot_days_query(schema)))
    return [day for day in range(_day_number(first), _day_number(now)) if day not in packed]


def store_day_snapshot(session: Session, day: int, rows: Select[Any], *, schema: pa.Schema) -> bool:
    """Pack one day of a query of callbacks.

    False if one of them is being changed at this moment.
    """
    if not _try_lock_day(session, day):
        return False
    start = DAY_ZERO + day * DAY
    rows = rows.where(col(Callback.received_at) >= start, col(Callback.received_at) < start + DAY)
    content = _encode_snapshot(schema, columnar_query.fetch_columns(session, rows))
    session.execute(delete(DaySnapshot).where(col(DaySnapshot.day) == day))
    session.execute(
        insert(DaySnapshot).values(day=day, layout=_layout_mark(schema), content=content)
    )
    return True


def delete_day_snapshots(session: Session) -> None:
    """Take every day apart, to be packed anew."""
    session.execute(delete(DaySnapshot))


def _valid_snapshot_days_query(schema: pa.Schema) -> Any:
    """Which days have not changed since they were packed, by this version."""
    layout = _layout_mark(schema)
    days = select(DaySnapshot.day).group_by(col(DaySnapshot.day))
    return days.having(
        func.min(DaySnapshot.layout) == layout, func.max(DaySnapshot.layout) == layout
    )


def _try_lock_day(session: Session, day: int) -> bool:
    """On SQLite whoever writes is alone.

    On PostgreSQL a change that is not committed yet would be missed.
    """
    if session.get_bind().dialect.name == "sqlite":
        return True
    lock = text("SELECT pg_try_advisory_xact_lock(:locks, :day)")
    return bool(session.execute(lock, {"locks": DAY_LOCK_NAMESPACE, "day": day}).scalar_one())


def _layout_mark(schema: pa.Schema) -> str:
    """Say which columns and words a snapshot has: one of other columns or words is not read."""
    return str(schema.to_string(truncate_metadata=False))


def _encode_snapshot(schema: pa.Schema, columns: Columns) -> bytes:
    batch = pa.record_batch(
        [_to_arrow_array(schema, field, columns[field.name]) for field in schema], schema=schema
    )
    stream = pa.BufferOutputStream()
    with pa.ipc.new_stream(stream, schema) as writer:
        writer.write_batch(batch)
    content: bytes = stream.getvalue().to_pybytes()
    return content


def _to_arrow_array(schema: pa.Schema, field: pa.Field, values: npt.NDArray[Any]) -> pa.Array:
    """Return a column as Arrow has it: of words, where the values are places among them."""
    if not pa.types.is_dictionary(field.type):
        return pa.array(values).cast(field.type)
    words = schema.metadata[field.name.encode()].decode().split(" ")
    return pa.DictionaryArray.from_arrays(pa.array(values, field.type.index_type), words)


def _decode_snapshots(schema: pa.Schema, days: Sequence[bytes]) -> Columns:
    tables = [pa.ipc.open_stream(content).read_all() for content in days]
    whole = pa.concat_tables([schema.empty_table(), *tables])
    return dict(zip(schema.names, map(_from_arrow_column, whole.columns), strict=True))


def _from_arrow_column(column: pa.ChunkedArray) -> npt.NDArray[Any]:
    if not pa.types.is_dictionary(column.type):
        return np.asarray(column.to_numpy())
    return np.concatenate([np.empty(0, np.int8), *(part.indices for part in column.chunks)])


def _spans_without_snapshot(packed: Sequence[int], start: datetime, end: datetime) -> list[Span]:
    """Return what packed days leave of a period."""
    edges = [
        start,
        *(edge for day in packed for edge in (DAY_ZERO + day * DAY, DAY_ZERO + (day + 1) * DAY)),
        end,
    ]
    spans = zip(edges[::2], edges[1::2], strict=True)
    return [(since, until) for since, until in spans if since < until]


def _day_number(at: datetime) -> int:
    return (at - DAY_ZERO) // DAY
