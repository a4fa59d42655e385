"""The audit trail: its only writer. It keeps ids, states and names of fields, never words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlmodel import Session, SQLModel

from leads.database.transactions import defer_insert
from leads.i18n.messages import Message
from leads.models.advisors import SignIn
from leads.models.watching import Transition

WORDS = ("notes", "reading", "close_note")  # what people wrote stays in its own column
NAMES: Mapping[type[SQLModel], str] = {SignIn: "television"}  # others are called as their tables


@dataclass(frozen=True)
class TrailSubject:
    """What an event happened to, as the trail names it."""

    record: str
    record_id: str

    @classmethod
    def of_kind(cls, kind: type[SQLModel], record_id: int) -> Self:
        """Return the subject that is the row of this table with this id."""
        return cls(NAMES.get(kind, str(kind.__tablename__)), str(record_id))

    @classmethod
    def of_row(cls, row: Any) -> Self:
        """Return the subject that is a row with an id."""
        return cls.of_kind(type(row), row.id)


def record_event(
    session: Session, row: SQLModel, event: str, *, actor: str, now: datetime, **changes: Any
) -> None:
    """Write down what somebody did with a row, beside the moves of its state."""
    state = str(getattr(row, "state", ""))
    subject = TrailSubject.of_row(row)
    record_move(session, subject, event, (state, state), actor=actor, now=now, changes=changes)


def record_move(
    session: Session,
    subject: TrailSubject,
    event: str,
    states: tuple[str, str],
    *,
    actor: str,
    now: datetime,
    changes: Mapping[str, Any],
) -> None:
    """Write down an event with the states before and after it, for the commit."""
    before, after = states
    audited = {name: _audited_value(value) for name, value in changes.items() if name not in WORDS}
    defer_insert(
        session,
        Transition,
        {
            "record": subject.record,
            "record_id": subject.record_id,
            "event": event,
            "before": before,
            "after": after,
            "actor": actor,
            "at": now,
            "changes": audited,
        },
    )


def _audited_value(value: Any) -> Any:
    if isinstance(value, Message):
        return value.as_data(with_own_words=False)
    return value.isoformat() if isinstance(value, datetime) else value
