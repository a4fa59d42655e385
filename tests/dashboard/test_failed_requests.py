"""A request that fails is answered as any other refusal, and tells nobody why."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NoReturn

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from dashboard.http.security_headers import (
    NOT_KEPT,
    OVER_HTTPS,
    SECURITY_HEADERS,
    UNFRAMED,
    SecurityHeaders,
)
from tests.support.serving import PLAIN, serving

WANTED = {**SECURITY_HEADERS, **UNFRAMED, **NOT_KEPT, **OVER_HTTPS}


async def fail(_request: Request) -> NoReturn:
    msg = "Mary, +13155550142"
    raise LookupError(msg)


async def break_off(_request: Request) -> StreamingResponse:
    async def begin() -> AsyncIterator[bytes]:
        yield b"begun"
        msg = "Mary, +13155550142"
        raise LookupError(msg)

    return StreamingResponse(begin())


APP = Starlette(
    routes=[Route("/api/a", fail), Route("/form/a", fail), Route("/begun", break_off)],
    middleware=[Middleware(SecurityHeaders, is_secure=True)],
)


@pytest.mark.parametrize("path", ["/api/a", "/form/a"])
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_request_that_fails_has_the_headers_of_every_answer(path: str, accept: str) -> None:
    headers = {"Accept": accept, "Accept-Language": "es"}
    with serving(APP) as url:
        answer = httpx.get(url + path, headers=headers, verify=PLAIN, trust_env=False)
    assert answer.status_code == 500
    given = {name.lower().encode(): value.encode() for name, value in answer.headers.items()}
    missing = {name for name in WANTED if name not in given}
    assert missing == ({b"x-frame-options"} if path.startswith("/form/") else set())
    assert "Mary" not in answer.text
    if path.startswith("/form/"):
        assert "tel:988" in answer.text
    elif accept == "text/html":
        assert "Algo sali" in answer.text
    else:
        assert "went wrong" in answer.json()["error"]


def test_what_fails_after_it_has_begun_is_broken_off() -> None:
    with serving(APP) as url, pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{url}/begun", verify=PLAIN, trust_env=False)
