"""System status: how many records there are of each kind, for whoever watches the system."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func
from sqlmodel import Session, SQLModel, select

from leads.models.calls import CallAttempt, Callback, Outbox
from leads.models.requests import Lead, Submission


def count_records_by_state(session: Session) -> dict[str, dict[str, int]]:
    """Return how many records of each table are in each state."""
    kinds: tuple[type[SQLModel], ...] = (Submission, Lead, Callback, CallAttempt, Outbox)
    return {str(kind.__tablename__): _count_table_by_state(session, kind) for kind in kinds}


def _count_table_by_state(session: Session, kind: Any) -> dict[str, int]:
    return {
        str(state): count
        for state, count in session.exec(select(kind.state, func.count()).group_by(kind.state))
    }
