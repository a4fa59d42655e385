"""How long a supervisor waits for a work list of 500 rows: read, on record as seen, and drawn.

Its first rows are shown; all are counted.

`make bench` runs it. The database has the rows before the desk starts; the page is reached by a
click on another page, as it is in a shift.
"""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime

from playwright.sync_api import Page, sync_playwright
from sqlmodel import Session

from leads.database.transactions import reader, transaction
from leads.models.advisors import Advisor
from leads.models.enums import AdvisorRole
from leads.people import looks, sessions
from leads.read_models import work_list
from leads.read_models.callback_board import ROWS_AT_ONCE
from tests.bench.form_to_call import database
from tests.support.browser_contexts import find_browser
from tests.support.chromium import FLAGS
from tests.support.people import MINUTE, a_callback, a_lead
from tests.support.running_desk import add_advisor, running_desk

ROWS, READINGS = 500, 5


def main() -> None:
    """Print the median of several readings, and the slowest."""
    print(
        f"{'work list, milliseconds: median (slowest)':<48}{'read':>16}{'looks':>16}{'drawn':>16}",
        flush=True,
    )
    for name in ("sqlite", "postgresql"):
        with database(name) as address:
            advisor_id, secret = fill_work_list(rows=ROWS)
            read, looked = measure_reading(advisor_id), measure_looks(advisor_id)
            drawn = measure_drawing(address, secret, rows=min(ROWS, ROWS_AT_ONCE))
        print(f"{name:<48}{as_text(read):>16}{as_text(looked):>16}{as_text(drawn):>16}", flush=True)


def fill_work_list(*, rows: int) -> tuple[int, str]:
    """Give a helpline this many people to call; returns a supervisor and their session's secret."""
    now = datetime.now(UTC)
    with transaction() as session:
        for number in range(rows):
            _waiting_callback(session, now, number)
        supervisor = add_advisor(session, 1, now=now, role=AdvisorRole.SUPERVISOR)
        return supervisor.id, sessions.start_session(session, supervisor, now=now)


def measure_reading(advisor_id: int) -> list[float]:
    """Return how long it took each time to read the list, in milliseconds."""
    took = []
    for _reading in range(READINGS):
        with reader() as session:
            person = session.get_one(Advisor, advisor_id)
            began = time.perf_counter()
            work_list.read_work_list(session, person, now=datetime.now(UTC))
            took.append((time.perf_counter() - began) * 1000)
    return took


def measure_looks(advisor_id: int) -> list[float]:
    """Return how long it took each time to write down whom the list shows, in milliseconds.

    A page does so once an hour for each person, before they are drawn.
    """
    took = []
    for _reading in range(READINGS):
        with reader() as session:
            person = session.get_one(Advisor, advisor_id)
            shown = work_list.read_work_list(session, person, now=datetime.now(UTC))
        began = time.perf_counter()
        found = looks.find_looks(shown)
        with transaction() as session:
            person = session.get_one(Advisor, advisor_id)
            looks.record_looks(session, person, found, now=datetime.now(UTC))
        took.append((time.perf_counter() - began) * 1000)
    return took


def measure_drawing(address: str, secret: str, *, rows: int) -> list[float]:
    """Return how long it took each time from the click to the last row, in milliseconds."""
    with running_desk(address, PHONE="log") as desk, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.context.add_cookies([{"name": "ringback", "value": secret, "url": desk.url}])
        page.goto(f"{desk.url}/work")
        _wait_for_rows(page, rows)
        took = []
        for _reading in range(READINGS):
            _open_page(page, "Colleagues")
            page.get_by_role("heading", name="Colleagues").wait_for()
            began = time.perf_counter()
            _open_page(page, "Work list")
            _wait_for_rows(page, rows)
            took.append((time.perf_counter() - began) * 1000)
        browser.close()
    return took


def as_text(took: list[float]) -> str:
    """Return the median, and the slowest beside it."""
    return f"{statistics.median(took):.0f} ({max(took):.0f})"


def _waiting_callback(session: Session, now: datetime, number: int) -> None:
    at = now + (number % 90 - 30) * MINUTE  # some are overdue, some due, some planned
    lead = a_lead(session, name="Jordan Reyes")
    a_callback(session, lead, received_at=at, promised_at=at, due_at=at)


def _open_page(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()


def _wait_for_rows(page: Page, rows: int) -> None:
    page.locator(".row").nth(rows - 1).wait_for()


if __name__ == "__main__":
    main()
