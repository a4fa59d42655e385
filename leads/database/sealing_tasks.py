"""Sealing tasks: what `migrate` has begun to seal and not finished, as the database remembers it.

A process that died in between leaves its task behind; the next `migrate` goes on with it.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import text
from sqlmodel import Session

ADD = text("INSERT INTO sealing_task (name) VALUES (:name) ON CONFLICT DO NOTHING")
REMOVE = text("DELETE FROM sealing_task WHERE name = :name")
FIND = text("SELECT name FROM sealing_task WHERE name = :name")


class SealingTask(StrEnum):
    """What is left to do; the words are in databases."""

    REWRITE_FILE = "rewrite_file"


def begin_sealing(session: Session, task: SealingTask) -> None:
    """Remember that a task has begun. Idempotent."""
    session.execute(ADD, {"name": task})


def finish_sealing(session: Session, task: SealingTask) -> None:
    """Forget a task that is done. Idempotent."""
    session.execute(REMOVE, {"name": task})


def is_sealing_unfinished(session: Session, task: SealingTask) -> bool:
    """Whether a task was begun and not finished."""
    return session.execute(FIND, {"name": task}).first() is not None
