"""Supervisors at the work list and in a person's file, in real Chromium."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlmodel import col, select

from leads.database.transactions import reader, transaction
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import OPEN_CALLBACK, AdvisorRole
from leads.models.requests import Lead
from leads.models.watching import Transition
from leads.read_models.callback_board import ROWS_AT_ONCE
from tests.support.chromium import choose, problems_of, sign_in, twins_of, watch_for_twins
from tests.support.people import a_callback, a_lead
from tests.support.running_desk import Desk, eventually


def part(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name="Sections of the work list").get_by_role(
        "button", name=name
    )


def row(page: Page, who: str) -> Locator:
    return page.get_by_role("list").get_by_role("button", name=who)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_supervisor_narrows_the_list_and_brings_two_files_together(
    desk: Desk, page: Page
) -> None:
    three_people_ask(desk)
    sign_in(page, desk, AdvisorRole.SUPERVISOR, at="board?waits_for=decision")
    narrow_list(page)
    work_by_keys(page)
    bring_files_together(page, desk)
    assert {"reveal", "merge", "unmerge"} <= _events_of_leads()
    enters_somebody_who_walked_in(page, desk)
    is_stopped_as_an_advisor(page, desk)
    assert page.foreign == []


def three_people_ask(desk: Desk) -> None:
    webhook = desk.opens(advisors=0)
    for number, name in enumerate(("Jordan", "Jordan P", "Robin")):
        held = {"safe_to_call": "no"} if name == "Robin" else {}
        body = {"name": name, "phone": f"315-555-014{number}", "any_hour": True, **held}
        assert desk.http.post(webhook, json=body).status_code == 200
    eventually(lambda: len(_open()) == 3)


def narrow_list(page: Page) -> None:
    """Who is held and who is to be called are two parts, and what is chosen is in the address.

    It holds after a reload, and an empty list says why it is empty. The older address leads there.
    """
    expect(part(page, "Needs a decision 1")).to_have_attribute("aria-current", "true")
    expect(part(page, "To call 2")).to_be_visible()
    expect(row(page, "Robin")).to_be_visible()
    expect(row(page, "Jordan")).to_have_count(0)
    part(page, "To call").click()
    expect(page.get_by_text("2 due now, 0 later.")).to_be_visible()
    expect(page).to_have_url(re.compile("part=call"))
    choose(page, "Status", "Waiting for the next attempt")
    expect(
        page.get_by_text("Nothing matches the filters. This section has 2 rows.")
    ).to_be_visible()
    page.reload()
    expect(page).to_have_url(re.compile("state=next_try"))
    page.get_by_role("button", name="Clear filters").click()
    expect(row(page, "Jordan")).to_have_count(2)
    expect(page).not_to_have_url(re.compile("state"))


def work_by_keys(page: Page) -> None:
    """Down to the second, open, to its actions and back, select both, act on both, find."""
    page.get_by_role("heading", name="Work list").click()
    for key in ("j", "j", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("heading", name=re.compile("Jordan"))).to_be_visible()
    expect(page).to_have_url(re.compile("row=callback-"))
    assert "Jordan" not in page.url
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Open their file")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("list").locator("button[aria-current=true]")).to_be_focused()
    for key in ("x", "k", "x"):
        page.keyboard.press(key)
    expect(page.get_by_role("heading", name="2 selected")).to_be_visible()
    find = page.get_by_label("Find in this list")
    find.fill("41")  # and so one of the two is out of sight: nothing is done to it unseen
    expect(page.get_by_role("heading", name="1 selected")).to_be_visible()
    find.fill("")
    expect(page.get_by_role("heading", name="1 selected")).to_be_visible()
    page.get_by_label("Select all").check()
    expect(page.get_by_role("heading", name="2 selected")).to_be_visible()
    page.get_by_role("button", name="Move them up").click()
    expect(page.get_by_text("Done: 2.")).to_be_visible()
    assert [one.priority for one in _open()][:2] == [1, 1]
    page.keyboard.press("/")
    page.keyboard.type("robin")
    expect(page.get_by_text("Nothing here matches what you typed.")).to_be_visible()
    page.keyboard.press("Escape")
    assert problems_of(page) == []


def bring_files_together(page: Page, desk: Desk) -> None:
    """From a row to the person, their number, and the same person's other file."""
    page.goto(f"{desk.url}/board?callback={_open()[0].id}")
    cancels_and_undoes_that(page)
    page.reload()
    page.get_by_role("button", name="Move up").click()
    expect(page.get_by_text("It is ahead of the others now.")).to_be_visible()
    page.get_by_role("link", name="Open their file").click()
    expect(page.get_by_role("heading", name="Jordan")).to_be_visible()
    watch_for_twins(page)
    page.get_by_role("button", name="Show the number").click()
    expect(page.get_by_text("(315) 555-0140")).to_be_visible()
    assert twins_of(page) == []
    page.get_by_text("The same person at another number").click()
    page.get_by_label("Find the other file").fill("(315) 555-0141")
    page.get_by_label("Find the other file").press("Enter")
    page.get_by_role("button", name=re.compile("Merge Jordan P .* into this file")).click()
    expect(page.get_by_text("Merged. They are called at the number of this file")).to_be_visible()
    assert len(_open()) == 2
    page.get_by_role("link", name="Their callback on the work list").click()
    expect(part(page, "To call 1")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("Jordan"))).to_be_visible()
    page.get_by_role("link", name="Open their file").click()
    page.get_by_role("button", name="Separate").click()
    expect(page.get_by_text("Each number has its own file again.")).to_be_visible()
    assert len(_open()) == 3
    assert problems_of(page) == []


def cancels_and_undoes_that(page: Page) -> None:
    page.get_by_label("Reason to cancel the callback").fill("reached us by phone")
    page.get_by_role("button", name="Cancel the callback").click()
    expect(page.get_by_text("Canceled. The reason is on record.")).to_be_visible()
    assert len(_open()) == 2
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone. It waits again as before.")).to_be_visible()
    assert len(_open()) == 3


def enters_somebody_who_walked_in(page: Page, desk: Desk) -> None:
    """From the list: nothing is chosen for anybody, and all that is missing is said at once."""
    page.goto(f"{desk.url}/work")
    page.get_by_test_id("stMain").get_by_role("link", name="New request").click()
    page.get_by_role("button", name="Save the request").click()
    expect(page.get_by_text("Not saved yet. Fields to correct: 5.")).to_be_visible()
    expect(page.get_by_text("Choose an answer.")).to_have_count(4)
    assert problems_of(page) == []
    page.get_by_text("Walk-in").click()
    page.get_by_text("They told me themselves").click()
    page.get_by_label("Phone number to call").fill("(315) 555-0149")
    page.get_by_label("Name", exact=True).fill("Ana Ruiz")
    safe = page.get_by_role("radiogroup", name="Is it safe to call this number?")
    safe.get_by_text("Yes", exact=True).click()
    agreed = page.get_by_role("radiogroup", name="Did they agree to be called?")
    agreed.get_by_text("Yes", exact=True).click()
    page.get_by_label("What did they agree to, in their words?").fill("Yes, call me back.")
    page.get_by_role("button", name="Save the request").click()
    expect(page.get_by_text(re.compile("^Saved\\. "))).to_be_visible()
    page.get_by_role("link", name="Open their file").click()
    expect(page.get_by_text("Ana Ruiz walked in and asked for a call")).to_be_visible()
    # Another person's page says nothing of her.
    page.get_by_role("link", name="New request").first.click()
    expect(page.get_by_label("What did they agree to, in their words?")).to_have_value("")
    expect(page.get_by_text(re.compile("^Saved\\. "))).to_have_count(0)
    page.go_back()
    assert len(_open()) == 4
    agrees_on_a_safe_time_with_whom_no_call_is_safe(page, desk)


def agrees_on_a_safe_time_with_whom_no_call_is_safe(page: Page, desk: Desk) -> None:
    """Robin, for whom a call is not safe, met us and said when it is: tomorrow from noon to one."""
    page.goto(f"{desk.url}/lead?lead={_open()[2].lead_id}")
    expect(page.get_by_text("Held for review")).to_be_visible()
    expect(page.get_by_text("Not now:")).to_have_count(0)  # the reason is said once
    page.get_by_text("In person", exact=True).click()
    page.get_by_label("What was done, and what they said").fill("Robin came by: noon is safe.")
    page.get_by_label("Who agreed to a safe time for a call").fill("Robin")
    page.get_by_role("button", name="Save the contact").click()
    expect(page.get_by_text("Choose the day, and when the safe time")).to_be_visible()
    tomorrow = datetime.now(ZoneInfo("America/New_York")) + timedelta(days=1)
    choose(page, "Safe on", f"{tomorrow:%a, %b} {tomorrow.day}")
    types_time(page, "From (New York time)", "12:00 PM")
    types_time(page, "Until", "1:00 PM")
    page.get_by_role("button", name="Save the contact").click()
    expect(page.get_by_text("Next call: tomorrow 12:00")).to_be_visible()
    expect(page.get_by_text("A call is safe from tomorrow 12:00")).to_be_visible()
    expect(page.get_by_text("A safe time was agreed with Robin")).to_be_visible()
    page.get_by_role("button", name="Call them now").click()
    expect(page.get_by_text("They said it is not safe").first).to_be_visible()
    assert problems_of(page) == []


def types_time(page: Page, label: str, at: str) -> None:
    page.get_by_role("combobox", name=label).press_sequentially(at)
    page.get_by_role("option", name=at, exact=True).click()


def is_stopped_as_an_advisor(page: Page, desk: Desk) -> None:
    """Whoever is an advisor and nothing more gets no further, by an open page or by its address."""
    page.goto(f"{desk.url}/board?callback={_open()[0].id}")
    page.get_by_label("Reason to cancel the callback").fill("answered by e-mail")
    with transaction() as session:
        session.exec(select(Advisor)).one().role = AdvisorRole.ADVISOR
    page.get_by_role("button", name="Cancel the callback").click()
    refused = "Only a supervisor can see the work list."
    expect(page.get_by_text(refused).first).to_be_visible()
    assert len(_open()) == 4
    page.goto(f"{desk.url}/board")
    expect(page.get_by_role("heading", name="Page not found.")).to_be_visible()
    assert not re.search("To call|Jordan", page.content())


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_long_list_shows_its_first_rows_counts_all_and_goes_on(desk: Desk, page: Page) -> None:
    """With the keyboard alone; a filter finds who is not shown, and who is open stays there."""
    many_people_wait(ROWS_AT_ONCE + 5)
    sign_in(page, desk, AdvisorRole.SUPERVISOR, at="work")
    rows = page.get_by_role("list").locator(".open")
    expect(part(page, "To call 205")).to_be_visible()
    expect(page.get_by_text("Showing the first 200 of 205.")).to_be_visible()
    expect(page.get_by_label("Overdue · 205")).to_be_visible()
    expect(page.get_by_label("Select the 200 shown")).to_be_visible()
    assert problems_of(page) == []
    page.get_by_label("Find in this list").fill("nobody")
    expect(page.get_by_text("None of the 200 rows shown matches what you typed.")).to_be_visible()
    page.get_by_label("Find in this list").fill("")
    rows.last.focus()
    page.keyboard.press("j")
    expect(page.get_by_role("button", name="Show more")).to_be_focused()
    page.keyboard.press("Enter")
    expect(rows).to_have_count(205)
    expect(rows.nth(200)).to_be_focused()
    expect(page.get_by_text("Showing the first")).to_have_count(0)
    page.keyboard.press("x")
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.get_by_role("heading", name="2 selected")).to_be_visible()
    page.get_by_role("button", name="Move them up").click()
    expect(page.get_by_text("Done: 2.")).to_be_visible()
    page.goto(f"{desk.url}/work?state=again")
    expect(rows).to_have_count(1)
    expect(part(page, "To call 1")).to_be_visible()
    page.goto(f"{desk.url}/work?row=callback-{_latest().id}")
    expect(page.get_by_role("heading", name=re.compile("Robin"))).to_be_visible()
    expect(page.get_by_text("Showing the first 201 of 205.")).to_be_visible()


def many_people_wait(count: int) -> None:
    """All are overdue; the last, Robin, has asked twice and stands last all the same."""
    now = datetime.now(UTC)
    with transaction() as session:
        for number in range(count):
            is_last = number == count - 1
            at = now - timedelta(hours=9) + number * timedelta(minutes=1)
            lead = a_lead(session, name="Robin" if is_last else "Jordan")
            waits = {"promised_at": at, "due_at": at, "received_at": at}
            a_callback(session, lead, **waits, priority=-is_last, asked_again=int(is_last))


def _latest() -> Callback:
    with reader() as session:
        return session.exec(select(Callback).order_by(col(Callback.id).desc()).limit(1)).one()


def _events_of_leads() -> set[str]:
    with reader() as session:
        return set(session.exec(select(Transition.event).where(Transition.record == "lead")))


def _open() -> list[Callback]:
    """Return the open callbacks in the order of the numbers, which only we can tell."""
    with reader() as session:
        found = select(Callback, Lead.phone).join(Lead, col(Lead.id) == col(Callback.lead_id))
        are_open = session.exec(found.where(col(Callback.state).in_(OPEN_CALLBACK))).all()
        return [callback for callback, _ in sorted(are_open, key=lambda pair: pair[1])]
