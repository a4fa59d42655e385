"""A supervisor says how the phone is answered, and sees who called in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.models.enums import AdvisorRole
from leads.models.inbound import HelplineNumber, InboundSettings
from tests.support.chromium import problems_of, sign_in
from tests.support.people import a_callback, a_source, an_inbound_call
from tests.support.running_desk import running_desk
from tests.support.twilio_double import TwilioDouble


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_supervisor_sets_the_phone_up_and_reads_who_called(
    database: str, page: Page, twilio: TwilioDouble
) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        a_source(session)
        a_callback(session, received_at=now)
        answered = {"answered_at": now, "ended_at": now, "rang_at": now - timedelta(seconds=20)}
        an_inbound_call(session, state="ended", **answered)
        an_inbound_call(session, state="abandoned", rang_at=now, ended_at=now)
    with running_desk(database, twilio, ROLE="web") as desk:
        sign_in(page, desk, AdvisorRole.SUPERVISOR, at="setup")
        page.get_by_text("Phone of Harbor Line").click()
        expect(page.get_by_text("not checked yet")).to_be_visible()
        assert problems_of(page) == []
        page.get_by_label("Another number from your Twilio account").fill("(315) 555-0188")
        page.get_by_role("button", name="Add the number").click()
        expect(page.get_by_text("Added.")).to_be_visible()
        routes = page.get_by_role("button", name="Route it here")
        expect(routes).to_have_count(2)  # of the caller ID, and of the number that was added
        routes.last.click()
        expect(page.get_by_text("Updating it at Twilio.")).to_be_visible()
        expect(page.get_by_text("updating at Twilio …")).to_be_visible()
        page.get_by_role("textbox", name="Greeting (English)").fill(
            "Hello. You are in the right place."
        )
        page.get_by_role("spinbutton", name="Minutes a caller waits").fill("4")
        page.get_by_text("Answer only during these hours").click()
        page.get_by_role("button", name="Save", exact=True).first.click()
        expect(page.get_by_text("Saved. It applies from the next call.")).to_be_visible()

        page.goto(f"{desk.url}/report")
        page.get_by_role("tab", name="Inbound calls").click()
        expect(page.get_by_role("heading", name="Inbound calls")).to_be_visible()
        page.get_by_role("button", name="1 call").click()
        expect(page.get_by_text("Calls in this figure")).to_be_visible()
    with reader() as session:
        settings = session.exec(select(InboundSettings)).one()
        line = session.exec(select(HelplineNumber)).one()
    assert settings.greetings == {"en": "Hello. You are in the right place."}
    assert settings.longest_wait == 4
    assert settings.hours["windows"][0] == ["08:00", "20:00"]
    assert (line.phone, line.pointing_asked_at is not None) == ("+13155550188", True)
