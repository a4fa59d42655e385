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
from leads.intake import change_keys, change_page, visitor_pages
from leads.intake.form_embedding import CARRIED_FIELDS
from leads.intake.form_origin import is_post_of_own_page
from leads.intake.http_requests import (
    SourceCache,
    SourceWithBrand,
    arrival_from_request,
    read_limited_body,
)
from leads.intake.page_handover import OneTimeCookie, is_reached_securely
from leads.intake.raw_inbox import Inbox
from leads.models.helplines import Brand
from leads.network_neighborhoods import neighborhood_of

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
        return visitor_pages.render_visitor_notice("nowhere", request, status=404)
    if request.method == "POST":
        return await _receive_form_post(
            request, door, inbox=inbox, now=now, limiter=limiter, public_url=public_url
        )
    if "sent" in request.query_params:
        return _render_thanks(request, door, public_url=public_url)
    carried = visitor_pages.carried_fields(request)
    language = (
        languages.supported_language(carried["language"])
        or carried["language"]
        or visitor_pages.visitor_language(request, door)
    )
    return _render_form_page(request, door, given={**carried, "language": language})


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
            given={
                **given,
                "consent": "",
                "language": visitor_pages.visitor_language(request, door),
            },
        )
    problem, change_key = _field_to_correct(understood), change_keys.new_change_key()
    if understood and understood.consent:  # without it we may not even keep what was written
        is_own = is_post_of_own_page(request.headers, public_url=public_url)
        if not problem or _may_correct_again(request, door, limiter, KEPT_UNFINISHED):
            arrival = arrival_from_request(
                request,
                door,
                body,
                now(),
                suspicion=_suspicion_reason(given, is_own_page=is_own),
                change_key_sha256=change_keys.hash_change_key(change_key),
            )
            await inbox.receive(arrival)
    if not problem:
        return _redirect_to_thanks(request, door, change_key, public_url=public_url)
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
    status: int = 200,
) -> Response:
    language = visitor_pages.visitor_language(request, door)
    return visitor_pages.render_visitor_page(
        "form.html",
        request,
        door,
        status=status,
        others={
            code: languages.page_texts(code)["own_name"]
            for code in languages.LANGUAGES
            if code != language
        },
        consent=consent_wording_shown(door.brand, language),
        address=_form_address(door),
        given=given,
        form_id=given.get("id") or secrets.token_hex(12),  # with digits: others are names of forms
        problem=problem,
        carried=tuple(CARRIED_FIELDS),
        spoken=_language_choices(door, given.get("language", "")),
        offers_gender=door.offered.offers_gender,
    )


def _language_choices(door: SourceWithBrand, asked: str) -> dict[str, str]:
    """Return the languages that advisors speak; none where there is nothing to choose.

    What came with the address, or is the page's, stays a choice.
    """
    spoken = {code: languages.native_language_name(code) for code in door.offered.languages}
    theirs = {asked: languages.native_language_name(asked)} if asked else {}
    return spoken | theirs if len(spoken) > 1 else {}


def _render_thanks(request: Request, door: SourceWithBrand, *, public_url: str) -> Response:
    """Return the thanks page, with the link for changes where the sender sees it the first time."""
    handed = _key_cookie(request, door, public_url=public_url)
    key, address = handed.read_value(request), _form_address(door)
    query = f"?lang={visitor_pages.visitor_language(request, door)}"
    is_key = change_page.KEY.fullmatch(key) is not None
    answer = visitor_pages.render_visitor_page(
        "thanks.html",
        request,
        door,
        is_private=True,
        address=f"{address}{query}",
        change_address=f"{address}/change/{key}{query}" if is_key else "",
    )
    handed.clear_once_read(request, answer)
    return answer


def _redirect_to_thanks(
    request: Request, door: SourceWithBrand, key: str, *, public_url: str
) -> Response:
    """Send a visitor on to the thanks page: the key goes with them, and into no address."""
    where = f"{_form_address(door)}?sent&lang={visitor_pages.visitor_language(request, door)}"
    answer = RedirectResponse(where, 303, visitor_pages.PRIVATE_HEADERS)
    _key_cookie(request, door, public_url=public_url).hand_over(answer, key)
    return answer


def _key_cookie(request: Request, door: SourceWithBrand, *, public_url: str) -> OneTimeCookie:
    is_secure = is_reached_securely(request, public_url=public_url)
    return OneTimeCookie("change_key", _form_address(door), is_secure)


def _form_address(door: SourceWithBrand) -> str:
    return f"/form/{door.source.slug}"
