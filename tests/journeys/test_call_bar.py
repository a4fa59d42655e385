"""What people do while they are in a call, at their desks and on the work list, in Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.helplines import call_presets
from leads.models.advisors import Advisor
from leads.models.calls import IntakeAnswer
from leads.models.enums import AdvisorRole, Party
from leads.models.helplines import Brand
from leads.models.watching import Transition
from leads.read_models import lead_card
from tests.support.chromium import come_in, opened_session, problems_of, sign_in
from tests.support.played_calls import clock, in_by_key, lead_in_call
from tests.support.running_desk import Desk, eventually
from tests.support.twilio_double import Call, TwilioDouble

USUAL, PHONE = {"width": 1280, "height": 720}, {"width": 390, "height": 844}
TALLEST_BAR = 140  # pixels, a sixth of a phone's screen
TALLEST_WITH_OTHERS = 160  # pixels, whoever else is in the call
HERE = {"name": "Jordan Reyes", "phone": "315-555-0142", "any_hour": True}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_call_is_worked_in_from_the_desk(
    desk: Desk, twilio: TwilioDouble, page: Page, colleague: Page
) -> None:
    webhook = desk.opens(advisors=0)
    sign_in(page, desk, AdvisorRole.ADVISOR)
    press(page, "I am available", until="No one is waiting")
    an_interpreter_and_a_shelter()
    assert desk.http.post(webhook, json=HERE).status_code == 200
    call = twilio.wait_for_call()
    expect(page.get_by_role("heading", name="Jordan R•••")).to_be_visible()
    twilio.advisor_answers(call)
    twilio.presses(call, "1")
    expect(page.get_by_text("Calling them …")).to_be_visible()
    _ben, secret = opened_session("Ben")
    come_in(colleague, desk, secret)
    expect(colleague.get_by_role("heading", name="1 being called by Advisor 1")).to_be_visible()
    lead = lead_in_call(twilio, call)
    be_in_call(page, twilio, call, lead)
    be_helped(page, colleague, desk, twilio, call)
    come_in(colleague, desk, secret)  # at the computer where the supervisor was
    hand_over(page, colleague, twilio, call)
    button(colleague, "End the call").click()
    twilio.wait_until_hung_up(lead)
    twilio.leaves(lead)
    twilio.moves(lead, "completed")
    expect(colleague.get_by_text("Wrap-up 0")).to_be_visible()
    all_is_in_sight(colleague)


def be_in_call(page: Page, twilio: TwilioDouble, call: Call, lead: Call) -> None:
    """The name is shown now, and that on record; what is said and done stays in sight."""
    expect(page.get_by_text("On call 0")).to_be_visible()
    expect(page.get_by_text("Next: available")).to_be_visible()
    expect(page.get_by_role("heading", name="Jordan Reyes")).to_be_visible()
    with reader() as session:
        shown = select(Transition.actor).where(Transition.event == lead_card.SHOW_NAME)
        assert session.exec(shown).all() == ["advisor:1"]
    answer_questions(page)
    fits_a_phone(page)
    hold_mute_and_be_refused(page, twilio, call, lead)


def answer_questions(page: Page) -> None:
    """Each can be skipped, and what was answered survives a reload."""
    cover = page.get_by_role("group", name="Coverage")
    cover.get_by_role("button", name="Private insurance").click()
    cover.get_by_role("textbox").press_sequentially("Blue Cross")
    page.reload()
    expect(cover.get_by_role("textbox")).to_have_value("Blue Cross")
    chosen = cover.get_by_role("button", name="Private insurance")
    expect(chosen).to_have_attribute("aria-pressed", "true")
    eventually(lambda: heard() == [("cover", "private", "Blue Cross")])


def heard() -> list[tuple[str, str, str]]:
    with transaction() as session:
        answers = session.exec(select(IntakeAnswer)).all()
        return [(one.question, one.choice, one.words) for one in answers]


def fits_a_phone(page: Page) -> None:
    """The bar leaves the screen to the person; the keys that are needed less are behind one."""
    the_bar_is_low(page, TALLEST_BAR)
    for name in ("End the call", "Hold", "Mute", "Danger"):
        expect(button(page, name)).to_be_in_viewport(ratio=1)
    expect(button(page, "Add")).to_be_hidden()
    more = page.locator("summary", has_text="More")
    more.press("Enter")
    for name in ("Add", "I need a supervisor now", "Take a break"):
        expect(button(page, name)).to_be_in_viewport(ratio=1)
    assert problems_of(page) == []
    page.emulate_media(color_scheme="dark")
    eventually(lambda: problems_of(page) == [], "the bar is hard to read in the dark")
    page.emulate_media(color_scheme="light")
    more.press("Enter")
    page.set_viewport_size(USUAL)


def the_bar_is_low(page: Page, most: int) -> None:
    page.set_viewport_size(PHONE)
    bar = page.locator(".st-key-desk-bar")
    eventually(lambda: bar.bounding_box()["height"] <= most, "the bar is tall")


def fits_with_others(page: Page, other: Page, *keys: str) -> None:
    """Whoever is in the call, each reads it at a glance; what can be done of it stands behind."""
    all_is_in_sight(page)
    for one in (page, other):
        the_bar_is_low(one, TALLEST_WITH_OTHERS)
        assert one.evaluate("document.documentElement.scrollWidth <= innerWidth")
    more = page.locator("summary", has_text="More")
    more.press("Enter")
    for key in keys:
        expect(button(page, key).last).to_be_visible()
    more.press("Enter")
    for one in (page, other):
        one.set_viewport_size(USUAL)


def all_is_in_sight(page: Page) -> None:
    """Nobody scrolls: the person, the questions, the notes and the outcome are on one screen."""
    all_of_it = page.locator("[data-testid=stMain], [data-testid=stMain] .stColumn")
    for width in (1440, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        fits = "parts => parts.every(one => one.scrollHeight <= one.clientHeight)"
        eventually(lambda: all_of_it.evaluate_all(fits), f"it scrolls at {width}")  # noqa: B023
    page.set_viewport_size(USUAL)


def hold_mute_and_be_refused(page: Page, twilio: TwilioDouble, call: Call, lead: Call) -> None:
    """Hold, mute, and what must not be added, in words."""
    press(page, "Hold", until="The caller is on hold")
    assert twilio.wait_for_change(lead)["Hold"] == "true"
    press(page, "Resume", until="On call 0")
    press(page, "Mute", until="muted")
    eventually(lambda: call.in_room[-1]["Muted"] == "true")  # a hold is told to their leg as well
    press(page, "Unmute", until="On call 0")
    press(page, "Danger", until="Close it …")
    is_refused_911(page)
    all_is_in_sight(page)  # the refusal, and all that an incident asks
    expect(page.get_by_text("911 cannot be added to a call")).to_be_visible()
    button(page, "Close it").click()
    page.get_by_text("False alarm", exact=True).click()
    press(page, "Close the incident", until="The incident is closed.")


def is_refused_911(page: Page) -> None:
    page.get_by_role("button", name="Add", exact=True).click()
    expect(button(page, "Language line · Spanish")).to_be_visible()
    page.get_by_label("Another number").fill("911")
    press(page, "Call and add", until="911 cannot be added to a call")
    page.keyboard.press("Escape")


def be_helped(page: Page, boss: Page, desk: Desk, twilio: TwilioDouble, call: Call) -> None:
    """A supervisor sees who asks for help, listens, speaks to the advisor, and leaves."""
    _supervisor, secret = opened_session("Sam", 3, AdvisorRole.SUPERVISOR)
    boss.context.add_cookies([{"name": "ringback", "value": secret, "url": desk.url}])
    press(page, "I need a supervisor now", until="You asked for a supervisor")
    boss.goto(f"{desk.url}/work")
    expect(boss.get_by_text("Asks for help")).to_be_visible()
    press(boss, "Listen", until="Your phone is ringing")
    listener = in_by_key(twilio, call)
    expect(button(boss, "Leave the call")).to_be_visible()
    expect(page.get_by_text("Sam · supervisor · listens")).to_be_visible()
    button(boss, "Speak to the advisor").click()
    expect(page.get_by_text("speaks only to the advisor")).to_be_visible()
    boss.goto(desk.url)
    expect(button(boss, "Speak to the advisor")).to_be_visible()
    fits_with_others(page, boss, "Remove")
    button(boss, "Leave the call").click()
    twilio.wait_until_hung_up(listener)
    twilio.moves(listener, "completed")
    expect(page.get_by_text("Sam · supervisor")).to_have_count(0)


def hand_over(page: Page, ben: Page, twilio: TwilioDouble, call: Call) -> None:
    """A colleague comes in, gets the call, and whoever had it leaves."""
    press(ben, "I am available", until="No one is waiting")
    button(page, "Add").click()
    expect(button(page, "Shelter")).to_be_visible()
    press(page, "Ben", until="Ben · colleague")
    expect(button(page, "Shelter")).to_be_hidden()  # nothing hides what can be done with Ben
    in_by_key(twilio, call)
    expect(ben.get_by_text("On Advisor 1's call")).to_be_visible()
    press(page, "I need a supervisor now", until="You asked for a supervisor")
    fits_with_others(page, ben, "Transfer", "Remove")
    assert problems_of(page) == []
    press(page, "Transfer", until="On Ben's call")
    expect(ben.get_by_role("heading", name="Jordan Reyes")).to_be_visible()
    button(page, "Leave the call").click()
    twilio.wait_until_hung_up(call)
    twilio.leaves(call)
    twilio.moves(call, "completed")
    expect(page.get_by_text("No one is waiting")).to_be_visible()


def an_interpreter_and_a_shelter() -> None:
    with transaction() as session:
        boss = session.exec(select(Advisor)).first()
        brand_id = session.exec(select(Brand.id).where(Brand.name == "Harbor Line")).one()
        boss.role = AdvisorRole.SUPERVISOR
        line = {"name": "Language line", "language": "Spanish", "number": "+13155550155"}
        call_presets.add_preset(session, brand_id, boss, Party.INTERPRETER, **line, now=clock())
        shelter = {"name": "Shelter", "number": "+13155550188"}
        call_presets.add_preset(session, brand_id, boss, Party.THIRD_PARTY, **shelter, now=clock())
        boss.role = AdvisorRole.ADVISOR


def press(page: Page, name: str, *, until: str) -> None:
    button(page, name).click()
    expect(page.get_by_text(until).first).to_be_visible()


def button(page: Page, name: str) -> Locator:
    """A button by its words; beside them stand its sign and its key."""
    return page.get_by_role("button", name=re.compile(rf"\b{name}\b"))
