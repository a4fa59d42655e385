"""What fails on our side and what fails at the number, as Twilio says it over the wire."""

from __future__ import annotations

import pytest
from sqlmodel import select

from leads.database.transactions import reader
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import HoldReason
from notifications.twilio.error_codes import fault_of_failed_leg, problem_of_code
from tests.support.people import held_for
from tests.support.running_desk import Desk
from tests.support.twilio_double import Call, TwilioDouble

FORM = {"name": "Jordan Reyes", "phone": "(315) 555-0142", "any_hour": "yes"}


def an_accepted_call(desk: Desk, twilio: TwilioDouble, *, fault: str = "") -> Call:
    desk.http.post(desk.opens(), json=FORM)
    call = twilio.wait_for_call()
    twilio.advisor_answers(call)
    twilio.faults = [fault] if fault else []
    twilio.presses(call, "1")
    return call


def a_dialed_lead(desk: Desk, twilio: TwilioDouble) -> Call:
    return twilio.lead_of(an_accepted_call(desk, twilio))


def the_callback() -> Callback:
    with reader() as session:
        return session.exec(select(Callback)).one()


def test_a_call_that_was_never_placed_costs_nothing_and_is_alerted(
    desk: Desk, twilio: TwilioDouble
) -> None:
    call = an_accepted_call(desk, twilio, fault="refuse-21215")
    assert "did not place the call" in twilio.advisor_is_returned(call)
    callback = the_callback()
    assert callback.state == "waiting"
    assert callback.misses == 0
    assert callback.first_rung_at is None
    assert held_for(callback) == ["country_not_permitted"]
    [alert] = desk.command("status")["alerts"]
    assert (alert["kind"], alert["count"]) == ("not_placed", 1)
    metrics = desk.http.get("/metrics").text
    assert 'ringback_alerts{kind="not_placed"} 1.0' in metrics
    assert 'ringback_alerts{kind="overdue"} 0.0' in metrics
    assert 'ringback_alert_since_seconds{kind="not_placed"}' in metrics
    with reader() as session:
        assert session.exec(select(Advisor)).one().missed_in_a_row == 0


def test_a_number_that_twilio_will_not_dial_is_a_try(desk: Desk, twilio: TwilioDouble) -> None:
    call = an_accepted_call(desk, twilio, fault="refuse-21211")
    assert "They did not answer" in twilio.advisor_is_returned(call)
    assert (the_callback().misses, held_for(the_callback())) == (1, [])


def test_a_number_that_does_not_exist_is_a_try(desk: Desk, twilio: TwilioDouble) -> None:
    lead = a_dialed_lead(desk, twilio)
    twilio.moves(lead, "failed", SipResponseCode="404")
    twilio.advisor_is_returned(lead.parent)
    callback = the_callback()
    assert (callback.misses, held_for(callback)) == (1, [])
    assert callback.first_rung_at


def test_whoever_hung_up_without_a_key_is_asked_when_they_pick_up_again(
    desk: Desk, twilio: TwilioDouble
) -> None:
    lead = a_dialed_lead(desk, twilio)
    twilio.moves(lead, "in-progress")
    assert "Press 1 if they were helped" in twilio.lead_ends(lead, "completed")
    twilio.moves(lead.parent, "completed")  # no key
    with reader() as session:
        attempt = session.exec(select(CallAttempt)).one()
    ring = Call("CA" + "f" * 32, lead.parent.to, status="in-progress")
    said = twilio.fetches(ring, f"{desk.url}/hooks/voice/{attempt.id}/ask")
    assert "You hung up before recording the outcome of your last call." in said
    assert "recorded" in twilio.presses(ring, "1")
    assert the_callback().disposition == "helped"


@pytest.mark.parametrize(
    ("error_code", "sip_code", "has_leg", "fault"),
    [
        ("13227", "", False, HoldReason.COUNTRY_NOT_PERMITTED),
        ("21215", "", False, HoldReason.COUNTRY_NOT_PERMITTED),
        ("13214", "", False, HoldReason.CALLER_ID_REFUSED),
        ("21210", "", True, HoldReason.CALLER_ID_REFUSED),
        ("20003", "", False, HoldReason.ACCOUNT_REFUSED),
        ("10001", "", False, HoldReason.ACCOUNT_REFUSED),
        ("21216", "", False, HoldReason.ACCOUNT_REFUSED),
        ("13225", "", False, HoldReason.ACCOUNT_REFUSED),
        ("", "", False, HoldReason.CALL_NOT_PLACED),
        ("", "503", True, HoldReason.CALL_NOT_PLACED),
        ("32011", "", True, HoldReason.CALL_NOT_PLACED),
        ("", "404", True, None),
        ("", "603", True, None),
        ("", "", True, None),
        ("13224", "", False, None),
    ],
)
def test_codes_say_whose_fault_it_was(
    error_code: str,
    sip_code: str,
    has_leg: bool,
    fault: HoldReason | None,
) -> None:
    said = fault_of_failed_leg(error_code=error_code, sip_code=sip_code, has_leg=has_leg)
    assert said == fault


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (20003, "our account or its credentials (error 20003)"),
        (21210, "the caller ID (error 21210)"),
        (21215, "this number's country (error 21215)"),
        (20500, "Twilio rejected it (error 20500)."),
    ],
)
def test_what_twilio_refuses_has_a_name(code: int, words: str) -> None:
    assert words in problem_of_code(code)
