from __future__ import annotations

import httpx
import pytest
from requests.exceptions import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client
from twilio.twiml.voice_response import VoiceResponse

from tests.support.serving import PLAIN
from tests.support.small_desk import (
    ADVISOR,
    FAULTS,
    HELPLINE,
    LEAD,
    LoopbackClient,
    SmallDesk,
    running_small_desk,
)
from tests.support.twilio_simulator import Chaos, Fault, Phone
from tests.support.twilio_simulator.wire import sign_request

RANK = ["queued", "initiated", "ringing", "in-progress", "completed", "busy", "no-answer"]


def find_latest(desk: SmallDesk) -> dict[str, str]:
    """Return the status of every call by its highest sequence number."""
    forms = [form for path, form in desk.heard if path == "status"]
    forms.sort(key=lambda form: int(form["SequenceNumber"]))
    return {form["CallSid"]: form["CallStatus"] for form in forms}


@pytest.mark.parametrize(
    ("url", "caller", "expected"),
    [
        (
            "https://mycompany.com/myapp.php?foo=1&bar=2",
            "+14158675309",
            "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
        ),
        (
            "https://example.com/myapp.php?foo=1&bar=2",
            "+14158675310",
            "L/OH5YylLD5NRKLltdqwSvS0BnU=",
        ),
    ],
)
def test_signatures_are_those_that_twilio_has_published(
    url: str, caller: str, expected: str
) -> None:
    params = [
        ("Digits", "1234"),
        ("To", "+18005551212"),
        ("CallSid", "CA1234567890ABCDE"),
        ("From", caller),
        ("Caller", caller),
    ]
    assert sign_request(url, params, "12345") == expected


@pytest.mark.parametrize(
    ("advisor", "status"),
    [
        (Phone(outcome="busy"), "busy"),
        (Phone(outcome="no-answer"), "no-answer"),
        (Phone(outcome="failed"), "failed"),
        (Phone(ring=22, keys=("2",)), "completed"),  # Twilio adds five seconds to a timeout of 20
        (Phone(ring=26), "no-answer"),
        (Phone(keys=("",)), "completed"),
        (Phone(keys=("2",)), "completed"),
        (Phone(keys=("hangup",)), "completed"),
    ],
)
def test_nobody_is_called_before_an_advisor_accepts(advisor: Phone, status: str) -> None:
    with running_small_desk() as (twilio, desk):
        twilio.phones[ADVISOR] = advisor
        call = desk.call_advisor()
        assert (call.status, call.to) == ("queued", ADVISOR)
        twilio.settle()
        assert twilio.list_problems() == []
        assert find_latest(desk) == {call.sid: status} == {call.sid: twilio.legs[call.sid].status}
        assert desk.client.calls(call.sid).fetch().status == status


@pytest.mark.parametrize(("fault", "status", "made"), FAULTS)
def test_creating_a_call_fails_in_every_way(fault: Fault, status: int | None, made: int) -> None:
    with running_small_desk() as (twilio, desk):
        twilio.phones[ADVISOR] = Phone(outcome="no-answer")
        twilio.faults.append(fault)
        with pytest.raises((TwilioRestException, RequestException)) as caught:
            desk.call_advisor()
        assert getattr(caught.value, "status", None) == status
        assert len(desk.client.calls.list(to=ADVISOR)) == made
        twilio.settle()
        assert twilio.list_problems() == []


def test_a_fault_waits_for_its_number_and_a_test_acts_amid_a_request() -> None:
    with running_small_desk() as (twilio, desk):
        twilio.phones.update({ADVISOR: Phone("busy"), LEAD: Phone("busy")})
        twilio.faults_to[ADVISOR].append(Fault.ERROR)
        asked: list[str] = []
        twilio.interrupt_at("/status", lambda: asked.append("of ours"))
        twilio.interrupt_at("POST /2010-04-01", lambda: asked.append("of theirs"))
        desk.call_advisor(to=LEAD)
        with pytest.raises(TwilioRestException):
            desk.call_advisor()
        twilio.settle()
        assert asked == ["of theirs", "of ours"]
        assert [leg.to for leg in twilio.legs.values()] == [LEAD]


def test_a_look_at_a_call_fails_and_then_succeeds() -> None:
    with running_small_desk() as (twilio, desk):
        twilio.phones[ADVISOR] = Phone(outcome="busy", sip_code=603)
        call = desk.call_advisor()
        twilio.read_faults.append(Fault.UNAVAILABLE)
        with pytest.raises(TwilioRestException):
            desk.client.calls(call.sid).fetch()
        assert desk.client.calls(call.sid).fetch().sid == call.sid
        twilio.settle()
        assert desk.list_heard("status", "SipResponseCode")[-1] == "603"


def test_callbacks_get_lost_and_come_twice_and_late_and_a_fetch_tells_the_truth() -> None:
    with running_small_desk() as (twilio, desk):
        twilio.phones[ADVISOR] = Phone(keys=("",))
        twilio.set_fate(Chaos(seed=7, lose=0.2, repeat=0.4, late=0.5, delay=20))
        for number in range(8):
            desk.call_advisor(url=f"{desk.base}/offer?{number}")
            twilio.settle()
        assert twilio.list_problems() == []
        sids, numbers = (desk.list_heard("status", key) for key in ("CallSid", "SequenceNumber"))
        told = list(zip(sids, numbers, strict=True))
        assert len(told) > len(set(told))
        ranks = [RANK.index(status) for status in desk.list_heard("status", "CallStatus")]
        assert ranks != sorted(ranks)
        truth, latest = {sid: leg.status for sid, leg in twilio.legs.items()}, find_latest(desk)
        wrong = [sid for sid in truth if latest.get(sid) != truth[sid]]
        assert wrong
        assert all(desk.client.calls(sid).fetch().status == truth[sid] for sid in wrong)


@pytest.mark.parametrize(("fragment", "heard"), [("", 0), ("#rc=2&rp=5xx", 1)])
def test_a_refused_callback_comes_again_only_if_its_address_asks(fragment: str, heard: int) -> None:
    with running_small_desk() as (twilio, desk):
        twilio.phones[ADVISOR] = Phone(outcome="busy")
        desk.unavailable = 1
        url = f"{desk.base}/status{fragment}"
        desk.call_advisor(status_callback=url, status_callback_event=["completed"])
        twilio.settle()
        assert len(desk.list_heard("status", "CallSid")) == heard


def test_a_call_canceled_in_the_queue_tells_nobody() -> None:
    with running_small_desk(calls_per_second=0.05) as (twilio, desk):
        twilio.phones[ADVISOR] = Phone(outcome="no-answer")
        desk.call_advisor()
        second = desk.call_advisor(to="+13155570909")
        assert int(second.queue_time) > 10_000
        desk.client.calls(second.sid).update(status="canceled")
        twilio.settle()
        assert twilio.legs[second.sid].status == "canceled"
        assert second.sid not in find_latest(desk)


def test_a_machine_is_heard_before_the_document_is_fetched() -> None:
    with running_small_desk() as (twilio, desk):
        twilio.phones[ADVISOR] = Phone(answered_by="machine")
        desk.call_advisor(machine_detection="Enable")
        twilio.settle()
        assert desk.list_heard("offer", "AnsweredBy") == ["machine_start"]


def test_requests_are_refused_with_the_code_that_twilio_has_for_it() -> None:
    with running_small_desk() as (twilio, desk):
        twilio.phones["+13155570303"] = Phone(error=21215)
        for options, code in (
            ({"to": "banana"}, 21211),
            ({"from_": "+13155550999"}, 21210),
            ({"url": "ftp://x/"}, 21205),
            ({"to": "+13155570303"}, 21215),
        ):
            with pytest.raises(TwilioRestException) as caught:
                desk.call_advisor(**options)
            assert (caught.value.status, caught.value.code) == (400, code)
        account = twilio.settings.account_sid
        stranger = Client(account, "wrong", http_client=LoopbackClient(twilio.url))
        with pytest.raises(TwilioException):
            stranger.calls.list(limit=1)


def test_a_misspelt_parameter_is_found() -> None:
    with running_small_desk() as (twilio, desk):
        account = (twilio.settings.account_sid, twilio.settings.auth_token)
        url = f"{twilio.url}/2010-04-01/Accounts/{account[0]}/Calls.json"
        form = {"To": ADVISOR, "From": HELPLINE, "Url": desk.base, "StatusCalback": "x"}
        httpx.post(url, data=form, auth=account, trust_env=False, verify=PLAIN)
        twilio.settle()
        assert any("unknown parameter StatusCalback" in one for one in twilio.list_problems())


@pytest.mark.parametrize(("keys", "bridged"), [(("1",), "true"), (("",), "false")])
def test_a_called_party_that_declines_the_whisper_is_not_connected(
    keys: tuple[str, ...], bridged: str
) -> None:
    with running_small_desk() as (twilio, desk):
        desk.answers["whisper"] = lambda _form: gather_or_hang_up()
        desk.answers["screened"] = lambda _form: VoiceResponse()
        twiml = VoiceResponse()
        dial = twiml.dial(caller_id=HELPLINE, action=f"{desk.base}/left")
        dial.number(LEAD, url=f"{desk.base}/whisper")
        twilio.phones[LEAD] = Phone(keys=keys)
        desk.call_advisor(url=None, twiml=str(twiml))
        twilio.settle()
        assert desk.list_heard("left", "DialBridged") == [bridged]


def gather_or_hang_up() -> VoiceResponse:
    twiml = VoiceResponse()
    twiml.gather(num_digits=1, timeout=3, action="/screened").say("Press 1.")
    twiml.hangup()
    return twiml
