"""The page of the one-time link: whoever sent a form changes their request or takes it back.

It shows nothing of what was sent. Looking at it changes nothing, and each use spends the link.
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
from leads.intake import sender_changes
from leads.intake.form_origin import is_post_of_own_page
from leads.intake.http_requests import SourceCache, SourceWithBrand, read_limited_body
from leads.intake.sender_changes import ChangePost, SenderChange
from leads.network_neighborhoods import neighborhood_of
from leads.pages import rendering

URLENCODED_FORM = "application/x-www-form-urlencoded"
VISITS = RateLimitItemPerMinute(30, 10)  # of one neighborhood in ten minutes
LARGEST_POST = 32 * 1024
LONGEST_MESSAGE = 5000
KEY = re.compile(r"[A-Za-z0-9_-]{32}")
YES_NO = {"yes": True, "no": False}
DONE = ("changed", "withdrawn")


async def serve_change_page(
    request: Request,
    *,
    doors: SourceCache,
    now: Callable[[], datetime],
    limiter: MovingWindowRateLimiter,
    public_url: str = "",
) -> Response:
    """Show the page of a link, and apply what is sent with it."""
    slug, key = request.path_params["slug"], request.path_params["key"]
    door = await doors.find_by_key(f"slug:{slug}")
    address = request.client.host if request.client else ""
    if not limiter.hit(VISITS, "change", neighborhood_of(address)):
        return _render_notice(request, door, "too_often", status=429)
    if door is None or not KEY.fullmatch(key):
        return _render_notice(request, door, "over", status=404)
    if request.method == "POST":
        return await _receive_change(request, door, key, now=now, public_url=public_url)
    if not await run_in_threadpool(_is_valid, key, door.source.id, now()):
        return _render_notice(request, door, "over", status=410)
    if request.query_params.get("done") == "withdrawn":
        return _render_notice(request, door, "withdrawn")
    return _render_form(request, door, key, is_changed="done" in request.query_params)


async def _receive_change(
    request: Request,
    door: SourceWithBrand,
    key: str,
    *,
    now: Callable[[], datetime],
    public_url: str,
) -> Response:
    if not is_post_of_own_page(request.headers, public_url=public_url):
        return _render_notice(request, door, "over", status=403)
    body = await read_limited_body(request)
    if body is None or len(body) > LARGEST_POST:
        return _render_notice(request, door, "over", status=413)
    post = ChangePost(
        content_type=URLENCODED_FORM,
        body=body,
        ip=request.client.host[:45] if request.client else "",
        user_agent=request.headers.get("user-agent", "")[:500],
    )
    change, next_key = _parse_change(body), sender_changes.new_change_key()
    if not await run_in_threadpool(
        _apply_change, key, door.source.id, change, post, next_key=next_key, now=now()
    ):
        return _render_notice(request, door, "over", status=410)
    done = DONE[change.withdraws]
    language = _page_language(request, door)
    return RedirectResponse(
        f"/form/{door.source.slug}/change/{next_key}?done={done}&lang={language}", 303
    )


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
        return sender_changes.is_change_key_valid(session, key, source_id, now=now)


def _apply_change(
    key: str,
    source_id: int,
    change: SenderChange,
    post: ChangePost,
    *,
    next_key: str,
    now: datetime,
) -> bool:
    """Apply a change; a second time where somebody moved the same callback in that moment."""
    for is_last in (False, True):
        try:
            with transaction() as session:
                return sender_changes.change_submission(
                    session, key, source_id, change, post, next_key=next_key, now=now
                )
        except LostRace:
            if is_last:
                raise
    return False


def _page_language(request: Request, door: SourceWithBrand | None) -> str:
    asked = languages.supported_language(request.query_params.get("lang", "")[:20])
    return asked or languages.choose_visitor_language(
        "",
        locale=door.brand.locale if door else "",
        accepted=request.headers.get("accept-language", "")[:200],
    )


def _render_form(
    request: Request, door: SourceWithBrand, key: str, *, is_changed: bool
) -> Response:
    language = _page_language(request, door)
    words = languages.page_texts(language)
    return rendering.render_page(
        "change.html",
        language=language,
        may_be_framed=True,
        words=words,
        brand=door.brand,
        address=f"/form/{door.source.slug}/change/{key}?lang={language}",
        is_changed=is_changed,
    )


def _render_notice(
    request: Request, door: SourceWithBrand | None, notice: str, *, status: int = 200
) -> Response:
    language = _page_language(request, door)
    words = languages.page_texts(language)
    return rendering.render_page(
        "notice.html",
        status=status,
        language=language,
        may_be_framed=True,
        words=words,
        notice=words[f"change_{notice}"],
        is_framed=False,
    )
