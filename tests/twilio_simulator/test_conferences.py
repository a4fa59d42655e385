from __future__ import annotations

from dataclasses import replace

import pytest
from requests.exceptions import RequestException
from twilio.base.exceptions import TwilioRestException
from twilio.twiml.voice_response import VoiceResponse

from tests.support.small_desk import (
    ADVISOR,
    ATTEMPT,
    FAULTS,
    HELPLINE,
    LEAD,
    SmallDesk,
    running_small_desk,
)
from tests.support.twilio_simulator import Fault, Phone, Simulator
from tests.support.twilio_simulator.scripts import FOR_EVER

COLLEAGUE = "+13155570303"
LEAD_TALKS = Phone(talk=FOR_EVER, is_lead=True)


def enter(name: str, **options: object) -> VoiceResponse:
    twiml = VoiceResponse()
    twiml.dial(action="/left").conference(name, end_conference_on_exit=True, **options)
    return twiml


def converse(twilio: Simulator, desk: SmallDesk, lead: Phone = LEAD_TALKS) -> str:
    """Bring advisor and lead together, until somebody ends it; returns the conference's SID."""
    twilio.phones[ADVISOR] = Phone(keys=("1",), talk=FOR_EVER)
    twilio.phones[LEAD] = lead
    desk.call_advisor()
    event = "participant-speech-start"
    twilio.wait_until(lambda: twilio.list_events("conference").count(event) == 2, "a talk")
    return next(iter(twilio.conferences))


@pytest.mark.parametrize("is_ended", [True, False])
def test_a_lead_who_was_to_end_the_conference_does_not_answer(*, is_ended: bool) -> None:
    with running_small_desk(failed_participant_ends=is_ended) as (twilio, desk):
        twilio.phones[ADVISOR] = Phone(keys=("1",), stars=(60,))
        twilio.phones[LEAD] = Phone(outcome="busy", is_lead=True)
        desk.call_advisor()
        twilio.settle()
        (advisor,) = twilio.legs_to(ADVISOR)
        assert (advisor.seconds < 30) == is_ended


def test_an_accepted_offer_becomes_a_conference_of_two() -> None:
    with running_small_desk() as (twilio, desk):
        twilio.phones[ADVISOR] = Phone(keys=("1",), talk=100)
        twilio.phones[LEAD] = Phone(ring=5, talk=30, is_lead=True)
        desk.call_advisor()
        twilio.settle()
        assert twilio.list_problems(["Ada", LEAD]) == []
        assert desk.list_heard("conference", "StatusCallbackEvent") == [
            "participant-join",
            "participant-join",  # the lead's phone rings, and early media lets the advisor hear it
            "conference-start",
            "participant-speech-start",
            "participant-speech-start",
            "participant-speech-stop",
            "participant-leave",
            "participant-speech-stop",
            "participant-leave",
            "conference-end",
        ]
        end = desk.heard[[where for where, _ in desk.heard].index("conference") :]
        last = [form for where, form in end if form.get("StatusCallbackEvent") == "conference-end"]
        (lead,) = twilio.legs_to(LEAD)
        assert last[0]["CallSidEndingConference"] == lead.sid
        assert last[0]["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
        numbers = [int(number) for number in desk.list_heard("conference", "SequenceNumber")]
        assert sorted(numbers) == list(range(1, 11))
        assert desk.list_heard("left", "DialCallStatus") == ["answered"]
        assert [leg.status for leg in twilio.legs.values()] == ["completed", "completed"]


@pytest.mark.parametrize(
    ("outcome", "early_media"), [("busy", True), ("no-answer", False), ("failed", True)]
)
def test_a_lead_who_does_not_answer_leaves_for_a_reason(outcome: str, *, early_media: bool) -> None:
    with running_small_desk() as (twilio, desk):
        desk.lead_options = {"early_media": early_media}
        twilio.phones[ADVISOR] = Phone(keys=("1",), stars=(40,))
        twilio.phones[LEAD] = Phone(outcome=outcome, is_lead=True)
        desk.call_advisor()
        twilio.settle()
        assert twilio.list_problems() == []
        assert "participant_add_failed" in desk.list_heard("conference", "ReasonParticipantLeft")
        assert outcome in desk.list_heard("conference", "ParticipantCallStatus")
        assert twilio.legs_to(LEAD)[0].status == outcome


@pytest.mark.parametrize(("fault", "status", "made"), FAULTS)
def test_adding_a_participant_fails_in_every_way(
    fault: Fault, status: int | None, made: int
) -> None:
    with running_small_desk() as (twilio, desk):
        desk.is_calling_lead = False
        twilio.phones[ADVISOR] = Phone(keys=("1",))
        twilio.phones[LEAD] = Phone(outcome="busy", is_lead=True)
        desk.call_advisor()
        twilio.wait_until(lambda: twilio.list_events("conference"), "a conference")
        twilio.faults.append(fault)
        with pytest.raises((TwilioRestException, RequestException)) as caught:
            desk.call_lead()
        assert getattr(caught.value, "status", None) == status
        twilio.end_all()
        twilio.settle()
        assert len(twilio.legs_to(LEAD)) == made
        assert twilio.list_problems() == []


@pytest.mark.parametrize(("fault", "status", "is_held"), FAULTS)
def test_changing_a_participant_fails_in_every_way(
    fault: Fault, status: int | None, is_held: int
) -> None:
    with running_small_desk() as (twilio, desk):
        room = desk.client.conferences(converse(twilio, desk))
        twilio.update_faults.append(fault)
        with pytest.raises((TwilioRestException, RequestException)) as caught:
            room.participants("lead").update(hold=True)
        assert getattr(caught.value, "status", None) == status
        assert room.participants("lead").fetch().hold == bool(is_held)
        twilio.end_all()
        twilio.settle()
        # While the request hangs the advisor hears nobody: the small desk plays them no sound.
        problems = [one for one in twilio.list_problems() if "heard nothing" not in one]
        assert problems == []


def test_a_lead_is_held_with_music_and_muted_and_found_by_label() -> None:
    with running_small_desk() as (twilio, desk):
        room = desk.client.conferences(converse(twilio, desk))
        (lead,) = twilio.legs_to(LEAD)
        held = room.participants("lead").update(hold=True, hold_url=f"{desk.base}/wait")
        assert held.hold
        assert (held.call_sid, held.label) == (lead.sid, "lead")
        assert [one.call_sid for one in room.participants.list(hold=True)] == [lead.sid]
        twilio.wait_until(lambda: len(desk.list_heard("wait", "CallSid")) > 1, "hold music")
        room.participants(lead.sid).update(hold=False, muted=True)
        room.participants("lead").update(muted=False, end_conference_on_exit=False)
        twilio.end_all()
        twilio.settle()
        assert twilio.list_problems() == []
        told = desk.list_heard("conference", "StatusCallbackEvent")
        switched = [
            event.removeprefix("participant-")
            for event in told
            if event.endswith(("hold", "mute", "modify"))
        ]
        assert sorted(switched) == ["hold", "modify", "mute", "unhold", "unmute"]


def test_a_supervisor_is_heard_by_the_advisor_alone() -> None:
    with running_small_desk() as (twilio, desk):
        room = desk.client.conferences(converse(twilio, desk))
        (advisor,) = twilio.legs_to(ADVISOR)
        twilio.phones[COLLEAGUE] = Phone(talk=FOR_EVER)
        options = {"to": COLLEAGUE, "from_": HELPLINE, "label": "supervisor", "beep": "false"}
        coach = room.participants.create(**options, coaching=True, call_sid_to_coach=advisor.sid)
        assert (coach.coaching, coach.call_sid_to_coach) == (True, advisor.sid)
        with pytest.raises(TwilioRestException) as caught:
            room.participants.create(**options | {"to": "+13155570404"})
        assert caught.value.code == 16025
        joined = room.participants("supervisor").update(coaching=False)
        assert not joined.coaching
        twilio.end_all()
        twilio.settle()
        assert twilio.list_problems() == []


def test_a_supervisor_who_only_whispers_is_nobody_to_the_lead() -> None:
    with running_small_desk() as (twilio, desk):
        room = desk.client.conferences(converse(twilio, desk, Phone(talk=60, is_lead=True)))
        twilio.phones[COLLEAGUE] = Phone(talk=FOR_EVER)
        with twilio.time_stopped():
            (advisor,) = twilio.legs_to(ADVISOR)
            room.participants.create(
                HELPLINE, COLLEAGUE, beep="false", coaching=True, call_sid_to_coach=advisor.sid
            )
        twilio.wait_until(lambda: len(room.participants.list(coaching=True)) == 1, "a supervisor")
        with twilio.time_stopped():
            room.participants("advisor").update(end_conference_on_exit=False)
            room.participants("advisor").delete()
        twilio.settle()
        assert any("a lead heard nothing" in problem for problem in twilio.list_problems())


def test_one_advisor_hands_over_to_another_and_the_lead_stays() -> None:
    with running_small_desk() as (twilio, desk):
        sid = converse(twilio, desk)
        room = desk.client.conferences(sid)
        twilio.phones[COLLEAGUE] = Phone(keys=("1",), talk=40)
        desk.answers["accept"] = lambda _form: enter(
            ATTEMPT, participant_label="second", beep="false"
        )
        desk.call_advisor(to=COLLEAGUE, url=f"{desk.base}/offer?second")
        twilio.wait_until(lambda: len(room.participants.list()) == 3, "a second advisor")
        (advisor,) = twilio.legs_to(ADVISOR)
        room.participants(advisor.sid).update(end_conference_on_exit=False)
        room.participants(advisor.sid).delete()
        twilio.settle()
        assert twilio.list_problems() == []
        assert twilio.conferences[sid].ended_by == twilio.legs_to(COLLEAGUE)[0].sid


def test_a_star_leaves_and_a_conference_is_ended_by_hand() -> None:
    with running_small_desk() as (twilio, desk):
        twilio.phones[ADVISOR] = Phone(keys=("1",), stars=(30,), talk=600)
        twilio.phones[LEAD] = Phone(talk=600, is_lead=True)
        desk.call_advisor()
        twilio.settle()
        assert desk.list_heard("left", "CallStatus") == ["in-progress"]
        room = desk.client.conferences(next(iter(twilio.conferences)))
        assert room.fetch().status == "completed"
        with pytest.raises(TwilioRestException) as caught:
            room.update(status="completed")
        assert caught.value.code == 20404
        assert room.participants.list() == []
        assert twilio.list_problems() == []


def test_an_advisor_steers_by_keys_and_comes_back() -> None:
    with running_small_desk() as (twilio, desk):
        menu = VoiceResponse()
        menu.gather(num_digits=1, timeout=3, action="/back")
        back = VoiceResponse()
        back.dial(hangup_on_star=True).conference(
            ATTEMPT, beep="false", end_conference_on_exit=True, participant_label="again"
        )
        desk.answers |= {"left": lambda _form: menu, "back": lambda _form: back}
        desk.is_ended_by_advisor = False
        twilio.phones[ADVISOR] = Phone(keys=("1", "5"), stars=(20,), talk=60)
        twilio.phones[LEAD] = Phone(talk=600, is_lead=True)
        desk.call_advisor()
        twilio.settle()
        assert desk.list_heard("back", "Digits") == ["5"]
        (advisor,) = twilio.legs_to(ADVISOR)
        assert advisor.conferences == list(twilio.conferences) * 2
        assert 60 < advisor.seconds < 75
        assert twilio.list_problems() == []


def test_a_conference_ended_by_rest_lets_everybody_go_on() -> None:
    with running_small_desk() as (twilio, desk):
        sid = converse(twilio, desk)
        (found,) = desk.client.conferences.list(friendly_name=ATTEMPT, status="in-progress")
        assert found.sid == sid
        assert (
            found.update(status="completed").reason_conference_ended == "conference-ended-via-api"
        )
        twilio.settle()
        assert twilio.list_problems() == []
        assert "conference_ended_via_api" in desk.list_heard("conference", "ReasonParticipantLeft")
        assert desk.list_heard("left", "DialCallStatus") == ["answered"]


@pytest.mark.parametrize("is_canceled", [True, False])
def test_an_advisor_leaves_while_the_phone_of_the_lead_rings(*, is_canceled: bool) -> None:
    with running_small_desk(end_cancels_ringing=is_canceled) as (twilio, desk):
        twilio.phones[ADVISOR] = Phone(keys=("1",), patience=12)
        twilio.phones[LEAD] = Phone(ring=15, talk=5, patience=30, is_lead=True)
        desk.call_advisor()
        twilio.settle()
        (lead,) = twilio.legs_to(LEAD)
        assert lead.status == ("canceled" if is_canceled else "completed")
        assert len(twilio.conferences) == 2 - is_canceled


def test_a_redirect_takes_somebody_out_and_asks_no_action() -> None:
    with running_small_desk() as (twilio, desk):
        sid = converse(twilio, desk)
        (lead,) = twilio.legs_to(LEAD)
        with twilio.time_stopped():
            room = desk.client.conferences(sid)
            room.participants("lead").update(end_conference_on_exit=False)
            desk.client.calls(lead.sid).update(twiml="<Response><Pause length='60'/></Response>")
            twilio.wait_until(lambda: len(room.participants.list()) == 1, "leaving")
            assert lead.status == "in-progress"
            (advisor,) = twilio.legs_to(ADVISOR)
            desk.client.calls(advisor.sid).update(twiml="<Response><Pause length='9'/></Response>")
        twilio.end_all()
        twilio.settle()
        assert desk.list_heard("left", "CallSid") == []
        reasons = desk.list_heard("conference", "ReasonParticipantLeft")
        assert "participant_updated_via_api" in reasons


def test_detection_never_makes_a_lead_wait() -> None:
    with running_small_desk() as (twilio, desk):
        desk.lead_options = {
            "machine_detection": "Enable",
            "amd_status_callback": f"{desk.base}/amd",
        }
        converse(twilio, desk, replace(LEAD_TALKS, answered_by="machine"))
        twilio.wait_until(lambda: desk.list_heard("amd", "AnsweredBy"), "detection")
        assert desk.list_heard("amd", "AnsweredBy") == ["machine_start"]
        assert int(desk.list_heard("amd", "MachineDetectionDuration")[0]) > 0
        twilio.end_all()
        twilio.settle()
        assert twilio.list_problems() == []
