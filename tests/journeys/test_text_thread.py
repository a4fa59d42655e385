"""An advisor reads and answers texts at the desk, in Chromium."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from leads.callbacks import queue
from leads.database.transactions import transaction
from leads.messaging import inbound_texts
from leads.models.advisors import Advisor
from leads.models.enums import AdvisorRole, Presence
from leads.models.helplines import Brand
from tests.support.chromium import come_in, opened_session, problems_of
from tests.support.people import a_callback, a_lead, a_number_by_day, a_source
from tests.support.running_desk import Desk
from tests.support.twilio_double import CALLER_ID, TwilioDouble


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_advisor_answers_a_text_and_sees_it_arrive(
    desk: Desk, twilio: TwilioDouble, page: Page
) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        brand = session.get_one(Brand, a_source(session).brand_id)
        brand.caller_id = CALLER_ID
        number = a_number_by_day(session)
        lead = a_lead(session, phone=number, name="Mary Poe", safe_to_text=True)
        lead_id = lead.id
        a_callback(session, lead, received_at=now, promised_at=now, due_at=now)
        words = {"message_id": "SM-1", "now": now - timedelta(minutes=3)}
        inbound_texts.receive_text_message(session, number, "are you still there", **words)
    secret = opened_session("Advisor 1", 1, AdvisorRole.SUPERVISOR)[1]
    with transaction() as session:
        claim_next(session, now=datetime.now(UTC))
    come_in(page, desk, secret)
    expect(page.get_by_text("are you still there")).to_be_visible()
    expect(page.get_by_text("1 unanswered")).to_be_visible()

    page.get_by_text("We will call you soon", exact=True).click()
    expect(page.get_by_text("We will call you soon from (315) 555-0199.")).to_be_visible()
    page.get_by_role("button", name="Send this text").click()
    text = twilio.wait_for_text()
    assert (text.order["To"], text.order["From"]) == (number, CALLER_ID)
    expect(page.get_by_text("unanswered")).to_have_count(0)
    twilio.text_moves(text, "delivered")
    expect(page.get_by_text("Text delivered")).to_be_visible()

    twilio.receives_text(number, "do you speak Polish")
    expect(page.get_by_text("do you speak Polish")).to_be_visible()

    page.goto(f"{desk.url}/lead?lead={lead_id}")
    field = page.get_by_role("textbox", name="Or write your own")
    for words_of_hers, left in (("Hello Mary", "Hello Mary"), ("Yes, one of us does.", "")):
        field.fill(words_of_hers)
        page.get_by_role("button", name="Send", exact=True).click()
        page.get_by_text("Sending the text." if not left else "leave out names").wait_for()
        expect(field).to_have_value(left)
    assert problems_of(page) == []


def claim_next(session: Session, *, now: datetime) -> None:
    advisor = session.exec(select(Advisor).where(Advisor.role == AdvisorRole.SUPERVISOR)).one()
    advisor.presence = Presence.AWAY  # nobody is rung
    claimed = queue.claim_next_callback(session, advisor, now=now)
    assert claimed is not None
