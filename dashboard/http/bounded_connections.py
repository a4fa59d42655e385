"""Bounded connections: how many of one sender, what may come before a request is whole, and when.

uvicorn has no such bounds of its own: it takes headers of any size, and waits for ever.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from http import HTTPStatus
from typing import Any
from weakref import WeakKeyDictionary

from httptools import HttpParserError
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from dashboard.http.security_headers import NOT_KEPT, SECURITY_HEADERS, UNFRAMED
from leads.network_neighborhoods import is_address_among, neighborhood_of

MOST_HEADER_BYTES = 64 * 1024  # of a request's first line and headers
MOST_HEADERS = 200
LONGEST_ADDRESS = (
    8 * 1024
)  # bytes: answers in an address are shorter, and other servers take no more
HEADER_SECONDS = 10.0  # from the first byte of a request, or from the connection
BODY_SECONDS = 20.0  # from the headers, and a second more for each `SLOWEST_RATE` bytes
SLOWEST_RATE = 2048  # bytes a second: a phone with hardly a signal is faster
MOST_OF_ONE_SENDER = 400
"""Connections of one neighborhood, without open pages' websockets, which want a sign-in.

A call center's fifty desks that all load a page anew have 300.
"""
TURNED_AWAY_SECONDS = 1.0  # for whoever has too many to ask, and to be told so

_open: WeakKeyDictionary[ServerState, Counter[str]] = WeakKeyDictionary()


class HeadersTooLargeError(HttpParserError):
    """The headers of a request are larger than any browser or form tool sends."""


class BoundedConnection(HttpToolsProtocol):
    """One client's connection: it is answered 400 or closed where a request is none of ours.

    Who has too many is answered 429, and no more than as many again: the rest is closed at once.
    Proxies that FORWARDED_ALLOW_IPS names may have any number.
    """

    header_seconds = HEADER_SECONDS
    body_seconds = BODY_SECONDS
    most_of_one_sender = MOST_OF_ONE_SENDER

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._header_bytes = 0
        self._are_headers_whole = False
        self._is_upgraded = False
        self._whole_until = 0.0
        self._watch: asyncio.TimerHandle | None = None
        self._sender: str | None = None  # who is counted for it
        self._is_one_too_many = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request, and not for ever."""
        super().connection_made(transport)
        self._expect_within(self.header_seconds)
        if self.client and not is_address_among(
            self.client[0], self.config.forwarded_allow_ips or ""
        ):
            self._count_sender(neighborhood_of(self.client[0]))

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client."""
        self._stop_watch()
        self._forget_sender()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what came, unless it is more than headers may have."""
        if self._is_one_too_many:
            self._answer_and_close(
                HTTPStatus.TOO_MANY_REQUESTS, "Too many connections from this address."
            )
            return
        super().data_received(data)
        if self._is_upgraded or self._are_headers_whole or self.transport.is_closing():
            return
        self._header_bytes += len(data)
        if self._header_bytes > MOST_HEADER_BYTES:
            self.send_400_response("The headers are too large.")

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request, and hang up."""
        self._answer_and_close(HTTPStatus.BAD_REQUEST, msg)

    def _answer_and_close(self, status: HTTPStatus, sentence: str) -> None:
        """Answer with the headers of every other answer, and hang up."""
        if self.transport.is_closing():
            return
        text = sentence.encode("ascii")
        headers = {
            **SECURITY_HEADERS,
            **UNFRAMED,
            **NOT_KEPT,
            b"content-type": b"text/plain; charset=utf-8",
            b"content-length": b"%d" % len(text),
            b"connection": b"close",
        }
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            headers[b"retry-after"] = b"10"
        lines = [name + b": " + value for name, value in headers.items()]
        told = f"HTTP/1.1 {status.value} {status.phrase}".encode("ascii")
        answer = b"\r\n".join([told, *lines, b"", text])
        self.transport.write(answer)
        self.transport.close()

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to websockets, which have bounds of their own."""
        self._is_upgraded = True
        self._stop_watch()
        self._forget_sender()
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        """Begin to wait for the headers of a request."""
        super().on_message_begin()
        self._are_headers_whole, self._header_bytes = False, 0
        self._expect_within(self.header_seconds)

    def on_url(self, url: bytes) -> None:
        """Read a part of the address."""
        super().on_url(url)
        if len(self.url) > LONGEST_ADDRESS:
            raise HeadersTooLargeError
        self._count_header(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Read one header."""
        super().on_header(name, value)
        self._count_header(len(name) + len(value))

    def on_headers_complete(self) -> None:
        """Serve the request, and wait for its body."""
        self._are_headers_whole = True
        self._expect_within(self.body_seconds)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Read a part of the body: whoever sends it goes on having time."""
        self._whole_until += len(body) / SLOWEST_RATE
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Serve the request that is whole now, however long that takes."""
        self._stop_watch()
        super().on_message_complete()

    def _count_sender(self, sender: str) -> None:
        """Count a connection of a sender, which may be one too many."""
        counts = _open.setdefault(self.server_state, Counter())
        counts[sender] += 1
        self._sender = sender
        if counts[sender] > 2 * self.most_of_one_sender:
            self.transport.abort()
        elif counts[sender] > self.most_of_one_sender:
            self._is_one_too_many = True
            self._expect_within(TURNED_AWAY_SECONDS)

    def _forget_sender(self) -> None:
        if self._sender is not None:
            counts = _open[self.server_state]
            counts[self._sender] -= 1
            if not counts[self._sender]:
                del counts[self._sender]
            self._sender = None

    def _count_header(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes > MOST_HEADER_BYTES or len(self.headers) > MOST_HEADERS:
            raise HeadersTooLargeError

    def _expect_within(self, seconds: float) -> None:
        self._stop_watch()
        self._whole_until = self.loop.time() + seconds
        self._watch = self.loop.call_later(seconds, self._close_if_late)

    def _close_if_late(self) -> None:
        """Close the connection whose request is not whole in time; we may be who is slow."""
        left = self._whole_until - self.loop.time()
        if self.flow.read_paused:
            left = max(left, self.body_seconds)
        if left > 0:
            self._watch = self.loop.call_later(left, self._close_if_late)
        else:
            self.transport.abort()

    def _stop_watch(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
