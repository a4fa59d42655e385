"""How long a supervisor waits for pages, in Chromium, on a desk with the demo's leads.

`make bench` runs it. Warm is a click in the navigation, the median of five; cold is a first visit
by address, with when anything is there to read. A page is drawn when its run is over and nothing
of the last page is left.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from leads.commands import demo_data
from tests.bench.form_to_call import database
from tests.support.browser import find_browser
from tests.support.running_desk import running_desk

CLICKS = 5
SETTLE = 300  # milliseconds in which what comes late would move a page that is drawn
SIZE: Any = {"width": 1440, "height": 900}
WATCH_SHIFTS = """
window.shifted = 0
new PerformanceObserver(list => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value
}).observe({ type: "layout-shift", buffered: true })
"""
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
UNTIL_DRAWN = """
  const isDrawn = () =>
    document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]")
    && !document.querySelector("[data-stale=true], [data-testid=stSkeleton]")
    && document.querySelector("[data-testid=stMain] h1")
    && !document.documentElement.classList.contains("arriving")
  while (!isDrawn()) await new Promise(requestAnimationFrame)
"""
CLICK_AND_WAIT = f"""async link => {{
  const began = performance.now()
  link.click()
  while (location.pathname !== new URL(link.href).pathname) await new Promise(requestAnimationFrame)
  await new Promise(resolve => setTimeout(resolve, 50))  // the run has begun
  {UNTIL_DRAWN}
  return performance.now() - began
}}"""


@dataclass
class Visit:
    """What a browser saw of one page."""

    milliseconds: list[float]
    shift: float
    first_paint: float = 0
    kilobytes: float = 0
    problems: list[str] = field(default_factory=list)


def main() -> None:
    """Print one line for each page, cold and warm."""
    with database("sqlite") as address:
        known = demo_data.fill_demo_database(now=datetime.now(UTC))
        with running_desk(address, PHONE="log") as desk, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=find_browser(), args=["--no-sandbox"]
            )
            page = _sign_in(browser, desk.url, known)
            paths = [
                link.get_attribute("href") or ""
                for link in page.get_by_test_id("stSidebarNav").get_by_role("link").all()
                if not (link.get_attribute("href") or "").endswith("/wall")  # nothing leads on
            ]
            state = page.context.storage_state()
            cold_titles = f"{'first ms':>10}{'cold ms':>9}{'shift':>8}{'KiB':>7}"
            print(f"{'page':<16}{cold_titles}{'warm ms':>10}{'shift':>8}")
            for path in paths:
                cold, warm = visit_cold(browser, state, path), visit_warm(page, path, paths)
                print(
                    f"{path.rsplit('/', 1)[-1] or 'desk':<16}{cold.first_paint:>10.0f}"
                    f"{cold.milliseconds[0]:>9.0f}"
                    f"{cold.shift:>8.3f}{cold.kilobytes:>7.0f}"
                    f"{statistics.median(warm.milliseconds):>10.0f}{warm.shift:>8.3f}",
                    *cold.problems,
                    flush=True,
                )
            browser.close()


def visit_cold(browser: Browser, state: Any, path: str) -> Visit:
    """Open a page by its address in a browser that has never been here."""
    context = browser.new_context(viewport=SIZE, storage_state=state, bypass_csp=True)
    context.add_init_script(WATCH_SHIFTS)
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "response",
        lambda answer: (
            problems.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None
        ),
    )
    received: list[float] = []
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda one: received.append(one["encodedDataLength"]))
    page.goto(path, wait_until="commit")
    drawn = page.evaluate(f"async () => {{ {UNTIL_DRAWN}; return performance.now() }}")
    page.wait_for_timeout(1500)
    shift, first_paint = page.evaluate(f"[window.shifted, {FIRST_PAINT}]")
    context.close()
    return Visit([drawn], shift, first_paint, sum(received) / 1024, problems)


def visit_warm(page: Page, path: str, paths: list[str], *, clicks: int = CLICKS) -> Visit:
    """Come to a page from another one, by clicks in the navigation; the worst shift counts."""
    other = next(one for one in paths if one != path)
    took, shift = [], 0.0
    for _ in range(clicks):
        _click(page, other)
        page.wait_for_timeout(SETTLE)
        page.evaluate("window.shifted = 0")
        took.append(_click(page, path))
        page.wait_for_timeout(SETTLE)
        shift = max(shift, page.evaluate("window.shifted"))
    return Visit(took, shift)


def _click(page: Page, path: str) -> float:
    link = page.get_by_test_id("stSidebarNav").locator(f'a[href="{path}"]')
    took: float = link.evaluate(CLICK_AND_WAIT)
    return took


def _sign_in(browser: Browser, url: str, known: dict[str, str]) -> Page:
    context = browser.new_context(viewport=SIZE, bypass_csp=True)
    context.add_init_script(WATCH_SHIFTS)
    page = context.new_page()
    page.goto(f"{url}/login")
    page.get_by_label("E-mail address").fill(known["sign_in"])
    page.get_by_label("Password").fill(known["password"])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_test_id("stSidebarNav").get_by_role("link").first.wait_for()
    return page


if __name__ == "__main__":
    main()
