"""What the phone network reports of an attempt, applied to the attempt and to its callback."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from leads.calls import attempt_steps, caller_joining, hand_overs, legs, outcomes, party_legs
from leads.calls.legs import TERMINAL_LEG_STATUSES, LegReport
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.models.calls import CallAttempt, CallLeg
from leads.models.enums import (
    LIVE_ATTEMPT,
    AttemptState,
    CallDoubt,
    LegStatus,
    OutboxKind,
    Party,
    Result,
)
from leads.outbox import call_orders

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


def apply_leg_report(session: Session, report: LegReport, *, now: datetime) -> None:
    """Apply a leg's report to its attempt and callback. Idempotent, in any order of arrival."""
    attempt = attempt_steps.lock_attempt(session, report.attempt_id)
    if attempt is None:
        return
    is_new = legs.record_provider_event_once(session, report, now=now)
    if not is_new and report.kind != legs.FETCHED_REPORT:  # what was asked for is true now
        return
    was_known = legs.is_known_provider_call(session, report.provider_call_id)
    leg = _find_reported_leg(session, attempt, report)
    if leg is None:
        _end_call_of_given_up_leg(session, attempt, report, now=now)
        return
    was_over = legs.is_over(leg)
    at = _instant_of_report(attempt, report, now=now)
    if report.status in TERMINAL_LEG_STATUSES or not call_orders.is_waiting_caller(attempt, leg):
        legs.note_leg_status(session, leg, report.status, report.sequence, now=at)
    attempt.heard_at = now
    call_orders.confirm_leg_dialed(session, leg, now=now)
    if report.status in TERMINAL_LEG_STATUSES:
        wake_after_commit(session, Wakeup.OFFER)  # whoever hung up can be rung again
    if leg.party not in (Party.ADVISOR, Party.LEAD) and not was_over:
        party_legs.note_party_news(session, attempt, leg, now=now)
    if leg.party == Party.ADVISOR:
        call_orders.confirm_call_placed(session, attempt, now=now)
        _apply_advisor_leg_status(session, attempt, report, at=at, now=now)
    elif leg.party == Party.LEAD:
        _apply_lead_leg_status(session, attempt, report, at=at, now=now)
    party_legs.hang_up_unawaited_leg(session, attempt, leg, is_first_news=not was_known, now=now)


def _end_call_of_given_up_leg(
    session: Session, attempt: CallAttempt, report: LegReport, *, now: datetime
) -> None:
    """Order the end of a call that was given up as never dialed, and that rings."""
    leg = (
        session.get(CallLeg, report.leg_id)
        if report.leg_id is not None
        else legs.find_call_leg(session, attempt, Party.LEAD)
    )
    is_ours = leg is not None and (leg.attempt_id, leg.party) == (attempt.id, report.party)
    if leg is not None and is_ours and report.status not in TERMINAL_LEG_STATUSES:
        party_legs.hang_up_stray_call(session, leg, report.provider_call_id, now=now)


def _instant_of_report(attempt: CallAttempt, report: LegReport, *, now: datetime) -> datetime:
    """Return when what is reported has happened, whatever the network's clock says of it."""
    return max(attempt.requested_at, min(now, report.happened_at or now))


def _find_reported_leg(session: Session, attempt: CallAttempt, report: LegReport) -> CallLeg | None:
    """Return the leg that a report is about, tied to the call that it names.

    None where another call is tied to that leg.
    """
    leg = None
    if report.leg_id is not None:
        leg = session.get(CallLeg, report.leg_id)
        if leg is None or leg.attempt_id != attempt.id:
            return None
    elif report.party == Party.LEAD:
        leg = legs.find_call_leg(session, attempt, Party.LEAD)
    if leg is None:
        return legs.bind_provider_call(session, attempt, report.party, report.provider_call_id)
    return legs.tie_call_to_leg(session, leg, report.provider_call_id)


def _apply_advisor_leg_status(
    session: Session, attempt: CallAttempt, report: LegReport, *, at: datetime, now: datetime
) -> None:
    if attempt.state not in LIVE_ATTEMPT:
        if report.status in TERMINAL_LEG_STATUSES:
            outcomes.shorten_talk(session, attempt, at=at)
        return
    if report.status not in TERMINAL_LEG_STATUSES:
        attempt_steps.mark_call_placed(session, attempt, now=now)
    elif attempt.state == AttemptState.BRIDGED:
        is_settled = hand_overs.carry_call_on(
            session, attempt, now=now
        ) or caller_joining.note_unmet_caller(session, attempt, at=at, now=now)
        if not is_settled:
            outcomes.end_attempt(session, attempt, "hung_up", Result.CONVERSATION, at=at, now=now)
    elif attempt.state != AttemptState.RINGING_LEAD:
        event, result = ADVISOR_OUTCOMES[report.status]
        outcomes.end_attempt_as_missed_offer(session, attempt, event, result, now=now)
    elif caller_joining.note_lost_joining(session, attempt, at=at, now=now):
        outcomes.end_attempt(session, attempt, "hung_up", Result.CONVERSATION, at=at, now=now)
    else:
        stop_ringing_lead(session, attempt, now=now)


def stop_ringing_lead(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """End the ringing at the lead's phone, whose advisor has hung up.

    What came of the attempt is told by the lead's leg: they may have answered in the same moment.
    Where nobody has begun to dial it, the attempt is over. Whoever called in waits on.
    """
    if attempt.inbound_call_id is not None:
        outcomes.end_attempt_as_missed_offer(
            session, attempt, "missed", Result.ADVISOR_DECLINED, now=now
        )
        return
    lead_leg = legs.find_call_leg(session, attempt, Party.LEAD)
    if lead_leg is None or call_orders.withdraw_order_of_leg(session, lead_leg, now=now):
        outcomes.end_attempt_as_missed_offer(
            session, attempt, "missed", Result.ADVISOR_DECLINED, now=now
        )
        return
    if lead_leg.provider_call_id and not legs.is_over(lead_leg):
        call_orders.enqueue_leg_order(session, OutboxKind.HANG_UP_LEG, lead_leg, now=now)


def _apply_lead_leg_status(
    session: Session, attempt: CallAttempt, report: LegReport, *, at: datetime, now: datetime
) -> None:
    if attempt.state not in LIVE_ATTEMPT:
        return
    if report.status in TERMINAL_LEG_STATUSES:
        caller_joining.note_lost_joining(session, attempt, at=at, is_caller_gone=True, now=now)
    is_talking = attempt.state == AttemptState.BRIDGED
    if attempt.inbound_call_id is not None and not is_talking:
        caller_joining.apply_waiting_caller_status(session, attempt, report, now=now)
        return
    answered_at = at - timedelta(seconds=report.seconds)
    has_answered = report.status in (LegStatus.IN_PROGRESS, LegStatus.COMPLETED)
    was_alone = has_answered and _was_advisor_gone(session, attempt, at=answered_at)
    if has_answered and not was_alone and not is_talking:
        attempt_steps.mark_lead_answered(session, attempt, at=answered_at, now=now)
    if report.status in TERMINAL_LEG_STATUSES:
        _end_attempt_with_lead_leg(session, attempt, report, was_alone=was_alone, at=at, now=now)


def _end_attempt_with_lead_leg(
    session: Session,
    attempt: CallAttempt,
    report: LegReport,
    *,
    was_alone: bool,
    at: datetime,
    now: datetime,
) -> None:
    if report.is_refused:
        attempt.doubt = CallDoubt.REFUSED
    if attempt.state == AttemptState.BRIDGED:
        outcomes.end_attempt(session, attempt, "hung_up", Result.CONVERSATION, at=at, now=now)
        attempt_steps.bring_back_from_menu(session, attempt, now=now)
        return
    # the advisor hung up while the lead's phone rang, or as it was answered
    if was_alone or report.status == LegStatus.CANCELED:
        outcomes.end_attempt_as_missed_offer(
            session, attempt, "missed", Result.ADVISOR_DECLINED, now=now
        )
    elif report.fault and not legs.has_rung(session, attempt, Party.LEAD):
        outcomes.end_attempt_never_placed(session, attempt, report.fault, now=now)
    else:
        event, result = LEAD_OUTCOMES[report.status]
        if report.is_refused:  # a number that works
            event, result = "missed", Result.LEAD_NO_ANSWER
        outcomes.end_attempt(session, attempt, event, result, now=now)
    attempt_steps.return_advisor(session, attempt, now=now)


def _was_advisor_gone(session: Session, attempt: CallAttempt, *, at: datetime) -> bool:
    """Whether an attempt's advisor had hung up by an instant, so that a lead met nobody."""
    leg = legs.find_call_leg(session, attempt, Party.ADVISOR)
    return leg is not None and leg.left_at is not None and leg.left_at < at
