"""What the shipped Caddyfile lets through, with the real Caddy before a small application."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboard.http.bounded_connections import HEADER_SECONDS
from tests.support import caddy
from tests.support.caddy import Caddy, caddy_environment, running_caddy
from tests.support.running_desk import eventually, free_port
from tests.support.serving import serving

pytestmark = pytest.mark.skipif(caddy.find_caddy() is None, reason=caddy.MISSING)


async def echo(request: Request) -> Response:
    headers = dict(request.headers) | {"length": str(len(await request.body()))}
    return JSONResponse(headers, headers={"Server": "secret"})


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caddy]:
    methods = ["GET", "POST"]
    with serving(Starlette(routes=[Route("/{path:path}", echo, methods=methods)])) as upstream:
        environment = caddy_environment(
            tmp_path_factory.mktemp("caddy"),
            https=free_port(),
            http=free_port(),
            admin=free_port(),
            web=[urlsplit(upstream).port or 0],
        )
        with running_caddy(environment) as running:
            eventually(lambda: answers(running), "Caddy made no certificate")
            yield running


def answers(proxied: Caddy) -> bool:
    try:
        return get(proxied, "/").is_success
    except (OSError, httpx.TransportError):
        return False


def get(proxied: Caddy, path: str, **headers: str) -> httpx.Response:
    with httpx.Client(trust_env=False, verify=proxied.authority(), timeout=20) as client:
        return client.get(f"{proxied.url}{path}", headers=headers)


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics/", "/METRICS", "//metrics", "/%6detrics", "/x/../metrics"]
)
def test_nobody_reads_the_figures_from_outside(proxied: Caddy, path: str) -> None:
    address = urlsplit(proxied.url)
    with (
        socket.create_connection((address.hostname, address.port), 10) as plain,
        proxied.authority().wrap_socket(plain, server_hostname="localhost") as line,
    ):
        line.sendall(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        assert line.recv(100).startswith(b"HTTP/1.1 404 ")


def test_a_visitor_cannot_choose_the_address_by_which_limits_count(proxied: Caddy) -> None:
    claims = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "http"}
    seen = get(proxied, "/form", **claims).json()
    assert seen["x-forwarded-for"] in ("127.0.0.1", "::1")
    assert (seen["x-forwarded-proto"], seen["host"]) == ("https", urlsplit(proxied.url).netloc)


def test_a_browser_is_led_back_by_a_cookie_and_told_of_no_server(proxied: Caddy) -> None:
    answer = get(proxied, "/")
    assert "ringback-web" in answer.cookies
    assert "server" not in answer.headers


def test_a_body_beyond_what_ringback_takes_is_refused_and_takes_no_process_away(
    proxied: Caddy,
) -> None:
    with httpx.Client(trust_env=False, verify=proxied.authority(), timeout=20) as client:
        small = client.post(f"{proxied.url}/hooks", content=b"x" * 1_000_000)
        assert small.json()["length"] == "1000000"
        large = client.post(f"{proxied.url}/hooks", content=b"x" * 21_000_000)
    assert large.status_code in (413, 502)  # by the version of Caddy
    # a stranger whose request fails must not let the proxy take a process for dead
    admin = f"http://{proxied.environment['CADDY_ADMIN']}/reverse_proxy/upstreams"
    known = httpx.get(admin, trust_env=False).json()
    assert [one["fails"] for one in known] == [0]


def test_plain_http_leads_to_https(proxied: Caddy) -> None:
    environment = proxied.environment
    address = f"http://localhost:{environment['CADDY_HTTP_PORT']}/form/1"
    answer = httpx.get(address, trust_env=False)
    assert (answer.status_code, urlsplit(answer.headers["location"]).scheme) == (308, "https")


@pytest.mark.soak  # as long as headers may take
def test_headers_that_never_end_are_given_up(proxied: Caddy) -> None:
    address = urlsplit(proxied.url)
    with (
        socket.create_connection((address.hostname, address.port), 3 * HEADER_SECONDS) as plain,
        proxied.authority().wrap_socket(plain, server_hostname="localhost") as line,
    ):
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        with contextlib.suppress(ssl.SSLError, ConnectionError):
            assert line.recv(1) == b""
