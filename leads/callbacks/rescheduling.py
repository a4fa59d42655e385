"""Rescheduling: from when on a callback may be rung, where its lead asks for a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from leads.callbacks import holds
from leads.contact_rules import gate
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import NotNow
from leads.i18n.translatable import Phrase
from leads.lifecycle.transitions import advance
from leads.models.calls import Callback
from leads.models.dispositions import Disposition
from leads.models.enums import CallbackOrigin
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


def move_to_permitted_time(
    session: Session, callback: Callback, due_at: datetime, *, actor: str, now: datetime
) -> RescheduleOutcome:
    """Let a waiting callback be due at a time or, where the gate refuses it, at the next permitted.

    The callback is locked.
    """
    planned, decision = plan_reschedule(session, callback, due_at, now=now)
    callback.due_at = planned.due_at
    session.add(callback)
    holds.replace_gate_holds(session, callback, decision, by=actor, now=now)
    wake_after_commit(session, Wakeup.OFFER)
    return planned


def reschedule_as_agreed(
    session: Session,
    callback: Callback,
    *,
    due_at: datetime,
    actor: str,
    now: datetime,
    **changes: Any,
) -> RescheduleOutcome:
    """Let a callback be due when its lead agreed, or at the next time that the gate permits.

    The callback is locked; its count of misses starts anew. `changes`: of its other columns. Raises
    NotNow for a time that is past.
    """
    if due_at <= now:
        raise NotNow(Phrase("Choose a time in the future."))
    callback.disposition, callback.misses = Disposition.CALL_AGAIN, 0  # agreed: the gate asks
    again, decision = plan_reschedule(session, callback, due_at, now=now)
    if callback.origin == CallbackOrigin.CALL:  # they called in, and are promised a call now
        callback.origin = CallbackOrigin.CALLED_BACK
    advance(
        session,
        callback,
        "reschedule",
        actor=actor,
        now=now,
        due_at=again.due_at,
        misses=0,
        disposition=Disposition.CALL_AGAIN,
        **changes,
    )
    holds.replace_gate_holds(session, callback, decision, by=actor, now=now)
    return again
