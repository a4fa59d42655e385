"""Whether a conversation took place: what the figures call contact, and what is in doubt."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session, col, select

from leads.models.calls import CallAttempt, Callback
from leads.models.enums import Result

SHORTEST_CONVERSATION = timedelta(seconds=10)
"""What is shorter may have been a machine or a mistake: contact only if somebody says so."""


def is_too_short(attempt: CallAttempt) -> bool:
    """Whether an answered call was over before two people can have talked."""
    if attempt.answered_at is None or attempt.ended_at is None:
        return False
    return attempt.ended_at - attempt.answered_at < SHORTEST_CONVERSATION


def find_last_answered_attempt(session: Session, callback: Callback) -> CallAttempt | None:
    """Return the callback's last attempt that somebody or a machine answered."""
    answered = select(CallAttempt).where(
        CallAttempt.callback_id == callback.id, col(CallAttempt.answered_at).is_not(None)
    )
    return session.exec(answered.order_by(col(CallAttempt.answered_at).desc()).limit(1)).first()


def doubt_conversation(
    session: Session, callback: Callback, attempt: CallAttempt, *, result: Result = Result.UNKNOWN
) -> None:
    """Count an answered call as a try and not as contact, until somebody says what it was."""
    attempt.result = result
    if callback.first_conversation_at == attempt.answered_at:
        callback.first_conversation_at = None
    session.add_all([attempt, callback])


def confirm_conversation(session: Session, callback: Callback) -> None:
    """Count the callback's last answered call as contact: somebody says what came of it."""
    attempt = find_last_answered_attempt(session, callback)
    if attempt is None or attempt.result not in (Result.UNKNOWN, Result.CONVERSATION):
        return
    attempt.result = Result.CONVERSATION
    callback.first_conversation_at = callback.first_conversation_at or attempt.answered_at
    session.add_all([attempt, callback])
