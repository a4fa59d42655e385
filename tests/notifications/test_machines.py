"""Machines that answer, screeners and refusals: the advisor is told, and nothing counts by itself.

Over real HTTP, with the double's phones.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from leads.callbacks import voicemail
from leads.callbacks.conversations import SHORTEST_CONVERSATION
from leads.database.transactions import reader
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg, GateDecision
from leads.models.outbox import Outbox
from leads.read_models import advisor_desk
from tests.support.running_desk import Desk, eventually
from tests.support.twilio_double import Call, TwilioDouble

FORM = {
    "name": "Jordan Reyes",
    "phone": "(315) 555-0142",
    "any_hour": "yes",
    "safe_to_voicemail": "yes",
    "consent": "true",
    "consent_text": "Call me back.",
}


def test_a_machine_is_told_at_once_and_is_no_contact_before_the_advisor_says_so(
    desk: Desk, twilio: TwilioDouble
) -> None:
    call, lead = a_lead_who_is_rung(desk, twilio, FORM)
    twilio.moves(lead, "in-progress")
    assert stored(Callback).first_conversation_at is not None
    for _ in range(2):  # Twilio may say it twice
        twilio.hears(lead, "machine_start")
    assert [leg.answered_by for leg in legs()] == ["", "machine"]
    callback, attempt = stored(Callback), stored(CallAttempt)
    assert (callback.first_conversation_at, attempt.state) == (None, "bridged")
    assert (attempt.doubt, attempt.result) == ("machine", None)
    assert {row.kind for row in rows(Outbox)} == {"place_call", "dial_leg"}  # nobody is hung up

    # The gate was asked once about a message, for its own channel.
    assert [
        (row.allowed, row.moment, row.attempt_id)
        for row in rows(GateDecision)
        if row.channel == "voicemail"
    ] == [(True, "machine", attempt.id)]
    live = live_call()
    assert live.is_machine
    assert live.voicemail.words == (
        "Hello, this is Advisor. Please call me back at (315) 555-0199 when you can. Thank you."
    )

    # The keypad tells an advisor with only a phone, who may say that it was a machine.
    menu = twilio.lead_ends(lead, "completed")
    assert "A machine may have answered that call. Press 1 if they were helped" in menu
    attempt = stored(CallAttempt)
    assert (attempt.result, attempt.doubt) == ("unknown", "screened")  # it was gone at once
    twilio.presses(call, "6")
    assert stored(Callback).state == "waiting"
    assert stored(CallAttempt).result == "lead_voicemail"
    assert all("<Say" not in leg.asked("Twiml") for leg in twilio.calls)


@pytest.mark.parametrize("word", ["human", "of_a_later_version"])
def test_a_short_call_is_in_doubt_until_somebody_says_what_it_was(
    desk: Desk, twilio: TwilioDouble, word: str
) -> None:
    call, lead = a_lead_who_is_rung(desk, twilio, FORM)
    twilio.moves(lead, "in-progress")
    twilio.hears(lead, word)
    assert stored(Callback).first_conversation_at is not None  # they are talking, it seems
    assert live_call().voicemail is None
    twilio.lead_ends(lead, "completed")
    attempt = stored(CallAttempt)
    assert attempt.ended_at - attempt.answered_at < SHORTEST_CONVERSATION
    assert attempt.result == "unknown"
    assert attempt.doubt == ("short" if word == "human" else "screened")
    assert stored(Callback).first_conversation_at is None
    twilio.presses(call, "1")
    attempt = stored(CallAttempt)
    assert (attempt.result, stored(Callback).first_conversation_at) == (
        "conversation",
        attempt.answered_at,
    )


def test_a_word_that_comes_after_the_call_is_a_doubt_while_nothing_is_said(
    desk: Desk, twilio: TwilioDouble
) -> None:
    call, lead = a_lead_who_is_rung(desk, twilio, FORM)
    twilio.moves(lead, "in-progress")
    twilio.lead_ends(lead, "completed")
    twilio.hears(lead, "fax")
    assert stored(CallAttempt).doubt == "fax"
    twilio.presses(call, "2")
    twilio.hears(lead, "machine_start")  # what the advisor said stays
    assert (stored(CallAttempt).result, stored(Callback).disposition) == (
        "conversation",
        "referred",
    )


def test_a_stop_while_a_machine_talks_leaves_no_conversation_behind(
    desk: Desk, twilio: TwilioDouble
) -> None:
    _, lead = a_lead_who_is_rung(desk, twilio, FORM)
    twilio.moves(lead, "in-progress")
    twilio.hears(lead, "machine_start")
    assert twilio.receives_text("+13155550142", "Stop.").status_code == 200
    twilio.wait_until_hung_up(lead)
    attempt = stored(CallAttempt)
    assert (attempt.state, attempt.result) == ("ended", "unknown")
    assert stored(Callback).first_conversation_at is None


def test_where_no_message_is_safe_the_desk_says_so_with_the_reason(
    desk: Desk, twilio: TwilioDouble
) -> None:
    _, lead = a_lead_who_is_rung(desk, twilio, {**FORM, "safe_to_voicemail": "no"})
    twilio.moves(lead, "in-progress")
    twilio.hears(lead, "machine_start")
    advice = live_call().voicemail
    assert advice == voicemail.VoicemailAdvice("", "They did not say voicemail is safe.")
    assert not advice.is_allowed


@pytest.mark.parametrize(
    ("sip", "status"), [("603", "failed"), ("607", "busy"), ("608", "no-answer")]
)
def test_a_call_that_is_declined_or_blocked_is_a_doubt_and_the_number_works(
    desk: Desk, twilio: TwilioDouble, sip: str, status: str
) -> None:
    _, lead = a_lead_who_is_rung(desk, twilio, FORM)
    twilio.moves(lead, status, SipResponseCode=sip)
    eventually(lambda: stored(CallAttempt).result is not None)
    attempt, callback = stored(CallAttempt), stored(Callback)
    assert (attempt.result, attempt.doubt) == ("lead_no_answer", "refused")
    assert (callback.state, callback.misses) == ("waiting", 1)
    assert not callback.is_held
    assert callback.first_conversation_at is None


def a_lead_who_is_rung(desk: Desk, twilio: TwilioDouble, form: dict[str, str]) -> tuple[Call, Call]:
    """Somebody's phone rings, and an advisor waits for them."""
    desk.http.post(desk.opens(), json=form)
    call = twilio.wait_for_call()
    twilio.advisor_answers(call)
    twilio.presses(call, "1")
    lead = twilio.lead_of(call)
    twilio.moves(lead, "ringing")
    return call, lead


def live_call() -> Any:
    with reader() as session:
        advisor = session.exec(select(Advisor)).one()
        now = stored(CallAttempt).heard_at + timedelta(seconds=1)
        return advisor_desk.read_desk(session, advisor.id, now=now).call


def legs() -> list[CallLeg]:
    return rows(CallLeg)


def rows(kind: Any) -> list[Any]:
    with reader() as session:
        return list(session.exec(select(kind).order_by(col(kind.id))))


def stored(kind: Any) -> Any:
    [row] = rows(kind)
    return row
