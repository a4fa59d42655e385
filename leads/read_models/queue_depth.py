"""How deep each queue is at one instant, and how old the oldest in it: what a graph shows.

Only what is open is looked at, by indexes of states: it takes the same however much is past.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from leads.models.calls import Callback
from leads.models.enums import (
    CALL_ORDER_KINDS,
    CLAIMED_CALLBACK,
    UNDECIDED,
    CallbackState,
    OutboxState,
    SubmissionState,
)
from leads.models.outbox import Outbox
from leads.models.requests import Submission

OPEN_SUBMISSION = (SubmissionState.RECEIVED, *UNDECIDED)
OPEN_ORDER = (OutboxState.PENDING, OutboxState.SENDING)


@dataclass(frozen=True)
class QueueDepth:
    """How many there are, none included, of every kind that something is still to be done about.

    `callbacks` by state, those that wait as due, later or held; `submissions` by state; `orders` to
    the outside by kind and state, of calls also those of which nobody knows what became of them.
    `oldest_due_at`: when the callback became due that waits longest for an advisor.
    `oldest_order_due_at`: the same by kind of the orders that nobody has taken yet.
    """

    callbacks: Mapping[str, int]
    submissions: Mapping[str, int]
    orders: Mapping[tuple[str, str], int]
    oldest_due_at: datetime | None
    oldest_order_due_at: Mapping[str, datetime]


def read_queue_depth(session: Session, *, now: datetime) -> QueueDepth:
    """Return how deep each queue is now."""
    is_waiting, is_held = col(Callback.state) == CallbackState.WAITING, col(Callback.is_held)
    in_queue, is_due = is_waiting & is_held.is_(False), col(Callback.due_at) <= now
    due_count, oldest_due_at = session.exec(
        select(func.count(), func.min(Callback.due_at)).where(in_queue, is_due)
    ).one()
    later = session.exec(select(func.count()).where(in_queue, ~is_due)).one()
    held = session.exec(select(func.count()).where(is_waiting, is_held)).one()
    in_hand = select(Callback.state, func.count()).where(col(Callback.state).in_(CLAIMED_CALLBACK))
    waiting = {"due": due_count, "later": later, "held": held}
    submissions = select(Submission.state, func.count()).where(
        col(Submission.state).in_(OPEN_SUBMISSION)
    )
    return QueueDepth(
        callbacks=waiting
        | _counts_with_none(CLAIMED_CALLBACK, session.exec(in_hand.group_by(Callback.state))),
        submissions=_counts_with_none(
            OPEN_SUBMISSION, session.exec(submissions.group_by(Submission.state))
        ),
        orders=_count_orders(session),
        oldest_due_at=oldest_due_at,
        oldest_order_due_at=_oldest_orders(session, now=now),
    )


def unsent_calls_due_at(session: Session, *, now: datetime) -> datetime | None:
    """Return when the oldest order for a call became due that no relay has taken."""
    due_at = _oldest_orders(session, now=now)
    return min((due_at[kind] for kind in CALL_ORDER_KINDS if kind in due_at), default=None)


def _oldest_orders(session: Session, *, now: datetime) -> dict[str, datetime]:
    is_untaken = (col(Outbox.state) == OutboxState.PENDING) & (col(Outbox.due_at) <= now)
    oldest = select(Outbox.kind, func.min(Outbox.due_at)).where(is_untaken)
    return {str(kind): at for kind, at in session.exec(oldest.group_by(Outbox.kind))}


def _count_orders(session: Session) -> dict[tuple[str, str], int]:
    in_doubt = (col(Outbox.state) == OutboxState.UNKNOWN) & col(Outbox.kind).in_(CALL_ORDER_KINDS)
    counts = select(Outbox.kind, Outbox.state, func.count()).where(
        col(Outbox.state).in_(OPEN_ORDER) | in_doubt
    )
    found = session.exec(counts.group_by(Outbox.kind, Outbox.state))
    return {(str(kind), str(state)): count for kind, state, count in found}


def _counts_with_none(states: Iterable[str], found: Iterable[tuple[str, int]]) -> dict[str, int]:
    return {str(state): 0 for state in states} | {str(state): count for state, count in found}
