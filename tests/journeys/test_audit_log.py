"""An admin opens every page; whoever stood on one is in the audit log, and that can be read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from dashboard.page_list import list_pages_of_role
from leads.commands import demo_data
from leads.database.transactions import reader, transaction
from leads.models.advisors import Advisor
from leads.models.audit import AuditEntry
from leads.models.calls import Callback
from leads.models.enums import AdvisorRole
from leads.models.requests import Lead
from leads.people import presence, sessions
from leads.phone_numbers import mask_phone
from tests.support.chromium import come_in, open_by_link, problems_of, wait_until_shown
from tests.support.running_desk import running_desk

IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
SHOW_PEOPLE = {"calls", "work", "incidents"}
NO_PERSON = {"wall", "report", "setup", "alerts", "colleagues", "shifts", "audit", "new"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_whoever_stands_on_a_page_is_in_the_audit_log(database: str, page: Page) -> None:
    now = datetime.now(UTC)
    demo_data.fill_demo_database(now=now)
    with transaction() as session:
        admin = session.exec(select(Advisor).where(Advisor.role == AdvisorRole.ADMIN)).first()
        admin = admin or session.exec(select(Advisor)).first()
        admin.role = AdvisorRole.ADMIN
        presence.take_off_duty(session, admin, now=now)
        for lead in session.exec(select(Lead)):
            lead.name = f"Xavi{lead.id} Kray{lead.id}"  # nobody has a namesake
        secret = sessions.start_session(session, admin, now=now)
        lead_id = session.exec(select(Callback.lead_id).where(Callback.state == "waiting")).first()
    paths = [one.path for one in list_pages_of_role(AdvisorRole.ADMIN)]
    with running_desk(database, PHONE="log") as desk:
        come_in(page, desk, secret)
        seen = {}
        for path in (*paths, f"lead?lead={lead_id}"):
            if "?" in path:
                page.goto(f"{desk.url}/{path}")
            else:
                open_by_link(page, f"{desk.url}/{path}")
            wait_until_shown(page)
            expect(page.get_by_role("heading").first).to_be_visible()
            page.locator(IDLE).wait_for()
            expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
            if path in SHOW_PEOPLE:
                expect(page.get_by_text("Xavi").first).to_be_visible()
            seen[path.partition("?")[0] or "desk"] = page.locator("body").aria_snapshot()
        with reader() as session:
            leads = session.exec(select(Lead)).all()
            entries = session.exec(select(AuditEntry).where(AuditEntry.record == "lead")).all()
        logged = {(entry.view, int(entry.record_id)) for entry in entries}
        on_page = {
            (view, lead.id) for view, text in seen.items() for lead in leads if _stands(lead, text)
        }
        assert on_page - logged == set()
        assert {view for view, _lead in on_page} >= {"lead", *SHOW_PEOPLE}
        assert {view for view, _lead in logged} & NO_PERSON == set()
        assert {entry.address for entry in entries} == {"127.0.0.1"}

        page.goto(f"{desk.url}/audit?kind=open&person={lead_id}")
        table = page.get_by_role("region", name="Audit log")
        expect(table.get_by_role("row").nth(1)).to_contain_text(f"Person {lead_id}")
        expect(table.get_by_role("row").nth(1)).to_contain_text("Opened a file")
        expect(table.get_by_role("row").nth(1)).to_contain_text("127.0.0.1")
        assert problems_of(page) == []
        page.get_by_label("Number of the person's file").fill("999999")
        page.keyboard.press("Enter")
        expect(page.get_by_text("No entry fits.")).to_be_visible()
        assert "person=999999" in page.url
        page.get_by_role("button", name="Clear filters").click()
        expect(table.get_by_role("row")).not_to_have_count(2)
        page.get_by_role("button", name="Español").click()
        expect(page.get_by_role("heading", name="Registro de auditoría")).to_be_visible()
        assert problems_of(page) == []
        assert "A page failed" not in desk.printed()


def _stands(lead: Lead, text: str) -> bool:
    """Whether a page names a lead, as lists do or in full."""
    first = lead.name.split(maxsplit=1)[0] if lead.name else "No name"
    whole = len(lead.name.split()) > 1 and lead.name in text
    return whole or f"{first} · {mask_phone(lead.phone)}" in text
