"""Opt-out: stop all contact with a number because its owner says so, and reinstate it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from leads.callbacks import holds, shared_numbers
from leads.callbacks.completion import cancel_with_live_call
from leads.contact_rules import suppression
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.i18n.messages import Message
from leads.lifecycle.state_tables import allowed_events
from leads.lifecycle.transitions import advance
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import (
    OPEN_CALLBACK,
    CallbackState,
    CloseReason,
    HoldReason,
    LeadState,
)
from leads.models.requests import Lead
from leads.people.permissions import Permission, actor_of, require_permission


def stop_contact(
    session: Session, number: str, *, reason: Message, actor: str, now: datetime
) -> None:
    """Suppress a number whose owner asked us to stop, and cancel what is pending for it, at once.

    The owner may say it by any means.
    """
    suppression.suppress_number(session, number, reason=reason, actor=actor, now=now)
    leads = shared_numbers.list_leads_at_number(session, number)
    for lead in leads:
        _cancel_open_callbacks(session, lead, reason=reason, actor=actor, now=now)
    for lead in leads:
        session.refresh(lead, with_for_update=True)
        _cancel_open_callbacks(
            session, lead, reason=reason, actor=actor, now=now
        )  # what came about while we waited for the lead
        if "suppress" in allowed_events(lead):
            ended = {"closed_at": now, "close_reason": CloseReason.OPT_OUT}
            advance(session, lead, "suppress", actor=actor, now=now, **ended)


def reinstate_lead(session: Session, lead: Lead, supervisor: Advisor, *, now: datetime) -> None:
    """Lift the suppression of a lead's number, whose owner took their "stop" back.

    Supervisors only. Everybody at the number is closed; a new submission reopens its lead.
    """
    require_permission(supervisor, Permission.LIFT_SUPPRESSION)
    actor, reason = actor_of(supervisor), CloseReason.REINSTATED
    suppression.lift_suppression(session, lead.phone, actor=actor, now=now)
    others = shared_numbers.list_leads_at_number(session, lead.phone)
    for one in (lead, *(other for other in others if other.id != lead.id)):
        if one is lead or one.state == LeadState.SUPPRESSED:
            advance(session, one, "reinstate", actor=actor, now=now, close_reason=reason)


def _cancel_open_callbacks(
    session: Session, lead: Lead, *, reason: Message, actor: str, now: datetime
) -> None:
    """Cancel every open callback to this lead's number.

    Where the lead's file was merged into another one, that lead's callback is held for a person.
    """
    open_callbacks = select(Callback).where(
        Callback.lead_id == lead.id, col(Callback.state).in_(OPEN_CALLBACK)
    )
    for callback in session.exec(open_callbacks).all():
        cancel_with_live_call(
            session, callback, CloseReason.OPT_OUT, note=reason, actor=actor, now=now
        )
    if lead.merged_into_id:
        _hold_callback_at_other_number(session, lead.merged_into_id, actor=actor, now=now)


def _hold_callback_at_other_number(
    session: Session, lead_id: int, *, actor: str, now: datetime
) -> None:
    """Hold the waiting callback of a lead who said stop at another number of theirs.

    That number may still be rung, but somebody has to look first.
    """
    waiting = select(Callback).where(
        Callback.lead_id == lead_id, Callback.state == CallbackState.WAITING
    )
    locked = waiting.with_for_update().execution_options(populate_existing=True)
    for callback in session.exec(locked).all():
        holds.place_hold(session, callback, HoldReason.STOPPED_ELSEWHERE, by=actor, now=now)
        wake_after_commit(session, Wakeup.DESK)
