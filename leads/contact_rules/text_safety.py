"""Text safety: whether a text may be read at a number, as far as the people there said."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from leads.models.calls import CallAttempt
from leads.models.requests import Lead, OutgoingText, TextMessage

ANSWERABLE_FOR = timedelta(hours=24)


def is_text_safe(session: Session, lead: Lead, *, now: datetime) -> bool | None:
    """Return whether a text to a lead's number is safe, None where nobody can tell.

    What one person there denied counts for all. Where the lead said nothing of it, a text that the
    phone itself sent within a day may be answered.
    """
    denied = select(Lead.id).where(Lead.phone == lead.phone, col(Lead.safe_to_text).is_(False))
    if session.exec(denied.limit(1)).first() is not None:
        return False
    texted = select(TextMessage.id).where(
        TextMessage.phone == lead.phone, col(TextMessage.received_at) > now - ANSWERABLE_FOR
    )
    return lead.safe_to_text or session.exec(texted.limit(1)).first() is not None or None


def count_contacts_since(session: Session, number: str, since: datetime) -> int:
    """Return how often a number was rung or texted since an instant."""
    rings = select(func.count()).where(
        CallAttempt.phone == number, col(CallAttempt.rung_at) > since
    )
    texts = select(func.count()).where(
        OutgoingText.phone == number, col(OutgoingText.handed_at) > since
    )
    return session.exec(rings).one() + session.exec(texts).one()
