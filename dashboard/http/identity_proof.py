"""Proof of identity in the middle of a session, before what would harm most if it were stolen.

A session that somebody left open, or whose cookie was stolen, can neither give roles and links nor
export people's data: that takes the password again, or the identity provider where there is none.
"""

from __future__ import annotations

import functools
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard.http import guard
from dashboard.http.sign_in_policy import (
    NOT_STORED,
    SignInPolicy,
    read_small_form,
    request_language,
    safe_next_path,
    transaction_of_visitor,
)
from leads.database.transactions import reader, transaction
from leads.errors import LeadsError, NotAllowed, TooBusy, TooManyTries
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor, SignIn
from leads.pages import rendering
from leads.people import known_browsers, login_throttle, passwords, sessions
from leads.people.sessions import Visitor

CONFIRM_PATH = "/confirm"
REFUSAL_STATUSES = {TooBusy: 503, TooManyTries: 429, NotAllowed: 401}
WRONG_PASSWORD = Phrase("The current password is not correct.")


def proof_routes(entrance: SignInPolicy) -> list[Route]:
    """Return the routes on which somebody who is signed in confirms that it is them."""
    return [
        Route(CONFIRM_PATH, functools.partial(endpoint, entrance=entrance), methods=[method])
        for method, endpoint in (("GET", show_confirmation_form), ("POST", submit_confirmation))
    ]


def redirect_to_confirmation(next_path: str) -> Response:
    """Return the way to the form on which somebody confirms that it is them, and back."""
    return RedirectResponse(f"{CONFIRM_PATH}?next={quote(next_path)}", 303, NOT_STORED)


def is_proven_lately(entrance: SignInPolicy, sign_in_id: int) -> bool:
    """Whether the person of a session has proved who they are within the last minutes."""
    with reader() as session:
        return sessions.has_recent_proof(session, sign_in_id, now=entrance.now())


async def show_confirmation_form(request: Request, *, entrance: SignInPolicy) -> Response:
    """Ask the colleague who is signed in for their password."""
    given = {name: request.query_params.get(name, "") for name in ("next", "done")}
    given["language"] = request_language(request.headers)
    sign_in_id = guard.request_sign_in_id(request)
    return await run_in_threadpool(_render_confirmation_form, entrance, sign_in_id, given)


async def submit_confirmation(request: Request, *, entrance: SignInPolicy) -> Response:
    """Check the password, and note in the session that it is them."""
    given = await read_small_form(request)
    return await run_in_threadpool(
        _confirm,
        entrance,
        guard.request_sign_in_id(request),
        given,
        entrance.visitor_of(request),
    )


def check_own_password(
    entrance: SignInPolicy, advisor: Advisor, password: str, visitor: Visitor
) -> None:
    """Check the password of a colleague who is signed in; to be called with a place in line.

    Raises NotAllowed where it is wrong, and TooManyTries.
    """
    now = entrance.now()
    with transaction() as session:
        known = known_browsers.recognize_browser(
            session, advisor.email, visitor.browser_secret, now=now
        )
        login_throttle.throttle_sign_in(session, advisor.email, known_browser=known, now=now)
    if not passwords.is_password_of(advisor.password_hash, password):
        with transaction_of_visitor(visitor, CONFIRM_PATH[1:]) as session:
            sessions.record_failed_sign_in(session, advisor.email, "confirm", now=now)
        raise NotAllowed(WRONG_PASSWORD)
    with transaction() as session:
        login_throttle.clear_sign_in_failures(session, advisor.email, known_browser=known)


def _confirm(
    entrance: SignInPolicy, sign_in_id: int, given: dict[str, str], visitor: Visitor
) -> Response:
    with reader() as session:
        advisor = session.get_one(Advisor, session.get_one(SignIn, sign_in_id).advisor_id)
    try:
        with passwords.place_in_line(is_known=True):
            check_own_password(entrance, advisor, given.get("password", ""), visitor)
        with transaction_of_visitor(visitor, CONFIRM_PATH[1:], sign_in_id) as session:
            renewed = sessions.record_proof(session, sign_in_id, now=entrance.now())
    except LeadsError as refusal:
        status = REFUSAL_STATUSES.get(type(refusal), 400)
        return _render_confirmation_form(
            entrance, sign_in_id, given, problem=refusal.args[0], status=status
        )
    following = safe_next_path(given["next"]) if given.get("next") else f"{CONFIRM_PATH}?done=1"
    return entrance.give_renewed_secret(RedirectResponse(following, 303, NOT_STORED), renewed)


def _render_confirmation_form(
    entrance: SignInPolicy,
    sign_in_id: int,
    given: dict[str, str],
    *,
    problem: str = "",
    status: int = 200,
) -> Response:
    with reader() as session:
        row = session.get_one(SignIn, sign_in_id)
        advisor = session.get_one(Advisor, row.advisor_id)
        is_proven = sessions.has_recent_proof(session, sign_in_id, now=entrance.now())
    kept = {"next": safe_next_path(given["next"]) if given.get("next") else ""}
    return rendering.render_page(
        "confirm.html",
        language=given["language"],
        status=status,
        problem=problem,
        kept=kept,
        whose=advisor,
        has_oidc=entrance.has_oidc,
        is_done=bool(given.get("done")) and is_proven,
    )
