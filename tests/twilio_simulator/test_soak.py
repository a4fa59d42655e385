from __future__ import annotations

import random

import pytest
from requests.exceptions import RequestException
from twilio.base.exceptions import TwilioRestException

from tests.support.small_desk import ADVISOR, ATTEMPT, HELPLINE, LEAD, running_small_desk
from tests.support.twilio_simulator import Chaos, Fault, Phone

BROKEN = ("simulator failed", "never ended", "left behind")


def draw_phone(draw: random.Random, *, is_lead: bool) -> Phone:
    return Phone(
        outcome=draw.choice(["answer"] * 6 + ["busy", "no-answer", "failed"]),
        ring=draw.uniform(0, 25),
        keys=() if is_lead else (draw.choice(["1", "1", "1", "", "2", "hangup"]),),
        talk=draw.uniform(0, 60),
        stars=(draw.uniform(0, 40),) * draw.randint(0, 3),
        patience=draw.uniform(1, 200),
        answered_by=draw.choice(["human", "machine", "unknown"]),
        is_lead=is_lead,
    )


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(40))
def test_whatever_people_do_everything_ends(seed: int) -> None:
    draw = random.Random(seed)
    with running_small_desk(
        early_media_joins=draw.random() < 0.5,
        end_cancels_ringing=draw.random() < 0.5,
        action_after_hangup=draw.random() < 0.5,
        music_when_left_alone=draw.random() < 0.5,
    ) as (twilio, desk):
        twilio.set_fate(Chaos(seed, lose=0.1, repeat=0.2, late=0.3))
        for _ in range(4):
            twilio.phones[ADVISOR] = draw_phone(draw, is_lead=False)
            twilio.phones[LEAD] = draw_phone(draw, is_lead=True)
            if draw.random() < 0.4:
                twilio.faults.append(draw.choice(list(Fault)))
            try:
                desk.call_advisor()
                twilio.receive_call(LEAD, HELPLINE)
                for room in desk.client.conferences.list(friendly_name=ATTEMPT):
                    for one in room.participants.list() if draw.random() < 0.5 else []:
                        one.update(hold=draw.random() < 0.5, muted=draw.random() < 0.5)
            except (TwilioRestException, RequestException):
                continue
            twilio.settle()
        twilio.settle()
        found = [one for one in twilio.list_problems() if any(word in one for word in BROKEN)]
        assert found == []
        truth = {leg.sid: leg.status for leg in twilio.legs.values()}
        assert {one.sid: one.status for one in desk.client.calls.list()} == truth
