"""The pages for whoever asks for a call: one renderer, in the visitor's language."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from leads.i18n import languages
from leads.intake.form_embedding import LONGEST_CARRIED, fields_from_visit
from leads.intake.http_requests import SourceWithBrand
from leads.pages import rendering

PRIVATE_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""On every answer whose address, or the one it leads to, is nobody else's business."""

LEAVE_ADDRESS = "https://www.weather.gov/"
"""Where whoever must not be seen on our pages goes at one press: a page that everybody looks at."""


def form_address(door: SourceWithBrand) -> str:
    """Return the path of a source's hosted form."""
    return f"/form/{door.source.slug}"


def carried_fields(request: Request) -> dict[str, str]:
    """Return the fields that a visitor's address or the page around the form brings."""
    host = request.headers.get("host", "")
    return fields_from_visit(request.query_params, request.headers.get("referer", ""), host=host)


def visitor_language(request: Request, door: SourceWithBrand | None) -> str:
    """Return the language in which a visitor reads our pages."""
    return languages.choose_visitor_language(
        carried_fields(request)["language"],
        locale=door.brand.locale if door else "",
        accepted=request.headers.get("accept-language", "")[:LONGEST_CARRIED],
    )


def is_in_iframe(request: Request) -> bool:
    """Whether a page is shown inside another one.

    Browsers say so on every request to a site with a certificate.
    """
    return request.headers.get("sec-fetch-dest") == "iframe"


def render_visitor_page(
    template: str,
    request: Request,
    door: SourceWithBrand | None,
    *,
    status: int = 200,
    may_be_framed: bool = True,
    is_private: bool = False,
    leaves: bool = False,
    **values: Any,
) -> Response:
    """Return a page in the visitor's language.

    `is_private`: no later page learns its address. `leaves`: it clears itself when it is left.
    """
    language = visitor_language(request, door)
    shared: dict[str, Any] = {
        "words": languages.page_texts(language),
        "brand": door.brand if door else None,
        "is_framed": is_in_iframe(request),
        "leave_address": LEAVE_ADDRESS,
    }
    answer = rendering.render_page(
        template,
        language=language,
        status=status,
        may_be_framed=may_be_framed,
        script="leave.js" if leaves else "",
        **shared | values,
    )
    if is_private:
        answer.headers.update(PRIVATE_HEADERS)
    return answer


def render_visitor_notice(
    notice: str, request: Request, door: SourceWithBrand | None = None, *, status: int = 200
) -> Response:
    """Return a page with one message and the numbers to call; whoever posted looks at its end."""
    words = languages.page_texts(visitor_language(request, door))
    return render_visitor_page(
        "notice.html",
        request,
        door,
        status=status,
        is_private=True,
        notice=words[notice],
        is_framed=is_in_iframe(request) and request.method == "POST",
    )


def render_form_unavailable(request: Request) -> Response:
    """Return the page that says that nothing could be stored."""
    return render_visitor_notice("away", request, status=503)
