"""Sign-in and sign-out: a password or an invitation, then a code if needed, then a session."""

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

from dashboard.http import (
    account_page,
    error_pages,
    guard,
    identity_proof,
    oidc,
    page_shell,
    second_factor_pages,
    television_page,
)
from dashboard.http.sign_in_policy import (
    NOT_STORED,
    SignInPolicy,
    failure_code,
    read_small_form,
    request_language,
    safe_next_path,
    transaction_of_visitor,
)
from leads.config.settings import OidcProvider
from leads.database.transactions import reader, transaction
from leads.errors import AnotherSubject, LeadsError, TooBusy, TooManyTries
from leads.i18n import languages, translatable
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.network_neighborhoods import neighborhood_of
from leads.pages import rendering
from leads.people import accounts, known_browsers, login_throttle, passwords, sessions
from leads.people.permissions import PERMITS_NOTHING
from leads.people.sessions import Visitor

TRIES_OF_AN_ADDRESS = RateLimitItemPerMinute(300, 15)  # a call centre is one address
REDIRECT_NOTICES = {
    "ended": Phrase("You have been signed out."),
    "unknown": Phrase(
        "Your organization signed you in, but there is no account here with your e-mail "
        "address. Ask a supervisor."
    ),
    "barred": PERMITS_NOTHING,
    "another": AnotherSubject().args[0],
    "failed": Phrase("Your organization could not sign you in. Please try again."),
}
BUSY_SECONDS = "5"
SIGN_IN_AGAIN = Phrase("Please sign in again.")
SESSION_END_WARNINGS = {
    True: Phrase(
        "You will be signed out in less than a minute. Press any key or click anywhere to "
        "stay signed in."
    ),
    False: Phrase(
        "You have been signed in all day and will be signed out in less than a minute. "
        "Then sign in again."
    ),
}
"""The warnings shortly before a session ends, by whether anything could make it longer."""


def sign_in_routes(entrance: SignInPolicy, provider: OidcProvider | None) -> list[Route]:
    """Return the routes of sign-in, sign-out and the session's time."""
    known: dict[str, Any] = {"entrance": entrance}
    limiter = MovingWindowRateLimiter(MemoryStorage())
    return [
        Route("/login", functools.partial(show_sign_in_form, **known), methods=["GET"]),
        Route(
            "/login", functools.partial(submit_sign_in, limiter=limiter, **known), methods=["POST"]
        ),
        Route("/logout", functools.partial(submit_sign_out_of_request, **known), methods=["POST"]),
        Route(
            "/auth/logout", functools.partial(submit_sign_out_of_request, **known), methods=["GET"]
        ),  # where st.logout() goes
        Route(
            "/api/session",
            functools.partial(report_session_time_left, **known),
            methods=["GET", "POST"],
        ),
        Route("/api/language", choose_language, methods=["POST"]),
        *account_page.account_routes(entrance),
        *identity_proof.proof_routes(entrance),
        *second_factor_pages.second_factor_routes(entrance),
        *television_page.television_routes(entrance),
        *(oidc.oidc_routes(entrance, provider) if provider else ()),
        *page_shell.page_script_routes(),
        *(
            Route(f"{prefix}{{rest:path}}", answer_unknown_address, methods=["GET", "POST"])
            for prefix in guard.PUBLIC_PREFIXES
        ),
    ]


async def answer_unknown_address(request: Request) -> Response:
    """Answer a mistyped public address, before Streamlit takes it for a page."""
    return error_pages.render_refusal(request.headers, error_pages.NOTHING_HERE, 404)


async def show_sign_in_form(request: Request, *, entrance: SignInPolicy) -> Response:
    """Show the form to sign in, or to choose a password with an invitation."""
    asked = request.query_params
    said = next((sentence for word, sentence in REDIRECT_NOTICES.items() if word in asked), "")
    given = {name: asked.get(name, "") for name in ("invitation", "next", "lang")}
    given["language"] = request_language(request.headers, asked=given["lang"])
    return await run_in_threadpool(_render_sign_in_form, entrance, given, said=said)


async def submit_sign_in(
    request: Request, *, entrance: SignInPolicy, limiter: MovingWindowRateLimiter
) -> Response:
    """Check what was sent and start a session, or ask for what is still missing."""
    given = await read_small_form(request)
    visitor = entrance.visitor_of(request)
    whose = await run_in_threadpool(_find_whose_tries, entrance, visitor)
    if not limiter.hit(TRIES_OF_AN_ADDRESS, whose):
        too_many = Phrase("Too many attempts from this address. Please wait 15 minutes.")
        return await run_in_threadpool(
            _render_sign_in_form, entrance, given, problem=too_many, status=429
        )
    answer = await run_in_threadpool(_process_sign_in, entrance, given, visitor)
    if "set-cookie" in answer.headers:  # whoever signs in anew leaves nothing open behind
        await run_in_threadpool(_end_request_session, entrance, request)
    return answer


async def submit_sign_out_of_request(request: Request, *, entrance: SignInPolicy) -> Response:
    """End the session; its open pages close within a second."""
    if not entrance.is_same_site(
        request.headers
    ):  # one of the two ways here is a GET, which the guard lets pass
        return error_pages.render_refusal(request.headers, error_pages.ANOTHER_SITE, 403)
    await run_in_threadpool(_sign_out_of_request, entrance, request)
    answer = RedirectResponse("/login", 303, NOT_STORED)
    answer.delete_cookie(
        entrance.cookie_name, path="/", secure=entrance.is_secure, httponly=True, samesite="lax"
    )
    return answer


async def report_session_time_left(request: Request, *, entrance: SignInPolicy) -> Response:
    """Answer how long the session lasts.

    A POST means that a person did something, and makes it longer.
    """
    sign_in_id = guard.request_sign_in_id(request)
    is_in_use = request.method == "POST" or guard.is_television_request(request)
    left = await run_in_threadpool(
        _extend_and_read_session, entrance, sign_in_id, is_in_use=is_in_use
    )
    language = request_language(request.headers)
    warning = translatable.translate(language, SESSION_END_WARNINGS[left.can_stay])
    answer = {"seconds_left": left.length.total_seconds(), "language": language, "warning": warning}
    return JSONResponse(answer, headers=NOT_STORED)


async def choose_language(request: Request) -> Response:
    """Keep the language a colleague chose for their screens; pages have it once loaded anew."""
    asked = (await read_small_form(request)).get("lang", "")
    advisor_id = int(request.headers["x-ringback-id"])

    def keep_in_transaction() -> None:
        with transaction() as session:
            accounts.set_advisor_language(session, session.get_one(Advisor, advisor_id), asked)

    try:
        await run_in_threadpool(keep_in_transaction)
    except LeadsError as refusal:
        return JSONResponse({"error": str(refusal)}, 400, NOT_STORED)
    return Response(status_code=204, headers=NOT_STORED)


def _find_whose_tries(entrance: SignInPolicy, visitor: Visitor) -> str:
    """Return for whom a try counts: a known browser, else everybody at the visitor's address."""
    secret = visitor.browser_secret
    if secret:
        with reader() as session:
            if known_browsers.is_browser_of_colleagues(session, secret, now=entrance.now()):
                return sessions.hash_secret(secret)
    return neighborhood_of(visitor.address)


def _process_sign_in(entrance: SignInPolicy, given: dict[str, str], visitor: Visitor) -> Response:
    if "half" in given:
        return second_factor_pages.finish_second_factor_sign_in(
            entrance, given, visitor
        ) or _render_sign_in_form(entrance, given, problem=SIGN_IN_AGAIN, status=401)
    try:
        advisor = (
            _authenticate_by_invitation(entrance, given, visitor)
            if given.get("invitation")
            else _authenticate_by_password(entrance, given, visitor)
        )
    except TooBusy as refusal:
        busy = _render_sign_in_form(entrance, given, problem=refusal.args[0], status=503)
        busy.headers["Retry-After"] = BUSY_SECONDS
        return busy
    except TooManyTries as refusal:
        _record_failed_try(entrance, given, visitor, refusal)
        return _render_sign_in_form(entrance, given, problem=refusal.args[0], status=429)
    except LeadsError as refusal:
        _record_failed_try(entrance, given, visitor, refusal)
        return _render_sign_in_form(entrance, given, problem=refusal.args[0], status=401)
    return second_factor_pages.ask_for_second_factor(
        entrance, advisor, given
    ) or _begin_session_and_redirect(entrance, advisor, given, visitor)


def _authenticate_by_password(
    entrance: SignInPolicy, given: dict[str, str], visitor: Visitor
) -> Advisor:
    email, now = given.get("email", ""), entrance.now()
    with reader() as session:
        known = known_browsers.recognize_browser(session, email, visitor.browser_secret, now=now)
        advisor = accounts.find_active_advisor_by_email(session, email)
    with passwords.place_in_line(is_known=bool(known)):
        with transaction() as session:
            login_throttle.throttle_sign_in(session, email, known_browser=known, now=now)
        return accounts.check_password(advisor, given.get("password", ""))


def _record_failed_try(
    entrance: SignInPolicy, given: dict[str, str], visitor: Visitor, refusal: LeadsError
) -> None:
    reason = "link" if given.get("invitation") else failure_code(refusal)
    with transaction_of_visitor(visitor, sessions.LOGIN) as session:
        email = given.get("email", "")
        sessions.record_failed_sign_in(session, email, reason, now=entrance.now())


def _authenticate_by_invitation(
    entrance: SignInPolicy, given: dict[str, str], visitor: Visitor
) -> Advisor:
    with reader() as session:  # without a link nothing is hashed
        invited = accounts.require_usable_invitation(
            session, given["invitation"], now=entrance.now()
        )
        advisor = session.get_one(Advisor, invited.advisor_id) if invited.advisor_id else None
        whose = (
            (advisor.name, advisor.email)
            if advisor
            else (given.get("name", ""), given.get("email", ""))
        )
    with passwords.place_in_line(is_known=True):
        password_hash = passwords.hash_new_password(given.get("password", ""), whose=whose)
    with transaction_of_visitor(visitor, sessions.LOGIN) as session:
        return accounts.accept_invitation(
            session,
            given["invitation"],
            name=given.get("name", ""),
            email=given.get("email", ""),
            phone_number=given.get("phone", ""),
            password_hash=password_hash,
            now=entrance.now(),
        )


def _begin_session_and_redirect(
    entrance: SignInPolicy, advisor: Advisor, given: dict[str, str], visitor: Visitor
) -> Response:
    with transaction() as session:
        accounts.adopt_sign_in_language(session, advisor, given.get("lang", ""))
        started = known_browsers.start_session_in_browser(
            session, advisor, visitor, now=entrance.now()
        )
    return entrance.redirect_with_session(
        started.secret, given.get("next", "/"), browser_secret=started.browser_secret
    )


def _sign_out_of_request(entrance: SignInPolicy, request: Request) -> None:
    with transaction_of_visitor(entrance.visitor_of(request), "logout") as session:
        secret = entrance.session_secret_of(request.headers)
        sessions.sign_out(session, secret, now=entrance.now())


def _end_request_session(entrance: SignInPolicy, request: Request) -> None:
    with transaction() as session:
        sessions.revoke_secret(
            session, entrance.session_secret_of(request.headers), now=entrance.now()
        )


def _extend_and_read_session(
    entrance: SignInPolicy, sign_in_id: int, *, is_in_use: bool
) -> sessions.SessionTimeLeft:
    if is_in_use:
        with transaction() as session:
            sessions.keep_session_alive(session, sign_in_id, now=entrance.now())
    with reader() as session:
        return sessions.session_time_left(session, sign_in_id, now=entrance.now())


def _render_sign_in_form(
    entrance: SignInPolicy,
    given: dict[str, str],
    *,
    said: str = "",
    problem: str = "",
    status: int = 200,
) -> Response:
    invitation, first = given.get("invitation", ""), False
    if invitation:
        with reader() as session:
            row = accounts.find_usable_invitation(session, invitation, now=entrance.now())
            first = row is not None and row.advisor_id is None
        if row is None:
            invitation, problem = "", problem or accounts.USED_LINK
    hidden_fields = {
        "invitation": invitation,
        "next": safe_next_path(given.get("next", "/")),
        "lang": given.get("lang", ""),
    }
    return rendering.render_page(
        "sign_in.html",
        language=given["language"],
        languages=languages.NATIVE_LANGUAGE_NAMES,
        status=status,
        invitation=invitation,
        first=first,
        kept=hidden_fields,
        given={name: given.get(name, "") for name in ("name", "email", "phone")},
        has_oidc=entrance.has_oidc,
        said=said,
        problem=problem,
    )
