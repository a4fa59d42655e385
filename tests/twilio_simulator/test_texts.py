from __future__ import annotations

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException

from tests.support.serving import PLAIN
from tests.support.small_desk import HELPLINE, LEAD, running_small_desk
from tests.support.twilio_simulator import Phone
from tests.support.twilio_simulator.texts import count_segments


@pytest.mark.parametrize(
    ("phone", "statuses", "codes"),
    [
        (Phone(), ["queued", "sent", "delivered"], [""]),
        (Phone(text="undelivered", text_error=30003), ["queued", "sent", "undelivered"], ["30003"]),
        (Phone(text="failed", text_error=30006), ["queued", "failed"], ["30006"]),
        (Phone(text="sent"), ["queued", "sent"], [""]),
    ],
)
def test_a_text_tells_what_becomes_of_it(
    phone: Phone, statuses: list[str], codes: list[str]
) -> None:
    with running_small_desk() as (twilio, desk):
        twilio.phones[LEAD] = phone
        text = desk.client.messages.create(
            to=LEAD, from_=HELPLINE, body="Hello", status_callback=f"{desk.base}/text"
        )
        assert (text.status, text.num_segments) == ("queued", "1")
        twilio.settle()
        assert twilio.list_problems() == []
        assert desk.list_heard("text", "MessageStatus") == statuses
        assert desk.list_heard("text", "ErrorCode")[-1:] == codes
        assert desk.client.messages(text.sid).fetch().status == statuses[-1]


def test_nobody_who_said_stop_is_texted_until_start() -> None:
    with running_small_desk() as (twilio, desk):
        twilio.receive_text(LEAD, HELPLINE, " stop ")
        with pytest.raises(TwilioRestException) as caught:
            desk.client.messages.create(to=LEAD, from_=HELPLINE, body="again")
        assert caught.value.code == 21610
        twilio.receive_text(LEAD, HELPLINE, "START")
        desk.client.messages.create(to=LEAD, from_=HELPLINE, body="thanks")
        twilio.settle()
        assert sorted(desk.list_heard("sms", "OptOutType")) == ["START", "STOP"]


def test_a_picture_is_fetched_with_credentials_and_deleted() -> None:
    with running_small_desk() as (twilio, desk):
        sid = twilio.receive_text(LEAD, HELPLINE, "look", [("image/jpeg", b"a picture")])
        twilio.settle()
        assert desk.list_heard("sms", "NumMedia") == ["1"]
        assert desk.list_heard("sms", "MediaContentType0") == ["image/jpeg"]
        (url,) = desk.list_heard("sms", "MediaUrl0")
        account = (twilio.settings.account_sid, twilio.settings.auth_token)
        with httpx.Client(trust_env=False, verify=PLAIN) as http:
            assert http.get(url).status_code == 401
            assert http.get(url, auth=account).content == b"a picture"
            assert desk.client.messages(sid).delete()
            assert http.get(url, auth=account).status_code == 404


@pytest.mark.parametrize(
    ("body", "segments"),
    [("a" * 160, 1), ("a" * 161, 2), ("€" * 80, 1), ("ă" * 70, 1), ("ă" * 71, 2), ("🙂" * 36, 2)],
)
def test_a_text_has_as_many_parts_as_its_letters_need(body: str, segments: int) -> None:
    assert count_segments(body) == segments
