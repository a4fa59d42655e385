"""Closing leads: one is open exactly as long as a helpline owes them a call."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from leads.lifecycle.transitions import advance
from leads.models.calls import Callback
from leads.models.enums import OPEN_CALLBACK, CloseReason, LeadState
from leads.models.requests import Lead


def close_lead(
    session: Session, callback: Callback, reason: CloseReason, *, actor: str, now: datetime
) -> None:
    """Close the lead of a callback that is over, for its reason, if no other one is open.

    Another helpline's promise to the same lead is still to be kept.
    """
    lead = session.get_one(Lead, callback.lead_id, with_for_update=True)
    others = select(Callback.id).where(
        Callback.lead_id == lead.id,
        col(Callback.state).in_(OPEN_CALLBACK),
        Callback.id != callback.id,
    )
    if lead.state == LeadState.OPEN and session.exec(others).first() is None:
        advance(session, lead, "close", actor=actor, now=now, closed_at=now, close_reason=reason)


def reopen_lead_if_closed(session: Session, lead: Lead, *, actor: str, now: datetime) -> None:
    """Open a lead again to whom something is promised; one who is suppressed stays so."""
    if lead.state == LeadState.CLOSED:
        advance(session, lead, "reopen", actor=actor, now=now, closed_at=None, close_reason=None)
