"""Sealing tasks: what `migrate` has begun to seal and not finished, as the database remembers it.

A process that died in between leaves its task behind; the next `migrate` goes on with it.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import text
from sqlmodel import Session

from leads.database.transactions import reader
from leads.errors import BadConfiguration

ADD = text("INSERT INTO sealing_task (name) VALUES (:name) ON CONFLICT DO NOTHING")
REMOVE = text("DELETE FROM sealing_task WHERE name = :name")
FIND = text("SELECT name FROM sealing_task WHERE name = :name")


class SealingTask(StrEnum):
    """What is left to do; the words are in databases."""

    REWRITE_FILE = "rewrite_file"
    MATCHED_COLUMNS = "matched_columns"
    SEARCH_WORDS = "search_words"


TO_FIND_BY = (SealingTask.MATCHED_COLUMNS, SealingTask.SEARCH_WORDS)


def require_nothing_hidden() -> None:
    """Raise BadConfiguration while some rows are sealed and some are not that are to be found.

    Whoever looks for a number then would miss that somebody said stop.
    """
    with reader() as session:
        if is_anything_hidden(session):
            msg = "Sealing the database is not finished: run `python -m leads migrate` again."
            raise BadConfiguration(msg)


def is_anything_hidden(session: Session) -> bool:
    """Whether rows are sealed in two ways, and somebody who is looked for might not be found."""
    return any(is_sealing_unfinished(session, task) for task in TO_FIND_BY)


def begin_sealing(session: Session, task: SealingTask) -> None:
    """Remember that a task has begun. Idempotent."""
    session.execute(ADD, {"name": task})


def finish_sealing(session: Session, task: SealingTask) -> None:
    """Forget a task that is done. Idempotent."""
    session.execute(REMOVE, {"name": task})


def is_sealing_unfinished(session: Session, task: SealingTask) -> bool:
    """Whether a task was begun and not finished."""
    return session.execute(FIND, {"name": task}).first() is not None
