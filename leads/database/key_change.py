"""Key change: new keys for all that is sealed, while desks run.

It is announced first, and waits until every process knows the new keys. Then it moves what is
compared to the new lookup key, some of the steps of `leads.database.key_state` in a transaction,
and seals the rest anew row by row. It may be stopped at any time, and goes on where it was.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Column, String, bindparam, func, literal_column, select, text, type_coerce
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, SQLModel

from leads.database import sealing_job
from leads.database.data_keys import add_keys, data_keys_of
from leads.database.engine import current_engine, has_one_writer
from leads.database.key_state import (
    CHARACTERS,
    STEPS,
    KeyPhase,
    beginning_of_step,
    write_key_state,
)
from leads.database.key_views import (
    AS_IS,
    LEASE_SECONDS,
    MOVES,
    ask_for_keys,
    key_view_of,
    reseal_text,
)
from leads.database.sealed_columns import MatchedText
from leads.database.sealing_tasks import SealingTask, begin_sealing, forget_progress
from leads.database.transactions import reader, transaction

Report = Callable[[str], None]
Pause = Callable[[float], None]  # waits for so many seconds
ANNOUNCED_SECONDS = 5 * LEASE_SECONDS
ROWS_AT_ONCE = 500
WRITES = {"ringback_writes": True}
BRIEFLY = text("SET LOCAL lock_timeout = '250ms'")  # or whoever begins to write would wait with us
NOT_FREE = "55P03"  # as PostgreSQL calls a lock that was not free in time
ALONE = text(f"SELECT pg_advisory_xact_lock({MOVES})")
SERVER_TIME = text("SELECT clock_timestamp()")
BEGUN_BEFORE = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND xact_start < :then"
)


def change_keys(keys: Sequence[str], report: Report, pause: Pause) -> None:
    """Move all that is compared to a new lookup key, or go on; `finish_key_change` ends it.

    `keys`: those from outside, the newest first. `report` hears of each step.
    """
    if ask_for_keys().phase is KeyPhase.SETTLED:
        with transaction() as session:
            add_keys(session.connection(), keys)
            begin_sealing(session, SealingTask.NEW_KEYS)
    if ask_for_keys().phase is KeyPhase.ANNOUNCED:
        report("Announced the new keys")
        _wait_until_all_know(report, pause)
        act_beside_desks(_begin_moving, pause)
    if ask_for_keys().moved < STEPS:
        _index_by_step(drop=False)
        for done in _move_all(pause):
            report(f"Moved to the new lookup key: {done * 100 // STEPS} %")
    _index_by_step(drop=True)
    sealing_job.reseal_stored_rows(report, pause)


def finish_key_change(report: Report, pause: Pause) -> None:
    """Let the new keys be the only ones that anything is looked for by."""
    act_beside_desks(_settle, pause)
    ask_for_keys()
    if has_one_writer() and not sealing_job.empty_log():
        report("A desk reads: its log keeps what rows were before until it is next written anew.")


def _wait_until_all_know(report: Report, pause: Pause) -> None:
    """Wait until each transaction was begun by a process that knows of the new keys.

    On SQLite each reads that for itself.
    """
    if has_one_writer():
        return
    pause(ANNOUNCED_SECONDS)
    with transaction() as session:
        then = session.execute(SERVER_TIME).scalar()
    while True:
        with transaction() as session:
            if not session.execute(BEGUN_BEFORE, {"then": then}).scalar():
                return
        report("Waiting for a transaction that began before")
        pause(LEASE_SECONDS)


def act_beside_desks(act: Callable[[Session], None], pause: Pause, *, alone: bool = True) -> None:
    """Act in a transaction, as soon as nobody holds what it needs: it lets others go first.

    `alone`: nobody else writes meanwhile.
    """
    while True:
        try:
            with transaction() as session:
                if not has_one_writer():
                    session.execute(BRIEFLY)
                if alone and not has_one_writer():
                    session.execute(ALONE)
                act(session)
        except OperationalError as problem:
            if getattr(problem.orig, "sqlstate", "") != NOT_FREE:
                raise
            pause(LEASE_SECONDS / 10)
        else:
            return


def _begin_moving(session: Session) -> None:
    write_key_state(session, 0)


def _settle(session: Session) -> None:
    forget_progress(session, SealingTask.NEW_KEYS)
    forget_progress(session, SealingTask.NEW_WORDS)


def _move_all(pause: Pause) -> Iterator[int]:
    """Move what is left; yields of how many steps it is done."""
    at_once = _steps_at_once()
    while (moved := ask_for_keys().moved) < STEPS:
        act_beside_desks(functools.partial(_move_steps, at_once=at_once), pause)
        pause(sealing_job.BREATHER)
        yield min(moved + at_once, STEPS)


def _steps_at_once() -> int:
    """Return how many steps are some hundred rows of the largest table."""
    counts = [select(func.count()).select_from(column.table) for column in _matched_columns()]
    with reader() as session:
        sizes: list[int] = [session.execute(count).scalar_one() for count in counts]
    steps = STEPS * ROWS_AT_ONCE // max(*sizes, 1)
    return sorted((1, steps, STEPS))[1]


def _move_steps(session: Session, at_once: int) -> None:
    """Seal the texts of the next steps by the new lookup key, wherever they stand."""
    state = key_view_of(session.connection())
    steps = range(state.moved, min(state.moved + at_once, STEPS))
    lookup = data_keys_of(current_engine().dialect).lookup
    new = next(key for key in lookup.all if key.number == state.newest)
    old = new.older[0]
    beginnings = [old.beginning + beginning_of_step(step) for step in steps]
    for column in _matched_columns():
        key, content = sealing_job.row_key_of(column.table), type_coerce(column, String())
        is_due = literal_column(_beginning(column)).in_(beginnings)
        rows = session.execute(
            select(key, content).where(is_due), execution_options={AS_IS: True}
        ).all()
        changes = [
            {"row_id": row_id, "moved": reseal_text(kept, old, new)} for row_id, kept in rows
        ]
        if changes:
            moving = column.table.update().where(key == bindparam("row_id"))
            to_new = moving.values(**{column.name: type_coerce(bindparam("moved"), String())})
            session.connection().execute(to_new, changes, execution_options={AS_IS: True})
    write_key_state(session, steps.stop)


def _matched_columns() -> list[Column[Any]]:
    tables = SQLModel.metadata.sorted_tables
    columns = (column for table in tables for column in table.columns)
    return [column for column in columns if isinstance(column.type, MatchedText)]


def _beginning(column: Column[Any]) -> str:
    """Return what of a column's texts says in which step they are moved."""
    before = data_keys_of(current_engine().dialect).lookup
    length = len(before.beginning) + CHARACTERS
    return f"substr({column.name}, 1, {length})"


def _index_by_step(*, drop: bool) -> None:
    """Let each step be found without reading whole tables; or no longer.

    PostgreSQL does it while others write. What it did not finish before it begins anew.
    """
    beside = "" if has_one_writer() else "CONCURRENTLY"
    options = WRITES if has_one_writer() else {"isolation_level": "AUTOCOMMIT"}
    for column in _matched_columns():
        table, name = column.table.name, f"moving_{column.table.name}_{column.name}"
        opened = current_engine().connect().execution_options(**options)
        with opened as connection, connection.begin():
            connection.exec_driver_sql(f"DROP INDEX {beside} IF EXISTS {name}")
            if not drop:
                connection.exec_driver_sql(
                    f"CREATE INDEX {beside} {name} ON {table} ({_beginning(column)})"
                )
