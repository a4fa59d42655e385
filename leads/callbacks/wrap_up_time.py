"""How long an advisor has after a conversation to say what came of it."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from leads.models.calls import Callback
from leads.models.helplines import Brand

WRAP_UP_BY_KEYPAD = timedelta(minutes=1)


def wrap_up_time_at_desk(session: Session, callback: Callback) -> timedelta:
    """Return how long the callback's helpline gives its advisors at their desks."""
    return timedelta(minutes=session.get_one(Brand, callback.brand_id).wrap_up_minutes)
