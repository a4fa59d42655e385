"""Every page as it is on a full day: drawn, readable by everybody, and who opened it on record.

`make screenshots` keeps it as a picture in docs/screens, as a supervisor sees it; without it the
same walk only looks, as an admin.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from dashboard.http import framework_words
from leads.commands import demo_data
from leads.database.transactions import reader, transaction
from leads.models.advisors import Advisor
from leads.models.audit import AuditEntry
from leads.models.calls import Callback
from leads.models.enums import AdvisorRole
from leads.models.requests import Consent, Lead, Submission
from leads.people import presence
from leads.phone_numbers import mask_phone
from tests.support.chromium import UNFADED, broken_rules, open_by_link, wait_until_shown
from tests.support.running_desk import running_desk
from tests.support.source_files import ROOT

SCREENS = ROOT / "docs" / "screens"
IS_ASKED = bool(os.environ.get("SCREENSHOTS"))
WIDE, NARROW = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
AXE = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
}
CONTRAST = {**AXE, "runOnly": ["color-contrast"]}  # what the other theme can change
PLAIN_PAGES = ("/second-factor", "/account")
READ_WIDE_BY_OTHERS = {  # in light, by journeys, as people work there
    *("desk", "calls", "new", "work", "lead", "wall", "setup", "colleagues")
}
SHOW_PEOPLE = {"calls", "work", "incidents"}
NO_PERSON = {"wall", "report", "setup", "alerts", "colleagues", "shifts", "audit", "new"}
ENGLISH = re.compile(  # what no Spanish sentence has in it
    r"\b(?:the|and|with|for|from|of|is|are|was|were|not|by|at|who|their|they|you|your|this|that|or"
    r"|if|be|AM|PM|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|\d+ (?:hours|minutes|days))\b"
)
WORDS, ATTRIBUTES = (
    set(framework_words.WORDS),
    ["aria-label", "aria-valuetext", "placeholder", "title"],
)
NAMED = ", ".join(f"[{name}]" for name in ATTRIBUTES)
FRAMED = re.compile(
    "|".join(re.escape(one).replace(r"\{label\}", ".+") for one in framework_words.FRAMES)
)
ICON = re.compile(r"\w+ icon\b|\b[a-z]+(?:_[a-z]+)+\b")
"""The name of a drawing: "person icon", "call_received"."""
LEADS_TO = re.compile(r"/url: .*")
"""Where a link leads, which nobody reads out."""
TEXTS = """body => {
  const texts = document.createTreeWalker(body, NodeFilter.SHOW_TEXT), found = []
  while (texts.nextNode()) found.push(texts.currentNode.nodeValue)
  return found
}"""
FAINT_EDGES = """() => {
  const part = (one) => one <= 10 ? one / 255 / 12.92 : ((one / 255 + .055) / 1.055) ** 2.4
  const light = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map(part)
    return .2126 * r + .7152 * g + .0722 * b + .05
  }
  const ground = light(getComputedStyle(document.querySelector(".stApp")).backgroundColor)
  const edges = "[data-testid=stTextInputRootElement], [data-testid=stTextAreaRootElement], "
    + ".stSelectbox [role=group], [data-testid=stDateInputField], "
    + "[data-testid=stRadioOption]:not(:has(:checked)) > div > div:first-child, "
    + ".stCheckbox label:not(:has(:checked, [role=switch])) > span + div"
  return [...document.querySelectorAll(edges)]
    .filter((one) => one.checkVisibility() && !one.matches(":focus-within, :has(:disabled)"))
    .filter((one) => {
      const edge = light(getComputedStyle(one).borderTopColor)
      return Math.max(edge, ground) / Math.min(edge, ground) < 3
    }).map((one) => one.outerHTML.slice(0, 200))
}"""
SCROLLED_TABLES = """() => [...document.querySelectorAll(".plain-table:not(.heatmap)")]
  .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.ariaLabel)"""
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
WENT_WRONG = "[data-testid=stException], :text('Something went wrong here')"


@pytest.mark.parametrize("in_every_look", [False, pytest.param(True, marks=pytest.mark.soak)])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_page_is_drawn_and_can_be_read_by_everybody(
    database: str, page: Page, *, in_every_look: bool
) -> None:
    now = datetime.now(UTC)
    known = demo_data.fill_demo_database(now=now)
    with transaction() as session:
        for advisor in session.exec(select(Advisor).order_by(Advisor.id)).all()[:3]:
            presence.take_off_duty(session, advisor, now=now)
        if not IS_ASKED:
            known["sign_in"] = _let_a_caller_be_admin_of_people_without_namesakes(session)
        waiting = session.exec(select(Callback).where(Callback.state == "waiting")).first()
        written = _written_by_people(session)
        opened = (f"/lead?lead={waiting.lead_id}", f"/work?row=callback-{waiting.id}")
    with running_desk(database, PHONE="log") as desk:
        page.set_viewport_size(WIDE)
        page.goto(f"{desk.url}/login")
        found = {"sign-in": _problems(page, "sign-in-light")}
        seen: defaultdict[str, str] = defaultdict(str)
        page.get_by_label("E-mail address").fill(known["sign_in"])
        page.get_by_label("Password").fill(known["password"])
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="My desk")).to_be_visible()
        page.mouse.move(WIDE["width"] - 1, 0)  # nothing is shown as it is under a pointer
        paths = [
            link.get_attribute("href")
            for link in page.get_by_test_id("stSidebarNav").get_by_role("link").all()
        ]
        assert len(paths) >= 8
        paths += [f"{desk.url}{path}" for path in PLAIN_PAGES]
        paths += [f"{desk.url}{path}" for path in opened]
        if IS_ASKED:
            _picture(page, paths)
            _open(page, desk.url)
        page.get_by_role("button", name="Español").click()
        expect(page.get_by_role("link", name="Mi escritorio")).to_be_visible()
        page.mouse.move(WIDE["width"] - 1, 0)
        for path in paths if in_every_look else ():
            _go(page, path)
            found[f"{path} light"] = _problems(page)
            found[f"{path} wide and dark"] = _hard_to_read(page, "dark")
        page.set_viewport_size(NARROW)
        page.emulate_media(color_scheme="dark")
        _open(
            page, desk.url
        )  # loaded anew: a navigation that was open beside a page would lie upon it
        for path in paths:
            _go(page, path)
            found[f"{path} dark"] = _problems(page, f"{_name(path)}-dark")
            if in_every_look:
                found[f"{path} narrow and light"] = _hard_to_read(page, "light")
            seen[urlsplit(path).path.strip("/") or "desk"] += _said_in_spanish(page, path, written)
            _fits_a_phone(page, path)
            if not in_every_look and _name(path) not in READ_WIDE_BY_OTHERS:
                found[f"{path} wide and light"] = _problems_where_it_is_wide(page)
        assert {where: problems for where, problems in found.items() if problems} == {}
        assert page.foreign == []
        assert "A page failed" not in desk.printed()
    if not IS_ASKED:
        _whoever_is_named_is_on_record(seen)


def _let_a_caller_be_admin_of_people_without_namesakes(session: Session) -> str:
    """Return how somebody signs in who may open every page and has had calls."""
    for lead in session.exec(select(Lead)):
        lead.name = f"Xavi{lead.id} Kray{lead.id}"
    caller = session.exec(select(Advisor).order_by(Advisor.id)).first()
    caller.role = AdvisorRole.ADMIN
    return caller.email


def _whoever_is_named_is_on_record(seen: dict[str, str]) -> None:
    """Whoever stands on a page is in the audit log as seen there, and nobody else."""
    with reader() as session:
        leads = session.exec(select(Lead)).all()
        entries = session.exec(select(AuditEntry).where(AuditEntry.record == "lead")).all()
    logged = {(entry.view, int(entry.record_id)) for entry in entries}
    named = {(view, lead.id) for view, text in seen.items() for lead in leads if _named(lead, text)}
    assert named - logged == set()
    assert {view for view, _lead in named} >= {"lead", *SHOW_PEOPLE}
    assert {view for view, _lead in logged} & NO_PERSON == set()
    assert {entry.address for entry in entries} == {"127.0.0.1"}


def _named(lead: Lead, text: str) -> bool:
    """Whether a page names a lead, as lists do or in full."""
    return lead.name in text or f"{lead.name.split()[0]} · {mask_phone(lead.phone)}" in text


def _said_in_spanish(page: Page, path: str, written: list[str]) -> str:
    """Return what a page says to whoever cannot see it: no English, and no name of a drawing."""
    expect(page.locator("html")).to_have_attribute("lang", "es")
    assert _english_of(page, written) == [], path
    assert _framework_words_of(page) == [], path
    said = LEADS_TO.sub("", page.locator("body").aria_snapshot())
    assert ICON.findall(said) == [], path
    return said


def _fits_a_phone(page: Page, path: str) -> None:
    assert page.evaluate(SCROLLED_TABLES) == [], path
    if not path.endswith(PLAIN_PAGES):
        assert page.evaluate(FAINT_EDGES) == [], path
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert page.evaluate(
        "(e => !e || e.scrollWidth <= e.clientWidth)(document.querySelector('#stMain'))"
    ), path


def _written_by_people(session: Session) -> list[str]:
    """What visitors wrote, and what their forms said: shown as it was."""
    messages = [one.reading.get("message") for one in session.exec(select(Submission))]
    wordings = session.exec(select(Consent.wording)).all()
    return sorted({str(one) for one in (*messages, *wordings) if one}, key=len, reverse=True)


def _english_of(page: Page, written: list[str]) -> list[str]:
    """What a Spanish page says in English, its components included."""
    said = "\n".join(page.get_by_text(ENGLISH).all_inner_texts())
    for words in written:
        said = said.replace(words, "")
    return [line for line in said.splitlines() if ENGLISH.search(line)]


def _framework_words_of(page: Page) -> list[str]:
    """What a Spanish page says or names in Streamlit's own English, on the screen or off it."""
    named = page.locator(NAMED).evaluate_all(
        "(all, names) => all.flatMap((one) => names.map((name) => one.getAttribute(name)))",
        ATTRIBUTES,
    )
    said = page.locator("body").evaluate(TEXTS)
    told = {text.strip() for text in (*named, *said) if text}
    return sorted(text for text in told if text in WORDS or FRAMED.fullmatch(text))


def _picture(page: Page, paths: list[str]) -> None:
    for path in paths:
        _open(page, path)
        page.screenshot(path=SCREENS / f"{_name(path)}-light.png")


def _go(page: Page, path: str) -> None:
    """Open a page as whoever is there already does.

    From the navigation, if it has it, in sight or not.
    """
    if path.endswith(PLAIN_PAGES) or "?" in path:
        _open(page, path)
        return
    open_by_link(page, path)
    _is_drawn(page)


def _open(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.get_by_role("heading").first).to_be_visible()
    _is_drawn(page)


def _is_drawn(page: Page) -> None:
    if not page.url.endswith(PLAIN_PAGES):
        page.locator(IDLE).wait_for()
        expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    wait_until_shown(page)
    expect(page.locator(WENT_WRONG)).to_have_count(0)


def _problems(page: Page, name: str = "") -> list[Any]:
    """Return what keeps people from using this page.

    Takes its picture if somebody asked for it and it has a name.
    """
    if IS_ASKED and name:
        page.screenshot(path=SCREENS / f"{name}.png")
    page.add_style_tag(content=UNFADED)
    return _violations(page, AXE)


def _hard_to_read(page: Page, scheme: Any, options: Any = CONTRAST) -> list[Any]:
    """Return what another theme makes hard to read of an open page, which is then as it was."""
    ground = page.locator(".stApp, body:not(:has(.stApp))")
    before = ground.evaluate("one => getComputedStyle(one).backgroundColor")
    page.emulate_media(color_scheme=scheme)
    expect(ground).not_to_have_css("background-color", before)
    found = _violations(page, options)
    page.emulate_media(color_scheme="light" if scheme == "dark" else "dark")
    return found


def _problems_where_it_is_wide(page: Page) -> list[Any]:
    """Return what keeps people from using an open page wide and in light; then it is as before."""
    page.set_viewport_size(WIDE)
    found = _hard_to_read(page, "light", AXE)
    page.set_viewport_size(NARROW)
    return found


def _violations(page: Page, options: dict[str, Any]) -> list[Any]:
    rules = broken_rules(page, options)
    nodes = [(rule["id"], node["html"]) for rule in rules for node in rule["nodes"]]
    return [(rule, html[:200]) for rule, html in nodes]


def _name(path: str) -> str:
    page, _query, asked = path.rsplit("/", 1)[1].partition("?")
    return {"lead": "record", "row": "work-panel"}.get(asked.partition("=")[0], page) or "desk"
