"""The callback board as read: open callbacks, who is there for them, what needs a decision."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy
from sqlalchemy import func
from sqlmodel import Session, col, select

from leads.callbacks import due_order, holds, missed_calls
from leads.callbacks.holds import HoldCause
from leads.callbacks.missed_calls import CALLED_IN_VAIN
from leads.i18n.translatable import Phrase
from leads.lead_records.visible_people import masked_person
from leads.lifecycle.state_tables import LATE_EVENTS, allowed_events
from leads.models.advisors import Advisor
from leads.models.calls import Callback, Hold
from leads.models.enums import (
    CLAIMED_CALLBACK,
    OPEN_CALLBACK,
    OUR_FAULTS,
    UNDECIDED,
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
from leads.read_models.callback_standing import (
    CALLBACK_PARTS,
    CallbackStanding,
    count_standing,
    filter_clauses,
)
from leads.read_models.calls_in_progress import (
    CallInProgress,
    TakenByAdvisors,
    list_calls_in_progress,
    read_taken_by_advisors,
)
from leads.read_models.wish_lines import WishLines
from leads.read_models.work_filter import EVERYTHING, Harm, WorkFilter, WorkPart
from leads.reporting import waiting_now

ROWS_AT_ONCE = 200  # of a part of the work list, until somebody asks for more


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
    part: WorkPart
    harm: Harm
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
class Board:
    """What stands around the open callbacks, and the advisors who are there."""

    colleagues: tuple[AdvisorStatus, ...]
    limbo: int
    to_review: int
    problem: str
    unplaced: int  # held because calls failed on our side
    calls: tuple[CallInProgress, ...]  # whose advisor wants help first
    taken: TakenByAdvisors


def read_board(session: Session, supervisor: Advisor, *, now: datetime) -> Board:
    """Return what stands around the open callbacks. Supervisors only."""
    require_permission(supervisor, Permission.SEE_BOARD)
    review = select(func.count()).where(col(Submission.state).in_(UNDECIDED))
    unplaced = (
        select(func.count(col(Callback.id).distinct()))
        .join(Hold, col(Hold.callback_id) == col(Callback.id))
        .where(col(Hold.lifted_at).is_(None), col(Hold.reason).in_(OUR_FAULTS))
        .where(col(Callback.state).in_(OPEN_CALLBACK))
    )
    return Board(
        colleagues=tuple(list_advisor_statuses(session, now)),
        limbo=len(waiting_now.list_limbo_leads(session)),
        to_review=session.exec(review).one(),
        problem=last_phone_network_problem(session, now),
        unplaced=session.exec(unplaced).one(),
        calls=tuple(list_calls_in_progress(session, supervisor)),
        taken=read_taken_by_advisors(session),
    )


@dataclass(frozen=True)
class CallbackMarks:
    """How the database says that one callback stands."""

    part: WorkPart
    harm: Harm
    is_late: bool
    is_overdue: bool
    was_called_in_vain: bool


def count_open_callbacks(
    session: Session, supervisor: Advisor, only: WorkFilter, *, now: datetime
) -> dict[WorkPart, dict[Harm, int]]:
    """Return how many open callbacks a filter shows, by part and harm. Supervisors only."""
    require_permission(supervisor, Permission.SEE_BOARD)
    brands = session.exec(select(Brand)).all()
    standing = CallbackStanding.at(brands, now)
    return count_standing(session, standing, tuple(filter_clauses(only, brands, standing)))


def list_open_callbacks(
    session: Session,
    supervisor: Advisor,
    *,
    parts: Collection[WorkPart] = CALLBACK_PARTS,
    only: WorkFilter = EVERYTHING,
    ids: Collection[int] | None = None,
    most: int = ROWS_AT_ONCE,
    now: datetime,
) -> list[BoardRow]:
    """Return the first open callbacks of these parts that a filter shows, what harms most first.

    `ids`: of these alone. Supervisors only.
    """
    require_permission(supervisor, Permission.SEE_BOARD)
    brands = {brand.id: brand for brand in session.exec(select(Brand))}
    standing = CallbackStanding.at(brands.values(), now)
    clauses = [*filter_clauses(only, brands.values(), standing), standing.is_in(parts)]
    if ids is not None:
        clauses.append(col(Callback.id).in_(ids))
    in_order = standing.order(parts)
    first = select(Callback.id).where(*clauses).order_by(*in_order).limit(most)
    columns = (standing.part, standing.harm, standing.is_late, standing.is_overdue)
    rows: Any = (
        sqlalchemy.select(Callback, Lead, *columns, missed_calls.was_called_in_vain_clause())
        .join(Lead, col(Lead.id) == col(Callback.lead_id))
        .where(col(Callback.id).in_(first))
        .order_by(*in_order)
    )
    found = [
        (callback, lead, CallbackMarks(WorkPart(part), Harm(harm), *map(bool, marks)))
        for callback, lead, part, harm, *marks in session.execute(rows)
    ]
    held = holds.read_open_holds(session, [one.id for one, _lead, _marks in found if one.is_held])
    advisors = {advisor.id: advisor for advisor in session.exec(select(Advisor))}
    wishes = WishLines(session, advisors, now=now)
    return [
        _board_row(
            one,
            lead,
            wishes,
            brands[one.brand_id],
            hold=held.get(one.id, ()),
            marks=marks,
            now=now,
        )
        for one, lead, marks in found
    ]


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
    *,
    hold: Sequence[HoldCause],
    marks: CallbackMarks,
    now: datetime,
) -> BoardRow:
    reasons = frozenset(cause.reason for cause in hold)
    advisor, in_vain = wish_lines.name_of_holder(callback), marks.was_called_in_vain
    waits_for, why, until = _what_callback_waits_for(callback, advisor, now)
    if waits_for is WaitsFor.ADVISOR:
        why = wish_lines.waits_for_whom(callback, lead) or why
    return BoardRow(
        callback_id=callback.id,
        lead_id=lead.id,
        waits_for=waits_for,
        late=marks.is_late,
        overdue=marks.is_overdue,
        part=marks.part,
        harm=marks.harm,
        state=callback.state,
        events=allowed_events(callback) - _unasked_events(callback, reasons),
        who=masked_person(lead.name, lead.phone),
        brand=brand.name,
        why=why,
        until=until,
        due_at=max(callback.due_at, callback.promised_at),
        advisor=advisor,
        advisor_id=callback.advisor_id,
        misses=callback.misses,
        urgency=(*urgency_reasons(callback), *([CALLED_IN_VAIN] if in_vain else [])),
        in_danger=callback.in_danger,
        is_again=bool(callback.asked_again) or in_vain,
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
