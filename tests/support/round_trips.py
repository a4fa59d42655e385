"""How often a database is asked: what weighs where somebody waits for each answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event

from leads.database.engine import current_engine, has_one_writer


def count_round_trips(work: Callable[[], object]) -> int:
    """Return how many statements some work takes, and on PostgreSQL the begins and ends as well.

    SQLite is no network away.
    """
    asked: list[str] = []

    def note_statement(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            asked.append(statement)

    def note_end(connection: Connection) -> None:
        driver: Any = connection.connection.dbapi_connection
        if not has_one_writer() and not driver.autocommit:
            asked.extend(("begin", "end"))

    engine = current_engine()
    heard = (
        ("before_cursor_execute", note_statement),
        ("commit", note_end),
        ("rollback", note_end),
    )
    for name, note in heard:
        event.listen(engine, name, note)
    try:
        work()
    finally:
        for name, note in heard:
            event.remove(engine, name, note)
    return len(asked)
