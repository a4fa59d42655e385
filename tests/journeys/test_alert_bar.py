"""What a supervisor sees of an alert, and how everybody sees who looks into it, in Chromium."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlmodel import col, select

from leads.database.transactions import reader, transaction
from leads.models.enums import AdvisorRole
from leads.models.watching import Alert
from tests.support.chromium import problems_of, sign_in
from tests.support.people import MINUTE, a_callback
from tests.support.running_desk import Desk, eventually

PHONE = {"width": 390, "height": 844}
TWO_LINES = 56  # pixels
CUT_OFF = """(it, more) => {
  const words = it.querySelector("p")
  words.querySelector("span").append(more)
  return words.scrollHeight > words.clientHeight || it.scrollHeight > it.clientHeight
}"""
NOT_RUNG, UNDECIDED = (
    "callbacks more than 3 minutes overdue: 1.",
    "held until a supervisor decides: 1.",
)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_supervisor_says_on_any_page_that_they_look_into_it(desk: Desk, page: Page) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        for age, hold in ((4 * MINUTE, ""), (9 * MINUTE, "Look first.")):
            a_callback(
                session, received_at=now - age, promised_at=now - age, due_at=now - age, hold=hold
            )
    page.set_viewport_size(PHONE)
    sign_in(page, desk, AdvisorRole.SUPERVISOR)

    # Of several, what keeps people from being rung is read at once, and the page itself is not
    # pushed away.
    bar = page.get_by_test_id("stMarkdownContainer").filter(has_text=NOT_RUNG)
    expect(bar).to_be_visible()
    assert bar.bounding_box()["height"] < TWO_LINES
    words = bar.locator("p").first
    expect(words.get_by_text("Since")).to_be_hidden()  # what the phone has no room for
    assert words.evaluate("it => it.scrollHeight <= it.clientHeight"), "its words are cut off"
    expect(page.get_by_text(UNDECIDED)).to_be_hidden()
    leads_to_whom_it_counts(page, bar)
    heading = page.get_by_role("heading", name="My desk")
    eventually(
        lambda: heading.bounding_box()["y"] < 0.4 * PHONE["height"]
    )  # before its font is there a sign is a word
    page.get_by_text("2 alerts").click()
    expect(page.get_by_text(UNDECIDED)).to_be_visible()
    page.get_by_role("button", name="Acknowledge").first.click()
    expect(page.get_by_text("Acknowledged by Advisor 1 at")).to_be_visible()
    expect(page.get_by_role("button", name="Acknowledge")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_text(NOT_RUNG)).to_be_hidden()  # what nobody looks into comes first now
    button = page.get_by_role("button", name="2 alerts")
    button.press("Enter")  # by the keyboard, whoever opens it is in it
    expect(page.get_by_role("link", name="Show").nth(1)).to_be_focused()  # not the line's own
    page.keyboard.press("Shift+Tab")
    expect(button).to_be_focused()
    page.get_by_role("link", name="Show").nth(1).click()
    expect(page).to_have_url(re.compile(r"/work\?.*part=decide"))
    expect(page.get_by_role("button", name="Look first.")).to_be_visible()
    # On the list itself, too: what is shown and what the address says stay the same.
    page.get_by_role("link", name="Show").last.click()  # what opens beside the line is open still
    expect(page.get_by_text("Only what this alert counts: Overdue callbacks")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/work\?.*part=call.*alert=overdue"))
    expect(page.get_by_role("button", name="not called yet")).to_have_count(1)
    with reader() as session:
        taken = session.exec(
            select(Alert.kind).where(col(Alert.acknowledged_by).is_not(None))
        ).all()
    assert taken == ["overdue"]
    assert problems_of(page) == []


def leads_to_whom_it_counts(page: Page, words: Locator) -> None:
    """On a phone the words are the link, all of them to be read."""
    long = words.evaluate(CUT_OFF, " and every other one of them" * 6)
    assert not long, "long words are cut off"
    words.evaluate("it => it.querySelector('p span').lastChild.remove()")
    link = page.get_by_test_id("stPageLink-NavLink").filter(has_text="Show").first
    over, under = link.bounding_box(), words.bounding_box()
    assert over["height"] >= under["height"] - 1
    page.mouse.click(under["x"] + 20, under["y"] + under["height"] / 2)
    expect(page).to_have_url(re.compile(r"/work\?.*alert=overdue"))
    page.goto(page.url.partition("/work")[0])
    expect(words).to_be_visible()
