"""Supervisors set a helpline's own hours: shorter ones count, longer ones take a second person."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.models.advisors import Advisor
from leads.models.enums import AdvisorRole
from leads.models.helplines import Brand
from tests.support.chromium import problems_of, settled, sign_in, signed_in
from tests.support.people import a_source
from tests.support.running_desk import eventually, running_desk


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_two_people_make_a_helpline_s_hours_longer(
    database: str, page: Page, browser: Browser
) -> None:
    with transaction() as session:
        a_source(session)
    with running_desk(database, ROLE="web") as desk:
        sign_in(page, desk, AdvisorRole.SUPERVISOR)
        page.goto(f"{desk.url}/setup")
        expect(page.get_by_text("Calling hours of Harbor Line")).to_be_visible()
        eventually(lambda: settled(page))
        page.get_by_text("Calling hours of Harbor Line").click()
        page.get_by_text("Sunday", exact=True).first.click()
        page.get_by_role("button", name="Save these hours").click()
        expect(page.get_by_text("The new hours are in effect.")).to_be_visible()
        page.get_by_text("Sunday", exact=True).first.click()
        page.get_by_role("button", name="Save these hours").click()
        expect(page.get_by_text("Longer hours need a reason")).to_be_visible()
        page.get_by_label("Reason, if the hours are longer").fill("Ana works on Sundays now")
        page.get_by_role("button", name="Save these hours").click()
        expect(
            page.get_by_text("They take effect when someone else approves them.")
        ).to_be_visible()
        expect(page.get_by_text("Someone else has to approve it.")).to_be_visible()
        assert problems_of(page) == []
        second = browser.new_page()
        pat = signed_in(second, desk, "Pat Lee")
        with transaction() as session:
            session.get_one(Advisor, pat).role = AdvisorRole.SUPERVISOR
        second.goto(f"{desk.url}/setup")
        expect(second.get_by_text("Ana works on Sundays now")).to_be_visible()
        second.get_by_role("button", name="Approve the hours").click()
        expect(second.get_by_text("The new hours are in effect.")).to_be_visible()
    with reader() as session:
        hours = session.exec(select(Brand.calling_hours)).one()
    assert hours["windows"] == [["08:00", "20:00"]] * 7
