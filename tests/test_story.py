"""One request for help, from the form to the report, over real HTTP on both databases."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from sqlmodel import select

from leads.database.transactions import reader
from leads.models.calls import CallAttempt, Callback, GateDecision
from leads.models.requests import Lead, Submission
from leads.models.watching import Transition
from leads.reporting import metrics
from leads.reporting.calendar_days import day_bounds
from leads.reporting.cohort import read_cohort
from tests.support.running_desk import ADVISOR_PHONE, Desk, eventually
from tests.support.twilio_double import CALLER_ID, TwilioDouble, conference_in

FORM = {
    "name": "Jordan Reyes",
    "phone": "(315) 555-0142",
    "message": "I want to stop drinking.",
    "for_whom": "self",
    "any_hour": "yes",
    "safe_to_voicemail": "no",
    "consent": "true",
    "consent_text": "Call me back.",
    "favourite_colour": "green",
}


def test_a_form_becomes_a_bridged_call_and_a_figure(desk: Desk, twilio: TwilioDouble) -> None:
    webhook = desk.opens()

    # The form is stored and answered; its advisor is rung at once.
    answer = desk.http.post(webhook, json=FORM)
    assert (answer.status_code, answer.json()) == (200, {"status": "received"})
    call = twilio.wait_for_call()
    assert (call.to, call.asked("From")) == (ADVISOR_PHONE, CALLER_ID)
    assert call.order["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]

    # The advisor hears a whisper that gives nothing away, and presses 1.
    whisper = twilio.advisor_answers(call)
    said = " ".join(one.text or "" for one in ET.fromstring(whisper).iter("Say"))
    assert "Callback waiting. It is for themselves." in said
    assert not re.search(r"Jordan|Reyes|315|drink|treat|recover|helpline", said, re.IGNORECASE)
    room = twilio.presses(call, "1")
    assert 'beep="false"' in room
    assert "3155550142" not in room

    # Only now is the lead's phone rung, into the same conference. They answer, talk and hang up.
    lead = twilio.lead_of(call)
    assert (lead.to, lead.asked("From")) == ("+13155550142", CALLER_ID)
    assert "<Say" not in lead.asked("Twiml")
    assert conference_in(lead.asked("Twiml")) == conference_in(room)
    for status in ("initiated", "ringing", "in-progress"):
        twilio.moves(lead, status, times=2)
    menu = twilio.lead_ends(lead, "completed")

    # The advisor has only a phone, so the phone asks what came of it.
    assert "Press 1 if they were helped" in menu
    assert "recorded" in twilio.presses(call, "1")
    twilio.moves(call, "completed")

    # The figures say the same.
    with reader() as session:
        lead_row, callback = session.exec(select(Lead)).one(), session.exec(select(Callback)).one()
        attempt, submission = (
            session.exec(select(CallAttempt)).one(),
            session.exec(select(Submission)).one(),
        )
        start, end = day_bounds(callback.received_at.date(), "UTC")
        rows = read_cohort(session, start=start, end=end, now=callback.finished_at)
        moves = [
            (row.record, row.event)
            for row in session.exec(select(Transition).order_by(Transition.id))
        ]
        asked = [row.moment for row in session.exec(select(GateDecision).order_by(GateDecision.id))]
    assert (submission.state, submission.reading["unknown"]) == (
        "admitted",
        {"favourite_colour": ["green"]},
    )
    assert callback.state == "completed"
    assert callback.disposition == "helped"
    assert lead_row.state == "closed"
    assert (attempt.state, attempt.result) == ("ended", "conversation")
    assert (
        callback.received_at
        < callback.first_rung_at
        < callback.first_conversation_at
        < callback.finished_at
    )
    assert metrics.outcome_counts(rows) == {"helped": 1}
    assert metrics.contact_rate(rows) == 1
    assert asked == ["scheduling", "offer", "relay", "whisper", "dial", "relay"]
    assert [event for record, event in moves if record == "callback"] == [
        "claim",
        "call",
        "converse",
        "dispose",
    ]
    assert [event for record, event in moves if record == "call_attempt"] == [
        "placed",
        "accepted",
        "answered",
        "hung_up",
    ]
    status = desk.command("status")
    assert (status["limbo"], status["callback"]) == (0, {"completed": 1})


def test_a_callback_goes_from_advisor_to_advisor_and_costs_the_lead_nothing(
    desk: Desk, twilio: TwilioDouble
) -> None:
    webhook = desk.opens(advisors=3)
    desk.http.post(webhook, data=FORM)

    # The first advisor does not answer, the second passes, the third has a voicemail; each time the
    # next one is rung.
    first = twilio.wait_for_call(1)
    twilio.moves(first, "no-answer")
    second = twilio.wait_for_call(2)
    twilio.advisor_answers(second)
    twilio.presses(second, "2")
    third = twilio.wait_for_call(3)
    twilio.advisor_answers(third)
    twilio.moves(third, "completed")
    fourth = twilio.wait_for_call(4)
    assert [call.to[-1] for call in (first, second, third, fourth)] == ["1", "2", "3", "1"]

    # The lead does not answer: that counts, and the next try waits for the cadence.
    twilio.advisor_answers(fourth)
    twilio.presses(fourth, "1")
    assert "They will be called again" in twilio.lead_ends(twilio.lead_of(fourth), "no-answer")
    with reader() as session:
        callback = session.exec(select(Callback)).one()
        results = [
            a.result for a in session.exec(select(CallAttempt).order_by(CallAttempt.requested_at))
        ]
    assert results == [
        "advisor_no_answer",
        "advisor_declined",
        "advisor_no_answer",
        "lead_no_answer",
    ]
    assert (callback.state, callback.misses) == ("waiting", 1)
    assert callback.due_at > callback.first_rung_at


def test_stop_by_text_ends_a_call_that_is_ringing(desk: Desk, twilio: TwilioDouble) -> None:
    webhook = desk.opens()
    desk.http.post(webhook, json=FORM)
    call = twilio.wait_for_call()
    twilio.moves(call, "ringing")
    assert twilio.receives_text("+13155550142", "Stop.").status_code == 200
    twilio.wait_until_hung_up(call)
    assert desk.http.post(webhook, json=FORM).json() == {"status": "received"}
    eventually(lambda: desk.command("status")["submission"] == {"admitted": 1, "withheld": 1})
    status = desk.command("status")
    assert status["callback"] == {"cancelled": 1}
    assert status["lead"] == {"suppressed": 1}
    assert status["limbo"] == 0
