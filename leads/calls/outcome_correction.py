"""Correction of what somebody said came of a call. Each version stays in the audit trail.

Whatever was done because of the first word is undone lawfully: a closed request is opened again, a
promised call is taken back, and the gate is asked anew.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from leads.callbacks import completion, conversations, own_dispositions, reopening, said_calls
from leads.callbacks.rescheduling import RescheduleOutcome
from leads.calls import outcomes
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import NotNow
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.lifecycle.transitions import advance
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.dispositions import Disposition
from leads.models.enums import CallbackState, CloseReason, LeadState, Result
from leads.models.requests import Lead
from leads.people.permissions import actor_of


def correct_disposition(
    session: Session,
    callback: Callback,
    person: Advisor,
    disposition: Disposition,
    *,
    own_id: int | None = None,
    now: datetime,
) -> None:
    """Say that something else came of a call than was said: the callback is completed by that.

    A call that was promised is not made. Raises as `said_calls.lock_said_call`, and NotNow for
    "call again" and for what is on record already.
    """
    attempt, actor = said_calls.lock_said_call(session, callback, person, now=now), actor_of(person)
    completion.require_final_disposition(disposition)
    if (callback.disposition, callback.own_disposition_id) == (disposition, own_id) and (
        attempt.result != Result.LEAD_VOICEMAIL
    ):
        raise NotNow(Phrase("That outcome is already on record."))
    if callback.state == CallbackState.COMPLETED:
        _correct_completed(session, callback, disposition, own_id=own_id, actor=actor, now=now)
    else:
        finished_at = callback.finished_at
        _let_wait_again(session, callback, actor=actor, now=now)
        completion.complete_callback(
            session,
            callback,
            disposition,
            own_id=own_id,
            finished_at=finished_at,
            actor=actor,
            now=now,
        )
    wake_after_commit(session, Wakeup.DESK)


def correct_to_call_again(
    session: Session,
    callback: Callback,
    person: Advisor,
    *,
    due_at: datetime,
    own_id: int | None = None,
    now: datetime,
) -> RescheduleOutcome:
    """Say that they asked to be called again, at this time: a closed request is opened for it.

    Raises as `said_calls.lock_said_call`, and NotNow where nobody may open the request again.
    """
    said_calls.lock_said_call(session, callback, person, now=now)
    actor = actor_of(person)
    _let_wait_again(session, callback, actor=actor, now=now)
    return completion.put_off_callback(
        session, callback, due_at=due_at, own_id=own_id, actor=actor, now=now
    )


def correct_to_machine(
    session: Session, callback: Callback, person: Advisor, *, now: datetime
) -> None:
    """Say that a machine had answered: it was a try and no contact, and the cadence goes on.

    Raises as `correct_to_call_again`.
    """
    attempt, actor = said_calls.lock_said_call(session, callback, person, now=now), actor_of(person)
    if attempt.result == Result.LEAD_VOICEMAIL:
        raise NotNow(Phrase("That outcome is already on record."))
    _let_wait_again(session, callback, actor=actor, now=now)
    callback.disposition = callback.own_disposition_id = None
    conversations.doubt_conversation(session, callback, attempt, result=Result.LEAD_VOICEMAIL)
    outcomes.schedule_retry_or_exhaust(session, callback, actor=actor, now=now)


def _correct_completed(
    session: Session,
    callback: Callback,
    disposition: Disposition,
    *,
    own_id: int | None,
    actor: str,
    now: datetime,
) -> None:
    """Complete a callback by another word, and say so of its lead, if it closed it."""
    own_dispositions.require_own_disposition(session, callback, disposition, own_id)
    said = {"disposition": disposition, "own_disposition_id": own_id}
    conversations.confirm_conversation(session, callback)
    advance(session, callback, "correct_outcome", actor=actor, now=now, **said)
    lead = session.get_one(Lead, callback.lead_id, with_for_update=True)
    if _was_closed_by(session, lead, callback):
        lead.close_reason = CloseReason(disposition)
        session.add(lead)
        reason = {"close_reason": lead.close_reason}
        record_event(session, lead, "correct_close", actor=actor, now=now, **reason)


def _let_wait_again(session: Session, callback: Callback, *, actor: str, now: datetime) -> None:
    """Let a callback that is over wait again; one that waits stays as it is."""
    if callback.state != CallbackState.WAITING:
        reopening.reopen_callback_locked(session, callback, "take_back", actor=actor, now=now)


def _was_closed_by(session: Session, lead: Lead, callback: Callback) -> bool:
    """Whether a lead is closed, and this callback was the last to end."""
    later = select(Callback.id).where(
        Callback.lead_id == lead.id,
        Callback.id != callback.id,
        col(Callback.finished_at) > callback.finished_at,
    )
    is_last = session.exec(later.limit(1)).first() is None
    return lead.state == LeadState.CLOSED and is_last
