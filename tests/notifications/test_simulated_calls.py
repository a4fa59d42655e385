"""Whole calls between people who act by themselves, checked against what the network knows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import product
from typing import Any

import pytest
from sqlmodel import col, select

from leads.callbacks import opt_out
from leads.calls import parties
from leads.database.transactions import reader, transaction
from leads.helplines import call_presets
from leads.i18n.messages import own_words
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt
from leads.models.enums import AttemptState, Party, Result
from leads.models.helplines import Brand
from tests.support import call_truth, people
from tests.support.simulated_desk import (
    ADVISOR,
    LEAD,
    SECOND_ADVISOR,
    SECRETS,
    Death,
    SimulatedDesk,
    simulated_desk,
)
from tests.support.twilio_double import CALLER_ID
from tests.support.twilio_simulator import Chaos, Fault, Leg, Number, Phone
from tests.support.twilio_simulator.scripts import Fate, deliver_faithfully

ACCEPTS = Phone(keys=("1", "1"), talk=100)
ADVISORS = {
    "accepts": ACCEPTS,
    "declines": Phone(keys=("2",)),
    "not responding": Phone(),
    "has a voicemail": Phone(answered_by="machine", talk=5),
    "does not answer": Phone("no-answer"),
    "is busy": Phone("busy"),
    "cannot be reached": Phone("failed"),
    "hangs up in the prompt": Phone(keys=("hangup",)),
    "hangs up while they ring": Phone(keys=("1",), patience=6),
    "hangs up before they answer": Phone(keys=("1",), patience=15),
    "has a wrong number": Phone(error=21211),
    "is in a closed country": Phone(error=21215),
    "comes over the limit": Phone(error=10004),
}
LEADS = {
    "answers": Phone(ring=5, talk=30, is_lead=True),
    "is busy": Phone("busy", is_lead=True),
    "does not answer": Phone("no-answer", is_lead=True),
    "is not in service": Phone("failed", sip_code=404, is_lead=True),
    "cannot be connected": Phone("failed", sip_code=503, is_lead=True),
    "screens calls": Phone("failed", sip_code=603, is_lead=True),
    "has a machine": Phone(ring=8, talk=20, answered_by="machine", is_lead=True),
    "hangs up at once": Phone(ring=5, talk=1, is_lead=True),
    "has a wrong number": Phone(error=21211, is_lead=True),
    "is in a closed country": Phone(error=21215, is_lead=True),
    "comes over the limit": Phone(error=10004, is_lead=True),
}
UNSAID: list[dict[str, Any]] = [
    {"action_after_hangup": False},
    {"end_cancels_ringing": False, "music_when_left_alone": True},
    {"list_lag": 3.0, "amd_delay": 1.0},
    {"calls_per_second": 0.5},
]


def all_of(*axes: Iterable[Any], always: Collection[tuple[Any, ...]] = ()) -> list[Any]:
    """Every combination; those that are not `always` tried are for `make soak`."""
    return [
        pytest.param(*case, marks=() if case in always else pytest.mark.soak)
        for case in product(*axes)
    ]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("advisor", "lead"),
    all_of(ADVISORS, LEADS, always=[("hangs up while they ring", "answers")]),
)
def test_every_phone_meets_every_phone(advisor: str, lead: str) -> None:
    with simulated_desk() as desk:
        desk.twilio.phones.update({ADVISOR: ADVISORS[advisor], LEAD: LEADS[lead]})
        desk.twilio.phones[SECOND_ADVISOR] = ACCEPTS
        desk.rest()
        assert call_truth.list_untruths(desk.twilio, now=desk.now()) == []


OTHER = "+13155550155"
ANSWERS, RINGS_ON = LEADS["answers"], LEADS["does not answer"]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("fault", "place", "is_quick"),
    all_of(
        Fault,
        ["advisor", "lead", "both"],
        [True, False],
        always=[(Fault.DROP_CREATED, "both", True)],
    ),
)
def test_no_fault_of_a_creation_rings_anybody_twice(
    fault: Fault, place: str, *, is_quick: bool
) -> None:
    with simulated_desk() as desk:
        desk.is_quick = is_quick
        desk.twilio.phones.update({ADVISOR: ACCEPTS, SECOND_ADVISOR: ACCEPTS, LEAD: ANSWERS})
        desk.twilio.faults += [fault if place != "lead" else None]
        desk.twilio.faults += [fault if place != "advisor" else None]
        desk.rest()
        assert call_truth.list_untruths(desk.twilio, now=desk.now()) == []
        assert len(desk.twilio.legs_to(LEAD)) <= 1


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("fault", "change", "times"), all_of(Fault, ["hang up", "redirect", "hold", "end"], [1, 3])
)
def test_no_fault_of_a_change_leaves_anybody_behind(fault: Fault, change: str, times: int) -> None:
    with simulated_desk() as desk:
        advisor = ADVISORS["hangs up while they ring"] if change == "hang up" else ACCEPTS
        lead = Phone(ring=20, talk=30, is_lead=True) if change == "hang up" else ANSWERS
        lead = RINGS_ON if change == "redirect" else lead
        desk.twilio.phones.update({ADVISOR: advisor, SECOND_ADVISOR: ACCEPTS, LEAD: lead})
        desk.twilio.update_faults += [fault] * times
        ended_at = None
        if change == "hold":
            _hold(desk, is_on_hold=True)
            desk.pass_time()
            _hold(desk, is_on_hold=False)
        elif change == "end":
            attempt, person = _bridged(desk)
            with transaction() as session:
                attempt = session.get_one(CallAttempt, attempt.id)
                ended_at = desk.now()
                parties.end_call(session, attempt, person, now=ended_at)
        desk.work()
        desk.rest()
        untruths = call_truth.list_untruths(desk.twilio, now=desk.now(), ended_at=ended_at)
        assert untruths == []


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("fault", "times", "is_told"),
    all_of(
        Fault,
        [1, 3],
        [True, False],
        always=[(Fault.HANG_CREATED, 1, False)],
    ),
)
def test_no_fault_brings_a_caller_to_the_advisor_twice(
    fault: Fault, times: int, *, is_told: bool
) -> None:
    with simulated_desk() as desk:
        desk.twilio.phones.update({ADVISOR: ACCEPTS, SECOND_ADVISOR: ACCEPTS})
        desk.twilio.update_faults += [fault] * times
        desk.twilio.set_fate(Chaos(0, lose=0.0 if is_told else 1.0))
        caller = _calls_in(desk)
        desk.rest()
        assert desk.twilio.list_problems(SECRETS) == []
        assert len(caller.conferences) == 1
        with reader() as session:
            in_order = select(CallAttempt.result).order_by(col(CallAttempt.requested_at))
            assert session.exec(in_order).all()[-1:] == [Result.CONVERSATION]


@pytest.mark.soak
@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    "advisor", ["accepts", "declines", "not responding", "hangs up in the prompt"]
)
def test_chaos_brings_no_caller_to_two_advisors(seed: int, advisor: str) -> None:
    with simulated_desk() as desk:
        desk.twilio.phones.update({ADVISOR: ADVISORS[advisor], SECOND_ADVISOR: ACCEPTS})
        lose = (0.0, 0.3, 1.0)[seed % 3]
        desk.twilio.set_fate(Chaos(seed, lose=lose, repeat=0.4, late=0.5, delay=8))
        caller = _calls_in(desk)
        desk.rest()
        assert desk.twilio.list_problems(SECRETS) == []
        assert len(caller.conferences) == 1


def _calls_in(desk: SimulatedDesk) -> Leg:
    """The person whom we promised a call rings us."""
    ours = f"{desk.url}/hooks/voice/inbound"
    desk.twilio.numbers[CALLER_ID] = Number(voice_url=ours, status_callback=f"{ours}/status")
    desk.twilio.phones[LEAD] = Phone(talk=30, is_lead=True)
    return desk.twilio.receive_call(LEAD, CALLER_ID)


@pytest.mark.soak
@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("other", [Phone("no-answer"), Phone(ring=9, talk=9)])
def test_nobody_hears_a_dead_line_while_an_interpreter_is_rung(other: Phone) -> None:
    with simulated_desk() as desk:
        desk.twilio.phones.update({ADVISOR: Phone(keys=("1", "4", "1"), stars=(12,), talk=100)})
        desk.twilio.phones.update({LEAD: Phone(ring=5, talk=60, is_lead=True), OTHER: other})
        _list_interpreter(desk)
        desk.rest()
        assert desk.twilio.list_problems(SECRETS) == []
        assert len(desk.twilio.legs_to(OTHER)) == 1
        assert "announcement" in desk.twilio.list_events("heard")


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    "fate", [deliver_faithfully, pytest.param(Chaos(0, lose=1.0), marks=pytest.mark.soak)]
)
def test_nobody_hears_a_dead_line_while_the_advisor_is_in_the_menu(fate: Fate) -> None:
    """The interpreter answers at once; star, and no key; star, and 3 for help; star, and 1."""
    with simulated_desk() as desk:
        keys, stars = ("1", "4", "", "3", "1", "1"), (12, 10, 5, 5)
        desk.twilio.phones.update({ADVISOR: Phone(keys=keys, stars=stars, talk=200)})
        desk.twilio.phones[LEAD] = Phone(ring=5, talk=150, is_lead=True)
        desk.twilio.phones[OTHER] = Phone(ring=0.2, talk=90)
        desk.twilio.set_fate(fate)
        _list_interpreter(desk)
        desk.rest()
        assert call_truth.list_untruths(desk.twilio, now=desk.now()) == []
        [other] = desk.twilio.legs_to(OTHER)
        assert len(other.conferences) == 1


def _list_interpreter(desk: SimulatedDesk) -> None:
    with transaction() as session:
        line = {"name": "Language line", "language": "Spanish", "number": OTHER}
        boss, brand = people.a_supervisor(session), session.exec(select(Brand)).one()
        call_presets.add_preset(session, brand.id, boss, Party.INTERPRETER, **line, now=desk.now())


def _bridged(desk: SimulatedDesk) -> tuple[CallAttempt, Advisor]:
    bridged = select(CallAttempt).where(CallAttempt.state == AttemptState.BRIDGED)

    def look() -> tuple[CallAttempt, Advisor] | None:
        with reader() as session:
            attempt = session.exec(bridged).first()
            return (attempt, session.get_one(Advisor, attempt.advisor_id)) if attempt else None

    desk.pass_until(look, "the conversation")
    found = look()
    assert found
    return found


def _hold(desk: SimulatedDesk, *, is_on_hold: bool) -> None:
    attempt, advisor = _bridged(desk)
    with transaction() as session:
        attempt = session.get_one(CallAttempt, attempt.id)
        parties.hold_lead(session, attempt, advisor, is_on_hold=is_on_hold, now=desk.now())


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("order", "lead", "is_sent"),
    all_of(
        ["place_call", "dial_leg", "return_advisor", "hang_up"],
        ["answers", "does not answer"],
        [False, True],
        always=[("dial_leg", "answers", True)],
    ),
)
def test_a_death_of_the_process_at_an_order_rings_nobody_twice(
    order: str, lead: str, *, is_sent: bool
) -> None:
    with simulated_desk() as desk:
        advisor = ADVISORS["hangs up while they ring"] if order == "hang_up" else ACCEPTS
        desk.twilio.phones.update({ADVISOR: advisor, SECOND_ADVISOR: ACCEPTS, LEAD: LEADS[lead]})
        desk.deaths.append(Death(order, is_asked=is_sent))
        desk.rest()
        assert call_truth.list_untruths(desk.twilio, now=desk.now()) == []


@pytest.mark.soak
@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("lead", [ANSWERS, RINGS_ON], ids=["answers", "rings on"])
@pytest.mark.parametrize("times", [1, 4])
@pytest.mark.parametrize(
    "step", ["offer", "accept", "status", "leg", "room", "machine", "ended", "wrap-up"]
)
def test_a_death_before_the_answer_to_a_webhook_does_no_harm(
    step: str, times: int, lead: Phone
) -> None:
    with simulated_desk() as desk:
        desk.twilio.phones.update({ADVISOR: ACCEPTS, SECOND_ADVISOR: ACCEPTS, LEAD: lead})
        desk.unanswered += [step] * times
        desk.rest()
        assert (
            call_truth.list_untruths(
                desk.twilio, now=desk.now(), allowed=["webhook", "alert 11200"]
            )
            == []
        )


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("seed", "advisor", "lead"),
    all_of(
        range(6),
        ["accepts", "declines", "hangs up while they ring"],
        LEADS,
        always=[(2, "hangs up while they ring", "answers")],
    ),
)
def test_chaos_among_the_callbacks_changes_no_truth(seed: int, advisor: str, lead: str) -> None:
    with simulated_desk() as desk:
        desk.twilio.phones.update({ADVISOR: ADVISORS[advisor], LEAD: LEADS[lead]})
        desk.twilio.phones[SECOND_ADVISOR] = ACCEPTS
        lose = (0.0, 0.3, 1.0)[seed % 3]
        desk.twilio.set_fate(Chaos(seed, lose=lose, repeat=0.4, late=0.5, delay=8))
        desk.rest()
        assert call_truth.list_untruths(desk.twilio, now=desk.now()) == []


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    "talk", [0.1, *(pytest.param(seconds, marks=pytest.mark.soak) for seconds in (1, 15))]
)
def test_nobody_is_left_alone_by_an_advisor_whose_hanging_up_nobody_told(talk: float) -> None:
    with simulated_desk() as desk:
        desk.twilio.phones.update({ADVISOR: Phone(keys=("1",), talk=talk), LEAD: ANSWERS})
        desk.twilio.phones[SECOND_ADVISOR] = ACCEPTS
        desk.twilio.set_fate(Chaos(0, lose=1.0))
        desk.rest()
        assert call_truth.list_untruths(desk.twilio, now=desk.now()) == []


@pytest.mark.soak
@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("lead", LEADS)
@pytest.mark.parametrize("advisor", ["accepts", "hangs up while they ring"])
@pytest.mark.parametrize("unsaid", UNSAID)
def test_what_twilio_s_documents_leave_open_does_not_matter(
    unsaid: dict[str, Any], advisor: str, lead: str
) -> None:
    with simulated_desk(**unsaid) as desk:
        desk.twilio.phones.update({ADVISOR: ADVISORS[advisor], LEAD: LEADS[lead]})
        desk.twilio.phones[SECOND_ADVISOR] = ACCEPTS
        desk.rest()
        assert call_truth.list_untruths(desk.twilio, now=desk.now()) == []


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("moment", "fault"),
    all_of(
        [AttemptState.RINGING_ADVISOR, AttemptState.RINGING_LEAD, AttemptState.BRIDGED],
        [None, *Fault],
        always=[(AttemptState.BRIDGED, Fault.TOO_MANY)],
    ),
)
def test_a_stop_is_obeyed_at_any_moment(moment: AttemptState, fault: Fault | None) -> None:
    with simulated_desk() as desk:
        desk.twilio.phones.update({ADVISOR: ACCEPTS, SECOND_ADVISOR: ACCEPTS, LEAD: ANSWERS})
        desk.twilio.update_faults.append(fault)
        desk.pass_until(lambda: _has_come_to(moment), moment)
        with transaction() as session:
            said_at = desk.now()
            said = {"reason": own_words("STOP"), "actor": "test", "now": said_at}
            opt_out.stop_contact(session, LEAD, **said)
        desk.work()
        desk.rest()
        untruths = call_truth.list_untruths(desk.twilio, now=desk.now(), ended_at=said_at)
        assert untruths == []
        assert len(desk.twilio.legs_to(LEAD)) == (moment != AttemptState.RINGING_ADVISOR)


def _has_come_to(moment: AttemptState) -> bool:
    with reader() as session:
        reached = select(CallAttempt).where(CallAttempt.state == moment)
        return session.exec(reached).first() is not None
