"""What the product says of calls, held against what the simulator of the network knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from leads.contact_rules.gate import GateMoment
from leads.database.transactions import reader
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg, GateDecision
from leads.models.enums import (
    LIVE_ATTEMPT,
    OPEN_CALLBACK,
    AttemptState,
    CallbackState,
    Result,
)
from leads.people import presence
from leads.reporting import waiting_now
from tests.support.simulated_desk import LEAD, SECRETS
from tests.support.twilio_simulator import Leg, Simulator
from tests.support.twilio_simulator.conferences import PEOPLE, list_spans

MINUTE = timedelta(minutes=1)  # after it a phone that may have rung has rung
SLACK = 2.0  # seconds by which what we write down may differ from what took place
SHORTEST = 10.0


def list_untruths(twilio: Simulator, *, now: datetime, allowed: Sequence[str] = ()) -> list[str]:
    """Return what the product says or did wrong, and what the simulator found.

    `allowed`: how problems of the simulator begin that a test has caused itself.
    """
    found = [one for one in twilio.list_problems(SECRETS) if not one.startswith(tuple(allowed))]
    with reader() as session:
        for attempt in session.exec(select(CallAttempt).order_by(col(CallAttempt.requested_at))):
            found += _look_at_attempt(session, twilio, attempt)
        found += _look_at_legs(session, twilio)
        found += _look_at_queue(session, now)
    return found


def _legs_of_attempt(twilio: Simulator, attempt_id: str) -> list[Leg]:
    return [
        leg
        for leg in list(twilio.legs.values())
        if attempt_id in leg.options.get("Url", "") + leg.options.get("Twiml", "")
    ]


def _look_at_attempt(session: Session, twilio: Simulator, attempt: CallAttempt) -> Iterator[str]:
    who = f"attempt {attempt.id[-4:]} ({attempt.state}, {attempt.result})"
    if attempt.state in LIVE_ATTEMPT:
        yield f"{who} never ended"
    legs = _legs_of_attempt(twilio, attempt.id)
    dialed = Counter(leg.to for leg in legs if "/ask" not in leg.options.get("Url", ""))
    yield from (f"{who} dialed {to} {count} times" for to, count in dialed.items() if count > 1)
    to_lead = [leg for leg in legs if leg.to == LEAD]
    dials = select(GateDecision).where(
        GateDecision.attempt_id == attempt.id,
        GateDecision.moment == GateMoment.RELAY,
        col(GateDecision.allowed).is_(True),
    )
    if to_lead and not session.exec(dials).first():
        yield f"{who} dialed without a decision"
    yield from (f"{who}: {what}" for what in _look_at_result(session, twilio, attempt, to_lead))
    yield from (f"{who}: {what}" for what in _look_at_ring(attempt, to_lead))


def _look_at_result(
    session: Session, twilio: Simulator, attempt: CallAttempt, to_lead: Sequence[Leg]
) -> Iterator[str]:
    callback = session.get_one(Callback, attempt.callback_id)
    said = attempt.result == Result.CONVERSATION
    talked = sum(_seconds_together(twilio, leg) for leg in to_lead)
    if not any(leg.answered for leg in to_lead):
        if said or attempt.answered_at:
            yield "nobody answered"
    elif talked >= SHORTEST + SLACK and not said and attempt.doubt is None:
        yield f"they talked for {talked:.0f} s"
    elif attempt.doubt is not None and said and callback.disposition is None:
        yield f"in doubt ({attempt.doubt}), and counted as a conversation"
    elif talked < SHORTEST - SLACK and said and callback.disposition is None:
        yield f"they talked for {talked:.0f} s only"


def _look_at_ring(attempt: CallAttempt, to_lead: Sequence[Leg]) -> Iterator[str]:
    is_unknown = attempt.state == AttemptState.LOST  # whether they were rung: a person looks
    is_told = attempt.result == Result.LEAD_UNREACHABLE or is_unknown
    if attempt.rung_at and not to_lead and not is_told:
        yield "the lead's phone was never dialed"
    if attempt.rung_at is None and any(leg.phone.outcome != "failed" for leg in to_lead):
        yield "the lead's phone was dialed"


def _seconds_together(twilio: Simulator, leg: Leg) -> float:
    """Return how long somebody heard people, who may have been an advisor."""
    rooms = [room for room in twilio.conferences.values() if room.sid in leg.conferences]
    heard = [
        span for room in rooms for one in room.history if one.leg is leg for span in list_spans(one)
    ]
    return sum(seconds for seconds, what in heard if what.sound == PEOPLE)


def _look_at_legs(session: Session, twilio: Simulator) -> Iterator[str]:
    known = {leg.provider_call_id: leg for leg in session.exec(select(CallLeg))}
    for sid, leg in twilio.legs.items():
        row = known.get(sid)
        if row is None:
            if "/ask" not in leg.options.get("Url", ""):
                yield f"{leg.status} call to {leg.to} is known to nobody"
        elif row.status != leg.status:
            yield f"{row.party}'s leg is {leg.status}, we say {row.status!r}"
    for sid, row in known.items():
        if sid and sid not in twilio.legs:
            yield f"{row.party}'s leg is not Twilio's"


def _look_at_queue(session: Session, now: datetime) -> Iterator[str]:
    if limbo := waiting_now.list_limbo_leads(session):
        yield f"in no queue: {limbo}"
    for callback in session.exec(select(Callback)):
        if callback.state in (CallbackState.CALLING, CallbackState.CLAIMED):
            yield f"callback is still {callback.state}"
        is_open = callback.state in OPEN_CALLBACK
        if is_open == (callback.finished_at is not None):
            yield f"callback is {callback.state} and finished at {callback.finished_at}"
    held = {
        one.advisor_id
        for one in session.exec(select(Callback).where(Callback.state == CallbackState.WRAP_UP))
    }
    free = {one.id for one in presence.list_available_advisors(session, now=now + MINUTE)}
    for advisor in session.exec(select(Advisor)):
        if advisor.id not in free | held and advisor.away_until is None and not advisor.away_reason:
            yield f"{advisor.name} is not free again"
