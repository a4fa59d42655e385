"""What a supervisor does about texts that only a person can answer, in Chromium."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.messaging import inbound_texts
from leads.models.calls import Callback
from leads.models.enums import AdvisorRole
from leads.models.requests import TextMessage
from tests.support.chromium import problems_of, sign_in
from tests.support.people import NUMBER, a_callback, a_lead
from tests.support.running_desk import Desk

STRANGER = "+13155550199"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_supervisor_reads_what_waits_and_decides(desk: Desk, page: Page) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        lead = a_lead(session, phone=NUMBER, name="Mary", any_hour=True)
        a_callback(session, lead, received_at=now, promised_at=now, due_at=now)
        for number, said in ((NUMBER, "cancel my request"), (STRANGER, "who is this? *you*")):
            inbound_texts.receive_text_message(session, number, said, message_id=said, now=now)
    sign_in(page, desk, AdvisorRole.SUPERVISOR, at="work")
    rows, is_text = page.get_by_role("list").get_by_role("button"), page.get_by_text("Text")
    texts = rows.filter(has=is_text.and_(page.locator(".mark")))
    texts.filter(has_text="Mary").click()
    expect(page.get_by_text("cancel my request")).to_be_visible()
    expect(page.get_by_text("Their text may mean they want no contact").last).to_be_visible()
    page.get_by_role("button", name="They want a call", exact=True).click()
    expect(page.get_by_text("Nothing blocks their call now")).to_be_visible()
    expect(texts).to_have_count(1)

    texts.click()
    expect(page.get_by_text("who is this? *you*")).to_be_visible()
    expect(page.get_by_text("cancel my request")).to_have_count(0)
    expect(page.get_by_role("button", name="They want a call", exact=True)).to_have_count(
        0
    )  # of a stranger
    expect(page.get_by_text("reply yourself")).to_be_visible()
    page.get_by_role("button", name="Show the number").click()
    expect(page.get_by_text("(315) 555-0199")).to_be_visible()
    page.get_by_role("button", name="Done", exact=True).click()
    expect(page.get_by_text("Nothing needs a decision.")).to_be_visible()
    with reader() as session:
        assert not any(session.exec(select(TextMessage.waits)))
        assert not session.exec(select(Callback)).one().is_held
    assert problems_of(page) == []
