"""After a call: a machine is told of, one key begins the next call, and a mistake is put right."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.models.calls import Callback
from leads.models.dispositions import Disposition
from leads.models.enums import AdvisorRole
from leads.models.helplines import Brand, BrandDisposition
from tests.support.chromium import press_key, problems_of, sign_in
from tests.support.running_desk import Desk, eventually
from tests.support.twilio_double import Call, TwilioDouble


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_advisor_goes_on_by_one_key_and_corrects_the_call_before(
    desk: Desk, twilio: TwilioDouble, page: Page
) -> None:
    webhook = desk.opens(advisors=0)
    with transaction() as session:
        brand = session.exec(select(Brand).where(Brand.name == "Harbor Line")).one()
        brand.wrap_up_minutes = 1
        for english in ("Bed found", "Booked for an assessment", "Sent to a clinic"):
            own = {"english": english, "created_at": datetime.now(UTC)}
            row = {"brand_id": brand.id, "disposition": Disposition.REFERRED, **own}
            session.add(BrandDisposition(**row))
    sign_in(page, desk, AdvisorRole.ADVISOR)
    for name, phone in (("Jordan", "315-555-0142"), ("Sam", "315-555-0143")):
        desk.http.post(webhook, json={"name": name, "phone": phone, "any_hour": 1})
    expect(page.get_by_role("heading", name="2 waiting now")).to_be_visible()
    press_key(page, "n", "Take the next one")
    expect(page.get_by_role("heading", name="Jordan")).to_be_visible()
    lead = talk(page, twilio, 1)
    twilio.hears(lead, "machine_start")
    expect(page.get_by_text("A machine may have answered. Listen")).to_be_visible()
    expect(page.get_by_text("Leave no message.")).to_be_visible()
    assert problems_of(page) == []
    twilio.lead_ends(lead, "completed")

    # The time to wrap up is running out; what it was is the advisor's to say.
    expect(page.get_by_text("Less than a minute left.")).to_be_visible()
    expect(page.get_by_text("It counts as a conversation only if")).to_be_visible()
    expect(page.get_by_role("button", name="Finish and next")).to_be_disabled()
    page.get_by_text("Bed found", exact=True).click()
    expect(page.get_by_role("button", name="Finish and next")).to_be_enabled()
    assert right_edge(page.get_by_text("Did not want help now")) <= right_edge(notes_of(page))
    page.emulate_media(color_scheme="dark")  # what is chosen can be read there, too
    eventually(lambda: problems_of(page) == [], "an outcome that is chosen is hard to read")
    page.emulate_media(color_scheme="light")
    press_key(page, "n", "Finish and next")
    expect(page.get_by_role("heading", name="Sam")).to_be_visible()

    # With the next person in hand, the call before is put right.
    page.get_by_role("button", name="Your last calls").click()
    page.get_by_text("Referred: Bed found").click()
    last_call(page).get_by_text("Did not want help now", exact=True).click()
    last_call(page).get_by_role("button", name="Correct the outcome").click()
    expect(page.get_by_text("Corrected. What was said before stays")).to_be_visible()
    page.keyboard.press("Escape")
    twilio.lead_ends(talk(page, twilio, 2), "completed")
    expect(page.get_by_text("The call has ended.")).to_be_visible()
    outcome = page.get_by_role("radiogroup", name="Outcome", exact=True)
    outcome.get_by_text("Helped", exact=True).click()
    press_key(page, "b", "Finish and break")
    expect(page.get_by_text("Away: Break")).to_be_visible()
    expect(page.get_by_text("Recorded. You are on a break.")).to_be_visible()
    assert problems_of(page) == []
    with reader() as session:
        said = session.exec(select(Callback.disposition).order_by(Callback.id)).all()
    assert said == ["declined", "helped"]
    finds_somebody_again_and_adds_a_task(page)


def finds_somebody_again_and_adds_a_task(page: Page) -> None:
    """The advisor's own calls, each word that was said of them, and a task beside them."""
    page.get_by_role("link", name="My calls").click()
    expect(page.get_by_role("heading", name="My recent calls")).to_be_visible()
    expect(page.get_by_text("Recorded. You are on a break.")).to_have_count(0)  # it is the desk's
    of_jordan = page.get_by_text(re.compile("Jordan.*: Did not want help"))
    expect(of_jordan).to_have_count(1)
    of_jordan.click()
    expect(page.get_by_text("said as Referred")).to_be_visible()
    page.get_by_label("Find by the last four digits").fill("0143")
    page.get_by_role("button", name="Find", exact=True).click()
    found = page.get_by_text(re.compile(r"^Sam · "))
    expect(found).to_be_visible()
    page.get_by_label("Find by the last four digits").fill("0142")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.get_by_text(re.compile(r"^Jordan · "))).to_be_visible()  # as under their calls
    expect(page.get_by_test_id("stException")).to_have_count(0)
    page.get_by_text("Add a task").first.click()
    page.get_by_label("What to do").first.fill("Send the list of meetings")
    page.get_by_role("button", name="Add the task").first.click()
    expect(page.get_by_text("The task is added.")).to_be_visible()
    assert problems_of(page) == []
    page.get_by_role("link", name="My desk").click()
    expect(page.get_by_role("heading", name="My tasks")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("heading", name="My tasks")).to_have_count(0)


def notes_of(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Notes")


def right_edge(part: Locator) -> float:
    box = part.bounding_box()
    return box["x"] + box["width"]


def talk(page: Page, twilio: TwilioDouble, number: int) -> Call:
    """Call whoever is in hand; somebody or something answers."""
    press_key(page, "l", "Call them")
    call = twilio.wait_for_call(number)
    twilio.advisor_answers(call)
    twilio.presses(call, "1")
    lead = twilio.lead_of(call)
    twilio.moves(lead, "in-progress")
    expect(page.get_by_text("On call 0")).to_be_visible()
    return lead


def last_call(page: Page) -> Locator:
    return page.locator("[data-testid=stExpander]", has_text="Jordan")
