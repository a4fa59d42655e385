"""The database: one engine, two kinds of transaction, and a bell for whoever waits for a change."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, bindparam, create_engine, event, func, select, text
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError
from sqlalchemy.orm import sessionmaker
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

from leads.errors import LostRace
from leads.i18n.translatable import Phrase
from leads.rows import insert_together

DEADLOCK = "40P01"  # as PostgreSQL calls it
STANDS_FOR = 1.0  # seconds: a connection that was used so lately is not asked first whether it still stands
BELL = "ringback"  # the channel on which PostgreSQL carries the bell to other processes
_START = uuid.uuid4().hex


class Bell(StrEnum):
    """What somebody may be waiting for."""

    ADMIT = "admit"  # a submission was stored
    OFFER = "offer"  # a callback or an advisor may have become free
    RELAY = "relay"  # something is to be sent
    DESK = "desk"  # only what open pages show may have changed; OFFER says so too


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware going in, aware UTC coming out, on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive instant: it has no meaning."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "an instant without a time zone was about to be stored"
            raise ValueError(msg)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give SQLite's naive text its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class _Database:
    """The process's one engine. Pages, webhooks and jobs all reach it through this module."""

    def __init__(self) -> None:
        self.engine: Engine | None = None
        self.sessions: sessionmaker[Session] | None = None
        self.listeners: list[tuple[Callable[[Bell], None], frozenset[Bell]]] = []
        self.writer = threading.Lock()


_database = _Database()


def configure(url: str) -> Engine:
    """Open the database at `url` for this process, closing the one that was open before."""
    if _database.engine is not None:
        _database.engine.dispose()
    engine = _engine(url)
    _database.engine = engine
    _database.sessions = sessionmaker(engine, class_=Session, expire_on_commit=False, autoflush=True)
    return engine


def engine() -> Engine:
    """Return the open engine."""
    if _database.engine is None:
        msg = "leads.db.configure(url) was not called"
        raise RuntimeError(msg)
    return _database.engine


def has_one_writer() -> bool:
    """Whether several who write would only wait for each other."""
    return engine().dialect.name == "sqlite"


@contextlib.contextmanager
def transaction() -> Iterator[Session]:
    """One transaction that writes: committed at the end, rolled back on any error.

    Bells rung inside are heard after the commit. On SQLite writers of this process queue at a lock,
    because SQLite's own queue is a sleep of growing length. Raises LostRace where two would wait for each other.
    """
    alone = _database.writer if has_one_writer() else contextlib.nullcontext()
    with alone, _told_of_deadlocks(), _session() as session:
        session.connection(execution_options={"ringback_writes": True})
        yield session
        bells = _end(session)
        session.commit()
    for bell in bells:
        ring(bell)


@contextlib.contextmanager
def statement() -> Iterator[Session]:
    """One statement that writes and is a transaction by itself: PostgreSQL need not be told where it begins and ends.

    Other processes hear of bells afterwards; should this one die in between, their tick finds what it has written.
    """
    if has_one_writer():
        with transaction() as session:
            yield session
        return
    with _session() as session:
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        yield session
        bells = _end(session)
    for bell in bells:
        ring(bell)


def _end(session: Session) -> set[Bell]:
    """Write the journal, and let PostgreSQL carry to other processes what they must do; returns the bells that rang."""
    bells: set[Bell] = session.info.pop("bells", set())
    told = bells.difference(*(answers for _, answers in _database.listeners))
    is_told = bool(told) and not has_one_writer()
    words = {"channel": BELL, "words": " ".join([origin(), *sorted(told)])}
    insert_together(session, _journal(session), along=(NOTIFY, words) if is_told else None)
    return bells


@contextlib.contextmanager
def _told_of_deadlocks() -> Iterator[None]:
    try:
        yield
    except OperationalError as problem:
        if getattr(problem.orig, "sqlstate", "") != DEADLOCK:
            raise
        raise LostRace(Phrase("Somebody else changed the same in this moment: try again.")) from None


@contextlib.contextmanager
def reader(*, one_query: bool = False) -> Iterator[Session]:
    """One consistent view for reading; whoever writes in it is refused by PostgreSQL, and undone by SQLite.

    `one_query`: there is only one, a view by itself, and nobody need be told where it begins and ends.
    """
    with _session() as session:
        if has_one_writer():
            yield session
            return
        if one_query:
            session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
            yield session
            return
        session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
        yield session
        session.commit()  # psycopg forgets what it has prepared when a transaction is rolled back


def journal(session: Session, kind: type[SQLModel], row: dict[str, Any]) -> None:
    """Keep a row, all columns but its id, for the commit: records nobody reads before that share one statement."""
    session.info.setdefault("journal", {}).setdefault(kind, []).append(row)


def write_journal(session: Session) -> None:
    """Write the journal's rows now; the commit does it for whoever does not read them."""
    insert_together(session, _journal(session))


def _journal(session: Session) -> dict[type[SQLModel], list[dict[str, Any]]]:
    """Take the journal's rows to write them."""
    kept: dict[type[SQLModel], list[dict[str, Any]]] = session.info.pop("journal", {})
    if kept:
        session.flush()  # what the rows are about comes first
    return kept


def origin() -> str:
    """Return which process this is, of all that share the database; forks of one start differ."""
    return f"{_START}-{os.getpid()}"


def ring_after_commit(session: Session, bell: Bell) -> None:
    """Wake whoever waits for this, once the transaction is committed."""
    session.info.setdefault("bells", set()).add(bell)


def listen(listener: Callable[[Bell], None], *, answers: Iterable[Bell] = ()) -> Callable[[], None]:
    """Call `listener` after every commit that rang; returns a function that ends it.

    What it answers need not be carried to other processes; the tick of theirs finds what it has left undone.
    """
    entry = (listener, frozenset(answers))
    _database.listeners.append(entry)
    return lambda: _database.listeners.remove(entry)


def ring(bell: Bell) -> None:
    """Wake this process's listeners now."""
    for listener, _ in tuple(_database.listeners):
        listener(bell)


def is_reachable() -> bool:
    """Whether the database answers."""
    try:
        with reader() as session:
            session.execute(text("SELECT count(*) FROM brand"))
    except DBAPIError:
        return False
    # An open file that was moved or deleted goes on answering.
    return engine().dialect.name != "sqlite" or Path(str(engine().url.database)).exists()


@contextlib.contextmanager
def _session() -> Iterator[Session]:
    engine()
    assert _database.sessions is not None  # noqa: S101 - set together with the engine
    with _database.sessions() as session:
        yield session


@functools.cache
def _engine(url: str) -> Engine:
    """Return the engine for an address. It is kept with the statements that it has compiled; connections are not."""
    return _sqlite(url) if url.startswith("sqlite") else _postgresql(url)


NOTIFY = select(func.pg_notify(bindparam("channel"), bindparam("words")))


def _to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


OPTIONS: dict[str, Any] = {
    "pool_size": 20,
    "max_overflow": 20,
    "pool_use_lifo": True,
    "json_serializer": _to_json,
    "hide_parameters": True,  # they are people's names and numbers
}


def _postgresql(url: str) -> Engine:
    made = create_engine(url, connect_args={"connect_timeout": 5}, **OPTIONS)

    @event.listens_for(made, "checkin")
    def _leave(_connection: Any, record: Any) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(made, "checkout")
    def _ask(connection: Any, record: Any, _proxy: object) -> None:
        if time.monotonic() - record.info.get("used_at", -STANDS_FOR) < STANDS_FOR:
            return
        try:
            made.dialect.do_ping(connection)
        except made.dialect.loaded_dbapi.Error as problem:
            raise InvalidatePoolError from problem  # what was used lately was cut with it: the pool takes new ones

    return made


def _sqlite(url: str) -> Engine:
    made = create_engine(url, connect_args={"timeout": 15}, **OPTIONS)

    @event.listens_for(made, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(made, "begin")
    def _begin(connection: Any) -> None:
        # A deferred transaction that turns to writing fails at once under contention, whatever the timeout.
        writes = connection.get_execution_options().get("ringback_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return made
