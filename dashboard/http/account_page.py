"""One's own account on a page: the password, and where one is signed in."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard.http import guard, identity_proof
from dashboard.http.sign_in_policy import (
    NOT_STORED,
    SignInPolicy,
    read_small_form,
    request_language,
    transaction_of_visitor,
)
from leads.database.transactions import reader
from leads.errors import LeadsError
from leads.i18n.translatable import Phrase, plural_phrase
from leads.models.advisors import Advisor, SignIn
from leads.pages import rendering
from leads.people import (
    own_account,
    passwords,
    second_factor,
    sessions,
)
from leads.people.own_account import OwnSession
from leads.people.sessions import RenewedSecret, Visitor
from leads.record_ids import read_record_id

ACCOUNT_PATH = "/account"
DONE_NOTICES = {
    "password": Phrase("Your password was changed. You were signed out everywhere else."),
    "end": Phrase("Signed out there."),
    "end_others": Phrase("Signed out everywhere else."),
}


def account_routes(entrance: SignInPolicy) -> list[Route]:
    """Return the routes of one's own account.

    The guard lets only people with a session reach them.
    """
    return [
        Route(ACCOUNT_PATH, functools.partial(endpoint, entrance=entrance), methods=[method])
        for method, endpoint in (("GET", show_account_page), ("POST", submit_account_change))
    ]


async def show_account_page(request: Request, *, entrance: SignInPolicy) -> Response:
    """Show the colleague who is signed in their account."""
    return await run_in_threadpool(
        _render_account_page,
        entrance,
        guard.request_sign_in_id(request),
        request_language(request.headers),
        said=DONE_NOTICES.get(request.query_params.get("done", ""), ""),
    )


async def submit_account_change(request: Request, *, entrance: SignInPolicy) -> Response:
    """Change one's own password, or end sessions of one's own."""
    given = await read_small_form(request)
    return await run_in_threadpool(
        _apply_account_change,
        entrance,
        guard.request_sign_in_id(request),
        given,
        entrance.visitor_of(request),
    )


def _apply_account_change(
    entrance: SignInPolicy, sign_in_id: int, given: dict[str, str], visitor: Visitor
) -> Response:
    act = given.get("act", "")
    answer = RedirectResponse(f"{ACCOUNT_PATH}?done={act}", 303, NOT_STORED)
    try:
        if act == "password":
            renewed = _change_password(entrance, sign_in_id, given, visitor)
            return entrance.give_renewed_secret(answer, renewed)
        if act in SESSION_ACTS:
            if not identity_proof.is_proven_lately(entrance, sign_in_id):
                return identity_proof.redirect_to_confirmation(ACCOUNT_PATH)
            with transaction_of_visitor(visitor, ACCOUNT_PATH[1:], sign_in_id) as session:
                SESSION_ACTS[act](session, _whose(session, sign_in_id), sign_in_id, given, entrance)
    except LeadsError as refusal:
        status = identity_proof.REFUSAL_STATUSES.get(type(refusal), 400)
        return _render_account_page(
            entrance, sign_in_id, given["language"], problem=refusal.args[0], status=status
        )
    return answer


def _change_password(
    entrance: SignInPolicy, sign_in_id: int, given: dict[str, str], visitor: Visitor
) -> RenewedSecret:
    with reader() as session:
        advisor = _whose(session, sign_in_id)
    with passwords.place_in_line(is_known=True):
        identity_proof.check_own_password(entrance, advisor, given.get("current", ""), visitor)
        password_hash = passwords.hash_new_password(
            given.get("password", ""), whose=(advisor.name, advisor.email)
        )
    now = entrance.now()
    with transaction_of_visitor(visitor, ACCOUNT_PATH[1:], sign_in_id) as session:
        own_account.change_own_password(
            session, _whose(session, sign_in_id), password_hash, sign_in_id, visitor, now=now
        )
        return sessions.record_proof(session, sign_in_id, now=now)


def _end_session(
    session: Session,
    advisor: Advisor,
    _sign_in_id: int,
    given: dict[str, str],
    entrance: SignInPolicy,
) -> None:
    asked = given.get("session", "")
    asked_id = read_record_id(asked) or 0  # nobody's
    own_account.end_own_session(session, advisor, asked_id, now=entrance.now())


def _end_others(
    session: Session,
    advisor: Advisor,
    sign_in_id: int,
    _given: dict[str, str],
    entrance: SignInPolicy,
) -> None:
    own_account.end_other_sessions(session, advisor, sign_in_id, now=entrance.now())


SESSION_ACTS: dict[str, Callable[..., None]] = {"end": _end_session, "end_others": _end_others}


def _whose(session: Session, sign_in_id: int) -> Advisor:
    return session.get_one(Advisor, session.get_one(SignIn, sign_in_id).advisor_id)


def _render_account_page(
    entrance: SignInPolicy,
    sign_in_id: int,
    language: str,
    *,
    said: str = "",
    problem: str = "",
    status: int = 200,
) -> Response:
    now = entrance.now()
    with reader() as session:
        advisor = _whose(session, sign_in_id)
        open_now = own_account.list_own_sessions(session, advisor, sign_in_id, now=now)
    return rendering.render_page(
        "account.html",
        language=language,
        status=status,
        said=said,
        problem=problem,
        whose=advisor,
        has_second_factor=second_factor.has_second_factor(advisor),
        sessions=[_session_row(one, now) for one in open_now],
    )


def _session_row(one: OwnSession, now: datetime) -> SimpleNamespace:
    return SimpleNamespace(
        sign_in_id=one.sign_in_id,
        is_this=one.is_this,
        browser=one.browser,
        address=one.address,
        when=_age_phrase(now - one.began_at),
    )


def _age_phrase(age: timedelta) -> Phrase:
    """Return how long ago somebody signed in: whose clock they read is not known here."""
    minutes = max(age // timedelta(minutes=1), 0)
    if minutes < 1:
        return Phrase("Signed in just now")
    if minutes < 60:  # noqa: PLR2004 - an hour
        return plural_phrase(
            minutes, "Signed in {count} minute ago", "Signed in {count} minutes ago"
        )
    return plural_phrase(minutes // 60, "Signed in {count} hour ago", "Signed in {count} hours ago")
