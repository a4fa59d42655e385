"""Security headers: what every answer says to a browser, pages and refusals alike."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.http import error_pages

SECURITY_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=(), payment=()",
}
UNFRAMED = {
    b"x-frame-options": b"DENY",
    b"content-security-policy": b"default-src 'none'; base-uri 'none'; form-action 'none'; "
    b"frame-ancestors 'none'",
}
"""Of every answer but a page that says itself who may frame it: a file is no page."""

OVER_HTTPS = {b"strict-transport-security": b"max-age=31536000; includeSubDomains"}
"""Browsers that came once come over HTTPS for a year, whatever a link or a network says."""

NOT_KEPT = {b"cache-control": b"no-store"}
LEAST_REFUSAL = 400  # the status of an answer that is none


class SecurityHeaders:
    """Adds to each answer the headers that it has not, also where a request has failed.

    What failed is answered here: the server's own answer would come from outside.
    """

    def __init__(self, app: ASGIApp, *, is_secure: bool) -> None:
        self._app = app
        self._always = SECURITY_HEADERS | (OVER_HTTPS if is_secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer with all headers back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                given = list(message["headers"])
                message = {**message, "headers": [*given, *missing_headers(message, self._always)]}
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception:
            if not has_begun:
                await error_pages.render_failure(scope)(scope, receive, send_with_headers)
            raise


def missing_headers(message: Message, always: Mapping[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    """Return the headers that the start of an answer lacks, of these and by what it is."""
    given = Headers(raw=message["headers"])
    policy = given.get("content-security-policy")
    may_be_framed = policy is not None and "frame-ancestors" not in policy
    wanted = {**always} if may_be_framed else {**always, **UNFRAMED}
    if message["status"] >= LEAST_REFUSAL:
        wanted |= NOT_KEPT
    return [(name, value) for name, value in wanted.items() if name.decode() not in given]
