"""Limits on how often a colleague may try something within a period, counted in the audit trail."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from leads.errors import TooManyTries
from leads.lifecycle.audit_trail import record_event
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.advisors import Advisor
from leads.models.watching import Transition
from leads.people import presence
from leads.people.permissions import actor_of


def record_limited_try(
    session: Session, advisor: Advisor, event: str, *, most: int, period: timedelta, now: datetime
) -> None:
    """Record a try; raises TooManyTries where there were as many as may be within the period.

    The colleague is locked, so that many tries at once are counted one by one.
    """
    presence.lock_advisor(session, advisor.id)
    subject = TrailSubject.of_row(advisor)
    recent = select(func.count(), func.min(Transition.at)).where(
        Transition.record == subject.record,
        Transition.record_id == subject.record_id,
        Transition.event == event,
        col(Transition.at) > now - period,
    )
    count, first = session.exec(recent).one()
    if count >= most:
        raise TooManyTries(first + period - now)
    record_event(session, advisor, event, actor=actor_of(advisor), now=now)
