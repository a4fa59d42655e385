from __future__ import annotations

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.twiml.voice_response import VoiceResponse

from tests.support.serving import PLAIN
from tests.support.small_desk import ADVISOR, ATTEMPT, HELPLINE, LEAD, running_small_desk
from tests.support.twilio_simulator import WITHHELD, Phone
from tests.support.twilio_simulator.scripts import WITHHELD_BEFORE_2023


@pytest.mark.parametrize("caller", [WITHHELD, WITHHELD_BEFORE_2023, LEAD])
def test_a_caller_waits_with_music_and_leaves_a_voicemail(caller: str) -> None:
    with running_small_desk() as (twilio, desk):
        twilio.phones[caller] = Phone(keys=("", "", "2"), talk=12)
        twilio.receive_call(caller, HELPLINE)
        twilio.settle()
        assert twilio.list_problems() == []
        assert desk.list_heard("inbound", "From") == [caller] * 3
        (url,) = desk.list_heard("recording", "RecordingUrl")
        assert 11 <= int(desk.list_heard("recording", "RecordingDuration")[0]) <= 14
        assert desk.list_heard("left", "Digits") == ["hangup"]
        account = (twilio.settings.account_sid, twilio.settings.auth_token)
        with httpx.Client(trust_env=False, verify=PLAIN) as http:
            assert http.get(url).status_code == 401
            assert http.get(url + ".wav", auth=account).content[:4] == b"RIFF"
            (sid,) = desk.list_heard("recording", "RecordingSid")
            assert desk.client.recordings(sid).delete()
            assert http.get(url, auth=account).status_code == 404


def test_a_caller_hangs_up_while_waiting() -> None:
    with running_small_desk() as (twilio, desk):
        twilio.phones[LEAD] = Phone(patience=20)
        leg = twilio.receive_call(LEAD, HELPLINE)
        twilio.settle()
        assert twilio.list_problems() == []
        assert len(desk.list_heard("inbound", "From")) >= 2
        assert desk.list_heard("status", "CallDuration") == [str(leg.seconds)]


def test_a_waiting_caller_is_put_through_to_an_advisor() -> None:
    with running_small_desk() as (twilio, desk):
        desk.is_calling_lead = False
        twilio.phones[LEAD] = Phone(is_lead=True, talk=30)
        twilio.phones[ADVISOR] = Phone(keys=("1",), talk=100)
        waiting = twilio.receive_call(LEAD, HELPLINE)
        desk.call_advisor()
        twilio.wait_until(lambda: twilio.list_events("conference"), "an advisor")
        twiml = VoiceResponse()
        twiml.dial().conference(ATTEMPT, beep="false", end_conference_on_exit=True)
        desk.client.calls(waiting.sid).update(twiml=str(twiml))
        twilio.settle()
        assert twilio.list_problems() == []
        assert twilio.legs_to(ADVISOR)[0].conferences == waiting.conferences
        with pytest.raises(TwilioRestException) as caught:
            desk.client.calls(waiting.sid).update(url=f"{desk.base}/inbound")
        assert caught.value.code == 21220


def test_where_a_number_leads_is_seen_and_set() -> None:
    with running_small_desk() as (twilio, desk):
        (number,) = desk.client.incoming_phone_numbers.list(phone_number=HELPLINE)
        assert number.voice_url == f"{desk.base}/inbound"
        number.update(voice_url=f"{desk.base}/left", sms_url=f"{desk.base}/elsewhere")
        assert twilio.numbers[HELPLINE].sms_url == f"{desk.base}/elsewhere"
        twilio.receive_call(LEAD, HELPLINE)
        twilio.settle()
        assert desk.list_heard("left", "From") == [LEAD]
