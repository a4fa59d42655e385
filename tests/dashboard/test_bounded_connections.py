"""Whoever sends a request without end, or never ends one, is cut off; nobody else notices."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.sync.client import connect

from dashboard.http.bounded_connections import (
    LONGEST_ADDRESS,
    MOST_HEADER_BYTES,
    MOST_HEADERS,
    BoundedConnection,
)
from tests.support.running_desk import Desk, free_port
from tests.support.serving import PLAIN, serving
from tests.support.source_files import ROOT

PATIENCE = 20.0  # seconds


class Scarce(BoundedConnection):
    """A connection of which one sender has two."""

    most_of_one_sender = 2


class Hasty(BoundedConnection):
    """A connection whose client has a moment."""

    header_seconds = body_seconds = 0.1


class Calm(BoundedConnection):
    """A connection whose client has time to shake hands on a busy machine."""

    header_seconds = body_seconds = 3.0


async def tell_size(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    while True:
        await websocket.send_text(await websocket.receive_text())


APP = Starlette(
    routes=[Route("/", tell_size, methods=["GET", "POST"]), WebSocketRoute("/live", echo)]
)


@contextmanager
def line(url: str) -> Iterator[socket.socket]:
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=PATIENCE) as open_line:
        yield open_line


def heard(open_line: socket.socket) -> bytes:
    """Return what is heard until the other side hangs up."""
    told = b""
    with contextlib.suppress(ConnectionError):
        while part := open_line.recv(65536):
            told += part
    return told


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET",
        b"GET / HTTP/1.1\r\nHost: a\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1234",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n1234\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHos",
    ],
)
def test_a_request_that_never_ends_is_given_up(begun: bytes) -> None:
    with serving(APP, http=Hasty) as url, line(url) as half_open:
        half_open.sendall(begun)
        assert heard(half_open).count(b"200 OK") == begun.count(b"\r\n\r\nGET")
        assert httpx.get(url, verify=PLAIN, trust_env=False).text == "0"


@pytest.mark.parametrize(
    "headers",
    [
        b"X: " + b"x" * (2 * MOST_HEADER_BYTES),
        b"\r\n".join(b"X%d: %s" % (n, b"x" * 1000) for n in range(70)),
        b"\r\n".join(b"X%d: x" % n for n in range(MOST_HEADERS + 1)),
    ],
)
@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"])
def test_headers_larger_than_any_browser_sends_are_refused(headers: bytes, end: bytes) -> None:
    with serving(APP, http=BoundedConnection) as url, line(url) as greedy:
        with contextlib.suppress(ConnectionError):
            greedy.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n" + headers + end)
        if end or len(headers) > MOST_HEADER_BYTES:
            assert heard(greedy)[:12] in (b"HTTP/1.1 400", b"")
        assert httpx.get(url, verify=PLAIN, trust_env=False).text == "0"


def test_an_address_longer_than_any_is_refused() -> None:
    with serving(APP, http=BoundedConnection) as url, line(url) as greedy:
        greedy.sendall(b"GET /?" + b"x" * LONGEST_ADDRESS + b" HTTP/1.1\r\nHost: a\r\n\r\n")
        assert heard(greedy)[:12] == b"HTTP/1.1 400"
        long = "x" * (LONGEST_ADDRESS - 100)
        assert httpx.get(f"{url}/?{long}", verify=PLAIN, trust_env=False).text == "0"


def test_whoever_goes_on_sending_has_time() -> None:
    with serving(APP, http=Hasty) as url:
        large = b"x" * 1_000_000
        with httpx.Client(verify=PLAIN, trust_env=False) as client:
            assert [client.post(url, content=large).text for _ in range(3)] == ["1000000"] * 3
            assert client.get(url).text == "0"


def test_a_websocket_stays_open_as_long_as_it_likes() -> None:
    with (
        serving(APP, http=Calm) as url,
        connect(f"ws{url[4:]}/live") as websocket,
        line(url) as half_open,
    ):
        assert not heard(half_open)  # by now, the websocket would have been given up, too
        websocket.send("still here")
        assert websocket.recv(PATIENCE) == "still here"


FULL = b"HTTP/1.1 429"


def begin(
    url: str, begun: bytes = b"GET / HTTP/1.1\r\nHost: a\r\n", *, of: str = ""
) -> socket.socket:
    """Begin a request, of another address of this machine if one is given (Linux)."""
    address = urlsplit(url)
    place = (str(address.hostname), address.port or 0)
    opened = socket.create_connection(
        place, timeout=PATIENCE, source_address=(of, 0) if of else None
    )
    opened.sendall(begun)
    return opened


def answer_to(url: str, *, of: str = "") -> bytes:
    with begin(url, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", of=of) as asked:
        return heard(asked)


def test_one_sender_has_a_number_of_connections_and_no_more() -> None:
    with serving(APP, http=Scarce, forwarded_allow_ips="127.0.0.3") as url:
        with contextlib.ExitStack() as open_lines:
            held = [open_lines.enter_context(begin(url)) for _ in range(Scarce.most_of_one_sender)]
            refused = answer_to(url)
            assert refused.startswith(FULL)
            assert b"retry-after: 10" in refused
            assert b"x-content-type-options: nosniff" in refused
            assert b"Too many connections" in refused
            assert b" 200 OK" in answer_to(url, of="127.0.0.2")
            held[0].close()
            assert b" 200 OK" in _answer_when_free(url)
        assert b" 200 OK" in _answer_when_free(url)


def _answer_when_free(url: str) -> bytes:
    """Return the answer as soon as the server has noticed who hung up."""
    while (answer := answer_to(url)).startswith(FULL):
        pass
    return answer


def test_a_proxy_that_was_named_has_as_many_as_it_likes() -> None:
    with (
        serving(APP, http=Scarce, forwarded_allow_ips="192.0.2.1, 127.0.0.0/29") as url,
        contextlib.ExitStack() as open_lines,
    ):
        for _ in range(5 * Scarce.most_of_one_sender):
            open_lines.enter_context(begin(url))
        assert b" 200 OK" in answer_to(url)


def test_websockets_of_open_pages_take_no_connection_from_anybody() -> None:
    with (
        serving(APP, http=Scarce, forwarded_allow_ips="127.0.0.3") as url,
        contextlib.ExitStack() as pages,
    ):
        for _ in range(2 * Scarce.most_of_one_sender):
            pages.enter_context(connect(f"ws{url[4:]}/live"))
        assert b" 200 OK" in answer_to(url)


def test_who_does_not_ask_is_not_left_on_the_line_to_be_told() -> None:
    with (
        serving(APP, http=Scarce, forwarded_allow_ips="127.0.0.3") as url,
        contextlib.ExitStack() as lines,
    ):
        many = [lines.enter_context(begin(url, b"")) for _ in range(6)]
        assert not heard(many[-1])


def test_the_desk_keeps_these_bounds_itself(desk: Desk) -> None:
    with line(desk.url) as greedy:
        with contextlib.suppress(ConnectionError):
            greedy.sendall(b"GET /login HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 1_000_000)
        assert heard(greedy)[:12] in (b"HTTP/1.1 400", b"")
    assert desk.http.get("/health/live").json() == {"live": True}
    assert "no limit here" not in desk.printed()


def test_served_by_another_server_the_desk_says_that_a_proxy_has_to(database: str) -> None:
    port = str(free_port())
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": database, "PORT": port}
    command = [sys.executable, "-m", "uvicorn", "app:app", "--port", port]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert any("no limit here: start python app.py" in said for said in process.stdout)
        finally:
            process.terminate()
