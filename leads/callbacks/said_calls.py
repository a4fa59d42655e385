"""Said calls: those of which somebody said what came of them, and who may still correct that."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from leads.callbacks import conversations
from leads.errors import NotAllowed, NotNow
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import CallbackState
from leads.people.permissions import Permission, require_permission, role_may

CORRECTION_WINDOW = timedelta(minutes=15)
"""How long an advisor may correct what they said of a call; later it takes a supervisor."""

CORRECTABLE = (CallbackState.COMPLETED, CallbackState.EXHAUSTED, CallbackState.WAITING)


def list_own_said_calls(
    session: Session, advisor_id: int, *, now: datetime
) -> list[tuple[Callback, CallAttempt]]:
    """Return the calls of which this advisor may still correct what came of them, latest first."""
    recent = and_(
        col(Callback.said_at) > now - CORRECTION_WINDOW, col(CallAttempt.advisor_id) == advisor_id
    )
    return [
        (callback, attempt)
        for callback, attempt in _said_calls(session, recent)
        if _has_rested_since(session, callback, attempt)
    ]


def list_said_calls_of_leads(
    session: Session, lead_ids: Collection[int]
) -> list[tuple[Callback, CallAttempt]]:
    """Return the calls with these people of which somebody may correct what came of them."""
    theirs = col(Callback.lead_id).in_(lead_ids)
    return [
        (callback, attempt)
        for callback, attempt in _said_calls(session, theirs)
        if _has_rested_since(session, callback, attempt)
    ]


def lock_said_call(
    session: Session, callback: Callback, person: Advisor, *, now: datetime
) -> CallAttempt:
    """Lock a callback of which a person corrects what came of its last call; returns the call.

    Raises NotNow where nothing was said of it, or they were rung again since; NotAllowed for
    whoever may not correct it, or not any more.
    """
    require_permission(person, Permission.TAKE_CALLBACKS, callback)
    session.refresh(callback, with_for_update=True)
    attempt = conversations.find_last_answered_attempt(session, callback)
    if (
        attempt is None
        or callback.state not in CORRECTABLE
        or (callback.disposition is None and callback.said_at is None)
        or not _has_rested_since(session, callback, attempt)
    ):
        raise NotNow(Phrase("It can no longer be corrected: the request has moved on since."))
    if role_may(person.role, Permission.CORRECT_OUTCOME):
        return attempt
    is_in_time = callback.said_at is not None and now - callback.said_at <= CORRECTION_WINDOW
    if attempt.advisor_id != person.id or not is_in_time:
        msg = Phrase(
            "The advisor who took the call can correct it for {minutes} minutes. Now ask a "
            "supervisor.",
            minutes=CORRECTION_WINDOW // timedelta(minutes=1),
        )
        raise NotAllowed(msg)
    return attempt


def _said_calls(
    session: Session, which: ColumnElement[bool]
) -> Sequence[tuple[Callback, CallAttempt]]:
    said = (
        select(Callback, CallAttempt)
        .join(CallAttempt, col(CallAttempt.callback_id) == col(Callback.id))
        .where(
            which,
            or_(col(Callback.said_at).is_not(None), col(Callback.disposition).is_not(None)),
            col(Callback.state).in_(CORRECTABLE),
            col(CallAttempt.answered_at).is_not(None),
            col(CallAttempt.ended_at) == col(Callback.ended_at),
        )
        .order_by(col(Callback.said_at).desc())
    )
    return session.exec(said).all()


def _has_rested_since(session: Session, callback: Callback, attempt: CallAttempt) -> bool:
    """Whether nobody has tried to ring them for this callback after a call."""
    later = select(CallAttempt.id).where(
        CallAttempt.callback_id == callback.id,
        CallAttempt.requested_at > attempt.requested_at,
        CallAttempt.id != attempt.id,
    )
    return session.exec(later.limit(1)).first() is None
