"""What the phone network reports of an attempt, applied to the attempt and to its callback."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam
from sqlmodel import Session, select

from leads.callbacks import attempt_ends, conversations, voicemail
from leads.calls import callers, legs, outcomes, party_legs
from leads.calls.legs import TERMINAL_LEG_STATUSES, LegReport, LegStatus
from leads.contact_rules import gate
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.incidents import course
from leads.lifecycle.audit_trail import record_event
from leads.lifecycle.transitions import advance
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.enums import (
    LIVE_ATTEMPT,
    AnsweredBy,
    AttemptState,
    CallbackState,
    CallDoubt,
    OutboxKind,
    Party,
    Result,
)
from leads.models.incident_words import IncidentStepKind
from leads.models.requests import Lead
from leads.outbox import call_orders
from leads.outbox.call_orders import LegOrder
from leads.people import presence
from leads.people.permissions import actor_of_id

NETWORK, RELAY, CLOCK = "network", "relay", "clock"


LONGEST_SILENCE = timedelta(minutes=5)  # without news of an attempt: more than is ever waited for
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
    is_calling_in: bool = False  # they are on the line, and nobody is dialed
    has_desk: bool = False  # which says whether a machine may be left a message


def advisor_answered(
    session: Session, attempt_id: str, provider_call_id: str, *, now: datetime
) -> Whisper | None:
    """Return what to whisper to the advisor who answered, or None when this call must end.

    It must end when its attempt is over, when another call serves the attempt, or when the gate has
    closed.
    """
    attempt = lock_attempt(session, attempt_id)
    if attempt is None:
        return None
    leg = legs.bind_provider_call(session, attempt, Party.ADVISOR, provider_call_id)
    if leg is None:
        return None
    legs.note_leg_status(session, leg, LegStatus.IN_PROGRESS, now=now)
    mark_call_placed(session, attempt, now=now)
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
    attempt = lock_attempt(session, attempt_id)
    leg = attempt and legs.bind_provider_call(session, attempt, Party.ADVISOR, provider_call_id)
    if attempt is None or not leg:
        return False
    if attempt.state in (AttemptState.RINGING_LEAD, AttemptState.BRIDGED):
        return True
    mark_call_placed(session, attempt, now=now)
    if attempt.state != AttemptState.RINGING_ADVISOR or not _recheck_gate_or_end_attempt(
        session, attempt, gate.GateMoment.DIAL, now
    ):
        return False
    mark_offer_accepted(session, attempt, now=now)
    advisor = session.get_one(Advisor, attempt.advisor_id)
    # Whoever has no desk leaves the conference for the menu of the phone: it goes on meanwhile.
    leg.ends_call = not presence.is_on_duty_by_phone_only(advisor, now=now)
    session.add(leg)
    if attempt.inbound_call_id is None:
        _order_lead_leg(session, attempt, now=now)
        return True
    is_on_the_line = callers.join_caller(session, attempt, now=now)
    if not is_on_the_line:
        end_attempt_of_gone_caller(session, attempt, now=now)
    return is_on_the_line


def has_keypad_menu(session: Session, attempt_id: str, provider_call_id: str) -> bool:
    """Whether a call is that of an advisor who works the conversation from the phone's keys."""
    attempt = session.get_one(CallAttempt, attempt_id)
    leg = legs.find_call_leg(session, attempt, Party.ADVISOR)
    return leg is not None and leg.provider_call_id == provider_call_id and not leg.ends_call


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
    if attempt is None:
        return
    is_new = legs.record_provider_event_once(session, report, now=now)
    if not is_new and report.kind != legs.FETCHED_REPORT:  # what was asked for is true now
        return
    was_known = legs.is_known_provider_call(session, report.provider_call_id)
    leg = _find_reported_leg(session, attempt, report)
    if leg is None:
        _hang_up_stray_call(session, attempt, report, now=now)
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


def _hang_up_stray_call(
    session: Session, attempt: CallAttempt, report: LegReport, *, now: datetime
) -> None:
    """Order the end of a call to the lead that was given up as never dialed, and that rings."""
    leg = legs.find_call_leg(session, attempt, Party.LEAD)
    is_to_lead = report.party == Party.LEAD and report.status not in TERMINAL_LEG_STATUSES
    if leg and is_to_lead and not legs.is_known_provider_call(session, report.provider_call_id):
        call_orders.enqueue_leg_order(
            session, OutboxKind.HANG_UP_LEG, leg, call_id=report.provider_call_id, now=now
        )


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
        return
    if report.status not in TERMINAL_LEG_STATUSES:
        mark_call_placed(session, attempt, now=now)
    elif attempt.state == AttemptState.BRIDGED:
        outcomes.end_attempt(session, attempt, "hung_up", Result.CONVERSATION, at=at, now=now)
    elif attempt.state != AttemptState.RINGING_LEAD:
        event, result = ADVISOR_OUTCOMES[report.status]
        outcomes.end_attempt_as_missed_offer(session, attempt, event, result, now=now)
    else:
        _stop_ringing_lead(session, attempt, now=now)


def _stop_ringing_lead(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
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
    is_talking = attempt.state == AttemptState.BRIDGED
    if attempt.inbound_call_id is not None and not is_talking:
        _apply_waiting_caller_status(session, attempt, report, now=now)
        return
    answered_at = at - timedelta(seconds=report.seconds)
    has_answered = report.status in (LegStatus.IN_PROGRESS, LegStatus.COMPLETED)
    was_alone = has_answered and _was_advisor_gone(session, attempt, at=answered_at)
    if has_answered and not was_alone and not is_talking:
        mark_lead_answered(session, attempt, at=answered_at, now=now)
    if report.status in TERMINAL_LEG_STATUSES:
        _end_attempt_with_lead_leg(session, attempt, report, was_alone=was_alone, at=at, now=now)


def _apply_waiting_caller_status(
    session: Session, attempt: CallAttempt, report: LegReport, *, now: datetime
) -> None:
    if report.status in TERMINAL_LEG_STATUSES:
        _replace_or_miss_caller(session, attempt, now=now)
    elif report.kind == legs.FETCHED_REPORT and callers.was_brought(session, attempt):
        note_caller_joined(session, attempt.id, now=now)  # the news of it was lost


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
        _bring_back_from_menu(session, attempt, now=now)
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
    return_advisor(session, attempt, now=now)


def _bring_back_from_menu(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Order an advisor who works with a phone's keys out of the call that has ended.

    They may be in its menu, or have gone back from there to a conference that nobody else is in.
    """
    leg = legs.find_call_leg(session, attempt, Party.ADVISOR)
    if leg is not None and not leg.ends_call:
        return_advisor(session, attempt, now=now)


def _was_advisor_gone(session: Session, attempt: CallAttempt, *, at: datetime) -> bool:
    """Whether an attempt's advisor had hung up by an instant, so that a lead met nobody."""
    leg = legs.find_call_leg(session, attempt, Party.ADVISOR)
    return leg is not None and leg.left_at is not None and leg.left_at < at


def _replace_or_miss_caller(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Apply that the lead's leg is over before whoever called in was there.

    Their call has ended; or it was the one that we dialed while they called, and they take its
    place.
    """
    leg = legs.find_call_leg(session, attempt, Party.LEAD)
    is_gone = leg is None or callers.is_callers_leg(session, attempt, leg)
    if is_gone or not callers.join_caller(session, attempt, now=now):
        end_attempt_of_gone_caller(session, attempt, now=now)


def end_attempt_of_gone_caller(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """End the attempt for somebody who called in and has left before an advisor was there.

    The advisor is not blamed, and hears so if they have taken the call.
    """
    was_taken = attempt.state == AttemptState.RINGING_LEAD
    outcomes.end_attempt(session, attempt, "missed", Result.CALLER_HUNG_UP, now=now)
    if was_taken:
        return_advisor(session, attempt, now=now)
    else:
        call_orders.enqueue_call_orders(session, OutboxKind.HANG_UP, attempt, now=now)


def stop_dialing_caller(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Stop dialing somebody who has called in meanwhile, and bring their own call to the advisor.

    Where their phone rings already, that ends first: it is never in two calls.
    """
    leg = legs.find_call_leg(session, attempt, Party.LEAD)
    is_undialed = leg is None or call_orders.withdraw_order_of_leg(session, leg, now=now)
    if leg is None or is_undialed or legs.is_over(leg):
        callers.join_caller(session, attempt, now=now)
    elif leg.provider_call_id:
        call_orders.enqueue_leg_order(session, OutboxKind.HANG_UP_LEG, leg, now=now)


def dial_caller_instead(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Let whoever is rung for somebody on the line call them, who would rather be called.

    Where our own call to them is being hung up, or is over, nobody is left to be reached: the
    attempt ends, and its advisor is not blamed.
    """
    attempt.inbound_call_id = None
    session.add(attempt)
    leg = legs.find_call_leg(session, attempt, Party.LEAD)
    if leg is not None and (legs.is_over(leg) or call_orders.is_end_ordered(session, leg)):
        outcomes.end_attempt(session, attempt, "missed", Result.CALLER_HUNG_UP, now=now)
        return_advisor(session, attempt, now=now)


def note_caller_joined(session: Session, attempt_id: str, *, now: datetime) -> None:
    """Record that whoever called in is with the advisor. Idempotent."""
    attempt = lock_attempt(session, attempt_id)
    if attempt and callers.mark_caller_talking(session, attempt, now=now):
        mark_lead_answered(session, attempt, at=now, now=now)


def note_participant(
    session: Session, attempt_id: str, provider_call_id: str, *, now: datetime
) -> None:
    """Note that a call has come into an attempt's conference.

    Whoever called in and finds nobody there any more is brought back to wait.
    """
    attempt = lock_attempt(session, attempt_id)
    leg = legs.find_leg_of_provider_call(session, provider_call_id)
    if attempt and leg and leg.attempt_id == attempt.id and attempt.state in LIVE_ATTEMPT:
        party_legs.note_participant_leg(session, attempt, leg, now=now)
    caller = attempt and attempt_ends.lock_caller(session, attempt)
    if not attempt or not caller or caller.provider_call_id != provider_call_id:
        return
    if attempt.state in LIVE_ATTEMPT:
        note_caller_joined(session, attempt_id, now=now)
    else:
        callers.send_caller_back(session, attempt, now=now)


def record_failed_join(session: Session, attempt_id: str, *, now: datetime) -> None:
    """End an attempt to which the network would not bring whoever called in; they wait on."""
    attempt = lock_attempt(session, attempt_id)
    if attempt and attempt.state == AttemptState.RINGING_LEAD:
        outcomes.end_attempt(session, attempt, "failed", Result.CARRIER_ERROR, now=now)
        return_advisor(session, attempt, now=now)


def end_conversation_of_advisor(
    session: Session, attempt_id: str, provider_call_id: str, *, now: datetime
) -> CallAttempt | None:
    """Record that the conference is over for an advisor whose phone is still on the line.

    Returns the attempt, whatever became of it; None for a phone that is not its advisor's now.
    """
    attempt = lock_attempt(session, attempt_id)
    if attempt is None:
        return None
    leg = legs.bind_provider_call(session, attempt, Party.ADVISOR, provider_call_id)
    if leg is None or leg.party != Party.ADVISOR:
        return None
    _end_conversation(session, attempt, now=now)
    return attempt


def _end_conversation(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    if attempt.state == AttemptState.BRIDGED:
        outcomes.end_attempt(session, attempt, "hung_up", Result.CONVERSATION, now=now)


def look_for_advisor(
    session: Session, attempt_id: str, provider_call_id: str, *, now: datetime
) -> None:
    """Let the network be asked at once about an attempt whose lead is alone in its conference.

    Either the advisor is on their way there, or the news was lost that they have hung up.
    """
    attempt = lock_attempt(session, attempt_id)
    leg = attempt and legs.bind_provider_call(session, attempt, Party.LEAD, provider_call_id)
    if attempt and leg:
        attempt.heard_at = min(attempt.heard_at, now - LONGEST_SILENCE)
        session.add(attempt)
        party_legs.hang_up_unawaited_leg(session, attempt, leg, now=now)


def may_join_call(session: Session, leg_id: int, provider_call_id: str, *, now: datetime) -> bool:
    """Whether a colleague who was asked into a call, and picked up, can still join it."""
    leg = session.get(CallLeg, leg_id)
    attempt = leg and lock_attempt(session, leg.attempt_id)
    if not leg or not attempt or legs.tie_call_to_leg(session, leg, provider_call_id) is None:
        return False
    legs.note_leg_status(session, leg, LegStatus.INITIATED, now=now)
    is_wanted = leg.left_at is None and not call_orders.is_end_ordered(session, leg)
    return is_wanted and attempt.state in LIVE_ATTEMPT


def note_party_joined(session: Session, leg_id: int, *, now: datetime) -> None:
    """Record that somebody who was asked into a call is in it; open desks are told.

    Whoever asked for a supervisor has one now. Idempotent.
    """
    leg = session.get_one(CallLeg, leg_id)
    attempt = session.get_one(CallAttempt, leg.attempt_id)
    if leg.joined_at is None:
        leg.joined_at = now
        actor = actor_of_id(leg.advisor_id) if leg.advisor_id else NETWORK
        record_event(session, attempt, "join", actor=actor, now=now, party=leg.party, leg_id=leg.id)
        incident = course.find_open_incident(session, attempt.callback_id)
        if incident and leg.party == Party.SUPERVISOR:
            step = IncidentStepKind.SUPERVISOR_JOINED
            course.add_step(session, incident, step, by=actor, now=now)
    if leg.party == Party.SUPERVISOR:
        attempt.help_wanted_at = None
    session.add_all([leg, attempt])
    party_legs.note_party_heard(session, attempt, leg, now=now)
    wake_after_commit(session, Wakeup.DESK)


def find_leg_order(session: Session, leg_id: int) -> LegOrder:
    """Return how a leg is to be joined with its call, as its row says now."""
    leg = session.get_one(CallLeg, leg_id)
    attempt = session.get_one(CallAttempt, leg.attempt_id)
    return call_orders.describe_leg(leg, attempt, None, call_orders.list_legs(session, attempt.id))


def note_conference(
    session: Session, attempt_id: str, conference_id: str, *, now: datetime
) -> None:
    """Note the network's id of the conference that an attempt's legs join now."""
    attempt = lock_attempt(session, attempt_id)
    if attempt and conference_id:
        attempt.conference_id, attempt.heard_at = conference_id, now
        session.add(attempt)


def end_conference(session: Session, attempt_id: str, conference_id: str, *, now: datetime) -> None:
    """End the conversation with its conference, whose legs may be told of later.

    One that ended before another of the same attempt began changes nothing.
    """
    attempt = lock_attempt(session, attempt_id)
    if attempt and attempt.conference_id == conference_id:
        _end_conversation(session, attempt, now=now)


def note_answered_by(
    session: Session, attempt_id: str, provider_call_id: str, heard: AnsweredBy, *, now: datetime
) -> None:
    """Note who or what was heard on the lead's leg; open desks are told, and the call goes on.

    A machine's call is no contact before the advisor says so. What the advisor has said stays.
    """
    attempt = lock_attempt(session, attempt_id)
    leg = attempt and legs.bind_provider_call(session, attempt, Party.LEAD, provider_call_id)
    if not attempt or not leg or leg.party != Party.LEAD:
        return
    is_news = leg.answered_by != heard
    leg.answered_by, attempt.heard_at = heard, now
    session.add_all([leg, attempt])
    wake_after_commit(session, Wakeup.DESK)
    callback = session.get_one(Callback, attempt.callback_id, with_for_update=True)
    is_live = attempt.state in LIVE_ATTEMPT
    is_in_wrap_up = callback.state == CallbackState.WRAP_UP and (
        callback.ended_at == attempt.ended_at
    )
    doubt = conversations.find_doubt(attempt, heard, ended_at=attempt.ended_at)
    if doubt and (is_live or is_in_wrap_up):
        result = None if is_live else Result.UNKNOWN
        conversations.doubt_conversation(session, callback, attempt, why=doubt, result=result)
    if is_live and is_news and heard in conversations.MACHINES:
        voicemail.ask_about_voicemail(session, attempt, callback, now=now)


def return_advisor(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Order an advisor out of the conference in which nobody will join them.

    They hear what came of the call. Nothing is ordered for an advisor who has hung up.
    """
    leg = legs.find_call_leg(session, attempt, Party.ADVISOR)
    if leg is not None and not legs.is_over(leg):
        call_orders.enqueue_leg_order(session, OutboxKind.RETURN_ADVISOR, leg, now=now)


def mark_lead_answered(
    session: Session, attempt: CallAttempt, *, at: datetime, now: datetime
) -> None:
    """Record that somebody or something answered and is joined with the advisor.

    Time to first contact ends here: at `at`, but not before the attempt was requested.
    """
    at = max(at, attempt.requested_at)
    advance(session, attempt, "answered", actor=NETWORK, now=now, answered_at=at)
    if attempt.doubt:  # a machine was heard before the network said that it answered
        return
    callback = session.get_one(Callback, attempt.callback_id)
    if attempt.inbound_call_id is not None:  # their wait for us ends with their own call
        callback.first_rung_at = callback.first_rung_at or at
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
    is_on_the_line = attempt.inbound_call_id is not None
    may_go_on = decision.allowed and (is_on_the_line or not callback.is_held)
    if not may_go_on:
        outcomes.end_attempt_refused_by_gate(session, attempt, decision, now=now)
    return may_go_on


def mark_call_placed(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Record that the advisor's phone is ringing, unless that is known. Idempotent."""
    if attempt.state == AttemptState.REQUESTED:
        advance(session, attempt, "placed", actor=RELAY, now=now, heard_at=now)
        call_orders.confirm_call_placed(session, attempt, now=now)


def mark_offer_accepted(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Record that the advisor takes the call: the lead's phone is rung next."""
    actor = actor_of_id(attempt.advisor_id)
    advance(session, attempt, "accepted", actor=actor, now=now, heard_at=now)
    presence.record_accepted_offer(session, session.get_one(Advisor, attempt.advisor_id))
    wake_after_commit(session, Wakeup.OFFER)


def mark_lead_dialed(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Record that the lead's own phone is dialed: time to first attempt ends here."""
    callback = session.get_one(Callback, attempt.callback_id)
    attempt.rung_at = attempt.heard_at = now
    callback.first_rung_at = callback.first_rung_at or now
    session.add_all([attempt, callback])


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


def lock_attempt(session: Session, attempt_id: str) -> CallAttempt | None:
    """Return the attempt, locked for this transaction; None if there is none."""
    return session.exec(ATTEMPT_FOR_UPDATE, params={"attempt_id": attempt_id}).first()


ATTEMPT_FOR_UPDATE = (
    select(CallAttempt).where(CallAttempt.id == bindparam("attempt_id")).with_for_update()
)
