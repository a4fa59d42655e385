"""Orders to text a lead: each is handed to the network at most once.

One that may have gone out is looked for and never sent again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import FailureKind, TelephonyError
from leads.i18n.messages import Message, MessageKey
from leads.models.enums import OutboxKind, OutboxState, TextStatus
from leads.models.outbox import Outbox
from leads.models.requests import OutgoingText
from leads.outbox import orders
from leads.outbox.retry_schedule import CALL_LOOKUPS, CALL_RETRIES

TEXT_SENDING_LASTS = timedelta(seconds=30)  # longer than any request may hang
MOST_DOUBTFUL = 100  # at one look
_LOCKED_ORDERS = select(Outbox).with_for_update(skip_locked=True)
DUE_TEXT_ORDERS = orders.restrict_to_due_orders(_LOCKED_ORDERS, [OutboxKind.SEND_TEXT])
TEXTS_INTERRUPTED = orders.update_interrupted_orders(
    [OutboxKind.SEND_TEXT], OutboxState.UNKNOWN, looks=0, due_at=orders.NOW
)
DOUBTFUL_TEXT_ORDERS = orders.restrict_to_due_orders(
    _LOCKED_ORDERS, [OutboxKind.SEND_TEXT], OutboxState.UNKNOWN
)


@dataclass(frozen=True)
class TextOrder:
    """One text for the relay to hand to the network, or to look for there."""

    id: int
    text_id: int
    number: str
    caller_id: str
    body: str
    ordered_at: datetime


def enqueue_text_order(
    session: Session, text: OutgoingText, *, after: timedelta = timedelta(), now: datetime
) -> None:
    """Order that a text be sent; wakes the relay after the commit."""
    order = {
        "key": _order_key_of_text(text),
        "payload": {"text_id": text.id},
        "due_at": now + after,
    }
    orders.put_orders(session, OutboxKind.SEND_TEXT, [order], now=now)
    wake_after_commit(session, Wakeup.TEXT)


def lock_due_text_orders(session: Session, most: int, *, now: datetime) -> list[Outbox]:
    """Lock the orders to text that are due, those due longest first."""
    return list(session.scalars(DUE_TEXT_ORDERS, params={"now": now, "most": most}))


def collect_doubtful_text_orders(session: Session, *, now: datetime) -> list[Outbox]:
    """Lock the orders of unknown outcome that are due for another look.

    An order whose relay died while it was sending is one of them.
    """
    orders.recover_interrupted_orders(session, TEXTS_INTERRUPTED, now=now)
    looked_at = {"now": now, "most": MOST_DOUBTFUL}
    return list(session.scalars(DOUBTFUL_TEXT_ORDERS, params=looked_at))


def mark_text_sending(session: Session, rows: list[Outbox], *, now: datetime) -> None:
    """Take orders: nobody else sends them."""
    orders.mark_orders_sending(session, rows, until=now + TEXT_SENDING_LASTS)


def confirm_text_handed(session: Session, text: OutgoingText, *, now: datetime) -> None:
    """Settle a text's order as sent, because the network spoke of it."""
    session.execute(
        update(Outbox)
        .where(
            col(Outbox.key) == _order_key_of_text(text),
            col(Outbox.state).in_((OutboxState.UNKNOWN, OutboxState.SENDING)),
        )
        .values(state=OutboxState.SENT, settled_at=now)
    )


def put_text_back(session: Session, row: Outbox, error: TelephonyError, *, now: datetime) -> bool:
    """Put off, with jitter, a text that was not sent; False after the last try."""
    return orders.put_order_back(
        session, row, CALL_RETRIES, problem=error.sentence, failure=error.failure, now=now
    )


def mark_text_unknown(
    session: Session, row: Outbox, error: TelephonyError, *, now: datetime
) -> None:
    """Record that nobody knows whether a text was sent: it is looked for, never sent again."""
    at = now + CALL_LOOKUPS.waits[0]
    orders.put_order_in_doubt(
        session, row, look_at=at, problem=error.sentence, failure=error.failure
    )


def look_again_later(session: Session, row: Outbox, *, is_answered: bool, now: datetime) -> bool:
    """Put off the look for a text; False when it was looked for often enough.

    `is_answered`: the network was asked and did not have it. Otherwise it is no look.
    """
    row.looks += is_answered
    wait = CALL_LOOKUPS.wait_after(row.looks + 1) if is_answered else CALL_LOOKUPS.waits[-1]
    if wait is None:
        return False
    row.due_at = now + wait
    session.add(row)
    return True


def settle_failed_text(
    session: Session, row: Outbox, problem: Message, *, failure: FailureKind, now: datetime
) -> None:
    """Record that a text will never be sent, or is not looked for any more."""
    state = OutboxState.FAILED
    orders.settle_unsent_order(session, row, state, problem=problem, failure=failure, now=now)


def withdraw_pending_texts(session: Session, number: str, *, now: datetime) -> None:
    """Withdraw the texts to a number that nobody has begun to send: its owner asked us to stop.

    Waits for nobody: one that the relay has in hand is asked of the gate there.
    """
    ordered = select(OutgoingText).where(
        OutgoingText.phone == number, OutgoingText.status == TextStatus.ORDERED
    )
    texts = session.exec(ordered).all()
    withdraw_pending_texts_of(session, texts, Message(MessageKey.SUPPRESSED), now=now)


def withdraw_pending_texts_of(
    session: Session, ordered: Sequence[OutgoingText], problem: Message, *, now: datetime
) -> None:
    """Withdraw those of these texts that nobody has begun to send, and say why."""
    texts = {text.id: text for text in ordered if text.status == TextStatus.ORDERED}
    keys = [_order_key_of_text(text) for text in texts.values()]
    pending = select(Outbox).where(col(Outbox.key).in_(keys), Outbox.state == OutboxState.PENDING)
    free = pending.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    for row in session.exec(free).all():
        settle_failed_text(session, row, problem, failure=FailureKind.OURS, now=now)
        text = texts[row.payload["text_id"]]
        text.status, text.status_at, text.problem = TextStatus.FAILED, now, problem
        session.add(text)
        wake_after_commit(session, Wakeup.DESK)


def _order_key_of_text(text: OutgoingText) -> str:
    return f"text:{text.id}"
