"""Sealing tasks: what was begun to be sealed and not finished, as the database remembers it.

A process that died in between leaves its task behind; the next `migrate` goes on with it, or the
next `rekey` with what that has begun.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import text
from sqlmodel import Session

ADD = text("INSERT INTO sealing_task (name) VALUES (:name) ON CONFLICT DO NOTHING")
REMOVE = text("DELETE FROM sealing_task WHERE name = :name")
FORGET_PROGRESS = text("DELETE FROM sealing_task WHERE substr(name, 1, :length) = :name")
FIND_PROGRESS = text("SELECT name FROM sealing_task WHERE substr(name, 1, :length) = :name")
FIND = text("SELECT name FROM sealing_task WHERE name = :name")


class SealingTask(StrEnum):
    """What is left to do; the words are in databases."""

    REWRITE_FILE = "rewrite_file"
    MATCHED_COLUMNS = "matched_columns"
    SEARCH_WORDS = "search_words"
    NEW_KEYS = "new_keys"  # then, once it is under way, a colon and how far it is
    NEW_WORDS = "new_words"  # likewise


TO_FIND_BY = (SealingTask.MATCHED_COLUMNS, SealingTask.SEARCH_WORDS)


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


def write_progress(session: Session, task: SealingTask, done: int) -> None:
    """Remember how far a task is."""
    forget_progress(session, task)
    session.execute(ADD, {"name": f"{task}:{done}"})


def read_progress(session: Session, task: SealingTask) -> int:
    """Return how far a task is; 0 where it was not begun."""
    name = session.execute(FIND_PROGRESS, {"name": task, "length": len(task)}).scalar()
    return int((name or "").partition(":")[2] or 0)


def forget_progress(session: Session, task: SealingTask) -> None:
    """Forget a task that is done, however far it was. Idempotent."""
    session.execute(FORGET_PROGRESS, {"name": task, "length": len(task)})
