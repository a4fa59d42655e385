"""System status: how many records there are of each kind, for whoever watches the system."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, select

from leads.models.calls import CallAttempt, Callback, Outbox
from leads.models.requests import Lead, Submission
from leads.models.words import OPEN_CALLBACK, LeadState


def longest_waiting_since(session: Session) -> datetime | None:
    """Return when the form of the lead who waits longest for a first ring was received."""
    unrung = select(func.min(Callback.received_at)).where(
        col(Callback.state).in_(OPEN_CALLBACK), col(Callback.first_rung_at).is_(None)
    )
    return session.exec(unrung).first()


def count_limbo_leads(session: Session) -> int:
    """Open leads in no queue. Always 0: anything else is a person forgotten."""
    queued = select(Callback.lead_id).where(col(Callback.state).in_(OPEN_CALLBACK))
    lost = (
        select(func.count())
        .select_from(Lead)
        .where(Lead.state == LeadState.OPEN, col(Lead.id).not_in(queued))
    )
    return session.exec(lost).one()


def count_records_by_state(session: Session) -> dict[str, dict[str, int]]:
    """Return how many records of each table are in each state."""
    kinds: tuple[type[SQLModel], ...] = (Submission, Lead, Callback, CallAttempt, Outbox)
    return {str(kind.__tablename__): _count_table_by_state(session, kind) for kind in kinds}


def _count_table_by_state(session: Session, kind: Any) -> dict[str, int]:
    return {
        str(state): count
        for state, count in session.exec(select(kind.state, func.count()).group_by(kind.state))
    }
