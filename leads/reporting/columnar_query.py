"""Columnar queries: a query's result as columns, without an object for each value.

Exact to the microsecond.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    cast,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlmodel import Session

from leads.database.utc_datetime import UtcDateTime

Instants = npt.NDArray[np.datetime64]
Lengths = npt.NDArray[np.timedelta64]
Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Columns = dict[str, npt.NDArray[Any]]

NULL_NUMBER = -1  # where a number is NULL
NULL_INSTANT = np.datetime64("NaT", "us")
NULL_INSTANT_TEXT = "0001-01-01 00:00:00.000000"  # as wide as every instant in SQLite
SINCE_2000 = np.datetime64("2000-01-01", "us")
POSTGRESQL_MINUS_INFINITY = np.iinfo(np.int64).min  # PostgreSQL's -infinity


def fetch_columns(session: Session, chosen: Select[Any]) -> Columns:
    """Return the result of a query of named columns as one array for each column.

    The columns are instants, numbers and truth values. An instant that is NULL becomes NaT, a
    number NULL_NUMBER. The arrays have the same order among themselves, and no other.
    """
    if session.get_bind().dialect.name == "sqlite":
        return _fetch_as_one_row(session, chosen, _aggregate_as_text, _parse_text_column)
    return _fetch_as_one_row(session, chosen, _aggregate_as_bytes, _parse_bytes_column)


def _fetch_as_one_row(session: Session, chosen: Select[Any], packed: Any, unpacked: Any) -> Columns:
    rows = chosen.subquery()
    whole = session.execute(select(*(packed(column) for column in rows.c))).one()
    return {
        column.name: unpacked(column, value) for column, value in zip(rows.c, whole, strict=True)
    }


def _is_instant(column: ColumnElement[Any]) -> bool:
    return isinstance(column.type, UtcDateTime)


def _aggregate_as_text(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the expression of a column's values in one text.

    A list of Python objects would take five times as long.
    """
    if _is_instant(column):
        return func.group_concat(func.coalesce(type_coerce(column, String), NULL_INSTANT_TEXT), "")
    return func.group_concat(func.coalesce(column, NULL_NUMBER), ",")


def _parse_text_column(column: ColumnElement[Any], value: str | None) -> npt.NDArray[Any]:
    if not _is_instant(column):
        return np.fromstring(value or "", dtype=np.int64, sep=",")
    written = np.frombuffer((value or "").encode(), f"S{len(NULL_INSTANT_TEXT)}").astype(
        "datetime64[us]"
    )
    return np.where(written == np.datetime64(NULL_INSTANT_TEXT), NULL_INSTANT, written)


def _aggregate_as_bytes(column: ColumnElement[Any]) -> ColumnElement[Any]:
    if _is_instant(column):
        sent = func.timestamptz_send(
            func.coalesce(column, literal_column("'-infinity'::timestamptz"))
        )
    else:
        sent = func.int8send(cast(func.coalesce(cast(column, Integer), NULL_NUMBER), BigInteger))
    return func.string_agg(sent, literal_column("''::bytea"))


def _parse_bytes_column(column: ColumnElement[Any], value: bytes | None) -> npt.NDArray[Any]:
    numbers = np.frombuffer(value or b"", ">i8").astype(np.int64)
    if not _is_instant(column):
        return numbers
    instants = SINCE_2000 + np.where(numbers == POSTGRESQL_MINUS_INFINITY, 0, numbers).astype(
        "timedelta64[us]"
    )
    return np.where(numbers == POSTGRESQL_MINUS_INFINITY, NULL_INSTANT, instants)
