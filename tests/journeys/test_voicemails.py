"""What a supervisor hears, and what the file shows of it, in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from leads.database.field_encryption import Vault
from leads.database.transactions import reader, transaction
from leads.messaging import voicemails
from leads.models.enums import AdvisorRole
from leads.models.voicemails import Voicemail, VoicemailPlay
from tests.support.chromium import problems_of, sign_in
from tests.support.people import NUMBER, a_lead, a_voicemail, an_inbound_call
from tests.support.running_desk import Desk, eventually, running_desk
from tests.support.sounds import a_voice

KEY = "what seals"


@pytest.fixture
def desk(database: str) -> Iterator[Desk]:
    with running_desk(database, SECRET_KEY=KEY) as desk:
        yield desk


def leaves_a_message(session: object, seconds: int = 9) -> int:
    now = datetime.now(UTC)
    lead = a_lead(session, phone=NUMBER, name="Mary")
    call = an_inbound_call(session, state="voicemail", rang_at=now, heard_at=now, lead_id=lead.id)
    voicemail = a_voicemail(
        session,
        call,
        state="deleted_at_provider",
        seconds=seconds,
        recorded_at=now,
        fetched_at=now,
    )
    record = voicemails.content_record(voicemail.id)
    voicemail.sealed = Vault((KEY,)).seal_content(a_voice(seconds), record=record)
    session.add(voicemail)
    return lead.id


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_supervisor_listens_and_says_so(desk: Desk, page: Page) -> None:
    with transaction() as session:
        lead_id = leaves_a_message(session)
    sign_in(page, desk, AdvisorRole.SUPERVISOR, at="work")
    page.get_by_role("button", name="No one has listened to it yet.").click()
    page.get_by_role("button", name="Listened, no action needed").click()
    expect(page.get_by_text("No one has listened to this voicemail yet.")).to_be_visible()

    # Nothing is loaded before somebody presses play, and one can seek in it.
    with reader() as session:
        assert session.exec(select(VoicemailPlay)).all() == []
    sound = page.locator("audio")
    expect(sound).to_have_attribute("aria-label", "Voicemail, 9 seconds")
    sound.evaluate("one => { one.muted = true; return one.play() }")
    assert sound.evaluate("one => one.duration") == 9
    sound.evaluate("one => { one.currentTime = 7 }")
    eventually(lambda: sound.evaluate("one => one.currentTime") >= 7)
    with reader() as session:
        assert len(session.exec(select(VoicemailPlay)).all()) == 1
    assert problems_of(page) == []

    page.get_by_role("button", name="Listened, no action needed").click()
    expect(page.get_by_text("Nothing needs a decision.")).to_be_visible()
    with reader() as session:
        assert session.exec(select(Voicemail.settled_at)).one()
    page.goto(f"{desk.url}/lead?lead={lead_id}")
    expect(page.get_by_text("Left a voicemail,")).to_be_visible()
    expect(page.get_by_text("Listened to by: ")).to_be_visible()
    expect(page.get_by_text("Voicemail handled")).to_be_visible()
