"""Steps of a live attempt: placed, accepted, dialed, answered, and its advisor let out of it."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlalchemy import bindparam
from sqlmodel import Session, select

from leads.calls import legs
from leads.lifecycle.audit_trail import SystemActor
from leads.lifecycle.transitions import advance
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import (
    AttemptState,
    OutboxKind,
    Party,
)
from leads.outbox import call_orders
from leads.people import presence
from leads.people.permissions import actor_of_id
from leads.process_metrics import FIRST_CALL_WAIT, count_at_commit


def lock_attempt(session: Session, attempt_id: str) -> CallAttempt | None:
    """Return the attempt, locked for this transaction; None if there is none."""
    return session.exec(ATTEMPT_FOR_UPDATE, params={"attempt_id": attempt_id}).first()


def mark_call_placed(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Record that the advisor's phone is ringing, unless that is known. Idempotent."""
    if attempt.state == AttemptState.REQUESTED:
        advance(session, attempt, "placed", actor=SystemActor.RELAY, now=now, heard_at=now)
        call_orders.confirm_call_placed(session, attempt, now=now)


def mark_offer_accepted(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Record that the advisor takes the call: the lead's phone is rung next."""
    actor = actor_of_id(attempt.advisor_id)
    advance(session, attempt, "accepted", actor=actor, now=now, heard_at=now)
    presence.record_accepted_offer(session, session.get_one(Advisor, attempt.advisor_id))


def mark_lead_dialed(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Record that the lead's own phone is dialed: time to first attempt ends here."""
    callback = session.get_one(Callback, attempt.callback_id)
    attempt.rung_at = attempt.heard_at = now
    _end_wait(session, callback, at=now)
    session.add_all([attempt, callback])


def mark_lead_answered(
    session: Session, attempt: CallAttempt, *, at: datetime, now: datetime
) -> None:
    """Record that somebody or something answered and is joined with the advisor.

    Time to first contact ends here: at `at`, but not before the attempt was requested.
    """
    at = max(at, attempt.requested_at)
    advance(session, attempt, "answered", actor=SystemActor.NETWORK, now=now, answered_at=at)
    if attempt.doubt:  # a machine was heard before the network said that it answered
        return
    callback = session.get_one(Callback, attempt.callback_id)
    if attempt.inbound_call_id is not None:  # their wait for us ends with their own call
        _end_wait(session, callback, at=at)
    callback.first_conversation_at = callback.first_conversation_at or at


def _end_wait(session: Session, callback: Callback, *, at: datetime) -> None:
    """Record when the person's wait for a first call ended, unless it had."""
    if callback.first_rung_at is None:
        callback.first_rung_at = at
        waited = (at - callback.received_at).total_seconds()
        count_at_commit(session, partial(FIRST_CALL_WAIT.observe, waited))


def return_advisor(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Order an advisor out of the conference in which nobody will join them.

    They hear what came of the call. Nothing is ordered for an advisor who has hung up.
    """
    leg = legs.find_call_leg(session, attempt, Party.ADVISOR)
    if leg is not None and not legs.is_over(leg):
        call_orders.enqueue_leg_order(session, OutboxKind.RETURN_ADVISOR, leg, now=now)


def bring_back_from_menu(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Order an advisor who works with a phone's keys out of the call that has ended.

    They may be in its menu, or have gone back from there to a conference that nobody else is in.
    """
    leg = legs.find_call_leg(session, attempt, Party.ADVISOR)
    if leg is not None and not leg.ends_call:
        return_advisor(session, attempt, now=now)


ATTEMPT_FOR_UPDATE = (
    select(CallAttempt).where(CallAttempt.id == bindparam("attempt_id")).with_for_update()
)
