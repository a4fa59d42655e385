"""The queue of those who called in: how they come to wait in it, and who is rung for them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from leads import phone_numbers
from leads.callbacks import completion, lead_closing, shared_numbers
from leads.calls import caller_joining
from leads.contact_rules import kept_stops
from leads.database.bulk_rows import insert_if_absent
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import LostRace
from leads.helplines import phone_lines
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import SystemActor
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import (
    LIVE_ATTEMPT,
    OPEN_CALLBACK,
    AttemptState,
    CallbackOrigin,
    CallbackState,
    InboundState,
)
from leads.models.helplines import Brand
from leads.models.inbound import InboundCall
from leads.models.requests import Lead
from leads.people import presence


def add_inbound_call(
    session: Session,
    provider_call_id: str,
    number: str,
    brand: Brand,
    *,
    is_answered: bool,
    rang_at: datetime,
    now: datetime,
) -> bool:
    """Add a call that came in, with the person whom its number is known as; False if it is here.

    `number` is empty where it was withheld. `is_answered`: whether the helpline answers its phone.
    """
    lead = find_caller_lead(session, number, brand.id)
    if number and lead is None:
        kept_stops.restore_kept_stops(session, [number])
    row = {
        "id": uuid.uuid4().hex,
        "brand_id": brand.id,
        "lead_id": lead.id if lead else None,
        "phone": number,
        "provider_call_id": provider_call_id,
        "state": InboundState.WAITING if is_answered else InboundState.OUTSIDE_HOURS,
        "rang_at": rang_at,
        "heard_at": now,
    }
    return insert_if_absent(session, InboundCall, row)


def lock_inbound_call(session: Session, which: Any) -> InboundCall | None:
    """Return a call, locked after the attempt that is under way for it."""
    call = session.exec(select(InboundCall).where(which)).first()
    if call is None:
        return None
    if call.callback_id is not None:
        callback = session.get_one(Callback, call.callback_id)
        completion.find_live_attempt(session, callback, lock=True)
    session.flush()  # or what is not written yet would be forgotten
    session.refresh(call, with_for_update=True)
    return call


def find_caller_lead(session: Session, number: str, brand_id: int) -> Lead | None:
    """Return the person whom a number is known as, or whom their file was merged into.

    It is one whose file the called helpline shares. Where several are, it is whose call is under
    way there, and else who asked last.
    """
    if not number:
        return None
    at_number = shared_numbers.list_leads_at_number(session, number)
    leads = shared_numbers.list_leads_of_operator(session, at_number, brand_id)
    called = _find_lead_in_call(session, number)
    lead = called if called in leads else shared_numbers.find_last_asker(session, leads)
    return session.get_one(Lead, lead.merged_into_id) if lead and lead.merged_into_id else lead


def _find_lead_in_call(session: Session, number: str) -> Lead | None:
    under_way = (
        select(Lead)
        .join(Callback, col(Callback.lead_id) == col(Lead.id))
        .join(CallAttempt, col(CallAttempt.callback_id) == col(Callback.id))
        .where(CallAttempt.phone == number, col(CallAttempt.state).in_(LIVE_ATTEMPT))
    )
    return session.exec(under_way).first()


def is_caller_in_queue(session: Session, call: InboundCall) -> bool:
    """Whether the callback that a caller waits for is still open, and not being written up."""
    if call.callback_id is None:
        return False
    state = session.get_one(Callback, call.callback_id).state
    return state in OPEN_CALLBACK and state != CallbackState.WRAP_UP


def find_attempt_for_caller(session: Session, call: InboundCall) -> CallAttempt | None:
    """Return the live attempt that is to connect a caller, if one is."""
    if call.callback_id is None:
        return None
    callback = session.get_one(Callback, call.callback_id)
    attempt = completion.find_live_attempt(session, callback)
    return attempt if attempt and attempt.inbound_call_id == call.id else None


def let_caller_wait(session: Session, call: InboundCall, *, now: datetime) -> None:
    """Put a caller into the queue: with the callback that they were promised, or a new one.

    What an advisor writes up, or is asked by phone, waits meanwhile, and not the caller: who was
    cut off calls again at once. It is asked with what comes of this call.
    """
    callback = find_or_add_callers_callback(session, call, now=now)
    if callback.state == CallbackState.WRAP_UP:
        advisor = session.get_one(Advisor, callback.advisor_id)
        if completion.end_wrap_up(session, callback, by=SystemActor.NETWORK, now=now):
            callback = find_or_add_callers_callback(session, call, now=now)
        presence.mark_advisor_idle(session, advisor, now=now)
    _take_over_ringing_call(session, call, callback, now=now)
    wake_after_commit(session, Wakeup.OFFER)
    wake_after_commit(session, Wakeup.DESK)  # an advisor who talks with them is told


def find_or_add_callers_callback(session: Session, call: InboundCall, *, now: datetime) -> Callback:
    """Return the open promise to a caller, locked, or a new one that promises nothing yet."""
    brand = session.get_one(Brand, call.brand_id)
    lead = find_caller_lead(session, call.phone, brand.id) or _add_lead(session, call, now=now)
    opened = select(Callback).where(
        Callback.lead_id == lead.id,
        Callback.brand_id == brand.id,
        col(Callback.state).in_(OPEN_CALLBACK),
    )
    if promised := session.exec(opened).first():  # its attempt is locked before it
        completion.find_live_attempt(session, promised, lock=True)
    callback = session.exec(opened.with_for_update()).first()
    if callback is None:
        callback = _add_callback(session, call, lead, brand, now=now)
    call.lead_id, call.callback_id = lead.id, callback.id
    session.add(call)
    session.flush()
    return callback


def _add_lead(session: Session, call: InboundCall, *, now: datetime) -> Lead:
    phone = call.phone or phone_numbers.withheld_phone(call.id)
    there = shared_numbers.list_leads_at_number(session, phone)
    place = shared_numbers.next_place_at_number(there)
    lead = Lead(phone=phone, nth_at_number=place, created_at=now)
    session.add(lead)
    _flush_or_lose_race(session)
    return lead


def _add_callback(
    session: Session, call: InboundCall, lead: Lead, brand: Brand, *, now: datetime
) -> Callback:
    """Add the callback of somebody on the line, which promises nothing yet."""
    session.refresh(lead, with_for_update=True)
    lead_closing.reopen_lead_if_closed(session, lead, actor=SystemActor.NETWORK, now=now)
    callback = Callback(
        lead_id=lead.id,
        brand_id=brand.id,
        source_id=phone_lines.find_or_add_phone_source(session, brand, now=now).id,
        origin=CallbackOrigin.CALL,
        received_at=call.rang_at,
        promised_at=call.rang_at,
        due_at=call.rang_at,
    )
    session.add(callback)
    _flush_or_lose_race(session)
    return callback


def _flush_or_lose_race(session: Session) -> None:
    """Write, or raise LostRace where the same person called, or wrote, at this very moment."""
    try:
        session.flush()
    except IntegrityError:
        raise LostRace(Phrase("Someone else got there first.")) from None


def _take_over_ringing_call(
    session: Session, call: InboundCall, callback: Callback, *, now: datetime
) -> None:
    """Let whoever is just being rung about this person be connected with the caller instead."""
    if call.state != InboundState.WAITING:
        return
    attempt = completion.find_live_attempt(session, callback, lock=True)
    is_free = attempt is not None and attempt.inbound_call_id is None
    if attempt is None or not is_free or attempt.state == AttemptState.BRIDGED:
        return
    attempt.inbound_call_id = call.id
    session.add(attempt)
    if attempt.state == AttemptState.RINGING_LEAD:
        caller_joining.stop_dialing_caller(session, attempt, now=now)
