"""What every order to the outside has in common, whatever its kind.

Put with the change that caused it, taken by one process, settled once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Select, Update, bindparam, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col

from leads.database.bulk_rows import insert_if_absent, insert_rows, table_of
from leads.errors import FailureKind
from leads.i18n.messages import Message, MessageKey
from leads.models.enums import OutboxKind, OutboxState
from leads.models.outbox import Outbox
from leads.outbox.retry_schedule import RetrySchedule

# Made once: building a statement costs more than running it.
_outbox_table = table_of(Outbox)
NOW: BindParameter[datetime] = bindparam("now")

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


def put_orders(
    session: Session, kind: OutboxKind, orders: Sequence[dict[str, Any]], *, now: datetime
) -> None:
    """Order one thing for each row of columns; all rows name the same columns."""
    insert_rows(session, Outbox, [_new_order(kind, now) | order for order in orders])


def put_order_once(
    session: Session,
    kind: OutboxKind,
    key: str,
    payload: Mapping[str, Any],
    *,
    now: datetime,
    alert_id: int | None = None,
    attempt_id: str | None = None,
) -> bool:
    """Order something; False if an order with the same key was ever put, whatever came of it."""
    order = {"key": key, "payload": dict(payload), "alert_id": alert_id, "attempt_id": attempt_id}
    return insert_if_absent(session, Outbox, _new_order(kind, now) | order)


def restrict_to_due_orders(
    statement: Select[Any],
    kinds: Collection[OutboxKind],
    state: OutboxState = OutboxState.PENDING,
) -> Select[Any]:
    """Restrict a query of orders to those due in a state, those due longest first.

    Its parameters are `now` and `most`. What another process has locked is passed over.
    """
    return (
        statement.where(
            col(Outbox.state) == state,
            col(Outbox.due_at) <= bindparam("now"),
            col(Outbox.kind).in_(kinds),
        )
        .order_by(col(Outbox.due_at), col(Outbox.id))
        .limit(bindparam("most"))
        .execution_options(populate_existing=True)
    )


def mark_orders_sending(session: Session, rows: Sequence[Outbox], *, until: datetime) -> None:
    """Take locked orders: nobody else sends them, and after `until` whoever took them has died."""
    if rows:
        session.connection().execute(
            MARK_SENDING, {"ids": [row.id for row in rows], "until": until}
        )
    for row in rows:
        set_committed_value(row, "state", OutboxState.SENDING)
        set_committed_value(row, "taken_until", until)
        set_committed_value(row, "tries", row.tries + 1)


def mark_orders_sent(session: Session, *order_ids: int, now: datetime) -> None:
    """Settle orders that were carried out."""
    if order_ids:
        session.connection().execute(MARK_SENT, {"ids": order_ids, "now": now})


def settle_unsent_order(
    session: Session,
    row: Outbox,
    state: OutboxState,
    *,
    problem: Message,
    failure: FailureKind,
    now: datetime,
) -> None:
    """Settle an order that will not be tried again, with what kept it from being carried out."""
    row.state, row.settled_at, row.problem, row.failure = state, now, problem, failure
    session.add(row)


def put_order_back(
    session: Session,
    row: Outbox,
    schedule: RetrySchedule,
    *,
    problem: Message,
    failure: FailureKind,
    now: datetime,
) -> bool:
    """Put an order that was not carried out back for another try.

    False, and nothing is written, when it was tried often enough.
    """
    wait = schedule.wait_after(row.tries)
    if wait is None:
        return False
    row.state, row.due_at, row.problem, row.failure = (
        OutboxState.PENDING,
        now + wait,
        problem,
        failure,
    )
    session.add(row)
    return True


def put_order_in_doubt(
    session: Session, row: Outbox, *, look_at: datetime, problem: Message, failure: FailureKind
) -> None:
    """Record that nobody knows whether an order was carried out: it is looked for from then on."""
    row.state, row.looks, row.due_at = OutboxState.UNKNOWN, 0, look_at
    row.problem, row.failure = problem, failure
    session.add(row)


def update_interrupted_orders(
    kinds: Collection[OutboxKind], state: OutboxState, **values: Any
) -> Update:
    """Return the update to a state of the orders whose process died while it was sending them.

    Made once; its parameter is NOW.
    """
    died = update_orders_being_sent(kinds, state, **values)
    return died.where(_outbox_table.c.taken_until < NOW)


def update_orders_being_sent(
    kinds: Collection[OutboxKind], state: OutboxState, **values: Any
) -> Update:
    """Return the update to a state of all orders that a process has begun to send and not settled.

    Made once; its parameter is NOW, where a value is that.
    """
    is_being_sent = _outbox_table.c.state == OutboxState.SENDING
    return (
        update(_outbox_table)
        .where(is_being_sent, _outbox_table.c.kind.in_(kinds))
        .values(
            state=state,
            problem=Message(MessageKey.SENDER_STOPPED),
            failure=FailureKind.OURS,
            **values,
        )
    )


def recover_interrupted_orders(session: Session, *updates: Update, now: datetime) -> None:
    """Carry out updates of orders whose process died while it was sending them."""
    for statement in updates:
        session.connection().execute(statement, {"now": now})


def _new_order(kind: OutboxKind, now: datetime) -> dict[str, Any]:
    return {
        "kind": kind,
        "state": OutboxState.PENDING,
        "tries": 0,
        "created_at": now,
        "due_at": now,
        "problem": "",
    }
