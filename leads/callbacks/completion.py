"""How the work on a callback ends: disposed, rescheduled, timed out or cancelled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from leads.callbacks import asked_meanwhile, attempt_ends, conversations, holds, own_dispositions
from leads.callbacks.lead_closing import close_lead
from leads.callbacks.rescheduling import RescheduleOutcome, reschedule_as_agreed
from leads.contact_rules.lead_wishes import lead_location
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import LostRace, NotNow
from leads.i18n.messages import Message, own_words
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import SystemActor
from leads.lifecycle.transitions import advance
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.dispositions import Disposition
from leads.models.enums import (
    LIVE_ATTEMPT,
    OPEN_CALLBACK,
    AttemptState,
    CallbackState,
    CloseReason,
    HoldReason,
)
from leads.models.requests import Lead
from leads.people import presence
from leads.people.permissions import (
    Permission,
    actor_of,
    actor_of_id,
    require_claimed_by,
    require_permission,
)


def dispose_callback(
    session: Session,
    callback: Callback,
    advisor: Advisor,
    disposition: Disposition,
    *,
    own_id: int | None = None,
    notes: str | None = None,
    now: datetime,
) -> None:
    """Record what came of the conversation: the callback is completed and its lead closes.

    `own_id`: the helpline's own word for it. `notes`: None leaves the notes as they are. Raises
    NotNow for "call again", which needs a time.
    """
    require_claimed_by(callback, advisor)
    require_final_disposition(disposition)
    complete_callback(
        session,
        callback,
        disposition,
        own_id=own_id,
        actor=actor_of(advisor),
        now=now,
        notes=notes,
    )
    presence.mark_advisor_idle(session, advisor, now=now)


def require_final_disposition(disposition: Disposition) -> None:
    """Raise NotNow for "call again": it ends no callback, and needs a time."""
    if disposition == Disposition.CALL_AGAIN:
        msg = Phrase("Choose when to call again.")
        raise NotNow(msg)


def reschedule_callback(
    session: Session,
    callback: Callback,
    advisor: Advisor,
    *,
    due_at: datetime,
    own_id: int | None = None,
    notes: str | None = None,
    now: datetime,
) -> RescheduleOutcome:
    """Put a callback off to a time that the lead asked for; the count of misses starts anew.

    Where the gate refuses that time, the callback is due at the next one that it permits, or is
    held for a person. `notes`: None leaves the notes as they are. Raises NotNow for a time that is
    past.
    """
    require_claimed_by(callback, advisor)
    actor = actor_of(advisor)
    again = put_off_callback(
        session, callback, due_at=due_at, own_id=own_id, actor=actor, notes=notes, now=now
    )
    presence.mark_advisor_idle(session, advisor, now=now)
    return again


def put_off_callback(
    session: Session,
    callback: Callback,
    *,
    due_at: datetime,
    actor: str,
    own_id: int | None = None,
    notes: str | None = None,
    now: datetime,
) -> RescheduleOutcome:
    """Let a callback wait for the time that its lead asked for, or the next one that is permitted.

    Raises NotNow for a time that is past.
    """
    own_dispositions.require_own_disposition(session, callback, Disposition.CALL_AGAIN, own_id)
    again = reschedule_as_agreed(
        session,
        callback,
        due_at=due_at,
        actor=actor,
        now=now,
        advisor_id=None,
        lease_until=None,
        own_disposition_id=own_id,
        said_at=callback.said_at or now,
        **_notes_change(notes),
    )
    conversations.confirm_conversation(session, callback)
    return again


def same_time_tomorrow(session: Session, callback: Callback, *, now: datetime) -> datetime:
    """Return this time of day tomorrow by the clock on the lead's wall, through its changes."""
    lead = session.get_one(Lead, callback.lead_id)
    local = now.astimezone(ZoneInfo(lead_location(lead).zone))
    return (local + timedelta(days=1)).astimezone(UTC)  # wall time: the zone is kept


def time_out_wrap_up(
    session: Session, callback: Callback, *, by: str = SystemActor.CLOCK, now: datetime
) -> None:
    """End a wrap-up that can wait no longer by the disposition that the advisor proposed.

    Where the advisor proposed none, or one that only another version knows, nobody is closed: the
    callback is held until somebody says what came of the call. What is stored stays.
    """
    is_unsaid = not end_wrap_up(session, callback, by=by, now=now)
    attempt = conversations.find_last_answered_attempt(session, callback)
    if is_unsaid and attempt:
        conversations.doubt_conversation(session, callback, attempt)


def end_wrap_up(session: Session, callback: Callback, *, by: str, now: datetime) -> bool:
    """End a wrap-up before its advisor did; returns whether they had said what came of the call.

    What they did not say is asked: the callback waits, held for that.
    """
    said = callback.disposition
    if said and said != Disposition.UNRECORDED:
        actor = actor_of_id(callback.advisor_id or 0)
        complete_callback(session, callback, said, actor=actor, now=now)
        return True
    released: dict[str, Any] = {"advisor_id": None, "lease_until": None}
    advance(session, callback, "time_out", actor=by, now=now, **released)
    holds.place_hold(session, callback, HoldReason.UNRECORDED_CALL, by=by, now=now)
    wake_after_commit(session, Wakeup.DESK)
    return False


def cancel_callback(
    session: Session, callback: Callback, supervisor: Advisor, *, reason: str, now: datetime
) -> None:
    """Cancel a callback with a reason, and hang up its live call.

    Supervisors only. Raises NotNow without a reason, LostRace when the callback is over.
    """
    require_permission(supervisor, Permission.CANCEL_CALLBACK, callback)
    if not reason.strip():
        msg = Phrase("Give a reason: a callback is never canceled without one.")
        raise NotNow(msg)
    if not cancel_with_live_call(
        session,
        callback,
        CloseReason.CANCELLED,
        note=own_words(reason.strip()),
        actor=actor_of(supervisor),
        now=now,
    ):
        msg = Phrase("Someone else got there first: this callback is closed.")
        raise LostRace(msg)
    close_lead(session, callback, CloseReason.CANCELLED, actor=actor_of(supervisor), now=now)


def find_live_attempt(
    session: Session, callback: Callback, *, lock: bool = False
) -> CallAttempt | None:
    """Return the callback's attempt that is not over, if there is one.

    `lock`: it is locked, and after it the call of whoever is on the line for it.
    """
    live = select(CallAttempt).where(
        CallAttempt.callback_id == callback.id, col(CallAttempt.state).in_(LIVE_ATTEMPT)
    )
    attempt = session.exec(live.with_for_update() if lock else live).first()
    if lock and attempt is not None:
        attempt_ends.lock_caller(session, attempt)
    return attempt


def complete_callback(
    session: Session,
    callback: Callback,
    disposition: Disposition,
    *,
    actor: str,
    now: datetime,
    own_id: int | None = None,
    finished_at: datetime | None = None,
    notes: str | None = None,
) -> None:
    """Complete a callback by what came of its conversation, which counts as contact.

    What its lead asked for meanwhile is promised anew. `finished_at`: when it had been finished
    before somebody corrected it.
    """
    own_dispositions.require_own_disposition(session, callback, disposition, own_id)
    conversations.confirm_conversation(session, callback)
    advance(
        session,
        callback,
        "dispose",
        actor=actor,
        now=now,
        disposition=disposition,
        own_disposition_id=own_id,
        said_at=callback.said_at or now,
        finished_at=finished_at or now,
        lease_until=None,
        **_notes_change(notes),
    )
    close_lead(session, callback, CloseReason(disposition), actor=actor, now=now)
    asked_meanwhile.promise_what_was_asked_meanwhile(session, callback, actor=actor, now=now)


def _notes_change(notes: str | None) -> dict[str, str]:
    """Return the change of the notes, or nothing where none were given.

    An advisor may be typing notes at this moment, which an empty change would wipe out.
    """
    return {} if notes is None else {"notes": notes}


def cancel_with_live_call(
    session: Session,
    callback: Callback,
    reason: CloseReason,
    *,
    note: Message,
    actor: str,
    now: datetime,
) -> bool:
    """Cancel a callback and end its live attempt; False if the callback is over.

    False, too, where the callback went to another lead before it could be locked.
    """
    attempt, lead_id = find_live_attempt(session, callback, lock=True), callback.lead_id
    session.refresh(callback, with_for_update=True)
    if callback.state not in OPEN_CALLBACK or callback.lead_id != lead_id:
        return False
    if attempt:
        attempt_ends.cut_off_attempt(session, attempt, actor=actor, now=now)
    if callback.advisor_id:
        advisor = session.get_one(Advisor, callback.advisor_id)
        presence.mark_advisor_idle(session, advisor, lost=callback.id, now=now)
    ended = {
        "close_reason": reason,
        "close_note": note,
        "withdrawn": reason in (CloseReason.OPT_OUT, CloseReason.WITHDRAWN),
        "finished_at": now,
        "lease_until": None,
    }
    advance(session, callback, "cancel", actor=actor, now=now, **ended)
    return True


def take_back_ringing_call(
    session: Session, callback: Callback, *, actor: str, now: datetime
) -> None:
    """Put a callback that is in an advisor's hands back to wait, and end the call that rings.

    A conversation goes on, and what it came to is told as ever.
    """
    attempt = find_live_attempt(session, callback, lock=True)
    session.refresh(callback, with_for_update=True)
    attempt = attempt or find_live_attempt(session, callback, lock=True)  # begun while we waited
    is_talking = attempt is not None and attempt.state == AttemptState.BRIDGED
    event = {CallbackState.CLAIMED: "release", CallbackState.CALLING: "hand_back"}.get(
        callback.state
    )
    if event is None or is_talking:
        return
    if attempt:
        attempt_ends.cut_off_attempt(session, attempt, actor=actor, now=now)
    if callback.advisor_id:
        advisor = session.get_one(Advisor, callback.advisor_id)
        presence.mark_advisor_idle(session, advisor, lost=callback.id, now=now)
    given_back = {"advisor_id": None, "lease_until": None}
    advance(session, callback, event, actor=actor, now=now, **given_back)
