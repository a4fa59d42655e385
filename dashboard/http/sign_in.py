"""Signing in and out: a password or an invitation, then a code where one is asked for, then a session."""

from __future__ import annotations

import functools
from typing import Any

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard.http import error_pages, guard, oidc, page_shell, second_factor_pages, television_page
from dashboard.http.sign_in_policy import NOT_STORED, Entrance, language_of, own_path, small_form
from leads.config.settings import OidcProvider
from leads.database.transactions import reader, transaction
from leads.errors import LeadsError, TooManyTries
from leads.i18n import languages, translatable
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.pages import rendering
from leads.people import accounts, login_throttle, sessions

TRIES_OF_AN_ADDRESS = RateLimitItemPerMinute(300, 15)  # a call centre is one address
SAID = {
    "ended": Phrase("You were signed out."),
    "unknown": Phrase("Your identity provider knows you, but nobody here has your e-mail address. Ask a supervisor."),
    "failed": Phrase("Your identity provider did not sign you in. Please try again."),
}
USED_LINK = Phrase("This link was used already or is too old. Ask for a new one.")
AGAIN = Phrase("Please sign in again.")
ENDS = {
    True: Phrase("You will be signed out in less than a minute. Press any key or click anywhere to stay."),
    False: Phrase(
        "You were signed in for a whole day and will be signed out in less than a minute. Then sign in again."
    ),
}
"""What a page says shortly before a session ends, by whether somebody could make it longer."""


def routes(entrance: Entrance, provider: OidcProvider | None) -> list[Route]:
    """Return the routes for signing in and out, and for what a session is asked."""
    known: dict[str, Any] = {"entrance": entrance}
    limiter = MovingWindowRateLimiter(MemoryStorage())
    return [
        Route("/login", functools.partial(show, **known), methods=["GET"]),
        Route("/login", functools.partial(sign_in, limiter=limiter, **known), methods=["POST"]),
        Route("/logout", functools.partial(sign_out, **known), methods=["POST"]),
        Route("/auth/logout", functools.partial(sign_out, **known), methods=["GET"]),  # where st.logout() goes
        Route("/api/session", functools.partial(remaining, **known), methods=["GET", "POST"]),
        *second_factor_pages.routes(entrance),
        *television_page.routes(entrance),
        *(oidc.routes(entrance, provider) if provider else ()),
        *page_shell.routes(),
        *(Route(f"{prefix}{{rest:path}}", nothing_here, methods=["GET", "POST"]) for prefix in guard.PUBLIC),
    ]


async def nothing_here(request: Request) -> Response:
    """Answer a mistyped public address, before Streamlit takes it for a page."""
    return error_pages.answer(request.headers, error_pages.NOTHING_HERE, 404)


async def show(request: Request, *, entrance: Entrance) -> Response:
    """Show the form: to sign in, or to choose a password with an invitation."""
    asked = request.query_params
    said = next((sentence for word, sentence in SAID.items() if word in asked), "")
    given = {name: asked.get(name, "") for name in ("invitation", "next", "lang")}
    given["language"] = language_of(request.headers, asked=given["lang"])
    return await run_in_threadpool(_form, entrance, given, said=said)


async def sign_in(request: Request, *, entrance: Entrance, limiter: MovingWindowRateLimiter) -> Response:
    """Check what was sent and begin a session, or ask for what is still missing."""
    given = await small_form(request)
    address = request.client.host if request.client else ""
    if not limiter.hit(TRIES_OF_AN_ADDRESS, address):
        too_many = Phrase("Too many tries from this address. Please wait 15 minutes.")
        return await run_in_threadpool(_form, entrance, given, problem=too_many, status=429)
    answer = await run_in_threadpool(_enter, entrance, given)
    if "set-cookie" in answer.headers:  # whoever signs in anew leaves nothing open behind
        await run_in_threadpool(_end, entrance, request)
    return answer


async def sign_out(request: Request, *, entrance: Entrance) -> Response:
    """End the session on the server; open pages close within a second."""
    if not entrance.is_same_site(request.headers):  # one of the two ways here is a GET, which the guard lets pass
        return error_pages.answer(request.headers, error_pages.ANOTHER_SITE, 403)
    await run_in_threadpool(_end, entrance, request)
    answer = RedirectResponse("/login", 303, NOT_STORED)
    answer.delete_cookie(entrance.cookie, path="/", secure=entrance.is_secure, httponly=True, samesite="lax")
    return answer


async def remaining(request: Request, *, entrance: Entrance) -> Response:
    """Say how long the session lasts. To POST means that a person did something, and makes it longer."""
    sign_in_id = guard.sign_in_id_of(request)
    is_in_use = request.method == "POST" or guard.is_wall(request)
    left = await run_in_threadpool(_remaining, entrance, sign_in_id, is_in_use=is_in_use)
    language = language_of(request.headers)
    warning = translatable.translate(language, ENDS[left.can_stay])
    told = {"seconds_left": left.length.total_seconds(), "language": language, "warning": warning}
    return JSONResponse(told, headers=NOT_STORED)


def _enter(entrance: Entrance, given: dict[str, str]) -> Response:
    if "half" in given:
        return second_factor_pages.finish(entrance, given) or _form(entrance, given, problem=AGAIN, status=401)
    try:
        advisor = _invited(entrance, given) if given.get("invitation") else _known(entrance, given)
    except TooManyTries as refusal:
        return _form(entrance, given, problem=refusal.args[0], status=429)
    except LeadsError as refusal:
        return _form(entrance, given, problem=refusal.args[0], status=401)
    return second_factor_pages.ask(entrance, advisor, given) or _begin(entrance, advisor, given)


def _known(entrance: Entrance, given: dict[str, str]) -> Advisor:
    email = given.get("email", "")
    with transaction() as session:
        login_throttle.throttle_sign_in(session, email, now=entrance.now())
    with reader() as session:
        return accounts.check_password(session, email=email, password=given.get("password", ""))


def _invited(entrance: Entrance, given: dict[str, str]) -> Advisor:
    with transaction() as session:
        return accounts.accept_invitation(
            session,
            given["invitation"],
            name=given.get("name", ""),
            email=given.get("email", ""),
            phone_number=given.get("phone", ""),
            password=given.get("password", ""),
            now=entrance.now(),
        )


def _begin(entrance: Entrance, advisor: Advisor, given: dict[str, str]) -> Response:
    with transaction() as session:
        login_throttle.clear_sign_in_failures(session, advisor.email)
        accounts.adopt_sign_in_language(session, advisor, given.get("lang", ""))
        secret = sessions.start_session(session, advisor, now=entrance.now())
    return entrance.let_in(secret, given.get("next", "/"))


def _end(entrance: Entrance, request: Request) -> None:
    with transaction() as session:
        sessions.revoke_secret(session, entrance.secret_of(request.headers), now=entrance.now())


def _remaining(entrance: Entrance, sign_in_id: int, *, is_in_use: bool) -> sessions.SessionTimeLeft:
    if is_in_use:
        with transaction() as session:
            sessions.keep_session_alive(session, sign_in_id, now=entrance.now())
    with reader() as session:
        return sessions.session_time_left(session, sign_in_id, now=entrance.now())


def _form(
    entrance: Entrance, given: dict[str, str], *, said: str = "", problem: str = "", status: int = 200
) -> Response:
    invitation, first = given.get("invitation", ""), False
    if invitation:
        with reader() as session:
            row = accounts.find_usable_invitation(session, invitation, now=entrance.now())
            first = row is not None and row.advisor_id is None
        if row is None:
            invitation, problem = "", problem or USED_LINK
    kept = {"invitation": invitation, "next": own_path(given.get("next", "/")), "lang": given.get("lang", "")}
    return rendering.render_page(
        "sign_in.html",
        language=given["language"],
        languages=languages.NATIVE_LANGUAGE_NAMES,
        status=status,
        invitation=invitation,
        first=first,
        kept=kept,
        given={name: given.get(name, "") for name in ("name", "email", "phone")},
        has_oidc=entrance.has_oidc,
        said=said,
        problem=problem,
    )
