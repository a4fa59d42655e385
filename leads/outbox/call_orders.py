"""The outbox: call orders, written where a call is decided, settled where its outcome is known."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col, select

from leads.contact_rules import gate
from leads.contact_rules.gate import ContactHistory
from leads.database.bulk_rows import insert_rows, table_of
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.i18n.messages import Message, MessageKey
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg, Outbox
from leads.models.fields import message_has_key
from leads.models.helplines import Brand
from leads.models.requests import Lead
from leads.models.words import OutboxKind, OutboxState, Party

MANUAL_CALL_PREFIX = (
    "by-hand-"  # how the id of a call begins that the advisor makes from a phone of their own
)
SENDING_LASTS = timedelta(seconds=30)  # longer than any request may hang
BACK_OFF = (
    timedelta(seconds=1),
    timedelta(seconds=2),
    timedelta(seconds=4),
    timedelta(seconds=8),
    timedelta(seconds=15),
)
MOST_DOUBTFUL = 100  # at one look
LOOKUP_WAITS = (
    timedelta(seconds=1),
    timedelta(seconds=2),
    timedelta(seconds=4),
    timedelta(seconds=8),
)
"""The waits before each look for a call whose order has an unknown outcome.

The provider's list may lag, so that a call that is absent once need not be absent.
"""


@dataclass(frozen=True)
class CallOrder:
    """One order for the relay: to place a call, or to hang one up.

    `provider_call_id` is known for a call that is to be hung up.
    """

    id: int
    kind: OutboxKind
    attempt_id: str
    advisor_id: int
    advisor_phone: str
    caller_id: str
    requested_at: datetime
    provider_call_id: str | None


@dataclass(frozen=True)
class OutboxItem:
    """An order's row with all that the relay needs to know of it. Row and attempt are locked."""

    row: Outbox
    attempt: CallAttempt
    callback: Callback
    lead: Lead
    order: CallOrder
    on_file: ContactHistory


def enqueue_call_orders(
    session: Session, kind: OutboxKind, *attempts: CallAttempt, now: datetime
) -> None:
    """Order a call's placement or end for each attempt; wakes the relay after the commit."""
    if attempts:
        session.flush()  # what the orders are about comes first
        order = {
            "kind": kind,
            "state": OutboxState.PENDING,
            "tries": 0,
            "due_at": now,
            "problem": "",
        }
        insert_rows(session, Outbox, [order | {"attempt_id": attempt.id} for attempt in attempts])
        wake_after_commit(session, Wakeup.RELAY)


def take_due_orders(session: Session, most: int = 1, *, now: datetime) -> list[OutboxItem]:
    """Lock the orders that are due, `most` at most, and mark them as being sent."""
    taken = _lock_due_items(session, OutboxState.PENDING, most, now=now)
    until = now + SENDING_LASTS
    if taken:
        session.connection().execute(
            MARK_SENDING, {"ids": [item.row.id for item in taken], "until": until}
        )
    for row in (item.row for item in taken):
        set_committed_value(row, "state", OutboxState.SENDING)
        set_committed_value(row, "taken_until", until)
        set_committed_value(row, "tries", row.tries + 1)
    return taken


def mark_orders_sent(session: Session, *order_ids: int, now: datetime) -> None:
    """Record that orders were carried out."""
    if order_ids:
        session.connection().execute(MARK_SENT, {"ids": order_ids, "now": now})


def mark_order_failed(session: Session, row: Outbox, *, problem: Message, now: datetime) -> None:
    """Record that an order will never be carried out."""
    row.state, row.settled_at, row.problem = OutboxState.FAILED, now, problem
    session.add(row)
    wake_after_commit(
        session, Wakeup.DESK
    )  # supervisors see at once that the phone network refuses


def retry_order_later(session: Session, row: Outbox, *, problem: Message, now: datetime) -> bool:
    """Put off, with jitter, an order that was not carried out; False after the last retry."""
    if row.tries > len(BACK_OFF):
        return False
    wait = BACK_OFF[row.tries - 1] * random.uniform(0.75, 1.25)  # noqa: S311 - jitter, not a secret
    row.state, row.due_at, row.problem = OutboxState.PENDING, now + wait, problem
    session.add(row)
    wake_after_commit(session, Wakeup.RELAY)
    wake_after_commit(session, Wakeup.DESK)
    return True


def mark_order_unknown(session: Session, row: Outbox, *, problem: Message, now: datetime) -> None:
    """Record that nobody knows whether an order was carried out.

    It is never sent again; its call is looked for, unless a webhook was faster than the answer.
    """
    if advisor_leg_call_id(session, row.attempt_id):
        mark_orders_sent(session, row.id, now=now)
        return
    row.state, row.tries, row.problem = OutboxState.UNKNOWN, 0, problem
    row.due_at = now + LOOKUP_WAITS[0]
    session.add(row)
    wake_after_commit(session, Wakeup.DESK)


def record_failed_lookup(session: Session, row: Outbox, *, now: datetime) -> bool:
    """Record that an order's call was not found; False when it was looked for often enough."""
    row.tries += 1
    if row.tries >= len(LOOKUP_WAITS):
        return False
    row.due_at = now + LOOKUP_WAITS[row.tries]
    session.add(row)
    return True


def postpone_order_lookup(session: Session, row: Outbox, *, now: datetime) -> None:
    """Put off the look for an order's call, because the provider could not be asked.

    That is no sign of what became of the order and does not count as a look.
    """
    row.due_at = now + LOOKUP_WAITS[-1]
    session.add(row)


def collect_doubtful_orders(session: Session, *, now: datetime) -> list[OutboxItem]:
    """Lock and return the orders of unknown outcome that are due for another look.

    An order whose relay died while it was sending is one of them.
    """
    died = update(Outbox).where(
        col(Outbox.state) == OutboxState.SENDING, col(Outbox.taken_until) < now
    )
    words = {"due_at": now, "problem": Message(MessageKey.SENDER_STOPPED)}
    calls = died.where(col(Outbox.kind) == OutboxKind.PLACE_CALL)
    session.execute(calls.values(state=OutboxState.UNKNOWN, tries=0, **words))
    # Hanging up twice does no harm: that need not be looked for.
    hang_ups = died.where(col(Outbox.kind) == OutboxKind.HANG_UP)
    session.execute(hang_ups.values(state=OutboxState.PENDING, **words))
    return _lock_due_items(session, OutboxState.UNKNOWN, MOST_DOUBTFUL, now=now)


def confirm_call_placed(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Settle an attempt's order as sent, because the network spoke of its call.

    Whatever the answer to the order was, the call was placed.
    """
    session.execute(
        update(Outbox)
        .where(col(Outbox.attempt_id) == attempt.id, col(Outbox.kind) == OutboxKind.PLACE_CALL)
        .where(col(Outbox.state).in_((OutboxState.PENDING, OutboxState.UNKNOWN)))
        .values(state=OutboxState.SENT, settled_at=now)
    )


def withdraw_pending_orders(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Withdraw an attempt's orders that nobody has begun to send."""
    session.execute(
        update(Outbox)
        .where(col(Outbox.attempt_id) == attempt.id, col(Outbox.state) == OutboxState.PENDING)
        .values(
            state=OutboxState.FAILED,
            settled_at=now,
            problem=Message(MessageKey.OVER_BEFORE_SENT),
        )
    )


def next_order_due_at(session: Session, *, now: datetime) -> datetime | None:
    """Return when the next order becomes due, or is looked at again where its outcome is unknown.

    Only what is not due at `now` counts; None where there is nothing.
    """
    return session.exec(NEXT_ORDER_DUE, params={"now": now}).first()


def advisor_leg_call_id(session: Session, attempt_id: str) -> str | None:
    """Return the provider's id of the attempt's advisor leg, once known."""
    return session.exec(ADVISOR_LEG_OF_ATTEMPT, params={"attempt_id": attempt_id}).first()


def _lock_due_items(
    session: Session, state: OutboxState, most: int, *, now: datetime
) -> list[OutboxItem]:
    about = {"state": state, "now": now, "since": gate.cap_window_start(now), "most": most}
    found: Any = session.execute(DUE_ORDERS, params=about)
    return [
        OutboxItem(
            row,
            attempt,
            callback,
            lead,
            CallOrder(
                id=row.id,
                kind=row.kind,
                attempt_id=attempt.id,
                advisor_id=attempt.advisor_id,
                advisor_phone=advisor_phone,
                caller_id=caller_id,
                requested_at=attempt.requested_at,
                provider_call_id=advisor_leg if row.kind == OutboxKind.HANG_UP else None,
            ),
            ContactHistory(*known),
        )
        for row, attempt, callback, lead, advisor_phone, caller_id, advisor_leg, *known in found
    ]


# Made once: building a statement costs more than running it.
DUE_ORDERS = (
    select(Outbox, CallAttempt, Callback, Lead)
    .add_columns(
        col(Advisor.phone),
        col(Brand.caller_id),
        col(CallLeg.provider_call_id),
        *gate.CONTACT_HISTORY,
    )
    .join(CallAttempt, col(CallAttempt.id) == col(Outbox.attempt_id))
    .join(Callback, col(Callback.id) == col(CallAttempt.callback_id))
    .join(Lead, col(Lead.id) == col(Callback.lead_id))
    .join(Advisor, col(Advisor.id) == col(CallAttempt.advisor_id))
    .join(Brand, col(Brand.id) == col(Callback.brand_id))
    .outerjoin(
        CallLeg,
        and_(col(CallLeg.attempt_id) == col(CallAttempt.id), col(CallLeg.party) == Party.ADVISOR),
    )
    .where(col(Outbox.state) == bindparam("state"), col(Outbox.due_at) <= bindparam("now"))
    .order_by(col(Outbox.due_at), col(Outbox.id))
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=(Outbox, CallAttempt))
    .execution_options(populate_existing=True)
)
_outbox_table = table_of(Outbox)
MARK_SENDING = (
    update(_outbox_table)
    .where(_outbox_table.c.id.in_(bindparam("ids")))
    .values(
        state=OutboxState.SENDING, taken_until=bindparam("until"), tries=_outbox_table.c.tries + 1
    )
)
MARK_SENT = (
    update(_outbox_table)
    .where(_outbox_table.c.id.in_(bindparam("ids")))
    .values(state=OutboxState.SENT, settled_at=bindparam("now"))
)
NEXT_ORDER_DUE = (
    select(Outbox.due_at)
    .where(
        col(Outbox.state).in_((OutboxState.PENDING, OutboxState.UNKNOWN)),
        col(Outbox.due_at) > bindparam("now"),
    )
    .order_by(col(Outbox.due_at))
    .limit(1)
)
ADVISOR_LEG_OF_ATTEMPT = select(CallLeg.provider_call_id).where(
    CallLeg.attempt_id == bindparam("attempt_id"), CallLeg.party == Party.ADVISOR
)


RECENT = timedelta(hours=1)
PHONE_NETWORK_PROBLEMS = (
    MessageKey.TWILIO_REFUSED,
    MessageKey.TWILIO_UNREACHABLE,
    MessageKey.TWILIO_BROKE_OFF,
    MessageKey.TWILIO_UNREADABLE,
    MessageKey.NO_CALLER_ID,
)


def is_phone_network_problem() -> ColumnElement[bool]:
    """Return the condition that an order's problem came from the phone network, not from us."""
    return message_has_key(Outbox.problem, *PHONE_NETWORK_PROBLEMS)


def last_phone_network_problem(session: Session, now: datetime) -> str:
    """Return what the phone network refused last, within the last hour; empty if nothing."""
    lately = select(Outbox.problem).where(
        Outbox.tries > 0, Outbox.due_at > now - RECENT, is_phone_network_problem()
    )
    lately = lately.where(
        col(Outbox.state).in_((OutboxState.PENDING, OutboxState.UNKNOWN, OutboxState.FAILED))
    )
    return session.exec(lately.order_by(col(Outbox.id).desc()).limit(1)).first() or ""
