"""What a browser may tell Streamlit, and that a page which was left cannot take its place back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState

from dashboard.browser_line import Line
from leads import db, intake
from leads.models import AdvisorRole
from tests.chromium import sign_in
from tests.desk import eventually, running_desk
from tests.people import a_submission
from tests.test_live import asks, settled

BOARD, DESK = "b0a4d", "de5c"


@pytest.mark.parametrize(
    ("asked", "passes"), [("deferred_file", True), ("install_skills", False), ("dataframe_chunk", False)]
)
def test_a_browser_may_ask_for_a_file_and_for_nothing_else_besides(asked: str, passes: bool) -> None:  # noqa: FBT001 - a column
    told = BackMsg()
    getattr(told.backend_operation_request, asked).SetInParent()
    assert _passes(Line(), told) is passes


@pytest.mark.parametrize(
    ("told", "dropped"),
    [
        ([("", ""), ("part", DESK), ("", BOARD), ("part", DESK), ("part", BOARD)], [3]),
        ([("", DESK), ("", DESK), ("part", DESK)], []),
        # the server itself leads from the board to the desk, where the browser came from
        ([("", DESK), ("", BOARD), ("part", BOARD), ("part", DESK), ("", DESK), ("part", DESK)], []),
        ([("", DESK), ("", BOARD), ("", BOARD), ("part", DESK)], []),
        ([("", DESK), ("", BOARD), ("", DESK), ("part", BOARD), ("part", DESK)], [3]),
    ],
)
def test_a_part_of_a_page_that_was_left_is_not_heard(told: list[tuple[str, str]], dropped: list[int]) -> None:
    line = Line()
    assert [place for place, (part, page) in enumerate(told) if not _passes(line, _rerun(part, page))] == dropped


class Hold:
    """Stands between a page and Streamlit: hears what the page says, and may keep back what it is told."""

    def __init__(self, page: Page) -> None:
        self.heard: list[ClientState] = []
        self._kept: list[str | bytes] | None = None
        page.route_web_socket("**/_stcore/stream", self._stand_between)

    def _stand_between(self, browser: WebSocketRoute) -> None:
        self._browser, server = browser, browser.connect_to_server()
        browser.on_message(
            lambda frame: (self.heard.append(BackMsg.FromString(frame).rerun_script), server.send(frame))
        )
        server.on_message(self._tell)

    def _tell(self, frame: str | bytes) -> None:
        if self._kept is None:
            self._browser.send(frame)
        else:
            self._kept.append(frame)

    @contextmanager
    def keeps_back(self) -> Iterator[None]:
        self._kept = []
        yield
        kept, self._kept = self._kept, None
        for frame in kept:
            self._browser.send(frame)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_change_in_the_moment_of_leaving_does_not_empty_the_next_page(database: str, page: Page) -> None:
    with running_desk(database) as desk:
        hold = Hold(page)
        sign_in(page, desk, AdvisorRole.SUPERVISOR)
        page.get_by_role("link", name="Colleagues").click()
        expect(page.get_by_role("heading", name="Colleagues")).to_be_visible()
        eventually(lambda: settled(page))
        with hold.keeps_back():
            page.get_by_role("link", name="Callback board").click()
            leaves_no_number()  # it concerns the part that is on every page of a supervisor
            eventually(lambda: page.evaluate("true") and hold.heard[-1].fragment_id)
        assert hold.heard[-2].page_script_hash not in ("", hold.heard[-1].page_script_hash)
        expect(page.get_by_role("heading", name="Callback board")).to_be_visible()
        asks(1)
        expect(page.get_by_text("1 of 1 open callbacks")).to_be_visible()


def leaves_no_number() -> None:
    now = datetime.now(UTC)
    with db.transaction() as session:
        given = {"body": b'{"name": "Jo"}', "content_type": "application/json", "received_at": now}
        intake.admit(session, a_submission(session, **given), now=now)


def _passes(line: Line, told: BackMsg) -> bool:
    return line.passes({"type": "websocket.receive", "bytes": told.SerializeToString()})


def _rerun(part: str, page: str) -> BackMsg:
    told = BackMsg()
    told.rerun_script.fragment_id, told.rerun_script.page_script_hash = part, page
    return told
