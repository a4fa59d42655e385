"""Sealing job: seals what was stored before there was a key.

It may be stopped at any row and run again: it goes on with what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    LargeBinary,
    String,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    func,
    or_,
    type_coerce,
)
from sqlmodel import Session, SQLModel, select

from leads.database.data_keys import PREFIX, data_keys_of
from leads.database.engine import current_engine, has_one_writer
from leads.database.sealed_columns import SEALED, SealedBytes, SealedJson, SealedText
from leads.database.transactions import transaction

BATCH = 500  # rows
ROW_ID: BindParameter[Any] = bindparam("row_id")
KINDS = (SealedText, SealedBytes, SealedJson)
NOTHING = ("{}", "[]", "null")


def seal_stored_rows(report: Callable[[str], None] = lambda _: None) -> int:
    """Seal what is stored unsealed in every table; returns how many rows that were.

    `report` hears of each batch. Without a key nothing is done. Afterwards nothing of what was
    there before is left in the file of an SQLite database.
    """
    if not data_keys_of(current_engine().dialect).beginning:
        return 0
    sealed = 0
    for table in SQLModel.metadata.sorted_tables:
        columns = sealed_columns_of(table)
        last: Any = None
        while columns and (ids := _seal_batch(table, columns, last)):
            last, sealed = ids[-1], sealed + len(ids)
            report(f"Sealed {table.name}: {sealed:,} rows so far")
    if sealed:
        _forget_what_was_there()
    return sealed


def sealed_columns_of(table: Table) -> list[Column[Any]]:
    """Return the columns of a table whose content is sealed."""
    return [column for column in table.columns if isinstance(column.type, KINDS)]


def _seal_batch(table: Table, columns: Sequence[Column[Any]], last: Any) -> list[Any]:
    """Seal the next rows after an id; returns theirs."""
    with transaction() as session:
        rows = _unsealed_rows(session, table, columns, last)
        names = ["row_id", *(column.name for column in columns)]
        stored = [dict(zip(names, row, strict=True)) for row in rows]
        if stored:  # as they are read, so are they written: sealed
            session.connection().execute(table.update().where(table.c.id == ROW_ID), stored)
        return [row[0] for row in rows]


def _unsealed_rows(
    session: Session, table: Table, columns: Sequence[Column[Any]], last: Any
) -> Sequence[Any]:
    query = select(table.c.id, *columns).where(or_(*map(_is_unsealed, columns)))
    if last is not None:
        query = query.where(table.c.id > last)
    return session.execute(query.order_by(table.c.id).limit(BATCH).with_for_update()).all()


def _is_unsealed(column: Column[Any]) -> Any:
    """Return the condition that a column holds something as it was said."""
    if isinstance(column.type, SealedBytes):
        content = type_coerce(column, LargeBinary())
        return and_(content != b"", func.substr(content, 1, len(PREFIX)) != PREFIX.encode())
    if isinstance(column.type, SealedText):
        words = type_coerce(column, String())
        return and_(words != "", func.substr(words, 1, len(PREFIX)) != PREFIX)
    written = cast(column, Text)
    return and_(written.not_in(NOTHING), written.not_like(f'%"{SEALED}": "{PREFIX}%'))


def _forget_what_was_there() -> None:
    """Write an SQLite file anew: what rows were before stands in its free pages and its log."""
    if not has_one_writer():
        return
    connection = current_engine().raw_connection()  # no transaction is begun on it
    try:
        cursor = connection.cursor()
        for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            cursor.execute(statement)
    finally:
        connection.close()
