"""Whether the helplines' numbers come to us, and setting them, over the account's real HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session

from leads.config.settings import TwilioCredentials
from leads.database.transactions import transaction
from leads.errors import BadConfiguration, NotAllowed
from leads.helplines import phone_settings
from leads.helplines.phone_settings import LineNumber
from notifications.twilio.number_pointing import NumberPointer
from tests.conftest import NOW
from tests.support.people import MINUTE, a_source, a_supervisor, an_advisor
from tests.support.twilio_double import CALLER_ID, SID, TOKEN, TwilioDouble

URL = "https://desk.example.org"
SECOND = "+13155550188"


def _pointer(twilio: TwilioDouble, now: Any = NOW) -> NumberPointer:
    account = TwilioCredentials(SID, (TOKEN,), api_url=twilio.url)
    return NumberPointer(account, public_url=URL, now=lambda: now)


def _number(number: str, sid: str, **addresses: str) -> dict[str, str]:
    return {"sid": sid, "phone_number": number, "account_sid": SID, **addresses}


def _lines() -> list[LineNumber]:
    with transaction() as session:
        [helpline] = phone_settings.list_phone_settings(session, a_supervisor(session))
        session.rollback()
    return list(helpline.numbers)


@pytest.mark.usefixtures("database")
def test_a_number_is_looked_at_and_set_when_somebody_asks(twilio: TwilioDouble) -> None:
    with transaction() as session:
        brand_id, boss = a_source(session).brand_id, a_supervisor(session)
        phone_settings.add_number(session, brand_id, "(315) 555-0188", boss, now=NOW)
    twilio.numbers = {
        CALLER_ID: _number(CALLER_ID, "PN1", voice_url="https://demo.twilio.com/welcome"),
        SECOND: _number(SECOND, "PN2"),
    }
    assert [line.points_to_us for line in _lines()] == [None, None]
    _pointer(twilio).check_and_point()
    assert [line.points_to_us for line in _lines()] == [False, False]

    with transaction() as session:
        phone_settings.ask_to_point(session, brand_id, CALLER_ID, boss, now=NOW)
    assert _lines()[0].is_pointing_asked
    _pointer(twilio, NOW + MINUTE).check_and_point()
    own = twilio.numbers[CALLER_ID]
    assert own["voice_url"].startswith(f"{URL}/hooks/voice/inbound#")
    assert own["status_callback"].startswith(f"{URL}/hooks/voice/inbound/status#")
    assert own["sms_url"].startswith(f"{URL}/hooks/sms/inbound#")
    lines = _lines()
    assert [(line.points_to_us, line.is_pointing_asked) for line in lines] == [
        (True, False),
        (False, False),
    ]
    _pointer(twilio, NOW + 20 * MINUTE).check_and_point()  # and it is seen to stay so
    assert [line.points_to_us for line in _lines()] == [True, False]


@pytest.mark.usefixtures("database")
def test_what_keeps_a_number_from_being_set_is_said(twilio: TwilioDouble) -> None:
    with transaction() as session:
        brand_id, boss = a_source(session).brand_id, a_supervisor(session)
        phone_settings.ask_to_point(session, brand_id, CALLER_ID, boss, now=NOW)
    _pointer(twilio).check_and_point()
    [line] = _lines()
    assert (line.points_to_us, line.is_pointing_asked) == (None, False)
    assert line.problem == "Your Twilio account does not have this number."


def test_only_supervisors_change_numbers_and_each_is_one_helplines(session: Session) -> None:
    brand_id, boss, advisor = (
        a_source(session).brand_id,
        a_supervisor(session),
        an_advisor(session),
    )
    for number in (CALLER_ID, "911 maybe"):
        with pytest.raises(BadConfiguration):
            phone_settings.add_number(session, brand_id, number, boss, now=NOW)
    with pytest.raises(NotAllowed):
        phone_settings.add_number(session, brand_id, SECOND, advisor, now=NOW)
    with pytest.raises(NotAllowed):
        phone_settings.ask_to_point(session, brand_id, CALLER_ID, advisor, now=NOW)
    phone_settings.add_number(session, brand_id, SECOND, boss, now=NOW)
    phone_settings.remove_number(session, brand_id, SECOND, boss, now=NOW)
    phone_settings.remove_number(session, brand_id, SECOND, boss, now=NOW)
    [helpline] = phone_settings.list_phone_settings(session, boss)
    assert [line.number for line in helpline.numbers] == [CALLER_ID]
