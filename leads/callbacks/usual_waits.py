"""Usual waits: within how many minutes a helpline first rings most people of late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction

from sqlmodel import Session, col, select

from leads.models.calls import Callback
from leads.models.enums import CallbackOrigin

MINUTES_TOLD = (5, 10, 15, 30, 60)
OF_LATE = timedelta(days=7)
MOST_COUNTED, FEWEST_COUNTED = 50, 10
MOST_PEOPLE = Fraction(4, 5)


def find_usual_wait(session: Session, brand_id: int, *, now: datetime) -> int | None:
    """Return within how many minutes of what was promised a helpline rings most people.

    Of its newest callbacks of a week, four in five; who still waits longer counts against it. Who
    was never to be rung does not count, nor who called in: nobody rang them. None where nobody can
    say so.
    """
    newest = (
        select(Callback.promised_at, Callback.first_rung_at)
        .where(
            Callback.received_at > now - OF_LATE,
            Callback.brand_id == brand_id,
            Callback.origin != CallbackOrigin.CALL,
            Callback.promised_at <= now,
            col(Callback.first_rung_at).is_not(None)
            | (col(Callback.finished_at).is_(None) & ~col(Callback.is_held)),
        )
        .order_by(col(Callback.received_at).desc())
        .limit(MOST_COUNTED)
    )
    rows = session.exec(newest).all()
    rung = [rung_at - promised_at for promised_at, rung_at in rows if rung_at]
    waiting = [now - promised_at for promised_at, rung_at in rows if not rung_at]
    return next((told for told in MINUTES_TOLD if _is_usual(told, rung, waiting)), None)


def _is_usual(minutes: int, rung: Sequence[timedelta], waiting: Sequence[timedelta]) -> bool:
    limit = timedelta(minutes=minutes)
    hits = sum(wait <= limit for wait in rung)
    counted = len(rung) + sum(wait > limit for wait in waiting)
    return counted >= FEWEST_COUNTED and hits >= MOST_PEOPLE * counted
