"""Every door that needs no sign-in has a limit before its cost, and refusals look like pages."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse

from dashboard.http.bounded_connections import MOST_HEADERS
from dashboard.http.guard import OIDC_PAGES, PUBLIC_PREFIXES
from dashboard.http.guard import PUBLIC_PAGES as PAGES
from dashboard.http.public_limits import PER_MINUTE, PublicLimits, limit_of_path
from dashboard.http.security_headers import SECURITY_HEADERS, UNFRAMED
from tests.support.form_doors import MIB
from tests.support.running_desk import Desk
from tests.support.source_files import ROOT

PUBLIC_PAGES = (*PAGES, *OIDC_PAGES)
SENDER, NEIGHBOR = "2001:db8::1", "2001:db8::2"
STRANGER = "2001:db8:0:1::1"
LIST_ROUTES = "import json, app; print(json.dumps([one.path for one in app.app._user_routes]))"
PROVIDER = {
    "OIDC_ISSUER": "https://id.example.org",
    "OIDC_CLIENT_ID": "desk",
    "OIDC_CLIENT_SECRET": "secret",
}


@pytest.fixture
def public_routes(database: str) -> Sequence[str]:
    """Return the paths of the routes of the whole application that need no sign-in."""
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": database, **PROVIDER}
    told = subprocess.run(
        [sys.executable, "-c", LIST_ROUTES],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    paths = json.loads(told.stdout.splitlines()[-1])
    return [path for path in paths if path.startswith(PUBLIC_PREFIXES) or path in PUBLIC_PAGES]


def test_every_public_route_has_a_limit_and_is_listed_with_it(
    public_routes: Sequence[str],
) -> None:
    listed = (ROOT / "docs/security.md").read_text("utf-8")
    assert {"/form/{slug}", "/hooks/forms/{token}", "/login", "/auth/oidc"} <= set(public_routes)
    for path in public_routes:
        door = limit_of_path(path)
        assert door is not None, path
        assert f"| `{door}` | {PER_MINUTE[door]:,} |" in listed, path


@pytest.mark.parametrize("path", [*PUBLIC_PREFIXES, *PUBLIC_PAGES])
def test_what_the_guard_lets_through_is_limited(path: str) -> None:
    assert limit_of_path(path) is not None


@pytest.mark.parametrize("path", ["/", "/work", "/_stcore/stream", "/api/notes/1", "/static/a.js"])
def test_what_needs_a_session_is_limited_by_it(path: str) -> None:
    assert limit_of_path(path) is None


@pytest.mark.parametrize("door", PER_MINUTE)
def test_whoever_knocks_too_often_is_turned_away_unread_and_nobody_else_is(door: str) -> None:
    told = asyncio.run(_knock(f"{door}x" if door.endswith("/") else door, PER_MINUTE[door]))
    assert told == {(SENDER, 200): PER_MINUTE[door], (NEIGHBOR, 429): 1, (STRANGER, 200): 1}


async def _knock(path: str, times: int) -> Counter[tuple[str, int]]:
    """Knock often from one address, then from one next to it, then from another network."""
    told = Counter[tuple[str, int]]()

    async def let_in(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def read_nothing() -> Any:
        raise AssertionError

    limits = PublicLimits(let_in)
    for address in [*[SENDER] * times, NEIGHBOR, STRANGER]:
        scope = {
            "type": "http", "method": "POST", "path": path, "headers": [], "query_string": b"",
            "client": (address, 1),
        }  # fmt: skip

        async def note(message: Any, address: str = address) -> None:
            if message["type"] == "http.response.start":
                told[address, message["status"]] += 1

        await limits(scope, read_nothing, note)
    return told


def test_a_visitor_who_is_turned_away_is_shown_whom_to_call() -> None:
    async def visit_often() -> httpx.Response:
        door = httpx.ASGITransport(PublicLimits(PlainTextResponse("here")))
        async with httpx.AsyncClient(transport=door, base_url="http://desk") as visitor:
            for _ in range(PER_MINUTE["/form/"]):
                assert (await visitor.get("/form/site")).status_code == 200
            return await visitor.get("/form/site")

    answer = asyncio.run(visit_often())
    assert (answer.status_code, "tel:988" in answer.text) == (429, True)
    assert answer.headers["retry-after"] == "60"


def test_what_a_limit_turns_away_is_in_the_log_and_a_flood_of_it_fills_none(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def flood() -> None:
        door = httpx.ASGITransport(PublicLimits(PlainTextResponse("here")), client=(SENDER, 1))
        async with httpx.AsyncClient(transport=door, base_url="http://desk") as visitor:
            for _ in range(PER_MINUTE["/tv"] + 9):
                await visitor.get("/tv?code=secret")

    asyncio.run(flood())
    lines = [one.message for one in caplog.records if "Turned away" in one.message]
    assert lines == [f"Turned away at /tv with 429: {n} so far." for n in (1, 2, 4, 8)]


def test_refusals_carry_the_headers_of_pages(desk: Desk) -> None:
    webhook = desk.opens(advisors=0)
    browser = {"Accept": "text/html"}
    answers = {
        200: desk.http.get("/login"),
        303: desk.http.get("/work", headers=browser),
        400: desk.http.get("/login", headers={f"X{n}": "x" for n in range(MOST_HEADERS + 1)}),
        401: desk.http.get("/api/session"),
        403: desk.http.post("/login", headers={"Origin": "https://evil.example"}),
        404: desk.http.get("/hooks/forms/unknown"),
        413: desk.http.post(webhook, content=b"x" * (MIB + 1)),
    }
    wanted = {name.decode(): value.decode() for name, value in SECURITY_HEADERS.items()}
    for status, answer in answers.items():
        said = {name: answer.headers.get(name) for name in wanted}
        assert answer.status_code == status
        assert said == wanted, status
        assert answer.headers["x-frame-options"] == UNFRAMED[b"x-frame-options"].decode()
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert status < 400 or answer.headers["cache-control"] == "no-store", status
    assert desk.http.post("/logout", headers={"Origin": "https://evil.example"}).status_code == 403
    for door in ("/login", "signed in"):
        assert f"Turned away at {door} with 403: 1 so far." in desk.printed()
    form = desk.http.get(desk.form_url())
    assert {name: form.headers.get(name) for name in wanted} == wanted
    assert "x-frame-options" not in form.headers
