"""Which waiting callbacks go first, and whether the gate lets them be rung now."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy import and_, bindparam
from sqlmodel import Session, col, func, select

from leads.callbacks import holds, retry_cadence
from leads.contact_rules import gate
from leads.contact_rules.contact_history import (
    CONTACT_HISTORY,
    ContactHistory,
    cap_window_start,
)
from leads.contact_rules.gate_rules import ContactChannel
from leads.contact_rules.lead_wishes import LeadWishes
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.lifecycle.audit_trail import SystemActor
from leads.models.calls import Callback
from leads.models.enums import CallbackState, InboundState
from leads.models.helplines import Brand, Source
from leads.models.inbound import InboundCall
from leads.models.requests import Lead
from leads.people import availability


@dataclass(frozen=True)
class DueCallback:
    """A callback whose time has come, its lead, and what the gate says of ringing them now."""

    callback: Callback
    lead: Lead
    decision: gate.Decision


def offer_order() -> tuple[Any, ...]:
    """Return in which order callbacks are offered.

    Danger first, then those who asked again or were moved up most often, then the longest due. In a
    burst words of danger may be invented: they go first only where a person has read them.
    """
    return (
        and_(col(Callback.danger).is_not(None), ~col(Callback.is_of_burst)).desc(),
        (col(Callback.asked_again) + col(Callback.priority)).desc(),
        col(Callback.due_at),
        col(Callback.id),
    )


IN_QUEUE: tuple[Any, ...] = (
    Callback.state == CallbackState.WAITING,
    col(Callback.is_held).is_(False),
)
"""The conditions of the callbacks that wait for an advisor, now or later."""

TOP_DUE = (
    sqlalchemy.select(Callback, Lead, *CONTACT_HISTORY)
    .join(Lead, col(Lead.id) == col(Callback.lead_id))
    .join(Brand, col(Brand.id) == col(Callback.brand_id))
    .join(Source, col(Source.id) == col(Callback.source_id))
    .where(*IN_QUEUE, col(Callback.due_at) <= bindparam("now"))
    .where(~availability.phone_in_call_clause(col(Lead.phone)))  # it would ring into that call
    .order_by(*offer_order())
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=Callback)
)

# Whoever is on the line is not dialed: their phone would be engaged by their own call to us.
_is_on_the_line = (
    select(InboundCall.id)
    .where(InboundCall.callback_id == Callback.id, InboundCall.state == InboundState.WAITING)
    .correlate(Callback)
    .exists()
)
TOP_DUE_TO_DIAL = TOP_DUE.where(~_is_on_the_line)

_besides = col(Callback.id).not_in(bindparam("passed_over", expanding=True))
_of_helplines = col(Callback.brand_id).in_(bindparam("helplines", expanding=True))
NARROWED: Mapping[tuple[bool, bool, bool], Any] = {
    (to_dial, is_besides, is_limited): (TOP_DUE_TO_DIAL if to_dial else TOP_DUE).where(
        *([_besides] if is_besides else ()), *([_of_helplines] if is_limited else ())
    )
    for to_dial, is_besides, is_limited in itertools.product((False, True), repeat=3)
}

NEXT_CALLBACK_DUE = (
    select(Callback.due_at)
    .where(*IN_QUEUE, col(Callback.due_at) > bindparam("now"))
    .order_by(col(Callback.due_at))
    .limit(1)
)

"""Made once: building them costs more than running them."""


def lock_due_callbacks(
    session: Session,
    most: int,
    *,
    passed_over: Collection[int] = (),
    to_dial: bool = False,
    helplines: Collection[int] | None = None,
    now: datetime,
) -> Sequence[Any]:
    """Lock and return the callbacks that are due, first things first, `most` of them at most.

    Each comes with its lead and with the contact history that the gate needs. `passed_over`: the
    ids of those that wait for somebody else. `to_dial`: without those who called in and wait on the
    line. `helplines`: of these alone.
    """
    asked: dict[str, Any] = {"now": now, "since": cap_window_start(now), "most": most}
    if passed_over:
        asked["passed_over"] = list(passed_over)
    if helplines is not None:
        asked["helplines"] = list(helplines)
    due = NARROWED[to_dial, bool(passed_over), helplines is not None]
    return session.execute(due, asked).all()


def partition_by_gate(
    due: Sequence[Any], *, now: datetime
) -> tuple[list[DueCallback], list[DueCallback]]:
    """Return those of the locked due callbacks that may be rung now, and those that may not.

    Nothing is written: what was answered is recorded when it is acted upon.
    """
    asked = [
        DueCallback(
            callback,
            lead,
            gate.decide_by_history(
                ContactHistory(*known),
                ContactChannel.CALL,
                LeadWishes.of_lead(lead, any_hour=callback.any_hour),
                now=now,
            ),
        )
        for callback, lead, *known in due
    ]
    return (
        [one for one in asked if one.decision.allowed],
        [one for one in asked if not one.decision.allowed],
    )


def one_callback_per_phone(allowed: Sequence[DueCallback]) -> list[DueCallback]:
    """Return the first of the callbacks to each number: the others stay due until it is over."""
    first: dict[str, DueCallback] = {}
    for due_callback in allowed:
        first.setdefault(due_callback.lead.phone, due_callback)
    return list(first.values())


def record_offer_decisions(
    session: Session, asked: Iterable[DueCallback], *, now: datetime
) -> None:
    """Store what the gate answered about offering these callbacks."""
    for due_callback in asked:
        gate.record_decision(
            session,
            due_callback.decision,
            gate.GateMoment.OFFER,
            lead=due_callback.lead,
            callback=due_callback.callback,
            now=now,
        )


def defer_callbacks(session: Session, refused: Sequence[DueCallback], *, now: datetime) -> None:
    """Put off all that the gate refused to offer, and record that it did."""
    record_offer_decisions(session, refused, now=now)
    for due_callback in refused:
        defer_callback(
            session, due_callback.callback, due_callback.decision, by=SystemActor.SCHEDULER, now=now
        )


def defer_callback(
    session: Session, callback: Callback, decision: gate.Decision, *, by: str, now: datetime
) -> None:
    """Let a callback that the gate refuses wait until it may agree, or for a person's decision."""
    if decision.not_before:
        callback.due_at = _put_off_until(session, callback, decision.not_before)
    session.add(callback)
    holds.replace_gate_holds(session, callback, decision, by=by, now=now)
    wake_after_commit(session, Wakeup.DESK)


def _put_off_until(session: Session, callback: Callback, at: datetime) -> datetime:
    """Return the first time from `at`, which is open, on that is as their form wished.

    Whoever named a time to an advisor has said something newer.
    """
    if callback.any_hour or callback.is_time_agreed:
        return at
    lead = session.get_one(Lead, callback.lead_id)
    return retry_cadence.next_wished_time(
        at,
        hours=gate.open_hours_of_callback(session, callback, lead),
        best_time=lead.best_time,
        said_at=callback.received_at,
    )


def count_waiting(session: Session, *, now: datetime) -> tuple[int, int]:
    """Return how many callbacks of the queue are due at `now`, and how many will be later."""
    is_due = col(Callback.due_at) <= now
    counts = select(func.count().filter(is_due), func.count().filter(~is_due)).where(*IN_QUEUE)
    due, later = session.exec(counts).one()
    return due, later


def next_callback_due_at(session: Session, *, now: datetime) -> datetime | None:
    """Return when the next callback becomes due; None where no more will.

    Only waiting callbacks that are not held and not due at `now` count.
    """
    return session.exec(NEXT_CALLBACK_DUE, params={"now": now}).first()
