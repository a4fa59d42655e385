"""Wrap-up for an advisor who is on duty with nothing but a phone."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from leads.callbacks import completion, opt_out, unrecorded_calls
from leads.calls import manual_dialing
from leads.i18n.messages import Message, MessageKey
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.dispositions import Disposition
from leads.models.enums import CallbackState, CallDoubt

AGAIN, STOP, VOICEMAIL = "3", "5", "6"
HEARD_MACHINES = (CallDoubt.MACHINE, CallDoubt.FAX, CallDoubt.SCREENED)
DISPOSITION_BY_KEY = {
    "1": Disposition.HELPED,
    "2": Disposition.REFERRED,
    "4": Disposition.WRONG_PERSON,
}


def is_keypad_wrap_up_needed(session: Session, attempt_id: str, *, now: datetime) -> bool:
    """Whether the advisor should be asked on the phone what came of the conversation.

    Whoever took the call by phone is asked, though their duty is over by now.
    """
    wrap_up = _find_keypad_wrap_up(session, attempt_id)
    if wrap_up is None:
        return False
    _, advisor, attempt = wrap_up
    return unrecorded_calls.is_asked_by_keypad(attempt, advisor, now=now)


def may_machine_have_answered(session: Session, attempt_id: str) -> bool:
    """Whether a machine was heard on the lead's leg, as the advisor is told before the keys."""
    attempt = session.get(CallAttempt, attempt_id)
    return attempt is not None and attempt.doubt in HEARD_MACHINES


def apply_keypad_digit(session: Session, attempt_id: str, digit: str, *, now: datetime) -> bool:
    """Record what a key says came of the conversation; False for a key that says nothing."""
    wrap_up = _find_keypad_wrap_up(session, attempt_id)
    if wrap_up is None:
        return False
    callback, advisor, _ = wrap_up
    if digit in DISPOSITION_BY_KEY:
        completion.dispose_callback(session, callback, advisor, DISPOSITION_BY_KEY[digit], now=now)
    elif digit == AGAIN:
        tomorrow = completion.same_time_tomorrow(session, callback, now=now)
        completion.reschedule_callback(session, callback, advisor, due_at=tomorrow, now=now)
    elif digit == STOP:
        reason = Message(MessageKey.SAID_TO_ADVISOR)
        opt_out.stop_contact_of_callback(session, callback, advisor, reason=reason, now=now)
    elif digit == VOICEMAIL:
        manual_dialing.record_voicemail_reached(session, callback, advisor, now=now)
    else:
        return False
    return True


def _find_keypad_wrap_up(
    session: Session, attempt_id: str
) -> tuple[Callback, Advisor, CallAttempt] | None:
    attempt = session.get(CallAttempt, attempt_id)
    if attempt is None:
        return None
    callback = session.get_one(Callback, attempt.callback_id)
    if callback.state != CallbackState.WRAP_UP or callback.advisor_id != attempt.advisor_id:
        return None
    return callback, session.get_one(Advisor, attempt.advisor_id), attempt
