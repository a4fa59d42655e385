"""Orders about recordings: bring one here, and then leave none at the phone network.

Both may be carried out twice. A recording is deleted there only after it was committed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, update
from sqlmodel import Session, col, select

from leads.errors import TelephonyError
from leads.models.enums import RECORDING_ORDER_KINDS, OutboxKind, OutboxState
from leads.models.outbox import Outbox
from leads.outbox import orders
from leads.outbox.retry_schedule import RetrySchedule

RECORDING_SENDING_LASTS = timedelta(minutes=2)  # longer than any request may hang
FETCH_RETRIES = RetrySchedule(
    (
        *(timedelta(seconds=seconds) for seconds in (2, 3, 5, 10, 20, 30)),
        *(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 20, 30)),
        *[timedelta(hours=1)] * 24,
    ),
    jitter=0.1,
)
"""The waits before a recording is asked for again: at first it may not be ready yet."""
DELETION_RETRIES = FETCH_RETRIES
LOOKS_FOR_UNNAMED = 3  # before a recording that the network never named is taken for absent


# Made once: building a statement costs more than running it.
RECORDINGS_INTERRUPTED = orders.update_interrupted_orders(
    RECORDING_ORDER_KINDS, OutboxState.PENDING, due_at=orders.NOW
)
DUE_RECORDING_ORDERS = orders.restrict_to_due_orders(
    select(Outbox).with_for_update(skip_locked=True), RECORDING_ORDER_KINDS
)


def enqueue_fetch(session: Session, voicemail_id: int, *, due_at: datetime, now: datetime) -> None:
    """Order a voicemail's recording, once: for when the network should have spoken of it."""
    order = {
        "key": _fetch_key(voicemail_id),
        "payload": {"voicemail_id": voicemail_id},
        "due_at": due_at,
    }
    orders.put_orders(session, OutboxKind.FETCH_RECORDING, [order], now=now)


def hasten_fetch(session: Session, voicemail_id: int, *, due_at: datetime) -> None:
    """Let a voicemail's recording be fetched by now, also where that was given up before."""
    waits = and_(col(Outbox.state) == OutboxState.PENDING, col(Outbox.due_at) > due_at)
    session.execute(
        update(Outbox)
        .where(col(Outbox.key) == _fetch_key(voicemail_id))
        .where(waits | col(Outbox.state).in_((OutboxState.FAILED, OutboxState.SENT)))
        .values(state=OutboxState.PENDING, due_at=due_at, tries=0, settled_at=None)
    )


def enqueue_deletion(
    session: Session, voicemail_id: int, recording_id: str, *, now: datetime
) -> None:
    """Order that the phone network deletes a recording. Idempotent."""
    payload = {"voicemail_id": voicemail_id, "recording_id": recording_id}
    key = f"delete-recording:{recording_id}"
    orders.put_order_once(session, OutboxKind.DELETE_RECORDING, key, payload, now=now)


def take_due_recording_orders(session: Session, most: int, *, now: datetime) -> Sequence[Outbox]:
    """Lock the orders about recordings that are due, and mark them as being carried out.

    What a process left undone that died over it is one of them.
    """
    orders.recover_interrupted_orders(session, RECORDINGS_INTERRUPTED, now=now)
    rows = session.scalars(DUE_RECORDING_ORDERS, params={"now": now, "most": most}).all()
    orders.mark_orders_sending(session, rows, until=now + RECORDING_SENDING_LASTS)
    return rows


def retry_fetch(session: Session, row: Outbox, error: TelephonyError, *, now: datetime) -> bool:
    """Put a fetch off for another try; False, settled as failed, after the last one.

    What cannot be helped by another try is settled at once.
    """
    cause: dict[str, Any] = {"problem": error.sentence, "failure": error.failure, "now": now}
    if not error.permanent and orders.put_order_back(session, row, FETCH_RETRIES, **cause):
        return True
    orders.settle_unsent_order(session, row, OutboxState.FAILED, **cause)
    return False


def retry_deletion(session: Session, row: Outbox, error: TelephonyError, *, now: datetime) -> None:
    """Put a deletion off for another try: it is tried for as long as it takes."""
    cause: dict[str, Any] = {"problem": error.sentence, "failure": error.failure, "now": now}
    if not orders.put_order_back(session, row, DELETION_RETRIES, **cause):
        row.tries = len(DELETION_RETRIES.waits)
        orders.put_order_back(session, row, DELETION_RETRIES, **cause)


def _fetch_key(voicemail_id: int) -> str:
    return f"fetch-voicemail:{voicemail_id}"
