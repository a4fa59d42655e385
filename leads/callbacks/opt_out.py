"""Opt-out: stop all contact with a number because its owner says so, and lift the stop."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from leads.callbacks import completion, conversations, holds, shared_numbers
from leads.callbacks.completion import cancel_with_live_call
from leads.contact_rules import suppression
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.i18n.messages import Message
from leads.lifecycle.audit_trail import SystemActor
from leads.lifecycle.state_tables import allowed_events
from leads.lifecycle.transitions import advance
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import (
    OPEN_CALLBACK,
    CloseReason,
    HoldReason,
    LeadState,
    SuppressedChannel,
)
from leads.models.helpline_scope import OVER_ALL_HELPLINES
from leads.models.inbound import InboundCall
from leads.models.requests import Lead
from leads.outbox import text_orders
from leads.people.permissions import Permission, actor_of, require_permission


def stop_contact(
    session: Session, number: str, *, reason: Message, actor: str, now: datetime
) -> None:
    """Suppress a number whose owner asked us to stop, and cancel what is pending for it, at once.

    The owner may say it by any means.
    """
    suppression.suppress_number(session, number, reason=reason, actor=actor, now=now)
    text_orders.withdraw_pending_texts(session, number, now=now)
    is_locked = False
    while not is_locked:
        for lead in shared_numbers.list_leads_at_number(session, number):
            _cancel_open_callbacks(session, lead, reason=reason, actor=actor, now=now)
        is_locked = _lock_leads_without_callbacks(session, number)
    for lead in shared_numbers.list_leads_at_number(session, number):
        if "suppress" in allowed_events(lead):
            ended = {"closed_at": now, "close_reason": CloseReason.OPT_OUT}
            advance(session, lead, "suppress", actor=actor, now=now, **ended)


def stop_contact_of_callback(
    session: Session, callback: Callback, advisor: Advisor, *, reason: Message, now: datetime
) -> None:
    """Stop all contact with whom an advisor talked with for a callback, who said so.

    That is the number they are called at, and the one that they were talked with at.
    """
    require_permission(advisor, Permission.STOP_CONTACT, callback)
    numbers = [session.get_one(Lead, callback.lead_id).phone]
    if attempt := conversations.find_last_answered_attempt(session, callback):
        call_id = attempt.inbound_call_id
        call = session.get(InboundCall, call_id) if call_id else None
        numbers.append(call.phone if call else attempt.phone)
    for number in dict.fromkeys(filter(None, numbers)):
        stop_contact(session, number, reason=reason, actor=actor_of(advisor), now=now)


def stop_contact_as_told(
    session: Session, number: str, advisor: Advisor, *, reason: Message, now: datetime
) -> None:
    """Stop all contact with a number because its owner told an advisor or a supervisor so."""
    require_permission(advisor, Permission.STOP_CONTACT)
    stop_contact(session, number, reason=reason, actor=actor_of(advisor), now=now)


def stop_calls(
    session: Session, number: str, *, reason: Message, actor: str, now: datetime
) -> None:
    """Close calls to a number whose owner wants to be written to instead.

    A ringing call is ended at once; what was promised is held for a person, who answers.
    """
    suppression.suppress_number(
        session, number, reason=reason, actor=actor, now=now, channel=SuppressedChannel.CALL
    )
    hold_pending_calls(session, number, HoldReason.STOPPED_CALLS, actor=actor, now=now)


def stop_texts(
    session: Session, number: str, *, reason: Message, actor: str, now: datetime
) -> None:
    """Close texts to a number whose owner wants calls only; the calls that were promised stay."""
    suppression.suppress_number(
        session, number, reason=reason, actor=actor, now=now, channel=SuppressedChannel.TEXT
    )
    text_orders.withdraw_pending_texts(session, number, now=now)


def hold_pending_calls(
    session: Session, number: str, reason: HoldReason, *, actor: str, now: datetime
) -> None:
    """Hold what was promised to whoever has a number, and end a call to it that rings."""
    _hold_calls(session, find_open_callbacks(session, number), reason, actor=actor, now=now)


def _hold_calls(
    session: Session,
    callbacks: Iterable[Callback],
    reason: HoldReason,
    *,
    actor: str,
    now: datetime,
) -> None:
    for callback in callbacks:
        completion.take_back_ringing_call(session, callback, actor=actor, now=now)
        holds.place_hold(session, callback, reason, by=actor, now=now)
    wake_after_commit(session, Wakeup.OFFER)


def find_open_callbacks(session: Session, number: str) -> list[Callback]:
    """Return the open callbacks to whoever has a number.

    They may be to another number of the same person, whose files were merged.
    """
    to_ring = select(func.coalesce(Lead.merged_into_id, Lead.id)).where(Lead.phone == number)
    theirs = select(Callback).where(
        col(Callback.lead_id).in_(to_ring), col(Callback.state).in_(OPEN_CALLBACK)
    )
    return list(session.exec(theirs.order_by(col(Callback.id))))


def lift_stop_of_person(session: Session, number: str, *, actor: str, now: datetime) -> bool:
    """Lift the stops that a number gave itself, because it takes them back.

    False, and nothing is lifted, where somebody else recorded one, or there is none.
    """
    in_force = suppression.list_suppressions_in_force(session, number)
    if not in_force or any(stop.actor != SystemActor.NETWORK for stop in in_force):
        return False
    _lift_all(session, number, actor=actor, now=now)
    return True


def lift_stop(session: Session, number: str, supervisor: Advisor, *, now: datetime) -> None:
    """Lift whatever closes a number or a channel to it, because its owner took their "stop" back.

    Supervisors only, who serve the helplines of everybody at the number. All of these are closed; a
    new submission reopens its lead.
    """
    at_number = select(Lead).where(Lead.phone == number)
    everybody = session.exec(at_number.execution_options(**OVER_ALL_HELPLINES)).all()
    require_permission(supervisor, Permission.LIFT_SUPPRESSION, *everybody)
    _lift_all(session, number, actor=actor_of(supervisor), now=now)


def _lift_all(session: Session, number: str, *, actor: str, now: datetime) -> None:
    suppression.lift_suppression(session, number, actor=actor, now=now)
    stopped = select(Lead).where(Lead.phone == number, Lead.state == LeadState.SUPPRESSED)
    for lead in session.exec(stopped.with_for_update()).all():
        reinstated = {"close_reason": CloseReason.REINSTATED}
        advance(session, lead, "reinstate", actor=actor, now=now, **reinstated)


def _lock_leads_without_callbacks(session: Session, number: str) -> bool:
    """Lock whoever has a number; False, and nobody is locked, where a callback is open again.

    It came about while we waited for its lead, and is locked before its lead, as everywhere.
    """
    of_number = select(Lead).where(Lead.phone == number).order_by(col(Lead.id))
    of_number = of_number.with_for_update().execution_options(populate_existing=True)
    with session.begin_nested() as savepoint:
        ids = [lead.id for lead in session.exec(of_number).all()]
        opened = select(Callback.id).where(
            col(Callback.lead_id).in_(ids), col(Callback.state).in_(OPEN_CALLBACK)
        )
        if session.exec(opened.limit(1)).first() is None:
            return True
        savepoint.rollback()
    return False


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
    """Hold what is promised to a lead who said stop at another number, and end a call that rings.

    That number may still be rung, but somebody has to look first.
    """
    theirs = select(Callback).where(
        Callback.lead_id == lead_id, col(Callback.state).in_(OPEN_CALLBACK)
    )
    reason = HoldReason.STOPPED_ELSEWHERE
    _hold_calls(session, session.exec(theirs).all(), reason, actor=actor, now=now)
    wake_after_commit(session, Wakeup.DESK)
