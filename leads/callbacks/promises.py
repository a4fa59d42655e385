"""Promises by text: a callback that its lead asks for, brings forward or puts off in a text."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from leads.callbacks import completion, opt_out, shared_numbers
from leads.callbacks.asked_meanwhile import ASKED_CALL, ASKED_LATER
from leads.callbacks.lead_closing import reopen_lead_if_closed
from leads.callbacks.rescheduling import move_to_permitted_time
from leads.database.bulk_rows import insert_returning
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.lifecycle.audit_trail import SystemActor, record_event
from leads.models.calls import Callback
from leads.models.enums import CallbackState, LeadState
from leads.models.requests import Lead


def promise_call_by_text(
    session: Session,
    number: str,
    *,
    at: datetime | None,
    now: datetime,
    actor: str = SystemActor.NETWORK,
    brand_id: int | None = None,
) -> bool:
    """Promise whoever has a number a call, or bring the open callback to this time.

    `at`: None for as soon as the rules allow; for a later time, a call that rings meanwhile is
    ended. `brand_id`: the helpline that they wrote to, which calls where it has called them before.
    False where only a person can see to it: nobody is known by this number, it is suppressed, or
    the callback is held.
    """
    if opened := opt_out.find_open_callbacks(session, number):
        for callback in opened:
            if at and at > now:
                _take_back_from_ringing(session, callback, now=now)
            session.refresh(callback, with_for_update=True)
            callback.asked_again += 1
            due_at = at or min(callback.due_at, now)
            _move_callback(session, callback, due_at, ASKED_CALL, actor=actor, now=now)
        return not any(callback.is_held for callback in opened)
    lead = _lead_to_ring(session, number, brand_id)
    last = _last_callback_of(session, lead, brand_id) if lead else None
    if lead is None or last is None or lead.state != LeadState.CLOSED:
        return False
    reopen_lead_if_closed(session, lead, actor=actor, now=now)
    row = {
        "lead_id": lead.id,
        "brand_id": last.brand_id,
        "source_id": last.source_id,
        "received_at": now,
        "promised_at": at or now,
        "due_at": at or now,
    }
    [callback] = insert_returning(session, Callback, [row], key="lead_id")
    _move_callback(session, callback, at or now, ASKED_CALL, actor=actor, now=now)
    callback.promised_at = callback.due_at
    return not callback.is_held


def put_off_by_text(session: Session, number: str, *, due_at: datetime, now: datetime) -> bool:
    """Put what was promised to a number off to a time; False where nothing was promised.

    A call that rings meanwhile is ended.
    """
    opened = opt_out.find_open_callbacks(session, number)
    for callback in opened:
        _take_back_from_ringing(session, callback, now=now)
        session.refresh(callback, with_for_update=True)
        _move_callback(session, callback, due_at, ASKED_LATER, actor=SystemActor.NETWORK, now=now)
    return bool(opened)


def _take_back_from_ringing(session: Session, callback: Callback, *, now: datetime) -> None:
    """End a call that rings; who only reads about them goes on reading."""
    if callback.state == CallbackState.CALLING:
        completion.take_back_ringing_call(session, callback, actor=SystemActor.NETWORK, now=now)


def _move_callback(
    session: Session, callback: Callback, due_at: datetime, event: str, *, actor: str, now: datetime
) -> None:
    """Let a callback be due at a time or, where the gate refuses it, at the next that it permits.

    One in an advisor's hands stays there: the advisor reads the text on the card. The trail keeps
    what was asked for, which may outlive this callback.
    """
    if callback.state == CallbackState.WAITING:
        due_at = move_to_permitted_time(session, callback, due_at, actor=actor, now=now).due_at
    record_event(session, callback, event, actor=actor, now=now, due_at=due_at)
    wake_after_commit(session, Wakeup.OFFER)


def _lead_to_ring(session: Session, number: str, brand_id: int | None) -> Lead | None:
    """Return, locked, whoever of a number asked last, or whom their file was merged into."""
    at_number = shared_numbers.list_leads_at_number(session, number)
    leads = shared_numbers.list_leads_of_operator(session, at_number, brand_id)
    lead = shared_numbers.find_last_asker(session, leads)
    if lead is None:
        return None
    return session.get_one(Lead, lead.merged_into_id or lead.id, with_for_update=True)


def _last_callback_of(session: Session, lead: Lead, brand_id: int | None) -> Callback | None:
    theirs = select(Callback).where(Callback.lead_id == lead.id)
    is_other = col(Callback.brand_id) != (brand_id or 0)
    return session.exec(theirs.order_by(is_other, col(Callback.id).desc()).limit(1)).first()
