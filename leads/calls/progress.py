"""What the phone network reports, brought to the attempt and from there to the callback."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam
from sqlmodel import Session, select

from leads.calls import legs, outcomes
from leads.calls.legs import FETCHED, TERMINAL, LegReport, LegStatus
from leads.contact_rules import crisis_words, gate
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.lifecycle.transitions import advance
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.helplines import Brand
from leads.models.requests import Lead
from leads.models.words import LIVE_ATTEMPT, AttemptState, Party, Result
from leads.outbox import call_orders
from leads.people import presence
from leads.people.permissions import actor_of_id

NETWORK, RELAY, CLOCK = "network", "relay", "clock"


LEAD_OUTCOMES = {
    LegStatus.BUSY: ("missed", Result.LEAD_BUSY),
    LegStatus.NO_ANSWER: ("missed", Result.LEAD_NO_ANSWER),
    LegStatus.FAILED: ("failed", Result.LEAD_UNREACHABLE),
}
ADVISOR_OUTCOMES = {
    LegStatus.BUSY: ("missed", Result.ADVISOR_DECLINED),
    LegStatus.NO_ANSWER: ("missed", Result.ADVISOR_NO_ANSWER),
    LegStatus.COMPLETED: ("missed", Result.ADVISOR_NO_ANSWER),  # a voicemail, or nobody pressed 1
    LegStatus.CANCELED: ("missed", Result.ADVISOR_NO_ANSWER),
    LegStatus.FAILED: ("failed", Result.CARRIER_ERROR),
}


@dataclass(frozen=True)
class Whisper:
    """What the advisor may hear before pressing 1: nobody's name, nothing of treatment."""

    for_whom: str
    tries: int
    asked_again: bool


@dataclass(frozen=True)
class Dial:
    """The lead's leg, to be dialled now."""

    number: str
    caller_id: str


def offered(session: Session, attempt_id: str, provider_call_id: str, *, now: datetime) -> Whisper | None:
    """The advisor answered: return what to whisper, or None when this call must end.

    It must end when its attempt is over, when another call serves the attempt, or when the gate has closed.
    """
    attempt = _lock(session, attempt_id)
    if attempt is None or not legs.bind(session, attempt, Party.ADVISOR, provider_call_id, LegStatus.IN_PROGRESS):
        return None
    mark_placed(session, attempt, now=now)
    if attempt.state != AttemptState.RINGING_ADVISOR or not _gate_is_open(
        session, attempt, gate.GateMoment.WHISPER, now
    ):
        return None
    callback = session.get_one(Callback, attempt.callback_id)
    lead = session.get_one(Lead, callback.lead_id)
    return Whisper(lead.for_whom, callback.misses, asked_again=callback.urgency % crisis_words.CRISIS_URGENCY > 0)


def accept(session: Session, attempt_id: str, provider_call_id: str, *, now: datetime) -> Dial | None:
    """The advisor pressed 1: return the lead to dial, or None when this call must end.

    Asked twice for the same call before the lead's leg exists, it answers the same: the first answer was lost.
    """
    attempt = _lock(session, attempt_id)
    if attempt is None or not legs.bind(session, attempt, Party.ADVISOR, provider_call_id):
        return None
    if attempt.state == AttemptState.RINGING_LEAD and legs.find(session, attempt, Party.LEAD) is None:
        return _dial(session, attempt)
    mark_placed(session, attempt, now=now)
    if attempt.state != AttemptState.RINGING_ADVISOR or not _gate_is_open(session, attempt, gate.GateMoment.DIAL, now):
        return None
    mark_dialled(session, attempt, now=now)
    return _dial(session, attempt)


def decline(session: Session, attempt_id: str, provider_call_id: str, *, now: datetime) -> None:
    """The advisor passed: the callback goes to the next one."""
    attempt = _lock(session, attempt_id)
    if attempt and legs.bind(session, attempt, Party.ADVISOR, provider_call_id):
        mark_placed(session, attempt, now=now)
        if attempt.state == AttemptState.RINGING_ADVISOR:
            outcomes.pass_on(session, attempt, "missed", Result.ADVISOR_DECLINED, now=now)


def record(session: Session, report: LegReport, *, now: datetime) -> None:
    """Take a report into account, whatever the order of arrival. Idempotent."""
    attempt = _lock(session, report.attempt_id)
    if attempt is None or not legs.is_news(session, report, now=now):
        return
    told = (report.party, report.provider_call_id, report.status, report.sequence)
    if report.provider_call_id and not legs.bind(session, attempt, *told):
        return
    attempt.heard_at = now
    session.flush()
    if report.status in TERMINAL:
        wake_after_commit(session, Wakeup.OFFER)  # whoever hung up can be rung again
    if report.party == Party.ADVISOR:
        call_orders.confirm_call_placed(session, attempt, now=now)
        _hear_of_advisor(session, attempt, report, now=now)
    else:
        _hear_of_lead(session, attempt, report, now=now)


def _hear_of_advisor(session: Session, attempt: CallAttempt, report: LegReport, *, now: datetime) -> None:
    if attempt.state not in LIVE_ATTEMPT:
        return
    if report.status not in TERMINAL:
        mark_placed(session, attempt, now=now)
    elif attempt.state == AttemptState.BRIDGED:
        outcomes.finish(session, attempt, "hung_up", Result.CONVERSATION, now=now)
    elif attempt.state != AttemptState.RINGING_LEAD:
        event, result = ADVISOR_OUTCOMES[report.status]
        outcomes.pass_on(session, attempt, event, result, now=now)
    elif _was_never_dialled(session, attempt, report):
        outcomes.pass_on(session, attempt, "missed", Result.ADVISOR_DECLINED, now=now)


def _was_never_dialled(session: Session, attempt: CallAttempt, report: LegReport) -> bool:
    """Whether the advisor hung up before the network dialled the lead; else the lead's leg tells what came of it.

    Only a fetch of both legs can say so. What was written down as a ring is taken back.
    """
    if report.kind != FETCHED or legs.find(session, attempt, Party.LEAD):
        return False
    callback = session.get_one(Callback, attempt.callback_id)
    if callback.first_rung_at == attempt.rung_at:
        callback.first_rung_at = None
    attempt.rung_at = None
    return True


def _hear_of_lead(session: Session, attempt: CallAttempt, report: LegReport, *, now: datetime) -> None:
    if attempt.state not in LIVE_ATTEMPT:
        return
    if report.status in (LegStatus.IN_PROGRESS, LegStatus.COMPLETED) and attempt.state != AttemptState.BRIDGED:
        mark_answered(session, attempt, at=now - timedelta(seconds=report.seconds), now=now)
    if report.status == LegStatus.COMPLETED or (report.status in TERMINAL and attempt.state == AttemptState.BRIDGED):
        outcomes.finish(session, attempt, "hung_up", Result.CONVERSATION, now=now)
    elif report.status == LegStatus.CANCELED:  # the advisor hung up while the lead's phone rang
        outcomes.pass_on(session, attempt, "missed", Result.ADVISOR_DECLINED, now=now)
    elif report.status in TERMINAL:
        event, result = LEAD_OUTCOMES[report.status]
        outcomes.finish(session, attempt, event, result, now=now)


def mark_answered(session: Session, attempt: CallAttempt, *, at: datetime, now: datetime) -> None:
    """Time to first contact ends here: a person answered and is joined with the advisor."""
    at = max(at, attempt.requested_at)
    advance(session, attempt, "answered", actor=NETWORK, now=now, answered_at=at)
    callback = session.get_one(Callback, attempt.callback_id)
    callback.first_conversation_at = callback.first_conversation_at or at


def _gate_is_open(session: Session, attempt: CallAttempt, moment: gate.GateMoment, now: datetime) -> bool:
    """Ask the gate about the attempt; where it refuses, the attempt ends and the callback waits until it may."""
    callback = session.get_one(Callback, attempt.callback_id)
    lead = session.get_one(Lead, callback.lead_id)
    decision = gate.decide_and_record(session, callback, lead, moment, now=now, attempt=attempt)
    if not decision.allowed:
        outcomes.refuse(session, attempt, decision, now=now)
    return decision.allowed


def mark_placed(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """The advisor's phone is ringing; whoever learns it first says so."""
    if attempt.state == AttemptState.REQUESTED:
        advance(session, attempt, "placed", actor=RELAY, now=now, heard_at=now)
        call_orders.confirm_call_placed(session, attempt, now=now)


def mark_dialled(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Time to first attempt ends here: the lead's own phone is dialled."""
    callback = session.get_one(Callback, attempt.callback_id)
    advance(session, attempt, "accepted", actor=actor_of_id(attempt.advisor_id), now=now, rung_at=now, heard_at=now)
    callback.first_rung_at = callback.first_rung_at or now
    presence.record_accepted_offer(session, session.get_one(Advisor, attempt.advisor_id))
    wake_after_commit(session, Wakeup.OFFER)


def _dial(session: Session, attempt: CallAttempt) -> Dial:
    callback = session.get_one(Callback, attempt.callback_id)
    return Dial(attempt.phone, session.get_one(Brand, callback.brand_id).caller_id)


def _lock(session: Session, attempt_id: str) -> CallAttempt | None:
    return session.exec(LOCKED, params={"attempt_id": attempt_id}).first()


LOCKED = select(CallAttempt).where(CallAttempt.id == bindparam("attempt_id")).with_for_update()
