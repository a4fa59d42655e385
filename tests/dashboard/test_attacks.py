"""What was tried against a running desk and did not get through; see docs/security.md."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from sqlmodel import func, select
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from dashboard.page_list import PAGES, list_pages_of_role
from leads.database.engine import current_engine
from leads.database.transactions import reader, transaction
from leads.models.advisors import SignIn
from leads.models.audit import AuditEntry
from leads.models.enums import AdvisorRole, AuditKind
from leads.people import sessions
from tests.support.databases import open_beside
from tests.support.running_desk import PATIENCE, Desk, add_advisor, running_desk

ROLES = (AdvisorRole.ADVISOR, AdvisorRole.SUPERVISOR)
MORE_OF_ONE = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"
SMUGGLED = {
    "two ends": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 0\r\nContent-Length: 40\r\n\r\n",
    "a way that is none": b"Transfer-Encoding: xchunked\r\n\r\n",
    "a way behind a tab": b"Transfer-Encoding:\tchunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    "a name with a blank": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a length that is none": b"Content-Length: +5\r\n\r\n12345",
    "a folded line": b"X: a\r\n Content-Length: 5\r\nContent-Length: 0\r\n\r\n",
    "a bare line feed": b"X: a\nContent-Length: 40\r\nContent-Length: 0\r\n\r\n",
}


@pytest.fixture(scope="module")
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    open_beside(request.getfixturevalue("sqlite")())
    address = current_engine().url.render_as_string(hide_password=False)
    with running_desk(address) as running:
        yield running
    current_engine().dispose()


@pytest.fixture(scope="module")
def cookies(desk: Desk) -> dict[AdvisorRole, str]:
    """The session of an advisor and one of a supervisor, as headers say them."""
    now, found = datetime.now(UTC), {}
    with transaction() as session:
        for number, role in enumerate(ROLES, 1):
            advisor = add_advisor(session, number, role=role, now=now)
            found[role] = f"ringback={sessions.start_session(session, advisor, now=now)}"
    return found


@pytest.mark.parametrize("kind", SMUGGLED)
def test_no_request_is_hidden_in_another(desk: Desk, kind: str) -> None:
    address = urlsplit(desk.url)
    with socket.create_connection((address.hostname, address.port), timeout=PATIENCE) as line:
        line.sendall(b"POST /login HTTP/1.1\r\nHost: a\r\n" + SMUGGLED[kind] + MORE_OF_ONE)
        heard = b""
        with contextlib.suppress(ConnectionError):
            while part := line.recv(65536):
                heard += part
    assert heard[:12] == b"HTTP/1.1 400"
    assert b'"live"' not in heard


@pytest.mark.parametrize(
    "path",
    [
        "/report/", "//report", "/./report", "/login/../report", "/login/%2e%2e/report",
        "/login%2f..%2freport", "/login/report", "/loginx", "/tv/report", "/metrics/", "/hooks",
        "/form", "/hooks/../report", "/form/%2e%2e/report", "/health/../_stcore/host-config",
        "/static/../api/session", "/_stcore/host-config/", "/%5fstcore/host-config",
        "/_stcore/..%2f_stcore/host-config", "/API/session", "/api/session%00", "/%00",
        "/media/a.json", "/_stcore/upload_file/a/b", "/auth/oidc/../../report", "/report;/login",
        "/report?/login", "/hooks/forms/%00", "/form/%00", "/form/%ff",
    ],
)  # fmt: skip
def test_no_spelling_of_an_address_leads_past_the_door(desk: Desk, path: str) -> None:
    address = urlsplit(desk.url)
    asked = f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n"
    with socket.create_connection((address.hostname, address.port), timeout=PATIENCE) as line:
        line.sendall(f"{asked}Accept: text/html\r\n\r\n".encode())
        answer = b""
        while part := line.recv(65536):
            answer += part
    assert answer[9:12] in (b"303", b"400", b"401", b"403", b"404"), answer[:300]
    assert b"Streamlit" not in answer


@pytest.mark.parametrize(
    "path",
    [
        "/a.b", "/work.x", "/report/a.b", "/index.html", "/api/none", "/account/none", "/tv/none",
        "/app/none", "/auth/none", "/second-factor/a.b", "/confirm/none", "/unknown", "/login/a.b",
    ],
)  # fmt: skip
@pytest.mark.parametrize("accepted", ["text/html", "*/*"])
def test_whoever_is_signed_in_is_never_shown_the_frameworks_own_page(
    desk: Desk, cookies: dict[AdvisorRole, str], path: str, accepted: str
) -> None:
    asked = {"Accept": accepted, "Cookie": cookies[AdvisorRole.SUPERVISOR]}
    answer = desk.http.get(path, headers=asked)
    assert (answer.status_code, "Page not found" in answer.text) == (404, True)
    assert "default-src 'none'" in answer.headers["content-security-policy"] or accepted == "*/*"
    assert "Streamlit" not in answer.text


def test_files_of_the_desk_are_still_served(desk: Desk, cookies: dict[AdvisorRole, str]) -> None:
    asked = {"Accept": "text/html", "Cookie": cookies[AdvisorRole.SUPERVISOR]}
    shell = desk.http.get("/", headers=asked).text
    files = re.findall(r'(?:src|href)="[./]*/([\w./-]+\.\w+)"', shell)
    assert len(files) > 10
    for path in (*files, "app/static/icon.png"):
        assert desk.http.get(f"/{path}", headers=asked).status_code == 200, path


@pytest.mark.parametrize(
    "path", ["/", "/login", "/api/session", "/app/static/icon.png", "/session.js", "/health/live"]
)
def test_every_answer_says_what_may_run_in_it(
    desk: Desk, cookies: dict[AdvisorRole, str], path: str
) -> None:
    asked = {"Accept": "text/html", "Cookie": cookies[AdvisorRole.SUPERVISOR]}
    answer = desk.http.get(path, headers=asked)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(policy)


def test_a_page_takes_orders_from_no_other_site(
    desk: Desk, cookies: dict[AdvisorRole, str]
) -> None:
    """By `postMessage`, as its maker's hosts could give them."""
    asked = {"Cookie": cookies[AdvisorRole.SUPERVISOR]}
    told = desk.http.get("/_stcore/host-config", headers=asked).json()
    assert (told["allowedOrigins"], told["useExternalAuthToken"]) == ([], False)


@pytest.mark.parametrize("name", ["X-Ringback-{}", "X_Ringback_{}", "x-ringback-{}"])
def test_nobody_says_who_they_are_by_a_header(
    desk: Desk, cookies: dict[AdvisorRole, str], name: str
) -> None:
    with reader() as session:
        of_supervisor = select(func.max(SignIn.id)).where(SignIn.advisor_id == 2)
        theirs = str(session.exec(of_supervisor).one())
    claimed = {
        name.format(part): value
        for part, value in (("Id", "2"), ("Role", "admin"), ("Name", "a"), ("Sign-In", theirs))
    }
    html = {**claimed, "Accept": "text/html"}
    assert desk.http.get("/report", headers=html).headers["location"].startswith("/login")
    as_advisor = {**html, "Cookie": cookies[AdvisorRole.ADVISOR]}
    assert desk.http.get("/report", headers=as_advisor).status_code == 404
    account = desk.http.get("/account", headers=as_advisor).text  # of the session that they name
    assert ("advisor1@" in account, "advisor2@" in account) == (True, False)
    as_supervisor = {"Accept": "text/html", "Cookie": cookies[AdvisorRole.SUPERVISOR]}
    assert desk.http.get("/report", headers=as_supervisor).status_code == 200


def test_who_asks_for_a_page_of_others_is_on_record(
    desk: Desk, cookies: dict[AdvisorRole, str]
) -> None:
    asked = {"Accept": "text/html", "Cookie": cookies[AdvisorRole.ADVISOR]}
    for _ in range(2):
        assert desk.http.get("/alerts", headers=asked).status_code == 404
    with reader() as session:
        of_page = select(AuditEntry).where(AuditEntry.view == "alerts")
        (entry,) = session.exec(of_page).all()
    assert (entry.kind, entry.address) == (AuditKind.REFUSED, "127.0.0.1")
    assert entry.actor.startswith("advisor:")
    assert entry.details == {"lacking": "see_alerts"}


def test_of_two_cookies_and_a_guessed_one_none_opens_more_than_its_own(
    desk: Desk, cookies: dict[AdvisorRole, str]
) -> None:
    advisor = cookies[AdvisorRole.ADVISOR]
    for both in (f"ringback=guessed; {advisor}", f"{advisor}; ringback=guessed", f"{advisor}x"):
        answer = desk.http.get("/report", headers={"Cookie": both, "Accept": "text/html"})
        assert answer.status_code in (303, 404)


def test_an_advisor_who_asks_for_a_supervisors_page_by_its_number_is_shown_their_own(
    desk: Desk, cookies: dict[AdvisorRole, str]
) -> None:
    """The number is Streamlit's hash of a page, which a browser sends with each run."""
    numbers = {}
    for page in PAGES[1:]:
        number, words = run_page(desk, cookies[AdvisorRole.SUPERVISOR], name=page.path)
        if page.title in words:
            numbers[page] = number
    own = list_pages_of_role(AdvisorRole.ADVISOR)
    others = [page for page in numbers if page not in own]
    assert len(others) >= 5  # a supervisor is shown them in this way
    desk_number, _words = run_page(desk, cookies[AdvisorRole.ADVISOR])
    for page in others:
        for asked in ({"name": page.path}, {"number": numbers[page]}):
            number, words = run_page(desk, cookies[AdvisorRole.ADVISOR], **asked)
            assert (number, page.title in words) == (desk_number, False), page.path


def run_page(desk: Desk, cookie: str, *, name: str = "", number: str = "") -> tuple[str, str]:
    """Ask for a page as a browser does; returns the number of what ran, and what was drawn."""
    with stream(desk, cookie) as line:
        told = BackMsg()
        told.rerun_script.page_name, told.rerun_script.page_script_hash = name, number
        line.send(told.SerializeToString())
        ran, drawn = "", []
        while True:
            said = ForwardMsg.FromString(line.recv(PATIENCE))
            if said.WhichOneof("type") == "new_session":
                ran = said.new_session.page_script_hash
            if said.WhichOneof("type") == "delta":
                drawn.append(str(said.delta.new_element))
            if said.WhichOneof("type") == "script_finished":
                return ran, "".join(drawn)


def stream(desk: Desk, cookie: str, *protocols: str) -> ClientConnection:
    return connect(
        f"{desk.url.replace('http', 'ws')}/_stcore/stream",
        additional_headers={"Origin": desk.url, "Cookie": cookie},
        subprotocols=["streamlit", *protocols],
        proxy=None,
    )


def streamlit_session(line: ClientConnection) -> str:
    """Return the number by which Streamlit knows an open page."""
    told = BackMsg()
    told.rerun_script.SetInParent()
    line.send(told.SerializeToString())
    while True:
        said = ForwardMsg.FromString(line.recv(PATIENCE))
        if said.WhichOneof("type") == "new_session":
            return said.new_session.initialize.session_id


def test_nobody_takes_over_the_page_of_another_or_puts_a_file_into_it(
    desk: Desk, cookies: dict[AdvisorRole, str]
) -> None:
    advisor = cookies[AdvisorRole.ADVISOR]
    own_page = {"Cookie": advisor, "Origin": desk.url, "Sec-Fetch-Site": "same-origin"}
    with contextlib.ExitStack() as their_page:
        theirs = their_page.enter_context(stream(desk, cookies[AdvisorRole.SUPERVISOR]))
        number = streamlit_session(theirs)
        for _turn in ("open", "left a moment ago"):
            with stream(desk, advisor, "xsrf", number) as line:
                assert streamlit_session(line) != number
            put = desk.http.put(
                f"/_stcore/upload_file/{number}/a", files={"a": b"phone\n"}, headers=own_page
            )
            assert put.status_code in (400, 403, 404)
            their_page.close()
