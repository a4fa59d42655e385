"""Second-factor pages: where codes are asked for and shown.

They come while signing in, and on one's own page about the second factor.
"""

from __future__ import annotations

import functools
from datetime import datetime
from typing import Any

import segno
from markupsafe import Markup
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard.http import guard, identity_proof
from dashboard.http.sign_in_policy import (
    NOT_STORED,
    SignInPolicy,
    failure_code,
    read_small_form,
    request_language,
    safe_next_path,
    transaction_of_visitor,
)
from leads.database.transactions import reader, transaction
from leads.errors import LeadsError, NotAllowed
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor, SignIn
from leads.pages import rendering
from leads.people import accounts, known_browsers, login_throttle, second_factor, sessions
from leads.people.sessions import LOGIN, Visitor

SECOND_FACTOR_PATH = "/second-factor"


def second_factor_routes(entrance: SignInPolicy) -> list[Route]:
    """Return the routes of one's own second factor.

    The guard lets only people with a session reach them.
    """
    return [
        Route(
            SECOND_FACTOR_PATH,
            functools.partial(show_second_factor_page, entrance=entrance),
            methods=["GET"],
        ),
        Route(
            SECOND_FACTOR_PATH,
            functools.partial(submit_second_factor_change, entrance=entrance),
            methods=["POST"],
        ),
    ]


def ask_for_second_factor(
    entrance: SignInPolicy, advisor: Advisor, given: dict[str, str]
) -> Response | None:
    """Return the page that asks for a code after the password; None if no code is needed."""
    if not second_factor.has_second_factor(advisor) and not second_factor.must_have_second_factor(
        advisor.role, entrance.require_totp
    ):
        return None
    with transaction() as session:
        half = sessions.begin_second_factor(session, advisor, now=entrance.now())
    return _render_code_form(entrance, given | {"half": half})


def finish_second_factor_sign_in(
    entrance: SignInPolicy, given: dict[str, str], visitor: Visitor
) -> Response | None:
    """Check a code and start a session; None if the password was given too long ago."""
    now = entrance.now()
    try:
        with transaction() as session:
            _, advisor = _require_pending_sign_in(session, entrance, given)
            _throttle_code(session, advisor, visitor, now=now)
        with transaction_of_visitor(visitor, LOGIN) as session:
            row, advisor = _require_pending_sign_in(session, entrance, given)
            codes = _check_or_enroll_code(session, row, advisor, given.get("code", ""), entrance)
            row.revoked_at = now
            accounts.adopt_sign_in_language(session, advisor, given.get("lang", ""))
            started = known_browsers.start_session_in_browser(session, advisor, visitor, now=now)
    except LeadsError as refusal:
        with transaction_of_visitor(visitor, LOGIN) as session:
            pending = sessions.pending_second_factor(session, given.get("half", ""), now=now)
            email, reason = pending[1].email if pending else "", failure_code(refusal)
            sessions.record_failed_sign_in(session, email, f"code_{reason}", now=now)
        return _render_code_form(entrance, given, problem=refusal.args[0], status=401)
    let_in = entrance.redirect_with_session(
        started.secret, given.get("next", "/"), browser_secret=started.browser_secret
    )
    if not codes:
        return let_in
    answer = _render_recovery_codes(codes, given["language"], go_on=let_in.headers["location"])
    for cookie in let_in.headers.getlist("set-cookie"):
        answer.headers.append("set-cookie", cookie)
    return answer


async def show_second_factor_page(request: Request, *, entrance: SignInPolicy) -> Response:
    """Show what the colleague who is signed in can do about their second factor."""
    language = request_language(request.headers)
    return await run_in_threadpool(
        _show_unless_unproven, entrance, guard.request_sign_in_id(request), language
    )


async def submit_second_factor_change(request: Request, *, entrance: SignInPolicy) -> Response:
    """Turn one's own second factor on or off, or make new recovery codes; each needs a code.

    To turn it on takes a recent proof as well: the code is of a phone that anybody may have.
    """
    given = await read_small_form(request)
    return await run_in_threadpool(
        _apply_second_factor_change,
        entrance,
        guard.request_sign_in_id(request),
        given,
        entrance.visitor_of(request),
    )


def _throttle_code(session: Session, advisor: Advisor, visitor: Visitor, *, now: datetime) -> None:
    """Count a code as a wrong one before it is checked. Raises TooManyTries."""
    known = known_browsers.recognize_browser(
        session, advisor.email, visitor.browser_secret, now=now
    )
    login_throttle.throttle_sign_in(session, advisor.email, known_browser=known, now=now)


def _require_pending_sign_in(
    session: Session, entrance: SignInPolicy, given: dict[str, str]
) -> tuple[SignIn, Advisor]:
    pending = sessions.pending_second_factor(session, given.get("half", ""), now=entrance.now())
    if pending is None:
        msg = Phrase("Please sign in again.")
        raise NotAllowed(msg)
    return pending


def _check_or_enroll_code(
    session: Session, row: SignIn, advisor: Advisor, code: str, entrance: SignInPolicy
) -> list[str]:
    """Check a code; returns recovery codes if the code makes the second factor, else none."""
    codes = []
    if second_factor.has_second_factor(advisor):
        second_factor.redeem_second_factor_code(
            session, advisor, code, vault=entrance.vault, now=entrance.now()
        )
    else:
        codes = second_factor.confirm_second_factor(
            session, row, advisor, code, vault=entrance.vault, now=entrance.now()
        )
    return codes


def _render_code_form(
    entrance: SignInPolicy, given: dict[str, str], *, problem: str = "", status: int = 200
) -> Response | None:
    with transaction() as session:
        pending = sessions.pending_second_factor(session, given.get("half", ""), now=entrance.now())
        if pending is None:
            return None
        row, advisor = pending
        hidden_fields = {
            "half": given["half"],
            "next": safe_next_path(given.get("next", "/")),
            "lang": given.get("lang", ""),
        }
        known: dict[str, Any] = {
            "status": status,
            "language": given["language"],
            "problem": problem,
            "kept": hidden_fields,
        }
        if second_factor.has_second_factor(advisor):
            return rendering.render_page("code.html", **known)
        return _render_enrollment_page(
            entrance, session, row, advisor, is_asked=True, action="/login", **known
        )


def _render_second_factor_page(
    entrance: SignInPolicy, sign_in_id: int, language: str, *, problem: str = "", status: int = 200
) -> Response:
    known: dict[str, Any] = {"status": status, "language": language, "problem": problem, "kept": {}}
    with transaction() as session:
        row = session.get_one(SignIn, sign_in_id)
        advisor = session.get_one(Advisor, row.advisor_id)
        if not second_factor.has_second_factor(advisor):
            return _render_enrollment_page(
                entrance, session, row, advisor, is_asked=False, action=SECOND_FACTOR_PATH, **known
            )
        is_required = second_factor.must_have_second_factor(advisor.role, entrance.require_totp)
        return rendering.render_page("second_factor.html", is_required=is_required, **known)


def _show_unless_unproven(entrance: SignInPolicy, sign_in_id: int, language: str) -> Response:
    if not _may_change_factor(entrance, sign_in_id):
        return identity_proof.redirect_to_confirmation(SECOND_FACTOR_PATH)
    return _render_second_factor_page(entrance, sign_in_id, language)


def _may_change_factor(entrance: SignInPolicy, sign_in_id: int, act: str = "") -> bool:
    """Whether a session may show or change the second factor of its person.

    Where there is one, a code from it is the proof; to turn it off takes both.
    """
    with reader() as session:
        advisor = session.get_one(Advisor, session.get_one(SignIn, sign_in_id).advisor_id)
        has_code_to_prove = second_factor.has_second_factor(advisor) and act != "off"
    return has_code_to_prove or identity_proof.is_proven_lately(entrance, sign_in_id)


def _apply_second_factor_change(
    entrance: SignInPolicy, sign_in_id: int, given: dict[str, str], visitor: Visitor
) -> Response:
    now = entrance.now()
    if not _may_change_factor(entrance, sign_in_id, given.get("act", "")):
        return identity_proof.redirect_to_confirmation(SECOND_FACTOR_PATH)
    try:
        with transaction() as session:
            advisor_id = session.get_one(SignIn, sign_in_id).advisor_id
            _throttle_code(session, session.get_one(Advisor, advisor_id), visitor, now=now)
        with transaction_of_visitor(visitor, SECOND_FACTOR_PATH[1:], sign_in_id) as session:
            row = session.get_one(SignIn, sign_in_id)
            codes = _run_second_factor_action(session, entrance, row, given)
            renewed = sessions.record_proof(session, sign_in_id, now=now)
            advisor = session.get_one(Advisor, row.advisor_id)
            sessions.end_advisor_sessions(session, advisor.id, but=sign_in_id, now=now)
            whose = advisor.email
            known = known_browsers.recognize_browser(
                session, whose, visitor.browser_secret, now=now
            )
            login_throttle.clear_sign_in_failures(session, whose, known_browser=known)
    except LeadsError as refusal:
        return _render_second_factor_page(
            entrance, sign_in_id, given["language"], problem=refusal.args[0], status=401
        )
    answer = (
        _render_recovery_codes(codes, given["language"], go_on="/")
        if codes
        else RedirectResponse(SECOND_FACTOR_PATH, 303, NOT_STORED)
    )
    return entrance.give_renewed_secret(answer, renewed)


def _run_second_factor_action(
    session: Session, entrance: SignInPolicy, row: SignIn, given: dict[str, str]
) -> list[str]:
    advisor = session.get_one(Advisor, row.advisor_id)
    codes = _check_or_enroll_code(session, row, advisor, given.get("code", ""), entrance)
    if given.get("act") == "renew":
        return second_factor.renew_recovery_codes(session, advisor, now=entrance.now())
    if given.get("act") == "off":
        if second_factor.must_have_second_factor(advisor.role, entrance.require_totp):
            msg = Phrase("Your role requires two-step sign-in.")
            raise NotAllowed(msg)
        second_factor.disable_second_factor(session, advisor, by=advisor, now=entrance.now())
    return codes


def _render_enrollment_page(
    entrance: SignInPolicy, session: Session, row: SignIn, advisor: Advisor, **known: Any
) -> Response:
    secret = second_factor.offer_totp_secret(session, row, vault=entrance.vault)
    drawn = segno.make(second_factor.totp_provisioning_uri(secret, advisor), error="m").svg_inline(
        scale=5, border=4, light="#fff"
    )
    spaced = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    drawing = Markup(drawn)  # noqa: S704 - segno drew it
    return rendering.render_page("offer.html", drawing=drawing, secret=spaced, **known)


def _render_recovery_codes(codes: list[str], language: str, *, go_on: str) -> Response:
    return rendering.render_page("recovery_codes.html", language=language, codes=codes, go_on=go_on)
