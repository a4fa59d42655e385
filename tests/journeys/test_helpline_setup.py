"""Supervisors set a helpline up: hours, which two make longer, and what is not saved yet."""

from __future__ import annotations

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.models.advisors import Advisor
from leads.models.enums import AdvisorRole
from leads.models.helplines import Brand
from tests.support.chromium import SlowLine, problems_of, settled, sign_in, signed_in
from tests.support.people import a_source
from tests.support.running_desk import eventually, running_desk

CRISIS_NUMBER = "Number advisors call to reach 988"
SAVE_AND_GO_ON = """([button, box]) => {
  button.click()
  box.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }))
  box.click()
}"""
"""Nothing comes from the server between the two."""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_two_people_make_a_helpline_s_hours_longer(database: str, page: Page) -> None:
    with transaction() as session:
        source_id = a_source(session).id
    with running_desk(database, ROLE="web") as desk:
        sign_in(page, desk, AdvisorRole.SUPERVISOR, at="setup")
        expect(page.get_by_text("Calling hours of Harbor Line")).to_be_visible()
        eventually(lambda: settled(page))
        page.get_by_text("Calling hours of Harbor Line").click()
        page.get_by_text("Sunday", exact=True).first.click()
        what_is_not_saved_outlives_the_closing_of_its_topic(page)
        page.get_by_role("button", name="Save these hours").click()
        expect(page.get_by_text("The new hours are in effect.")).to_be_visible()
        expect(page.get_by_text("not saved yet").filter(visible=True)).to_have_count(0)
        eventually(lambda: settled(page))  # what came of the save is known to its line
        page.get_by_text("Sunday", exact=True).first.click()
        page.get_by_role("button", name="Save these hours").click()
        expect(page.get_by_text("Longer hours need a reason")).to_be_visible()
        expect(page.get_by_text("not saved yet").filter(visible=True)).to_have_count(1)
        page.get_by_label("Reason, if the hours are longer").fill("Ana works on Sundays now")
        page.get_by_role("button", name="Save these hours").click()
        expect(
            page.get_by_text("They take effect when someone else approves them.")
        ).to_be_visible()
        expect(page.get_by_text("Someone else has to approve it.")).to_be_visible()
        assert problems_of(page) == []
        pat = signed_in(page, desk, "Pat Lee")  # who sits down at the same computer
        with transaction() as session:
            session.get_one(Advisor, pat).role = AdvisorRole.SUPERVISOR
        page.goto(f"{desk.url}/setup")
        expect(page.get_by_text("Ana works on Sundays now")).to_be_visible()
        page.get_by_role("button", name="Approve the hours").click()
        expect(page.get_by_text("The new hours are in effect.")).to_be_visible()
        page.goto(f"{desk.url}/setup?source={source_id}")
        keeps_what_was_refused(page)
    with reader() as session:
        hours = session.exec(select(Brand.calling_hours)).one()
    assert hours["windows"] == [["08:00", "20:00"]] * 7


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_line_knows_what_came_of_each_save(database: str, page: Page) -> None:
    """However soon after it somebody goes on, and whether they press a button or Enter."""
    with transaction() as session:
        source_id = a_source(session).id
    with running_desk(database, ROLE="web") as desk:
        sign_in(page, desk, AdvisorRole.SUPERVISOR, at=f"setup?source={source_id}&topic=hours")
        save = page.get_by_role("button", name="Save these hours")
        sunday = page.get_by_role("checkbox", name="Sunday")
        sunday.uncheck(force=True)
        eventually(lambda: settled(page))
        page.evaluate(SAVE_AND_GO_ON, [save.element_handle(), sunday.element_handle()])
        expect(page.get_by_text("The new hours are in effect.")).to_be_visible()
        expect(not_saved(page)).to_have_count(1)
        expect(sunday).to_be_checked()
        save.dblclick()
        expect(page.get_by_text("Longer hours need a reason")).to_be_visible()
        eventually(lambda: settled(page))
        expect(not_saved(page)).to_have_count(1)
        sunday.uncheck(force=True)
        expect(not_saved(page)).to_have_count(0)
        saves_by_enter(page)
        tries_what_is_never_saved(page)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_closes_a_topic_but_a_click_on_its_line(database: str, page: Page) -> None:
    """Whoever saves before their browser knows of the topic they opened finds it open."""
    with transaction() as session:
        a_source(session)
    line = SlowLine(page)
    with running_desk(database, ROLE="web") as desk:
        sign_in(page, desk, AdvisorRole.SUPERVISOR)
        page.goto(f"{desk.url}/setup?topic=emergency")
        hours = page.get_by_text("Calling hours of Harbor Line")
        save = page.get_by_role("button", name="Save these hours")
        hours.click()
        expect(save).to_be_visible()
        hours.click()
        expect(page).to_have_url(f"{desk.url}/setup?source=1")
        eventually(lambda: settled(page))
        with line.hold_back():
            hours.click()
            eventually(lambda: line.count_runs() == 1)
            save.click()
            eventually(lambda: line.count_runs() == 3)  # it was pressed, and the page drawn anew
        expect(page.get_by_text("The new hours are in effect.")).to_be_visible()
        eventually(lambda: settled(page))
        expect(save).to_be_visible()
        expect(page.get_by_role("textbox", name=CRISIS_NUMBER)).to_be_visible()
        page.go_back()  # past the topics, to the page before
        expect(page.get_by_role("heading", name="My desk")).to_be_visible()


def not_saved(page: Page) -> Locator:
    return page.get_by_text("not saved yet").filter(visible=True)


def saves_by_enter(page: Page) -> None:
    page.get_by_text("Emergency numbers of Harbor Line").click()
    number = page.get_by_role("textbox", name=CRISIS_NUMBER)
    number.fill("911")
    number.press("Enter")
    expect(page.get_by_text("Enter a ten-digit number")).to_be_visible()
    expect(not_saved(page)).to_have_count(1)
    number.fill("1-800-273-8255")
    number.press("Enter")
    expect(page.get_by_text("Saved. It applies from the next call.")).to_be_visible()
    expect(not_saved(page)).to_have_count(0)


def tries_what_is_never_saved(page: Page) -> None:
    page.get_by_text("Test what your form sends").click()
    eventually(lambda: settled(page))
    page.get_by_label("Paste the raw data").fill('{"phone": "3155550142"}')
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_text("It would go straight to the queue.")).to_be_visible()
    expect(not_saved(page)).to_have_count(0)


def what_is_not_saved_outlives_the_closing_of_its_topic(page: Page) -> None:
    """Its line says so; neither a box that was unchecked nor a word is lost."""
    closed = page.get_by_label("Closed dates, one per line, such as 2026-12-25")
    closed.fill("2026-12-25")
    page.get_by_text("Emergency numbers of Harbor Line").click()
    expect(page.get_by_role("textbox", name=CRISIS_NUMBER)).to_be_visible()
    page.get_by_text("Calling hours of Harbor Line").click()
    expect(closed).not_to_be_visible()
    lines = page.locator("summary").filter(has=page.get_by_text("not saved yet"), visible=True)
    told = lines.filter(has=page.get_by_text("not saved yet").filter(visible=True))
    expect(told).to_have_count(1)
    expect(told).to_contain_text("Calling hours of Harbor Line")
    assert problems_of(page) == []
    nobody_leaves_what_is_not_saved_unasked(page)
    told.click()
    expect(closed).to_have_value("2026-12-25")
    expect(page.get_by_role("checkbox", name="Sunday")).not_to_be_checked()


def nobody_leaves_what_is_not_saved_unasked(page: Page) -> None:
    """Neither to another page nor to another source; who stays has lost nothing."""
    asked = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_role("link", name="Alerts").click()
    page.get_by_role("combobox", name="Source").click()
    page.get_by_role("combobox", name="Source").press("ArrowDown")
    assert asked == ["Your changes are not saved yet. Leave without saving them?"] * 3
    expect(page.get_by_role("option")).to_have_count(0)
    page.remove_listener("dialog", stay)
    with page.expect_event("dialog") as leaving:
        page.evaluate("setTimeout(() => location.reload())")
    assert leaving.value.type == "beforeunload"
    leaving.value.dismiss()
    expect(page.get_by_role("heading", name="Helpline set-up")).to_be_visible()


def keeps_what_was_refused(page: Page) -> None:
    """A form is empty again once what was sent is accepted, and only then."""
    page.get_by_text("After a call at Harbor Line").click()
    name = page.get_by_role("textbox", name="Name in English")
    add = page.get_by_role("button", name="Add the outcome")
    name.fill("Left a note")
    add.click()
    expect(page.get_by_text("Added. Advisors can choose it from the next call.")).to_be_visible()
    expect(name).to_have_value("")
    name.fill("Left a note")
    add.click()
    expect(page.get_by_text("already has an outcome with that name")).to_be_visible()
    expect(name).to_have_value("Left a note")
