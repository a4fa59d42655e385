"""The page of the one-time link: whoever sent a form changes their request or takes it back.

It shows nothing of what was sent. Looking at it changes nothing, and a change spends the link. No
page that stays in a browser's history has the key in its address.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qs

from limits import RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from leads.database.transactions import reader, transaction
from leads.errors import LostRace
from leads.i18n import languages
from leads.intake import change_keys, sender_changes, visitor_pages
from leads.intake.body_readings import URLENCODED_FORM
from leads.intake.form_origin import is_post_of_other_page, own_address
from leads.intake.http_requests import SourceCache, SourceWithBrand, read_limited_body
from leads.intake.page_handover import OneTimeCookie, is_reached_securely
from leads.intake.sender_changes import ChangePost, SenderChange
from leads.network_neighborhoods import neighborhood_of

WRONG_KEYS = RateLimitItemPerMinute(30, 10)
"""How many links that are good for nothing one neighborhood may try in ten minutes.

Good ones have no limit: many people may share an address, as in a shelter.
"""

LARGEST_POST = 64 * 1024  # bytes: what its fields hold is shorter, in any writing system
LONGEST_MESSAGE = 5000
KEY = re.compile(r"[A-Za-z0-9_-]{32}")
YES_NO = {"yes": True, "no": False}
CHANGED_FIELDS = {
    "ways": sender_changes.SAFETY_WISHES,
    "time": ("any_hour", "best_time"),
    "words": ("message",),
    "withdrawn": ("withdraws",),
}
"""What the page says of a change: which kind it was, and never what was said."""


async def serve_change_link(
    request: Request,
    *,
    doors: SourceCache,
    now: Callable[[], datetime],
    limiter: MovingWindowRateLimiter,
    public_url: str = "",
) -> Response:
    """Lead whoever opens a link to its page, and apply what is sent from there with its key."""
    key = request.path_params["key"]
    door = await doors.find_by_key(f"slug:{request.path_params['slug']}")
    if door is None or not await _is_good(key, door, now=now):
        return _refuse_wrong_key(request, door, limiter)
    if request.method == "POST":
        return await _receive_change(
            request, door, key, now=now, limiter=limiter, public_url=public_url
        )
    return _redirect_to_page(request, door, key, public_url=public_url)


async def serve_change_page(
    request: Request,
    *,
    doors: SourceCache,
    now: Callable[[], datetime],
    limiter: MovingWindowRateLimiter,
    public_url: str = "",
) -> Response:
    """Show, once, the page of the link that was just opened, or what was just changed with it."""
    door = await doors.find_by_key(f"slug:{request.path_params['slug']}")
    if door is None:
        return _refuse_wrong_key(request, door, limiter)
    opened, saved = _handover_cookies(request, door, public_url=public_url)
    if "saved" in request.query_params:
        answer = _render_saved(request, door, saved.read_value(request))
        saved.clear_once_read(request, answer)
        return answer
    key = opened.read_value(request)
    if await _is_good(key, door, now=now):
        answer = _render_change_form(request, door, key)
    else:
        answer = visitor_pages.render_visitor_notice("change_over", request, door, status=410)
    opened.clear_once_read(request, answer)
    return answer


async def _receive_change(
    request: Request,
    door: SourceWithBrand,
    key: str,
    *,
    now: Callable[[], datetime],
    limiter: MovingWindowRateLimiter,
    public_url: str,
) -> Response:
    if is_post_of_other_page(request.headers, public_url=own_address(public_url, request.scope)):
        return visitor_pages.render_visitor_notice("change_over", request, door, status=403)
    body = await read_limited_body(request, most=LARGEST_POST)
    if body is None:
        return visitor_pages.render_visitor_notice("change_over", request, door, status=413)
    change = _parse_change(body)
    if change == SenderChange():  # nothing was chosen: the link is still good
        return _redirect_to_page(request, door, key, public_url=public_url)
    post = ChangePost(
        content_type=URLENCODED_FORM,
        body=body,
        ip=request.client.host[:45] if request.client else "",
        user_agent=request.headers.get("user-agent", "")[:500],
    )
    if not await run_in_threadpool(_apply_change, key, door.source.id, change, post, now=now()):
        return _refuse_wrong_key(request, door, limiter)
    return _redirect_when_saved(request, door, change, public_url=public_url)


async def _is_good(key: str, door: SourceWithBrand, *, now: Callable[[], datetime]) -> bool:
    is_key = KEY.fullmatch(key) is not None
    return is_key and await run_in_threadpool(_is_valid, key, door.source.id, now())


def _refuse_wrong_key(
    request: Request, door: SourceWithBrand | None, limiter: MovingWindowRateLimiter
) -> Response:
    """Answer that a link is good for nothing, whether it ever was good or was guessed."""
    address = request.client.host if request.client else ""
    if not limiter.hit(WRONG_KEYS, "change", neighborhood_of(address)):
        return visitor_pages.render_visitor_notice("change_too_often", request, door, status=429)
    return visitor_pages.render_visitor_notice("change_over", request, door, status=410)


def _redirect_to_page(
    request: Request, door: SourceWithBrand, key: str, *, public_url: str
) -> Response:
    """Send whoever opened a link on to an address without its key."""
    opened, _saved = _handover_cookies(request, door, public_url=public_url)
    answer = _redirect_back(request, door)
    opened.hand_over(answer, key)
    return answer


def _redirect_when_saved(
    request: Request, door: SourceWithBrand, change: SenderChange, *, public_url: str
) -> Response:
    _opened, saved = _handover_cookies(request, door, public_url=public_url)
    answer = _redirect_back(request, door, "saved&")
    kinds = [
        kind
        for kind, fields in CHANGED_FIELDS.items()
        if any(getattr(change, field) != getattr(SenderChange, field) for field in fields)
    ]
    saved.hand_over(answer, ".".join(kinds))
    return answer


def _redirect_back(request: Request, door: SourceWithBrand, query: str = "") -> RedirectResponse:
    language = visitor_pages.visitor_language(request, door)
    where = f"{_page_address(door)}?{query}lang={language}"
    return RedirectResponse(where, 303, visitor_pages.PRIVATE_HEADERS)


def _handover_cookies(
    request: Request, door: SourceWithBrand, *, public_url: str
) -> tuple[OneTimeCookie, OneTimeCookie]:
    """Return what carries the key to the page, and what carries there which kinds were changed.

    A link may be opened from somebody's own mail, which is another site.
    """
    path, is_secure = _page_address(door), is_reached_securely(request, public_url=public_url)
    return (
        OneTimeCookie("opened_change", path, is_secure, same_site="lax"),
        OneTimeCookie("saved_change", path, is_secure),
    )


def _page_address(door: SourceWithBrand) -> str:
    return f"/form/{door.source.slug}/change"


def _parse_change(body: bytes) -> SenderChange:
    """Return what was chosen on the page; what is none of its choices says nothing."""
    said = {
        name: values[-1].replace("\0", "").strip()
        for name, values in parse_qs(body.decode("utf-8", "replace")).items()
    }
    wishes = {
        name: YES_NO.get(said.get(name, "")) for name in (*sender_changes.SAFETY_WISHES, "any_hour")
    }
    times = languages.page_texts(languages.DEFAULT_LANGUAGE)["times"]
    return SenderChange(
        **wishes,
        best_time=said.get("best_time", "") if said.get("best_time") in times else "",
        message=said.get("message", "")[:LONGEST_MESSAGE],
        withdraws="withdraw" in said,
    )


def _is_valid(key: str, source_id: int, now: datetime) -> bool:
    with reader() as session:
        return change_keys.is_change_key_valid(session, key, source_id, now=now)


def _apply_change(
    key: str,
    source_id: int,
    change: SenderChange,
    post: ChangePost,
    *,
    now: datetime,
) -> bool:
    """Apply a change; a second time where somebody moved the same callback in that moment."""
    for is_last in (False, True):
        try:
            with transaction() as session:
                return sender_changes.change_submission(
                    session, key, source_id, change, post, now=now
                )
        except LostRace:
            if is_last:
                raise
    return False


def _render_change_form(request: Request, door: SourceWithBrand, key: str) -> Response:
    language = visitor_pages.visitor_language(request, door)
    return visitor_pages.render_visitor_page(
        "change.html",
        request,
        door,
        may_be_framed=False,
        is_private=True,
        address=f"{_page_address(door)}/{key}?lang={language}",
    )


def _render_saved(request: Request, door: SourceWithBrand, kinds: str) -> Response:
    """Return the page that says that something was saved and, the first time, of which kind."""
    words = languages.page_texts(visitor_pages.visitor_language(request, door))
    names = words["change"]["kinds"]
    return visitor_pages.render_visitor_page(
        "notice.html",
        request,
        door,
        is_private=True,
        notice=words["change_saved"],
        changed=[names[kind] for kind in kinds.split(".") if kind in names],
    )
