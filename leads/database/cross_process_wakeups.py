"""Changes made by other processes, heard in this one: PostgreSQL tells of them, a SQLite file is looked at."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from collections.abc import Callable

import psycopg

from leads.database.engine import engine
from leads.database.wakeups import BELL, Bell, origin, ring

log = logging.getLogger(__name__)

LOOK_EVERY = 0.25  # seconds between two looks at a SQLite file's version: microseconds of work
TRY_AGAIN_AFTER = 2.0  # seconds


def carry() -> Callable[[], None]:
    """Ring here what other processes ring, once for all listeners of this process; returns a function that ends it."""
    stopped = threading.Event()
    hear = _hear_postgresql if engine().dialect.name == "postgresql" else _watch_sqlite
    thread = threading.Thread(target=hear, args=(stopped,), name="bells", daemon=True)
    thread.start()

    def stop() -> None:
        stopped.set()
        thread.join()

    return stop


def _hear_postgresql(stopped: threading.Event) -> None:
    address = engine().url.set(drivername="postgresql").render_as_string(hide_password=False)
    while not stopped.is_set():
        try:
            with psycopg.connect(address, autocommit=True, connect_timeout=5) as connection:
                connection.execute(f"LISTEN {BELL}")
                for bell in Bell:
                    ring(bell)  # whatever rang while nobody listened
                while not stopped.is_set():
                    for notice in connection.notifies(timeout=LOOK_EVERY):
                        _pass_on(notice.payload)
        except psycopg.OperationalError:
            log.warning("The database is away; the tick goes on alone.")
            stopped.wait(TRY_AGAIN_AFTER)


def _pass_on(payload: str) -> None:
    sender, *words = payload.split()
    if sender == origin():  # our own were heard without the detour
        return
    for word in words:
        if word in {*Bell}:  # a newer process may know more
            ring(Bell(word))


def _watch_sqlite(stopped: threading.Event) -> None:
    """Ring for the pages only: which work is waiting, the scheduler's tick finds out."""
    with contextlib.closing(sqlite3.connect(str(engine().url.database), timeout=15)) as connection:
        before = None
        while not stopped.wait(LOOK_EVERY):
            [version] = connection.execute("PRAGMA data_version").fetchone()
            if before is not None and version != before:
                ring(Bell.DESK)
            before = version
