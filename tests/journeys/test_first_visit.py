"""Pages come small, stand still while they are drawn, and without an error."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from leads.database.transactions import transaction
from leads.models.enums import AdvisorRole
from tests.bench import pages
from tests.support.chromium import sign_in
from tests.support.people import a_callback
from tests.support.running_desk import Desk

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    "paths",
    [
        ("/report",),  # the largest
        pytest.param(("/", "/incidents", "/setup?topic=connect"), marks=pytest.mark.soak),
    ],
)
def test_a_first_visit_is_small_and_nothing_jumps(
    desk: Desk, page: Page, browser: Browser, paths: tuple[str, ...]
) -> None:
    _somebody_waits()
    sign_in(page, desk, AdvisorRole.SUPERVISOR)
    state = page.context.storage_state()
    for path in paths:
        seen = pages.visit_cold(browser, state, desk.url + path)
        assert seen.problems == []
        assert seen.shift <= 0.1
        assert seen.kilobytes <= 1536, path


def test_whatever_a_page_asks_of_others_is_noticed(desk: Desk, page: Page) -> None:
    page.goto(f"{desk.url}/health/live")
    with page.expect_event("requestfailed"):
        page.evaluate("document.write('<img src=https://elsewhere.example/a.png>')")
    assert page.foreign == ["https://elsewhere.example/a.png"]


def test_nothing_moves_on_a_page_that_is_opened_by_a_click(desk: Desk, page: Page) -> None:
    _somebody_waits()
    page.add_init_script(pages.WATCH_SHIFTS)
    sign_in(page, desk, AdvisorRole.SUPERVISOR)
    paths = [f"{desk.url}/{name}" for name in ("work", "report", "setup")]
    assert [pages.visit_warm(page, path, paths, clicks=1).shift for path in paths] == [0, 0, 0]


def test_a_press_while_the_page_is_drawn_again_is_not_lost(desk: Desk, page: Page) -> None:
    _somebody_waits()
    sign_in(page, desk, AdvisorRole.SUPERVISOR, at="report")
    tile = page.locator(".st-key-tile-Requests-received").get_by_role("button").last
    tile.wait_for()
    page.keyboard.press("r")  # all of the page, and then a part of it
    tile.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.goto(f"{desk.url}/work")
    key = page.get_by_role("list").locator("[data-key]").first.get_attribute("data-key")
    _somebody_waits()  # of which the page is told at once, and draws the list
    page.keyboard.press("r")
    page.locator(f"[data-key={key}]").get_by_role("button").click()
    expect(page).to_have_url(re.compile(f"row={key}"))


def _somebody_waits() -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        a_callback(session, received_at=now, promised_at=now, any_hour=True)
