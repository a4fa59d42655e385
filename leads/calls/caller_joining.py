"""How whoever called in and the advisor who took the call meet, or miss each other."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from leads.callbacks import attempt_ends, conversations
from leads.calls import attempt_steps, callers, legs, outcomes
from leads.calls.legs import TERMINAL_LEG_STATUSES, LegReport
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import (
    AttemptState,
    OutboxKind,
    Party,
    Result,
)
from leads.models.requests import Lead
from leads.outbox import call_orders

MEETS_WITHIN = timedelta(seconds=1)
"""In which nobody has heard anybody yet; the network tells its times in whole seconds."""


def stop_dialing_caller(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Stop dialing somebody who has called in meanwhile, and bring their own call to the advisor.

    Where their phone rings already, that ends first: it is never in two calls.
    """
    leg = legs.find_call_leg(session, attempt, Party.LEAD)
    is_undialed = leg is None or call_orders.withdraw_order_of_leg(session, leg, now=now)
    if leg is None or is_undialed or legs.is_over(leg):
        callers.join_caller(session, attempt, now=now)
    elif leg.provider_call_id:
        call_orders.enqueue_leg_order(session, OutboxKind.HANG_UP_LEG, leg, now=now)


def dial_caller_instead(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Let whoever is rung for somebody on the line call them, who would rather be called.

    Where our own call to them is being hung up, or is over, nobody is left to be reached; and where
    they called from another number than they are called at, a person decides which. The attempt
    ends, and its advisor is not blamed.
    """
    call = attempt_ends.lock_caller(session, attempt)
    callback = session.get_one(Callback, attempt.callback_id)
    lead = session.get_one(Lead, callback.lead_id)
    if call is not None and not callers.is_from_own_number(call, lead):
        end_attempt_of_gone_caller(session, attempt, now=now)
        return
    attempt.inbound_call_id = None
    session.add(attempt)
    leg = legs.find_call_leg(session, attempt, Party.LEAD)
    if leg is not None and (legs.is_over(leg) or call_orders.is_end_ordered(session, leg)):
        outcomes.end_attempt(session, attempt, "missed", Result.CALLER_HUNG_UP, now=now)
        attempt_steps.return_advisor(session, attempt, now=now)


def note_caller_joined(
    session: Session, attempt_id: str, *, at: datetime | None = None, now: datetime
) -> None:
    """Record that whoever called in is with the advisor, since `at`. Idempotent."""
    attempt = attempt_steps.lock_attempt(session, attempt_id)
    if attempt is None:
        return
    at = max(attempt.requested_at, min(at or now, now))
    if callers.mark_caller_talking(session, attempt, at=at, now=now):
        attempt_steps.mark_lead_answered(session, attempt, at=at, now=now)


def note_unmet_caller(
    session: Session, attempt: CallAttempt, *, at: datetime, now: datetime
) -> bool:
    """Let a caller wait again whose advisor had hung up, at `at`, as they came.

    False where they met, and where they have left by themselves. The attempt ends as a missed
    offer: the callback goes to the next advisor.
    """
    if attempt.answered_at is None or at - attempt.answered_at >= MEETS_WITHIN:
        return False
    if not callers.take_back_talk(session, attempt, now=now):
        return False
    outcomes.end_attempt_as_missed_offer(
        session, attempt, "missed", Result.ADVISOR_DECLINED, now=now
    )
    return True


def apply_waiting_caller_status(
    session: Session, attempt: CallAttempt, report: LegReport, *, now: datetime
) -> None:
    """Apply news of the lead's leg while whoever called in is not with the advisor yet."""
    if report.status in TERMINAL_LEG_STATUSES:
        _replace_or_miss_caller(session, attempt, now=now)
    elif report.kind == legs.FETCHED_REPORT and (
        brought_at := callers.find_when_brought(session, attempt)
    ):  # the news of it was lost
        note_caller_joined(session, attempt.id, at=brought_at, now=now)


def note_lost_joining(
    session: Session,
    attempt: CallAttempt,
    *,
    at: datetime,
    is_caller_gone: bool = False,
    now: datetime,
) -> bool:
    """Record that a caller was with the advisor since they were brought, where nobody told of it.

    `at`: when one of the two left; `is_caller_gone`: it was the caller, who waits nowhere else.
    False where it is known that they met, and where the other may not have come by then.
    """
    brought_at = callers.find_when_brought(session, attempt, or_in_doubt=is_caller_gone)
    if brought_at is None or at - brought_at < conversations.SHORTEST_CONVERSATION:
        return False
    if not callers.mark_caller_talking(session, attempt, at=brought_at, now=now):
        return False
    attempt_steps.mark_lead_answered(session, attempt, at=brought_at, now=now)
    return True


def _replace_or_miss_caller(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Apply that the lead's leg is over before whoever called in was there.

    Their call has ended; or it was the one that we dialed while they called, and they take its
    place.
    """
    leg = legs.find_call_leg(session, attempt, Party.LEAD)
    is_gone = leg is None or callers.is_callers_leg(session, attempt, leg)
    if is_gone or not callers.join_caller(session, attempt, now=now):
        end_attempt_of_gone_caller(session, attempt, now=now)


def record_failed_join(session: Session, attempt_id: str, *, now: datetime) -> None:
    """End an attempt to which the network would not bring whoever called in; they wait on."""
    attempt = attempt_steps.lock_attempt(session, attempt_id)
    if attempt and attempt.state == AttemptState.RINGING_LEAD:
        outcomes.end_attempt(session, attempt, "failed", Result.CARRIER_ERROR, now=now)
        attempt_steps.return_advisor(session, attempt, now=now)


def end_attempt_of_gone_caller(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """End the attempt for somebody who called in and has left before an advisor was there.

    The advisor is not blamed, and hears so if they have taken the call.
    """
    was_taken = attempt.state == AttemptState.RINGING_LEAD
    outcomes.end_attempt(session, attempt, "missed", Result.CALLER_HUNG_UP, now=now)
    if was_taken:
        attempt_steps.return_advisor(session, attempt, now=now)
    else:
        call_orders.enqueue_call_orders(session, OutboxKind.HANG_UP, attempt, now=now)
