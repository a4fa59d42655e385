"""What is to be sent, written in the transaction that decided it and settled in the one that learnt the outcome."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from leads.db import Bell, ring_after_commit
from leads.models import Advisor, Brand, CallAttempt, Callback, CallLeg, Outbox, OutboxKind, OutboxState, Party

BY_HAND = "by-hand-"  # how the id of a call begins that the advisor makes from a phone of their own
SENDING_LASTS = timedelta(seconds=30)  # longer than any request may hang
BACK_OFF = (
    timedelta(seconds=1),
    timedelta(seconds=2),
    timedelta(seconds=4),
    timedelta(seconds=8),
    timedelta(seconds=15),
)
LOOK_AGAIN = (timedelta(seconds=1), timedelta(seconds=2), timedelta(seconds=4), timedelta(seconds=8))
"""When to look for a call of unknown fate: the provider's list may lag, so absent once is not absent."""


@dataclass(frozen=True)
class Order:
    """One thing for the relay to do. `provider_call_id` is known for a call that is to be hung up."""

    id: int
    kind: OutboxKind
    attempt_id: str
    advisor_id: int
    advisor_phone: str
    caller_id: str
    requested_at: datetime
    provider_call_id: str | None


def put(session: Session, kind: OutboxKind, attempt: CallAttempt, *, now: datetime) -> None:
    """Order something of the relay, which is woken after the commit."""
    session.add(Outbox(kind=kind, attempt_id=attempt.id, due_at=now))
    ring_after_commit(session, Bell.RELAY)


def take(session: Session, *, now: datetime) -> Outbox | None:
    """Lock the next due order and mark it as being sent; None when nothing is due."""
    row = session.exec(
        select(Outbox)
        .where(Outbox.state == OutboxState.PENDING, Outbox.due_at <= now)
        .order_by(col(Outbox.due_at), col(Outbox.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row:
        row.state, row.taken_until, row.tries = OutboxState.SENDING, now + SENDING_LASTS, row.tries + 1
        session.flush()
    return row


def order_of(session: Session, row: Outbox) -> Order:
    """Return what the relay needs to know to carry a row out."""
    attempt = session.get_one(CallAttempt, row.attempt_id)
    callback = session.get_one(Callback, attempt.callback_id)
    advisor = session.get_one(Advisor, attempt.advisor_id)
    return Order(
        id=row.id,
        kind=row.kind,
        attempt_id=attempt.id,
        advisor_id=attempt.advisor_id,
        advisor_phone=advisor.phone,
        caller_id=session.get_one(Brand, callback.brand_id).caller_id,
        requested_at=attempt.requested_at,
        provider_call_id=advisor_leg(session, attempt.id) if row.kind == OutboxKind.HANG_UP else None,
    )


def sent(session: Session, row: Outbox, *, now: datetime) -> None:
    """It is done."""
    _settle(session, row, OutboxState.SENT, now=now)


def failed(session: Session, row: Outbox, *, problem: str, now: datetime) -> None:
    """It will never be done."""
    _settle(session, row, OutboxState.FAILED, now=now, problem=problem)


def again(session: Session, row: Outbox, *, problem: str, now: datetime) -> bool:
    """It was not done and may be tried again, with jitter; False when it was tried often enough."""
    if row.tries > len(BACK_OFF):
        return False
    wait = BACK_OFF[row.tries - 1] * random.uniform(0.75, 1.25)  # noqa: S311 - jitter, not a secret
    row.state, row.due_at, row.problem = OutboxState.PENDING, now + wait, problem
    session.add(row)
    ring_after_commit(session, Bell.RELAY)
    return True


def unknown(session: Session, row: Outbox, *, problem: str, now: datetime) -> None:
    """It may have been done: never sent again, but looked for, unless a webhook was faster than the answer."""
    if advisor_leg(session, row.attempt_id):
        sent(session, row, now=now)
        return
    row.state, row.tries, row.problem = OutboxState.UNKNOWN, 0, problem
    row.due_at = now + LOOK_AGAIN[0]
    session.add(row)


def not_found(session: Session, row: Outbox, *, now: datetime) -> bool:
    """It was looked for in vain; False when it was looked for often enough."""
    row.tries += 1
    if row.tries >= len(LOOK_AGAIN):
        return False
    row.due_at = now + LOOK_AGAIN[row.tries]
    session.add(row)
    return True


def look_later(session: Session, row: Outbox, *, now: datetime) -> None:
    """Nobody could be asked about it: that is no sign of anything."""
    row.due_at = now + LOOK_AGAIN[-1]
    session.add(row)


def in_doubt(session: Session, *, now: datetime) -> list[Outbox]:
    """Return the orders of unknown fate that are due for another look.

    An order whose relay died while sending is one of them.
    """
    died = update(Outbox).where(col(Outbox.state) == OutboxState.SENDING, col(Outbox.taken_until) < now)
    words = {"due_at": now, "problem": "The relay stopped while it was sending this."}
    calls = died.where(col(Outbox.kind) == OutboxKind.PLACE_CALL)
    session.execute(calls.values(state=OutboxState.UNKNOWN, tries=0, **words))
    # Hanging up twice does no harm: that need not be looked for.
    hang_ups = died.where(col(Outbox.kind) == OutboxKind.HANG_UP)
    session.execute(hang_ups.values(state=OutboxState.PENDING, **words))
    due = select(Outbox).where(Outbox.state == OutboxState.UNKNOWN, Outbox.due_at <= now).order_by(col(Outbox.id))
    return list(session.exec(due.with_for_update(skip_locked=True)))


def confirm(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """The network spoke of the attempt's call: whatever its order's answer was, it was placed."""
    session.execute(
        update(Outbox)
        .where(col(Outbox.attempt_id) == attempt.id, col(Outbox.kind) == OutboxKind.PLACE_CALL)
        .where(col(Outbox.state).in_((OutboxState.PENDING, OutboxState.UNKNOWN)))
        .values(state=OutboxState.SENT, settled_at=now)
    )


def withdraw(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Do not place this call any more, if nobody has begun to."""
    session.execute(
        update(Outbox)
        .where(col(Outbox.attempt_id) == attempt.id, col(Outbox.state) == OutboxState.PENDING)
        .values(state=OutboxState.FAILED, settled_at=now, problem="The attempt was over before it was placed.")
    )


def next_due(session: Session) -> datetime | None:
    """Return when the next order is due, or the next look at one in doubt."""
    waiting = (OutboxState.PENDING, OutboxState.UNKNOWN)
    return session.exec(
        select(Outbox.due_at).where(col(Outbox.state).in_(waiting)).order_by(col(Outbox.due_at)).limit(1)
    ).first()


def advisor_leg(session: Session, attempt_id: str) -> str | None:
    """Return the provider's id of the attempt's advisor leg, once known."""
    found = select(CallLeg.provider_call_id).where(CallLeg.attempt_id == attempt_id, CallLeg.party == Party.ADVISOR)
    return session.exec(found).first()


def _settle(session: Session, row: Outbox, state: OutboxState, *, now: datetime, problem: str = "") -> None:
    row.state, row.settled_at, row.problem = state, now, problem or row.problem
    session.add(row)
