"""The journeys that matter, in real Chromium."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Frame, Page, expect, sync_playwright
from sqlmodel import select

from leads import accounts, db, wording
from leads.embed import embed_line
from leads.models import AdvisorRole, Callback, Submission
from tests.desk import PASSWORD, Desk, add_advisor, eventually, running_desk
from tests.twilio_double import TwilioDouble

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SECONDS = 1000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(timezone_id="America/New_York", bypass_csp=True)
    context.set_default_timeout(20 * SECONDS)
    expect.set_options(timeout=20 * SECONDS)
    page = context.new_page()
    page.foreign = []
    page.on(
        "request", lambda r: page.foreign.append(r.url) if not r.url.startswith(("http://127", "data:", "blob:")) else 0
    )
    yield page
    context.close()


def test_a_newcomer_rings_somebody_by_hand_with_no_account_at_all(database: str, page: Page) -> None:
    with running_desk(database) as desk:
        # The start prints a link, good once, that makes the first supervisor.
        link = re.search(r"http\S+invitation=\S+", desk.printed()).group()
        page.goto(link)
        page.get_by_label("Your name").fill("Nora Quinn")
        page.get_by_label("E-mail address").fill("nora@example.org")
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("heading", name="My desk")).to_be_visible()
        expect(page.get_by_text("Nobody is waiting")).to_be_visible()
        page.get_by_role("button", name="I am available").click()
        expect(page.get_by_text("Available: you are rung")).to_be_visible()
        assert desk.http.get(link).text.count("used already or is too old") == 1

        # Somebody fills out the hosted form; it appears on the open desk by itself.
        visitor = page.context.new_page()
        fill_out_the_form(visitor, desk)
        expect(page.get_by_role("heading", name="Jordan")).to_be_visible()
        expect(page.get_by_text("Your turn")).to_be_visible()
        assert "555-0142" not in page.content()
        page.get_by_role("button", name="Show the number").click()
        expect(page.get_by_text("Ring (315) 555-0142 now")).to_be_visible()
        page.get_by_role("button", name="We talked").click()

        wrap_up(page)
        expect(page.get_by_text("Recorded. Thank you.")).to_be_visible()
        with db.reader() as session:
            callback = session.exec(select(Callback)).one()
        assert (callback.state, callback.disposition, callback.notes) == (
            "completed",
            "helped",
            "Will visit on Monday.",
        )

        # The report counts it, and opens the row behind the figure.
        page.get_by_role("link", name="Service report").click()
        expect(page.get_by_text("1 of 1 counted")).to_be_visible()
        expect(page.get_by_role("combobox", name="Figure")).to_have_value("Rung in time: 1")
        assert page.foreign == []
        assert "Jordan" not in desk.printed()
        assert "555" not in desk.printed()


def test_an_advisor_works_a_call_over_twilio_from_the_desk(desk: Desk, twilio: TwilioDouble, page: Page) -> None:
    webhook = desk.opens(advisors=0)
    sign_in(page, desk, AdvisorRole.ADVISOR)
    page.get_by_role("button", name="I am available").click()
    expect(page.get_by_text("Available: you are rung")).to_be_visible()
    desk.http.post(
        webhook,
        json={"name": "![x](http://x.example/) Jo", "phone": "315-555-0142", "any_hour": 1, "for_whom": "# Big"},
    )

    call = twilio.wait_for_call()
    twilio.advisor_answers(call)
    expect(page.get_by_text("Ringing you … pick up and press 1")).to_be_visible()
    twilio.presses(call, "1")
    expect(page.get_by_text("Ringing them …")).to_be_visible()
    lead = twilio.lead_of(call)
    twilio.moves(lead, "in-progress")
    expect(page.get_by_text(re.compile(r"Connected 00:0\d"))).to_be_visible()
    assert "<Hangup" in twilio.lead_ends(lead, "completed")
    # What a stranger wrote is shown as they wrote it.
    expect(page.get_by_role("heading", name="![x](http://x.example/) Jo")).to_be_visible()
    expect(page.get_by_text("# Big ·")).to_be_visible()
    assert page.foreign == []

    # No ending loses the notes.
    page.get_by_label("Notes").fill("Will visit on Monday.")
    page.get_by_text("Call again, a machine answered").click()
    page.get_by_role("button", name="Call again then").click()
    expect(page.get_by_text("They will be rung tomorrow")).to_be_visible()
    with db.reader() as session:
        callback = session.exec(select(Callback)).one()
    assert (callback.state, callback.notes) == ("waiting", "Will visit on Monday.")

    # The supervisors' pages are not an advisor's, by no address.
    expect(page.get_by_role("link", name="Callback board")).to_have_count(0)
    page.goto(f"{desk.url}/board")
    expect(page.get_by_text("Waiting now")).to_have_count(0)


def test_a_supervisor_sees_what_waits_and_why_and_decides(desk: Desk, page: Page) -> None:
    webhook = desk.opens(advisors=0)
    sign_in(page, desk, AdvisorRole.SUPERVISOR)
    page.get_by_role("link", name="Callback board").click()
    expect(page.get_by_text("Nobody is waiting.")).to_be_visible()
    for body in ({"phone": "315-555-0142", "safe_to_call": "no"}, {"name": "Pat", "phone": "call me at work"}):
        assert desk.http.post(webhook, json=body).status_code == 200
    expect(page.get_by_text("wait for a person to decide: 1")).to_be_visible()

    # One is withdrawn with a reason, the other gets a number that can be dialled.
    page.reload()
    page.get_by_role("combobox", name="Callback").click()
    page.get_by_role("option", name=re.compile("No. 1")).click()
    expect(page.get_by_text("Held:")).to_be_visible()
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("Say why")).to_be_visible()
    page.get_by_label("Reason to withdraw the promise").fill("answered by e-mail")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("The reason is on record")).to_be_visible()
    page.get_by_role("link", name="Submissions to review").click()
    expect(page.get_by_role("heading", name="The phone number cannot be dialled.")).to_be_visible()
    page.get_by_label("Phone number to ring").fill("(315) 555-0143")
    page.get_by_role("button", name="Put into the queue").click()
    expect(page.get_by_text("It is in the queue.")).to_be_visible()
    with db.reader() as session:
        found = session.exec(select(Callback).order_by(Callback.id)).all()
    assert [(callback.state, callback.close_reason) for callback in found] == [
        ("cancelled", "answered by e-mail"),
        ("waiting", ""),
    ]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_the_hosted_form_is_accessible_to_everybody(desk: Desk, page: Page, scheme: str, language: str) -> None:
    words = wording.words(language)
    page.emulate_media(color_scheme=scheme)
    for width in (1280, 280):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{desk.url}/form/help?campaign=spring&lang={language}")
        assert problems_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for number in ("911", "988", "1-800-662-4357"):
            expect(page.get_by_role("link", name=number)).to_be_visible()
    page.get_by_label(words["phone"]).fill("12")
    page.get_by_label(words["consent"].format(brand="Helpline")).check()
    page.get_by_role("button", name=words["send"]).click()
    expect(page.get_by_role("alert")).to_have_text(words["problems"]["phone"])
    expect(page.get_by_label(words["phone"])).to_be_focused()
    assert problems_of(page) == []
    page.goto(f"{desk.url}/login")
    assert problems_of(page) == []
    assert page.foreign == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_hosted_form_works_without_javascript(desk: Desk, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    visitor = context.new_page()
    fill_out_the_form(visitor, desk)
    context.close()
    stored = eventually(admitted)
    assert stored.reading["consent_text"].startswith("I ask Helpline to call me back")
    assert (stored.reading["for_whom"], stored.reading["any_hour"]) == ("self", True)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_one_line_puts_the_form_into_somebody_elses_page(desk: Desk, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    visitor = context.new_page()
    with somebody_elses_page(embed_line(f"{desk.url}/form/help")) as address:
        visitor.goto(f"{address}/ny?utm_campaign=spring&city=Syracuse&state=NY&lang=es&email=jo@x.example")
        form = visitor.frame_locator("iframe")
        form.get_by_label("Para mí").check()
        form.get_by_label("Su número de teléfono").fill("(315) 555-0142")
        # The Enter key sends; the consent is still missing, and that is said where they look.
        form.get_by_label("Su número de teléfono").press("Enter")
        expect(form.get_by_role("alert")).to_have_text(wording.words("es")["problems"]["consent"])
        form.get_by_label(re.compile("Pido a Helpline")).check()
        form.get_by_role("button", name="Llámenme").click()
        expect(form.get_by_role("heading", name="Gracias. Le llamaremos.")).to_be_in_viewport()
    context.close()
    reading = eventually(admitted).reading
    assert (reading["campaign"], reading["city"], reading["region"]) == ("spring", "Syracuse", "NY")
    assert (reading["page_url"], reading["language"]) == (f"{address}/ny?utm_campaign=spring", "es")
    assert (reading["for_whom"], reading["consent_text"]) == ("self", wording.consent("es", brand="Helpline"))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_in_a_frame_the_language_changes_and_what_was_typed_stays(desk: Desk, page: Page) -> None:
    with somebody_elses_page(embed_line(f"{desk.url}/form/help")) as address:
        page.goto(address)
        form = page.frame_locator("iframe")
        form.get_by_label("What should we call you?").fill("Jordan")
        form.get_by_label(re.compile("I ask")).check()
        form.get_by_role("button", name="Español").click()
        expect(form.get_by_label("¿Cuál es su nombre?")).to_have_value("Jordan")
        expect(form.get_by_label(re.compile("Pido"))).not_to_be_checked()
        assert problems_of(page.frames[1]) == []
        # Only the form may be framed.
        with page.expect_event("framenavigated") as moved:
            page.locator("iframe").evaluate("(frame, url) => { frame.src = url }", f"{desk.url}/login")
        assert moved.value.url.startswith("chrome-error:")
        assert page.foreign == []


@contextmanager
def somebody_elses_page(line: str) -> Iterator[str]:
    """A plain page with one line of ours in it, from another origin."""
    html = f'<!doctype html><html lang="en"><title>Help</title><main><h1>Treatment in Syracuse</h1>{line}</main>'

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Referrer-Policy", "no-referrer")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def problems_of(page: Page | Frame) -> list[Any]:
    return Axe().run(page, options=WCAG).response["violations"]


def admitted() -> Submission | None:
    with db.reader() as session:
        return session.exec(select(Submission).where(Submission.state == "admitted")).first()


def fill_out_the_form(visitor: Page, desk: Desk) -> None:
    visitor.goto(f"{desk.url}/form/help")
    visitor.get_by_label("For myself").check()
    visitor.get_by_label("What should we call you?").fill("Jordan")
    visitor.get_by_label("Your phone number").fill("(315) 555-0142")
    visitor.get_by_label(re.compile("at any hour")).check()
    visitor.get_by_label(re.compile("I ask")).check()
    visitor.get_by_role("button", name="Call me").click()
    expect(visitor.get_by_role("heading", name="Thank you. We will call you.")).to_be_visible()


def sign_in(page: Page, desk: Desk, role: AdvisorRole) -> None:
    now = datetime.now(UTC)
    with db.transaction() as session:
        advisor = add_advisor(session, 1, role=role, now=now)
        accounts.set_password(advisor, PASSWORD)
    page.goto(desk.url)
    page.get_by_label("E-mail address").fill("advisor1@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="My desk")).to_be_visible()


def wrap_up(page: Page) -> None:
    expect(page.get_by_text("The call is over")).to_be_visible()
    page.get_by_text("Helped", exact=True).click()
    page.get_by_label("Notes").fill("Will visit on Monday.")
    page.get_by_role("button", name="Finish").click()
