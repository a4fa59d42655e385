"""What changes is on every open page within a second, and an unconcerned page does nothing."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from queue import Queue

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select
from starlette.applications import Starlette
from starlette.testclient import TestClient
from websockets.sync.client import connect

from dashboard.http import live_updates
from leads.callbacks import queue
from leads.database.engine import has_one_writer
from leads.database.transactions import reader, transaction
from leads.lead_records import call_notes
from leads.models.advisors import Advisor
from leads.models.calls import Callback, Note
from leads.models.enums import AdvisorRole
from leads.people import sessions
from tests.support.chromium import (
    SECONDS,
    Traffic,
    opened_session,
    settled,
    sign_in,
    signed_in,
)
from tests.support.running_desk import PATIENCE, Desk, eventually, running_desk
from tests.support.sent_forms import asks
from tests.support.sockets import closing_code, refusal_of
from tests.support.twilio_double import TwilioDouble

NO_CONNECTION = "No server connection."
THIN = 32  # pixels: no line of a page is covered by it
TRIES = 4  # after our bar: then Streamlit would have told of them in a window of its own
APPEARS = """text => new Promise(done => {
    const look = () =>
        document.body.innerText.includes(text) && (seeing.disconnect(), done(Date.now()))
    const seeing = new MutationObserver(look)
    seeing.observe(document.body, {subtree: true, childList: true, characterData: true})
    look()
})"""
SPY = """
window.rung = []
const Real = window.AudioContext
window.AudioContext = class extends Real {
    createOscillator() { rung.push("tone"); return super.createOscillator() }
}
window.Notification = class { constructor(title, {body}) { rung.push(title + ": " + body) } }
Notification.permission = "granted"
document.hasFocus = () => false
"""


def test_a_change_by_another_process_is_shown_within_a_second_where_it_concerns(
    database: str, page: Page, colleague: Page
) -> None:
    # A process that only serves pages hears of the others' changes by itself.
    with running_desk(database, ROLE="web") as desk:
        sign_in(page, desk, AdvisorRole.SUPERVISOR)
        ben = signed_in(colleague, desk, "Ben")
        asks(1)
        expect(page.get_by_text("1 waiting now")).to_be_visible()
        take_for(ben)
        expect(colleague.get_by_role("timer").first).to_contain_text("Yours for 02:")
        expect(page.get_by_text("1 about to be called by Ben")).to_be_visible()

        idle, held = Traffic(page), Traffic(colleague)
        page.reload()
        colleague.reload()
        lease = colleague.get_by_role("timer").first
        expect(lease).to_contain_text("Yours for 02:")
        expect(page.get_by_text("1 about to be called by Ben")).to_be_visible()
        eventually(lambda: settled(page) and settled(colleague))
        before = (idle.reruns, held.reruns)

        waits = []
        for number in range(1, 4):
            page.evaluate(f"() => {{ window.shown = ({APPEARS})('{number} waiting now') }}")
            asks(number + 1)
            committed = datetime.now(UTC).timestamp() * SECONDS
            waits.append(page.evaluate("window.shown") - committed)
        assert min(waits) < SECONDS, waits  # whatever else runs can only add to it
        if has_one_writer():  # any change is told of, and that the supervisor saw them is one
            for _ in range(2):  # seconds, in which this is told as well
                expect(lease).not_to_have_text(lease.inner_text())
            eventually(lambda: settled(page) and settled(colleague))
            before = (idle.reruns - len(waits), held.reruns)
            held.told.clear()
        assert idle.reruns - before[0] == len(waits)

        # Ben is with somebody: the queue behind his back is none of his desk's business, and his
        # clock ticks alone.
        for _ in range(3):
            expect(lease).not_to_have_text(lease.inner_text())
        assert idle.reruns - before[0] == len(waits)  # and where nothing changed, nothing is done
        assert (held.reruns - before[1], held.told) == (0, [])
        give_back(ben)
        expect(colleague.get_by_text("4 waiting now")).to_be_visible()
        assert held.reruns - before[1] == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_desk_comes_alive_by_itself_after_the_server_was_killed(
    database: str, page: Page
) -> None:
    with running_desk(database) as desk:
        sign_in(page, desk, AdvisorRole.SUPERVISOR)
        desk.stop(kill=True)
        is_told_in_one_line(page)
        asks(1)
        desk.start()
        expect(page.get_by_text("1 waiting now")).to_be_visible()
        expect(page.get_by_role("alert").filter(has_text=NO_CONNECTION)).to_be_hidden()
        asks(2)
        expect(page.get_by_text("2 waiting now")).to_be_visible()
        page.get_by_role("button", name="Take the next one").click()
        expect(page.get_by_role("heading", name="Person 1")).to_be_visible()


def is_told_in_one_line(page: Page) -> None:
    """Our bar says that the server is away, however often Streamlit asks for it in vain."""
    bar = page.get_by_role("alert").filter(has_text=NO_CONNECTION)
    expect(bar).to_be_in_viewport(ratio=1)
    assert bar.bounding_box()["height"] <= THIN
    for _ in range(TRIES):
        page.wait_for_event("requestfailed", lambda request: "/_stcore/health" in request.url)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert "Streamlit" not in page.locator("body").inner_text()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_word_is_lost_when_the_server_dies_under_somebody_who_types(
    database: str, page: Page
) -> None:
    with running_desk(database) as desk:
        ana = signed_in(page, desk, "Ana")
        asks(1)
        page.get_by_role("button", name="Take the next one").click()
        field = page.get_by_role("textbox", name="Notes")
        field.press_sequentially("Before, ")
        expect(page.get_by_text("Saved", exact=True)).to_be_visible()
        assert notes_of(ana) == "Before, "
        desk.stop(kill=True)
        field.press_sequentially("while, ")
        expect(page.get_by_text("Not saved yet: no server connection.")).to_be_visible()

        # Meanwhile her time with it ends, and Ben takes it and writes.
        ben = taken_over_by("Ben", "Ben was here.")
        field.press_sequentially("after.")
        desk.start()
        eventually(lambda: notes_of(ana) == "Before, while, after.")
        expect(field).to_be_hidden()
        assert notes_of(ben) == "Ben was here."
        with reader() as session:
            assert (
                session.exec(select(Callback.notes)).one()
                == "Before, while, after.\n\nBen was here."
            )
        eventually(lambda: drafts(page) == [])
        assert "while" not in desk.printed()

        # Words on their way survive the page as well, and are for nobody else who signs in there.
        give_back(ben)
        page.get_by_role("button", name="Take the next one").click()
        expect(field).to_have_value("Before, while, after.")
        expect(page.get_by_text("Ben was here.")).to_be_visible()
        page.route("**/api/notes/*", lambda route: route.abort())
        field.fill("Again.")
        expect(page.get_by_text("Not saved yet")).to_be_visible()
        page.reload()
        expect(field).to_have_value("Again.")
        assert drafts(page) == ["Again."]
        cleo, secret = opened_session("Cleo", 4)
        page.context.add_cookies([{"name": "ringback", "value": secret, "url": desk.url}])
        page.reload()
        eventually(lambda: drafts(page) == [])
        assert notes_of(cleo) is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_word_is_lost_between_two_tabs_of_the_same_desk(database: str, page: Page) -> None:
    with running_desk(database) as desk:
        ana = signed_in(page, desk, "Ana")
        asks(1)
        take_for(ana)
        other = page.context.new_page()
        other.goto(desk.url)
        first, second = (tab.get_by_role("textbox", name="Notes") for tab in (page, other))
        expect(first).to_be_visible()
        expect(second).to_be_visible()
        first.press_sequentially("Calm.")
        eventually(lambda: notes_of(ana) == "Calm.")
        second.press_sequentially("Has Medicaid.")
        expect(other.get_by_text("Saved, together with what you wrote in another")).to_be_visible()
        expect(second).to_have_value("Calm.\nHas Medicaid.")
        second.press_sequentially(" Wants detox.")  # where they were
        eventually(lambda: notes_of(ana) == "Calm.\nHas Medicaid. Wants detox.")
        first.press_sequentially(" Lives alone.")
        expect(first).to_have_value("Calm.\nHas Medicaid. Wants detox. Lives alone.")
        expect(page.get_by_text("Saved, together with what you wrote in another")).to_be_visible()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_notes_are_taken_from_nobody_but_whoever_has_the_callback(database: str) -> None:
    with running_desk(database) as desk:
        ana, secret = opened_session("Ana")
        _, stranger = opened_session("Ben", 3)
        asks(1)
        take_for(ana)

        def sent(secret: str, path: str, text: str = "Hello", site: str = "same-origin") -> int:
            headers = {"Cookie": f"ringback={secret}", "Sec-Fetch-Site": site}
            body = text if text.startswith("[") else json.dumps({"base": "", "text": text})
            return desk.http.post(
                f"/api/notes/{path}", content=body.encode(), headers=headers
            ).status_code

        assert sent("", "1") == 401
        assert sent(secret, "1", site="cross-site") == 403
        assert sent(stranger, "1") == 403
        assert sent(secret, "9" * 30) == 404
        assert sent(secret, "1", text="é" * 30_001) == 413
        assert sent(secret, "1", text="[1]") == 400
        assert notes_of(ana) is None
        assert sent(secret, "1", text="Hello\0 \ud800") == 200
        assert notes_of(ana) == "Hello ?"
        assert "Hello" not in desk.printed()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_whoever_wants_it_hears_a_call_come_in_once(
    desk: Desk, twilio: TwilioDouble, page: Page
) -> None:
    webhook = desk.opens(advisors=0)
    page.add_init_script(SPY)
    sign_in(page, desk, AdvisorRole.ADVISOR)
    page.get_by_role("button", name="I am available").click()
    expect(page.get_by_text("Available: your phone rings")).to_be_visible()
    page.get_by_label("Alert me when my phone rings").check()
    assert page.evaluate("rung.splice(0)") == ["tone"] * 3
    page.reload()
    expect(page.get_by_label("Alert me when my phone rings")).to_be_checked()
    desk.http.post(webhook, json={"name": "Jo", "phone": "315-555-0142", "any_hour": 1})
    call = twilio.wait_for_call()
    expect(page.get_by_role("timer").first).to_contain_text("Calling your phone")
    note = "Ringback: Your phone is ringing. Open your desk."
    page.wait_for_function("rung.length >= 4")  # a moment after the timer
    assert page.evaluate("rung") == ["tone", "tone", "tone", note]
    twilio.advisor_answers(call)
    expect(page.get_by_text("pick up and press 1")).to_be_visible()
    assert len(page.evaluate("rung")) == 4


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nobody_hears_of_changes_without_a_session_or_from_another_site(database: str) -> None:
    with running_desk(database) as desk:
        _, secret = opened_session("Ana")
        cookie = f"ringback={secret}"
        assert refusal_of(lambda: line(desk, {"Origin": desk.url})) == 403
        assert (
            refusal_of(
                lambda: line(desk, {"Origin": "https://elsewhere.example", "Cookie": cookie})
            )
            == 403
        )
        assert refusal_of(lambda: line(desk, {"Cookie": cookie})) == 403
        with line(desk, {"Origin": desk.url, "Cookie": cookie}) as stream:
            stream.send(json.dumps({"topic": "desk", "seen": "an earlier process"}))
            assert json.loads(stream.recv(timeout=PATIENCE))["changed"] == ["desk"]
            with transaction() as session:
                sessions.revoke_secret(session, secret, now=datetime.now(UTC))
            assert closing_code(stream) == 4401


def take_for(advisor_id: int) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        advisor = session.get_one(Advisor, advisor_id)
        assert queue.claim_next_callback(session, advisor, now=now)


def taken_over_by(name: str, words: str) -> int:
    """The lease of whoever holds the callback ends; somebody else takes it and writes about it."""
    later = datetime.now(UTC) + timedelta(minutes=5)
    advisor_id, _ = opened_session(name, 3)
    with transaction() as session:
        assert queue.expire_leases(session, now=later) == 1
    with transaction() as session:
        callback = queue.claim_next_callback(
            session, session.get_one(Advisor, advisor_id), now=later
        )
        call_notes.save_note(session, callback.id, advisor_id, words, now=later)
    return advisor_id


def notes_of(advisor_id: int) -> str | None:
    with reader() as session:
        return session.exec(select(Note.text).where(Note.advisor_id == advisor_id)).first()


def drafts(page: Page) -> list[str]:
    """What the browser keeps of what somebody typed."""
    kept = page.evaluate("Object.entries(sessionStorage)")
    return [json.loads(words)["text"] for name, words in kept if "notes" in name]


def give_back(advisor_id: int) -> None:
    with transaction() as session:
        advisor = session.get_one(Advisor, advisor_id)
        callback = queue.current_callback_of(session, advisor)
        queue.release_callback(session, callback, advisor, now=datetime.now(UTC))


def line(desk: Desk, headers: dict[str, str]) -> connect:
    return connect(f"{desk.url.replace('http', 'ws')}/live", additional_headers=headers, proxy=None)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_was_read_just_before_a_change_was_seen_is_read_again() -> None:
    looks, read_at = Queue[None](), []

    def another_asks_before_the_second_look() -> datetime:
        """A page reads, and before the look begins, somebody asks of whom nothing was heard yet."""
        if looks.qsize() == 1:
            read_at.append(live_updates.change_version())
            asks(2)
        looks.put(None)
        return datetime.now(UTC)

    @contextlib.asynccontextmanager
    async def runs(_app: Starlette) -> AsyncIterator[None]:
        async with live_updates.run_live_updates(now=another_asks_before_the_second_look):
            yield

    app = Starlette(routes=live_updates.live_update_routes(), lifespan=runs)
    me = {"x-ringback-id": "1", "origin": "http://testserver"}
    with TestClient(app) as client, client.websocket_connect("/live", headers=me) as socket:
        socket.send_json({"topic": "wall", "seen": live_updates.change_version()})
        eventually(lambda: looks.qsize() == 1)
        asks(1)
        told = socket.receive_json()["version"]
    read, heard = (int(version.rpartition(":")[2]) for version in (*read_at, told))
    assert heard > read
