"""The one engine of a process: how SQLite and PostgreSQL are opened, and sessions on them."""

from __future__ import annotations

import contextlib
import functools
import json
import threading
import time
import weakref
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

from sqlalchemy import Dialect, Engine, create_engine, event, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session

from leads.database.oldest_first_pool import OldestFirstPool
from leads.database.postgresql_cursor import BriefCursor

RECENT_USE_SECONDS = (
    1.0  # seconds: a connection that was used so lately is not asked first whether it still stands
)


class _Database:
    """The process's one engine. Pages, webhooks and jobs all reach it through this module."""

    def __init__(self) -> None:
        self.engine: Engine | None = None
        self.sessions: sessionmaker[Session] | None = None
        self.sole_writer = threading.Lock()
        self.keys: weakref.WeakKeyDictionary[Dialect, Any] = weakref.WeakKeyDictionary()


_database = _Database()


def open_database(url: str) -> Engine:
    """Open the database at `url` for this process, closing the one that was open before."""
    if _database.engine is not None:
        _database.engine.dispose()
    if url.startswith("sqlite"):
        _create_private_file(url)
    engine = _engine_for_url(url)
    _database.keys.pop(engine.dialect, None)  # another database may stand there now
    _database.engine = engine
    _database.sessions = sessionmaker(
        engine, class_=Session, expire_on_commit=False, autoflush=True
    )
    return engine


def current_engine() -> Engine:
    """Return the open engine."""
    if _database.engine is None:
        msg = "leads.database.engine.open_database(url) was not called"
        raise RuntimeError(msg)
    return _database.engine


def keys_of_open_databases() -> MutableMapping[Dialect, Any]:
    """Return by what is opened that is sealed in each open database, by its engine's dialect.

    `leads.database.data_keys` keeps them. A database that is opened anew has none.
    """
    return _database.keys


def has_one_writer() -> bool:
    """Whether the database lets only one transaction write at a time, as SQLite does."""
    return current_engine().dialect.name == "sqlite"


def sole_writer() -> contextlib.AbstractContextManager[object]:
    """Return the lock that whoever writes holds meanwhile.

    On SQLite it is a lock of this process, on PostgreSQL nothing.
    """
    return _database.sole_writer if has_one_writer() else contextlib.nullcontext()


@contextlib.contextmanager
def open_session() -> Iterator[Session]:
    """Open a session on the process's engine.

    `leads.database.transactions` says what begins and ends in it.
    """
    current_engine()
    assert _database.sessions is not None  # noqa: S101 - set together with the engine
    with _database.sessions() as session:
        yield session


@functools.cache
def _engine_for_url(url: str) -> Engine:
    """Return the engine for an address, the same whenever it is opened again.

    The engine keeps the statements that it has compiled, and no connections.
    """
    return (
        _create_sqlite_engine(url) if url.startswith("sqlite") else _create_postgresql_engine(url)
    )


def _serialize_json_column(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


ENGINE_OPTIONS: dict[str, Any] = {
    "pool_size": 20,
    "max_overflow": 20,
    "poolclass": OldestFirstPool,
    "json_serializer": _serialize_json_column,
    "hide_parameters": True,  # they are people's names and numbers
}


def _create_postgresql_engine(url: str) -> Engine:
    arguments = {"connect_timeout": 5, "cursor_factory": BriefCursor}
    engine = create_engine(url, connect_args=arguments, **ENGINE_OPTIONS)

    @event.listens_for(engine, "checkin")
    def _remember_last_use(_connection: Any, record: Any) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ping_if_unused_lately(connection: Any, record: Any, _proxy: object) -> None:
        if time.monotonic() - record.info.get("used_at", -RECENT_USE_SECONDS) < RECENT_USE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as problem:
            # what was used lately was cut with it: the pool takes new ones
            raise InvalidatePoolError from problem

    return engine


def _create_private_file(url: str) -> None:
    """Create an SQLite file that nobody else on the machine can read; its log has the same mode."""
    path = make_url(url).database
    if path:
        with contextlib.suppress(OSError):  # whoever connects is told
            Path(path).touch(mode=0o600)


def _create_sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 15}, **ENGINE_OPTIONS)

    @event.listens_for(engine, "connect")
    def _set_pragmas(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",  # what is sealed or erased later leaves no trace in free pages
            "busy_timeout=15000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _emit_begin(connection: Any) -> None:
        # A deferred transaction that turns to writing fails at once under contention, whatever the
        # timeout.
        writes = connection.get_execution_options().get("ringback_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
