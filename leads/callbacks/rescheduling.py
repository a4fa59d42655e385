"""Rescheduling: from when on a callback may be rung, where its lead asks for a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from leads.contact_rules import gate
from leads.models.calls import Callback
from leads.models.requests import Lead


@dataclass(frozen=True)
class RescheduleOutcome:
    """When a callback that was put off will be rung again.

    `why` says what speaks against the time that the lead asked for, or nothing. `is_held`: nobody
    rings the lead at all before a person has decided.
    """

    due_at: datetime
    why: str
    is_held: bool


def plan_reschedule(
    session: Session, callback: Callback, due_at: datetime, *, now: datetime
) -> tuple[RescheduleOutcome, gate.Decision]:
    """Return the first time from `due_at` on that the gate allows, or why it allows none.

    The gate is asked for `due_at`, then for each time that it names instead: its last answer comes
    with it.
    """
    lead = session.get_one(Lead, callback.lead_id)
    decision = gate.decide_and_record(
        session, callback, lead, gate.GateMoment.SCHEDULING, now=now, at=due_at
    )
    why = "" if decision.allowed else decision.sentence
    while decision.not_before:
        due_at = decision.not_before
        decision = gate.decide_and_record(
            session, callback, lead, gate.GateMoment.SCHEDULING, now=now, at=due_at
        )
    return RescheduleOutcome(due_at, why, is_held=decision.needs_person), decision
