"""Races: the same act by several threads at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import text

from leads.database.transactions import reader

WAITS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = "
    "current_database()"
)


def at_once(many: int, act: Callable[[int], None]) -> list[BaseException | None]:
    """Let so many threads act together; returns what each raised, if anything."""
    together = Barrier(many)

    def one(number: int) -> None:
        together.wait()
        act(number)

    with ThreadPoolExecutor(many) as pool:
        return [
            future.exception() for future in [pool.submit(one, number) for number in range(many)]
        ]


def somebody_waits() -> bool:
    """Whether anybody in this PostgreSQL waits for a lock that somebody else has."""
    return count_who_wait() > 0


def count_who_wait() -> int:
    """Return how many in this PostgreSQL wait for a lock that somebody else has."""
    with reader() as session:  # of its own: within one, what the server says of itself stays
        return int(session.execute(WAITS).scalar_one())
