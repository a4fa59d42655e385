"""A supervisor finds somebody, corrects a fact and stops all contact."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.models.enums import AdvisorRole
from leads.models.requests import Lead
from tests.support.people import a_source
from tests.support.running_desk import add_advisor
from tests.support.sent_forms import send
from tests.support.streamlit_page import dashboard_of, labeled, open_page, press, texts_on

SHOWN = "(315) 555-0142 ·"


@pytest.mark.usefixtures("database")
def test_a_supervisor_finds_somebody_and_stops_all_contact(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        source_id = a_source(session).id
        boss_id = add_advisor(session, 1, now=now, role=AdvisorRole.SUPERVISOR).id
    told = {"name": "Jordan", "message": "Please call.", "for_whom": "my loved one"}
    send(source_id, at=now, **told)
    page = open_page(dashboard_of(boss_id, monkeypatch), "lead_file")
    labeled(page, "Find by phone number, name or e-mail address").set_value("315 555 0142").run()
    [found] = (one for one in page.button if "Jordan" in one.label)
    found.click().run()
    assert "Please call." in texts_on(page)
    assert SHOWN not in texts_on(page)
    press(page, "Show the number")
    assert SHOWN in texts_on(page)
    press(page, "Hide the number")
    assert SHOWN not in texts_on(page)
    assert "Asking for: **For someone they love**" in texts_on(page)
    labeled(page, "Language").select("es")
    press(page, "Correct")
    assert "language: nothing → Spanish" in texts_on(page)
    labeled(page, "How they opted out").set_value("by e-mail")
    press(page, "Stop all contact")
    for stopped in ("No one here contacts this number from now on", "Callback canceled"):
        assert stopped in texts_on(page)
    with reader() as session:
        assert session.exec(select(Lead.state)).one() == "suppressed"
