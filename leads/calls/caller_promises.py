"""What callers are promised, and what becomes of the callback of one who waits no more."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from leads.callbacks import (
    completion,
    holds,
    lead_closing,
    missed_calls,
    rescheduling,
    shared_numbers,
)
from leads.callbacks.asked_meanwhile import ASKED_CALL
from leads.calls import caller_joining, caller_queue, callers
from leads.contact_rules import gate, suppression
from leads.contact_rules.gate_rules import ContactChannel
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.i18n.messages import Message, MessageKey
from leads.lifecycle.audit_trail import SystemActor, record_event
from leads.models.calls import Callback
from leads.models.enums import (
    OPEN_CALLBACK,
    WAITING_OR_TALKING,
    AttemptState,
    CallbackOrigin,
    CallbackState,
    CloseReason,
    HoldReason,
    InboundState,
    SuppressedChannel,
)
from leads.models.inbound import InboundCall
from leads.models.requests import Lead


def promise_for_voicemail(session: Session, call_id: str, *, now: datetime) -> Callback | None:
    """Promise a call to somebody who left a message, with their place from when they rang.

    None where they withheld their number, so that there is nobody to call, and where they have said
    stop since they rang: the stop is their last word.
    """
    call = caller_queue.lock_inbound_call(session, InboundCall.id == call_id)
    if call is None or not call.phone or _has_said_stop_since(session, call):
        return None
    callback = caller_queue.find_or_add_callers_callback(session, call, now=now)
    lead = session.get_one(Lead, callback.lead_id, with_for_update=True)
    note_safe_by_call(session, call, lead, now=now)
    promise_call_to_caller(session, call, callback, now=now)
    return callback


def promise_if_safe(session: Session, call_id: str, *, now: datetime) -> Callback | None:
    """Promise a call to somebody whose message says nothing, as if they had just hung up.

    None unless they had waited, are on file as safe to call, and the gate may agree.
    """
    call = caller_queue.lock_inbound_call(session, InboundCall.id == call_id)
    if call is None or not call.phone or call.callback_id is None:
        return None
    before = session.get_one(Callback, call.callback_id)
    lead = caller_queue.find_caller_lead(session, call.phone, call.brand_id)
    if lead is None or not _may_be_called_back(session, call, lead, before, now=now):
        return None
    callback = caller_queue.find_or_add_callers_callback(session, call, now=now)
    promise_call_to_caller(session, call, callback, now=now)
    return callback


def end_wait_of_caller(session: Session, call: InboundCall, *, now: datetime) -> None:
    """End the attempt for a caller who waits no more, without blame for its advisor."""
    attempt = caller_queue.find_attempt_for_caller(session, call)
    if attempt is not None and attempt.state != AttemptState.BRIDGED:
        caller_joining.end_attempt_of_gone_caller(session, attempt, now=now)
    if call.state == InboundState.VOICEMAIL:
        settle_callers_callback(session, call, now=now)


def settle_callers_callback(session: Session, call: InboundCall, *, now: datetime) -> None:
    """Settle what becomes of the callback of somebody who hung up, or leaves a message.

    What was promised before stays promised, at the time that was agreed, and what came of an
    earlier call is still to be said. They are called back by this call only where they are known to
    be safe to call and the gate may agree.
    """
    if call.callback_id is None or _is_awaited_by_others(session, call):
        return
    session.flush()
    callback = session.get_one(Callback, call.callback_id, with_for_update=True)
    if callback.state not in (CallbackState.WAITING, CallbackState.CLAIMED):
        return
    lead = session.get_one(Lead, callback.lead_id)
    is_gone = call.phone and call.state == InboundState.ABANDONED
    if is_gone and _may_be_called_back(session, call, lead, callback, now=now):
        promise_call_to_caller(session, call, callback, now=now)
    elif callback.origin == CallbackOrigin.CALL and callback.ended_at is None:
        reason, note = CloseReason.CALLER_HUNG_UP, Message(MessageKey.CALLER_GONE)
        completion.cancel_with_live_call(
            session, callback, reason, note=note, actor=SystemActor.NETWORK, now=now
        )
        lead_closing.close_lead(session, callback, reason, actor=SystemActor.NETWORK, now=now)


def _may_be_called_back(
    session: Session, call: InboundCall, lead: Lead, callback: Callback, *, now: datetime
) -> bool:
    """Whether somebody who hung up is on file as safe to call there, and the gate may agree.

    What is promised to them for a time that was agreed is kept as it is.
    """
    is_safe = lead.safe_to_call is True and callers.is_from_own_number(call, lead)
    if not is_safe or _is_time_agreed(session, callback):
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


def note_safe_by_call(session: Session, call: InboundCall, lead: Lead, *, now: datetime) -> None:
    """Note that it is safe to call whoever asked for it, where nobody else is at their number.

    A no that is on file stays, and a person decides. The lead is locked.
    """
    there = shared_numbers.list_leads_at_number(session, call.phone)
    people = {one.merged_into_id or one.id for one in there}
    is_theirs = people == {lead.id} and callers.is_from_own_number(call, lead)
    if lead.safe_to_call is not None or not is_theirs:
        return
    lead.safe_to_call = True
    session.add(lead)
    record_event(
        session, lead, "safe_by_call", actor=SystemActor.NETWORK, now=now, inbound_call=call.id
    )


def _is_awaited_by_others(session: Session, call: InboundCall) -> bool:
    others = select(InboundCall.id).where(
        InboundCall.callback_id == call.callback_id,
        InboundCall.id != call.id,
        col(InboundCall.state).in_(WAITING_OR_TALKING),
    )
    return session.exec(others.limit(1)).first() is not None


def promise_call_to_caller(
    session: Session, call: InboundCall, callback: Callback, *, now: datetime
) -> None:
    """Promise a caller a call: due since they rang, or from when the gate may agree.

    A callback that an advisor has in hand is due then, too, should they give it back. Where they
    called from another number than they are called at, a person decides which.
    """
    if callback.origin == CallbackOrigin.CALL:
        callback.origin = CallbackOrigin.CALLED_BACK
    else:
        callback.asked_again += 1
    planned, decision = rescheduling.plan_reschedule(session, callback, now, now=now)
    asked_for = call.rang_at if planned.due_at == now else planned.due_at
    is_waiting = callback.state == CallbackState.WAITING
    if is_waiting and asked_for > now:
        callback.due_at = asked_for
    else:  # once nobody has them in hand any more
        callback.due_at = min(callback.due_at, asked_for)
    if is_waiting:
        question = (HoldReason.UNRECORDED_CALL,)  # they have answered it: they want another call
        holds.lift_holds_for(session, callback, question, by=SystemActor.NETWORK, now=now)
        holds.replace_gate_holds(session, callback, decision, by=SystemActor.NETWORK, now=now)
        if callback.origin == CallbackOrigin.CALLED_BACK:
            callback.promised_at = asked_for
    if not callers.is_from_own_number(call, session.get_one(Lead, callback.lead_id)):
        holds.place_hold(
            session, callback, HoldReason.OTHER_NUMBER, by=SystemActor.NETWORK, now=now
        )
    session.add(callback)
    asked = {"due_at": callback.due_at, "inbound_call": call.id}
    record_event(session, callback, ASKED_CALL, actor=SystemActor.NETWORK, now=now, **asked)
    wake_after_commit(session, Wakeup.OFFER)
