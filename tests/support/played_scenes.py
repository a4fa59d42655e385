"""What people do in calls that come in, in calls of several, and by text, on the simulator.

A scene goes on as far as it can: where a fault kept somebody out of it, what they were to do is not
done, as at a desk whose buttons are gone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from leads.calls import legs, parties
from leads.database.transactions import reader, transaction
from leads.errors import LostRace, NotNow, Suppressed
from leads.i18n.translatable import Phrase
from leads.messaging import outgoing_texts
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.enums import (
    AttemptState,
    Audience,
    Party,
    TextTemplateKey,
)
from leads.models.helplines import CallPreset
from leads.models.inbound import InboundSettings
from leads.models.requests import Lead
from tests.conftest import NOW
from tests.support import people
from tests.support.simulated_desk import (
    ADVISOR,
    LEAD,
    SECOND_ADVISOR,
    SUPERVISOR,
    SimulatedDesk,
)
from tests.support.twilio_double import CALLER_ID
from tests.support.twilio_simulator import WITHHELD, Leg, Phone

INTERPRETER, THIRD_PARTY = "+13155550155", "+13155550166"
ACCEPTS = Phone(keys=("1", "1"), talk=100)
JOINS = Phone(keys=("1", "1"), talk=25)


@dataclass(frozen=True)
class Scene:
    """Who does what. `numbers`: those that are rung, whom a fault may hit.

    `is_awaited`: whether somebody waits for a call of ours when it begins.
    """

    play: Callable[[SimulatedDesk], None]
    numbers: tuple[str, ...]
    is_awaited: bool = True
    at_desks: bool = False


# ---- callers


def call_in(desk: SimulatedDesk, phone: Phone, number: str = LEAD) -> None:
    """Let somebody call in, and follow the call to its end."""
    desk.twilio.phones[number] = replace(phone, is_lead=True)
    desk.twilio.receive_call(number, CALLER_ID)
    desk.rest()


def is_answered(desk: SimulatedDesk) -> None:
    desk.twilio.phones.update({ADVISOR: ACCEPTS, SECOND_ADVISOR: ACCEPTS})
    call_in(desk, Phone(talk=30))


def is_answered_by_the_second(desk: SimulatedDesk) -> None:
    """Who then hangs up before them."""
    hangs_up_first = replace(ACCEPTS, talk=20)
    desk.twilio.phones.update({ADVISOR: Phone("no-answer"), SECOND_ADVISOR: hangs_up_first})
    call_in(desk, Phone(talk=30))


def is_passed_on(desk: SimulatedDesk) -> None:
    desk.twilio.phones.update({ADVISOR: Phone(keys=("2",)), SECOND_ADVISOR: ACCEPTS})
    call_in(desk, Phone(talk=30))


def withholds_their_number(desk: SimulatedDesk) -> None:
    desk.twilio.phones.update({ADVISOR: ACCEPTS, SECOND_ADVISOR: ACCEPTS})
    call_in(desk, Phone(talk=30), WITHHELD)


def presses_1(desk: SimulatedDesk) -> None:
    desk.twilio.phones.update({ADVISOR: replace(ACCEPTS, ring=12), SECOND_ADVISOR: ACCEPTS})
    call_in(desk, Phone(keys=("1",), talk=30))


def leaves_a_message(desk: SimulatedDesk) -> None:
    desk.twilio.phones.update({ADVISOR: replace(ACCEPTS, ring=15), SECOND_ADVISOR: ACCEPTS})
    with transaction() as session:
        brand_id = people.a_source(session).brand_id
        session.add(InboundSettings(brand_id=brand_id, takes_voicemail=True))
    call_in(desk, Phone(keys=("2",), talk=15))


def hangs_up_while_waiting(desk: SimulatedDesk) -> None:
    desk.twilio.phones.update({ADVISOR: replace(ACCEPTS, ring=12), SECOND_ADVISOR: ACCEPTS})
    call_in(desk, Phone(patience=9))


def hangs_up_and_is_safe_to_call(desk: SimulatedDesk) -> None:
    with transaction() as session:
        lead = session.exec(select(Lead)).one()
        lead.safe_to_call = True
        session.add(lead)
    hangs_up_while_waiting(desk)


def finds_nobody_on_duty(desk: SimulatedDesk) -> None:
    with transaction() as session:
        for advisor in session.exec(select(Advisor)):
            advisor.on_duty_until = None
    call_in(desk, Phone(keys=("1",), talk=30))


def is_cut_off_and_calls_again(desk: SimulatedDesk) -> None:
    """While the advisor is asked by phone what came of the first call, and presses no key."""
    says_nothing = replace(ACCEPTS, keys=("1", ""))
    desk.twilio.phones.update({ADVISOR: says_nothing, SECOND_ADVISOR: says_nothing})
    desk.twilio.phones[LEAD] = Phone(talk=15, is_lead=True)
    desk.twilio.receive_call(LEAD, CALLER_ID)
    desk.wait_for(lambda: any(leg.is_over for leg in desk.twilio.legs_to(CALLER_ID)))
    call_in(desk, Phone(talk=30))


def calls_while_we_ring_them(desk: SimulatedDesk) -> None:
    desk.twilio.phones.update({ADVISOR: ACCEPTS, SECOND_ADVISOR: ACCEPTS})
    desk.twilio.phones[LEAD] = Phone(ring=18, talk=30, is_lead=True)
    desk.wait_for(lambda: desk.twilio.legs_to(LEAD))
    call_in(desk, Phone(ring=18, talk=30))


def calls_while_we_ring_an_advisor(desk: SimulatedDesk) -> None:
    desk.twilio.phones.update({ADVISOR: replace(ACCEPTS, ring=15), SECOND_ADVISOR: ACCEPTS})
    desk.twilio.phones[LEAD] = Phone(ring=18, talk=30, is_lead=True)
    desk.wait_for(lambda: desk.twilio.legs_to(ADVISOR))
    call_in(desk, Phone(ring=18, talk=30))


# ---- calls of several


def asks_in_a_colleague(desk: SimulatedDesk) -> None:
    if _converse(desk):
        _ask_in_colleague(desk)
    desk.rest()


def hands_over(desk: SimulatedDesk) -> None:
    if _converse(desk) and _ask_in_colleague(desk):
        with _what_can_be_done(), transaction() as session:
            attempt, giver = _attempt_of(session, ADVISOR)
            [mine] = _legs(session, Party.ADVISOR)
            [taker] = _legs(session, Party.COLLEAGUE)
            parties.hand_over(session, attempt, giver, taker, now=desk.now())
            parties.leave_call(session, mine, giver, now=desk.now())
    desk.rest()


def asks_in_an_interpreter(desk: SimulatedDesk) -> None:
    _ask_in_outsider(desk, Party.INTERPRETER, INTERPRETER, Phone(talk=40))


def asks_in_whoever_is_busy(desk: SimulatedDesk) -> None:
    _ask_in_outsider(desk, Party.THIRD_PARTY, THIRD_PARTY, Phone("busy"))


def _ask_in_outsider(desk: SimulatedDesk, party: Party, number: str, phone: Phone) -> None:
    desk.twilio.phones[number] = phone
    if _converse(desk):
        _act(desk, parties.ask_in_outsider, party, number)
        desk.wait_for(lambda: _is_settled(desk, number))
        _act(desk, parties.hold_lead, is_on_hold=False)
    desk.rest()


def sends_the_interpreter_away(desk: SimulatedDesk) -> None:
    desk.twilio.phones[INTERPRETER] = Phone(talk=200)
    if _converse(desk):
        _act(desk, parties.ask_in_outsider, Party.INTERPRETER, INTERPRETER)
        desk.wait_for(lambda: _is_settled(desk, INTERPRETER))
        _act(desk, parties.hold_lead, is_on_hold=False)
        with _what_can_be_done(), transaction() as session:
            _, advisor = _attempt_of(session, ADVISOR)
            for leg in _legs(session, Party.INTERPRETER):
                parties.send_away(session, leg, advisor, now=desk.now())
    desk.rest()


def is_supervised(desk: SimulatedDesk) -> None:
    """A supervisor listens, speaks to the advisor alone, joins, and goes again."""
    desk.twilio.phones[SUPERVISOR] = replace(JOINS, talk=40)
    if _converse(desk):
        with _what_can_be_done(), transaction() as session:
            attempt, _ = _attempt_of(session, ADVISOR)
            boss = _advisor_at(session, SUPERVISOR)
            parties.join_as_supervisor(session, attempt, boss, Audience.NOBODY, now=desk.now())
        for audience in (Audience.ADVISOR, Audience.EVERYONE):
            desk.wait_for(lambda: _is_settled(desk, SUPERVISOR))
            with _what_can_be_done(), transaction() as session:
                boss = _advisor_at(session, SUPERVISOR)
                for leg in _legs(session, Party.SUPERVISOR):
                    parties.change_audience(session, leg, boss, audience, now=desk.now())
    desk.rest()


def loses_their_advisor_beside_a_supervisor(desk: SimulatedDesk) -> None:
    """The advisor's phone drops while a supervisor talks with them, too."""
    _lose_advisor(desk, replace(ACCEPTS, talk=40), _join_as_supervisor)


def loses_their_advisor_beside_a_colleague(desk: SimulatedDesk) -> None:
    _lose_advisor(desk, replace(ACCEPTS, talk=40), _ask_in_colleague)


def loses_their_advisor_as_a_supervisor_comes(desk: SimulatedDesk) -> None:
    """The advisor's phone drops in the second in which the supervisor presses 1."""
    _lose_advisor(desk, replace(ACCEPTS, talk=6.7), _join_as_supervisor)


def loses_their_advisor_while_we_are_down(desk: SimulatedDesk) -> None:
    _lose_advisor(desk, replace(ACCEPTS, talk=40), _join_as_supervisor, outage=30)


def ends_while_we_are_down(desk: SimulatedDesk, *, is_caller: bool) -> datetime:
    """The advisor hangs up after twenty seconds with somebody who stays; returns when we are back.

    `is_caller`: they have called in.
    """
    hangs_up = replace(ACCEPTS, talk=20)
    desk.twilio.phones.update({ADVISOR: hangs_up, SECOND_ADVISOR: ACCEPTS})
    desk.pass_time()  # pages say that they are open
    if is_caller:
        desk.twilio.phones[LEAD] = Phone(talk=90, is_lead=True)
        desk.twilio.receive_call(LEAD, CALLER_ID)
    else:
        desk.twilio.phones[LEAD] = Phone(ring=5, talk=90, is_lead=True)
    desk.pass_until(_find_talk, "the talk")
    talk = _find_talk()
    assert talk
    assert talk.answered_at
    began = talk.answered_at
    desk.pass_until(lambda: desk.now() >= began + timedelta(seconds=10), "its tenth second")
    desk.go_down(timedelta(seconds=30))
    back_at = desk.now() + timedelta(seconds=30)
    desk.rest()
    return back_at


def _lose_advisor(
    desk: SimulatedDesk,
    advisor: Phone,
    ask_in: Callable[[SimulatedDesk], object],
    *,
    outage: int = 0,
) -> None:
    stays = replace(ACCEPTS, talk=200)
    if _converse(desk, advisor, stays):
        desk.twilio.phones[SUPERVISOR] = stays
        ask_in(desk)
        if outage:
            desk.wait_for(lambda: desk.now() >= _answered_at(desk) + timedelta(seconds=30))
            desk.go_down(timedelta(seconds=outage))
    desk.rest()


def _answered_at(desk: SimulatedDesk) -> datetime:
    return next(leg.answered for leg in desk.twilio.legs_to(LEAD) if leg.answered)


def _join_as_supervisor(desk: SimulatedDesk) -> None:
    """Let the supervisor come in, heard by everybody, and wait until they are there."""
    with _what_can_be_done(), transaction() as session:
        attempt, _ = _attempt_of(session, ADVISOR)
        boss = _advisor_at(session, SUPERVISOR)
        parties.join_as_supervisor(session, attempt, boss, Audience.EVERYONE, now=desk.now())
    desk.wait_for(lambda: _is_settled(desk, SUPERVISOR))


def asks_in_a_colleague_by_keys(desk: SimulatedDesk) -> None:
    _work_by_keys(desk, Phone(keys=("1", "2", "1", "1"), stars=(10, 25), talk=100))


def hands_over_by_keys(desk: SimulatedDesk) -> None:
    _work_by_keys(desk, Phone(keys=("1", "2", "5"), stars=(10, 30), talk=200))


def asks_in_an_interpreter_by_keys(desk: SimulatedDesk) -> None:
    with transaction() as session:
        session.add(
            CallPreset(
                brand_id=people.a_source(session).brand_id,
                party=Party.INTERPRETER,
                name="Language line",
                language="Spanish",
                phone=INTERPRETER,
                created_at=NOW,
            )
        )
    desk.twilio.phones[INTERPRETER] = Phone(talk=40)
    _work_by_keys(desk, Phone(keys=("1", "4", "1", "1"), stars=(10, 25), talk=100))


def _work_by_keys(desk: SimulatedDesk, advisor: Phone) -> None:
    desk.twilio.phones.update({ADVISOR: advisor, SECOND_ADVISOR: JOINS})
    desk.twilio.phones[LEAD] = Phone(ring=5, talk=90, is_lead=True)
    desk.rest()


def _converse(
    desk: SimulatedDesk, advisor: Phone = ACCEPTS, colleague: Phone = JOINS
) -> CallAttempt | None:
    """Bring the lead and an advisor together; None where that does not come about."""
    desk.twilio.phones.update({ADVISOR: advisor, SECOND_ADVISOR: colleague})
    desk.twilio.phones[LEAD] = Phone(ring=5, talk=90, is_lead=True)
    return desk.wait_for(_find_talk)


def _find_talk() -> CallAttempt | None:
    with reader() as session:
        bridged = select(CallAttempt).where(CallAttempt.state == AttemptState.BRIDGED)
        return session.exec(bridged).first()


def _ask_in_colleague(desk: SimulatedDesk) -> Leg | None:
    """Ask the second advisor in, and wait until they are there."""
    with _what_can_be_done(), transaction() as session:
        attempt, advisor = _attempt_of(session, ADVISOR)
        colleague = _advisor_at(session, SECOND_ADVISOR)
        parties.ask_in_colleague(session, attempt, advisor, colleague, now=desk.now())
    desk.wait_for(lambda: _is_settled(desk, SECOND_ADVISOR))
    return next((leg for leg in desk.twilio.legs_to(SECOND_ADVISOR) if leg.conferences), None)


def _is_settled(desk: SimulatedDesk, number: str) -> bool:
    """Whether whoever was asked in is in the conference, or will not come."""
    if any(leg.conferences or leg.is_over for leg in desk.twilio.legs_to(number)):
        return True
    with reader() as session:
        rows = session.exec(select(CallLeg).where(CallLeg.phone == number))
        return any(legs.is_over(row) for row in rows)


# ---- texts


def answers_by_text(desk: SimulatedDesk) -> None:
    """An advisor's quick answer while we know them as safe to text, and what they text back."""
    _make_safe_to_text()
    desk.twilio.phones.update({ADVISOR: Phone("no-answer"), SECOND_ADVISOR: Phone("no-answer")})
    desk.twilio.phones[LEAD] = Phone(is_lead=True, ring=5, talk=30)
    _text(desk, TextTemplateKey.TRIED_TO_CALL)
    desk.rest()
    desk.twilio.receive_text(LEAD, CALLER_ID, "Thank you, I am glad")
    desk.rest()


def gets_a_text_that_never_arrives(desk: SimulatedDesk) -> None:
    _make_safe_to_text()
    desk.twilio.phones.update({ADVISOR: Phone("no-answer"), SECOND_ADVISOR: Phone("no-answer")})
    desk.twilio.phones[LEAD] = Phone(is_lead=True, text="undelivered", text_error=30003)
    _text(desk, TextTemplateKey.TRIED_TO_CALL)
    desk.rest()


def asks_for_a_call_by_text(desk: SimulatedDesk) -> None:
    desk.twilio.phones.update({ADVISOR: ACCEPTS, SECOND_ADVISOR: ACCEPTS})
    desk.twilio.phones[LEAD] = Phone(is_lead=True, ring=5, talk=30)
    desk.twilio.receive_text(LEAD, CALLER_ID, "please call me")
    desk.rest()


def says_stop_while_we_ring(desk: SimulatedDesk) -> None:
    desk.twilio.phones.update({ADVISOR: ACCEPTS, SECOND_ADVISOR: ACCEPTS})
    desk.twilio.phones[LEAD] = Phone(is_lead=True, ring=15, talk=30)
    desk.wait_for(lambda: desk.twilio.legs_to(LEAD))
    desk.twilio.receive_text(LEAD, CALLER_ID, "STOP")
    desk.rest()


def writes_of_danger(desk: SimulatedDesk) -> None:
    """Nobody has talked with them before the next look at what supervisors must hear of."""
    rings = replace(ACCEPTS, ring=15)
    desk.twilio.phones.update({ADVISOR: rings, SECOND_ADVISOR: rings})
    desk.twilio.phones[LEAD] = Phone(is_lead=True, ring=18, talk=30)
    desk.twilio.receive_text(LEAD, CALLER_ID, "I am Jordan Reyes and I want to die tonight")
    desk.rest()
    assert desk.letters, "nobody was told"


def _make_safe_to_text() -> None:
    with transaction() as session:
        lead = session.exec(select(Lead)).one()
        lead.safe_to_text = True
        session.add(lead)


def _text(desk: SimulatedDesk, key: TextTemplateKey) -> None:
    with _what_can_be_done(), transaction() as session:
        boss = _advisor_at(session, SUPERVISOR)
        callback = session.exec(select(Callback)).one()
        outgoing_texts.send_quick_answer(session, callback, key, boss, now=desk.now())


# ---- what is used by all


def _what_can_be_done() -> suppress:
    """Pass over what a desk does not offer any more."""
    return suppress(NotNow, LostRace, Suppressed)


def _act(desk: SimulatedDesk, verb: Callable[..., object], *what: object, **how: object) -> None:
    """Do at the first advisor's desk what can be done in a call."""
    with _what_can_be_done(), transaction() as session:
        attempt, advisor = _attempt_of(session, ADVISOR)
        verb(session, attempt, advisor, *what, **how, now=desk.now())


def _attempt_of(session: Session, number: str) -> tuple[CallAttempt, Advisor]:
    advisor = _advisor_at(session, number)
    theirs = select(CallAttempt).where(CallAttempt.advisor_id == advisor.id)
    attempt = session.exec(theirs.order_by(col(CallAttempt.requested_at).desc())).first()
    if attempt is None:
        raise NotNow(Phrase("You are not on a call with this person now."))
    return attempt, advisor


def _advisor_at(session: Session, number: str) -> Advisor:
    return session.exec(select(Advisor).where(Advisor.phone == number)).one()


def _legs(session: Session, party: Party) -> list[CallLeg]:
    there: Any = select(CallLeg).where(CallLeg.party == party)
    return [leg for leg in session.exec(there) if not legs.is_over(leg)]


CALLERS: Mapping[str, Scene] = {
    scene.__name__: Scene(scene, (ADVISOR, SECOND_ADVISOR, LEAD), is_awaited=is_awaited)
    for scene, is_awaited in (
        (is_answered, False),
        (is_answered_by_the_second, False),
        (is_passed_on, False),
        (withholds_their_number, False),
        (presses_1, False),
        (leaves_a_message, False),
        (hangs_up_while_waiting, False),
        (hangs_up_and_is_safe_to_call, False),
        (finds_nobody_on_duty, False),
        (is_cut_off_and_calls_again, False),
        (calls_while_we_ring_them, True),
        (calls_while_we_ring_an_advisor, True),
    )
}
SEVERAL: Mapping[str, Scene] = {
    **{
        f"{scene.__name__}{' at a desk' if at_desks else ''}": Scene(
            scene, (LEAD, number), at_desks=at_desks
        )
        for at_desks in (False, True)
        for scene, number in (
            (asks_in_a_colleague, SECOND_ADVISOR),
            (hands_over, SECOND_ADVISOR),
            (asks_in_an_interpreter, INTERPRETER),
            (asks_in_whoever_is_busy, THIRD_PARTY),
            (sends_the_interpreter_away, INTERPRETER),
            (is_supervised, SUPERVISOR),
        )
    },
    **{
        f"{scene.__name__}{' at a desk' if at_desks else ''}": Scene(
            scene, (LEAD, ADVISOR, number), at_desks=at_desks
        )
        for at_desks in (False, True)
        for scene, number in (
            (loses_their_advisor_beside_a_supervisor, SUPERVISOR),
            (loses_their_advisor_beside_a_colleague, SECOND_ADVISOR),
            (loses_their_advisor_as_a_supervisor_comes, SUPERVISOR),
        )
    },
    **{
        scene.__name__: Scene(scene, (LEAD, number))
        for scene, number in (
            (asks_in_a_colleague_by_keys, SECOND_ADVISOR),
            (hands_over_by_keys, SECOND_ADVISOR),
            (asks_in_an_interpreter_by_keys, INTERPRETER),
        )
    },
}
TEXTS: Mapping[str, Scene] = {
    scene.__name__: Scene(scene, (LEAD,), is_awaited=is_awaited)
    for scene, is_awaited in (
        (answers_by_text, True),
        (gets_a_text_that_never_arrives, True),
        (asks_for_a_call_by_text, False),
        (says_stop_while_we_ring, True),
        (writes_of_danger, True),
    )
}
SCENES: Mapping[str, Scene] = {**CALLERS, **SEVERAL, **TEXTS}
