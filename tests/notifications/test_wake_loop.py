"""The loop runs what is woken, in order, and leaves nothing half done."""

from __future__ import annotations

import threading

from leads.database.wakeups import Wakeup
from notifications.wake_loop import Stage, WakeLoop
from tests.conftest import NOW
from tests.support.running_desk import eventually


def test_stages_run_in_order_and_one_that_fails_or_has_more_to_do_holds_up_no_other() -> None:
    done: list[str] = []
    ended = threading.Event()

    def admit() -> bool:
        done.append("admit")
        return done.count("admit") < 3

    def offer() -> bool:
        done.append("offer")
        raise ConnectionError

    def relay() -> bool:
        done.append("relay")
        if len(done) > 4:
            ended.set()
        return False

    stages = (Stage(Wakeup.ADMIT, admit), Stage(Wakeup.OFFER, offer), Stage(Wakeup.RELAY, relay))
    loop = WakeLoop(stages, now=lambda: NOW)
    loop.start()
    eventually(lambda: done.count("admit") == 3)
    assert done == ["admit", "offer", "relay", "admit", "admit"]
    for wakeup in (Wakeup.RELAY, Wakeup.DESK):
        loop.wake_stage(wakeup)
    ended.wait()
    loop.stop()
    loop.wake_stage(Wakeup.ADMIT)
    assert done == ["admit", "offer", "relay", "admit", "admit", "relay"]


def test_a_loop_that_ends_finishes_the_stage_that_it_is_in() -> None:
    begun, goes_on, done = threading.Event(), threading.Event(), []

    def admit() -> bool:
        begun.set()
        goes_on.wait()
        done.append("admit")
        return True

    loop = WakeLoop([Stage(Wakeup.ADMIT, admit)], now=lambda: NOW)
    loop.start()
    begun.wait()
    stopper = threading.Thread(target=loop.stop)
    stopper.start()
    goes_on.set()
    stopper.join()
    assert done == ["admit"]
