"""Calls that come in, from the first ring to the figures, over real HTTP."""

from __future__ import annotations

import re
from datetime import timedelta
from xml.etree import ElementTree as ET

from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.models.calls import CallAttempt, Callback, GateDecision
from leads.models.inbound import InboundCall
from leads.models.requests import Lead
from leads.people import presence
from tests.support.played_calls import clock
from tests.support.running_desk import ADVISOR_PHONE, Desk, add_advisor, eventually
from tests.support.twilio_double import CALLER_ID, TwilioDouble, conference_in

CALLER = "+13155550142"
ANONYMOUS = "+266696687"


def test_somebody_calls_in_and_is_answered(desk: Desk, twilio: TwilioDouble) -> None:
    desk.opens()
    caller = twilio.calls_in(CALLER)
    greeting = caller.documents[0]
    said = " ".join(one.text or "" for one in ET.fromstring(greeting).iter("Say"))
    assert "Thank you for calling." in said
    assert "Gracias por llamar." in said
    assert not re.search(r"Harbor|treat|recover|helpline|drink|315", said, re.IGNORECASE)

    # An advisor is rung, hears that somebody is on the line, and presses 1.
    call = twilio.wait_for_call()
    assert call.to == ADVISOR_PHONE
    assert "Incoming call." in twilio.advisor_answers(call)
    assert "<Gather" in twilio.waits_on(caller)  # the sound goes on until the advisor is there
    room = twilio.presses(call, "1")

    # Nobody is dialed: whoever waits is brought into the advisor's conference.
    assert twilio.caller_joins(caller) == conference_in(room)
    assert [one for one in twilio.calls if one.to == CALLER] == []
    with reader() as session:
        assert session.exec(select(CallAttempt.state)).one() == "bridged"
        assert session.exec(select(InboundCall.state)).one() == "talking"
    twilio.caller_hangs_up(caller, times=2)
    menu = twilio.conference_ends(call)
    assert "Press 1 if they were helped" in menu
    twilio.presses(call, "1")

    with reader() as session:
        callback, inbound = (
            session.exec(select(Callback)).one(),
            session.exec(select(InboundCall)).one(),
        )
        attempt = session.exec(select(CallAttempt)).one()
        rules = {tuple(one.rules) for one in session.exec(select(GateDecision))}
    assert (callback.state, callback.origin) == ("completed", "call")
    assert callback.disposition == "helped"
    assert inbound.state == "ended"
    assert (attempt.state, attempt.result) == ("ended", "conversation")
    assert attempt.rung_at is None  # which no cap counts
    assert rules == {("called-in",)}
    assert desk.command("status")["limbo"] == 0


def test_who_is_cut_off_and_calls_again_at_once_has_their_advisor_again(
    desk: Desk, twilio: TwilioDouble
) -> None:
    desk.opens(advisors=0)
    with transaction() as session:
        advisor = add_advisor(session, 1, now=clock())
        presence.set_advisor_available(session, advisor, now=clock())  # at a desk
    for nth in (1, 2):
        caller = twilio.calls_in(CALLER)
        call = twilio.wait_for_call(nth)
        assert "Incoming call." in twilio.advisor_answers(call)
        room = twilio.presses(call, "1")
        assert twilio.caller_joins(caller) == conference_in(room)
        twilio.caller_hangs_up(caller)
        twilio.conference_ends(call)
        twilio.moves(call, "completed")
    with reader() as session:
        callback = session.exec(select(Callback)).one()
        assert callback.state == "wrap_up"
        assert not callback.is_held


def test_who_presses_1_is_called_back_with_their_place_in_line(
    desk: Desk, twilio: TwilioDouble
) -> None:
    desk.opens()
    caller = twilio.calls_in(CALLER)
    call = twilio.wait_for_call()
    twilio.moves(call, "ringing")
    key_url = ET.fromstring(caller.documents[-1]).find("Gather").attrib["action"]
    thanks = twilio.presses(caller, "1")
    assert "We will call you back" in thanks
    assert twilio.fetches(caller, key_url, Digits="1") == thanks  # asked twice, answered the same
    twilio.caller_hangs_up(caller)

    with transaction() as session:  # at whatever hour this runs
        callback = session.exec(select(Callback)).one()
        callback.hours_overridden_until = callback.received_at + timedelta(hours=1)

    # Whoever was being rung calls them instead.
    twilio.advisor_answers(call)
    twilio.presses(call, "1")
    lead = twilio.lead_of(call)
    assert (lead.to, lead.asked("From")) == (CALLER, CALLER_ID)
    with reader() as session:
        callback, inbound = (
            session.exec(select(Callback)).one(),
            session.exec(select(InboundCall)).one(),
        )
        person = session.exec(select(Lead)).one()
    assert (callback.origin, inbound.state) == ("called_back", "promised")
    assert callback.received_at == callback.promised_at == inbound.rang_at
    assert person.safe_to_call is True


def test_a_stranger_who_hangs_up_is_counted_and_not_called(
    desk: Desk, twilio: TwilioDouble
) -> None:
    desk.opens()
    caller = twilio.calls_in(CALLER)
    call = twilio.wait_for_call()
    twilio.advisor_answers(call)
    twilio.caller_hangs_up(caller, times=2)
    twilio.wait_until_hung_up(call)
    with reader() as session:
        callback, inbound = (
            session.exec(select(Callback)).one(),
            session.exec(select(InboundCall)).one(),
        )
        attempt = session.exec(select(CallAttempt)).one()
    assert inbound.state == "abandoned"
    assert (callback.state, callback.close_reason) == ("cancelled", "caller_hung_up")
    assert attempt.result == "caller_hung_up"
    assert len(twilio.calls) == 1
    status = desk.command("status")
    assert (status["limbo"], status["lead"]) == (0, {"closed": 1})


def test_who_withholds_their_number_is_answered_too(desk: Desk, twilio: TwilioDouble) -> None:
    desk.opens(advisors=2)
    caller, other = twilio.calls_in(ANONYMOUS), twilio.calls_in("anonymous")
    assert "press 1" not in caller.documents[0]
    calls = [twilio.wait_for_call(1), twilio.wait_for_call(2)]
    for call in calls:
        twilio.advisor_answers(call)
        twilio.presses(call, "1")
    rooms = {twilio.caller_joins(one) for one in (caller, other)}
    assert len(rooms) == 2
    for one in (caller, other):
        twilio.caller_hangs_up(one)
    with reader() as session:
        leads = session.exec(select(Lead)).all()
        states = session.exec(select(InboundCall.state)).all()
    assert states == ["ended", "ended"]
    assert len({lead.phone for lead in leads}) == 2
    assert all(lead.phone.startswith("withheld-") for lead in leads)


def test_the_next_advisor_is_rung_where_one_does_not_answer(
    desk: Desk, twilio: TwilioDouble
) -> None:
    desk.opens(advisors=3)
    caller = twilio.calls_in(CALLER)
    twilio.moves(twilio.wait_for_call(1), "failed")  # a dead number
    second = twilio.wait_for_call(2)
    twilio.advisor_answers(second)
    twilio.presses(second, "1")
    twilio.wait_until_redirected(caller)
    twilio.moves(second, "completed")  # and hangs up before the caller has come
    third = twilio.wait_for_call(3)
    eventually(lambda: any("Url" in change for change in caller.changes))
    assert "<Gather" in twilio.fetches(caller, caller.changes[-1]["Url"][0])
    twilio.advisor_answers(third)
    twilio.presses(third, "1")
    document = twilio.wait_until_redirected(caller, 2)
    assert conference_in(document) == conference_in(third.documents[-1])


def test_an_advisor_hears_that_a_caller_is_gone_of_whom_nobody_said_so(
    desk: Desk, twilio: TwilioDouble
) -> None:
    desk.opens()
    caller = twilio.calls_in(CALLER)
    call = twilio.wait_for_call()
    twilio.advisor_answers(call)
    caller.status = "completed"  # and the status callback is late
    twilio.presses(call, "1")
    assert "They have hung up." in twilio.advisor_is_returned(call)
    twilio.caller_hangs_up(caller)
    with reader() as session:
        assert session.exec(select(InboundCall.state)).one() == "abandoned"
        attempt = session.exec(select(CallAttempt)).one()
    assert (attempt.state, attempt.result) == ("missed", "caller_hung_up")
