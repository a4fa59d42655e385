"""Voicemails, from the tone to whoever listens, over real HTTP on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.models.calls import Callback
from leads.models.helplines import Brand
from leads.models.inbound import InboundCall, InboundSettings
from leads.models.requests import Lead
from leads.models.voicemails import Voicemail
from tests.support.running_desk import Desk, eventually, running_desk
from tests.support.sounds import a_voice, silence
from tests.support.twilio_double import Call, TwilioDouble

CALLER = "+13155550142"


@pytest.fixture
def desk(database: str, twilio: TwilioDouble) -> Iterator[Desk]:
    with running_desk(database, twilio, SECRET_KEY="what seals") as desk:
        twilio.public_url = desk.url
        yield desk


def test_somebody_leaves_a_message_and_is_called_back(desk: Desk, twilio: TwilioDouble) -> None:
    takes_voicemail(desk)
    caller = twilio.calls_in(CALLER)
    document = asks_to_speak(twilio, caller)
    said = " ".join(ET.fromstring(document).itertext())
    assert "Your message is recorded." in said
    assert "Su mensaje queda grabado." in said
    assert not re.search(r"Harbor|treat|recover|helpline|drink|315", said, re.IGNORECASE)
    record = ET.fromstring(document).find("Record")
    assert record is not None
    assert (record.attrib["maxLength"], record.attrib["playBeep"]) == ("180", "true")
    assert not [name for name in record.attrib if "transcribe" in name.lower()]

    # The network says three times that it is there: it is fetched once, then deleted there.
    sound = a_voice()
    twilio.speaks(caller, sound, told=3)
    voicemail = eventually(lambda: kept_voicemail("deleted_at_provider"))
    assert twilio.recordings == {}
    asked = [method for method, _ in twilio.asked_for_recordings]
    assert (asked.count("GET"), asked.count("DELETE")) == (1, 1)
    assert voicemail.sealed
    assert sound[100:200] not in voicemail.sealed
    assert (voicemail.seconds, voicemail.is_empty) == (5, False)

    with reader() as session:
        inbound = session.exec(select(InboundCall)).one()
        callback = session.get_one(Callback, voicemail.callback_id)
        person = session.get_one(Lead, callback.lead_id)
    assert inbound.state == "voicemail"
    assert (callback.origin, callback.received_at) == ("called_back", inbound.rang_at)
    assert person.safe_to_call is True
    assert (person.phone, person.state) == (CALLER, "open")
    assert desk.command("status")["limbo"] == 0


@pytest.mark.parametrize("sound", [silence(), a_voice(1.2)], ids=["silence", "too short"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_says_nothing_is_counted_and_never_called(
    desk: Desk, twilio: TwilioDouble, sound: bytes
) -> None:
    takes_voicemail(desk)
    caller = twilio.calls_in(CALLER)
    asks_to_speak(twilio, caller)
    twilio.speaks(caller, sound)
    voicemail = eventually(lambda: kept_voicemail("deleted_at_provider"))
    assert voicemail.is_empty
    with reader() as session:
        assert session.exec(select(Callback.state)).all() == ["cancelled"]
        assert session.exec(select(InboundCall.state)).one() == "voicemail"


def takes_voicemail(desk: Desk) -> None:
    """A helpline that takes messages, with an advisor on duty."""
    desk.opens()
    with transaction() as session:
        brand = session.exec(select(Brand).where(Brand.name == "Harbor Line")).one()
        session.add(InboundSettings(brand_id=brand.id, takes_voicemail=True))


def asks_to_speak(twilio: TwilioDouble, caller: Call) -> str:
    """A caller presses 2; returns what they hear."""
    assert "press 2" in caller.documents[0]
    return twilio.presses(caller, "2")


def kept_voicemail(state: str) -> Voicemail | None:
    with reader() as session:
        return session.exec(select(Voicemail).where(Voicemail.state == state)).first()
