"""System status: how many records there are of each kind, for whoever watches the system."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, select

from leads.models.calls import CallAttempt, Callback
from leads.models.enums import CALL_ORDER_KINDS
from leads.models.outbox import Outbox
from leads.models.requests import Lead, Submission


def count_records_by_state(session: Session) -> dict[str, dict[str, int]]:
    """Return how many records of each table are in each state."""
    kinds: tuple[type[SQLModel], ...] = (Submission, Lead, Callback, CallAttempt, Outbox)
    return {str(kind.__tablename__): _count_table_by_state(session, kind) for kind in kinds}


def _count_table_by_state(session: Session, kind: Any) -> dict[str, int]:
    counts = select(kind.state, func.count()).group_by(kind.state)
    if kind is Outbox:  # the calls: what supervisors are told has a list of its own
        counts = counts.where(col(Outbox.kind).in_(CALL_ORDER_KINDS))
    return {str(state): count for state, count in session.exec(counts)}
