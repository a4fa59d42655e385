"""The whole product, in a process of its own, on a network where people act by themselves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from leads.database.transactions import reader, transaction
from leads.helplines import call_presets
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import (
    LIVE_ATTEMPT,
    OPEN_CALLBACK,
    AdvisorRole,
    CallbackState,
    LeadState,
    Party,
    Result,
)
from leads.models.helplines import Brand, Source
from leads.models.inbound import ArrivalLook, InboundCall, InboundSettings
from leads.models.requests import TextMessage
from tests.support import call_truth
from tests.support.people import a_lead
from tests.support.running_desk import (
    ADVISOR_PHONE,
    Desk,
    add_advisor,
    eventually,
    running_desk,
)
from tests.support.simulated_desk import LEAD, SECRETS, list_unrest, point_number_to
from tests.support.twilio_double import CALLER_ID
from tests.support.twilio_simulator import (
    Chaos,
    Number,
    Phone,
    Settings,
    Simulator,
    running_simulator,
)

FORM = {
    "name": "Jordan Reyes",
    "phone": LEAD,
    "message": "I want to stop drinking.",
    "for_whom": "self",
    "any_hour": "yes",
    "consent": "true",
    "consent_text": "Call me back.",
}


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3))
def test_a_request_becomes_a_conversation_and_nothing_goes_wrong(database: str, seed: int) -> None:
    settings = Settings(speed=50, calls_per_second=100)
    with running_simulator(settings, {CALLER_ID: Number()}) as twilio:
        twilio.phones[ADVISOR_PHONE] = Phone(keys=("1", "1"), talk=100)
        twilio.phones[LEAD] = Phone(ring=5, talk=30, is_lead=True)
        twilio.set_fate(Chaos(seed, repeat=0.3, late=0.3, delay=5))
        with running_desk(database, twilio) as desk:
            desk.http.post(desk.opens(), json=FORM)
            eventually(lambda: twilio.legs_to(LEAD), "the lead was never rung")
            twilio.settle()
            assert twilio.list_problems(["Jordan", "Reyes", "drinking", LEAD]) == []
            assert [leg.status for leg in twilio.legs.values()] == ["completed", "completed"]


MOMENTS: dict[str, Callable[[Simulator], bool]] = {
    "the advisor is rung": lambda twilio: bool(twilio.legs_to(ADVISOR_PHONE)),
    "the lead is rung": lambda twilio: bool(twilio.legs_to(LEAD)),
    "they talk": lambda twilio: any(leg.status == "in-progress" for leg in twilio.legs_to(LEAD)),
}


@pytest.mark.soak
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_process_finds_out_what_became_of_its_call(database: str, moment: str) -> None:
    settings = Settings(speed=2, calls_per_second=100)
    with running_simulator(settings, {CALLER_ID: Number()}) as twilio:
        twilio.phones[ADVISOR_PHONE] = Phone(keys=("1",), talk=100)
        twilio.phones[LEAD] = Phone(ring=5, talk=40, is_lead=True)
        with running_desk(database, twilio, RING_SECONDS="10") as desk:
            desk.http.post(desk.opens(), json=FORM)
            eventually(lambda: MOMENTS[moment](twilio), "it never came so far")
            desk.stop(kill=True)
            desk.start()
            eventually(lambda: not twilio.is_busy() and not _live(), "a call goes on", within=150)
            down = ["webhook", "alert 11200", "somebody heard nothing"]
            found = call_truth.list_untruths(twilio, now=datetime.now(UTC), allowed=down)
            assert [one for one in found if not one.startswith("callback is still")] == []
            assert len(twilio.legs_to(LEAD)) <= 1
            if moment == "they talk":
                assert _results() == [Result.CONVERSATION]


def _live() -> list[CallAttempt]:
    with reader() as session:
        live = select(CallAttempt).where(col(CallAttempt.state).in_(LIVE_ATTEMPT))
        return list(session.exec(live))


def _results() -> list[Result | None]:
    with reader() as session:
        return [attempt.result for attempt in session.exec(select(CallAttempt))]


SECOND_PHONE, INTERPRETER = "+13155570102", "+13155550155"
PLACED = "POST /2010-04-01"


def rings_out(desk: Desk, _twilio: Simulator) -> None:
    desk.http.post(desk.opens(advisors=2), json=FORM)


def calls_in(desk: Desk, twilio: Simulator) -> None:
    desk.opens(advisors=2)
    twilio.receive_call(LEAD, CALLER_ID)


def leaves_a_message(desk: Desk, twilio: Simulator) -> None:
    desk.opens(advisors=2)
    with transaction() as session:
        brand_id = _answering_brand(session)
        session.add(InboundSettings(brand_id=brand_id, takes_voicemail=True))
    twilio.phones[ADVISOR_PHONE] = Phone("no-answer")
    twilio.phones[LEAD] = Phone(keys=("2",), talk=8, is_lead=True)
    twilio.receive_call(LEAD, CALLER_ID)


def asks_in_a_colleague(desk: Desk, twilio: Simulator) -> None:
    twilio.phones[ADVISOR_PHONE] = Phone(keys=("1", "2", "1", "1"), stars=(5, 15), talk=60)
    rings_out(desk, twilio)


def asks_in_an_interpreter(desk: Desk, twilio: Simulator) -> None:
    twilio.phones[ADVISOR_PHONE] = Phone(keys=("1", "4", "1", "1"), stars=(5, 15), talk=60)
    webhook = desk.opens()
    with transaction() as session:
        now = datetime.now(UTC)
        boss = add_advisor(session, 9, now=now, role=AdvisorRole.SUPERVISOR)
        line = {"name": "Language line", "language": "Spanish", "number": INTERPRETER}
        brand_id = _answering_brand(session)
        call_presets.add_preset(session, brand_id, boss, Party.INTERPRETER, **line, now=now)
    desk.http.post(webhook, json=FORM)


def asks_for_a_call_by_text(desk: Desk, twilio: Simulator) -> None:
    desk.opens(advisors=2)
    twilio.receive_text(LEAD, CALLER_ID, "please call me")


def is_called_for_a_text(desk: Desk, twilio: Simulator) -> None:
    """Whoever texts names no hours, and nobody calls them at night: this test runs at any hour."""
    desk.opens(advisors=2)
    with transaction() as session:
        _add_helped_person(session)  # a stranger's text waits for a person
    twilio.receive_text(LEAD, CALLER_ID, "please call me")
    eventually(_find_promise, "the text led to nothing")
    with transaction() as session:
        callback = session.exec(PROMISED).one()
        callback.any_hour, callback.due_at = True, datetime.now(UTC)


PROMISED = select(Callback).where(col(Callback.state).in_(OPEN_CALLBACK))


def _find_promise() -> Callback | None:
    with reader() as session:
        return session.exec(PROMISED).first()


def _add_helped_person(session: Session) -> None:
    theirs = select(Source).where(Source.brand_id == _answering_brand(session))
    source = session.exec(theirs).one()
    lead = a_lead(session, LEAD, state=LeadState.CLOSED)
    times = dict.fromkeys(("received_at", "promised_at", "due_at", "finished_at"), lead.created_at)
    their = {"lead_id": lead.id, "brand_id": source.brand_id, "source_id": source.id}
    session.add(Callback(state=CallbackState.COMPLETED, **their, **times))


def hands_over(desk: Desk, twilio: Simulator) -> None:
    twilio.phones[ADVISOR_PHONE] = Phone(keys=("1", "2", "5"), stars=(5, 20), talk=90)
    rings_out(desk, twilio)


KILLED_IN = [
    (rings_out, PLACED),
    (rings_out, "/accept"),
    (rings_out, "/leg"),
    (calls_in, "/hooks/voice/inbound"),
    (calls_in, PLACED),
    (calls_in, "/accept"),
    (calls_in, "/room"),
    (leaves_a_message, "/key"),
    (leaves_a_message, "/recording"),
    (leaves_a_message, "DELETE"),
    (asks_in_a_colleague, "/menu/key"),
    (asks_in_a_colleague, "/party/"),
    (asks_in_an_interpreter, "/party/"),
    (hands_over, "/menu"),
    (is_called_for_a_text, PLACED),
    (asks_for_a_call_by_text, "/hooks/sms/inbound"),
]
"""What goes on, and the address in whose request, from or to us, the process is killed."""


@pytest.mark.soak
@pytest.mark.parametrize(("begin", "address"), KILLED_IN)
def test_a_process_killed_in_a_request_goes_on_after_a_restart(
    database: str, begin: Callable[[Desk, Simulator], None], address: str
) -> None:
    with running_simulator(Settings(speed=2, calls_per_second=100)) as twilio:
        twilio.phones[ADVISOR_PHONE] = Phone(keys=("1", "1"), talk=60)
        twilio.phones[SECOND_PHONE] = Phone(keys=("1", "1"), talk=30)
        twilio.phones[LEAD] = Phone(ring=4, talk=40, is_lead=True)
        more = {"RING_SECONDS": "10", "SECRET_KEY": "k" * 32}
        with running_desk(database, twilio, **more) as desk:
            twilio.numbers[CALLER_ID] = point_number_to(desk.url)
            printed, is_dead = [], threading.Event()

            def kill() -> None:
                printed.append(desk.stop(kill=True))
                is_dead.set()

            twilio.interrupt_at(address, kill)
            begin(desk, twilio)
            assert is_dead.wait(60), "nobody asked there"
            _look_from_the_start()
            desk.start()
            eventually(lambda: _is_over(twilio), "no rest", within=200)
            found = call_truth.list_untruths(twilio, now=datetime.now(UTC), allowed=OUTAGE)
            assert [one for one in found if not one.startswith("callback is still")] == []
            printed.append(desk.stop())
            assert [one for one in SECRETS if one in "".join(printed)] == []


OUTAGE = ("webhook", "alert 11200", "somebody heard nothing", "a lead heard nothing")


def _answering_brand(session: Session) -> int:
    return session.exec(select(Brand.id).where(Brand.caller_id == CALLER_ID)).one()


def _is_over(twilio: Simulator) -> bool:
    return not twilio.is_busy() and _is_at_rest() and _is_every_arrival_here(twilio)


def _is_every_arrival_here(twilio: Simulator) -> bool:
    """What came in while the desk was down is here a minute later."""
    with reader() as session:
        here = set(session.exec(select(TextMessage.message_id)))
        here |= set(session.exec(select(InboundCall.provider_call_id)))
    sent = {sid for sid, one in twilio.texts.stored.items() if one["direction"] == "inbound"}
    called = {sid for sid, leg in twilio.legs.items() if leg.direction == "inbound"}
    return sent | called <= here


def _look_from_the_start() -> None:
    """Let the simulator's clock, which stands still meanwhile, be behind ours."""
    with transaction() as session:
        for look in session.exec(select(ArrivalLook)):
            look.since -= timedelta(hours=1)


def _is_at_rest() -> bool:
    with reader() as session:
        return not any(session.exec(query.limit(1)).first() for query in list_unrest())
