"""What a browser may tell Streamlit, and that a page which was left cannot take its place back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect
from starlette.types import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from dashboard.http.streamlit_socket import StreamlitSocketFilter
from leads.callbacks import queue
from leads.database.transactions import reader, transaction
from leads.incidents import course
from leads.intake import processing
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import AdvisorRole
from leads.people import presence
from tests.support.chromium import opened_session, settled, sign_in
from tests.support.people import a_callback, a_submission
from tests.support.running_desk import PATIENCE, Desk, eventually, rename_table, running_desk
from tests.support.sent_forms import asks

BOARD, DESK = "b0a4d", "de5c"


@pytest.mark.parametrize(
    ("asked", "passes"),
    [("deferred_file", True), ("install_skills", False), ("dataframe_chunk", False)],
)
def test_a_browser_may_ask_for_a_file_and_for_nothing_else_besides(
    asked: str,
    passes: bool,
) -> None:
    told = BackMsg()
    getattr(told.backend_operation_request, asked).SetInParent()
    assert bool(StreamlitSocketFilter().filter_browser_message(_message(told))) is passes


@pytest.mark.parametrize(
    ("told", "dropped"),
    [
        ([("", ""), ("part", DESK), ("", BOARD), ("part", DESK), ("part", BOARD)], [3]),
        ([("", DESK), ("", DESK), ("part", DESK)], []),
        # the server itself leads from the board to the desk, where the browser came from
        (
            [("", DESK), ("", BOARD), ("part", BOARD), ("part", DESK), ("", DESK), ("part", DESK)],
            [],
        ),
        ([("", DESK), ("", BOARD), ("", BOARD), ("part", DESK)], []),
        ([("", DESK), ("", BOARD), ("", DESK), ("part", BOARD), ("part", DESK)], [3]),
    ],
)
def test_a_part_of_a_page_that_was_left_is_not_heard(
    told: list[tuple[str, str]], dropped: list[int]
) -> None:
    line = StreamlitSocketFilter()
    heard = []
    for place, asked in enumerate(told):
        if line.filter_browser_message(_rerun(*asked)):
            heard.append(place)
        _finishes(line)
    assert [place for place in range(len(told)) if place not in heard] == dropped


def test_a_part_waits_while_a_page_is_drawn_and_nothing_else_does() -> None:
    line = StreamlitSocketFilter()
    page, part, again = _rerun("", DESK), _rerun("part", DESK), _rerun("another", DESK)
    heartbeat = _message(BackMsg(app_heartbeat=True))
    assert line.filter_browser_message(page) == [page]
    assert line.filter_browser_message(part) == []
    assert line.filter_browser_message(heartbeat) == [heartbeat]
    assert _finishes(line, ForwardMsg.FINISHED_EARLY_FOR_RERUN) == []  # it begins anew at once
    assert _begins(line) == []
    assert _finishes(line) == [part]

    # The same while another part is drawn; then nobody waits.
    assert _begins(line) == line.filter_browser_message(again) == []
    assert _finishes(line, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY) == [again]
    assert line.filter_browser_message(part) == [part]


def test_a_press_in_a_part_is_heard_before_the_next_page_is_asked_for() -> None:
    line = StreamlitSocketFilter()
    press, click, leave, late = (
        _rerun("part", DESK),
        _rerun("", DESK),
        _rerun("", BOARD),
        _rerun("part", DESK),
    )
    line.filter_browser_message(_rerun("", DESK))
    assert line.filter_browser_message(press) == []
    assert line.filter_browser_message(click) == [press, click]
    assert line.filter_browser_message(press) == []
    assert line.filter_browser_message(leave) == [press, leave]
    assert line.filter_browser_message(late) == []
    assert _finishes(line) == []  # its page was left


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_one_thing_is_drawn_at_a_time_and_told_to_its_end(database: str) -> None:
    # Of two runs at once the one that ends resets what the other was just told: a press that nobody
    # hears.
    with running_desk(database, ROLE="web") as desk:
        _, secret = opened_session("Ana", role=AdvisorRole.SUPERVISOR)
        with _stream_as(secret, desk) as browser:
            part = _part_of(_draws(browser))
            ends = 0
            for _ in range(20):
                browser.send(_rerun(part, "")["bytes"])
                _told(browser, "new_session")
                browser.send(_rerun("", "")["bytes"])
                drawn = _told(browser, "script_finished", ForwardMsg.FINISHED_SUCCESSFULLY)
                ends += sum(said.WhichOneof("type") == "script_finished" for said in drawn[:-1])
            assert (
                ends > 15
                # of parts: the whole page may follow on the heels of one, and nobody misses its
                # last
                # word
            )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_is_gone_from_a_desk_is_not_said_to_be_in_danger_again(database: str) -> None:
    # A browser that is told late asks once more with what it still shows.
    now = datetime.now(UTC)
    with running_desk(database, ROLE="web") as desk:
        advisor_id, secret = opened_session("Ana")
        with transaction() as session:
            callback, ana = a_callback(session), session.get_one(Advisor, advisor_id)
            presence.set_advisor_available(session, ana, now=now)
            queue.claim_callback(session, callback, ana, now=now)
            course.open_incident_as_advisor(session, callback, ana, now=now)
            in_hand = callback.id
        with _stream_as(secret, desk) as browser:
            drawn = _draws(browser)
            shown = (told.delta.new_element.selectbox for told in drawn)
            kind = next(one for one in shown if "-kind-" in one.id)
            with transaction() as session:
                held = session.get_one(Callback, in_hand)
                queue.release_callback(session, held, session.get_one(Advisor, advisor_id), now=now)
            assert "Return to queue" not in str(_draws(browser, _part_of(drawn)))
            still_shown = WidgetState(id=kind.id, string_value=kind.options[kind.default])
            late = str(_draws(browser, _part_of(drawn), still_shown))
        assert "1 waiting now" in late
        assert "Only a supervisor" not in late


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_calls_keep_coming_to_whoever_reads_another_page(database: str) -> None:
    now = datetime.now(UTC)
    with running_desk(database, ROLE="web") as desk:
        advisor_id, secret = opened_session("Ana")
        with transaction() as session:
            ana = session.get_one(Advisor, advisor_id)
            presence.set_advisor_available(session, ana, now=now)
            ana.present_until = now + timedelta(seconds=30)
        with _stream_as(secret, desk) as browser:
            assert "My calls" in str(_draws(browser, page="calls"))
        with reader() as session:
            present_until = session.get_one(Advisor, advisor_id).present_until
        assert present_until
        assert present_until >= now + presence.PULSE_LASTS


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_heartbeat_that_finds_no_database_breaks_nobody_s_page(database: str) -> None:
    with running_desk(database, ROLE="web") as desk:
        _, secret = opened_session("Ana")
        with _stream_as(secret, desk) as browser:
            parts = (told.auto_rerun.fragment_id for told in _draws(browser, page="calls"))
            heartbeat = next(filter(None, parts))
            rename_table("advisor", "away")
            try:
                told = str(_draws(browser, heartbeat))
            finally:
                rename_table("away", "advisor")
        assert "Something went wrong" not in told
        assert "No heartbeat was recorded" in desk.printed()


def _stream_as(secret: str, desk: Desk) -> ClientConnection:
    """What the browser of somebody who is signed in opens to Streamlit."""
    return connect(
        f"{desk.url.replace('http', 'ws', 1)}/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")],
        additional_headers={"Cookie": f"ringback={secret}"},
        origin=Origin(desk.url),
        proxy=None,
    )


def _draws(
    browser: ClientConnection, part: str = "", *shown: WidgetState, page: str = ""
) -> list[ForwardMsg]:
    """Return what a browser is told that asks for a part, or a whole page."""
    told = BackMsg()
    told.rerun_script.page_name = page
    told.rerun_script.fragment_id = part
    told.rerun_script.widget_states.widgets.extend(shown)
    browser.send(told.SerializeToString())
    end = "FINISHED_FRAGMENT_RUN_SUCCESSFULLY" if part else "FINISHED_SUCCESSFULLY"
    return _told(browser, "script_finished", getattr(ForwardMsg, end))


def _part_of(drawn: list[ForwardMsg]) -> str:
    """Return the last part of a page that runs by itself: the page's own, behind the frame's."""
    return [told.auto_rerun.fragment_id for told in drawn if told.HasField("auto_rerun")][-1]


def _told(browser: ClientConnection, kind: str, how: object = None) -> list[ForwardMsg]:
    """Return what a browser is told, to the first message of this kind and, if given, content."""
    told = [ForwardMsg.FromString(browser.recv(timeout=PATIENCE, decode=False))]
    while told[-1].WhichOneof("type") != kind or how not in (None, getattr(told[-1], kind)):
        told.append(ForwardMsg.FromString(browser.recv(timeout=PATIENCE, decode=False)))
    return told


class Hold:
    """Stands between a page and Streamlit.

    Hears what the page says, and may keep back what it is told.
    """

    def __init__(self, page: Page) -> None:
        self.heard: list[ClientState] = []
        self._kept: list[str | bytes] | None = None
        self._page = page
        page.route_web_socket("**/_stcore/stream", self._stand_between)

    def _stand_between(self, browser: WebSocketRoute) -> None:
        self._browser, server = browser, browser.connect_to_server()
        browser.on_message(
            lambda frame: (
                self.heard.append(BackMsg.FromString(frame).rerun_script),
                server.send(frame),
            )
        )
        server.on_message(self._tell)

    def _tell(self, frame: str | bytes) -> None:
        if self._kept is None:
            self._browser.send(frame)
        else:
            self._kept.append(frame)

    @contextmanager
    def keeps_back(self) -> Iterator[None]:
        """From a moment on in which nothing is drawn.

        Its end would be kept back too, and the page wait for it.
        """
        self._kept = []
        while not settled(self._page):
            self._let_go()
            eventually(lambda: settled(self._page))
            self._kept = []
        yield
        self._let_go()

    def _let_go(self) -> None:
        kept, self._kept = self._kept or [], None
        for frame in kept:
            self._browser.send(frame)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_change_in_the_moment_of_leaving_does_not_empty_the_next_page(
    database: str, page: Page
) -> None:
    with running_desk(database) as desk:
        hold = Hold(page)
        sign_in(page, desk, AdvisorRole.SUPERVISOR)
        page.get_by_role("link", name="Colleagues").click()
        expect(page.get_by_role("heading", name="Colleagues")).to_be_visible()
        with hold.keeps_back():
            page.get_by_role("link", name="Work list").click()
            leaves_no_number()  # it concerns the part that is on every page of a supervisor
            eventually(lambda: page.evaluate("true") and hold.heard[-1].fragment_id)
        assert hold.heard[-2].page_script_hash not in ("", hold.heard[-1].page_script_hash)
        expect(page.get_by_role("heading", name="Work list")).to_be_visible()
        asks(1)
        expect(page.get_by_role("button", name="To call 1")).to_be_visible()


def leaves_no_number() -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        given = {"body": b'{"name": "Jo"}', "content_type": "application/json", "received_at": now}
        processing.process_submission(session, a_submission(session, **given), now=now)


def _message(told: BackMsg) -> Message:
    return {"type": "websocket.receive", "bytes": told.SerializeToString()}


def _rerun(part: str, page: str) -> Message:
    told = BackMsg()
    told.rerun_script.fragment_id, told.rerun_script.page_script_hash = part, page
    return _message(told)


def _begins(line: StreamlitSocketFilter) -> list[Message]:
    said = ForwardMsg()
    said.new_session.SetInParent()
    return line.release_after_server_message(
        {"type": "websocket.send", "bytes": said.SerializeToString()}
    )


def _finishes(
    line: StreamlitSocketFilter, how: int = ForwardMsg.FINISHED_SUCCESSFULLY
) -> list[Message]:
    said = ForwardMsg(script_finished=how)
    return line.release_after_server_message(
        {"type": "websocket.send", "bytes": said.SerializeToString()}
    )
