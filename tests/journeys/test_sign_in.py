"""Signing in, staying signed in and being signed out, in real Chromium."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.models.advisors import Advisor, SignIn
from leads.models.enums import AdvisorRole, SignInKind
from leads.people import passwords, sessions
from tests.support.chromium import choose, problems_of, sign_in
from tests.support.running_desk import PASSWORD, Desk, add_advisor, rename_table, running_desk

COMES_BACK = "document.dispatchEvent(new Event('visibilitychange'))"
IDLE = timedelta(minutes=14, seconds=10)

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_a_page_warns_before_its_session_ends_and_shows_nothing_after(
    desk: Desk, page: Page
) -> None:
    sign_in(page, desk, AdvisorRole.SUPERVISOR)
    warning = page.get_by_role("alert").filter(
        has_text="You will be signed out in less than a minute"
    )
    expect(warning).to_have_count(0)
    left_alone_for(IDLE)
    page.evaluate(COMES_BACK)
    expect(warning).to_be_visible()
    page.keyboard.press("Shift")
    expect(warning).to_have_count(0)
    with reader() as session:
        seen_at = session.exec(
            select(SignIn.seen_at).where(SignIn.kind == SignInKind.SESSION)
        ).one()
    assert datetime.now(UTC) - seen_at < timedelta(seconds=30)

    # Whatever ends it, the page goes away by itself and leads back after signing in.
    page.get_by_role("link", name="Work list").click()
    expect(page.get_by_text("Nothing needs a decision.")).to_be_visible()
    with transaction() as session:
        advisor = session.exec(select(Advisor)).one()
        advisor.password_hash = passwords.hash_new_password(PASSWORD)
        sessions.end_advisor_sessions(session, advisor.id, now=datetime.now(UTC))
    expect(page.get_by_text("You have been signed out.")).to_be_visible()
    expect(page.get_by_text("Nothing needs a decision.")).to_have_count(0)
    assert problems_of(page) == []
    page.get_by_label("E-mail address").fill("advisor1@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Nothing needs a decision.")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        (
            "en-US",
            ["Your account", "Current password", "New password", "Change the password"],
        ),
        pytest.param(
            "es-US",
            ["Su cuenta", "Contraseña actual", "Contraseña nueva", "Cambiar la contraseña"],
            marks=pytest.mark.soak,
        ),
    ],
)
def test_somebody_changes_their_password_on_the_page_of_their_account(
    desk: Desk, browser: Browser, language: str, labels: list[str]
) -> None:
    link, current, new, change = labels
    context = browser.new_context(bypass_csp=True, locale=language, color_scheme="dark")
    page = context.new_page()
    with transaction() as session:
        add_advisor(session, 1, password=PASSWORD, now=datetime.now(UTC))
    page.goto(desk.url)
    page.locator("#email").fill("advisor1@example.org")
    page.locator("#password").fill(PASSWORD)
    page.locator("#password").press("Enter")
    with page.expect_popup() as opened:
        page.get_by_role("link", name=link).click()
    page = opened.value
    expect(page.get_by_role("heading", name=link, exact=True)).to_be_visible()
    assert problems_of(page) == []
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label(current).fill(PASSWORD)
    page.get_by_label(new).fill("tango orbit lemon")
    page.get_by_role("button", name=change).click()
    expect(page.get_by_role("status")).to_be_visible()
    assert problems_of(page) == []
    context.close()


def test_a_page_that_was_left_open_gives_nothing_away_before_it_is_confirmed(
    desk: Desk, page: Page
) -> None:
    sign_in(page, desk, AdvisorRole.SUPERVISOR)
    with transaction() as session:
        advisor = session.exec(select(Advisor)).one()
        advisor.password_hash = passwords.hash_new_password(PASSWORD)
        for row in session.exec(select(SignIn)):
            row.proven_at = datetime.now(UTC) - timedelta(minutes=10)
    page.get_by_role("link", name="Colleagues").click()
    page.get_by_text("Add a colleague").first.click()
    page.get_by_label("Name", exact=True).fill("Robin Reyes")
    page.get_by_label("E-mail address").fill("robin@example.org")
    page.get_by_role("button", name="Add and create a link").click()
    expect(page.get_by_text("Please confirm that it is you, then try again.")).to_be_visible()
    assert problems_of(page) == []
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Confirm that it is you").click()
    beside = opened.value
    beside.get_by_label("Current password").fill(PASSWORD)
    assert [one["id"] for one in problems_of(beside)] == []
    beside.get_by_role("button", name="Continue").click()
    expect(beside.get_by_role("heading", name="Thank you")).to_be_visible()
    beside.close()
    page.get_by_role("button", name="Add and create a link").click()
    expect(page.get_by_text("Give this link to Robin Reyes.")).to_be_visible()


def test_nothing_but_our_own_runs_in_a_page(desk: Desk, browser: Browser) -> None:
    context = browser.new_context()
    page, refused = context.new_page(), []
    page.on(
        "console",
        lambda told: refused.append(told.text) if "Content Security Policy" in told.text else None,
    )
    sign_in(page, desk, AdvisorRole.ADMIN)
    assert page.title() == "My desk · Ringback"
    for name, heading in (
        ("Work list", "Work list"),
        ("Service report", "Service report"),
        ("Helpline set-up", "Helpline set-up"),
        ("Colleagues", "Colleagues"),
    ):
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {src: "
        "'https://evil.example/'}))"
    )
    expect(page.get_by_role("heading", name="Colleagues", exact=True)).to_be_visible()
    assert [told for told in refused if "evil.example" not in told] == []
    assert refused
    context.close()


def test_a_page_that_fails_says_so_in_our_own_words(desk: Desk, page: Page) -> None:
    sign_in(page, desk, AdvisorRole.SUPERVISOR)
    rename_table("weekly_shift", "away")
    try:
        page.goto(f"{desk.url}/shifts")
        failed = page.get_by_text(re.compile("Something went wrong. .* Error code: [0-9a-f]{6}"))
        expect(failed).to_be_visible()
        code = failed.inner_text()[-7:-1]
    finally:
        rename_table("away", "weekly_shift")
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert not re.search("Streamlit|weekly_shift|Error:", page.locator("body").inner_text())
    assert code in desk.printed()


@pytest.mark.soak  # tests/dashboard does each step over HTTP
def test_a_colleague_comes_in_by_a_link_sets_up_a_second_factor_and_is_signed_out(
    database: str, page: Page, browser: Browser
) -> None:
    with running_desk(database, REQUIRE_TOTP="all") as desk:
        link = re.search(r"http\S+invitation=\S+", desk.printed()).group()
        page.goto(link)
        page.get_by_label("Your name").fill("Nora Quinn")
        page.get_by_label("E-mail address").fill("nora@example.org")
        enrol(page)
        page.get_by_role("link", name="Colleagues").click()
        page.get_by_text("Add a colleague").click()
        page.get_by_label("Name", exact=True).fill("Robin Reyes")
        page.get_by_label("E-mail address").fill("robin@example.org")
        page.get_by_role("button", name="Add and create a link").click()
        expect(page.get_by_text("Give this link to Robin Reyes.")).to_be_visible()
        link = page.get_by_text(re.compile(r"/login\?invitation=")).inner_text().replace("\n", "")
        assert [problem["id"] for problem in problems_of(page)] == []

        theirs = browser.new_context(bypass_csp=True).new_page()
        theirs.goto(link)
        enrol(theirs)
        # The supervisors' page is not theirs, by no address.
        theirs.goto(f"{desk.url}/colleagues")
        expect(theirs.get_by_role("heading", name="My desk")).to_be_visible()
        expect(theirs.get_by_role("heading", name="Colleagues")).to_have_count(0)
        theirs.goto(f"{desk.url}/second-factor")
        expect(theirs.get_by_text("Your role requires it")).to_be_visible()
        assert problems_of(theirs) == []
        theirs.goto(desk.url)
        expect(theirs.get_by_role("heading", name="My desk")).to_be_visible()

        page.reload()
        choose(page, "Colleague", "Robin Reyes")
        page.get_by_role("button", name="Deactivate").click()
        expect(page.get_by_text("They can no longer sign in or take calls.")).to_be_visible()
        expect(theirs.get_by_text("You have been signed out.")).to_be_visible()
        theirs.context.close()


def enrol(page: Page) -> None:
    """Choose a password, read the key as a phone would, and keep the recovery codes."""
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    assert problems_of(page) == []
    key = page.locator("code").inner_text().replace(" ", "")
    page.get_by_label("Six-digit code from your app").fill(pyotp.TOTP(key).now())
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Save these codes")).to_be_visible()
    assert problems_of(page) == []
    page.get_by_role("link", name="I saved them").click()
    expect(page.get_by_role("heading", name="My desk")).to_be_visible()


def left_alone_for(length: timedelta) -> None:
    with transaction() as session:
        session.exec(
            select(SignIn).where(SignIn.kind == SignInKind.SESSION)
        ).one().seen_at -= length
