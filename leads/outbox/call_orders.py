"""Orders about calls, written where a call is decided, settled where its outcome is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, update
from sqlmodel import Session, col, select

from leads.contact_rules.contact_history import (
    CONTACT_HISTORY,
    ContactHistory,
    cap_window_start,
)
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import FailureKind
from leads.i18n.messages import Message, MessageKey
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.enums import (
    CALL_ORDER_KINDS,
    INSIDERS,
    LEG_UNDER_WAY,
    OUTSIDERS,
    SENT_ONCE_ORDER_KINDS,
    Audience,
    OutboxKind,
    OutboxState,
    Party,
)
from leads.models.helplines import Brand, CallPreset, Source
from leads.models.outbox import Outbox
from leads.models.requests import Lead
from leads.outbox import orders
from leads.outbox.retry_schedule import CALL_LOOKUPS, CALL_RETRIES

CALL_SENDING_LASTS = timedelta(seconds=30)  # longer than any request may hang
MOST_DOUBTFUL = 100  # at one look
REPEATABLE_ORDER_KINDS = (
    OutboxKind.RETURN_CALLER,
    OutboxKind.CHANGE_LEG,
    OutboxKind.LEAVE_CALL,
    OutboxKind.RETURN_ADVISOR,
    OutboxKind.HANG_UP_LEG,
    OutboxKind.HANG_UP,
)
"""What may be sent again where nobody knows whether it was carried out."""
KINDS_FOR_LIVE_CALLS = (*SENT_ONCE_ORDER_KINDS, OutboxKind.CHANGE_LEG)
KINDS_WITHOUT_LEGS = (OutboxKind.PLACE_CALL, OutboxKind.ASK_OUTCOME)
RECENT = timedelta(hours=1)


@dataclass(frozen=True)
class LegOrder:
    """The leg that an order is about, as its row says now.

    `keys`: what to press once somebody, or a machine, has answered; a comma is a second's wait.
    `coached_call_id`: the only call that hears this leg. `is_on_hold`: it hears a sound and nobody,
    as anybody does who is left alone by a hold; `hears_ringing`: the sound is that of a phone
    that rings. `is_told_alone`: it is told that nobody else is on the line.
    """

    leg_id: int
    party: Party
    number: str
    provider_call_id: str | None
    keys: str = field(default="", repr=False)
    audience: Audience = Audience.EVERYONE
    coached_call_id: str | None = None
    is_on_hold: bool = False
    hears_ringing: bool = False
    is_told_alone: bool = False
    is_muted: bool = False
    ends_call: bool = False
    is_over: bool = False

    @property
    def settings(self) -> tuple[object, ...]:
        """What a change of the leg tells the network."""
        sound = (self.is_on_hold, self.hears_ringing)
        return (self.coached_call_id, sound, self.is_muted, self.ends_call)


@dataclass(frozen=True)
class CallerOnLine:
    """Somebody who called in: their call as we and as the network know it."""

    inbound_call_id: str
    provider_call_id: str


@dataclass(frozen=True)
class CallOrder:
    """One order for the relay about an attempt's call.

    `leg`: the leg that it is about, where it is about one. `call_ids`: the calls of all legs that
    have not ended, as far as they are known.
    """

    id: int
    kind: OutboxKind
    attempt_id: str
    advisor_id: int
    advisor_phone: str
    caller_id: str
    requested_at: datetime
    leg: LegOrder | None = None
    call_ids: tuple[str, ...] = ()
    conference_id: str | None = None
    caller: CallerOnLine | None = None

    @property
    def number(self) -> str:
        """The number that is rung."""
        return self.leg.number if self.leg else self.advisor_phone

    @property
    def calls_to_hang_up(self) -> tuple[str, ...]:
        """The calls that an order to hang up ends."""
        if self.leg is None:
            return self.call_ids
        return (self.leg.provider_call_id,) if self.leg.provider_call_id else ()


@dataclass(frozen=True)
class OutboxItem:
    """An order's row with all that the relay needs to know of it. Row and attempt are locked."""

    row: Outbox
    attempt: CallAttempt
    callback: Callback
    lead: Lead
    order: CallOrder
    on_file: ContactHistory


# Made once: building a statement costs more than running it.
_CALL_ORDERS = (
    select(Outbox, CallAttempt, Callback, Lead)
    .add_columns(
        func.coalesce(CallAttempt.advisor_phone, Advisor.phone),
        col(Brand.caller_id),
        *CONTACT_HISTORY,
    )
    .join(CallAttempt, col(CallAttempt.id) == col(Outbox.attempt_id))
    .join(Callback, col(Callback.id) == col(CallAttempt.callback_id))
    .join(Lead, col(Lead.id) == col(Callback.lead_id))
    .join(Advisor, col(Advisor.id) == col(CallAttempt.advisor_id))
    .join(Brand, col(Brand.id) == col(Callback.brand_id))
    .join(Source, col(Source.id) == col(Callback.source_id))
    .with_for_update(skip_locked=True, of=(Outbox, CallAttempt))
)

DUE_CALL_ORDERS = orders.restrict_to_due_orders(_CALL_ORDERS, CALL_ORDER_KINDS)

SENT_ONCE_INTERRUPTED = orders.update_interrupted_orders(
    SENT_ONCE_ORDER_KINDS, OutboxState.UNKNOWN, looks=0, due_at=orders.NOW
)
# Hanging up or holding twice does no harm: that need not be looked for.
REPEATABLE_INTERRUPTED = orders.update_interrupted_orders(
    REPEATABLE_ORDER_KINDS, OutboxState.PENDING, due_at=orders.NOW
)
REPEATABLE_BEING_SENT = orders.update_orders_being_sent(
    REPEATABLE_ORDER_KINDS, OutboxState.PENDING, due_at=orders.NOW
)
# Whoever did not say what came of a call is not rung twice about it: the clock asks others.
ASKS_INTERRUPTED = orders.update_interrupted_orders(
    [OutboxKind.ASK_OUTCOME], OutboxState.FAILED, settled_at=orders.NOW, due_at=orders.NOW
)
DOUBTFUL_CALL_ORDERS = orders.restrict_to_due_orders(
    _CALL_ORDERS, CALL_ORDER_KINDS, OutboxState.UNKNOWN
)

JOINS_BEING_SENT = orders.restrict_to_due_orders(
    _CALL_ORDERS, [OutboxKind.JOIN_CALLER], OutboxState.SENDING
)

NEXT_CALL_ORDER_DUE = (
    select(Outbox.due_at)
    .where(
        col(Outbox.state).in_((OutboxState.PENDING, OutboxState.UNKNOWN)),
        col(Outbox.due_at) > bindparam("now"),
        col(Outbox.kind).in_(CALL_ORDER_KINDS),
    )
    .order_by(col(Outbox.due_at))
    .limit(1)
)

ADVISOR_LEG_OF_ATTEMPT = select(CallLeg.provider_call_id).where(
    CallLeg.attempt_id == bindparam("attempt_id"), CallLeg.party == Party.ADVISOR
)


def enqueue_call_orders(
    session: Session, kind: OutboxKind, *attempts: CallAttempt, now: datetime
) -> None:
    """Order a call's placement or end for each attempt; wakes the relay after the commit."""
    if attempts:
        session.flush()  # what the orders are about comes first
        orders.put_orders(
            session, kind, [{"attempt_id": attempt.id} for attempt in attempts], now=now
        )
        wake_after_commit(session, Wakeup.RELAY)


def enqueue_leg_order(
    session: Session,
    kind: OutboxKind,
    leg: CallLeg,
    *,
    after: timedelta = timedelta(),
    call_id: str | None = None,
    is_told_alone: bool = False,
    now: datetime,
) -> None:
    """Order something about one leg of a call; wakes the relay after the commit.

    `after`: how long it waits for what may make it unnecessary. `call_id`: the call that is to be
    hung up, where it is not the leg's. It is always named: the leg may be another call's when the
    order is carried out. `is_told_alone`: as in `LegOrder`, with a change.
    """
    session.flush()  # the leg comes first
    payload: dict[str, Any] = {"leg_id": leg.id}
    if kind == OutboxKind.HANG_UP_LEG and (call_id or leg.provider_call_id):
        payload["call_id"] = call_id or leg.provider_call_id
    if is_told_alone:
        payload["is_told_alone"] = True
    order = {"attempt_id": leg.attempt_id, "payload": payload, "due_at": now + after}
    orders.put_orders(session, kind, [order], now=now)
    wake_after_commit(session, Wakeup.RELAY)


def enqueue_caller_order(
    session: Session,
    kind: OutboxKind,
    leg: CallLeg,
    caller: CallerOnLine,
    *,
    after: timedelta = timedelta(),
    now: datetime,
) -> None:
    """Order something about whoever called in; wakes the relay after the commit.

    `leg`: their place in the call with an advisor. `after`: as in `enqueue_leg_order`.
    """
    session.flush()  # the leg comes first
    order = {
        "attempt_id": leg.attempt_id,
        "payload": {"leg_id": leg.id, "caller": asdict(caller)},
        "due_at": now + after,
    }
    orders.put_orders(session, kind, [order], now=now)
    wake_after_commit(session, Wakeup.RELAY)


def withdraw_join_of_caller(session: Session, leg: CallLeg, *, now: datetime) -> bool:
    """Withdraw the order to join a caller; False where it may have been carried out."""
    may_be_joined = False
    for row in _joins_of_caller(session, leg):
        if row.state == OutboxState.PENDING:
            mark_order_failed(session, row, problem=Message(MessageKey.OVER_BEFORE_SENT), now=now)
        may_be_joined = may_be_joined or row.state != OutboxState.FAILED
    return not may_be_joined


def settle_join_by_answer(session: Session, leg: CallLeg, *, now: datetime) -> bool:
    """Settle the order to join a caller, who asks what comes next and is brought by the answer.

    False while the network is being asked to bring them, which must not be done twice. Where nobody
    knows what came of that, they were not brought: they ask.
    """
    rows = list(_joins_of_caller(session, leg))
    if any(row.state == OutboxState.SENDING for row in rows):
        return False
    open_states = (OutboxState.PENDING, OutboxState.UNKNOWN)
    asked = [row.id for row in rows if row.state in open_states]
    orders.mark_orders_sent(session, *asked, now=now)
    return True


def _joins_of_caller(session: Session, leg: CallLeg) -> Iterator[Outbox]:
    """Yield the orders to join a caller with the advisor of a leg's attempt, locked."""
    joins = select(Outbox).where(
        Outbox.attempt_id == leg.attempt_id, Outbox.kind == OutboxKind.JOIN_CALLER
    )
    yield from session.exec(joins.with_for_update().execution_options(populate_existing=True))


def withdraw_order_of_leg(session: Session, leg: CallLeg, *, now: datetime) -> bool:
    """Withdraw the order to dial a leg; False where it may have been carried out."""
    for row in _orders_to_dial(session, leg):
        if row.state == OutboxState.PENDING:
            mark_order_failed(session, row, problem=Message(MessageKey.OVER_BEFORE_SENT), now=now)
        if row.state == OutboxState.FAILED:
            return True
    return False


def is_end_ordered(session: Session, leg: CallLeg) -> bool:
    """Whether somebody ordered a leg to be hung up, whatever became of that."""
    ends = (OutboxKind.HANG_UP_LEG, OutboxKind.LEAVE_CALL)
    rows = select(Outbox).where(Outbox.attempt_id == leg.attempt_id, col(Outbox.kind).in_(ends))
    return any(
        row.payload["leg_id"] == leg.id
        and row.payload.get("call_id") in (None, leg.provider_call_id)
        for row in session.exec(rows)
    )


def release_legs(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Let go of the phones of those who were asked into a call that is over."""
    asked_in = update(CallLeg).where(
        col(CallLeg.attempt_id) == attempt.id,
        col(CallLeg.phone) != "",
        col(CallLeg.left_at).is_(None),
    )
    session.execute(asked_in.values(left_at=now))


def confirm_leg_dialed(session: Session, leg: CallLeg, *, now: datetime) -> None:
    """Settle the order to dial a leg as sent, because the network spoke of its call."""
    for row in _orders_to_dial(session, leg):
        if row.state == OutboxState.UNKNOWN:
            orders.mark_orders_sent(session, row.id, now=now)


def _orders_to_dial(session: Session, leg: CallLeg) -> Iterator[Outbox]:
    """Yield the orders to dial a leg, locked."""
    dials = select(Outbox).where(
        Outbox.attempt_id == leg.attempt_id, Outbox.kind == OutboxKind.DIAL_LEG
    )
    for row in session.exec(dials.with_for_update()):
        if row.payload["leg_id"] == leg.id:
            yield row


def take_due_orders(session: Session, most: int = 1, *, now: datetime) -> list[OutboxItem]:
    """Lock the orders that are due, `most` at most, and mark them as being sent."""
    taken = _lock_due_items(session, DUE_CALL_ORDERS, most, now=now)
    orders.mark_orders_sending(
        session, [item.row for item in taken], until=now + CALL_SENDING_LASTS
    )
    return taken


def mark_order_failed(
    session: Session,
    row: Outbox,
    *,
    problem: Message,
    now: datetime,
    failure: FailureKind = FailureKind.OURS,
) -> None:
    """Record that an order will never be carried out; open pages are told at once."""
    orders.settle_unsent_order(
        session, row, OutboxState.FAILED, problem=problem, failure=failure, now=now
    )
    wake_after_commit(session, Wakeup.DESK)


def retry_order_later(
    session: Session, row: Outbox, *, problem: Message, failure: FailureKind, now: datetime
) -> bool:
    """Put off, with jitter, an order that was not carried out; False after the last retry."""
    is_back = orders.put_order_back(
        session, row, CALL_RETRIES, problem=problem, failure=failure, now=now
    )
    if is_back:
        wake_after_commit(session, Wakeup.RELAY)
        wake_after_commit(session, Wakeup.DESK)
    return is_back


def mark_order_unknown(
    session: Session, row: Outbox, *, problem: Message, failure: FailureKind, now: datetime
) -> None:
    """Record that nobody knows whether an order was carried out.

    It is never sent again; its call is looked for, unless a webhook was faster than the answer.
    """
    if find_ordered_call_id(session, row):
        orders.mark_orders_sent(session, row.id, now=now)
        return
    at = now + CALL_LOOKUPS.waits[0]
    orders.put_order_in_doubt(session, row, look_at=at, problem=problem, failure=failure)
    wake_after_commit(session, Wakeup.DESK)


def record_failed_lookup(session: Session, row: Outbox, *, now: datetime) -> bool:
    """Record that an order's call was not found; False when it was looked for often enough."""
    row.looks += 1
    wait = CALL_LOOKUPS.wait_after(row.looks + 1)
    if wait is None:
        return False
    row.due_at = now + wait
    session.add(row)
    return True


def postpone_order_lookup(session: Session, row: Outbox, *, now: datetime) -> None:
    """Put off the look for an order's call, because the provider could not be asked.

    That is no sign of what became of the order and does not count as a look.
    """
    row.due_at = now + CALL_LOOKUPS.waits[-1]
    session.add(row)


def collect_doubtful_orders(
    session: Session, *, has_missed_news: bool = False, now: datetime
) -> list[OutboxItem]:
    """Lock and return the orders of unknown outcome that are due for another look.

    An order whose relay died while it was sending is one of them. `has_missed_news`: it may have
    died just now, and what does no harm twice is sent again at once.
    """
    repeatable = REPEATABLE_BEING_SENT if has_missed_news else REPEATABLE_INTERRUPTED
    orders.recover_interrupted_orders(
        session, SENT_ONCE_INTERRUPTED, repeatable, ASKS_INTERRUPTED, now=now
    )
    return _lock_due_items(session, DOUBTFUL_CALL_ORDERS, MOST_DOUBTFUL, now=now)


def list_joins_being_sent(session: Session, *, now: datetime) -> list[CallOrder]:
    """Return the orders to bring a caller to an advisor that some process has begun to send.

    Whoever sends them may have died, or may be about to settle them: they are left as they are.
    """
    return [
        item.order for item in _lock_due_items(session, JOINS_BEING_SENT, MOST_DOUBTFUL, now=now)
    ]


def confirm_caller_brought(session: Session, row: Outbox, *, now: datetime) -> None:
    """Settle an order to bring a caller, who was seen with the advisor, from when it was taken.

    Whatever the answer to it was, and whoever sent it.
    """
    if row.state in (OutboxState.SENDING, OutboxState.UNKNOWN):
        taken_at = row.taken_until - CALL_SENDING_LASTS if row.taken_until else now
        orders.mark_orders_sent(session, row.id, now=taken_at)


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
    """Withdraw what was ordered for an attempt that is over, where nobody has begun to send it.

    What ends a leg, or brings somebody back, is still to be done.
    """
    session.execute(
        update(Outbox)
        .where(col(Outbox.attempt_id) == attempt.id, col(Outbox.state) == OutboxState.PENDING)
        .where(col(Outbox.kind).in_(KINDS_FOR_LIVE_CALLS))
        .values(
            state=OutboxState.FAILED,
            settled_at=now,
            problem=Message(MessageKey.OVER_BEFORE_SENT),
            failure=FailureKind.OURS,
        )
    )


def next_order_due_at(session: Session, *, now: datetime) -> datetime | None:
    """Return when the next order becomes due, or is looked at again where its outcome is unknown.

    Only what is not due at `now` counts; None where there is nothing.
    """
    return session.exec(NEXT_CALL_ORDER_DUE, params={"now": now}).first()


def find_ordered_call_id(session: Session, row: Outbox) -> str | None:
    """Return the provider's id of the call that an order asked for, once known.

    Of a caller who is to be joined: once they are in the call.
    """
    if "leg_id" in row.payload:
        leg = session.get_one(CallLeg, row.payload["leg_id"])
        is_awaited = row.kind == OutboxKind.JOIN_CALLER and leg.joined_at is None
        return None if is_awaited else leg.provider_call_id
    return session.exec(ADVISOR_LEG_OF_ATTEMPT, params={"attempt_id": row.attempt_id}).first()


def _lock_due_items(
    session: Session, due_orders: Any, most: int, *, now: datetime
) -> list[OutboxItem]:
    parameters = {"now": now, "since": cap_window_start(now), "most": most}
    rows: Any = session.execute(due_orders, params=parameters).all()
    legs = list_legs_by_attempt(
        session, [row[1].id for row in rows if row[0].kind not in KINDS_WITHOUT_LEGS]
    )
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
                requested_at=row.created_at,
                leg=_add_keys_of_preset(
                    session, callback, _leg_order(row, attempt, lead, legs[attempt.id])
                ),
                call_ids=tuple(
                    leg.provider_call_id
                    for leg in legs[attempt.id]
                    if leg.provider_call_id
                    and leg.status in LEG_UNDER_WAY
                    and not is_waiting_caller(attempt, leg)
                ),
                conference_id=attempt.conference_id,
                caller=CallerOnLine(**row.payload["caller"]) if "caller" in row.payload else None,
            ),
            ContactHistory(*known),
        )
        for row, attempt, callback, lead, advisor_phone, caller_id, *known in rows
    ]


def is_waiting_caller(attempt: CallAttempt, leg: CallLeg) -> bool:
    """Whether a leg is of somebody who called in and is not with the advisor yet.

    Their call does not end with the attempt: they wait for the next one.
    """
    return attempt.inbound_call_id is not None and leg.party == Party.LEAD and leg.joined_at is None


def list_legs(session: Session, attempt_id: str) -> list[CallLeg]:
    """Return all legs of an attempt, in the order in which they were made."""
    return list_legs_by_attempt(session, [attempt_id])[attempt_id]


def list_legs_by_attempt(
    session: Session, attempt_ids: Sequence[str]
) -> Mapping[str, list[CallLeg]]:
    """Return all legs of each attempt, in the order in which they were made."""
    by_attempt: defaultdict[str, list[CallLeg]] = defaultdict(list)
    if attempt_ids:
        legs = select(CallLeg).where(col(CallLeg.attempt_id).in_(attempt_ids))
        for leg in session.exec(legs.order_by(col(CallLeg.id))):
            by_attempt[leg.attempt_id].append(leg)
    return by_attempt


def _leg_order(
    row: Outbox, attempt: CallAttempt, lead: Lead, legs: Sequence[CallLeg]
) -> LegOrder | None:
    """Return what an order is about, where it is about one leg."""
    leg = next((leg for leg in legs if leg.id == row.payload.get("leg_id")), None)
    if leg is None:
        return None
    described, named = describe_leg(leg, attempt, lead, legs), row.payload.get("call_id")
    described = replace(described, is_told_alone="is_told_alone" in row.payload)
    if named in (None, leg.provider_call_id):
        return described
    return replace(described, provider_call_id=named, is_over=False)  # the call that it was then


def _add_keys_of_preset(
    session: Session, callback: Callback, leg: LegOrder | None
) -> LegOrder | None:
    """Return a leg with the keys that its helpline presses once that number answers."""
    if leg is None or leg.party not in OUTSIDERS or leg.provider_call_id:
        return leg
    keys = select(CallPreset.keys).where(
        CallPreset.brand_id == callback.brand_id, CallPreset.phone == leg.number
    )
    return replace(leg, keys=session.exec(keys).first() or "")


def describe_leg(
    leg: CallLeg, attempt: CallAttempt, lead: Lead | None, legs: Sequence[CallLeg]
) -> LegOrder:
    """Return a leg as the network is told of it; `lead` is wanted where the lead is dialed."""
    advisors_call = next(
        (other.provider_call_id for other in legs if other.party == Party.ADVISOR), None
    )
    return LegOrder(
        leg_id=leg.id,
        party=leg.party,
        number=attempt.phone if leg.party == Party.LEAD else leg.phone,
        provider_call_id=leg.provider_call_id,
        keys=_keys_of_extension(leg, attempt, lead),
        audience=leg.audience,
        coached_call_id=advisors_call if leg.audience == Audience.ADVISOR else None,
        is_on_hold=leg.is_on_hold or _is_left_alone(leg, legs),
        hears_ringing=_is_left_alone(leg, legs) and any(_is_called_by_us(other) for other in legs),
        is_muted=leg.is_muted or leg.audience == Audience.NOBODY,
        ends_call=ends_conference(leg, legs),
        is_over=leg.status not in LEG_UNDER_WAY,
    )


def ends_conference(leg: CallLeg, legs: Sequence[CallLeg]) -> bool:
    """Whether the network ends the conference of an attempt's legs by itself once this one leaves.

    Not with the advisor's while somebody else of us is there, or is rung: whoever talks with the
    lead goes on. Where we are told too late or never, it is better that nobody is hung up on.
    """
    is_ours_beside = any(
        other.party in INSIDERS and other.left_at is None and other.status in LEG_UNDER_WAY
        for other in legs
    )
    return leg.ends_call and not (leg.party == Party.ADVISOR and is_ours_beside)


def _keys_of_extension(leg: CallLeg, attempt: CallAttempt, lead: Lead | None) -> str:
    """Return the keys of a lead's extension, which belongs to the number of their form alone."""
    if lead is None or leg.party != Party.LEAD or lead.phone != attempt.phone:
        return ""
    return f"{lead.phone_extension}#" if lead.phone_extension else ""


def _is_left_alone(leg: CallLeg, legs: Sequence[CallLeg]) -> bool:
    """Whether a leg is of somebody beside the lead whom a hold leaves with nobody to hear.

    Not before the lead hears the hold: they would hear nobody, and no sound.
    """
    is_lead_on_hold = any(
        other.party == Party.LEAD and other.is_on_hold and other.is_hold_heard for other in legs
    )
    is_beside = is_lead_on_hold and leg.party != Party.LEAD
    return is_beside and not any(_is_heard(other, by=leg) for other in legs)


def _is_heard(leg: CallLeg, *, by: CallLeg) -> bool:
    """Whether a leg is of somebody beside the lead who is there and speaks to another of them."""
    is_there = leg.joined_at is not None and leg.left_at is None and leg.status in LEG_UNDER_WAY
    if leg is by or leg.party == Party.LEAD or leg.is_in_menu or not is_there:
        return False
    is_to_advisor = leg.audience == Audience.ADVISOR and by.party == Party.ADVISOR
    return is_to_advisor or leg.audience == Audience.EVERYONE


def _is_called_by_us(leg: CallLeg) -> bool:
    """Whether somebody who was asked in is not there yet."""
    return leg.phone != "" and leg.joined_at is None and leg.left_at is None


def is_recent_network_problem(since: Any) -> ColumnElement[bool]:
    """Whether an order about a call is in trouble since then, and we are not the cause ourselves.

    The network refused, or a setting kept it from being asked.
    """
    return and_(
        col(Outbox.kind).in_(CALL_ORDER_KINDS),
        col(Outbox.tries) > 0,
        col(Outbox.due_at) > since,
        col(Outbox.failure).in_((FailureKind.NETWORK, FailureKind.CONFIGURATION)),
        col(Outbox.state).in_((OutboxState.PENDING, OutboxState.UNKNOWN, OutboxState.FAILED)),
    )


def last_phone_network_problem(session: Session, now: datetime) -> str:
    """Return what the phone network refused last, within the last hour; empty if nothing."""
    lately = select(Outbox.problem).where(is_recent_network_problem(now - RECENT))
    return session.exec(lately.order_by(col(Outbox.id).desc()).limit(1)).first() or ""
