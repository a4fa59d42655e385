"""What the product says of calls, held against what the simulator of the network knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from leads.contact_rules.gate import GateMoment
from leads.database.transactions import reader
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg, GateDecision, ProviderEvent
from leads.models.enums import (
    KEPT_VOICEMAIL,
    LIVE_ATTEMPT,
    LIVE_INBOUND,
    OPEN_CALLBACK,
    AttemptState,
    CallbackState,
    InboundState,
    Presence,
    Result,
    TextStatus,
    VoicemailState,
)
from leads.models.inbound import InboundCall
from leads.models.requests import OutgoingText, TextMessage
from leads.models.voicemails import Voicemail
from leads.people import availability
from leads.reporting import waiting_now
from tests.support.simulated_desk import SECRETS
from tests.support.twilio_simulator import Leg, Simulator
from tests.support.twilio_simulator.conferences import PEOPLE, Participant, list_spans

MINUTE = timedelta(minutes=1)  # after it a phone that may have rung has rung
ROUNDED = timedelta(milliseconds=1)  # as the simulator adds its seconds up
SLACK = 2.0  # seconds by which what we write down may differ from what took place
SHORTEST = 10.0
AT_ONCE = timedelta(seconds=0.2)


def list_untruths(
    twilio: Simulator,
    *,
    now: datetime,
    allowed: Sequence[str] = (),
    ended_at: datetime | None = None,
) -> list[str]:
    """Return what the product says or did wrong, and what the simulator found.

    `allowed`: how problems of the simulator begin that a test has caused itself. `ended_at`: when
    somebody ordered the end of all calls with the lead, by a stop or at a desk.
    """
    found = [one for one in twilio.list_problems(SECRETS) if not one.startswith(tuple(allowed))]
    with reader() as session:
        for attempt in session.exec(select(CallAttempt).order_by(col(CallAttempt.requested_at))):
            found += _look_at_attempt(session, twilio, attempt)
        found += _look_at_ends(twilio, ended_at)
        found += _look_at_order_to_end(twilio, ended_at) if ended_at else ()
        found += _look_at_legs(session, twilio)
        found += _look_at_callers(session, twilio)
        found += _look_at_voicemails(session, twilio)
        found += _look_at_texts(session, twilio)
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
    to_lead = [leg for leg in legs if leg.to == attempt.phone]
    with_lead = [*to_lead, *_legs_of_caller(session, twilio, attempt)]
    dials = select(GateDecision).where(
        GateDecision.attempt_id == attempt.id,
        GateDecision.moment == GateMoment.RELAY,
        col(GateDecision.allowed).is_(True),
    )
    if to_lead and not session.exec(dials).first():
        yield f"{who} dialed without a decision"
    yield from (f"{who}: {what}" for what in _look_at_result(session, twilio, attempt, with_lead))
    yield from (f"{who}: {what}" for what in _look_at_ring(attempt, to_lead))


def _legs_of_caller(session: Session, twilio: Simulator, attempt: CallAttempt) -> list[Leg]:
    """Return the call that came in and that an attempt is for, once it was in its conference."""
    if attempt.inbound_call_id is None:
        return []
    leg = twilio.legs[session.get_one(InboundCall, attempt.inbound_call_id).provider_call_id]
    return [leg] if _seconds_together(twilio, leg, attempt.id) else []


def _look_at_result(
    session: Session, twilio: Simulator, attempt: CallAttempt, with_lead: Sequence[Leg]
) -> Iterator[str]:
    callback = session.get_one(Callback, attempt.callback_id)
    said = attempt.result == Result.CONVERSATION
    talked = sum(_seconds_together(twilio, leg, attempt.id) for leg in with_lead)
    if not any(leg.answered for leg in with_lead):
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


def _seconds_together(twilio: Simulator, leg: Leg, name: str = "") -> float:
    """Return how long somebody heard people, who may have been an advisor, in a conference."""
    rooms = [
        room
        for room in twilio.conferences.values()
        if room.sid in leg.conferences and name in ("", room.name)
    ]
    heard = [
        span for room in rooms for one in room.history if one.leg is leg for span in list_spans(one)
    ]
    return sum(seconds for seconds, what in heard if what.sound == PEOPLE)


def _look_at_ends(twilio: Simulator, ended_at: datetime | None) -> Iterator[str]:
    """Yield the calls that ended while the lead and one of us had more to say to each other.

    An order to end all calls accounts for what came after it, and for nothing before.
    """
    for room in twilio.conferences.values():
        cut_off = [one for one in room.history if _is_cut_off(one, ended_at)]
        leads = [one for one in cut_off if one.leg.phone.is_lead]
        others = [one for one in cut_off if one.is_advisor]
        for lead in leads:
            if any(one.left == lead.left and not (one.muted or one.coached) for one in others):
                yield f"they were hung up on in the middle of their talk in conference {room.name}"


def _look_at_order_to_end(twilio: Simulator, ended_at: datetime) -> Iterator[str]:
    """Yield where the lead was on the line for longer than the order's failures account for.

    What has failed is sent again after 1, 2 and 4 s, and after a quarter more at most.
    """
    faults = [
        entry
        for entry in twilio.wire.journal
        if entry.kind == "rest" and entry.what.startswith("fault") and entry.at >= ended_at
    ]
    most = timedelta(seconds=1.25 * (2 ** len(faults) - 1)) + AT_ONCE
    for leg in twilio.legs.values():
        after = (leg.ended or ended_at) - ended_at
        if leg.phone.is_lead and after > most:
            yield f"the lead was on the line for {after.total_seconds():.1f} s after all was to end"


def _is_cut_off(one: Participant, ended_at: datetime | None) -> bool:
    """Whether somebody left a conference before they wanted to hang up, or an order ended it."""
    wanted, left = one.leg.talks_until, one.left
    is_before_order = ended_at is None or (left is not None and left < ended_at)
    is_early = left is not None and wanted is not None and left + ROUNDED < wanted
    return is_early and is_before_order


def _look_at_legs(session: Session, twilio: Simulator) -> Iterator[str]:
    known = {leg.provider_call_id: leg for leg in session.exec(select(CallLeg))}
    for sid, leg in twilio.legs.items():
        row = known.get(sid)
        if row is None:
            is_asking = "/ask" in leg.options.get("Url", "")
            if leg.direction != "inbound" and not is_asking and not _was_told(session, leg):
                yield f"{leg.status} call to {leg.to} is known to nobody"
        elif row.status != leg.status:
            yield f"{row.party}'s leg is {leg.status}, we say {row.status!r}"
    for sid, row in known.items():
        if sid and sid not in twilio.legs:
            yield f"{row.party}'s leg is not Twilio's"


def _was_told(session: Session, leg: Leg) -> bool:
    """Whether we know how a call ended whose place in the attempt its person's own call took."""
    told = select(ProviderEvent).where(
        ProviderEvent.provider_call_id == leg.sid, ProviderEvent.status == leg.status
    )
    return session.exec(told).first() is not None


def _look_at_callers(session: Session, twilio: Simulator) -> Iterator[str]:
    known = {call.provider_call_id: call for call in session.exec(select(InboundCall))}
    for leg in twilio.legs.values():
        call = known.get(leg.sid)
        if leg.direction == "inbound" and call is None:
            yield "a call that came in is known to nobody"
        elif leg.direction == "inbound" and call is not None:
            is_over = call.ended_at is not None and call.state not in LIVE_INBOUND
            if is_over != leg.is_over:
                yield f"a call that came in is {leg.status}, we say {call.state}"
            talked = _seconds_together(twilio, leg)
            if talked >= SHORTEST + SLACK and call.state != InboundState.ENDED:
                yield f"a caller talked for {talked:.0f} s, we say {call.state}"
            if not talked and call.state == InboundState.ENDED:
                yield "a caller never talked to anybody, we say that they did"
            if not leg.pressed and any(_is_within(one, leg) for one in twilio.legs_to(leg.from_)):
                yield "a caller was rung while they were on the line"
    yield from (f"{sid} called in, we say" for sid in known if sid not in twilio.legs)


def _is_within(called: Leg, caller: Leg) -> bool:
    """Whether a call was asked for while its person was on the line by a call of their own."""
    return caller.created < called.created and (not caller.ended or called.created < caller.ended)


def _look_at_voicemails(session: Session, twilio: Simulator) -> Iterator[str]:
    """Yield what is at the network still, or is neither there nor here."""
    voicemails = session.exec(select(Voicemail)).all()
    made = {entry.detail["sid"] for entry in twilio.wire.journal if entry.kind == "recording"}
    kept = {one.provider_recording_id for one in voicemails if one.state in KEPT_VOICEMAIL}
    if twilio.recordings.stored:
        yield f"{len(twilio.recordings.stored)} recordings were left at the network"
    if made != kept:
        yield f"{len(made)} recordings were made, {len(kept)} are kept"
    for one in voicemails:
        if one.state not in (VoicemailState.DELETED_AT_PROVIDER, VoicemailState.ABSENT):
            yield f"a voicemail is still {one.state}"


def _look_at_texts(session: Session, twilio: Simulator) -> Iterator[str]:
    ours = {text.message_id: text for text in session.exec(select(OutgoingText))}
    theirs = {text.message_id for text in session.exec(select(TextMessage))}
    sent = {sid: one for sid, one in twilio.texts.stored.items() if one["direction"] != "inbound"}
    for sid, message in sent.items():
        text = ours.get(sid)
        if text is None:
            yield f"a text that is {message['status']} is known to nobody"
        elif text.status != message["status"]:
            yield f"a text is {message['status']}, we say {text.status}"
    for sid, text in ours.items():
        if sid and sid not in sent:
            yield "a text of ours is not the network's"
        elif not sid and text.status not in (TextStatus.FAILED, TextStatus.UNKNOWN):
            yield f"a text that the network never had is {text.status}"
    for sid, message in twilio.texts.stored.items():
        if message["direction"] == "inbound" and sid not in theirs:
            yield "a text that came in is known to nobody"


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
    free = {one.id for one in availability.list_available_advisors(session, now=now + MINUTE)}
    for advisor in session.exec(select(Advisor)):
        is_away = advisor.away_until is not None or advisor.away_reason
        is_on_duty = advisor.on_duty_until or advisor.presence != Presence.OFFLINE
        if advisor.id not in free | held and is_on_duty and not is_away:
            yield f"{advisor.name} is not free again"
