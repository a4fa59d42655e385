"""The scheduler's sign of life, where every process can see it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from leads.database.bulk_rows import execute_and_count, insert_if_absent
from leads.models.watching import SchedulerHeartbeat

HEARTBEAT_INTERVAL = timedelta(seconds=10)
SILENT_AFTER = timedelta(minutes=1)
ONLY_ROW_ID = 1


def record_heartbeat(session: Session, *, now: datetime) -> None:
    """Record that a scheduler is at work.

    The row is written every ten seconds at most, however many schedulers there are.
    """
    renewed = (
        update(SchedulerHeartbeat)
        .where(
            col(SchedulerHeartbeat.id) == ONLY_ROW_ID,
            col(SchedulerHeartbeat.at) <= now - HEARTBEAT_INTERVAL,
        )
        .values(at=now)
    )
    if not execute_and_count(session, renewed):
        insert_if_absent(session, SchedulerHeartbeat, {"id": ONLY_ROW_ID, "at": now})


def last_heartbeat(session: Session) -> datetime | None:
    """Return when any scheduler last gave a sign; None before the first."""
    return session.exec(select(SchedulerHeartbeat.at)).first()


def scheduler_silent_since(session: Session, *, now: datetime) -> datetime | None:
    """Return the last heartbeat of any scheduler, if it is too long ago.

    None while heartbeats arrive, and before the first one.
    """
    last = last_heartbeat(session)
    return last if last and now - last > SILENT_AFTER else None
