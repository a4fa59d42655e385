"""What the phone network reports of an attempt, applied to the attempt and to its callback."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam
from sqlmodel import Session, select

from leads.calls import legs, outcomes
from leads.calls.legs import FETCHED_REPORT, TERMINAL_LEG_STATUSES, LegReport, LegStatus
from leads.contact_rules import gate
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.lifecycle.transitions import advance
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import LIVE_ATTEMPT, AttemptState, HoldReason, Party, Result
from leads.models.helplines import Brand
from leads.models.requests import Lead
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
class DialInstruction:
    """The number to dial for the lead's leg, and the caller ID to show there.

    `extension`: the digits to send once somebody, or a machine, has answered.
    """

    number: str
    caller_id: str
    extension: str = ""


def advisor_answered(
    session: Session, attempt_id: str, provider_call_id: str, *, now: datetime
) -> Whisper | None:
    """Return what to whisper to the advisor who answered, or None when this call must end.

    It must end when its attempt is over, when another call serves the attempt, or when the gate has
    closed.
    """
    attempt = lock_attempt(session, attempt_id)
    if attempt is None or not legs.bind_provider_call(
        session, attempt, Party.ADVISOR, provider_call_id, LegStatus.IN_PROGRESS
    ):
        return None
    mark_call_placed(session, attempt, now=now)
    if attempt.state != AttemptState.RINGING_ADVISOR or not _recheck_gate_or_end_attempt(
        session, attempt, gate.GateMoment.WHISPER, now
    ):
        return None
    callback = session.get_one(Callback, attempt.callback_id)
    lead = session.get_one(Lead, callback.lead_id)
    return Whisper(
        lead.for_whom,
        callback.misses,
        asked_again=callback.asked_again > 0,
    )


def advisor_accepted(
    session: Session, attempt_id: str, provider_call_id: str, *, now: datetime
) -> DialInstruction | None:
    """Return the lead's leg to dial for the advisor who pressed 1, or None when this call must end.

    Asked again for the same call before the lead's leg exists, it answers the same, because the
    first answer was lost.
    """
    attempt = lock_attempt(session, attempt_id)
    if attempt is None or not legs.bind_provider_call(
        session, attempt, Party.ADVISOR, provider_call_id
    ):
        return None
    if (
        attempt.state == AttemptState.RINGING_LEAD
        and legs.find_call_leg(session, attempt, Party.LEAD) is None
    ):
        return _build_dial_instruction(session, attempt)
    mark_call_placed(session, attempt, now=now)
    if attempt.state != AttemptState.RINGING_ADVISOR or not _recheck_gate_or_end_attempt(
        session, attempt, gate.GateMoment.DIAL, now
    ):
        return None
    mark_lead_dialed(session, attempt, now=now)
    return _build_dial_instruction(session, attempt)


def advisor_declined_offer(
    session: Session, attempt_id: str, provider_call_id: str, *, now: datetime
) -> None:
    """End the attempt of an advisor who passed; the callback goes to the next advisor."""
    attempt = lock_attempt(session, attempt_id)
    if attempt and legs.bind_provider_call(session, attempt, Party.ADVISOR, provider_call_id):
        mark_call_placed(session, attempt, now=now)
        if attempt.state == AttemptState.RINGING_ADVISOR:
            outcomes.end_attempt_as_missed_offer(
                session, attempt, "missed", Result.ADVISOR_DECLINED, now=now
            )


def apply_leg_report(session: Session, report: LegReport, *, now: datetime) -> None:
    """Apply a leg's report to its attempt and callback. Idempotent, in any order of arrival."""
    attempt = lock_attempt(session, report.attempt_id)
    if attempt is None or not legs.record_provider_event_once(session, report, now=now):
        return
    leg_values = (report.party, report.provider_call_id, report.status, report.sequence)
    if report.provider_call_id and not legs.bind_provider_call(session, attempt, *leg_values):
        return
    attempt.heard_at = now
    session.flush()
    if report.status in TERMINAL_LEG_STATUSES:
        wake_after_commit(session, Wakeup.OFFER)  # whoever hung up can be rung again
    if report.party == Party.ADVISOR:
        call_orders.confirm_call_placed(session, attempt, now=now)
        _apply_advisor_leg_status(session, attempt, report, now=now)
    else:
        _apply_lead_leg_status(session, attempt, report, now=now)


def _apply_advisor_leg_status(
    session: Session, attempt: CallAttempt, report: LegReport, *, now: datetime
) -> None:
    if attempt.state not in LIVE_ATTEMPT:
        return
    if report.status not in TERMINAL_LEG_STATUSES:
        mark_call_placed(session, attempt, now=now)
    elif attempt.state == AttemptState.BRIDGED:
        outcomes.end_attempt(session, attempt, "hung_up", Result.CONVERSATION, now=now)
    elif attempt.state != AttemptState.RINGING_LEAD:
        event, result = ADVISOR_OUTCOMES[report.status]
        outcomes.end_attempt_as_missed_offer(session, attempt, event, result, now=now)
    elif _retract_ring_if_never_dialed(session, attempt, report):
        outcomes.end_attempt_as_missed_offer(
            session, attempt, "missed", Result.ADVISOR_DECLINED, now=now
        )


def _retract_ring_if_never_dialed(
    session: Session, attempt: CallAttempt, report: LegReport
) -> bool:
    """Take back the ring of an attempt whose advisor hung up before the lead was dialed.

    False where the lead's leg exists, which tells what came of the attempt, or where the report is
    not a fetch of both legs: nothing else can say so.
    """
    if report.kind != FETCHED_REPORT or legs.find_call_leg(session, attempt, Party.LEAD):
        return False
    outcomes.retract_ring(session, attempt)
    return True


def apply_dial_fault(
    session: Session, attempt_id: str, provider_call_id: str, fault: HoldReason, *, now: datetime
) -> None:
    """End an attempt whose lead could not be dialed, for a reason on our side.

    The provider says so to the advisor's call. Nothing happens once the lead's leg exists.
    """
    attempt = lock_attempt(session, attempt_id)
    if (
        attempt is not None
        and attempt.state == AttemptState.RINGING_LEAD
        and legs.bind_provider_call(session, attempt, Party.ADVISOR, provider_call_id)
        and legs.find_call_leg(session, attempt, Party.LEAD) is None
    ):
        outcomes.end_attempt_never_placed(session, attempt, fault, now=now)


def _apply_lead_leg_status(
    session: Session, attempt: CallAttempt, report: LegReport, *, now: datetime
) -> None:
    if attempt.state not in LIVE_ATTEMPT:
        return
    if (
        report.status in (LegStatus.IN_PROGRESS, LegStatus.COMPLETED)
        and attempt.state != AttemptState.BRIDGED
    ):
        mark_lead_answered(session, attempt, at=now - timedelta(seconds=report.seconds), now=now)
    if report.status == LegStatus.COMPLETED or (
        report.status in TERMINAL_LEG_STATUSES and attempt.state == AttemptState.BRIDGED
    ):
        outcomes.end_attempt(session, attempt, "hung_up", Result.CONVERSATION, now=now)
    elif report.status == LegStatus.CANCELED:  # the advisor hung up while the lead's phone rang
        outcomes.end_attempt_as_missed_offer(
            session, attempt, "missed", Result.ADVISOR_DECLINED, now=now
        )
    elif report.fault and not legs.has_rung(session, attempt, Party.LEAD):
        outcomes.end_attempt_never_placed(session, attempt, report.fault, now=now)
    elif report.status in TERMINAL_LEG_STATUSES:
        event, result = LEAD_OUTCOMES[report.status]
        outcomes.end_attempt(session, attempt, event, result, now=now)


def mark_lead_answered(
    session: Session, attempt: CallAttempt, *, at: datetime, now: datetime
) -> None:
    """Record that a person answered and is joined with the advisor.

    Time to first contact ends here: at `at`, but not before the attempt was requested.
    """
    at = max(at, attempt.requested_at)
    advance(session, attempt, "answered", actor=NETWORK, now=now, answered_at=at)
    callback = session.get_one(Callback, attempt.callback_id)
    callback.first_conversation_at = callback.first_conversation_at or at


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
    may_go_on = decision.allowed and not callback.is_held
    if not may_go_on:
        outcomes.end_attempt_refused_by_gate(session, attempt, decision, now=now)
    return may_go_on


def mark_call_placed(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Record that the advisor's phone is ringing, unless that is known. Idempotent."""
    if attempt.state == AttemptState.REQUESTED:
        advance(session, attempt, "placed", actor=RELAY, now=now, heard_at=now)
        call_orders.confirm_call_placed(session, attempt, now=now)


def mark_lead_dialed(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Record that the lead's own phone is dialed: time to first attempt ends here."""
    callback = session.get_one(Callback, attempt.callback_id)
    advance(
        session,
        attempt,
        "accepted",
        actor=actor_of_id(attempt.advisor_id),
        now=now,
        rung_at=now,
        heard_at=now,
    )
    callback.first_rung_at = callback.first_rung_at or now
    presence.record_accepted_offer(session, session.get_one(Advisor, attempt.advisor_id))
    wake_after_commit(session, Wakeup.OFFER)


def _build_dial_instruction(session: Session, attempt: CallAttempt) -> DialInstruction:
    callback = session.get_one(Callback, attempt.callback_id)
    lead = session.get_one(Lead, callback.lead_id)
    extension = lead.phone_extension if lead.phone == attempt.phone else ""
    caller_id = session.get_one(Brand, callback.brand_id).caller_id
    return DialInstruction(attempt.phone, caller_id, extension)


def lock_attempt(session: Session, attempt_id: str) -> CallAttempt | None:
    """Return the attempt, locked for this transaction; None if there is none."""
    return session.exec(ATTEMPT_FOR_UPDATE, params={"attempt_id": attempt_id}).first()


ATTEMPT_FOR_UPDATE = (
    select(CallAttempt).where(CallAttempt.id == bindparam("attempt_id")).with_for_update()
)
