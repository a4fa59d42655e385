"""The thanks page: when we call, from which number, what we say, and how to change or stop it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from leads.contact_rules import own_numbers
from leads.database.transactions import reader
from leads.intake import call_time_words, change_keys, visitor_pages
from leads.intake.body_readings import read_form_body
from leads.intake.call_promises import find_call_promise
from leads.intake.change_page import KEY
from leads.intake.http_requests import SourceWithBrand
from leads.intake.page_handover import OneTimeCookie, is_reached_securely
from leads.phone_numbers import format_phone


async def answer_sent_form(
    request: Request,
    door: SourceWithBrand,
    key: str,
    *,
    now: Callable[[], datetime],
    public_url: str,
) -> Response:
    """Send a visitor on to the thanks page: the key goes with them, and into no address.

    In a frame it is the answer itself: no cookie of ours reaches another site's page.
    """
    if visitor_pages.is_in_iframe(request):
        return await run_in_threadpool(_render_thanks, request, door, key, now=now())
    language = visitor_pages.visitor_language(request, door)
    where = f"{visitor_pages.form_address(door)}?sent&lang={language}"
    answer = RedirectResponse(where, 303, visitor_pages.PRIVATE_HEADERS)
    _key_cookie(request, door, public_url=public_url).hand_over(answer, key)
    return answer


async def show_thanks_page(
    request: Request, door: SourceWithBrand, *, now: Callable[[], datetime], public_url: str
) -> Response:
    """Return the thanks page: to its sender, the first time, with when we call and the link."""
    handed = _key_cookie(request, door, public_url=public_url)
    key = handed.read_value(request)
    known = key if KEY.fullmatch(key) else ""
    answer = await run_in_threadpool(_render_thanks, request, door, known, now=now())
    handed.clear_once_read(request, answer)
    return answer


def _render_thanks(request: Request, door: SourceWithBrand, key: str, *, now: datetime) -> Response:
    language, address = (
        visitor_pages.visitor_language(request, door),
        visitor_pages.form_address(door),
    )
    number = own_numbers.caller_id_of(door.brand.caller_id)
    return visitor_pages.render_visitor_page(
        "thanks.html",
        request,
        door,
        is_private=True,
        leaves=True,
        address=f"{address}?lang={language}",
        change_address=f"{address}/change/{key}?lang={language}" if key else "",
        number=format_phone(number) if number else "",
        **_say_sent_form(door, key, language=language, now=now),
    )


def _say_sent_form(
    door: SourceWithBrand, key: str, *, language: str, now: datetime
) -> dict[str, Any]:
    """Return what the form of a key leads to, in words, and what was said to be safe."""
    if not key:
        return {}
    with reader() as session:
        submission = change_keys.find_submission_of_key(session, key, door.source.id, now=now)
    if submission is None:
        return {}
    settings = (door.source.kind, door.source.region, door.source.mapping)
    read = read_form_body(submission.body, submission.content_type, settings).request
    if read is None:
        return {}
    promise = find_call_promise(door, submission, read)
    said = call_time_words.say_call_promise(promise, door, language=language, now=now)
    return {"promise": said, "kind": promise.kind, "safe": read}


def _key_cookie(request: Request, door: SourceWithBrand, *, public_url: str) -> OneTimeCookie:
    is_secure = is_reached_securely(request, public_url=public_url)
    return OneTimeCookie("change_key", visitor_pages.form_address(door), is_secure)
