"""Reopening: a callback that ended by a mistake waits again, as it did, and so does its lead."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from leads.callbacks.said_calls import CORRECTION_WINDOW
from leads.errors import NotNow
from leads.i18n.translatable import Phrase
from leads.lifecycle.state_tables import CallbackEvent
from leads.lifecycle.transitions import advance
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import OPEN_CALLBACK, CallbackState, CloseReason, LeadState
from leads.models.requests import Lead
from leads.people.permissions import Permission, actor_of, require_permission


def list_undoable_cancellations(
    session: Session, lead_ids: Collection[int], person: Advisor, *, now: datetime
) -> Sequence[tuple[int, datetime | None]]:
    """Return the callbacks of these people that were canceled by hand a moment ago, and when."""
    require_permission(person, Permission.CANCEL_CALLBACK)
    recent = select(Callback.id, Callback.finished_at).where(
        col(Callback.lead_id).in_(lead_ids),
        Callback.state == CallbackState.CANCELLED,
        Callback.close_reason == CloseReason.CANCELLED,
        col(Callback.finished_at) > now - CORRECTION_WINDOW,
    )
    return session.exec(recent.order_by(col(Callback.finished_at).desc())).all()


def undo_cancellation(
    session: Session, callback: Callback, supervisor: Advisor, *, now: datetime
) -> None:
    """Let a callback that was canceled by hand wait again, due as it was and held as it was.

    The gate is asked anew before any call. Raises NotNow once the time to correct an outcome has
    passed, where something else ended the callback, and as `reopen_callback_locked`.
    """
    require_permission(supervisor, Permission.CANCEL_CALLBACK, callback)
    session.refresh(callback, with_for_update=True)
    is_of_late = callback.finished_at is not None and now - callback.finished_at < CORRECTION_WINDOW
    is_by_hand = callback.close_reason == CloseReason.CANCELLED
    if callback.state != CallbackState.CANCELLED or not is_of_late or not is_by_hand:
        raise NotNow(Phrase("It is too late to undo this. Enter a new request instead."))
    open_again: dict[str, Any] = {"close_reason": None, "close_note": ""}
    reopen_callback_locked(
        session,
        callback,
        CallbackEvent.UNDO_CANCEL,
        actor=actor_of(supervisor),
        now=now,
        **open_again,
    )


def reopen_callback_locked(
    session: Session,
    callback: Callback,
    event: str,
    *,
    actor: str,
    now: datetime,
    **changes: Any,
) -> None:
    """Let a locked callback that is over wait again by an event, with its lead open.

    Raises NotNow where they said stop, asked again since, or have their file in another one.
    """
    lead = session.get_one(Lead, callback.lead_id, with_for_update=True)
    if lead.state == LeadState.SUPPRESSED:
        raise NotNow(Phrase("They opted out, so this cannot be reopened."))
    if lead.erased_at:
        raise NotNow(Phrase("Their data were erased, so this cannot be reopened."))
    if lead.merged_into_id:
        raise NotNow(Phrase("Their file was merged into another one. Correct it there."))
    others = select(Callback.id).where(
        Callback.lead_id == lead.id,
        Callback.brand_id == callback.brand_id,
        col(Callback.state).in_(OPEN_CALLBACK),
    )
    if session.exec(others).first() is not None:
        raise NotNow(Phrase("They have asked again since then and are already in the queue."))
    before: dict[str, Any] = {"finished_at": None, "advisor_id": None, "lease_until": None}
    advance(session, callback, event, actor=actor, now=now, **before, **changes)
    if lead.state == LeadState.CLOSED:
        opened: dict[str, Any] = {"closed_at": None, "close_reason": None}
        advance(session, lead, "take_back", actor=actor, now=now, **opened)
