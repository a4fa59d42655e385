"""Offers: an advisor's phone is rung about a callback, and they take it, pass or miss it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from leads.calls import attempt_steps, caller_joining, callers, legs, outcomes
from leads.contact_rules import gate
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.enums import AttemptState, LegStatus, OutboxKind, Party, Result
from leads.models.requests import Lead
from leads.outbox import call_orders
from leads.people import presence
from leads.people.permissions import actor_of_id


@dataclass(frozen=True)
class Whisper:
    """What the advisor may hear before pressing 1: nobody's name, nothing of treatment."""

    for_whom: str
    tries: int
    asked_again: bool
    is_calling_in: bool = False  # they are on the line, and nobody is dialed
    has_desk: bool = False  # which says whether a machine may be left a message


def advisor_answered(
    session: Session, attempt_id: str, provider_call_id: str, *, now: datetime
) -> Whisper | None:
    """Return what to whisper to the advisor who answered, or None when this call must end.

    It must end when its attempt is over, when another call serves the attempt, or when the gate has
    closed.
    """
    attempt = attempt_steps.lock_attempt(session, attempt_id)
    if attempt is None:
        return None
    leg = legs.bind_provider_call(session, attempt, Party.ADVISOR, provider_call_id)
    if leg is None:
        return None
    legs.note_leg_status(session, leg, LegStatus.IN_PROGRESS, now=now)
    attempt_steps.mark_call_placed(session, attempt, now=now)
    if attempt.state != AttemptState.RINGING_ADVISOR or not _recheck_gate_or_end_attempt(
        session, attempt, gate.GateMoment.WHISPER, now
    ):
        return None
    callback = session.get_one(Callback, attempt.callback_id)
    lead = session.get_one(Lead, callback.lead_id)
    advisor = session.get_one(Advisor, attempt.advisor_id)
    return Whisper(
        lead.for_whom,
        callback.misses,
        asked_again=callback.asked_again > 0,
        is_calling_in=attempt.inbound_call_id is not None,
        has_desk=presence.has_open_desk(advisor, now=now),
    )


def advisor_accepted(
    session: Session, attempt_id: str, provider_call_id: str, *, now: datetime
) -> bool:
    """Let the advisor who pressed 1 into the call's conference and order the lead's leg.

    Whoever called in is brought there instead. False when this call must end. Asked again for the
    same call, because the answer was lost, it answers the same and orders nothing.
    """
    attempt = attempt_steps.lock_attempt(session, attempt_id)
    leg = attempt and legs.bind_provider_call(session, attempt, Party.ADVISOR, provider_call_id)
    if attempt is None or not leg:
        return False
    if attempt.state in (AttemptState.RINGING_LEAD, AttemptState.BRIDGED):
        return True
    attempt_steps.mark_call_placed(session, attempt, now=now)
    if attempt.state != AttemptState.RINGING_ADVISOR or not _recheck_gate_or_end_attempt(
        session, attempt, gate.GateMoment.DIAL, now
    ):
        return False
    attempt_steps.mark_offer_accepted(session, attempt, now=now)
    advisor = session.get_one(Advisor, attempt.advisor_id)
    # Whoever has no desk leaves the conference for the menu of the phone: it goes on meanwhile.
    leg.ends_call = not presence.is_on_duty_by_phone_only(advisor, now=now)
    leg.joined_at = now
    session.add(leg)
    if attempt.inbound_call_id is None:
        _order_lead_leg(session, attempt, now=now)
        return True
    is_on_the_line = callers.join_caller(session, attempt, now=now)
    if not is_on_the_line:
        caller_joining.end_attempt_of_gone_caller(session, attempt, now=now)
    return is_on_the_line


def advisor_declined_offer(
    session: Session, attempt_id: str, provider_call_id: str, *, now: datetime
) -> None:
    """End the attempt of an advisor who passed; the callback goes to the next advisor."""
    attempt = attempt_steps.lock_attempt(session, attempt_id)
    if attempt and legs.bind_provider_call(session, attempt, Party.ADVISOR, provider_call_id):
        attempt_steps.mark_call_placed(session, attempt, now=now)
        if attempt.state == AttemptState.RINGING_ADVISOR:
            outcomes.end_attempt_as_missed_offer(
                session, attempt, "missed", Result.ADVISOR_DECLINED, now=now
            )


def has_keypad_menu(session: Session, attempt_id: str, provider_call_id: str) -> bool:
    """Whether a call is that of an advisor who works the conversation from the phone's keys."""
    attempt = session.get_one(CallAttempt, attempt_id)
    leg = legs.find_call_leg(session, attempt, Party.ADVISOR)
    return leg is not None and leg.provider_call_id == provider_call_id and not leg.ends_call


def _recheck_gate_or_end_attempt(
    session: Session, attempt: CallAttempt, moment: gate.GateMoment, now: datetime
) -> bool:
    """Whether gate and holds allow the attempt to go on; if not, the attempt ends here.

    Its callback is deferred until the gate may agree. What it was held for was decided before the
    attempt began: a hold came since, and waits for a person.
    """
    callback = session.get_one(Callback, attempt.callback_id)
    lead = session.get_one(Lead, callback.lead_id)
    decision = gate.decide_and_record(session, callback, lead, moment, now=now, attempt=attempt)
    is_on_the_line = attempt.inbound_call_id is not None
    may_go_on = decision.allowed and (is_on_the_line or not callback.is_held)
    if not may_go_on:
        outcomes.end_attempt_refused_by_gate(session, attempt, decision, now=now)
    return may_go_on


def _order_lead_leg(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    leg = CallLeg(
        attempt_id=attempt.id,
        party=Party.LEAD,
        ends_call=True,
        requested_by=actor_of_id(attempt.advisor_id),
        requested_at=now,
    )
    session.add(leg)
    call_orders.enqueue_leg_order(session, OutboxKind.DIAL_LEG, leg, now=now)
