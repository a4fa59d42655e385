"""The legs of those who are asked into a call: who is free again, and whose phone is let go."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from leads.calls import attempt_steps, callers, legs
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.disclosures import ledger
from leads.incidents import course
from leads.lifecycle.audit_trail import SystemActor, record_event
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, CallLeg
from leads.models.enums import (
    INSIDERS,
    LIVE_ATTEMPT,
    OUTSIDERS,
    AttemptState,
    LegStatus,
    OutboxKind,
    Party,
)
from leads.models.incident_words import IncidentStepKind
from leads.outbox import call_orders
from leads.outbox.call_orders import LegOrder
from leads.people import presence
from leads.people.permissions import actor_of_id

ENTERS_WITHIN = timedelta(seconds=1)
"""In which the network has read our answer, and brought whoever asked into the conference."""


def hang_up_unawaited_leg(
    session: Session,
    attempt: CallAttempt,
    leg: CallLeg,
    *,
    is_first_news: bool = False,
    now: datetime,
) -> None:
    """Order the end of a leg that nobody waits for any more.

    That is whoever would come into a conference without an advisor, was sent away or has called in
    while nobody knew what to hang up, and an advisor's phone that rings for an attempt that is
    over. Who has answered may be hearing what came of the call. `is_first_news`: only now is it
    known what to hang up, so that an earlier order ended nothing.
    """
    if leg.provider_call_id is None or legs.is_over(leg):
        return
    is_end_ordered = call_orders.is_end_ordered(session, leg)
    is_unwanted = is_end_ordered or not _is_awaited(session, attempt, leg)
    if is_unwanted and (is_first_news or not is_end_ordered):
        call_orders.enqueue_leg_order(session, OutboxKind.HANG_UP_LEG, leg, now=now)


def hang_up_stray_call(
    session: Session, leg: CallLeg, provider_call_id: str, *, now: datetime
) -> None:
    """Order the end of a call that a leg has led to and is not: nobody is there to answer it.

    Nothing is done to a call that is another leg's, or that came in.
    """
    if not legs.is_known_provider_call(session, provider_call_id):
        call_orders.enqueue_leg_order(
            session, OutboxKind.HANG_UP_LEG, leg, call_id=provider_call_id, now=now
        )


def _is_awaited(session: Session, attempt: CallAttempt, leg: CallLeg) -> bool:
    is_live = attempt.state in LIVE_ATTEMPT
    if leg.party == Party.ADVISOR:
        return is_live or leg.status == LegStatus.IN_PROGRESS
    advisor_leg = legs.find_call_leg(session, attempt, Party.ADVISOR)
    is_advisor_there = advisor_leg is not None and not legs.is_over(advisor_leg)
    return (
        is_live
        and is_advisor_there
        and not (leg.party == Party.LEAD and _has_called_in(session, attempt, leg))
    )


def _has_called_in(session: Session, attempt: CallAttempt, leg: CallLeg) -> bool:
    """Whether the lead is on the line by a call of their own, and not by this leg."""
    is_from_outside = attempt.inbound_call_id is not None
    return is_from_outside and not callers.is_callers_leg(session, attempt, leg)


def note_party_news(session: Session, attempt: CallAttempt, leg: CallLeg, *, now: datetime) -> None:
    """Tell open desks how somebody who was asked into a call is; one of us who left is free."""
    wake_after_commit(session, Wakeup.DESK)
    if not legs.is_over(leg):
        note_party_heard(session, attempt, leg, now=now)
        return
    record_event(
        session,
        attempt,
        "leave",
        actor=SystemActor.NETWORK,
        now=now,
        party=leg.party,
        leg_id=leg.id,
    )
    if leg.advisor_id is not None and leg.joined_at is not None:
        presence.mark_advisor_idle(session, session.get_one(Advisor, leg.advisor_id), now=now)
    settle_advisors_exit(session, attempt, leg, now=now)
    if leg.party == Party.SUPERVISOR:
        note_party_heard(session, attempt, leg, now=now)
    else:
        bring_lead_back(session, attempt, now=now)


def settle_advisors_exit(
    session: Session, attempt: CallAttempt, changed: CallLeg, *, now: datetime
) -> None:
    """Let the conference end once its advisor leaves, or go on, after one of us came or left."""
    mine = legs.find_call_leg(session, attempt, Party.ADVISOR)
    is_asked = changed.party in INSIDERS and attempt.state == AttemptState.BRIDGED
    if is_asked and mine is not None and mine.ends_call and not legs.is_over(mine):
        call_orders.enqueue_leg_order(session, OutboxKind.CHANGE_LEG, mine, now=now)


def note_participant_leg(
    session: Session, attempt: CallAttempt, leg: CallLeg, *, now: datetime
) -> None:
    """Note that a leg has come into the conference, whatever the news of its phone."""
    if leg.party == Party.ADVISOR:
        bring_lead_back(session, attempt, now=now)
    else:
        note_party_heard(session, attempt, leg, now=now)


def note_party_heard(
    session: Session, attempt: CallAttempt, leg: CallLeg, *, now: datetime
) -> None:
    """Let whoever waits beside a lead on hold hear who is there by now."""
    if leg.joined_at is not None and _is_lead_on_hold(session, attempt):
        let_all_hear(session, attempt, now=now)


def note_entering(session: Session, attempt: CallAttempt, leg: CallLeg, *, now: datetime) -> None:
    """Let all beside a lead on hold hear each other, for one more is on the way to them.

    Whoever finds nobody hears a sound. The network cannot be told so before they are in the
    conference, and its own news of that may be late or lost.
    """
    if _is_lead_on_hold(session, attempt):
        let_all_hear(session, attempt, entering=leg, now=now)


def let_all_hear(
    session: Session,
    attempt: CallAttempt,
    *,
    entering: CallLeg | None = None,
    is_told_alone: bool = False,
    now: datetime,
) -> None:
    """Let each but the lead hear a sound where a hold leaves them alone, else who is there.

    `is_told_alone`: the advisor hears, too, that nobody else is there.
    """
    for leg in call_orders.list_legs(session, attempt.id):
        if leg.party == Party.LEAD or not legs.is_in_call(leg):
            continue
        call_orders.enqueue_leg_order(
            session,
            OutboxKind.CHANGE_LEG,
            leg,
            after=ENTERS_WITHIN if leg is entering else timedelta(),
            is_told_alone=is_told_alone and leg.party == Party.ADVISOR,
            now=now,
        )


def bring_lead_back(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Bring a lead on hold back once nobody is there, or comes, with whom the advisor would talk.

    The advisor is told so. One who is in the menu of their phone is asked there what is next, and
    a hold that the advisor ordered stays until they lift it.
    """
    mine = legs.find_call_leg(session, attempt, Party.ADVISOR)
    lead = legs.find_call_leg(session, attempt, Party.LEAD)
    if attempt.state != AttemptState.BRIDGED or lead is None or not lead.is_on_hold:
        return
    beside = call_orders.list_legs(session, attempt.id)
    is_awaited = lead.is_hold_ordered or any(_is_awaited_beside(leg) for leg in beside)
    if is_awaited or mine is None or not legs.is_in_call(mine):
        let_all_hear(session, attempt, now=now)
        return
    lead.is_on_hold = False
    session.add(lead)
    record_event(
        session,
        attempt,
        "change_leg",
        actor=SystemActor.NETWORK,
        now=now,
        party=lead.party,
        hold=False,
    )
    call_orders.enqueue_leg_order(session, OutboxKind.CHANGE_LEG, lead, now=now)
    let_all_hear(session, attempt, is_told_alone=True, now=now)
    wake_after_commit(session, Wakeup.DESK)


def _is_awaited_beside(leg: CallLeg) -> bool:
    """Whether a leg is of somebody who was asked in, and has not left. A supervisor comes alone."""
    return leg.phone != "" and leg.left_at is None and leg.party != Party.SUPERVISOR


def _is_lead_on_hold(session: Session, attempt: CallAttempt) -> bool:
    lead = legs.find_call_leg(session, attempt, Party.LEAD)
    return lead is not None and lead.is_on_hold


def may_join_call(session: Session, leg_id: int, provider_call_id: str, *, now: datetime) -> bool:
    """Whether somebody who was asked into a call, and picked up, can still join it."""
    leg = session.get(CallLeg, leg_id)
    attempt = leg and attempt_steps.lock_attempt(session, leg.attempt_id)
    if not leg or not attempt or legs.tie_call_to_leg(session, leg, provider_call_id) is None:
        return False
    legs.note_leg_status(session, leg, LegStatus.INITIATED, now=now)
    is_wanted = leg.left_at is None and not call_orders.is_end_ordered(session, leg)
    return is_wanted and attempt.state in LIVE_ATTEMPT


def find_insider_leg(
    session: Session, attempt_id: str, provider_call_id: str, *, now: datetime
) -> int | None:
    """Return the leg of one of us who does not have the call, which goes on; None for others.

    Star leads them out of the conference as well, for they may be given the call: who has not been
    comes back.
    """
    leg = legs.find_leg_of_provider_call(session, provider_call_id)
    if leg is None or leg.attempt_id != attempt_id or leg.party not in INSIDERS:
        return None
    return leg.id if may_join_call(session, leg.id, provider_call_id, now=now) else None


def note_party_joined(session: Session, leg_id: int, *, now: datetime) -> None:
    """Record that somebody who was asked into a call is in it; open desks are told.

    Whoever asked for a supervisor has one now. Idempotent.
    """
    leg = session.get_one(CallLeg, leg_id)
    attempt = session.get_one(CallAttempt, leg.attempt_id)
    if leg.joined_at is None:
        leg.joined_at = now
        actor = actor_of_id(leg.advisor_id) if leg.advisor_id else SystemActor.NETWORK
        record_event(session, attempt, "join", actor=actor, now=now, party=leg.party, leg_id=leg.id)
        if leg.party in OUTSIDERS:
            ledger.note_outsider_in_call(session, attempt, leg, now=now)
        incident = course.find_open_incident(session, attempt.callback_id)
        if incident and leg.party == Party.SUPERVISOR:
            step = IncidentStepKind.SUPERVISOR_JOINED
            course.add_step(session, incident, step, by=actor, now=now)
    if leg.party == Party.SUPERVISOR:
        attempt.help_wanted_at = None
    session.add_all([leg, attempt])
    note_entering(session, attempt, leg, now=now)
    wake_after_commit(session, Wakeup.DESK)


def find_leg_order(session: Session, leg_id: int) -> LegOrder:
    """Return how a leg is to be joined with its call, as its row says now."""
    leg = session.get_one(CallLeg, leg_id)
    attempt = session.get_one(CallAttempt, leg.attempt_id)
    return call_orders.describe_leg(leg, attempt, None, call_orders.list_legs(session, attempt.id))
