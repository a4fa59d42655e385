"""Voicemails, from the tone to whoever listens, over real HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.models.calls import Callback
from leads.models.enums import AdvisorRole, CallbackOrigin, OutboxKind, OutboxState
from leads.models.helplines import Brand
from leads.models.inbound import InboundCall, InboundSettings
from leads.models.outbox import Outbox
from leads.models.requests import Lead
from leads.models.voicemails import Voicemail, VoicemailPlay
from leads.models.watching import Transition
from leads.people import sessions
from tests.support.people import a_voicemail, an_inbound_call
from tests.support.running_desk import Desk, add_advisor, eventually, running_desk
from tests.support.sounds import a_voice
from tests.support.twilio_double import Call, TwilioDouble

CALLER = "+13155550142"
WITHHELD = "anonymous"


@pytest.fixture
def desk(database: str, twilio: TwilioDouble) -> Iterator[Desk]:
    with running_desk(database, twilio, SECRET_KEY="what seals") as desk:
        twilio.public_url = desk.url
        yield desk


def test_somebody_leaves_a_message_and_is_called_back(desk: Desk, twilio: TwilioDouble) -> None:
    takes_voicemail(desk)
    caller = twilio.calls_in(CALLER)
    document = asks_to_speak(twilio, caller)
    said = " ".join(one.text or "" for one in ET.fromstring(document).iter("Say"))
    assert "We have your message." not in said  # which who says nothing would hear
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
    for words in (*twilio.documents, *(path for _, path in twilio.asked_for_recordings)):
        assert not re.search(r"3155550142|Harbor", words)
    assert "3155550142" not in desk.printed()


def test_a_killed_process_fetches_and_deletes_all_the_same(
    desk: Desk, twilio: TwilioDouble
) -> None:
    takes_voicemail(desk)
    twilio.recording_faults["delete"] = ["500"] * 20  # the network goes on having it
    caller = twilio.calls_in(CALLER)
    asks_to_speak(twilio, caller)
    twilio.speaks(caller, a_voice())
    eventually(lambda: kept_voicemail("fetched"))
    assert len(twilio.recordings) == 1
    desk.stop(kill=True)
    with transaction() as session:  # as if it had died while it asked for the deletion
        deletion = session.exec(
            select(Outbox).where(Outbox.kind == OutboxKind.DELETE_RECORDING)
        ).one()
        deletion.state, deletion.taken_until = OutboxState.SENDING, deletion.created_at
        session.add(deletion)
    twilio.recording_faults["delete"] = []
    desk.start()
    eventually(lambda: kept_voicemail("deleted_at_provider"))
    assert twilio.recordings == {}
    with reader() as session:
        promised = select(Callback).where(Callback.origin == CallbackOrigin.CALLED_BACK)
        assert len(session.exec(promised).all()) == 1


def test_who_may_listens_with_every_play_recorded(desk: Desk, twilio: TwilioDouble) -> None:
    takes_voicemail(desk)
    caller = twilio.calls_in(WITHHELD)
    document = asks_to_speak(twilio, caller)
    sound = a_voice()
    recording = twilio.speaks(caller, sound, told=0)

    # Its end comes before the news that it is ready, which comes twice, and is not quite true.
    twilio.recording_faults["fetch"] = ["404"]
    record = ET.fromstring(document).find("Record")
    assert record is not None
    spoken = {"RecordingSid": recording.sid, "RecordingDuration": "5", "Digits": "hangup"}
    assert "<Hangup" in twilio.fetches(caller, record.attrib["action"], **spoken)
    for _ in range(2):
        twilio.tells_of_recording(caller, recording, record.attrib["recordingStatusCallback"])
    voicemail = eventually(lambda: kept_voicemail("deleted_at_provider"))
    assert voicemail.callback_id is None  # there is no number to call
    address = f"/api/voicemails/{voicemail.id}"
    assert desk.http.get(address).status_code == 401

    advisor, supervisor = session_of(AdvisorRole.ADVISOR), session_of(AdvisorRole.SUPERVISOR)
    assert desk.http.get(address, headers=advisor).status_code == 403
    whole = desk.http.get(address, headers=supervisor)
    assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/wav")
    assert whole.content == sound
    assert "no-store" in whole.headers["cache-control"]
    seeks = {"bytes=100-199": sound[100:200], "bytes=-44": sound[-44:], "bytes=8-": sound[8:]}
    for asked, part in seeks.items():
        answer = desk.http.get(address, headers={**supervisor, "Range": asked})
        assert (answer.status_code, answer.content) == (206, part), asked
    size = len(sound)
    beyond = desk.http.get(address, headers={**supervisor, "Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    assert desk.http.get("/api/voicemails/99999999999", headers=supervisor).status_code == 404
    assert desk.http.head(address, headers=supervisor).status_code == 405
    assert desk.http.get(address, headers={**supervisor, "Range": "bytes=0-"}).status_code == 206

    with reader() as session:  # the seeks belong to the play before them
        assert len(session.exec(select(VoicemailPlay)).all()) == 2
        trail = session.exec(select(Transition).where(Transition.event == "play")).all()
    assert [move.record for move in trail] == ["voicemail", "voicemail"]
    assert len({move.actor for move in trail}) == 1


def test_what_no_key_opens_was_listened_to_by_nobody(desk: Desk) -> None:
    with transaction() as session:
        brand_id = session.exec(select(Brand.id)).first()
        call = an_inbound_call(session, state="voicemail", brand_id=brand_id)
        voicemail_id = a_voicemail(session, call, state="fetched", sealed=b"of another key").id
    supervisor = session_of(AdvisorRole.SUPERVISOR)
    answer = desk.http.get(f"/api/voicemails/{voicemail_id}", headers=supervisor)
    assert answer.status_code == 404
    with reader() as session:
        assert session.exec(select(VoicemailPlay)).all() == []
        assert session.exec(select(Transition).where(Transition.event == "play")).all() == []


def takes_voicemail(desk: Desk) -> None:
    """A helpline that takes messages, with an advisor on duty."""
    desk.opens()
    with transaction() as session:
        brand = session.exec(select(Brand).where(Brand.name == "Harbor Line")).one()
        session.add(InboundSettings(brand_id=brand.id, takes_voicemail=True))


def session_of(role: AdvisorRole) -> dict[str, str]:
    """Somebody of a role comes in; returns the header with their cookie."""
    now = datetime.now(UTC)
    with transaction() as session:
        number = {AdvisorRole.ADVISOR: 8, AdvisorRole.SUPERVISOR: 9}[role]
        person = add_advisor(session, number, now=now, role=role)
        return {"Cookie": f"ringback={sessions.start_session(session, person, now=now)}"}


def asks_to_speak(twilio: TwilioDouble, caller: Call) -> str:
    """A caller presses 2; returns what they hear."""
    assert "press 2" in caller.documents[0]
    return twilio.presses(caller, "2")


def kept_voicemail(state: str) -> Voicemail | None:
    with reader() as session:
        return session.exec(select(Voicemail).where(Voicemail.state == state)).first()
