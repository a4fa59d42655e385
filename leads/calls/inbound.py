"""Calls that come in: what their callers hear next, and what the keys do that they press.

Whoever calls is answered, also where we may not call them. Afterwards they are called only if they
pressed 1, or are known to be safe to call; everybody else is counted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from leads.calls import caller_joining, caller_promises, caller_queue
from leads.calls.legs import find_leg_of_provider_call
from leads.helplines import phone_lines
from leads.helplines.phone_lines import Dialogue
from leads.lifecycle.audit_trail import SystemActor
from leads.lifecycle.transitions import advance
from leads.messaging import voicemails
from leads.models.calls import Callback
from leads.models.enums import (
    WAITING_OR_TALKING,
    AttemptState,
    InboundState,
    OutsideHoursChoice,
)
from leads.models.helplines import Brand
from leads.models.inbound import InboundCall, InboundSettings
from leads.models.requests import Lead
from leads.outbox import call_orders
from leads.people import availability


class CallerStep(StrEnum):
    """What a caller hears next."""

    GREETING = "greeting"  # of who has just called, and waits
    WAIT = "wait"
    JOIN = "join"  # an advisor is there
    LAST_CHOICE = "last_choice"  # nobody is to come, or they waited for as long as anybody should
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
    is_answered = phone_lines.is_phone_answered(
        settings, now=now
    ) and availability.is_anybody_on_duty(session, now=now)
    is_new = caller_queue.add_inbound_call(
        session, provider_call_id, number, brand, is_answered=is_answered, rang_at=now, now=now
    )
    call = caller_queue.lock_inbound_call(session, InboundCall.provider_call_id == provider_call_id)
    if call is None:
        return None
    if is_new and call.state == InboundState.WAITING:
        caller_queue.let_caller_wait(session, call, now=now)
    hears = _next_step(session, call, now=now)
    is_greeted = hears.step == CallerStep.WAIT
    return replace(hears, step=CallerStep.GREETING) if is_greeted else hears


def keep_waiting(session: Session, call_id: str, *, now: datetime) -> CallerHears | None:
    """Return what a caller who is still on the line hears next; None for a call nobody knows."""
    call = caller_queue.lock_inbound_call(session, InboundCall.id == call_id)
    if call is None:
        return None
    call.heard_at = now
    session.add(call)
    if call.state == InboundState.WAITING and not caller_queue.is_caller_in_queue(session, call):
        caller_queue.let_caller_wait(session, call, now=now)
    return _next_step(session, call, now=now)


def promise_callback(session: Session, call_id: str, *, now: datetime) -> CallerHears | None:
    """Promise a call to a caller who pressed 1, with their place from when they rang.

    Who is just being brought to an advisor is brought there instead, and whoever withheld their
    number waits on.
    """
    call = caller_queue.lock_inbound_call(session, InboundCall.id == call_id)
    if call is None:
        return None
    hears = _next_step(session, call, now=now)
    if not hears.offers_callback:
        return hears
    if call.state == InboundState.OUTSIDE_HOURS or not caller_queue.is_caller_in_queue(
        session, call
    ):
        caller_queue.let_caller_wait(session, call, now=now)
    attempt = caller_queue.find_attempt_for_caller(session, call)
    if attempt:
        caller_joining.dial_caller_instead(session, attempt, now=now)
    advance(
        session,
        call,
        "promise",
        actor=SystemActor.NETWORK,
        now=now,
        heard_at=now,
    )
    session.flush()
    callback = session.get_one(Callback, call.callback_id, with_for_update=True)
    lead = session.get_one(Lead, callback.lead_id, with_for_update=True)
    caller_promises.note_safe_by_call(session, call, lead, now=now)
    caller_promises.promise_call_to_caller(session, call, callback, now=now)
    return _next_step(session, call, now=now)


def choose_voicemail(session: Session, call_id: str, *, now: datetime) -> CallerHears | None:
    """Let a caller who pressed 2 leave a message: no advisor is rung for them any more.

    Returns as `promise_callback`; their step is RECORD once they have left the queue.
    """
    call = caller_queue.lock_inbound_call(session, InboundCall.id == call_id)
    if call is None:
        return None
    hears = _next_step(session, call, now=now)
    if not hears.offers_voicemail:
        return hears
    advance(session, call, "record", actor=SystemActor.NETWORK, now=now, heard_at=now)
    caller_promises.end_wait_of_caller(session, call, now=now)
    voicemails.expect_voicemail(session, call, now=now)
    return _next_step(session, call, now=now)


def say_goodbye(session: Session, call_id: str) -> CallerHears | None:
    """Return the goodbye to a caller who has spoken; None for a call nobody knows."""
    call = session.get(InboundCall, call_id)
    return None if call is None else replace(_begin_hears(session, call), step=CallerStep.GOODBYE)


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
    attempt = caller_queue.find_attempt_for_caller(session, call)
    is_there = attempt is not None and attempt.state in (
        AttemptState.RINGING_LEAD,
        AttemptState.BRIDGED,
    )
    if call.state not in WAITING_OR_TALKING or (
        call.state == InboundState.TALKING and not is_there
    ):
        return hears
    leg = find_leg_of_provider_call(session, call.provider_call_id)
    if is_there and attempt is not None and leg is not None and leg.attempt_id == attempt.id:
        if not call_orders.settle_join_by_answer(session, leg, now=now):
            return replace(hears, step=CallerStep.WAIT)
        return replace(hears, step=CallerStep.JOIN, attempt_id=attempt.id, leg_id=leg.id)
    is_awaited = attempt is not None or availability.is_anybody_on_duty(session, now=now)
    is_over = waited >= timedelta(minutes=settings.longest_wait) or not is_awaited
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
