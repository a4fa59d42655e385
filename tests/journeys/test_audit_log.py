"""An admin reads in Chromium who opened whose file.

That whoever stands on a page is in the log is seen in test_screenshots.py, on every page.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from leads.database.transactions import transaction
from leads.models.enums import AdvisorRole
from tests.support.chromium import come_in, opened_session, problems_of
from tests.support.people import a_lead
from tests.support.running_desk import Desk


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_admin_finds_who_opened_a_file(desk: Desk, page: Page) -> None:
    with transaction() as session:
        ana, ben = (a_lead(session, name=name).id for name in ("Ana Ruiz", "Ben Reyes"))
    secret = opened_session("Ada", 90, AdvisorRole.ADMIN)[1]
    for number, name in ((ben, "Ben"), (ana, "Ana")):
        come_in(page, desk, secret, at=f"lead?lead={number}")
        expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.goto(f"{desk.url}/audit?kind=open&person={ana}")
    rows = page.get_by_role("region", name="Audit log").get_by_role("row")
    expect(rows.nth(1)).to_contain_text(f"Person {ana}")
    expect(rows.nth(1)).to_contain_text("Opened a file")
    expect(rows.nth(1)).to_contain_text("127.0.0.1")
    assert problems_of(page) == []
    page.get_by_label("Number of the person's file").fill("999999")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No entry fits.")).to_be_visible()
    assert "person=999999" in page.url
    page.get_by_role("button", name="Clear filters").click()
    expect(rows.filter(has_text=f"Person {ben}").first).to_be_visible()
