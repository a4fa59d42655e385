"""The whole product on a phone network where people act by themselves."""

from __future__ import annotations

import pytest

from tests.support.running_desk import ADVISOR_PHONE, eventually, running_desk
from tests.support.twilio_double import CALLER_ID
from tests.support.twilio_simulator import Chaos, Number, Phone, Settings, running_simulator

LEAD = "+13155550142"
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
        twilio.phones[LEAD] = Phone(ring=5, talk=30)
        twilio.set_fate(Chaos(seed, repeat=0.3, late=0.3, delay=5))
        with running_desk(database, twilio) as desk:
            desk.http.post(desk.opens(), json=FORM)
            eventually(lambda: twilio.legs_to(LEAD), "the lead was never rung")
            twilio.settle()
            assert twilio.list_problems(["Jordan", "Reyes", "drinking", LEAD]) == []
            assert [leg.status for leg in twilio.legs.values()] == ["completed", "completed"]
