"""Calls that come in: who is on the line, what they wait for, and how that ends.

Whoever calls is answered, also where we may not call them. Afterwards they are called only if they
pressed 1, or are known to be safe to call; everybody else is counted.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from leads import phone_numbers
from leads.callbacks import completion, holds, missed_calls, shared_numbers
from leads.calls import caller_joining, callers, legs, progress
from leads.calls.legs import TERMINAL_LEG_STATUSES, LegReport, LegStatus, find_leg_of_provider_call
from leads.contact_rules import gate, suppression
from leads.contact_rules.gate_rules import ContactChannel
from leads.database.bulk_rows import insert_if_absent
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import LostRace
from leads.helplines import phone_lines
from leads.helplines.phone_lines import Dialogue
from leads.i18n.messages import Message, MessageKey
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.lifecycle.transitions import advance
from leads.messaging import voicemails
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import (
    LIVE_ATTEMPT,
    LIVE_INBOUND,
    OPEN_CALLBACK,
    AttemptState,
    CallbackOrigin,
    CallbackState,
    CloseReason,
    InboundState,
    LeadState,
    OutsideHoursChoice,
    Party,
    SuppressedChannel,
)
from leads.models.helplines import Brand
from leads.models.inbound import InboundCall, InboundSettings
from leads.models.requests import Lead
from leads.outbox import call_orders
from leads.people import presence

NETWORK = "network"
MAX_SILENCE = timedelta(seconds=75)  # of a caller who waits: their phone asks every 20 seconds
MOST_SILENT = 50  # at one look
SEVERAL = (InboundState.WAITING, InboundState.TALKING)


class CallerStep(StrEnum):
    """What a caller hears next."""

    GREETING = "greeting"  # of who has just called, and waits
    WAIT = "wait"
    JOIN = "join"  # an advisor is there
    LAST_CHOICE = "last_choice"  # they have waited for as long as anybody should
    RECORD = "record"  # they are asked to speak after the tone
    CLOSED = "closed"  # nobody answers now: the helpline's choice
    GOODBYE = "goodbye"


@dataclass(frozen=True)
class CallerHears:
    """What a caller hears next, and which keys they are offered.

    `attempt_id`: whose conference they join, with `leg_id`, where an advisor is there. `waited`:
    for how long they have been on the line.
    """

    step: CallerStep
    call_id: str
    dialogue: Dialogue
    offers_callback: bool = False
    offers_voicemail: bool = False
    waited: timedelta = timedelta()
    attempt_id: str = ""
    leg_id: int = 0


def receive_call(
    session: Session, provider_call_id: str, number: str, called_number: str, *, now: datetime
) -> CallerHears | None:
    """Take a call that came in, once, and let its caller wait for an advisor.

    `number` is empty where it was withheld. None where there is no helpline to answer.
    """
    brand = phone_lines.find_called_brand(session, called_number)
    if brand is None or not provider_call_id:
        return None
    settings = phone_lines.read_inbound_settings(session, brand.id)
    is_answered = phone_lines.is_phone_answered(settings, now=now) and presence.is_anybody_on_duty(
        session, now=now
    )
    row = {
        "id": uuid.uuid4().hex,
        "brand_id": brand.id,
        "phone": number,
        "provider_call_id": provider_call_id,
        "state": InboundState.WAITING if is_answered else InboundState.OUTSIDE_HOURS,
        "rang_at": now,
        "heard_at": now,
    }
    is_new = insert_if_absent(session, InboundCall, row)
    call = _lock_call(session, InboundCall.provider_call_id == provider_call_id)
    if call is None:
        return None
    if is_new:
        lead = _find_caller(session, number)
        call.lead_id = lead.id if lead else None
        session.add(call)
        if call.state == InboundState.WAITING:
            _let_wait(session, call, now=now)
    hears = _next_step(session, call, now=now)
    is_greeted = hears.step == CallerStep.WAIT
    return replace(hears, step=CallerStep.GREETING) if is_greeted else hears


def keep_waiting(session: Session, call_id: str, *, now: datetime) -> CallerHears | None:
    """Return what a caller who is still on the line hears next; None for a call nobody knows."""
    call = _lock_call(session, InboundCall.id == call_id)
    if call is None:
        return None
    call.heard_at = now
    session.add(call)
    if call.state == InboundState.WAITING and not _is_in_queue(session, call):
        _let_wait(session, call, now=now)
    return _next_step(session, call, now=now)


def promise_callback(session: Session, call_id: str, *, now: datetime) -> CallerHears | None:
    """Promise a call to a caller who pressed 1, with their place from when they rang.

    Who is just being brought to an advisor is brought there instead, and whoever withheld their
    number waits on.
    """
    call = _lock_call(session, InboundCall.id == call_id)
    if call is None:
        return None
    hears = _next_step(session, call, now=now)
    if not hears.offers_callback:
        return hears
    if call.state == InboundState.OUTSIDE_HOURS or not _is_in_queue(session, call):
        _let_wait(session, call, now=now)
    attempt = _find_live_attempt(session, call)
    if attempt:
        caller_joining.dial_caller_instead(session, attempt, now=now)
    advance(
        session,
        call,
        "promise",
        actor=NETWORK,
        now=now,
        heard_at=now,
    )
    session.flush()
    callback = session.get_one(Callback, call.callback_id, with_for_update=True)
    lead = session.get_one(Lead, callback.lead_id, with_for_update=True)
    _note_safe_by_call(session, call, lead, now=now)
    _promise(session, call, callback, now=now)
    return _next_step(session, call, now=now)


def choose_voicemail(session: Session, call_id: str, *, now: datetime) -> CallerHears | None:
    """Let a caller who pressed 2 leave a message: no advisor is rung for them any more.

    Returns as `promise_callback`; their step is RECORD once they have left the queue.
    """
    call = _lock_call(session, InboundCall.id == call_id)
    if call is None:
        return None
    hears = _next_step(session, call, now=now)
    if not hears.offers_voicemail:
        return hears
    advance(session, call, "record", actor=NETWORK, now=now, heard_at=now)
    _leave_queue(session, call, now=now)
    voicemails.expect_voicemail(session, call, now=now)
    return _next_step(session, call, now=now)


def say_goodbye(session: Session, call_id: str) -> CallerHears | None:
    """Return the goodbye to a caller who has spoken; None for a call nobody knows."""
    call = session.get(InboundCall, call_id)
    return None if call is None else replace(_begin_hears(session, call), step=CallerStep.GOODBYE)


def promise_for_voicemail(session: Session, call_id: str, *, now: datetime) -> Callback | None:
    """Promise a call to somebody who left a message, with their place from when they rang.

    None where they withheld their number, so that there is nobody to call, and where they have said
    stop since they rang: the stop is their last word.
    """
    call = _lock_call(session, InboundCall.id == call_id)
    if call is None or not call.phone or _has_said_stop_since(session, call):
        return None
    callback = _find_or_add_callback(session, call, now=now)
    lead = session.get_one(Lead, callback.lead_id, with_for_update=True)
    _note_safe_by_call(session, call, lead, now=now)
    _promise(session, call, callback, now=now)
    return callback


def promise_if_safe(session: Session, call_id: str, *, now: datetime) -> Callback | None:
    """Promise a call to somebody whose message says nothing, as if they had just hung up.

    None unless they had waited, are on file as safe to call, and the gate may agree.
    """
    call = _lock_call(session, InboundCall.id == call_id)
    if call is None or not call.phone or call.callback_id is None:
        return None
    before, lead = session.get_one(Callback, call.callback_id), _find_caller(session, call.phone)
    if lead is None or not _may_be_called_back(session, lead, before, now=now):
        return None
    callback = _find_or_add_callback(session, call, now=now)
    _promise(session, call, callback, now=now)
    return callback


def apply_call_report(
    session: Session,
    provider_call_id: str,
    status: LegStatus,
    *,
    sequence: int = 0,
    seconds: int = 0,
    kind: str = "caller",
    now: datetime,
) -> None:
    """Apply what the network says of a call that came in. Idempotent, in any order."""
    call = _lock_call(session, InboundCall.provider_call_id == provider_call_id)
    if call is None:
        return
    call.heard_at = now
    session.add(call)
    leg = find_leg_of_provider_call(session, provider_call_id)
    if leg:
        report = LegReport(
            leg.attempt_id,
            Party.LEAD,
            provider_call_id,
            status,
            legs.FETCHED_REPORT if kind == legs.FETCHED_REPORT else f"{kind}-{status}",
            sequence,
            seconds,
        )
        progress.apply_leg_report(session, report, now=now)
    if status in TERMINAL_LEG_STATUSES:
        _end_call(session, call, now=now)


def find_silent_calls(session: Session, *, now: datetime) -> list[str]:
    """Return the network's ids of the calls of which nothing was heard for too long."""
    silent = (
        select(InboundCall.provider_call_id)
        .where(col(InboundCall.state).in_(LIVE_INBOUND))
        .where(col(InboundCall.heard_at) < now - MAX_SILENCE)
        .order_by(col(InboundCall.heard_at))
    )
    return list(session.exec(silent.limit(MOST_SILENT)))


def apply_fetched_status(
    session: Session, provider_call_id: str, status: LegStatus | None, *, now: datetime
) -> None:
    """Apply what was fetched of a silent call; None where the network does not know it.

    Who is still on the line and does not hear from us is brought back to wait.
    """
    found = LegStatus.COMPLETED if status is None else status
    apply_call_report(session, provider_call_id, found, kind=legs.FETCHED_REPORT, now=now)
    call = _lock_call(session, InboundCall.provider_call_id == provider_call_id)
    if call is None or call.state != InboundState.WAITING:
        return
    lent = select(CallAttempt).where(CallAttempt.inbound_call_id == call.id)
    last = session.exec(lent.order_by(col(CallAttempt.requested_at).desc()).limit(1)).first()
    if last is not None and last.ended_at is not None:
        callers.send_caller_back(session, last, now=now)


def _begin_hears(session: Session, call: InboundCall) -> CallerHears:
    brand = session.get_one(Brand, call.brand_id)
    settings = phone_lines.read_inbound_settings(session, call.brand_id)
    lead = session.get(Lead, call.lead_id) if call.lead_id else None
    said = phone_lines.dialogue_with(settings, brand, language=lead.language if lead else "")
    return CallerHears(CallerStep.GOODBYE, call.id, said)


def _next_step(session: Session, call: InboundCall, *, now: datetime) -> CallerHears:
    settings = phone_lines.read_inbound_settings(session, call.brand_id)
    waited = now - call.rang_at
    hears = replace(_begin_hears(session, call), waited=waited)
    if call.state == InboundState.VOICEMAIL and call.ended_at is None:
        return replace(hears, step=CallerStep.RECORD)
    if call.state == InboundState.OUTSIDE_HOURS:
        return _closed_step(call, hears, settings)
    attempt = _find_live_attempt(session, call)
    is_there = attempt is not None and attempt.state in (
        AttemptState.RINGING_LEAD,
        AttemptState.BRIDGED,
    )
    if call.state not in SEVERAL or (call.state == InboundState.TALKING and not is_there):
        return hears
    leg = find_leg_of_provider_call(session, call.provider_call_id)
    if is_there and attempt is not None and leg is not None and leg.attempt_id == attempt.id:
        if not call_orders.settle_join_by_answer(session, leg, now=now):
            return replace(hears, step=CallerStep.WAIT)
        return replace(hears, step=CallerStep.JOIN, attempt_id=attempt.id, leg_id=leg.id)
    is_over = waited >= timedelta(minutes=settings.longest_wait)
    return replace(
        hears,
        step=CallerStep.LAST_CHOICE if is_over else CallerStep.WAIT,
        offers_callback=bool(call.phone),
        offers_voicemail=settings.takes_voicemail,
    )


def _closed_step(call: InboundCall, hears: CallerHears, settings: InboundSettings) -> CallerHears:
    choice = settings.outside_hours
    return replace(
        hears,
        step=CallerStep.CLOSED,
        offers_callback=choice == OutsideHoursChoice.CALLBACK and bool(call.phone),
        offers_voicemail=settings.takes_voicemail and choice != OutsideHoursChoice.MESSAGE,
    )


def _lock_call(session: Session, which: Any) -> InboundCall | None:
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


def _find_caller(session: Session, number: str) -> Lead | None:
    """Return the person whom a number is known as, or whom their file was merged into.

    Where several are, it is whose call is under way there, and else who asked last.
    """
    if not number:
        return None
    leads = shared_numbers.list_leads_at_number(session, number)
    lead = _find_lead_in_call(session, number) or shared_numbers.find_last_asker(session, leads)
    return session.get_one(Lead, lead.merged_into_id) if lead and lead.merged_into_id else lead


def _find_lead_in_call(session: Session, number: str) -> Lead | None:
    under_way = (
        select(Lead)
        .join(Callback, col(Callback.lead_id) == col(Lead.id))
        .join(CallAttempt, col(CallAttempt.callback_id) == col(Callback.id))
        .where(CallAttempt.phone == number, col(CallAttempt.state).in_(LIVE_ATTEMPT))
    )
    return session.exec(under_way).first()


def _let_wait(session: Session, call: InboundCall, *, now: datetime) -> None:
    """Put a caller into the queue: with the callback that they were promised, or a new one."""
    callback = _find_or_add_callback(session, call, now=now)
    _take_over_ringing_call(session, call, callback, now=now)
    wake_after_commit(session, Wakeup.OFFER)
    wake_after_commit(session, Wakeup.DESK)  # an advisor who talks with them is told


def _find_or_add_callback(session: Session, call: InboundCall, *, now: datetime) -> Callback:
    """Return the open promise to a caller, locked, or a new one that promises nothing yet."""
    brand = session.get_one(Brand, call.brand_id)
    lead = _find_caller(session, call.phone) or _add_lead(session, call, now=now)
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
    lead = Lead(phone=phone, created_at=now)
    session.add(lead)
    _flush_or_lose_race(session)
    return lead


def _add_callback(
    session: Session, call: InboundCall, lead: Lead, brand: Brand, *, now: datetime
) -> Callback:
    """Add the callback of somebody on the line, which promises nothing yet."""
    session.refresh(lead, with_for_update=True)
    if lead.state == LeadState.CLOSED:
        reopened: dict[str, Any] = {"closed_at": None, "close_reason": None}
        advance(session, lead, "reopen", actor=NETWORK, now=now, **reopened)
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
        raise LostRace(Phrase("Somebody else was faster.")) from None


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


def _is_in_queue(session: Session, call: InboundCall) -> bool:
    """Whether the callback that a caller waits for is still open."""
    if call.callback_id is None:
        return False
    return session.get_one(Callback, call.callback_id).state in OPEN_CALLBACK


def _find_live_attempt(session: Session, call: InboundCall) -> CallAttempt | None:
    if call.callback_id is None:
        return None
    callback = session.get_one(Callback, call.callback_id)
    attempt = completion.find_live_attempt(session, callback)
    return attempt if attempt and attempt.inbound_call_id == call.id else None


def _end_call(session: Session, call: InboundCall, *, now: datetime) -> None:
    """Record that a caller has hung up, and let nobody be rung for them any more."""
    if call.ended_at is None:
        call.ended_at = now
        session.add(call)
    if call.state not in LIVE_INBOUND:
        return
    was_waiting = call.state == InboundState.WAITING
    advance(session, call, "hang_up", actor=NETWORK, now=now)
    if was_waiting:
        _leave_queue(session, call, now=now)
        _settle_callback(session, call, now=now)
    wake_after_commit(session, Wakeup.DESK)


def _leave_queue(session: Session, call: InboundCall, *, now: datetime) -> None:
    """End the attempt for a caller who waits no more, without blame for its advisor."""
    attempt = _find_live_attempt(session, call)
    if attempt is not None and attempt.state != AttemptState.BRIDGED:
        caller_joining.end_attempt_of_gone_caller(session, attempt, now=now)
    if call.state == InboundState.VOICEMAIL:
        _settle_callback(session, call, now=now)


def _settle_callback(session: Session, call: InboundCall, *, now: datetime) -> None:
    """Settle what becomes of the callback of somebody who hung up, or leaves a message.

    What was promised before stays promised, at the time that was agreed. They are called back by
    this call only where they are known to be safe to call and the gate may agree.
    """
    if call.callback_id is None or _is_awaited_by_others(session, call):
        return
    session.flush()
    callback = session.get_one(Callback, call.callback_id, with_for_update=True)
    if callback.state not in (CallbackState.WAITING, CallbackState.CLAIMED):
        return
    lead = session.get_one(Lead, callback.lead_id)
    is_gone = call.phone and call.state == InboundState.ABANDONED
    if is_gone and _may_be_called_back(session, lead, callback, now=now):
        _promise(session, call, callback, now=now)
    elif callback.origin == CallbackOrigin.CALL:
        reason, note = CloseReason.CALLER_HUNG_UP, Message(MessageKey.CALLER_GONE)
        completion.cancel_with_live_call(
            session, callback, reason, note=note, actor=NETWORK, now=now
        )
        completion.close_lead(session, callback, reason, actor=NETWORK, now=now)


def _may_be_called_back(session: Session, lead: Lead, callback: Callback, *, now: datetime) -> bool:
    """Whether somebody who hung up is on file as safe to call, and the gate may agree.

    What is promised to them for a time that was agreed is kept as it is.
    """
    if lead.safe_to_call is not True or _is_time_agreed(session, callback):
        return False
    decision = gate.may_contact(
        session, lead.phone, ContactChannel.CALL, lead=lead, callback=callback, now=now
    )
    return not decision.needs_person


def _is_time_agreed(session: Session, callback: Callback) -> bool:
    is_promise = callback.origin != CallbackOrigin.CALL and callback.state in OPEN_CALLBACK
    return is_promise and not missed_calls.waits_for_next_try(session, callback)


def _has_said_stop_since(session: Session, call: InboundCall) -> bool:
    """Whether a stop of calls is in force that was said after a caller rang."""
    return any(
        stop.channel != SuppressedChannel.TEXT and stop.since >= call.rang_at
        for stop in suppression.list_suppressions_in_force(session, call.phone)
    )


def _note_safe_by_call(session: Session, call: InboundCall, lead: Lead, *, now: datetime) -> None:
    """Note that it is safe to call whoever asked for it, where nobody else is at their number.

    A no that is on file stays, and a person decides. The lead is locked.
    """
    there = shared_numbers.list_leads_at_number(session, call.phone)
    people = {one.merged_into_id or one.id for one in there}
    if lead.safe_to_call is not None or people != {lead.id}:
        return
    lead.safe_to_call = True
    session.add(lead)
    record_event(session, lead, "safe_by_call", actor=NETWORK, now=now, inbound_call=call.id)


def _is_awaited_by_others(session: Session, call: InboundCall) -> bool:
    others = select(InboundCall.id).where(
        InboundCall.callback_id == call.callback_id,
        InboundCall.id != call.id,
        col(InboundCall.state).in_(SEVERAL),
    )
    return session.exec(others.limit(1)).first() is not None


def _promise(session: Session, call: InboundCall, callback: Callback, *, now: datetime) -> None:
    """Promise a caller a call: due since they rang, or from when the gate may agree."""
    if callback.origin == CallbackOrigin.CALL:
        callback.origin = CallbackOrigin.CALLED_BACK
    else:
        callback.asked_again += 1
    is_in_hands = callback.state != CallbackState.WAITING
    if not is_in_hands:
        planned, decision = completion.plan_reschedule(session, callback, now, now=now)
        is_now = planned.due_at == now
        callback.due_at = min(callback.due_at, call.rang_at) if is_now else planned.due_at
        holds.replace_gate_holds(session, callback, decision, by=NETWORK, now=now)
        if callback.origin == CallbackOrigin.CALLED_BACK:
            callback.promised_at = call.rang_at if is_now else planned.due_at
    session.add(callback)
    record_event(session, callback, "asked_call", actor=NETWORK, now=now, due_at=callback.due_at)
    wake_after_commit(session, Wakeup.OFFER)
