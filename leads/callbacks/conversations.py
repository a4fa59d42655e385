"""Whether a conversation took place: what the figures call contact, and what is in doubt."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_
from sqlmodel import Session, col, select

from leads.models.calls import CallAttempt, Callback
from leads.models.enums import AnsweredBy, CallDoubt, Result
from leads.models.requests import Lead

SHORTEST_CONVERSATION = timedelta(seconds=10)
"""What is shorter may have been a machine or a mistake: contact only if somebody says so."""

SCREENED_WITHIN = timedelta(seconds=30)
"""A machine that is gone by then asked who is calling, or took no message."""

MACHINES = (AnsweredBy.MACHINE, AnsweredBy.FAX)


def find_doubt(
    attempt: CallAttempt, heard: AnsweredBy, *, ended_at: datetime | None
) -> CallDoubt | None:
    """Return why it is in doubt that a person was talked to in an answered call; None for no doubt.

    `heard`: on the lead's leg. `ended_at`: None while the call goes on, whose length says nothing.
    """
    if attempt.doubt == CallDoubt.REFUSED:
        return CallDoubt.REFUSED
    length = ended_at - attempt.answered_at if attempt.answered_at and ended_at else None
    if heard == AnsweredBy.FAX:
        return CallDoubt.FAX
    if heard == AnsweredBy.MACHINE:
        is_gone = length is not None and length < SCREENED_WITHIN
        return CallDoubt.SCREENED if is_gone else CallDoubt.MACHINE
    if length is None or length >= SHORTEST_CONVERSATION:
        return None
    return CallDoubt.SCREENED if heard == AnsweredBy.UNKNOWN else CallDoubt.SHORT


def find_last_answered_attempt(session: Session, callback: Callback) -> CallAttempt | None:
    """Return the callback's last attempt that somebody or a machine answered."""
    answered = select(CallAttempt).where(
        CallAttempt.callback_id == callback.id, col(CallAttempt.answered_at).is_not(None)
    )
    return session.exec(answered.order_by(col(CallAttempt.answered_at).desc()).limit(1)).first()


def is_answered_since(session: Session, number: str, since: datetime) -> bool:
    """Whether a call to whoever has a number was answered after an instant."""
    of_number = select(Lead.id).where(Lead.phone == number)
    survivors = select(Lead.merged_into_id).where(Lead.phone == number)
    answered = (
        select(Callback.id)
        .outerjoin(CallAttempt, col(CallAttempt.callback_id) == Callback.id)
        .where(
            or_(col(Callback.lead_id).in_(of_number), col(Callback.lead_id).in_(survivors)),
            or_(col(Callback.first_conversation_at) > since, col(CallAttempt.answered_at) > since),
        )
    )
    return session.exec(answered.limit(1)).first() is not None


def doubt_conversation(
    session: Session,
    callback: Callback,
    attempt: CallAttempt,
    *,
    why: CallDoubt | None = None,
    result: Result | None = Result.UNKNOWN,
) -> None:
    """Count an answered call as a try and not as contact, until somebody says what it was.

    `why`: what speaks against a conversation. `result`: None while the call goes on.
    """
    attempt.result, attempt.doubt = result, why or attempt.doubt
    if callback.first_conversation_at == attempt.answered_at:
        callback.first_conversation_at = None
    session.add_all([attempt, callback])


def confirm_conversation(session: Session, callback: Callback) -> None:
    """Count the callback's last answered call as contact: somebody says what came of it."""
    attempt = find_last_answered_attempt(session, callback)
    said = (Result.UNKNOWN, Result.CONVERSATION, Result.LEAD_VOICEMAIL)
    if attempt is None or attempt.result not in said:
        return
    attempt.result = Result.CONVERSATION
    callback.first_conversation_at = callback.first_conversation_at or attempt.answered_at
    session.add_all([attempt, callback])
