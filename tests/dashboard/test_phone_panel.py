"""A supervisor says how the phone is answered, and sees who called in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.models.enums import AdvisorRole
from leads.models.inbound import HelplineNumber, InboundSettings
from tests.support.people import a_callback, a_source, an_inbound_call
from tests.support.running_desk import add_advisor
from tests.support.streamlit_page import dashboard_of, labeled, open_page, press, texts_on
from tests.support.twilio_double import SID, TOKEN

TWILIO = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN}


@pytest.mark.usefixtures("database")
def test_a_supervisor_sets_the_phone_up_and_reads_who_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        source_id = a_source(session).id
        a_callback(session, received_at=now)
        answered = {"answered_at": now, "ended_at": now, "rang_at": now - timedelta(seconds=20)}
        an_inbound_call(session, state="ended", **answered)
        an_inbound_call(session, state="abandoned", rang_at=now, ended_at=now)
        boss_id = add_advisor(session, 1, now=now, role=AdvisorRole.SUPERVISOR).id
    for name, value in {**TWILIO, "PUBLIC_URL": "https://desk.example"}.items():
        monkeypatch.setenv(name, value)
    page = dashboard_of(boss_id, monkeypatch)
    open_page(page, "helpline_setup", source=source_id, topic="phone")
    assert "not checked yet" in texts_on(page)
    labeled(page, "Another number from your Twilio account").set_value("(315) 555-0188")
    press(page, "Add the number")
    assert "Added." in texts_on(page)
    _of_caller_id, of_the_number_added = (
        one for one in page.button if one.label == "Route it here"
    )
    of_the_number_added.click().run()
    for told in ("Updating it at Twilio.", "updating at Twilio …"):
        assert told in texts_on(page)
    labeled(page, "Greeting (English)").set_value("Hello. You are in the right place.")
    labeled(page, "Minutes a caller waits before they get options").set_value(4)
    labeled(page, "Answer only during these hours").check()
    press(page, "Save")
    assert "Saved. It applies from the next call." in texts_on(page)

    open_page(page, "service_report")
    page.session_state["part"] = "Inbound calls"
    page.run()
    press(page, "1 call")
    assert "**Answered by an advisor: 1**" in texts_on(page)
    with reader() as session:
        settings = session.exec(select(InboundSettings)).one()
        line = session.exec(select(HelplineNumber)).one()
    assert settings.greetings == {"en": "Hello. You are in the right place."}
    assert settings.longest_wait == 4
    assert settings.hours["windows"][0] == ["08:00", "20:00"]
    assert (line.phone, line.pointing_asked_at is not None) == ("+13155550188", True)
