"""Sealing job: seals what was stored before there was a key, or is sealed with an older one.

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

from leads.database.data_keys import data_keys_of
from leads.database.engine import current_engine, has_one_writer
from leads.database.key_state import KeyPhase
from leads.database.sealed_columns import (
    SEALED,
    MatchedText,
    SealedBytes,
    SealedJson,
    SealedText,
)
from leads.database.sealing_tasks import (
    SealingTask,
    begin_sealing,
    finish_sealing,
    is_sealing_unfinished,
)
from leads.database.transactions import reader, transaction

BATCH = 500  # rows
BREATHER = 0.05  # seconds from one transaction to the next, in which desks write
LOG_PATIENCE = 500  # milliseconds: whoever reads for longer is a desk that was not stopped
ROW_ID: BindParameter[Any] = bindparam("row_id")
READ_KINDS = (SealedText, SealedBytes, SealedJson)
KINDS = (*READ_KINDS, MatchedText)
NOTHING = ("{}", "[]", "null")
FILE_IN_USE = (
    "Another process has the database open: stop it, and run `python -m leads migrate` again, or "
    "its log keeps what rows were before."
)


def seal_stored_rows(report: Callable[[str], None] = lambda _: None) -> int:
    """Seal what is stored unsealed, or with an older key; returns how many rows that were.

    `report` hears of each batch. Without a key only what is compared is sealed. Afterwards nothing
    of what was there before is left in the files of an SQLite database, unless another process has
    it open: then that is left to the next time.
    """
    state = data_keys_of(current_engine().dialect).state
    is_moved_by_others = state is not None and state.phase is not KeyPhase.SETTLED
    compared = () if is_moved_by_others else (MatchedText,)
    read = READ_KINDS if has_data_key() else ()
    sealed = _seal_tables(_seal_batch, (*read, *compared), report)
    with transaction() as session:
        finish_sealing(session, SealingTask.MATCHED_COLUMNS)
    _forget_what_was_there(report)
    return sealed


def reseal_stored_rows(report: Callable[[str], None], pause: Callable[[float], None]) -> None:
    """Seal anew, while desks run, what is sealed with an older key and that nobody looks for by.

    Rows that somebody holds are left to the next pass. `pause` waits for so many seconds, between
    batches, in which the desks write.
    """

    def reseal_batch(*of: Any) -> list[Any]:
        done = _seal_batch(*of, beside_desks=True)
        pause(BREATHER)
        return done

    while has_data_key() and _seal_tables(reseal_batch, READ_KINDS, report):
        pass


def has_data_key() -> bool:
    """Whether what is only read is sealed here."""
    return bool(data_keys_of(current_engine().dialect).beginning)


def _seal_tables(
    seal_batch: Callable[..., list[Any]],
    kinds: tuple[type, ...],
    report: Callable[[str], None],
) -> int:
    sealed = 0
    for table in SQLModel.metadata.sorted_tables:
        columns = [one for one in sealed_columns_of(table) if isinstance(one.type, kinds)]
        last: Any = None
        while columns and (ids := seal_batch(table, columns, last)):
            last, sealed = ids[-1], sealed + len(ids)
            report(f"Sealed {table.name}: {sealed:,} rows so far")
    return sealed


def sealed_columns_of(table: Table) -> list[Column[Any]]:
    """Return the columns of a table whose content is sealed."""
    return [column for column in table.columns if isinstance(column.type, KINDS)]


def _seal_batch(
    table: Table, columns: Sequence[Column[Any]], last: Any, *, beside_desks: bool = False
) -> list[Any]:
    """Seal the next rows after an id; returns theirs."""
    with transaction() as session:
        rows = _unsealed_rows(session, table, columns, last, skip_locked=beside_desks)
        names = ["row_id", *(column.name for column in columns)]
        stored = [dict(zip(names, row, strict=True)) for row in rows]
        if stored:  # as they are read, so are they written: sealed
            key = row_key_of(table)
            session.connection().execute(table.update().where(key == ROW_ID), stored)
            if has_one_writer() and not beside_desks:
                begin_sealing(session, SealingTask.REWRITE_FILE)
        return [row[0] for row in rows]


def _unsealed_rows(
    session: Session, table: Table, columns: Sequence[Column[Any]], last: Any, *, skip_locked: bool
) -> Sequence[Any]:
    key = row_key_of(table)
    query = select(key, *columns).where(or_(*map(_is_unsealed, columns)))
    if last is not None:
        query = query.where(key > last)
    rows = query.order_by(key).limit(BATCH)
    return session.execute(rows.with_for_update(skip_locked=skip_locked)).all()


def row_key_of(table: Table) -> Any:
    """Return the one column that is a table's primary key."""
    [key] = table.primary_key.columns
    return key


def _is_unsealed(column: Column[Any]) -> Any:
    """Return the condition that a column holds something that is not sealed with today's key."""
    keys = data_keys_of(current_engine().dialect)
    sealed = keys.beginning
    if isinstance(column.type, SealedBytes):
        content = type_coerce(column, LargeBinary())
        return and_(content != b"", func.substr(content, 1, len(sealed)) != sealed.encode())
    if isinstance(column.type, SealedText | MatchedText):
        prefix = sealed if isinstance(column.type, SealedText) else keys.lookup.beginning
        words = type_coerce(column, String())
        return and_(words != "", func.substr(words, 1, len(prefix)) != prefix)
    written, kind = cast(column, Text), column.type
    once_in_clear = kind.once_in_clear if isinstance(kind, SealedJson) else ()
    return and_(
        written.not_in(NOTHING),
        or_(
            written.not_like(f'%"{SEALED}": "{sealed}%'),
            *(written.like(f'%"{name}": %') for name in once_in_clear),
        ),
    )


def _forget_what_was_there(report: Callable[[str], None]) -> None:
    """Write an SQLite file anew after rows were sealed, now or before somebody stopped us.

    What rows were before stands in its free pages and its log.
    """
    with reader() as session:
        if not is_sealing_unfinished(session, SealingTask.REWRITE_FILE):
            return
    report("Writing the file anew")
    if not _rewrite_file():
        report(FILE_IN_USE)
        return
    with transaction() as session:
        finish_sealing(session, SealingTask.REWRITE_FILE)


def _rewrite_file() -> bool:
    """Write the file anew and empty its log; returns whether nobody kept the log from it."""
    connection = current_engine().raw_connection()  # no transaction is begun on it
    try:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
    finally:
        connection.close()
    return empty_log()


def empty_log() -> bool:
    """Empty an SQLite file's log; returns whether nobody kept it from that."""
    connection = current_engine().raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={LOG_PATIENCE}")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        is_busy, _in_log, _written = cursor.fetchone() or (True, 0, 0)
        return not is_busy
    finally:
        connection.invalidate()  # or whoever took it next would be as impatient
