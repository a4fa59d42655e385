"""Whoever serves some helplines is shown their people, and in an emergency one more, on record."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from leads.database.transactions import transaction
from leads.helplines import brands_and_sources
from leads.models.advisors import Advisor
from leads.models.enums import AdvisorRole
from leads.models.helplines import Brand, Source
from leads.people import sessions
from tests.support.chromium import choose, come_in, opened_session, problems_of, sign_in
from tests.support.people import MINUTE, a_callback, a_lead
from tests.support.running_desk import Desk

HARBOR, VALLEY = "Harbor Line", "Valley Line"
SAM, VAL = "Sam Stone", "Val Vega"

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_a_supervisor_who_is_limited_to_a_helpline_is_shown_its_people_alone(
    desk: Desk, page: Page, colleague: Page
) -> None:
    two_helplines(desk)
    opened_session(SAM, 2, AdvisorRole.SUPERVISOR)
    sign_in(page, desk, AdvisorRole.ADMIN)
    page.get_by_role("link", name="Colleagues").click()
    choose(page, "Colleague", SAM)
    page.get_by_text("All helplines, including new ones").click()
    choose(page, "Or only these helplines", HARBOR)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save helplines").click()
    expect(page.get_by_text("Helplines saved. They have to sign in again.")).to_be_visible()
    assert problems_of(page) == []

    comes_in_again(colleague, desk, SAM)
    expect(colleague.get_by_role("heading", name="1 waiting now")).to_be_visible()
    colleague.get_by_role("link", name="Work list").click()
    rows = colleague.get_by_role("list").get_by_role("button")
    expect(rows.filter(has_text="Alma")).to_be_visible()
    expect(rows.filter(has_text="Boris")).to_have_count(0)
    colleague.get_by_role("link", name="Service report").click()
    received = colleague.locator(".st-key-tile-Requests-received").get_by_test_id("stMetricValue")
    expect(received).to_have_text("1")


def test_a_file_that_is_opened_in_an_emergency_raises_an_alert_and_is_reviewed(
    desk: Desk, page: Page, colleague: Page
) -> None:
    number = two_helplines(desk)
    for number_of, (name, helpline) in enumerate(((SAM, HARBOR), (VAL, VALLEY)), 2):
        opened_session(name, number_of, AdvisorRole.SUPERVISOR)
        with transaction() as session:
            brand = session.exec(select(Brand).where(Brand.name == helpline)).one()
            one = session.exec(select(Advisor).where(Advisor.name == name)).one()
            one.helplines = [brand.id]
            session.add(one)
    comes_in_again(page, desk, SAM)
    page.get_by_role("link", name="People").click()
    page.get_by_text("Urgent: open a file of another helpline").click()
    page.get_by_label("Their whole phone number").fill(number)
    page.get_by_label("Why it cannot wait").fill("He said that he took pills.")
    page.get_by_role("button", name="Open the file on record").click()
    expect(page.get_by_role("heading", name="Boris")).to_be_visible()
    expect(page.get_by_text("Open to you for reading until")).to_be_visible()
    assert problems_of(page) == []

    comes_in_again(colleague, desk, VAL)
    opened = "files that a colleague from another helpline opened in an emergency, to review: 1"
    expect(colleague.get_by_text(opened)).to_be_visible()
    colleague.get_by_role("link", name="Work list").click()
    told = f"{SAM} opened their file in an emergency."
    colleague.get_by_role("list").get_by_role("button").filter(has_text=told).click()
    expect(colleague.get_by_text("He said that he took pills.")).to_be_visible()
    colleague.get_by_label("What you found").fill("She called 911 for him.")
    colleague.get_by_role("button", name="In order", exact=True).click()
    expect(colleague.get_by_text("The review is on record.")).to_be_visible()
    expect(colleague.get_by_role("list").get_by_text(told)).to_have_count(0)


def two_helplines(desk: Desk) -> str:
    """Alma waits for a call of one helpline, Boris for one of another; returns his number."""
    now = datetime.now(UTC)
    desk.opens(advisors=0)
    since = {"received_at": now - MINUTE, "promised_at": now - MINUTE, "due_at": now - MINUTE}
    with transaction() as session:
        own = session.exec(select(Source).where(Source.name == "Site")).one()
        brands_and_sources.add_brand(session, VALLEY, operator="Valley Clinic", now=now)
        other = brands_and_sources.add_source(session, "V", brand_name=VALLEY, now=now)
        for name, source in (("Alma", own), ("Boris", other)):
            lead = a_lead(session, name=name, region="NY")
            a_callback(session, lead, source=source, any_hour=True, **since)
        return lead.phone


def comes_in_again(page: Page, desk: Desk, name: str) -> None:
    with transaction() as session:
        one = session.exec(select(Advisor).where(Advisor.name == name)).one()
        secret = sessions.start_session(session, one, now=datetime.now(UTC))
    come_in(page, desk, secret)
