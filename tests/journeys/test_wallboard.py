"""A television shows the wallboard for a month of nights, nothing else, and can be turned off."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import Session, select
from websockets.sync.client import connect

from leads.alerting import escalation
from leads.database.transactions import transaction, write_deferred_inserts
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import LostRace, NotAllowed
from leads.models.advisors import Advisor, SignIn
from leads.models.enums import AdvisorRole
from leads.models.watching import Transition
from leads.people import presence, sessions, staff, television_access
from leads.people.television_access import WallboardSettings
from tests.conftest import NOW
from tests.support.chromium import SECONDS, Traffic, another, problems_of
from tests.support.people import DAY, HOUR, MINUTE, a_callback, a_supervisor, an_advisor
from tests.support.running_desk import Desk, add_advisor, eventually, running_desk
from tests.support.sockets import closing_code, refusal_of

VIEWER = ZoneInfo("America/New_York")
TOLD = 25 * SECONDS  # by itself the wallboard looks again after 30 s only
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
SIZES = ((1280, 720), (1920, 1080), (3840, 2160), (1080, 1920))
CLIPPED = """all => all.filter(it => it.scrollHeight > it.clientHeight + 1
    || it.scrollWidth > it.clientWidth + 1
    || it.querySelector("strong").scrollWidth > it.querySelector("strong").clientWidth + 1
).map(it => it.innerText)"""
SMALLEST = (
    "all => Math.min(...all.map(it => parseFloat(getComputedStyle(it).fontSize))) / "
    "Math.min(innerWidth, innerHeight)"
)


@pytest.fixture
def web(database: str) -> Iterator[Desk]:
    with running_desk(database, ROLE="web") as desk:
        yield desk


def test_a_code_lets_one_television_in_for_a_month_without_anybody_there(session: Session) -> None:
    boss, admin = a_supervisor(session), an_advisor(session, AdvisorRole.ADMIN)
    code = television_access.create_television_code(
        session, boss, WallboardSettings(2, "America/New_York"), now=NOW
    )
    secret = television_access.sign_in_television(
        session, f" {code.lower().replace('-', ' ')}", now=NOW + 29 * MINUTE
    )
    with pytest.raises(NotAllowed):
        television_access.sign_in_television(session, code, now=NOW + 29 * MINUTE)
    let_in_at = NOW + 29 * MINUTE
    who = sessions.find_session_identity(session, secret, now=let_in_at + 30 * DAY - MINUTE)
    assert who is not None
    assert who.is_wall is True
    assert who.advisor_id == sessions.NOBODY
    assert who.name == ""
    assert who.role == AdvisorRole.UNKNOWN
    assert television_access.television_wallboard_settings(
        session, who.sign_in_id
    ) == WallboardSettings(2, "America/New_York")
    assert sessions.find_session_identity(session, secret, now=let_in_at + 30 * DAY) is None

    # It is the room's: it stays when a supervisor signs out everywhere, and goes when they may not
    # come in any more.
    staff.sign_out_staff_member(session, boss, admin, now=NOW + HOUR)
    assert sessions.filter_open_sessions(session, {who.sign_in_id}, now=NOW + 20 * HOUR) == {
        who.sign_in_id
    }
    shown = television_access.read_televisions(session, admin, now=NOW + 20 * HOUR)
    assert [one.by for one in shown] == [boss.name]
    staff.deactivate_staff_member(session, boss, admin, now=NOW + 21 * HOUR)
    assert sessions.filter_open_sessions(session, {who.sign_in_id}, now=NOW + 22 * HOUR) == set()
    assert sessions.find_session_identity(session, secret, now=NOW + 22 * HOUR) is None


def test_a_television_is_turned_off_once_by_a_supervisor_and_both_is_on_record(
    session: Session,
) -> None:
    boss = a_supervisor(session)
    late = television_access.create_television_code(session, boss, WallboardSettings(), now=NOW)
    with pytest.raises(NotAllowed):
        television_access.sign_in_television(session, late, now=NOW + 31 * MINUTE)
    television_access.sign_in_television(
        session,
        television_access.create_television_code(session, boss, WallboardSettings(), now=NOW),
        now=NOW,
    )
    [one] = television_access.read_televisions(session, boss, now=NOW)
    with pytest.raises(NotAllowed):
        television_access.end_television_session(
            session, one.sign_in_id, an_advisor(session), now=NOW
        )
    television_access.end_television_session(session, one.sign_in_id, boss, now=NOW)
    with pytest.raises(LostRace):
        television_access.end_television_session(session, one.sign_in_id, boss, now=NOW)
    with pytest.raises(NotAllowed):
        television_access.create_television_code(
            session, an_advisor(session), WallboardSettings(), now=NOW
        )
    write_deferred_inserts(session)
    events = session.exec(
        select(Transition.event).where(Transition.record == "television").order_by(Transition.id)
    )
    assert list(events) == ["make_code", "make_code", "let_in", "end"]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (("15", "UTC"), WallboardSettings(15, "UTC")),
        (("0", ""), WallboardSettings(5)),
        (("1441", "Mars"), WallboardSettings(5)),
        (("9" * 5000, "../x"), WallboardSettings(5)),
        (("-3", "\0"), WallboardSettings(5)),
    ],
)
def test_what_makes_no_sense_in_an_address_counts_as_not_said(
    said: tuple[str, str], meant: WallboardSettings
) -> None:
    assert television_access.parse_wallboard_settings(*said) == meant


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_television_may_have_its_page_and_nothing_else(web: Desk) -> None:
    code = a_code()
    assert f'value="{code}"' in web.http.get(f"/tv?code={code}").text
    assert (
        web.http.post(
            "/tv", data={"code": code}, headers={"Sec-Fetch-Site": "cross-site"}
        ).status_code
        == 403
    )
    assert (
        web.http.post("/tv", data={"code": "AAAA-AAAA-AAAA"}, headers=SAME_SITE).status_code == 401
    )
    answer = web.http.post("/tv", data={"code": code}, headers=SAME_SITE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Max-Age=2592000" in answer.headers["set-cookie"]
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert web.http.post("/tv", data={"code": code}, headers=SAME_SITE).status_code == 401
    cookie = {"Cookie": answer.headers["set-cookie"].split(";")[0]}
    web.http.cookies.clear()

    html = {**cookie, "Accept": "text/html"}
    assert web.http.get("/", headers=html).status_code == 200
    for path in ("/work", "/report", "/lead?id=1", "/alerts", "/second-factor"):
        assert web.http.get(path, headers=html).headers["location"] == "/", path
    for method, path in (
        ("GET", "/second-factor"),
        ("POST", "/second-factor"),
        ("GET", "/media/x.csv"),
        ("GET", "/auth/logout"),
        ("PUT", "/_stcore/upload_file/a/b"),
        ("POST", "/"),
    ):
        assert web.http.request(method, path, headers={**cookie, **SAME_SITE}).status_code == 404, (
            path
        )
    assert web.http.get("/api/session", headers=cookie).json()["seconds_left"] > 29 * 86400

    def dial(path: str = "/_stcore/stream") -> connect:
        address = web.url.replace("http", "ws") + path
        return connect(address, additional_headers={"Origin": web.url, **cookie}, proxy=None)

    assert refusal_of(lambda: dial("/elsewhere")) == 403
    with dial("/live") as line, dial() as page:
        with transaction() as session:
            row = session.exec(select(SignIn).where(SignIn.kind == "wall")).one()
            row.revoked_at = datetime.now(UTC)
        assert closing_code(line) == closing_code(page) == 4401
    assert web.http.get("/", headers=cookie).status_code == 401


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_television_hears_at_once_asks_nothing_and_fits_every_screen(
    web: Desk, page: Page
) -> None:
    traffic = Traffic(page)
    code, now = a_code(), datetime.now(UTC)
    with transaction() as session:
        for number, name in (
            (2, "Bartholomew Featherstonehaugh"),
            (3, "Maria Fernanda Gutierrez-Castellanos"),
        ):
            advisor = add_advisor(session, number, now=now)
            advisor.name = name
            presence.put_on_duty(session, advisor, until=now + HOUR, now=now)
        a_callback(
            session,
            received_at=now - 20 * HOUR,
            promised_at=now - 15 * HOUR,
            due_at=now - 4 * MINUTE,
        )
        widest = (now.astimezone(VIEWER) + DAY).replace(hour=10, minute=50)
        a_callback(session, first_rung_at=now, due_at=widest)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{web.url}/tv?code={code}")
    assert problems_of(page) == []
    page.get_by_role("button", name="Show the wallboard").click()
    tiles = page.locator(".wall section")
    expect(tiles.nth(1)).to_contain_text("15 h 00")
    expect(tiles.last).to_contain_text("10:50 AM")
    expect(page.locator(".alerts")).to_contain_text("callbacks more than 3 minutes overdue: 1.")
    expect(page.locator(".wall footer")).to_contain_text(
        "Called within 2 minutes: of everyone who asked today"
    )
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        eventually(lambda: not tiles.evaluate_all(CLIPPED), f"clipped at {width}")
        assert page.evaluate("document.scrollingElement.scrollHeight <= innerHeight"), width
        assert page.locator(".wall section p, .wall h2").evaluate_all(SMALLEST) > 0.03, width
        assert (
            tiles.locator("strong").filter(has_text=re.compile(r"\d")).evaluate_all(SMALLEST) > 0.1
        ), width
        assert tiles.locator("strong").evaluate_all(SMALLEST) > 0.08, width  # a word: "nobody yet"
    assert problems_of(page) == []

    eventually(lambda: is_quiet(page, traffic))
    with transaction() as session:
        a_callback(session, received_at=now, due_at=now)
        wake_after_commit(session, Wakeup.OFFER)
    expect(tiles.first).to_contain_text("2", timeout=TOLD)
    with transaction() as session:
        [alert] = escalation.list_current_alerts(session, now=now)
        escalation.acknowledge_alert(
            session, the_boss(session), kind=alert.kind, about=alert.about, now=now
        )
    expect(page.locator(".alerts")).to_contain_text("Acknowledged by Advisor 1.", timeout=TOLD)
    page.goto(f"{web.url}/work")
    expect(tiles.first).to_contain_text("2")
    assert page.url == f"{web.url}/"
    assert page.foreign == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_television_says_when_it_stands_still_and_goes_on_by_itself(
    web: Desk, browser: Browser
) -> None:
    with another(browser) as page:  # a clock belongs to all pages of a context
        page.clock.install()
        with transaction() as session:
            a_callback(session, hold="They asked for a letter.")
        page.goto(f"{web.url}/tv?code={a_code()}")
        page.get_by_role("button", name="Show the wallboard").click()
        first, longest = (page.locator(".wall section").nth(one) for one in (0, 1))
        expect(first).to_contain_text("0")
        expect(first).to_contain_text("1 callback held")
        expect(longest).to_contain_text("no first call is due")  # and not that everyone was called
        expect(longest).to_contain_text("no one due")  # whoever is held waits, and stands beside it
        web.stop(kill=True)
        passes(page, 80, lambda: page.get_by_text("these figures are out of date").is_visible())
        expect(page.get_by_text("No server connection.")).to_be_hidden()  # said once, and large
        web.start()
        with transaction() as session:
            now = datetime.now(UTC)
            a_callback(session, received_at=now, due_at=now)
        passes(
            page,
            300,
            lambda: (
                "1" in first.inner_text()
                and page.get_by_text("these figures are out of date").is_hidden()
            ),
        )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_words_in_place_of_a_figure_are_whole_on_a_phone(web: Desk, browser: Browser) -> None:
    with another(browser, locale="es-US") as page:
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"{web.url}/tv?code={a_code()}")
        page.get_by_role("button", name="Mostrar el panel").click()
        tiles = page.locator(".wall section")
        expect(tiles.nth(1)).to_contain_text("nadie pendiente")
        eventually(lambda: not tiles.evaluate_all(CLIPPED), "something is clipped")
        assert page.locator(".wall section p, .wall h2").evaluate_all(SMALLEST) > 0.03


def passes(page: Page, seconds: int, until: Callable[[], bool]) -> None:
    """Let time pass in the browser until something is so."""
    for _ in range(seconds // 5):
        page.clock.run_for(5 * SECONDS)
        if until():
            return
    eventually(until)


def is_quiet(page: Page, traffic: Traffic) -> bool:
    before = traffic.reruns
    page.wait_for_timeout(1.2 * SECONDS)
    return traffic.reruns == before


def a_code() -> str:
    """A code that a supervisor has just made."""
    now = datetime.now(UTC)
    with transaction() as session:
        boss = add_advisor(session, 1, role=AdvisorRole.SUPERVISOR, now=now - timedelta(days=1))
        return television_access.create_television_code(
            session, boss, WallboardSettings(2, "America/New_York"), now=now
        )


def the_boss(session: Session) -> Advisor:
    return session.exec(select(Advisor).where(Advisor.role == AdvisorRole.SUPERVISOR)).one()
