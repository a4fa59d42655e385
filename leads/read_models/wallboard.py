"""The wallboard as read: who waits, who is free, and how today goes.

It names nobody but advisors.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from leads.models.calls import Callback
from leads.models.enums import CLAIMED_CALLBACK, OPEN_CALLBACK, CallbackState
from leads.models.helplines import Brand
from leads.people import availability
from leads.read_models.callback_standing import CallbackStanding
from leads.read_models.waiting_messages import count_waiting_messages
from leads.reporting import calendar_days, cohort, metrics


@dataclass(frozen=True)
class WallboardFigures:
    """The figures of now, and of today so far.

    `oldest_at`: since when, of those `waiting`, the lead has waited who waits longest for a first
    ring: nobody counts here whom no advisor may ring. Overdue ones in an advisor's hands wait until
    their phone rings, as alerts and the work list say. `held` are callbacks and `messages` what
    came in that a person decides about first; `oldest_undecided_at`: since when one of these waits.
    """

    waiting: int
    held: int
    messages: int
    oldest_at: datetime | None
    oldest_undecided_at: datetime | None
    next_due_at: datetime | None
    free: tuple[str, ...]
    busy: int
    asked: int
    in_time: float | None
    hits: int
    counted: int
    pending: int


def read_wallboard(
    session: Session, *, target: timedelta, zone: str, now: datetime
) -> WallboardFigures:
    """Return the wallboard's figures; today is the day in `zone`."""
    is_waiting, is_held = col(Callback.state) == CallbackState.WAITING, col(Callback.is_held)
    in_queue, is_due = is_waiting & is_held.is_(False), col(Callback.due_at) <= now
    unrung = col(Callback.first_rung_at).is_(None)
    standing = CallbackStanding.at(session.exec(select(Brand)).all(), now)
    waits_now = (
        col(Callback.state).in_(OPEN_CALLBACK),
        is_held.is_(False),
        or_(standing.is_late, standing.is_overdue),
    )
    ready = select(func.count()).where(*waits_now)
    held = select(func.count()).where(is_waiting, is_held)
    oldest = select(func.min(Callback.promised_at)).where(*waits_now, unrung)
    is_promised = col(Callback.promised_at) <= now
    held_first = select(func.min(Callback.promised_at)).where(
        is_waiting, is_held, unrung, is_promised
    )
    later = select(func.min(Callback.due_at)).where(in_queue, ~is_due)
    in_hand = select(func.count()).where(col(Callback.state).in_(CLAIMED_CALLBACK))
    start, end = calendar_days.day_bounds(now.astimezone(ZoneInfo(zone)).date(), zone)
    today = cohort.read_cohort(session, start=start, end=end, now=now)
    level = metrics.service_level(today, target=target, now=now)
    messages, oldest_message_at = count_waiting_messages(session)
    undecided = (session.exec(held_first).one(), oldest_message_at)
    return WallboardFigures(
        waiting=session.exec(ready).one(),
        held=session.exec(held).one(),
        messages=messages,
        oldest_at=session.exec(oldest).one(),
        oldest_undecided_at=min((at for at in undecided if at is not None), default=None),
        next_due_at=session.exec(later).first(),
        free=tuple(
            sorted(
                advisor.name for advisor in availability.list_available_advisors(session, now=now)
            )
        ),
        busy=session.exec(in_hand).one(),
        asked=len(today),
        in_time=level.share,
        hits=len(level.hits),
        counted=len(level.hits) + len(level.misses),
        pending=len(level.pending),
    )
