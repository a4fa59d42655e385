"""Callback standing: where open callbacks stand on the work list, as the database says it.

Which part each is in, how much its waiting harms, and which filters show it: so that they are
counted and put in order where they are stored, however many there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_
from sqlmodel import Session, col, select

from leads.alerting import callback_conditions, danger_conditions
from leads.alerting.alert_condition import AlertMark, DangerPlace
from leads.callbacks import due_order, missed_calls
from leads.models.calls import Callback, Hold
from leads.models.enums import (
    CLAIMED_CALLBACK,
    OPEN_CALLBACK,
    AlertKind,
    CallbackState,
    HoldReason,
)
from leads.models.helplines import Brand
from leads.read_models.work_filter import Harm, WorkFilter, WorkPart, WorkState
from leads.read_models.work_kinds import WorkKind

CALLBACK_PARTS = (WorkPart.DECIDE, WorkPart.CALL, WorkPart.IN_HAND)
"""The parts in which open callbacks stand."""


@dataclass(frozen=True)
class CallbackStanding:
    """Conditions and columns of open callbacks at one instant.

    `is_late`: its time has come, and nobody is at it. `is_overdue`: late by more than the
    helpline's minutes, also while an advisor only reads it. `lateness`: by which alert it counts as
    late, empty for none.
    """

    part: Any
    harm: Any
    is_late: Any
    is_overdue: Any
    is_again: Any
    lateness: Any
    now: datetime

    @classmethod
    def at(cls, brands: Collection[Brand], now: datetime) -> CallbackStanding:
        """Return how open callbacks stand at an instant; somebody who only reads calls nobody."""
        waits = col(Callback.state) == CallbackState.WAITING
        lateness = callback_conditions.lateness_column(brands, now)
        is_overdue = and_(
            callback_conditions.is_past_patience(brands, now), or_(waits, lateness != "")
        )
        is_late = and_(waits, col(Callback.due_at) <= now)
        part = case(
            (
                col(Callback.state).in_(CLAIMED_CALLBACK),
                case((is_overdue, str(WorkPart.CALL)), else_=str(WorkPart.IN_HAND)),
            ),
            (col(Callback.is_held), str(WorkPart.DECIDE)),
            else_=str(WorkPart.CALL),
        )
        harm = case(
            (
                or_(col(Callback.danger).is_not(None), _is_held_for(HoldReason.HARM_DECIDE)),
                int(Harm.DANGER),
            ),
            (is_overdue, int(Harm.OVERDUE)),
            (or_(part != str(WorkPart.CALL), is_late), int(Harm.WAITING)),
            else_=int(Harm.PLANNED),
        )
        is_again = or_(col(Callback.asked_again) > 0, missed_calls.was_called_in_vain_clause())
        return cls(part, harm, is_late, is_overdue, is_again, lateness, now)

    def is_in(self, parts: Collection[WorkPart]) -> ColumnElement[bool]:
        """Return the condition that a callback is open and in one of these parts."""
        is_open = col(Callback.state).in_(OPEN_CALLBACK)
        if set(parts).issuperset(CALLBACK_PARTS):
            return is_open
        return and_(is_open, self.part.in_([str(part) for part in parts]))

    def order(self, parts: Collection[WorkPart]) -> tuple[Any, ...]:
        """Return in which order callbacks of these parts stand, what harms most first.

        Whom advisors call in the order in which they are offered, the others by how long they wait.
        """
        if set(parts) == {WorkPart.DECIDE}:
            return (self.harm, col(Callback.received_at), col(Callback.id))
        offered = due_order.offer_order()
        return (self.harm, self.is_late.desc(), col(Callback.is_held).desc(), *offered)


def filter_clauses(
    only: WorkFilter, brands: Collection[Brand], standing: CallbackStanding
) -> Iterator[Any]:
    """Yield the conditions of the open callbacks that a filter shows."""
    if only.helpline:
        named = [brand.id for brand in brands if brand.name == only.helpline]
        yield col(Callback.brand_id).in_(named)
    if only.kind not in (None, WorkKind.CALLBACK):
        yield false()
    if only.state:
        yield _has_state(only.state, standing)
    if only.advisor_id is not None:
        yield col(Callback.advisor_id) == only.advisor_id
    if only.hold:
        yield _is_held_for(only.hold)
    if only.alert:
        yield _is_counted_by(only.alert, standing)


def count_standing(
    session: Session, standing: CallbackStanding, clauses: Collection[Any]
) -> dict[WorkPart, dict[Harm, int]]:
    """Return how many open callbacks that meet these conditions are in each part, by their harm."""
    part, harm = standing.part.label("part"), standing.harm.label("harm")
    counts = (
        select(part, harm, func.count())
        .select_from(Callback)
        .where(col(Callback.state).in_(OPEN_CALLBACK), *clauses)
        .group_by(part, harm)
    )
    by_part: dict[WorkPart, dict[Harm, int]] = {}
    for one, how_much, count in session.exec(counts):
        by_part.setdefault(WorkPart(one), {})[Harm(how_much)] = count
    return by_part


def _is_held_for(reason: HoldReason) -> ColumnElement[bool]:
    """Whether a callback is held for a reason now."""
    in_force = exists().where(
        col(Hold.callback_id) == col(Callback.id),
        col(Hold.reason) == reason,
        col(Hold.lifted_at).is_(None),
    )
    return and_(col(Callback.is_held), in_force)


def _has_state(state: WorkState, standing: CallbackStanding) -> Any:
    in_queue, is_due = and_(*due_order.IN_QUEUE), col(Callback.due_at) <= standing.now
    clauses: Mapping[WorkState, Any] = {
        WorkState.DANGER: standing.harm == int(Harm.DANGER),
        WorkState.OVERDUE: standing.is_overdue,
        WorkState.AGAIN: standing.is_again,
        WorkState.ADVISOR: and_(in_queue, is_due),
        WorkState.NEXT_TRY: and_(in_queue, ~is_due, col(Callback.misses) > 0),
        WorkState.TIME: and_(in_queue, ~is_due, col(Callback.misses) == 0),
    }
    return clauses[state]


def _is_counted_by(mark: AlertMark, standing: CallbackStanding) -> Any:
    if mark.kind in callback_conditions.LATE_SENTENCES and mark == AlertMark(mark.kind):
        return standing.lateness == str(mark.kind)
    if mark == AlertMark(AlertKind.DANGER):
        return danger_conditions.is_unheard_clause()
    if mark.source_id and mark == AlertMark(AlertKind.BURST, mark.source_id, DangerPlace.QUEUE):
        return danger_conditions.is_of_flood_clause(mark.source_id, now=standing.now)
    return false()
