"""What the phone network reports, brought to the attempt and from there to the callback."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, col, select

from leads import cadence, gate, outbox, presence, queue
from leads.db import Bell, insert_new, ring_after_commit
from leads.errors import NotNow
from leads.lifecycle import advance
from leads.models import (
    LIVE_ATTEMPT,
    Advisor,
    AttemptState,
    Brand,
    CallAttempt,
    Callback,
    CallbackState,
    CallLeg,
    Lead,
    Party,
    ProviderEvent,
    Result,
)

NETWORK, RELAY, CLOCK = "network", "relay", "clock"
FETCHED = "fetched"  # a report that we asked for, once nothing was heard
SILENCE = {
    AttemptState.REQUESTED: timedelta(seconds=15),
    AttemptState.RINGING_ADVISOR: timedelta(seconds=15),
    AttemptState.RINGING_LEAD: timedelta(seconds=15),
    AttemptState.BRIDGED: timedelta(seconds=90),
}
"""How long beyond ring time no news of a live call is good news."""


STILL_OF_INTEREST = timedelta(minutes=5)


class LegStatus(StrEnum):
    """Where a phone leg stands, in the network's words."""

    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"


TERMINAL = frozenset({LegStatus.COMPLETED, LegStatus.BUSY, LegStatus.NO_ANSWER, LegStatus.FAILED, LegStatus.CANCELED})
ADVISOR_SIDE = frozenset({Result.ADVISOR_NO_ANSWER, Result.ADVISOR_DECLINED, Result.CARRIER_ERROR, Result.UNKNOWN})
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
class LegReport:
    """Something the network says about one leg. (provider_call_id, kind, sequence) is said once."""

    attempt_id: str
    party: Party
    provider_call_id: str
    status: LegStatus
    kind: str
    sequence: int
    seconds: int = 0  # how long the leg was answered, where the network says so


@dataclass(frozen=True)
class Silent:
    """A live attempt of which nothing was heard for too long. `age` counts from its request."""

    attempt_id: str
    provider_call_id: str | None
    state: AttemptState
    age: timedelta


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
    if attempt is None or not _bind(session, attempt, Party.ADVISOR, provider_call_id, LegStatus.IN_PROGRESS):
        return None
    _placed(session, attempt, now=now)
    if attempt.state != AttemptState.RINGING_ADVISOR or not _gate_is_open(session, attempt, gate.Moment.WHISPER, now):
        return None
    callback = session.get_one(Callback, attempt.callback_id)
    lead = session.get_one(Lead, callback.lead_id)
    return Whisper(lead.for_whom, callback.misses, asked_again=callback.urgency > 0)


def accept(session: Session, attempt_id: str, provider_call_id: str, *, now: datetime) -> Dial | None:
    """The advisor pressed 1: return the lead to dial, or None when this call must end.

    Asked twice for the same call before the lead's leg exists, it answers the same: the first answer was lost.
    """
    attempt = _lock(session, attempt_id)
    if attempt is None or not _bind(session, attempt, Party.ADVISOR, provider_call_id):
        return None
    if attempt.state == AttemptState.RINGING_LEAD and _leg(session, attempt, Party.LEAD) is None:
        return _dial(session, attempt)
    _placed(session, attempt, now=now)
    if attempt.state != AttemptState.RINGING_ADVISOR or not _gate_is_open(session, attempt, gate.Moment.DIAL, now):
        return None
    _dialled(session, attempt, now=now)
    return _dial(session, attempt)


def decline(session: Session, attempt_id: str, provider_call_id: str, *, now: datetime) -> None:
    """The advisor passed: the callback goes to the next one."""
    attempt = _lock(session, attempt_id)
    if attempt and _bind(session, attempt, Party.ADVISOR, provider_call_id):
        _placed(session, attempt, now=now)
        if attempt.state == AttemptState.RINGING_ADVISOR:
            _pass_on(session, attempt, "missed", Result.ADVISOR_DECLINED, now=now)


def record(session: Session, report: LegReport, *, now: datetime) -> None:
    """Take a report into account, whatever the order of arrival. Idempotent."""
    attempt = _lock(session, report.attempt_id)
    if attempt is None or not _is_news(session, report, now=now):
        return
    told = (report.party, report.provider_call_id, report.status, report.sequence)
    if report.provider_call_id and not _bind(session, attempt, *told):
        return
    attempt.heard_at = now
    session.flush()
    if report.status in TERMINAL:
        ring_after_commit(session, Bell.OFFER)  # whoever hung up can be rung again
    if report.party == Party.ADVISOR:
        outbox.confirm(session, attempt, now=now)
        _hear_of_advisor(session, attempt, report, now=now)
    else:
        _hear_of_lead(session, attempt, report, now=now)


def placed(session: Session, attempt_id: str, provider_call_id: str, *, now: datetime) -> None:
    """The provider took the order. A webhook may have told us before."""
    attempt = _lock(session, attempt_id)
    if attempt and _bind(session, attempt, Party.ADVISOR, provider_call_id):
        _placed(session, attempt, now=now)


def not_placed(session: Session, attempt_id: str, *, problem: str, blame_advisor: bool, now: datetime) -> None:
    """The provider will not place this call: the callback goes back to the head of the queue.

    An advisor whose phone cannot be rung is set away with the reason, so that refusals cannot go round for ever.
    """
    attempt = _lock(session, attempt_id)
    if attempt is None or attempt.state != AttemptState.REQUESTED:
        return
    _finish(session, attempt, "failed", Result.CARRIER_ERROR, now=now)
    if blame_advisor:
        presence.go_away(session, session.get_one(Advisor, attempt.advisor_id), reason=problem, now=now)


def lose(session: Session, attempt_id: str, *, now: datetime) -> None:
    """Nobody can tell what became of the call: the callback goes back.

    If the lead's phone may have rung, a person looks first.
    """
    attempt = _lock(session, attempt_id)
    if attempt and attempt.state in LIVE_ATTEMPT:
        outbox.withdraw(session, attempt, now=now)
        _finish(session, attempt, "lose", Result.UNKNOWN, now=now)


def silent(session: Session, *, ring_time: timedelta, now: datetime) -> list[Silent]:
    """Return the attempts without news for too long: live ones, and ended ones of which a leg may not have ended."""
    quiet = select(CallAttempt).where(CallAttempt.heard_at < now - min(SILENCE.values()))
    live = quiet.where(col(CallAttempt.state).in_(LIVE_ATTEMPT))
    on_the_line = select(CallLeg.attempt_id).where(col(CallLeg.status).in_(presence.ON_THE_LINE))
    ended = quiet.where(col(CallAttempt.ended_at) > now - STILL_OF_INTEREST, col(CallAttempt.id).in_(on_the_line))
    found = []
    for attempt in [*session.exec(live), *session.exec(ended)]:
        leg = _leg(session, attempt, Party.ADVISOR)
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


def is_known(session: Session, provider_call_id: str) -> bool:
    """Whether the provider's call belongs to an attempt already."""
    found = select(CallLeg.id).where(CallLeg.provider_call_id == provider_call_id)
    return session.exec(found).first() is not None


def is_live(session: Session, attempt_id: str) -> bool:
    """Whether the attempt is under way."""
    return session.get_one(CallAttempt, attempt_id).state in LIVE_ATTEMPT


def dial_by_hand(session: Session, attempt: CallAttempt, *, now: datetime) -> str:
    """The advisor is about to ring the lead from a phone of their own: return the number, if the gate agrees."""
    callback = session.get_one(Callback, attempt.callback_id)
    lead = session.get_one(Lead, callback.lead_id)
    decision = gate.ask(session, callback, lead, gate.Moment.DIAL, now=now, attempt=attempt)
    if not decision.allowed:
        raise gate.refusal(decision)
    if attempt.state != AttemptState.RINGING_LEAD:
        _placed(session, attempt, now=now)
        _dialled(session, attempt, now=now)
    return lead.phone


def record_by_hand(session: Session, attempt: CallAttempt, result: Result, *, now: datetime) -> None:
    """The advisor says what came of ringing by hand. Raises NotNow if the number was never shown."""
    if result in ADVISOR_SIDE:
        _pass_on(session, attempt, "missed", result, now=now)
        return
    if attempt.state != AttemptState.RINGING_LEAD:
        msg = "Show the number and ring it first, then say what came of it."
        raise NotNow(msg)
    if result == Result.CONVERSATION:
        advance(session, attempt, "answered", actor=NETWORK, now=now, answered_at=now)
        _finish(session, attempt, "hung_up", result, now=now)
    else:
        _finish(session, attempt, "missed", result, now=now)


def reached_voicemail(session: Session, callback: Callback, advisor: Advisor, *, notes: str, now: datetime) -> None:
    """The advisor says that a machine had answered: no conversation took place, and the cadence goes on."""
    attempt = session.exec(
        select(CallAttempt).where(CallAttempt.callback_id == callback.id).order_by(col(CallAttempt.requested_at).desc())
    ).first()
    if callback.advisor_id != advisor.id or attempt is None:
        msg = "This callback is not yours any more."
        raise NotNow(msg)
    attempt.result = Result.LEAD_VOICEMAIL
    if callback.first_conversation_at == attempt.answered_at:
        callback.first_conversation_at = None
    callback.notes = notes
    _miss(session, callback, actor=queue.actor_of(advisor), now=now)
    presence.became_free(session, advisor, now=now)


def _hear_of_advisor(session: Session, attempt: CallAttempt, report: LegReport, *, now: datetime) -> None:
    if attempt.state not in LIVE_ATTEMPT:
        return
    if report.status not in TERMINAL:
        _placed(session, attempt, now=now)
    elif attempt.state == AttemptState.BRIDGED:
        _finish(session, attempt, "hung_up", Result.CONVERSATION, now=now)
    elif attempt.state != AttemptState.RINGING_LEAD:
        event, result = ADVISOR_OUTCOMES[report.status]
        _pass_on(session, attempt, event, result, now=now)
    elif _was_never_dialled(session, attempt, report):
        _pass_on(session, attempt, "missed", Result.ADVISOR_DECLINED, now=now)


def _was_never_dialled(session: Session, attempt: CallAttempt, report: LegReport) -> bool:
    """Whether the advisor hung up before the network dialled the lead; else the lead's leg tells what came of it.

    Only a fetch of both legs can say so. What was written down as a ring is taken back.
    """
    if report.kind != FETCHED or _leg(session, attempt, Party.LEAD):
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
        answered_at = now - timedelta(seconds=report.seconds)
        advance(
            session, attempt, "answered", actor=NETWORK, now=now, answered_at=max(answered_at, attempt.requested_at)
        )
    if report.status == LegStatus.COMPLETED or (report.status in TERMINAL and attempt.state == AttemptState.BRIDGED):
        _finish(session, attempt, "hung_up", Result.CONVERSATION, now=now)
    elif report.status == LegStatus.CANCELED:  # the advisor hung up while the lead's phone rang
        _pass_on(session, attempt, "missed", Result.ADVISOR_DECLINED, now=now)
    elif report.status in TERMINAL:
        event, result = LEAD_OUTCOMES[report.status]
        _finish(session, attempt, event, result, now=now)


def _finish(session: Session, attempt: CallAttempt, event: str, result: Result, *, now: datetime) -> None:
    """End the attempt and move its callback on. A silent bridge that is lost was a conversation all the same."""
    was_bridged = attempt.state == AttemptState.BRIDGED
    advance(session, attempt, event, actor=CLOCK if event == "lose" else NETWORK, now=now, result=result, ended_at=now)
    callback = session.get_one(Callback, attempt.callback_id, with_for_update=True)
    advisor = session.get_one(Advisor, attempt.advisor_id)
    if callback.state != CallbackState.CALLING:
        return
    if result == Result.CONVERSATION or was_bridged:
        _converse(session, callback, attempt, now=now)
    elif result in ADVISOR_SIDE:
        _hand_back(session, callback, attempt, now=now)
    else:
        _miss(session, callback, actor=NETWORK, now=now)
        presence.became_free(session, advisor, now=now)


def _pass_on(session: Session, attempt: CallAttempt, event: str, result: Result, *, now: datetime) -> None:
    """The advisor did not take it: the next one is rung, and the miss is counted."""
    _finish(session, attempt, event, result, now=now)
    presence.missed_offer(session, session.get_one(Advisor, attempt.advisor_id), now=now)


def _converse(session: Session, callback: Callback, attempt: CallAttempt, *, now: datetime) -> None:
    advisor = session.get_one(Advisor, attempt.advisor_id)
    wrap_up = queue.WRAP_UP_BY_KEYPAD if presence.is_phone_only(advisor, now=now) else queue.WRAP_UP
    advance(
        session,
        callback,
        "converse",
        actor=NETWORK,
        now=now,
        ended_at=now,
        lease_until=now + wrap_up,
        first_conversation_at=callback.first_conversation_at or attempt.answered_at,
    )


def _hand_back(session: Session, callback: Callback, attempt: CallAttempt, *, now: datetime) -> None:
    lost_while_ringing = attempt.state == AttemptState.LOST and attempt.rung_at is not None
    hold = "A call was lost after their phone was dialled: look before ringing again." if lost_while_ringing else ""
    advance(session, callback, "hand_back", actor=NETWORK, now=now, advisor_id=None, lease_until=None, hold=hold)


def _miss(session: Session, callback: Callback, *, actor: str, now: datetime) -> None:
    """Plan the next try by the cadence and the gate, or end when the tries are used up."""
    misses = callback.misses + 1
    due_at = cadence.next_due(misses, missed_at=now)
    if due_at is None:
        advance(session, callback, "exhaust", actor=actor, now=now, misses=misses, finished_at=now, lease_until=None)
        queue.close_lead(session, callback, "unreachable", actor=actor, now=now)
        return
    lead = session.get_one(Lead, callback.lead_id)
    decision = gate.may_contact(session, lead.phone, gate.Channel.CALL, lead=lead, now=due_at)
    due_at = decision.not_before or due_at
    advance(
        session, callback, "miss", actor=actor, now=now, misses=misses, due_at=due_at, advisor_id=None, lease_until=None
    )


def _gate_is_open(session: Session, attempt: CallAttempt, moment: gate.Moment, now: datetime) -> bool:
    """Ask the gate about the attempt; where it refuses, the attempt ends and the callback waits until it may."""
    callback = session.get_one(Callback, attempt.callback_id)
    lead = session.get_one(Lead, callback.lead_id)
    decision = gate.ask(session, callback, lead, moment, now=now, attempt=attempt)
    if not decision.allowed:
        refuse(session, attempt, decision, now=now)
    return decision.allowed


def refuse(session: Session, attempt: CallAttempt, decision: gate.Decision, *, now: datetime) -> None:
    """The gate closed while the advisor was being rung: end the attempt, put the callback off."""
    _finish(session, attempt, "failed", Result.UNKNOWN, now=now)
    callback = session.get_one(Callback, attempt.callback_id)
    if callback.state == CallbackState.WAITING:
        queue.put_off(session, callback, decision, now=now)


def _placed(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    if attempt.state == AttemptState.REQUESTED:
        advance(session, attempt, "placed", actor=RELAY, now=now, heard_at=now)
        outbox.confirm(session, attempt, now=now)


def _dialled(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Time to first attempt ends here: the lead's own phone is dialled."""
    callback = session.get_one(Callback, attempt.callback_id)
    advance(
        session, attempt, "accepted", actor=queue.actor_of_id(attempt.advisor_id), now=now, rung_at=now, heard_at=now
    )
    callback.first_rung_at = callback.first_rung_at or now
    presence.took_offer(session, session.get_one(Advisor, attempt.advisor_id))
    ring_after_commit(session, Bell.OFFER)


def _dial(session: Session, attempt: CallAttempt) -> Dial:
    callback = session.get_one(Callback, attempt.callback_id)
    return Dial(attempt.phone, session.get_one(Brand, callback.brand_id).caller_id)


def _lock(session: Session, attempt_id: str) -> CallAttempt | None:
    return session.exec(select(CallAttempt).where(CallAttempt.id == attempt_id).with_for_update()).first()


def _leg(session: Session, attempt: CallAttempt, party: Party) -> CallLeg | None:
    return session.exec(select(CallLeg).where(CallLeg.attempt_id == attempt.id, CallLeg.party == party)).first()


def _bind(  # noqa: PLR0917 - a leg and its news
    session: Session,
    attempt: CallAttempt,
    party: Party,
    provider_call_id: str,
    status: LegStatus | None = None,
    sequence: int = -1,
) -> bool:
    """Tie a provider's call to the attempt's leg, with its newest status; False when another call is tied to it."""
    leg = _leg(session, attempt, party)
    if leg is None:
        leg = CallLeg(attempt_id=attempt.id, party=party, provider_call_id=provider_call_id)
        session.add(leg)
    if leg.provider_call_id != provider_call_id:
        return False
    if status and leg.status not in TERMINAL and (status in TERMINAL or sequence >= leg.sequence):
        leg.status, leg.sequence = status, sequence
    session.flush()
    return True


def _is_news(session: Session, report: LegReport, *, now: datetime) -> bool:
    row = {
        "attempt_id": report.attempt_id,
        "provider_call_id": report.provider_call_id or report.attempt_id,  # a leg that never came to be has no id
        "kind": report.kind,
        "sequence": report.sequence,
        "status": report.status,
        "received_at": now,
    }
    return insert_new(session, ProviderEvent, row)
