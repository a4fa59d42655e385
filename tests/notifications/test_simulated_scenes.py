"""Callers, calls of several and texts, with all that can go wrong at each of their legs.

What a run leaves behind is held against what the simulator knows: nothing personal in anything that
others can read, no leg that we see otherwise than it is, nobody dialed twice or left in silence.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlmodel import select

from leads.database.transactions import reader
from leads.lifecycle.state_tables import CallbackEvent
from leads.models.calls import CallAttempt
from leads.models.enums import Result
from leads.models.watching import Transition
from tests.support import call_truth, played_scenes
from tests.support.played_scenes import CALLERS, SCENES, SEVERAL, TEXTS
from tests.support.simulated_desk import (
    ADVISOR,
    LEAD,
    NAME,
    SECRETS,
    Death,
    SimulatedDesk,
    simulated_desk,
)
from tests.support.twilio_simulator import Chaos, Fault
from tests.support.twilio_simulator.scripts import Fate

KINDS_OF_FAULT = (Fault.TOO_MANY, Fault.ERROR, Fault.HANG_CREATED)
"""Not done, in doubt and not done, in doubt and done: to us each of the others is one of these."""
FATES: Mapping[str, Fate] = {
    "no word of an end": lambda event: () if event in ("completed", "conference-end") else (0,),
    "no word of a joining": lambda event: () if event == "participant-join" else (0,),
    "no news at all": lambda event: (0,) if event == "received" else (),
    "all twice": lambda _event: (0, 3),
    "all late": lambda _event: (8,),
    "in reverse": lambda event: (6 if event in ("initiated", "ringing", "in-progress") else 0,),
}
STEPS: Mapping[str, Collection[str]] = {
    **dict.fromkeys(CALLERS, ("inbound", "inbound/status", "wait", "key", "accept", "room")),
    "leaves_a_message": ("key", "recorded", "recording", "inbound/status"),
    **dict.fromkeys(SEVERAL, (r"party/\d+", r"party/\d+/offer", r"party/\d+/accept", "ended")),
    **dict.fromkeys(TEXTS, ("sms/inbound", r"sms/\d+/status")),
}
METHODS: Mapping[str, Collection[str]] = {
    **dict.fromkeys(CALLERS, ("place_call", "join_caller", "return_caller", "hang_up")),
    "leaves_a_message": ("fetch_recording", "delete_recording"),
    **dict.fromkeys(SEVERAL, ("dial_leg", "change_leg", "leave_call", "hang_up")),
    **dict.fromkeys(TEXTS, ("send_text", "hang_up")),
}
WITHOUT_DESKS = [name for name, scene in SCENES.items() if not scene.at_desks]
NOT_ANSWERED = ("webhook", "alert 11200")
OUTAGE = (*NOT_ANSWERED, "somebody heard nothing", "a lead heard nothing", "a lead was without")


def cases(found: Iterator[tuple[Any, ...]], *, always: Collection[tuple[Any, ...]]) -> list[Any]:
    """Those that are not `always` tried are for `make soak`."""
    return [pytest.param(*case, marks=() if case in always else pytest.mark.soak) for case in found]


@pytest.fixture(autouse=True)
def _nothing_personal_is_logged(
    database: str,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[None]:
    for name in ("leads", "notifications", "twilio"):
        caplog.set_level(logging.DEBUG, name)
    yield
    said = [record.getMessage() for record in caplog.get_records("call")]
    assert [one for one in said if any(secret in one for secret in SECRETS)] == []


def list_untruths(
    name: str,
    prepare: Callable[[SimulatedDesk], object] = lambda _desk: None,
    *,
    allowed: Sequence[str] = (),
) -> list[str]:
    """Play a scene, on a desk that is prepared for it, and return what is wrong afterwards."""
    scene = SCENES[name]
    terms = {"is_awaited": scene.is_awaited, "at_desks": scene.at_desks}
    with simulated_desk(**terms) as desk:
        prepare(desk)
        scene.play(desk)
        told = " ".join(f"{one.words} {one.brief}" for one in desk.letters)  # of which helpline
        assert [one for one in (*NAME.split(), LEAD) if one in told] == []
        return call_truth.list_untruths(desk.twilio, now=desk.now(), allowed=allowed)


@pytest.mark.parametrize(
    "name",
    cases(
        ((name,) for name in SCENES),
        always=[
            ("leaves_a_message",),
            ("calls_while_we_ring_them",),
            ("loses_their_advisor_beside_a_supervisor at a desk",),
        ],
    ),
)
def test_scene_without_faults(name: str) -> None:
    assert list_untruths(name) == []


@pytest.mark.soak
@pytest.mark.parametrize("at_desks", [False, True])
def test_a_talk_outlives_its_advisors_phone_while_we_are_down(*, at_desks: bool) -> None:
    with simulated_desk(at_desks=at_desks) as desk:
        played_scenes.loses_their_advisor_while_we_are_down(desk)
        untruths = call_truth.list_untruths(desk.twilio, now=desk.now(), allowed=NOT_ANSWERED)
        assert untruths == []


@pytest.mark.parametrize(
    ("is_caller", "at_desks"),
    cases(product((True, False), repeat=2), always=[(True, False)]),
)
def test_a_talk_ends_with_its_advisor_who_hangs_up_while_we_are_down(
    *, is_caller: bool, at_desks: bool
) -> None:
    with simulated_desk(is_awaited=not is_caller, at_desks=at_desks) as desk:
        back_at = played_scenes.ends_while_we_are_down(desk, is_caller=is_caller)
        assert call_truth.list_untruths(desk.twilio, now=desk.now(), allowed=OUTAGE) == []
        [lead] = [leg for leg in desk.twilio.legs.values() if leg.phone.is_lead]
        [first, *_] = [leg for leg in desk.twilio.legs_to(ADVISOR) if leg.conferences]
        assert lead.ended
        assert first.ended
        # At a desk Twilio ends the conference by itself; by phone we do, as soon as we are back.
        assert lead.ended <= (first.ended if at_desks else back_at) + timedelta(seconds=3)
        with reader() as session:
            [talk] = session.exec(select(CallAttempt)).all()
            asked = select(Transition).where(Transition.event == CallbackEvent.CONVERSE)
            assert len(session.exec(asked).all()) == 1
        assert talk.answered_at
        assert talk.ended_at
        assert talk.result == Result.CONVERSATION
        assert abs((talk.ended_at - talk.answered_at).total_seconds() - 20) <= call_truth.SLACK


each_fault_at_each_number = pytest.mark.parametrize(
    ("name", "number", "fault"),
    cases(
        (
            (name, number, fault)
            for name, scene in SCENES.items()
            for number in scene.numbers
            for fault in KINDS_OF_FAULT
        ),
        always=[],
    ),
)


@each_fault_at_each_number
def test_no_fault_of_a_creation_rings_anybody_twice(name: str, number: str, fault: Fault) -> None:
    assert list_untruths(name, lambda desk: desk.twilio.faults_to[number].append(fault)) == []


@each_fault_at_each_number
def test_no_fault_of_a_change_leaves_anybody_behind(name: str, number: str, fault: Fault) -> None:
    assert (
        list_untruths(name, lambda desk: desk.twilio.update_faults_to[number].append(fault)) == []
    )


@pytest.mark.parametrize(
    ("name", "fate"),
    cases(
        ((name, fate) for name in WITHOUT_DESKS for fate in FATES),
        always=[
            ("is_answered", "no word of a joining"),
            ("asks_in_an_interpreter_by_keys", "all late"),
        ],
    ),
)
def test_no_fate_of_the_news_changes_a_truth(name: str, fate: str) -> None:
    assert list_untruths(name, lambda desk: desk.twilio.set_fate(FATES[fate])) == []


@pytest.mark.parametrize("is_done", [True, False])
@pytest.mark.parametrize(
    ("name", "step"),
    cases(
        ((name, step) for name in WITHOUT_DESKS for step in STEPS[name]),
        always=[("asks_for_a_call_by_text", "sms/inbound")],
    ),
)
def test_a_request_that_is_not_answered_is_answered_again(
    name: str, step: str, *, is_done: bool
) -> None:
    def prepare(desk: SimulatedDesk) -> None:
        (desk.unanswered if is_done else desk.undone).append(step)

    assert list_untruths(name, prepare, allowed=NOT_ANSWERED) == []


@pytest.mark.parametrize(
    ("name", "method", "is_asked", "outage"),
    cases(
        (
            (name, method, is_asked, outage)
            for name in WITHOUT_DESKS
            for method in METHODS[name]
            for is_asked, outage in ((True, 0), (True, 8), (False, 8))
        ),
        always=[("is_answered_by_the_second", "join_caller", True, 8)],
    ),
)
def test_a_death_at_an_order_rings_nobody_twice(
    name: str, method: str, *, is_asked: bool, outage: int
) -> None:
    """`is_asked`: after the network was asked. `outage`: seconds until somebody starts it again."""
    number = SCENES[name].numbers[-1] if method == "dial_leg" else ""
    death = Death(method, is_asked, number, timedelta(seconds=outage))
    allowed = OUTAGE if outage else ()
    assert list_untruths(name, lambda desk: desk.deaths.append(death), allowed=allowed) == []


@pytest.mark.parametrize(
    ("name", "seed"),
    cases(
        ((name, seed) for name in SCENES for seed in range(3)),
        always=[],
    ),
)
def test_chaos_changes_no_truth(name: str, seed: int) -> None:
    draw = random.Random(seed)

    def prepare(desk: SimulatedDesk) -> None:
        lose = draw.choice((0.0, 0.2, 0.5))
        desk.twilio.set_fate(Chaos(seed, lose=lose, repeat=0.4, late=0.5, delay=8))
        for number in SCENES[name].numbers:
            for faults in (desk.twilio.faults_to, desk.twilio.update_faults_to):
                faults[number].append(draw.choice([None, *Fault]))

    assert list_untruths(name, prepare) == []
