"""What an advisor sees of their own call while they look at another page, in Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from leads.models.enums import AdvisorRole
from tests.support.chromium import problems_of, sign_in
from tests.support.running_desk import Desk, eventually
from tests.support.twilio_double import TwilioDouble

PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_whoever_looks_at_another_page_sees_that_their_phone_rings(
    desk: Desk, twilio: TwilioDouble, page: Page
) -> None:
    webhook = desk.opens(advisors=0)
    page.set_viewport_size(PHONE)
    sign_in(page, desk, AdvisorRole.ADVISOR)
    page.get_by_role("button", name="I am available").click()
    expect(page.get_by_text("Available: your phone rings when someone is due")).to_be_visible()
    page.goto(f"{desk.url}/calls")
    expect(page.get_by_role("heading", name="My recent calls")).to_be_visible()
    card = page.locator(".st-key-own-work")
    expect(card).to_have_count(0)
    heading = page.get_by_role("heading", name="My recent calls").bounding_box()

    desk.http.post(webhook, json={"name": "Ana Reyes", "phone": "315-555-0142", "any_hour": 1})
    eventually(lambda: len(twilio.calls) == 1)
    (call,) = twilio.calls
    twilio.advisor_answers(call)
    expect(card).to_contain_text("Calling your phone … pick up and press 1")
    expect(card.get_by_text(re.compile(r"\d\d:\d\d"))).to_be_visible()
    box = card.bounding_box()
    assert box
    assert 0 <= box["x"] < box["x"] + box["width"] <= PHONE["width"]
    assert not re.search("Ana|0142", card.inner_text())
    assert page.get_by_role("heading", name="My recent calls").bounding_box() == heading

    twilio.presses(call, "1")
    lead = twilio.lead_of(call)
    twilio.moves(lead, "in-progress")
    expect(card).to_contain_text("On call")
    twilio.lead_ends(lead, "completed")
    expect(card).to_contain_text("Your call has ended. Record the outcome.")
    card.get_by_role("link", name="My desk").click()
    expect(page.get_by_text("The call has ended")).to_be_visible()
    expect(card).to_have_count(0)
    assert problems_of(page) == []
