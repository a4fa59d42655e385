"""What supervisors do with the service report, and what a television shows, in real Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlmodel import select

from leads.audit.audit_list import REPORT_RECORD
from leads.database.transactions import reader, transaction
from leads.i18n.messages import own_words
from leads.models.advisors import SignIn
from leads.models.audit import AuditEntry
from leads.models.enums import AdvisorRole
from tests.support.chromium import choose, problems_of, settled, sign_in
from tests.support.people import HOUR, MINUTE, a_callback, a_lead, an_attempt
from tests.support.running_desk import Desk, add_advisor, eventually

TILES = {
    "Called within {target}": ("Called on time", 2),
    "Median time to first call": ("Called", 3),
    "Median time to reach": ("Reached", 1),
    "Reached so far": ("Reached", 1),
    "Requests received": ("Requests received", 6),
    "Still open": ("Still open", 2),
    "Not called yet": ("Not called yet", 3),
    "Closed without contact": ("Closed without contact", 2),
    "In calling hours": ("Called on time, in calling hours", 2),
    "Median, in calling hours": ("Called", 3),
}

ONE_OF_EACH_KIND = (  # a share, a percentile in calling hours, a count
    "Called within {target}",
    "Median, in calling hours",
    "Requests received",
)
LINES = {
    "Outcomes": {
        "Called within 15-60 min: 1 ": ("Called within 15-60 min", 1),
        "Helped: 1 ": ("Helped", 1),
        "sent twice: 1 ": ("sent twice", 1),
        "3 of 6 people have not been called": ("Not called yet", 3),
    },
    "Calls and advisors": {
        "1 of 2 attempts": ("Answer rate", 1),
        "1 of 3 calls offered": ("Calls missed or passed", 1),
        ".*Longest time": ("Longest time without a first call", 1),
    },
}
"""What else opens a list, by its tab: how its button begins, the figure, and how many it shows."""
ONE_OF_EACH_PLACE = {"Helped: 1 ", "1 of 2 attempts", ".*Longest time"}

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("labels", "beginnings"),
    [
        (ONE_OF_EACH_KIND, ONE_OF_EACH_PLACE),
        pytest.param(TILES, set().union(*LINES.values()), marks=pytest.mark.soak),
    ],
)
def test_every_tile_opens_the_people_it_counts(
    desk: Desk, page: Page, labels: Iterable[str], beginnings: set[str]
) -> None:
    _six_people()
    sign_in(page, desk, AdvisorRole.SUPERVISOR, at="report")
    expect(page.get_by_role("heading", name="Service report")).to_be_visible()
    for label in labels:
        figure, count = TILES[label]
        tile = page.locator(f".st-key-tile-{re.sub(r'[^A-Za-z0-9]', '-', label)}")
        if label == figure:
            expect(tile.get_by_test_id("stMetricValue")).to_have_text(str(count))
        _opens(page, tile.get_by_role("button").last, figure, count)
    page.get_by_role("img", name="Minutes to first call by day").wait_for()
    page.get_by_text("Show as a table").first.click()
    expect(page.get_by_role("rowheader", name="15", exact=True)).to_be_visible()
    page.locator(".heatmap").get_by_role("button").first.click()
    opened = page.get_by_role("dialog")
    expect(opened.locator("[role=grid]")).to_have_attribute("aria-rowcount", "7")  # and its head
    page.keyboard.press("Escape")
    for tab, lines in LINES.items():
        page.get_by_role("tab", name=tab).click()
        for beginning in beginnings & lines.keys():
            button = page.get_by_role("button", name=re.compile(f"^{beginning}"))
            _opens(page, button.last, *lines[beginning])
    page.get_by_role("tab", name="Breakdown").click()
    page.get_by_role("region", name="Figures by group").get_by_role("button", name="6").click()
    expect(page.get_by_role("dialog").get_by_text(re.compile(", Requests.*: 6"))).to_be_visible()
    page.keyboard.press("Escape")

    # The filters are in the address, and what comes down is written on the click.
    choose(page, "Target", re.compile(r"^1 min$"))
    expect(page.get_by_text("Called within 1 min").first).to_be_visible()
    expect(page).to_have_url(re.compile("target=1"))
    page.reload()
    expect(page.get_by_text("Called within 1 min").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV, one row").click()
    assert len(Path(download.value.path()).read_text("utf-8").splitlines()) == 7
    with page.expect_download() as download:
        page.get_by_role("button", name="Printable page").click()
    printed = page.context.new_page()
    printed.set_content(Path(download.value.path()).read_text("utf-8"))
    expect(printed.get_by_role("heading", name="Service report")).to_be_visible()
    assert problems_of(printed) == []
    printed.close()
    both_are_on_record()

    # It leaves the building: whoever left the page open long ago confirms first that it is them.
    with transaction() as session:
        for row in session.exec(select(SignIn)):
            row.proven_at = datetime.now(UTC) - timedelta(minutes=10)
    page.reload()
    expect(page.get_by_role("link", name="Confirm that it is you")).to_be_visible()
    expect(page.get_by_role("button", name="CSV, one row")).to_have_count(0)

    # Of one advisor: whom she rang first, and it says who is not among them.
    page.goto(f"{desk.url}/report?advisor=Ana+Ruiz")
    expect(page.get_by_text("Only people Ana Ruiz was the first to call")).to_be_visible()
    expect(
        page.locator(".st-key-tile-Requests-received").get_by_test_id("stMetricValue")
    ).to_have_text("2")
    assert page.foreign == []


@pytest.mark.soak  # one that hears at once, and one that stands still, are in test_wallboard.py
def test_a_television_shows_who_waits_and_goes_on_after_a_night_of_restarts(
    desk: Desk, page: Page
) -> None:
    page.set_viewport_size({"width": 1920, "height": 1080})
    sign_in(page, desk, AdvisorRole.SUPERVISOR, at="wall")
    waiting = page.locator(".wall section").first
    expect(waiting).to_contain_text(re.compile(r"Waiting now\s*0"))
    assert (
        waiting.locator("strong").evaluate("it => parseFloat(getComputedStyle(it).fontSize)") > 180
    )
    assert page.locator(".wall").evaluate("it => it.getBoundingClientRect().bottom <= innerHeight")
    with transaction() as session:
        a_callback(session, received_at=_now() - 7 * MINUTE, due_at=_now() - MINUTE)
    expect(waiting).to_contain_text(re.compile(r"Waiting now\s*1"), timeout=3000)
    expect(page.get_by_text("too long for a first call")).to_be_visible()
    desk.stop(kill=True)
    desk.start()
    with transaction() as session:
        a_callback(session, received_at=_now(), due_at=_now())
    expect(waiting).to_contain_text(re.compile(r"Waiting now\s*2"))
    assert page.foreign == []


def both_are_on_record() -> None:
    with reader() as session:
        taken = session.exec(select(AuditEntry).where(AuditEntry.record == REPORT_RECORD)).all()
    assert [(one.kind, one.view) for one in taken] == [("export", "report"), ("print", "report")]
    assert all(one.sign_in_id and one.address and one.browser for one in taken)


def _opens(page: Page, button: Locator, figure: str, count: int) -> None:
    eventually(lambda: settled(page))  # a click on a page that is just drawn again may be lost
    button.click()
    opened = page.get_by_role("dialog")
    expect(opened.get_by_text(f"{figure}: {count}", exact=True)).to_be_visible()
    expect(opened.locator("[role=grid]")).to_have_attribute("aria-rowcount", str(count + 1))
    page.keyboard.press("Escape")
    expect(opened).to_have_count(0)


def _six_people() -> None:
    """Two in time, one of them helped; one late and given up; one given up unrung.

    Two still waiting.

    Ana rang two of them first, and let an offer pass.
    """
    asked = {"received_at": _now() - HOUR, "promised_at": _now() - HOUR, "any_hour": True}
    soon, late = {"first_rung_at": _now() - 58 * MINUTE}, {"first_rung_at": _now() - 30 * MINUTE}
    talked = {"first_conversation_at": _now() - 57 * MINUTE, "disposition": "helped"}
    over, hold = {"finished_at": _now() - 20 * MINUTE}, {"hold": "Somebody looks first."}
    with transaction() as session:
        helped = a_callback(
            session, a_lead(session), **asked, **soon, **talked, **over, state="completed"
        )
        a_callback(
            session, a_lead(session), **asked, **soon, **over, state="cancelled", withdrawn=True
        )
        given_up = a_callback(session, a_lead(session), **asked, **late, **over, state="exhausted")
        a_callback(
            session,
            a_lead(session),
            **asked,
            **over,
            state="cancelled",
            close_reason="cancelled",
            close_note=own_words("sent twice"),
        )
        for _ in range(2):
            a_callback(session, a_lead(session), **asked, **hold)
        ana = add_advisor(session, 7, now=_now())
        ana.name, passed = (
            "Ana Ruiz",
            {"requested_at": asked["received_at"], "ended_at": asked["received_at"]},
        )
        an_attempt(session, helped, ana, state="missed", result="advisor_declined", **passed)
        for callback, result in ((helped, "conversation"), (given_up, "lead_busy")):
            at = callback.first_rung_at
            an_attempt(
                session,
                callback,
                ana,
                state="ended",
                result=result,
                requested_at=at,
                rung_at=at,
                ended_at=at,
            )


def _now() -> datetime:
    return datetime.now(UTC)
