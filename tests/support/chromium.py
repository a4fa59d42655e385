"""A real browser, and what people do in it on many pages."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, Frame, Page, WebSocket, WebSocketRoute, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from leads.database.transactions import transaction
from leads.models.enums import AdvisorRole
from leads.people import sessions
from tests.support.running_desk import PATIENCE, Desk, add_advisor

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nobody else is ever reached
    "--renderer-process-limit=1",  # what one page compiled the next one need not
    # no page of a test lives long enough to be worth optimizing, and each is drawn again and again
    "--js-flags=--no-turbofan --no-maglev --always-sparkplug",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WCAG = {"runOnly": RULES, "resultTypes": ["violations"]}
ASK_AXE = "async (options) => (await axe.run(options)).violations"
SECONDS = 1000
UNFADED = (  # what is being drawn again
    "*{transition:none!important}[data-stale=true],[data-testid=stExpander] "
    "summary{opacity:1!important}"
)
WATCH_FOR_TWINS = """() => {
  window.twins = new Set()
  const look = () => {
    const seen = new Set()
    for (const part of document.querySelectorAll("h1, h2, summary, [data-testid=stPageLink]")) {
      const words = part.textContent
      if (seen.has(words)) window.twins.add(words)
      seen.add(words)
    }
  }
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true })
}"""


class Traffic:
    """What a page says to the server and hears of changes."""

    def __init__(self, page: Page) -> None:
        self.reruns, self.told = 0, []
        page.on("websocket", self._watch)

    def _watch(self, socket: WebSocket) -> None:
        if "/live" in socket.url:
            socket.on("framereceived", lambda frame: self.told.append(json.loads(frame)["changed"]))
        else:
            socket.on("framesent", self._sent)

    def _sent(self, _frame: bytes) -> None:
        self.reruns += 1


class SlowLine:
    """The line between a page and Streamlit, on which what the server says may be held back."""

    def __init__(self, page: Page) -> None:
        self._page, self._held = page, list[bytes]()
        self._is_held = False
        page.route_web_socket(re.compile("/_stcore/stream"), self._connect)

    @contextlib.contextmanager
    def hold_back(self) -> Iterator[None]:
        """Keep the browser from what the server says meanwhile."""
        self._is_held = True
        yield
        self._is_held = False
        while self._held:
            self._browser.send(self._held.pop(0))

    def count_runs(self) -> int:
        """How many runs of the page ended of which the browser does not know yet."""
        self._page.title()  # what came is heard of in between
        said = (ForwardMsg.FromString(one).WhichOneof("type") for one in self._held)
        return sum(kind == "script_finished" for kind in said)

    def _connect(self, browser: WebSocketRoute) -> None:
        self._browser, server = browser, browser.connect_to_server()
        browser.on_message(server.send)
        server.on_message(self._deliver)

    def _deliver(self, said: bytes) -> None:
        if self._is_held:
            self._held.append(said)
        else:
            self._browser.send(said)


def sign_in(page: Page, desk: Desk, role: AdvisorRole, *, at: str = "") -> None:
    """Come in as Advisor 1, past the form: other journeys go through it."""
    come_in(page, desk, opened_session("Advisor 1", 1, role)[1], at=at)


def signed_in(page: Page, desk: Desk, name: str) -> int:
    advisor_id, secret = opened_session(name)
    come_in(page, desk, secret)
    return advisor_id


def opened_session(
    name: str, number: int = 2, role: AdvisorRole = AdvisorRole.ADVISOR
) -> tuple[int, str]:
    now = datetime.now(UTC)
    with transaction() as session:
        advisor = add_advisor(session, number, now=now, role=role)
        advisor.name = name
        return advisor.id, sessions.start_session(session, advisor, now=now)


def come_in(page: Page, desk: Desk, secret: str, *, at: str = "") -> None:
    """Sit down at a computer with a session that is open.

    `at`: the page to begin with, if it is not one's desk; what is seen there says who came for it.
    """
    page.context.add_cookies([{"name": "ringback", "value": secret, "url": desk.url}])
    page.goto(f"{desk.url}/{at}")
    if not at:
        expect(page.get_by_role("heading", name="My desk")).to_be_visible()


def open_by_link(page: Page, address: str) -> None:
    """Go to a page as whoever is there already does: by its link, in sight or not."""
    link = page.get_by_test_id("stSidebarNav").locator(f'a[href="{address}"]')
    link.evaluate("link => link.click()")
    expect(page).to_have_url(re.compile(rf"{re.escape(address)}(\?|$)"))


@contextlib.contextmanager
def another(browser: Browser, *, locale: str = "en-US") -> Iterator[Page]:
    context = browser.new_context(timezone_id="America/New_York", locale=locale, bypass_csp=True)
    context.set_default_timeout(PATIENCE * SECONDS)
    yield context.new_page()
    context.close()


def fill_out_the_form(visitor: Page, desk: Desk, *, is_open: bool = False) -> None:
    if not is_open:
        visitor.goto(desk.form_url())
    fill_in_the_form(visitor)
    visitor.get_by_role("button", name="Call me").click()
    expect(visitor.get_by_role("heading", name="Thank you. We have your request.")).to_be_visible()


def fill_in_the_form(visitor: Page) -> None:
    """Answer every question of the hosted form, and send nothing yet."""
    visitor.get_by_label("For myself").check()
    visitor.get_by_label("What should we call you?").fill("Jordan")
    visitor.get_by_label("Your phone number").fill("(315) 555-0142")
    visitor.get_by_label(re.compile("at any hour")).check()
    for question in ("to call", "to leave a voicemail", "to send a text"):
        asked = visitor.get_by_role("radiogroup", name=re.compile(f"safe {question}"))
        asked.get_by_label("Yes").check()
    visitor.get_by_label(re.compile("I ask")).check()


def press_key(page: Page, key: str, button: str) -> None:
    """Press the key of a button, once the button is there to be pressed.

    What is above a button is drawn before it, and a key that nothing listens to yet is lost.
    """
    expect(page.get_by_role("button", name=button)).to_be_enabled()
    page.keyboard.press(key)


def choose(page: Page, label: str, option: str | re.Pattern[str]) -> None:
    """Choose from a list by the keyboard: a list closes when the page scrolls or is drawn again."""
    box, wanted = page.get_by_role("combobox", name=label), page.get_by_role("option", name=option)
    for _try in range(10):
        if box.get_attribute("aria-expanded") != "true":
            box.press("ArrowDown")
        with contextlib.suppress(Error):
            wanted.click(timeout=SECONDS)
            return
    wanted.click()


def problems_of(page: Page | Frame) -> list[Any]:
    """Return what keeps people from using a page, whatever of it is just being drawn again."""
    wait_until_shown(page)
    page.add_style_tag(content=UNFADED)
    return broken_rules(page, WCAG)


def broken_rules(page: Page | Frame, options: dict[str, Any]) -> list[Any]:
    """Return what axe finds; a page that was looked at before has it already."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    violations: list[Any] = page.evaluate(ASK_AXE, options)
    return violations


def wait_until_shown(page: Page | Frame) -> None:
    """Wait until a page that was opened stands: before, nobody sees it, and axe reads nothing."""
    expect(page.locator("html.arriving")).to_have_count(0)


def watch_for_twins(page: Page) -> None:
    """Notice, until the page is left, every part that stands on it twice, however shortly."""
    page.evaluate(WATCH_FOR_TWINS)


def twins_of(page: Page) -> list[str]:
    """What stood on the page twice since somebody watches."""
    twins: list[str] = page.evaluate("[...window.twins]")
    return twins


def settled(page: Page) -> bool:
    app = page.locator(
        "html:not(.arriving) [data-testid=stApp][data-test-script-state=notRunning]"
        "[data-test-connection-state=CONNECTED]"
    )
    return app.count() == 1
