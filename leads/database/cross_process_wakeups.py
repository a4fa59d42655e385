"""Wake-ups from other processes, heard in this one.

PostgreSQL notifies; a SQLite file is looked at again and again.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from collections.abc import Callable

import psycopg

from leads.database.engine import current_engine
from leads.database.wakeups import NOTIFY_CHANNEL, Wakeup, notify_listeners, process_identity

log = logging.getLogger(__name__)

POLL_SECONDS = 0.25  # seconds between two looks at a SQLite file's version: microseconds of work
RECONNECT_SECONDS = 2.0  # seconds


def start_cross_process_wakeups() -> Callable[[], None]:
    """Wake this process for what other processes commit; returns a function that ends it.

    It runs once for all listeners of the process.
    """
    stopped = threading.Event()
    hear = (
        _listen_to_postgresql
        if current_engine().dialect.name == "postgresql"
        else _poll_sqlite_version
    )
    thread = threading.Thread(target=hear, args=(stopped,), name="wakeups", daemon=True)
    thread.start()

    def stop_wakeup_thread() -> None:
        stopped.set()
        thread.join()

    return stop_wakeup_thread


def _listen_to_postgresql(stopped: threading.Event) -> None:
    address = (
        current_engine().url.set(drivername="postgresql").render_as_string(hide_password=False)
    )
    while not stopped.is_set():
        try:
            with psycopg.connect(address, autocommit=True, connect_timeout=5) as connection:
                connection.execute(f"LISTEN {NOTIFY_CHANNEL}")
                for wakeup in Wakeup:
                    notify_listeners(wakeup)  # whatever was asked for while nobody listened
                while not stopped.is_set():
                    for notice in connection.notifies(timeout=POLL_SECONDS):
                        _forward_notification(notice.payload)
        except psycopg.OperationalError:
            log.warning("The database is away; the tick goes on alone.")
            stopped.wait(RECONNECT_SECONDS)


def _forward_notification(payload: str) -> None:
    sender, *words = payload.split()
    if sender == process_identity():  # our own were heard without the detour
        return
    for word in words:
        if word in {*Wakeup}:  # a newer process may know more
            notify_listeners(Wakeup(word))


def _poll_sqlite_version(stopped: threading.Event) -> None:
    """Wake the pages when the SQLite file has changed.

    Which work is waiting, the scheduler's own tick finds out.
    """
    with contextlib.closing(
        sqlite3.connect(str(current_engine().url.database), timeout=15)
    ) as connection:
        before = None
        while not stopped.wait(POLL_SECONDS):
            [version] = connection.execute("PRAGMA data_version").fetchone()
            if before is not None and version != before:
                notify_listeners(Wakeup.DESK)
            before = version
