"""Public limits: how often one neighborhood may knock at each door that needs no sign-in.

They are counted before a request is read or looked up anywhere. What a door limits besides is told
in docs/security.md.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.http import error_pages
from leads.api.problems import Problem, problem_response
from leads.config.settings import Settings
from leads.i18n.translatable import Phrase
from leads.intake import visitor_pages
from leads.network_neighborhoods import neighborhood_of
from leads.process_metrics import RESPONSES

TOO_MANY = Phrase("Too many requests from this address. Please wait a minute.")
PROGRAMS = "/api/v1/"
PER_MINUTE: Mapping[str, int] = MappingProxyType(
    {
        "/form/": 600,
        "/hooks/forms/": 12_000,
        "/hooks/voice/": 12_000,
        "/hooks/sms/": 12_000,
        "/hooks/alerts/": 1_200,
        "/hooks/": 600,
        "/api/v1/": 1_200,
        "/health/": 3_000,
        "/metrics": 600,
        "/login": 600,
        "/tv": 300,
        "/auth/oidc": 300,
    }
)
"""Requests a minute of one neighborhood, by the beginning of a path; the longest that fits counts.

A call centre is one neighborhood, and so are all of a form tool's servers behind one address.
"""


TURNED_AWAY = (HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)
"""Of another site, without a proof or a permission; too often."""
BEHIND_SIGN_IN = "signed in"

log = logging.getLogger(__name__)


def limit_of_path(path: str) -> str | None:
    """Return the door whose limit counts for a path; None where a sign-in is needed anyway."""
    fitting = (door for door in PER_MINUTE if path.startswith(door))
    return max(fitting, key=len, default=None)


class PublicLimits:
    """Turns away whoever knocks too often at a public door, and counts what each door answers."""

    def __init__(self, app: ASGIApp, *, forms_per_minute: int = Settings.forms_per_minute) -> None:
        self._app = app
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        most = dict(PER_MINUTE)
        most["/hooks/forms/"] = max(most["/hooks/forms/"], 4 * forms_per_minute)
        self._turned_away: Counter[tuple[str, int]] = Counter()
        self._limits = {door: RateLimitItemPerMinute(amount) for door, amount in most.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it before anything of it was read."""
        door = limit_of_path(scope["path"]) if scope["type"] == "http" else None

        async def count_and_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                if door is not None:
                    RESPONSES.labels(door, str(message["status"])).inc()
                self._log_if_turned_away(door or BEHIND_SIGN_IN, message["status"])
            await send(message)

        if door is None:
            await self._app(scope, receive, count_and_send)
            return

        address = scope["client"][0] if scope.get("client") else ""
        sender = neighborhood_of(address)
        if self._limiter.hit(self._limits[door], door, sender):
            await self._app(scope, receive, count_and_send)
        else:
            await _refuse(scope)(scope, receive, count_and_send)

    def _log_if_turned_away(self, door: str, status: int) -> None:
        """Say so of the first who is, and each time that their number has doubled.

        By door and status, nobody's address: a flood fills no log.
        """
        if status in TURNED_AWAY:
            self._turned_away[door, status] += 1
            count = self._turned_away[door, status]
            if count & (count - 1) == 0:
                log.warning("Turned away at %s with %s: %s so far.", door, status, count)


def _refuse(scope: Scope) -> Response:
    if scope["path"].startswith(error_pages.VISITORS):
        answer = visitor_pages.render_visitor_notice("crowded", Request(scope), status=429)
    elif scope["path"].startswith(PROGRAMS):
        answer = problem_response(Problem.TOO_MANY)
    else:
        answer = error_pages.render_refusal(Headers(scope=scope), TOO_MANY, 429)
    answer.headers["Retry-After"] = "60"
    return answer
