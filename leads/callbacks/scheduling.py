"""Scheduling: a callback waits for a time that its lead agreed on, without a call."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from leads.callbacks.rescheduling import RescheduleOutcome, reschedule_as_agreed
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import LostRace, NotNow
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import CallbackState
from leads.people.permissions import Permission, actor_of, require_permission

SOON = timedelta(minutes=1)  # how far ahead a time is that is agreed to have come


def schedule_callback(
    session: Session, callback: Callback, supervisor: Advisor, *, due_at: datetime, now: datetime
) -> RescheduleOutcome:
    """Let a waiting callback wait for the time that its lead agreed on.

    Raises NotNow for a time that is past and where a person has to decide about it first, LostRace
    where it waits no more.
    """
    require_permission(supervisor, Permission.SCHEDULE_CALLBACK, callback)
    session.refresh(callback, with_for_update=True)
    if callback.is_held:
        raise NotNow(Phrase("It is held: decide about the hold first."))
    return agree_on_time(session, callback, due_at=due_at, actor=actor_of(supervisor), now=now)


def agree_on_time(
    session: Session, callback: Callback, *, due_at: datetime, actor: str, now: datetime
) -> RescheduleOutcome:
    """Let a waiting callback be due when its lead said, or at the next time that is permitted.

    The callback is locked. Raises as `schedule_callback`.
    """
    if callback.state != CallbackState.WAITING:
        raise LostRace(Phrase("Someone else got there first: it is no longer waiting."))
    again = reschedule_as_agreed(session, callback, due_at=due_at, actor=actor, now=now)
    wake_after_commit(session, Wakeup.OFFER)
    return again
