"""Missed calls: who called in, got nobody, and has a promise of ours beside that."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, exists
from sqlmodel import Session, col, select

from leads.i18n.translatable import Phrase
from leads.lifecycle.state_tables import CallbackEvent
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import InboundState
from leads.models.inbound import InboundCall
from leads.models.watching import Transition

CALLED_IN_VAIN = Phrase("They called and hung up before anyone answered.")


def waits_for_next_try(session: Session, callback: Callback) -> bool:
    """Whether a callback is due when it is because a try of ours found nobody.

    Any other time is agreed: by the person, an advisor, or the hours that they may be called in.
    """
    misses = select(Transition.changes).where(
        Transition.record == Callback.__tablename__,
        Transition.record_id == str(callback.id),
        Transition.event == CallbackEvent.MISS,
    )
    last = session.exec(misses.order_by(col(Transition.id).desc()).limit(1)).first()
    due_at = last.get("due_at") if last else None
    return due_at is not None and datetime.fromisoformat(due_at) == callback.due_at


def was_called_in_vain_clause() -> ColumnElement[bool]:
    """Return the condition that a callback is promised to somebody who called in since, in vain.

    What they last talked of with us came before that call, and so did the request itself.
    """
    rang_at = col(InboundCall.rang_at)
    return exists().where(
        col(InboundCall.callback_id) == col(Callback.id),
        col(InboundCall.state) == InboundState.ABANDONED,
        rang_at > col(Callback.received_at),
        col(Callback.ended_at).is_(None) | (col(Callback.ended_at) < rang_at),
    )


def was_called_in_vain(session: Session, callback: Callback) -> bool:
    """Whether a callback is promised to somebody who called in since, in vain."""
    asked = select(Callback.id).where(Callback.id == callback.id, was_called_in_vain_clause())
    return session.exec(asked).first() is not None


def find_call_beside(
    session: Session, callback: Callback, attempt: CallAttempt
) -> InboundCall | None:
    """Return the call of whoever rings us from their phone while an attempt is under way."""
    beside = select(InboundCall).where(
        InboundCall.callback_id == callback.id,
        InboundCall.state == InboundState.WAITING,
        InboundCall.id != (attempt.inbound_call_id or ""),
    )
    return session.exec(beside.order_by(col(InboundCall.rang_at)).limit(1)).first()
