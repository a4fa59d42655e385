"""The scheduler's sign of life, where every process can see it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from leads.database.bulk_rows import changed, insert_new
from leads.models.watching import Beat

STEP = timedelta(seconds=10)
SILENT_AFTER = timedelta(minutes=1)
ONLY = 1


def keep(session: Session, *, now: datetime) -> None:
    """A scheduler is at work. Written every ten seconds, however many there are."""
    renewed = update(Beat).where(col(Beat.id) == ONLY, col(Beat.at) <= now - STEP).values(at=now)
    if not changed(session, renewed):
        insert_new(session, Beat, {"id": ONLY, "at": now})


def silent_since(session: Session, *, now: datetime) -> datetime | None:
    """Return the last sign of life when it is too long ago; None while there is one, and before the first."""
    last = session.exec(select(Beat.at)).first()
    return last if last and now - last > SILENT_AFTER else None
