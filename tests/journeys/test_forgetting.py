"""A supervisor exports somebody, places a legal hold and erases them, in Chromium."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.models.enums import AdvisorRole
from leads.models.legal_holds import LegalHold
from leads.models.requests import Lead
from tests.support.chromium import come_in, opened_session, problems_of
from tests.support.running_desk import Desk
from tests.support.whole_person import MARK, a_whole_person, find_left


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_somebody_is_exported_held_and_erased(desk: Desk, page: Page) -> None:
    secret = opened_session("Ada", 90, AdvisorRole.ADMIN)[1]
    with transaction() as session:
        lead_id = a_whole_person(session).id
    come_in(page, desk, secret, at=f"lead?lead={lead_id}")

    page.get_by_text("Export their data", exact=True).click()
    page.get_by_role("button", name="Make the export").click()
    with page.expect_download() as readable:
        page.get_by_role("button", name="Download to read or print").click()
    text = Path(readable.value.path()).read_text("utf-8")
    assert "42 CFR part 2" in text
    assert MARK in text
    # Downloaded once, by the session that made it, and stored by nobody.
    assert page.request.get(readable.value.url).status == 404
    with page.expect_download() as data:
        page.get_by_role("button", name="Download as data (JSON)").click()
    assert MARK in json.loads(Path(data.value.path()).read_text("utf-8"))["lead"]["name"]

    page.get_by_text("Legal hold", exact=True).click()
    page.get_by_label("Why, and who asked for it").fill("case 12")
    page.get_by_role("button", name="Place a legal hold").click()
    expect(page.get_by_text("In force:")).to_be_visible()
    page.get_by_text("Erase their data", exact=True).click()
    page.get_by_role("button", name="Show what would be erased").click()
    expect(page.get_by_text("A legal hold is in force: nothing")).to_be_visible()
    expect(page.get_by_role("button", name="Erase", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Lift this hold").click()
    expect(page.get_by_text("This legal hold is lifted.")).to_be_visible()

    page.get_by_role("button", name="Erase", exact=True).click()
    expect(page.get_by_text("Choose a reason, and check the box.")).to_be_visible()
    page.get_by_role("combobox", name="Why").click()
    page.get_by_role("option", name="They asked for it").click()
    page.get_by_text("There is no way back. Erase this person's data.").click()
    page.get_by_role("button", name="Erase", exact=True).click()
    expect(page.get_by_text("Only figures are left.")).to_be_visible()
    assert problems_of(page) == []
    with reader() as session:
        assert find_left(session, MARK) == {}
        assert session.get_one(Lead, lead_id).erased_at is not None
        assert session.exec(select(LegalHold.lifted_by)).all()

    page.goto(f"{desk.url}/setup?topic=retention")
    expect(page.get_by_text("Nothing is deleted before you have a retention.toml")).to_be_visible()
    expect(page.get_by_role("rowheader", name="Forms as they came")).to_be_visible()
    assert problems_of(page) == []
