"""Our own form, for sites that have none: shown, corrected and stored like any other submission."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from limits import RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from leads.errors import BadSubmission
from leads.forms import form_reading
from leads.forms.request import FormRequest
from leads.i18n import languages
from leads.i18n.translatable import Phrase
from leads.intake.form_embedding import CARRIED, LONGEST, carried
from leads.intake.http_requests import Door, Doors, arrival, body_of
from leads.intake.raw_inbox import Inbox
from leads.models.helplines import Brand
from leads.pages import rendering

SOME_FORMS = RateLimitItemPerMinute(10, 10)  # from one address in ten minutes: beyond it a person looks first
MANY_FORMS = RateLimitItemPerMinute(60, 10)  # beyond it nothing more is taken from there


async def hosted_form(
    request: Request, *, doors: Doors, inbox: Inbox, now: Callable[[], datetime], limiter: MovingWindowRateLimiter
) -> Response:
    """Show our own form, and store what is sent with it like any other submission."""
    slug = request.path_params["slug"]
    door = await doors.find(f"slug:{slug}")
    if door is None:
        return _notice("nowhere", request, status=404)
    if request.method == "POST":
        return await _submitted(request, door, inbox=inbox, now=now, limiter=limiter)
    told = _carried(request)
    language = languages.supported_language(told["language"]) or told["language"] or _language(request, door)
    return _page(request, door, given={**told, "language": language}, thanks="sent" in request.query_params)


async def _submitted(
    request: Request, door: Door, *, inbox: Inbox, now: Callable[[], datetime], limiter: MovingWindowRateLimiter
) -> Response:
    slug = door.source.slug
    body = await body_of(request)
    given, understood = _given(body or b"", request, door.source.region)
    if "switch" in request.query_params:  # agreeing to one wording is not agreeing to its translation
        return _page(request, door, given={**given, "consent": "", "language": _language(request, door)})
    address = request.client.host if request.client else ""
    if not limiter.hit(MANY_FORMS, slug, address):
        return _page(request, door, given=given, problem="too_many", status=429)
    if body is None:
        return _page(request, door, given={}, problem="too_long", status=413)
    suspicion = _suspicion(given, crowded=not limiter.hit(SOME_FORMS, slug, address))
    problem = _mistake(understood)
    if understood and understood.consent:  # without it we may not even keep what was written
        await inbox.receive(arrival(request, door, body, now(), suspicion=suspicion))
    if problem:
        return _page(request, door, given=given, problem=problem, status=422)
    return RedirectResponse(f"/form/{slug}?sent&lang={_language(request, door)}", 303)


def consent_shown(brand: Brand, language: str) -> str:
    """Return what people agree to: the helpline's own wording in the helpline's language, else the usual one."""
    usual = {known: languages.default_consent_text(known, brand=brand.name) for known in languages.LANGUAGES}
    is_theirs = brand.consent_text not in usual.values()
    at_home = languages.supported_language(brand.locale) or languages.DEFAULT_LANGUAGE
    return brand.consent_text if is_theirs and language == at_home else usual[language]


def _given(body: bytes, request: Request, region: str) -> tuple[dict[str, str], FormRequest | None]:
    """Return what was sent, to show it again, and what it means; None where that cannot be told."""
    try:
        content_type = request.headers.get("content-type", "")
        return form_reading.submitted_field_texts(body, content_type), form_reading.read_form_request(
            body, content_type, region=region
        )
    except BadSubmission:
        return {}, None


def _mistake(understood: FormRequest | None) -> str:
    """Name what the visitor should correct, or nothing."""
    if understood is None or not understood.consent:
        return "consent"
    return "phone" if understood.phone is None else ""


def _suspicion(given: dict[str, str], *, crowded: bool) -> str:
    """Say why a person should look at this first. Nobody is turned away for it: a stranger may share an address."""
    if given.get("website"):
        return Phrase("The field that people do not see was filled out: this may be a robot.")
    return Phrase("Many forms came from the same address within ten minutes.") if crowded else ""


def _page(
    request: Request, door: Door, *, given: dict[str, str], problem: str = "", thanks: bool = False, status: int = 200
) -> Response:
    language = _language(request, door)
    return rendering.render_page(
        "form.html",
        status=status,
        may_be_framed=True,
        words=languages.page_texts(language),
        language=language,
        others={code: languages.page_texts(code)["own_name"] for code in languages.LANGUAGES if code != language},
        is_framed=_is_framed(request),
        brand=door.brand,
        consent=consent_shown(door.brand, language),
        address=f"/form/{door.source.slug}",
        given=given,
        form_id=given.get("id") or secrets.token_hex(12),  # with digits: others are names of forms
        problem=problem,
        thanks=thanks,
        carried=tuple(CARRIED),
    )


def _is_framed(request: Request) -> bool:
    """Browsers say so on every request to a site with a certificate."""
    return request.headers.get("sec-fetch-dest") == "iframe"


def _language(request: Request, door: Door | None) -> str:
    accepted = request.headers.get("accept-language", "")
    return languages.choose_visitor_language(
        _carried(request)["language"], locale=door.brand.locale if door else "", accepted=accepted[:LONGEST]
    )


def _carried(request: Request) -> dict[str, str]:
    host = request.headers.get("host", "")
    return carried(request.query_params, request.headers.get("referer", ""), host=host)


def away(request: Request) -> Response:
    """Say that nothing could be stored."""
    return _notice("away", request, status=503)


def _notice(what: str, request: Request, *, status: int) -> Response:
    language = _language(request, None)
    words = languages.page_texts(language)
    return rendering.render_page(
        "notice.html",
        status=status,
        may_be_framed=True,
        words=words,
        notice=words[what],
        language=language,
        is_framed=_is_framed(request) and request.method == "POST",
    )
