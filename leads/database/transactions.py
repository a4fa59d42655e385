"""Two kinds of transaction: one that writes and wakes its listeners, one with a consistent view."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session, SQLModel

from leads.database.bulk_rows import insert_together
from leads.database.engine import current_engine, has_one_writer, open_session, sole_writer
from leads.database.key_views import are_keys_changing
from leads.database.wakeups import (
    NOTIFY_CHANNEL,
    Wakeup,
    list_unanswered,
    notify_listeners,
    process_identity,
)
from leads.errors import LostRace
from leads.i18n.translatable import Phrase
from leads.process_metrics import count_committed

log = logging.getLogger(__name__)

Outcome = TypeVar("Outcome")
RETRIES = 3
DEADLOCK = "40P01"  # as PostgreSQL calls it
GIVE_WAY_SECONDS = 0.05  # whoever lost and comes back at once takes the same lock before the other
BY_ITSELF = {"isolation_level": "AUTOCOMMIT"}
ONE_MOMENT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


@contextlib.contextmanager
def transaction(*, one_statement: bool = False) -> Iterator[Session]:
    """Run one transaction that writes: committed at the end, rolled back on any error.

    Wake-ups asked for inside are sent after the commit. On SQLite, writers of this process queue at
    a lock, because SQLite's own queue is a sleep of growing length. Raises LostRace where two
    transactions would wait for each other. `one_statement`: it writes with one, which is a
    transaction by itself; PostgreSQL need not be told where it begins and ends. Other processes
    hear of it afterwards: should this one die in between, their tick finds what it has written.
    """
    with sole_writer(), _deadlock_as_lost_race(), open_session() as session:
        is_by_itself = not are_keys_changing() and one_statement and not has_one_writer()
        begins_itself = BY_ITSELF if is_by_itself else {}
        session.connection(execution_options={"ringback_writes": True, **begins_itself})
        yield session
        wakeups = _write_deferred_and_notify(session)
        session.commit()
        count_committed(session)
    for wakeup in wakeups:
        notify_listeners(wakeup)


def _write_deferred_and_notify(session: Session) -> set[Wakeup]:
    """Write the deferred rows and tell other processes of wake-ups; returns those asked for."""
    wakeups: set[Wakeup] = session.info.pop("wakeups", set())
    unanswered = list_unanswered(wakeups)
    told: dict[str, Any] = {}
    if unanswered and not has_one_writer():
        words = " ".join([process_identity(), *sorted(unanswered)])
        told = {"query": NOTIFY, "parameters": {"channel": NOTIFY_CHANNEL, "words": words}}
    insert_together(session, _take_deferred_inserts(session), **told)
    return wakeups


def retry_transaction(act: Callable[[Session], Outcome]) -> Outcome:
    """Return what `act` does in a transaction, again where others moved the same records meanwhile.

    For what nobody would do a second time. `act` has to be all in its transaction. Raises what it
    raises when it is lost again and again.
    """
    for _ in range(RETRIES):
        try:
            with transaction() as session:
                return act(session)
        except (LostRace, OperationalError):
            log.info("Another transaction moved the same records; trying again.")
    with transaction() as session:
        return act(session)


@contextlib.contextmanager
def _deadlock_as_lost_race() -> Iterator[None]:
    try:
        yield
    except OperationalError as problem:
        if getattr(problem.orig, "sqlstate", "") != DEADLOCK:
            raise
        time.sleep(GIVE_WAY_SECONDS)
        raise LostRace(Phrase("Someone else just changed this. Please try again.")) from None


@contextlib.contextmanager
def reader(*, one_query: bool = False) -> Iterator[Session]:
    """Open one consistent view for reading.

    PostgreSQL refuses writes in it, SQLite undoes them. `one_query`: it asks one, which is a view
    by itself; PostgreSQL need not be told where it begins and ends.
    """
    with open_session() as session:
        if has_one_writer():
            yield session
            return
        is_by_itself = not are_keys_changing() and one_query
        session.connection(execution_options=BY_ITSELF if is_by_itself else ONE_MOMENT)
        yield session
        session.commit()  # psycopg forgets what it has prepared when a transaction is rolled back


def defer_insert(session: Session, kind: type[SQLModel], row: dict[str, Any]) -> None:
    """Keep a row, with all columns but its id, to be inserted at the commit.

    Rows that nobody reads before the commit share one statement.
    """
    session.info.setdefault("journal", {}).setdefault(kind, []).append(row)


def write_deferred_inserts(session: Session) -> None:
    """Insert the deferred rows now, for a query that reads them before the commit."""
    insert_together(session, _take_deferred_inserts(session))


def _take_deferred_inserts(session: Session) -> dict[type[SQLModel], list[dict[str, Any]]]:
    deferred: dict[type[SQLModel], list[dict[str, Any]]] = session.info.pop("journal", {})
    if deferred:
        session.flush()  # what the rows are about comes first
    return deferred


def is_database_reachable() -> bool:
    """Whether the database answers."""
    try:
        with reader() as session:
            session.execute(text("SELECT count(*) FROM brand"))
    except DBAPIError:
        return False
    # An open file that was moved or deleted goes on answering.
    return (
        current_engine().dialect.name != "sqlite"
        or Path(str(current_engine().url.database)).exists()
    )


NOTIFY = select(func.pg_notify(bindparam("channel"), bindparam("words")))
