"""The hosted form, for sites that have none: shown, corrected and stored like any submission."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from limits import RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from leads.errors import BadSubmission
from leads.forms import form_reading
from leads.forms.request import FormRequest
from leads.i18n import languages
from leads.i18n.messages import Message, MessageKey
from leads.intake import change_page, sender_changes
from leads.intake.form_embedding import CARRIED_FIELDS, LONGEST_CARRIED, fields_from_visit
from leads.intake.form_origin import is_post_of_own_page
from leads.intake.http_requests import (
    SourceCache,
    SourceWithBrand,
    arrival_from_request,
    read_limited_body,
)
from leads.intake.raw_inbox import Inbox
from leads.models.helplines import Brand
from leads.network_neighborhoods import neighborhood_of
from leads.pages import rendering

LARGEST_FORM = 64 * 1024  # bytes: what its fields hold is shorter, in any writing system
MOST_CORRECTIONS = RateLimitItemPerMinute(60, 10)
"""How many incomplete forms of one neighborhood are shown again in ten minutes.

Complete ones have no limit here: many people may share an address, as in a shelter.
"""

KEPT_UNFINISHED = RateLimitItemPerMinute(30, 10)
"""How many forms without a number that can be rung are kept, of one neighborhood in ten minutes."""


async def serve_hosted_form(
    request: Request,
    *,
    doors: SourceCache,
    inbox: Inbox,
    now: Callable[[], datetime],
    limiter: MovingWindowRateLimiter,
    public_url: str,
) -> Response:
    """Show the hosted form, and store what is sent with it like any other submission."""
    slug = request.path_params["slug"]
    door = await doors.find_by_key(f"slug:{slug}")
    if door is None or not door.source.takes_hosted_form:
        return _render_form_notice("nowhere", request, status=404)
    if request.method == "POST":
        return await _receive_form_post(
            request, door, inbox=inbox, now=now, limiter=limiter, public_url=public_url
        )
    carried = _carried_fields(request)
    language = (
        languages.supported_language(carried["language"])
        or carried["language"]
        or _visitor_language(request, door)
    )
    return _render_form_page(
        request,
        door,
        given={**carried, "language": language},
        thanks="sent" in request.query_params,
    )


async def _receive_form_post(
    request: Request,
    door: SourceWithBrand,
    *,
    inbox: Inbox,
    now: Callable[[], datetime],
    limiter: MovingWindowRateLimiter,
    public_url: str,
) -> Response:
    """Store a form that is complete, whoever else sends from the same address.

    Only what has to be corrected is counted: beyond a limit it is not shown again.
    """
    body = await read_limited_body(request, most=LARGEST_FORM)
    if body is None:
        return _render_form_page(request, door, given={}, problem="too_long", status=413)
    given, understood = await run_in_threadpool(_parse_form_post, body, request, door.source.region)
    if (
        "switch" in request.query_params
    ):  # agreeing to one wording is not agreeing to its translation
        return _render_form_page(
            request,
            door,
            given={**given, "consent": "", "language": _visitor_language(request, door)},
        )
    problem, change_key = _field_to_correct(understood), sender_changes.new_change_key()
    if understood and understood.consent:  # without it we may not even keep what was written
        is_own = is_post_of_own_page(request.headers, public_url=public_url)
        if not problem or _may_correct_again(request, door, limiter, KEPT_UNFINISHED):
            arrival = arrival_from_request(
                request,
                door,
                body,
                now(),
                suspicion=_suspicion_reason(given, is_own_page=is_own),
                change_key_sha256=sender_changes.hash_change_key(change_key),
            )
            await inbox.receive(arrival)
    if not problem:
        language = _visitor_language(request, door)
        where = f"/form/{door.source.slug}?sent&lang={language}&link={change_key}"
        return RedirectResponse(where, 303)
    if not _may_correct_again(request, door, limiter, MOST_CORRECTIONS):
        return _render_form_page(request, door, given=given, problem="too_many", status=429)
    return _render_form_page(request, door, given=given, problem=problem, status=422)


def _may_correct_again(
    request: Request,
    door: SourceWithBrand,
    limiter: MovingWindowRateLimiter,
    limit: RateLimitItemPerMinute,
) -> bool:
    """Count one more form that is not complete; returns whether it may still be corrected."""
    address = request.client.host if request.client else ""
    return limiter.hit(limit, door.source.slug, neighborhood_of(address))


def consent_wording_shown(brand: Brand, language: str) -> str:
    """Return the wording of consent that the form shows in a language.

    It is the brand's own in the brand's language, else the usual one.
    """
    usual = {
        known: languages.default_consent_text(known, brand=brand.name)
        for known in languages.LANGUAGES
    }
    is_theirs = brand.consent_text not in usual.values()
    at_home = languages.supported_language(brand.locale) or languages.DEFAULT_LANGUAGE
    return brand.consent_text if is_theirs and language == at_home else usual[language]


def _parse_form_post(
    body: bytes, request: Request, region: str
) -> tuple[dict[str, str], FormRequest | None]:
    """Return the fields that were sent, to show them again, and the request that they make.

    The request is None where nothing can be read.
    """
    try:
        content_type = request.headers.get("content-type", "")
        return form_reading.submitted_field_texts(
            body, content_type
        ), form_reading.read_form_request(body, content_type, region=region)
    except BadSubmission:
        return {}, None


def _field_to_correct(understood: FormRequest | None) -> str:
    """Return the name of the field that the visitor should correct, or nothing."""
    if understood is None or not understood.consent:
        return "consent"
    return "phone" if understood.phone is None else ""


def _suspicion_reason(given: dict[str, str], *, is_own_page: bool) -> str:
    """Return why a person should look at a submission first, or nothing."""
    if given.get("website"):
        return Message(MessageKey.TRAP_FILLED)
    return "" if is_own_page else Message(MessageKey.SENT_FROM_OTHER_PAGE)


def _render_form_page(
    request: Request,
    door: SourceWithBrand,
    *,
    given: dict[str, str],
    problem: str = "",
    thanks: bool = False,
    status: int = 200,
) -> Response:
    language = _visitor_language(request, door)
    return rendering.render_page(
        "form.html",
        status=status,
        may_be_framed=True,
        words=languages.page_texts(language),
        language=language,
        others={
            code: languages.page_texts(code)["own_name"]
            for code in languages.LANGUAGES
            if code != language
        },
        is_framed=_is_in_iframe(request),
        brand=door.brand,
        consent=consent_wording_shown(door.brand, language),
        address=f"/form/{door.source.slug}",
        given=given,
        form_id=given.get("id") or secrets.token_hex(12),  # with digits: others are names of forms
        problem=problem,
        thanks=thanks,
        change_address=_change_address(request, door, language) if thanks else "",
        carried=tuple(CARRIED_FIELDS),
    )


def _change_address(request: Request, door: SourceWithBrand, language: str) -> str:
    """Return the address of the link with which the sender may change what they sent, if any."""
    key = request.query_params.get("link", "")
    is_key = change_page.KEY.fullmatch(key) is not None
    return f"/form/{door.source.slug}/change/{key}?lang={language}" if is_key else ""


def _is_in_iframe(request: Request) -> bool:
    """Whether the form is shown inside another page.

    Browsers say so on every request to a site with a certificate.
    """
    return request.headers.get("sec-fetch-dest") == "iframe"


def _visitor_language(request: Request, door: SourceWithBrand | None) -> str:
    accepted = request.headers.get("accept-language", "")
    return languages.choose_visitor_language(
        _carried_fields(request)["language"],
        locale=door.brand.locale if door else "",
        accepted=accepted[:LONGEST_CARRIED],
    )


def _carried_fields(request: Request) -> dict[str, str]:
    host = request.headers.get("host", "")
    return fields_from_visit(request.query_params, request.headers.get("referer", ""), host=host)


def render_form_unavailable(request: Request) -> Response:
    """Return the page that says that nothing could be stored."""
    return _render_form_notice("away", request, status=503)


def _render_form_notice(notice: str, request: Request, *, status: int) -> Response:
    language = _visitor_language(request, None)
    words = languages.page_texts(language)
    return rendering.render_page(
        "notice.html",
        status=status,
        may_be_framed=True,
        words=words,
        notice=words[notice],
        language=language,
        is_framed=_is_in_iframe(request) and request.method == "POST",
    )
