"""What the phone network reports, brought to the attempt and from there to the callback."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from leads import legs, outcome
from leads.contact_rules import crisis_words, gate
from leads.database.bulk_rows import insert_all, is_among
from leads.database.wakeups import Bell, ring_after_commit
from leads.legs import FETCHED, TERMINAL, LegReport, LegStatus, Silent
from leads.lifecycle.transitions import Move, advance, advance_all
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.helplines import Brand
from leads.models.requests import Lead
from leads.models.words import LIVE_ATTEMPT, AttemptState, Party, Result
from leads.outbox import call_orders
from leads.people import presence
from leads.people.permissions import actor_of_id

NETWORK, RELAY, CLOCK = "network", "relay", "clock"
SILENCE = {
    AttemptState.REQUESTED: timedelta(seconds=15),
    AttemptState.RINGING_ADVISOR: timedelta(seconds=15),
    AttemptState.RINGING_LEAD: timedelta(seconds=15),
    AttemptState.BRIDGED: timedelta(seconds=90),
}
"""How long beyond ring time no news of a live call is good news."""


STILL_OF_INTEREST = timedelta(minutes=5)


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
    if attempt.state != AttemptState.RINGING_ADVISOR or not _gate_is_open(session, attempt, gate.Moment.WHISPER, now):
        return None
    callback = session.get_one(Callback, attempt.callback_id)
    lead = session.get_one(Lead, callback.lead_id)
    return Whisper(lead.for_whom, callback.misses, asked_again=callback.urgency % crisis_words.URGENCY > 0)


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
    if attempt.state != AttemptState.RINGING_ADVISOR or not _gate_is_open(session, attempt, gate.Moment.DIAL, now):
        return None
    mark_dialled(session, attempt, now=now)
    return _dial(session, attempt)


def decline(session: Session, attempt_id: str, provider_call_id: str, *, now: datetime) -> None:
    """The advisor passed: the callback goes to the next one."""
    attempt = _lock(session, attempt_id)
    if attempt and legs.bind(session, attempt, Party.ADVISOR, provider_call_id):
        mark_placed(session, attempt, now=now)
        if attempt.state == AttemptState.RINGING_ADVISOR:
            outcome.pass_on(session, attempt, "missed", Result.ADVISOR_DECLINED, now=now)


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
        ring_after_commit(session, Bell.OFFER)  # whoever hung up can be rung again
    if report.party == Party.ADVISOR:
        call_orders.confirm(session, attempt, now=now)
        _hear_of_advisor(session, attempt, report, now=now)
    else:
        _hear_of_lead(session, attempt, report, now=now)


def placed(session: Session, taken: Mapping[str, str], *, now: datetime) -> list[CallAttempt]:
    """The provider took the orders of these attempts, and made a call for each; a webhook may have told us before.

    Returns those whose call nobody wants any more.
    """
    if not taken:
        return []
    about = {"attempts": list(taken)}
    attempts = session.exec(PLACED, params=about).all()
    # Asked after the lock: a statement that waits for a webhook's transaction does not see what that one added.
    known: dict[str, str] = dict(session.exec(ADVISOR_LEGS, params=about).all())
    leg = {"party": Party.ADVISOR, "status": "", "sequence": -1}
    new = [leg | {"attempt_id": one.id, "provider_call_id": taken[one.id]} for one in attempts if one.id not in known]
    if new:
        insert_all(session, CallLeg, new)
    ours = [attempt for attempt in attempts if known.get(attempt.id, taken[attempt.id]) == taken[attempt.id]]
    taken_up = [Move(one, {"placed": {"heard_at": now}}) for one in ours if one.state == AttemptState.REQUESTED]
    advance_all(session, taken_up, actor=RELAY, now=now)
    return [attempt for attempt in attempts if attempt.state not in LIVE_ATTEMPT]


def not_placed(session: Session, attempt_id: str, *, problem: str, blame_advisor: bool, now: datetime) -> None:
    """The provider will not place this call: the callback goes back to the head of the queue.

    An advisor whose phone cannot be rung is set away with the reason, so that refusals cannot go round for ever.
    """
    attempt = _lock(session, attempt_id)
    if attempt is None or attempt.state != AttemptState.REQUESTED:
        return
    outcome.finish(session, attempt, "failed", Result.CARRIER_ERROR, now=now)
    if blame_advisor:
        presence.go_away(session, session.get_one(Advisor, attempt.advisor_id), reason=problem, now=now)


def lose(session: Session, attempt_id: str, *, now: datetime) -> None:
    """Nobody can tell what became of the call: the callback goes back.

    If the lead's phone may have rung, a person looks first.
    """
    attempt = _lock(session, attempt_id)
    if attempt and attempt.state in LIVE_ATTEMPT:
        call_orders.withdraw(session, attempt, now=now)
        outcome.finish(session, attempt, "lose", Result.UNKNOWN, now=now)


def silent(session: Session, *, ring_time: timedelta, now: datetime) -> list[Silent]:
    """Return the attempts without news for too long: live ones, and ended ones of which a leg may not have ended."""
    quiet = select(CallAttempt).where(CallAttempt.heard_at < now - min(SILENCE.values()))
    live = quiet.where(col(CallAttempt.state).in_(LIVE_ATTEMPT))
    on_the_line = select(CallLeg.attempt_id).where(col(CallLeg.status).in_(presence.ON_THE_LINE))
    ended = quiet.where(col(CallAttempt.ended_at) > now - STILL_OF_INTEREST, col(CallAttempt.id).in_(on_the_line))
    found = []
    for attempt in [*session.exec(live), *session.exec(ended)]:
        leg = legs.find(session, attempt, Party.ADVISOR)
        advisor_is_gone = leg is not None and leg.status in TERMINAL
        patience = SILENCE.get(attempt.state, timedelta()) + (timedelta() if advisor_is_gone else ring_time)
        if attempt.ended_at or attempt.heard_at < now - patience:
            call_id = leg.provider_call_id if leg else None
            found.append(Silent(attempt.id, call_id, attempt.state, now - attempt.requested_at))
    return found


def heard(session: Session, attempt_id: str, *, now: datetime) -> None:
    """The provider says that the call is still under way."""
    attempt = _lock(session, attempt_id)
    if attempt:
        attempt.heard_at = now


def _hear_of_advisor(session: Session, attempt: CallAttempt, report: LegReport, *, now: datetime) -> None:
    if attempt.state not in LIVE_ATTEMPT:
        return
    if report.status not in TERMINAL:
        mark_placed(session, attempt, now=now)
    elif attempt.state == AttemptState.BRIDGED:
        outcome.finish(session, attempt, "hung_up", Result.CONVERSATION, now=now)
    elif attempt.state != AttemptState.RINGING_LEAD:
        event, result = ADVISOR_OUTCOMES[report.status]
        outcome.pass_on(session, attempt, event, result, now=now)
    elif _was_never_dialled(session, attempt, report):
        outcome.pass_on(session, attempt, "missed", Result.ADVISOR_DECLINED, now=now)


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
        outcome.finish(session, attempt, "hung_up", Result.CONVERSATION, now=now)
    elif report.status == LegStatus.CANCELED:  # the advisor hung up while the lead's phone rang
        outcome.pass_on(session, attempt, "missed", Result.ADVISOR_DECLINED, now=now)
    elif report.status in TERMINAL:
        event, result = LEAD_OUTCOMES[report.status]
        outcome.finish(session, attempt, event, result, now=now)


def mark_answered(session: Session, attempt: CallAttempt, *, at: datetime, now: datetime) -> None:
    """Time to first contact ends here: a person answered and is joined with the advisor."""
    at = max(at, attempt.requested_at)
    advance(session, attempt, "answered", actor=NETWORK, now=now, answered_at=at)
    callback = session.get_one(Callback, attempt.callback_id)
    callback.first_conversation_at = callback.first_conversation_at or at


def _gate_is_open(session: Session, attempt: CallAttempt, moment: gate.Moment, now: datetime) -> bool:
    """Ask the gate about the attempt; where it refuses, the attempt ends and the callback waits until it may."""
    callback = session.get_one(Callback, attempt.callback_id)
    lead = session.get_one(Lead, callback.lead_id)
    decision = gate.ask(session, callback, lead, moment, now=now, attempt=attempt)
    if not decision.allowed:
        outcome.refuse(session, attempt, decision, now=now)
    return decision.allowed


def mark_placed(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """The advisor's phone is ringing; whoever learns it first says so."""
    if attempt.state == AttemptState.REQUESTED:
        advance(session, attempt, "placed", actor=RELAY, now=now, heard_at=now)
        call_orders.confirm(session, attempt, now=now)


def mark_dialled(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Time to first attempt ends here: the lead's own phone is dialled."""
    callback = session.get_one(Callback, attempt.callback_id)
    advance(session, attempt, "accepted", actor=actor_of_id(attempt.advisor_id), now=now, rung_at=now, heard_at=now)
    callback.first_rung_at = callback.first_rung_at or now
    presence.took_offer(session, session.get_one(Advisor, attempt.advisor_id))
    ring_after_commit(session, Bell.OFFER)


def _dial(session: Session, attempt: CallAttempt) -> Dial:
    callback = session.get_one(Callback, attempt.callback_id)
    return Dial(attempt.phone, session.get_one(Brand, callback.brand_id).caller_id)


def _lock(session: Session, attempt_id: str) -> CallAttempt | None:
    return session.exec(LOCKED, params={"attempt_id": attempt_id}).first()


LOCKED = select(CallAttempt).where(CallAttempt.id == bindparam("attempt_id")).with_for_update()
PLACED = select(CallAttempt).where(is_among(CallAttempt.id, "attempts")).order_by(col(CallAttempt.id)).with_for_update()
ADVISOR_LEGS = select(CallLeg.attempt_id, CallLeg.provider_call_id).where(
    is_among(CallLeg.attempt_id, "attempts"), col(CallLeg.party) == Party.ADVISOR
)
