from __future__ import annotations

import asyncio
import re
from datetime import timedelta

from tests.support.small_desk import ADVISOR, LEAD, running_small_desk
from tests.support.twilio_simulator import Chaos, Phone
from tests.support.twilio_simulator.clock import Clock


def play_once() -> list[tuple[float, str, str]]:
    with running_small_desk() as (twilio, desk):
        twilio.set_fate(Chaos(seed=5, lose=0.1, repeat=0.2, late=0.5))
        twilio.phones[ADVISOR] = Phone(keys=("1",), talk=100)
        twilio.phones[LEAD] = Phone(ring=5, talk=30, is_lead=True)
        desk.call_advisor()
        twilio.settle()
        began = twilio.wire.journal[0].at
        return [
            (
                round((entry.at - began).total_seconds(), 3),
                entry.kind,
                re.sub(r":\d+/", "/", entry.what),
            )
            for entry in twilio.wire.journal
        ]


def test_a_run_is_the_same_every_time() -> None:
    first = play_once()
    assert len(first) > 30
    assert sorted(play_once()) == sorted(first)


def test_time_stands_still_on_demand() -> None:
    with running_small_desk() as (twilio, desk):
        twilio.phones[ADVISOR] = Phone(outcome="busy")
        with twilio.time_stopped():
            began = twilio.wire.clock.now()
            call = desk.call_advisor()
            desk.client.calls(call.sid).fetch()
            assert twilio.wire.clock.now() == began
        twilio.settle()
        assert twilio.wire.clock.now() > began


def test_who_sleeps_less_wakes_up_first_and_on_time() -> None:
    async def sleep_twice() -> timedelta:
        clock = Clock(1000)
        longer = asyncio.create_task(clock.sleep(4))
        await asyncio.sleep(0.001)
        began = clock.now()
        await clock.sleep(0.1)
        longer.cancel()
        return clock.now() - began

    assert asyncio.run(sleep_twice()) == timedelta(seconds=0.1)
