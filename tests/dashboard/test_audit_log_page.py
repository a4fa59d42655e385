"""An admin reads who opened whose file.

That whoever stands on a page is in the log, and from where they were seen, is shown on every page
in journeys/test_screenshots.py.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leads.database.transactions import transaction
from leads.models.enums import AdvisorRole
from tests.support.people import a_lead
from tests.support.running_desk import add_advisor
from tests.support.streamlit_page import dashboard_of, labeled, open_page, press, texts_on


@pytest.mark.usefixtures("database")
def test_an_admin_finds_who_opened_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as session:
        ana, ben = (a_lead(session, name=name).id for name in ("Ana Ruiz", "Ben Reyes"))
        now = datetime.now(UTC)
        ada = add_advisor(session, 90, now=now, role=AdvisorRole.ADMIN).id
    page = dashboard_of(ada, monkeypatch)
    for number, name in ((ben, "Ben"), (ana, "Ana")):
        open_page(page, "lead_file", lead=number)
        assert name in texts_on(page)
    open_page(page, "audit_log", kind="open", person=ana)
    [first, *_others] = texts_on(page).split("<tr")[2:]
    for told in (f"Person {ana}", "Opened a file"):
        assert told in first
    assert f"Person {ben}" not in texts_on(page)
    labeled(page, "Number of the person's file").set_value("999999").run()
    assert "No entry fits." in texts_on(page)
    assert page.query_params["person"] == "999999"
    press(page, "Clear filters")
    assert f"Person {ben}" in texts_on(page)
