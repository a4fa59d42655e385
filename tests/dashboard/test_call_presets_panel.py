"""Supervisors say whom advisors may bring in to a call."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leads.database.transactions import transaction
from leads.models.enums import AdvisorRole, Party
from tests.support.people import a_source
from tests.support.running_desk import add_advisor
from tests.support.streamlit_page import dashboard_of, labeled, open_page, press, texts_on


@pytest.mark.usefixtures("database")
def test_whom_advisors_bring_in_is_added_and_never_911(monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as session:
        source_id = a_source(session).id
        boss = add_advisor(session, 1, now=datetime.now(UTC), role=AdvisorRole.SUPERVISOR).id
    page = dashboard_of(boss, monkeypatch)
    open_page(page, "helpline_setup", source=source_id, topic="people")
    labeled(page, "Type").set_value(Party.THIRD_PARTY)
    labeled(page, "Name advisors see").set_value("Shelter")
    labeled(page, "Phone number").set_value("911")
    press(page, "Add")
    assert "911 cannot be added to a call" in texts_on(page)
    labeled(page, "Phone number").set_value("(315) 555-0188")
    press(page, "Add")
    assert "Someone else · Shelter · (315) 555-0188" in texts_on(page)
