"""Our own form, for sites that have none: shown, corrected and stored like any other submission."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from limits import RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from leads import forms, html
from leads.doors import Door, Doors, arrival, body_of
from leads.errors import BadSubmission
from leads.forms import FormRequest
from leads.inbox import Inbox

WHOM = (("self", "For myself"), ("loved_one", "For someone I love"), ("professional", "As a professional"))
TIMES = (
    ("", "Any time in the day"),
    ("morning", "In the morning (8 to 12)"),
    ("afternoon", "In the afternoon (12 to 5)"),
    ("evening", "In the evening (5 to 9)"),
)
SAFETY = (
    ("safe_to_voicemail", "It is safe to leave a voicemail (first name and number only)"),
    ("safe_to_text", "It is safe to send a text message"),
)
CARRIED = ("page_url", "campaign", "city", "region", "zip", "language")
"""What the address of the hosted form may carry into the submission."""

SOME_FORMS = RateLimitItemPerMinute(10, 10)  # from one address in ten minutes: beyond it a person looks first
MANY_FORMS = RateLimitItemPerMinute(60, 10)  # beyond it nothing more is taken from there


async def hosted_form(
    request: Request, *, doors: Doors, inbox: Inbox, now: Callable[[], datetime], limiter: MovingWindowRateLimiter
) -> Response:
    """Show our own form, and store what is sent with it like any other submission."""
    slug = request.path_params["slug"]
    door = await doors.find(f"slug:{slug}")
    if door is None:
        return PlainTextResponse("There is no form at this address.", 404)
    if request.method == "POST":
        return await _submitted(request, door, inbox=inbox, now=now, limiter=limiter)
    carried = {name: request.query_params.get(name, "")[:500] for name in CARRIED}
    return _page(door, given=carried, thanks="sent" in request.query_params)


async def _submitted(
    request: Request, door: Door, *, inbox: Inbox, now: Callable[[], datetime], limiter: MovingWindowRateLimiter
) -> Response:
    slug = door.source.slug
    body = await body_of(request)
    given, understood = _given(body or b"", request, door.source.region)
    address = request.client.host if request.client else ""
    if not limiter.hit(MANY_FORMS, slug, address):
        problem = "Too many forms came from your connection. Please wait ten minutes, or call a number below."
        return _page(door, given=given, problem=problem, status=429)
    if body is None:
        return _page(door, given={}, problem="That was too long to send. Please shorten it.", status=413)
    suspicion = _suspicion(given, crowded=not limiter.hit(SOME_FORMS, slug, address))
    problem = _mistake(understood)
    if understood and understood.consent:  # without it we may not even keep what was written
        await inbox.receive(arrival(request, door, body, now(), suspicion=suspicion))
    if problem:
        return _page(door, given=given, problem=problem, status=422)
    return RedirectResponse(f"/form/{slug}?sent", 303)


def _given(body: bytes, request: Request, region: str) -> tuple[dict[str, str], FormRequest | None]:
    """Return what was sent, to show it again, and what it means; None where that cannot be told."""
    try:
        content_type = request.headers.get("content-type", "")
        return forms.given(body, content_type), forms.read(body, content_type, region=region)
    except BadSubmission:
        return {}, None


def _mistake(understood: FormRequest | None) -> str:
    """Say what the visitor should correct, or nothing."""
    if understood is None or not understood.consent:
        return "Please tick the box at the end: without it we may not call you."
    if understood.phone is None:
        return "We cannot call this number. Please check it and send the form again."
    return ""


def _suspicion(given: dict[str, str], *, crowded: bool) -> str:
    """Say why a person should look at this first. Nobody is turned away for it: a stranger may share an address."""
    if given.get("website"):
        return "The field that people do not see was filled out: this may be a robot."
    return "Many forms came from the same address within ten minutes." if crowded else ""


def _page(door: Door, *, given: dict[str, str], problem: str = "", thanks: bool = False, status: int = 200) -> Response:
    return html.page(
        "form.html",
        status=status,
        brand=door.brand,
        action=f"/form/{door.source.slug}",
        given=given,
        form_id=given.get("id") or secrets.token_urlsafe(12),
        problem=problem,
        problem_with="phone" if given.get("consent") else "consent",
        thanks=thanks,
        whom=WHOM,
        times=TIMES,
        safety=SAFETY,
        carried=CARRIED,
    )


def away(_request: Request) -> Response:
    """Say that nothing could be stored."""
    return html.page("away.html", status=503)
