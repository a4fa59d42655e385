"""The television page, on which a television is let in.

It asks for a supervisor's code and goes on to the wallboard.
"""

from __future__ import annotations

import functools

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.http.sign_in_policy import SignInPolicy, read_small_form, request_language
from leads.database.transactions import transaction
from leads.errors import NotAllowed
from leads.i18n.translatable import Phrase
from leads.network_neighborhoods import neighborhood_of
from leads.pages import rendering
from leads.people import sessions, television_access

PATH = "/tv"
TRIES_OF_AN_ADDRESS = RateLimitItemPerMinute(60, 15)
TOO_MANY = Phrase("Too many attempts from this address. Please wait 15 minutes.")


def television_routes(entrance: SignInPolicy) -> list[Route]:
    """Return the routes that let a television in."""
    limiter = MovingWindowRateLimiter(MemoryStorage())
    return [
        Route(PATH, show_television_form, methods=["GET"]),
        Route(
            PATH,
            functools.partial(submit_television_code, entrance=entrance, limiter=limiter),
            methods=["POST"],
        ),
    ]


async def show_television_form(request: Request) -> Response:
    """Show the form for the code.

    Following a link is not enough: programs that look at links would use the code up.
    """
    return _render_television_form(request, request.query_params.get("code", ""))


async def submit_television_code(
    request: Request, *, entrance: SignInPolicy, limiter: MovingWindowRateLimiter
) -> Response:
    """Start the television's session, and end whatever session this browser had."""
    code = (await read_small_form(request)).get("code", "")
    address = request.client.host if request.client else ""
    if not limiter.hit(TRIES_OF_AN_ADDRESS, neighborhood_of(address)):
        return _render_television_form(request, code, problem=TOO_MANY, status=429)
    try:
        secret = await run_in_threadpool(
            _begin_television_session, entrance, code, entrance.session_secret_of(request.headers)
        )
    except NotAllowed as refusal:
        return _render_television_form(request, code, problem=refusal.args[0], status=401)
    return entrance.redirect_with_session(secret, "/", lasts=television_access.SHOWS_FOR)


def _begin_television_session(entrance: SignInPolicy, code: str, before: str) -> str:
    with transaction() as session:
        secret = television_access.sign_in_television(session, code, now=entrance.now())
        sessions.revoke_secret(session, before, now=entrance.now())
    return secret


def _render_television_form(
    request: Request, code: str, *, problem: str = "", status: int = 200
) -> Response:
    language = request_language(request.headers)
    return rendering.render_page(
        "television.html", status=status, language=language, code=code, problem=problem
    )
