"""Calls that an advisor makes from their own phone, and results that only the advisor can tell."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from leads.callbacks import conversations, holds, unrecorded_calls, voicemail
from leads.callbacks.wrap_up_time import wrap_up_time_at_desk
from leads.calls import attempt_steps, outcomes
from leads.contact_rules import gate
from leads.errors import NotNow
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import AttemptState, CallbackState, HoldReason, Result
from leads.models.requests import Lead
from leads.people import presence
from leads.people.permissions import (
    Permission,
    actor_of,
    require_claimed_by,
    require_permission,
)


def start_manual_dial(
    session: Session, attempt: CallAttempt, advisor: Advisor, *, now: datetime
) -> str:
    """Return the lead's number for an advisor who rings from their own phone, if the gate agrees.

    The number counts as dialed from now on, and the gate says whether a machine may be left a
    message: nobody else hears one. Raises the gate's refusal, NotNow where a hold came since the
    attempt began, and LostRace unless the callback is in the advisor's hands.
    """
    callback = session.get_one(Callback, attempt.callback_id)
    require_claimed_by(callback, advisor)
    lead = session.get_one(Lead, callback.lead_id)
    if attempt.state == AttemptState.RINGING_LEAD:
        return lead.phone  # it was shown before, and counts against the cap
    decision = gate.decide_and_record(
        session, callback, lead, gate.GateMoment.DIAL, now=now, attempt=attempt
    )
    if not decision.allowed:
        raise gate.refusal_error(decision)
    if callback.is_held:
        raise NotNow(holds.hold_sentence(holds.open_causes_of(session, callback)))
    attempt_steps.mark_call_placed(session, attempt, now=now)
    attempt_steps.mark_offer_accepted(session, attempt, now=now)
    attempt_steps.mark_lead_dialed(session, attempt, now=now)
    voicemail.ask_about_voicemail(session, attempt, callback, now=now)
    return lead.phone


def record_manual_result(
    session: Session, attempt: CallAttempt, result: Result, advisor: Advisor, *, now: datetime
) -> None:
    """Record the result that the advisor reports of a call from their own phone.

    Raises NotNow if the lead's number was never shown, and LostRace unless the callback is in the
    advisor's hands.
    """
    callback = session.get_one(Callback, attempt.callback_id)
    require_claimed_by(callback, advisor)
    if result in outcomes.ADVISOR_SIDE_RESULTS:
        outcomes.end_attempt_as_missed_offer(session, attempt, "missed", result, now=now)
        return
    if attempt.state != AttemptState.RINGING_LEAD:
        msg = Phrase("Show the number and call it first, then record the outcome.")
        raise NotNow(msg)
    if result == Result.CONVERSATION:
        attempt_steps.mark_lead_answered(session, attempt, at=now, now=now)
        outcomes.end_attempt(session, attempt, "hung_up", result, now=now)
        conversations.confirm_conversation(session, callback)
        # Said on a desk, and written up there: no keypad asks.
        callback.lease_until = now + wrap_up_time_at_desk(session, callback)
    else:
        outcomes.end_attempt(session, attempt, "missed", result, now=now)


def record_voicemail_reached(
    session: Session,
    callback: Callback,
    advisor: Advisor,
    *,
    notes: str | None = None,
    now: datetime,
) -> None:
    """Correct a conversation to "voicemail", because the advisor says that a machine had answered.

    No conversation took place: the cadence goes on. Raises NotNow when the callback is not in the
    advisor's hands.
    """
    require_permission(advisor, Permission.TAKE_CALLBACKS, callback)
    attempt = session.exec(
        select(CallAttempt)
        .where(CallAttempt.callback_id == callback.id)
        .order_by(col(CallAttempt.requested_at).desc())
    ).first()
    if (
        callback.state != CallbackState.WRAP_UP
        or callback.advisor_id != advisor.id
        or attempt is None
    ):
        msg = Phrase("This callback is no longer assigned to you.")
        raise NotNow(msg)
    conversations.doubt_conversation(session, callback, attempt, result=Result.LEAD_VOICEMAIL)
    callback.said_at = callback.said_at or now
    if notes is not None:
        callback.notes = notes
    outcomes.schedule_retry_or_exhaust(session, callback, actor=actor_of(advisor), now=now)
    presence.mark_advisor_idle(session, advisor, now=now)


def record_late_voicemail(
    session: Session, callback: Callback, person: Advisor, *, now: datetime
) -> None:
    """Record that a machine had answered in a call whose wrap-up ran out: the cadence goes on.

    Raises as `unrecorded_calls.record_late_disposition`.
    """
    attempt, actor = (
        unrecorded_calls.lock_unrecorded_call(session, callback, person),
        actor_of(person),
    )
    conversations.doubt_conversation(session, callback, attempt, result=Result.LEAD_VOICEMAIL)
    callback.said_at = callback.said_at or now
    question = (HoldReason.UNRECORDED_CALL,)
    holds.lift_holds_for(session, callback, question, by=actor, now=now)
    outcomes.schedule_retry_or_exhaust(session, callback, actor=actor, now=now)
