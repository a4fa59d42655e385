"""The whole product, in a process of its own, on a network where people act by themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlmodel import col, select

from leads.database.transactions import reader
from leads.models.calls import CallAttempt
from leads.models.enums import LIVE_ATTEMPT, Result
from tests.support import call_truth
from tests.support.running_desk import ADVISOR_PHONE, eventually, running_desk
from tests.support.simulated_desk import LEAD
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
