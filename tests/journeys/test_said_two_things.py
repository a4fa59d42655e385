"""A supervisor decides about forms that nobody could read alone, in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from leads.database.transactions import reader
from leads.models.enums import AdvisorRole
from leads.models.helplines import Source
from tests.support.chromium import problems_of, sign_in
from tests.support.running_desk import Desk


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_one_press_lets_every_form_like_it_through(desk: Desk, page: Page) -> None:
    webhook = desk.opens(advisors=0)
    for field, number in (("nurse_phone", "315-555-0163"), ("veteran_phone", "315-555-0164")):
        body = {field: number, "name": field, "message": "My sister says to ask. " * 90}
        assert desk.http.post(webhook, json=body).status_code == 200
    sign_in(page, desk, AdvisorRole.SUPERVISOR, at="work?part=decide")
    rows = page.get_by_role("list").get_by_role("button")
    admits = page.get_by_role("button", name="Add to queue", exact=True)
    trusted = page.get_by_role("button", name="Add to queue, now and for every form like it")
    rows.filter(has_text="nurse").click()
    expect(admits).to_be_visible()
    expect(trusted).to_have_count(0)  # a nurse's phone is nobody's own
    for decision in (admits, page.get_by_role("button", name="Discard", exact=True)):
        expect(decision).to_be_in_viewport(ratio=1)  # however much they wrote
    page.get_by_role("button", name="Discard", exact=True).click()
    page.get_by_label("Why no one should be called").fill("a test of ours")
    page.get_by_role("button", name="Discard this form").click()
    expect(rows.filter(has_text="nurse")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone. It waits again as before.")).to_be_visible()
    expect(rows.filter(has_text="nurse")).to_be_visible()
    rows.filter(has_text="veteran").click()
    expect(trusted).to_be_visible()
    assert problems_of(page) == []
    trusted.click()
    expect(page.get_by_text("It is in the queue. Click “Process again”")).to_be_visible()
    with reader() as session:
        assert {"phone": "veteran_phone"} in session.exec(select(Source.mapping)).all()
