"""Each thing that must never happen is done once, and found."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from twilio.twiml.voice_response import VoiceResponse

from tests.support.small_desk import (
    ADVISOR,
    ATTEMPT,
    HELPLINE,
    LEAD,
    Form,
    SmallDesk,
    running_small_desk,
)
from tests.support.twilio_simulator import Phone


def put_into(name: str, **options: object) -> VoiceResponse:
    twiml = VoiceResponse()
    twiml.dial(action="/left").conference(name, **options)
    return twiml


def call_twice(desk: SmallDesk) -> None:
    desk.call_advisor()
    desk.call_advisor()


def call_lead_first(desk: SmallDesk) -> None:
    desk.call_lead(wait_url=f"{desk.base}/wait")


def wait_in_silence(desk: SmallDesk) -> None:
    desk.lead_options = {"early_media": False}
    desk.answers["accept"] = lambda _form: put_into(
        ATTEMPT,
        wait_url="",
        participant_label="advisor",
        status_callback="/conference",
        status_callback_event="join",
    )
    desk.call_advisor()


def leave_lead_alone(desk: SmallDesk) -> None:
    desk.lead_options = {"end_conference_on_exit": False}
    desk.answers["accept"] = lambda _form: put_into(
        ATTEMPT,
        wait_url="/wait",
        participant_label="advisor",
        status_callback="/conference",
        status_callback_event="join",
    )
    desk.call_advisor()


def speak_to_lead(desk: SmallDesk) -> None:
    def announce(form: Form) -> VoiceResponse:
        room = desk.client.conferences(form["ConferenceSid"])
        room.participants("lead").update(announce_url=f"{desk.base}/spoken")
        return VoiceResponse()

    spoken = VoiceResponse()
    spoken.say("Please hold.")
    desk.answers["spoken"] = lambda _form: spoken
    desk.answers["status"] = lambda form: (
        announce({"ConferenceSid": desk.list_heard("conference", "ConferenceSid")[0]})
        if form["To"] == LEAD and form["CallStatus"] == "in-progress"
        else VoiceResponse()
    )
    desk.call_advisor()


def beep_at_lead(desk: SmallDesk) -> None:
    desk.lead_options = {"beep": "true", "early_media": False}
    desk.call_advisor()


def misspell(desk: SmallDesk) -> None:
    desk.answers["accept"] = lambda _form: put_into(ATTEMPT, start_on_enter=True)
    desk.call_advisor()


def reveal_name(desk: SmallDesk) -> None:
    desk.call_advisor(url=f"{desk.base}/offer?name=Ada%20L")


def reveal_number(desk: SmallDesk) -> None:
    desk.answers["accept"] = lambda _form: put_into("room of (315) 557-0202", wait_url="/wait")
    desk.call_advisor()


def leave_caller_in_silence(desk: SmallDesk) -> None:
    waiting = VoiceResponse()
    waiting.pause(length=2)
    waiting.gather(timeout=1)
    desk.answers["inbound"] = lambda _form: waiting
    desk.twilio.receive_call(LEAD, HELPLINE)


@pytest.mark.parametrize(
    ("sin", "sentences"),
    [
        (call_twice, "was rung twice at once; was answered on 2 calls"),
        (call_lead_first, "before an advisor had pressed a key"),
        (wait_in_silence, "somebody heard nothing"),
        (leave_lead_alone, "a lead heard nothing; a lead was without an advisor"),
        (leave_caller_in_silence, "heard nothing for 3 s"),
        (speak_to_lead, "a lead heard a machine: announcement"),
        (beep_at_lead, "a lead heard a machine: beep"),
        (misspell, "<Conference> has no attribute startOnEnter"),
        (reveal_name, "'Ada L' is in a webhook's address"),
        (reveal_number, f"{LEAD[2:]!r} is in a TwiML document"),
    ],
)
def test_what_must_never_happen_is_found(sin: Callable[[SmallDesk], None], sentences: str) -> None:
    with running_small_desk() as (twilio, desk):
        twilio.phones[ADVISOR] = Phone(keys=("1",), talk=10, patience=90)
        twilio.phones[LEAD] = Phone(ring=8, talk=80, patience=90, is_lead=True)
        sin(desk)
        twilio.settle()
        problems = twilio.list_problems(["Ada L", LEAD[2:]])
        for sentence in sentences.split("; "):
            assert any(sentence in problem for problem in problems), problems


def test_a_forged_signature_is_found() -> None:
    with running_small_desk() as (twilio, desk):
        twilio.phones[ADVISOR] = Phone(outcome="busy")
        desk.token = "another"
        desk.call_advisor()
        twilio.settle()
        assert any("got 403" in problem for problem in twilio.list_problems())
