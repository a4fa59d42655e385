"""Orders to tell a destination of an event: put once, sent until it is taken, kept if it is not.

What is sent has ids, types and states; nobody's name, number or words.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, update
from sqlmodel import Session, col, select

from leads.database.bulk_rows import execute_and_count, insert_absent_rows
from leads.errors import FailureKind, TelephonyError
from leads.i18n.messages import Message, MessageKey
from leads.lifecycle.audit_trail import SystemActor, record_event
from leads.models.advisors import Advisor
from leads.models.enums import DestinationStop, OutboxKind, OutboxState
from leads.models.outbound import Destination
from leads.models.outbox import Outbox
from leads.outbox import event_feeds, orders
from leads.outbox.event_feeds import DeskEvent
from leads.outbox.legal_basis import LegalBasis, select_covered_people
from leads.outbox.retry_schedule import EVENT_RETRIES
from leads.people.permissions import Operator, Permission, actor_of, require_permission

EVENT_SENDING_LASTS = timedelta(minutes=2)  # longer than any request may hang
COUNTED_FOR = timedelta(days=7)
MOST_REPLAYED = 1000  # at once

_DESTINATION: Any = col(Outbox.payload)["destination_id"].as_integer()
# Made once: building a statement costs more than running it.
EVENTS_INTERRUPTED = orders.update_interrupted_orders(
    [OutboxKind.SEND_EVENT], OutboxState.PENDING, due_at=orders.NOW
)
DUE_EVENT_ORDERS = orders.restrict_to_due_orders(
    select(Outbox).with_for_update(skip_locked=True), [OutboxKind.SEND_EVENT]
)


@dataclass(frozen=True)
class EventOrder:
    """One event for one destination, and all that is needed to send it."""

    id: int
    destination_id: int
    destination: str
    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    event_id: str
    content: dict[str, Any]


@dataclass(frozen=True)
class EventCounts:
    """How many events of the last week stand where, at one destination."""

    sent: int = 0
    waiting: int = 0
    failed: int = 0


def begin_feeds_if_unread(session: Session, *, now: datetime) -> None:
    """Pass over what has happened so far, if no destination was told of it."""
    if not _list_active(session):
        event_feeds.begin_feeds(session, now=now)


def has_destinations(session: Session) -> bool:
    """Whether there is, or was, anybody to send to."""
    return session.exec(select(Destination.id).limit(1)).first() is not None


def order_new_events(session: Session, *, now: datetime) -> int:
    """Order what has happened for every destination that is to be told of it; returns how many.

    Idempotent: the same event is ordered once for a destination, whoever looks.
    """
    active = _list_active(session)
    if not active:
        return 0
    count = 0
    for events in event_feeds.read_feed_pages(session, since=min(one.since for one in active)):
        rows = [row for one in active for row in _new_order_rows(session, one, events, now=now)]
        if rows:
            insert_absent_rows(session, Outbox, rows)
        count += len(rows)
    event_feeds.advance_cursors(session, now=now)
    return count


def list_destinations_with_due_events(session: Session, *, now: datetime) -> list[int]:
    """Return the ids of destinations for which something is due, or was being sent too long."""
    orders.recover_interrupted_orders(session, EVENTS_INTERRUPTED, now=now)
    due = select(_DESTINATION).where(
        Outbox.kind == OutboxKind.SEND_EVENT,
        Outbox.state == OutboxState.PENDING,
        Outbox.due_at <= now,
    )
    return sorted(session.exec(due.distinct()))


def take_due_event(session: Session, destination_id: int, *, now: datetime) -> EventOrder | None:
    """Take the destination's event that is due longest; None where none is.

    What may not be sent any more is given up on the way, and says why.
    """
    due = DUE_EVENT_ORDERS.where(destination_id == _DESTINATION)
    destination = session.get_one(Destination, destination_id)
    while rows := session.scalars(due, params={"now": now, "most": 1}).all():
        [row] = rows
        refusal = _refuse_event(session, destination, row, now=now)
        if refusal is None:
            orders.mark_orders_sending(session, rows, until=now + EVENT_SENDING_LASTS)
            return _make_event_order(row, destination)
        _give_up_event(session, row, refusal, FailureKind.OURS, now=now)
        session.flush()
    return None


def settle_failed_event(
    session: Session,
    order: EventOrder,
    error: TelephonyError,
    *,
    wait: timedelta | None = None,
    now: datetime,
) -> OutboxState:
    """Put an event that was not taken off for another try, or keep it as undelivered.

    `wait`: what the destination asked for, at least.
    """
    row = session.get_one(Outbox, order.id, with_for_update=True)
    cause: dict[str, Any] = {"problem": error.sentence, "failure": error.failure, "now": now}
    if not error.permanent and orders.put_order_back(session, row, EVENT_RETRIES, **cause):
        row.due_at = max(row.due_at, now + (wait or timedelta()))
    else:
        _give_up_event(session, row, error.sentence, error.failure, now=now)
    return row.state


def stop_gone_destination(session: Session, destination_id: int, *, now: datetime) -> None:
    """Send nothing any more to a destination that answered that it is gone (410)."""
    destination = session.get_one(Destination, destination_id, with_for_update=True)
    if destination.stopped_at is None:
        destination.stopped_at, destination.stopped_because = now, DestinationStop.GONE
        record_event(session, destination, "stop", actor=SystemActor.RELAY, now=now)


def replay_events(
    session: Session,
    actor: Advisor | Operator,
    destination_id: int,
    *,
    since: datetime | None = None,
    now: datetime,
) -> int:
    """Send again what a destination did not take; returns how many events that are.

    `since`: what it did take since then as well, which has the same ids as before.
    """
    require_permission(actor, Permission.CHANGE_DESTINATION)
    destination = session.get_one(Destination, destination_id)
    again = col(Outbox.state) == OutboxState.FAILED
    if since is not None:
        again = (again | (col(Outbox.state) == OutboxState.SENT)) & (Outbox.created_at >= since)
    ids = (
        select(Outbox.id)
        .where(Outbox.kind == OutboxKind.SEND_EVENT, destination_id == _DESTINATION, again)
        .order_by(col(Outbox.id))
        .limit(MOST_REPLAYED)
    )
    count = execute_and_count(
        session,
        update(Outbox)
        .where(col(Outbox.id).in_(session.exec(ids).all()))
        .values(state=OutboxState.PENDING, due_at=now, tries=0, settled_at=None),
    )
    record_event(session, destination, "replay", actor=actor_of(actor), now=now, count=count)
    return count


def count_events(session: Session, *, now: datetime) -> dict[int, EventCounts]:
    """Return how many events of the last week each destination took, waits for or did not take.

    What we gave up ourselves is none of them.
    """
    place, is_ours = _DESTINATION.label("place"), col(Outbox.failure) == FailureKind.OURS
    found = session.exec(
        select(place, col(Outbox.state), func.count())
        .where(
            Outbox.kind == OutboxKind.SEND_EVENT,
            Outbox.created_at > now - COUNTED_FOR,
            or_(col(Outbox.state) != OutboxState.FAILED, col(Outbox.failure).is_(None), ~is_ours),
        )
        .group_by("place", col(Outbox.state))
    )
    by_state: dict[int, dict[OutboxState, int]] = {}
    for destination_id, its_state, count in found:
        by_state.setdefault(destination_id, {})[its_state] = count
    return {
        destination_id: EventCounts(
            sent=counts.get(OutboxState.SENT, 0),
            waiting=counts.get(OutboxState.PENDING, 0) + counts.get(OutboxState.SENDING, 0),
            failed=counts.get(OutboxState.FAILED, 0),
        )
        for destination_id, counts in by_state.items()
    }


def find_undelivered(
    session: Session, *, since: datetime
) -> dict[int, tuple[int, datetime, datetime]]:
    """Return how many events each destination did not take, and when the first and last failed."""
    place, at = _DESTINATION.label("place"), col(Outbox.settled_at)
    failed = select(place, func.count(), func.min(at), func.max(at)).where(
        Outbox.kind == OutboxKind.SEND_EVENT,
        Outbox.state == OutboxState.FAILED,
        col(Outbox.failure) != FailureKind.OURS,
        Outbox.due_at > since - EVENT_SENDING_LASTS,
        at > since,
    )
    rows = session.exec(failed.group_by("place"))
    return {place: (count, first, last) for place, count, first, last in rows if first and last}


def _list_active(session: Session) -> Sequence[Destination]:
    return session.exec(select(Destination).where(col(Destination.stopped_at).is_(None))).all()


def _new_order_rows(
    session: Session, destination: Destination, events: Sequence[DeskEvent], *, now: datetime
) -> list[dict[str, Any]]:
    """Return the rows of what a destination was not told of yet and may be."""
    wanted = {
        f"event:{destination.id}:{one.event_id}": one for one in events if _is_for(destination, one)
    }
    known = select(Outbox.key).where(col(Outbox.key).in_(wanted))
    for key in session.exec(known):
        wanted.pop(str(key))
    covered = select_covered_people(
        session, _basis_of(destination), {one.lead_id for one in wanted.values()}, now=now
    )
    return [
        _order_row(destination.id, key, one, now=now)
        for key, one in wanted.items()
        if one.lead_id in covered
    ]


def _is_for(destination: Destination, event: DeskEvent) -> bool:
    """Whether a destination is to be told of an event: by its type, its time and its helpline."""
    is_near = not destination.brand_ids or set(destination.brand_ids) & set(event.helpline_ids)
    return event.type in destination.event_types and event.at >= destination.since and bool(is_near)


def _order_row(destination_id: int, key: str, event: DeskEvent, *, now: datetime) -> dict[str, Any]:
    helplines: Collection[int] = event.helpline_ids if event.callback_id else ()
    return {
        "kind": OutboxKind.SEND_EVENT,
        "state": OutboxState.PENDING,
        "tries": 0,
        "created_at": now,
        "due_at": now,
        "problem": "",
        "key": key,
        "payload": {
            "destination_id": destination_id,
            "event_id": event.event_id,
            "type": event.type,
            "at": event.at.isoformat(),
            "lead_id": event.lead_id,
            "callback_id": event.callback_id,
            "helpline_id": next(iter(helplines), None),
            "state": event.state,
        },
    }


def _refuse_event(
    session: Session, destination: Destination, row: Outbox, *, now: datetime
) -> Message | None:
    """Return why an event may not be sent any more; None where it may.

    Whoever took back their consent since, or was erased, is told of no more.
    """
    lead_id = int(row.payload["lead_id"])
    if destination.stopped_at is not None:
        return Message(MessageKey.DESTINATION_STOPPED)
    if lead_id not in select_covered_people(session, _basis_of(destination), [lead_id], now=now):
        return Message(MessageKey.NO_LEGAL_BASIS)
    return None


def _basis_of(destination: Destination) -> LegalBasis:
    return LegalBasis(destination.basis_kind, destination.basis_name)


def _make_event_order(row: Outbox, destination: Destination) -> EventOrder:
    return EventOrder(
        id=row.id,
        destination_id=destination.id,
        destination=destination.name,
        url=destination.url,
        secrets=tuple(destination.secrets),
        event_id=row.payload["event_id"],
        content=dict(row.payload),
    )


def _give_up_event(
    session: Session, row: Outbox, problem: Message, failure: FailureKind, *, now: datetime
) -> None:
    state = OutboxState.FAILED
    orders.settle_unsent_order(session, row, state, problem=problem, failure=failure, now=now)
