"""The callback board as read: open callbacks, who is there for them, what needs a decision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import exists
from sqlmodel import Session, col, select

from leads.alerting import callback_conditions, danger_conditions
from leads.alerting.alert_condition import AlertMark, DangerPlace
from leads.alerting.callback_conditions import LATE_SENTENCES
from leads.callbacks import due_order, holds, missed_calls
from leads.callbacks.holds import HoldCause
from leads.callbacks.missed_calls import CALLED_IN_VAIN
from leads.i18n.translatable import Phrase
from leads.lead_records.visible_people import masked_person
from leads.lifecycle.state_tables import LATE_EVENTS, allowed_events
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import (
    CLAIMED_CALLBACK,
    OPEN_CALLBACK,
    OUR_FAULTS,
    UNDECIDED,
    AlertKind,
    CallbackOrigin,
    CallbackState,
    HoldReason,
)
from leads.models.helplines import Brand
from leads.models.labels import DANGER_LABELS
from leads.models.requests import Lead, Submission
from leads.outbox.call_orders import last_phone_network_problem
from leads.people.permissions import Permission, require_permission
from leads.read_models.advisor_statuses import AdvisorStatus, list_advisor_statuses
from leads.read_models.calls_in_progress import (
    CallInProgress,
    TakenByAdvisors,
    list_calls_in_progress,
    read_taken_by_advisors,
)
from leads.read_models.wish_lines import WishLines
from leads.reporting import waiting_now

GIVEN_UP_LATELY = timedelta(days=30)
MOST_GIVEN_UP = 1000  # of all helplines: what thirty days bring to most


class WaitsFor(StrEnum):
    """What an open callback waits for."""

    ADVISOR = "advisor"
    DECISION = "decision"
    TIME = "time"
    NEXT_TRY = "next_try"
    IN_HAND = "in_hand"  # nothing: somebody is at it


WAITS_FOR_LABELS: Mapping[WaitsFor, Phrase] = {
    WaitsFor.ADVISOR: Phrase("a free advisor"),
    WaitsFor.DECISION: Phrase("a decision"),
    WaitsFor.NEXT_TRY: Phrase("the next attempt"),
    WaitsFor.TIME: Phrase("the time they asked for"),
    WaitsFor.IN_HAND: Phrase("nothing: with an advisor"),
}

UNANSWERED = (CallbackState.WAITING, CallbackState.CLAIMED, CallbackState.CALLING)


@dataclass(frozen=True)
class BoardRow:
    """One open callback on the board."""

    callback_id: int
    lead_id: int
    waits_for: WaitsFor
    late: bool  # its time has come, and nobody is at it
    overdue: bool  # late by more than the helpline's minutes, also while an advisor only reads it
    counted_by: frozenset[AlertMark]
    state: CallbackState
    events: frozenset[str]
    who: str
    brand: str
    why: str
    until: datetime | None
    due_at: datetime  # or the promised time, where that is later
    advisor: str
    advisor_id: int | None
    misses: int
    urgency: tuple[Phrase, ...]
    in_danger: bool
    is_again: bool  # they asked again, or called in vain
    received_at: datetime
    rung: bool
    match: Phrase | None  # why the advisor has it, where they have wishes
    hold: str
    hold_reasons: frozenset[HoldReason]
    hold_ids: frozenset[int]  # whoever decides about them says by these what they read
    email: str  # another way, where the number is not in service


@dataclass(frozen=True)
class GivenUpRow:
    """Somebody whose tries are used up, until a supervisor has seen it."""

    callback_id: int
    lead_id: int
    who: str
    brand: str
    at: datetime | None
    email: str


@dataclass(frozen=True)
class Board:
    """Every open callback, and the advisors who are there."""

    waiting: tuple[BoardRow, ...]
    colleagues: tuple[AdvisorStatus, ...]
    limbo: int
    to_review: int
    problem: str
    unplaced: int  # held because calls failed on our side
    given_up: tuple[GivenUpRow, ...]  # lately, latest first
    calls: tuple[CallInProgress, ...]  # whose advisor wants help first
    taken: TakenByAdvisors


def read_board(session: Session, supervisor: Advisor, *, now: datetime) -> Board:
    """Return the board, overdue callbacks first. Supervisors only.

    Held ones come next, then the rest in the order in which they are offered.
    """
    require_permission(supervisor, Permission.SEE_BOARD)
    advisors = {advisor.id: advisor for advisor in session.exec(select(Advisor))}
    brands = {brand.id: brand for brand in session.exec(select(Brand))}
    open_callbacks = session.exec(open_callbacks_query()).all()
    wish_lines = WishLines(session, advisors, now=now)
    held = holds.read_open_holds(
        session, [callback.id for callback, _lead in open_callbacks if callback.is_held]
    )
    in_vain = missed_calls.list_called_in_vain(session)
    counted_by = _alerts_by_callback(session, now)
    rows = [
        _board_row(
            callback,
            lead,
            wish_lines,
            brands[callback.brand_id],
            held.get(callback.id, ()),
            called_in_vain=callback.id in in_vain,
            counted_by=frozenset(counted_by[callback.id]),
            now=now,
        )
        for callback, lead in open_callbacks
    ]
    review = select(Submission.id).where(col(Submission.state).in_(UNDECIDED))
    return Board(
        waiting=tuple(sorted(rows, key=lambda row: not row.late)),
        colleagues=tuple(list_advisor_statuses(session, now)),
        limbo=len(waiting_now.list_limbo_leads(session)),
        to_review=len(session.exec(review).all()),
        problem=last_phone_network_problem(session, now),
        unplaced=sum(bool(row.hold_reasons & set(OUR_FAULTS)) for row in rows),
        given_up=tuple(_given_up_lately(session, brands, now)),
        calls=tuple(list_calls_in_progress(session, supervisor)),
        taken=read_taken_by_advisors(session),
    )


def _alerts_by_callback(session: Session, now: datetime) -> defaultdict[int, set[AlertMark]]:
    """Return the alerts that count each open callback because it is late or in danger."""
    alerts: defaultdict[int, set[AlertMark]] = defaultdict(set)
    for callback_id, kind in callback_conditions.list_late_callbacks(session, now=now).items():
        alerts[callback_id].add(AlertMark(kind))
    for callback_id in danger_conditions.list_unheard_callbacks(session):
        alerts[callback_id].add(AlertMark(AlertKind.DANGER))
    for callback_id, source_id in danger_conditions.list_callbacks_of_floods(session, now=now):
        alerts[callback_id].add(AlertMark(AlertKind.BURST, source_id, DangerPlace.QUEUE))
    return alerts


def open_callbacks_query() -> Any:
    """Return the query for open callbacks with their leads.

    Held ones come first, then the rest in the order in which they are offered.
    """
    callbacks = select(Callback, Lead).join(Lead, col(Lead.id) == col(Callback.lead_id))
    return callbacks.where(col(Callback.state).in_(OPEN_CALLBACK)).order_by(
        col(Callback.is_held).desc(), *due_order.offer_order()
    )


def urgency_reasons(callback: Callback) -> Iterator[Phrase]:
    """Say what puts a callback before those that are due as long."""
    is_unanswered = callback.state in UNANSWERED and not callback.is_held
    if callback.origin == CallbackOrigin.CALL and is_unanswered:
        yield Phrase("They called and are on the line.")
    if callback.danger:
        yield DANGER_LABELS[callback.danger]
    if callback.asked_again:
        yield Phrase("They asked again.")
    if callback.priority:
        yield Phrase("A supervisor moved them up.")


def _board_row(
    callback: Callback,
    lead: Lead,
    wish_lines: WishLines,
    brand: Brand,
    hold: Sequence[HoldCause],
    *,
    called_in_vain: bool,
    counted_by: frozenset[AlertMark],
    now: datetime,
) -> BoardRow:
    reasons = frozenset(cause.reason for cause in hold)
    advisor = wish_lines.name_of_holder(callback)
    waits_for, why, until = _what_callback_waits_for(callback, advisor, now)
    their_time = max(callback.due_at, callback.promised_at)
    patience = timedelta(minutes=brand.screens_after)
    if waits_for is WaitsFor.ADVISOR:
        why = wish_lines.waits_for_whom(callback, lead) or why
    return BoardRow(
        callback_id=callback.id,
        lead_id=lead.id,
        waits_for=waits_for,
        late=callback.state == CallbackState.WAITING and callback.due_at <= now,
        overdue=any(mark.kind in LATE_SENTENCES for mark in counted_by)
        or (callback.state == CallbackState.WAITING and their_time <= now - patience),
        counted_by=counted_by,
        state=callback.state,
        events=allowed_events(callback) - _unasked_events(callback, reasons),
        who=masked_person(lead.name, lead.phone),
        brand=brand.name,
        why=why,
        until=until,
        due_at=their_time,
        advisor=advisor,
        advisor_id=callback.advisor_id,
        misses=callback.misses,
        urgency=(*urgency_reasons(callback), *([CALLED_IN_VAIN] if called_in_vain else [])),
        in_danger=callback.in_danger,
        is_again=bool(callback.asked_again) or called_in_vain,
        received_at=callback.received_at,
        rung=callback.first_rung_at is not None,
        match=wish_lines.why_this_advisor(callback, lead),
        hold=holds.hold_sentence(hold),
        hold_reasons=reasons,
        hold_ids=frozenset(cause.hold_id for cause in hold),
        email=lead.email if HoldReason.NOT_IN_SERVICE in reasons else "",
    )


def _unasked_events(callback: Callback, reasons: Collection[HoldReason]) -> frozenset[str]:
    """Return the events by which a waiting callback ends only where a call is in question."""
    is_asked = HoldReason.UNRECORDED_CALL in reasons
    is_unasked = callback.state == CallbackState.WAITING and not is_asked
    return LATE_EVENTS if is_unasked else frozenset()


def _given_up_lately(
    session: Session, brands: Mapping[int, Brand], now: datetime
) -> Iterator[GivenUpRow]:
    given_up = (
        select(Callback, Lead)
        .join(Lead, col(Lead.id) == col(Callback.lead_id))
        .where(
            Callback.state == CallbackState.EXHAUSTED,
            col(Callback.due_at) > now - 2 * GIVEN_UP_LATELY,
            col(Callback.finished_at) > now - GIVEN_UP_LATELY,
            exists().where(col(CallAttempt.callback_id) == col(Callback.id)),
        )
        .order_by(col(Callback.finished_at).desc())
        .limit(MOST_GIVEN_UP)
    )
    for callback, lead in session.exec(given_up):
        brand = brands[callback.brand_id].name
        yield GivenUpRow(
            callback.id,
            lead.id,
            masked_person(lead.name, lead.phone),
            brand,
            callback.finished_at,
            lead.email,
        )


def _what_callback_waits_for(
    callback: Callback, advisor: str, now: datetime
) -> tuple[WaitsFor, Phrase, datetime | None]:
    """Return what an open callback waits for, and until when."""
    if callback.state in CLAIMED_CALLBACK:
        until = None if callback.state == CallbackState.CALLING else callback.lease_until
        return (
            WaitsFor.IN_HAND,
            Phrase(HOLDER_ACTIVITY[callback.state].template, name=advisor),
            until,
        )
    if callback.is_held:
        return WaitsFor.DECISION, Phrase("a decision"), None
    if callback.due_at <= now:
        return WaitsFor.ADVISOR, Phrase("a free advisor"), None
    if callback.misses:
        return WaitsFor.NEXT_TRY, Phrase("the next attempt"), callback.due_at
    return WaitsFor.TIME, Phrase("the time they asked for"), callback.due_at


HOLDER_ACTIVITY = {
    CallbackState.CLAIMED: Phrase("{name} is reading it"),
    CallbackState.CALLING: Phrase("{name} is on the phone"),
    CallbackState.WRAP_UP: Phrase("{name} is writing it up"),
}
