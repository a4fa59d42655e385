"""A destination of events: a real https server on this machine, that keeps what it is sent."""

from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme

HOST = "hooks.example.org"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Received:
    """One request, as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class Receiver:
    """What the server took, and what it answers next: a status and headers.

    `hangs`: until when it drips the answer to what is sent to a path that has "slow" in it.
    """

    def __init__(self, host: str) -> None:
        self.host = host
        self.requests: list[Received] = []
        self.answers: list[tuple[int, Mapping[str, str]]] = []
        self.hangs: threading.Event | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"https://{self.host}:{self.port}/hook?key=zanzibar"

    def resolve(self, host: str, port: int, **_options: Any) -> list[tuple[Any, ...]]:
        """What the world's name servers would say."""
        assert host == self.host
        return [(2, 1, 6, "", (LOOPBACK, port))]


@contextmanager
def running_receiver(folder: Path, *, host: str = HOST) -> Iterator[Receiver]:
    """Run the server; the certificate of its authority is written into `folder`."""
    receiver, authority = Receiver(host), trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(host).configure_cert(context)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.requests.append(Received(self.path, dict(self.headers), body))
            if receiver.hangs and "slow" in self.path:
                _drip(self.wfile, receiver.hangs)
                return
            status, headers = receiver.answers.pop(0) if receiver.answers else (204, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_words: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer((LOOPBACK, 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        if receiver.hangs:
            receiver.hangs.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _drip(answer: Any, until: threading.Event) -> None:
    """Write headers that never end, a letter every now and then, as long as somebody listens."""
    try:
        answer.write(b"HTTP/1.1 200 OK\r\nX: ")
        while not until.wait(0.1):
            answer.write(b"x")
    except OSError:
        return
