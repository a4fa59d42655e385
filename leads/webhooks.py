"""The doors for submissions: form tools' webhooks and our own hosted form."""

from __future__ import annotations

import functools
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from leads import db, forms, html
from leads.errors import BadSignature, BadSubmission
from leads.forms import FormRequest
from leads.forms.signatures import delivery_id
from leads.inbox import Arrival, Inbox
from leads.models import Brand, Source

log = logging.getLogger(__name__)

LARGEST_BODY = 1024 * 1024
RECEIVED = {"status": "received"}
"""The one answer to every submission: another one would tell that somebody asked for help before."""

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
SOME_REFUSED = RateLimitItemPerMinute(20, 10)  # of one source from one address
MANY_FORMS = RateLimitItemPerMinute(60, 10)  # beyond it nothing more is taken from there


@dataclass(frozen=True)
class Door:
    """A source and its brand, as the doors need them."""

    source: Source
    brand: Brand


class Doors:
    """The sources, remembered for a second: a submission must not wait for a query."""

    def __init__(self) -> None:
        self._known: dict[str, Door] = {}
        self._read_at = float("-inf")

    async def find(self, key: str) -> Door | None:
        """Return the door with this webhook token or hosted form's name."""
        if time.monotonic() - self._read_at > 1 or key not in self._known:
            self._known, self._read_at = await run_in_threadpool(_read_doors), time.monotonic()
        return self._known.get(key)


def routes(*, now: Callable[[], datetime]) -> list[Route]:
    """Return the routes of both doors."""
    doors, inbox = Doors(), Inbox()
    limiter = MovingWindowRateLimiter(MemoryStorage())
    webhook = functools.partial(form_webhook, doors=doors, inbox=inbox, now=now, limiter=limiter)
    hosted = functools.partial(hosted_form, doors=doors, inbox=inbox, now=now, limiter=limiter)
    return [
        Route("/hooks/forms/{token}", _or_say_so(webhook, _busy), methods=["POST", "GET", "HEAD"]),
        Route("/form/{slug}", _or_say_so(hosted, _busy_page), methods=["GET", "POST"]),
    ]


async def form_webhook(
    request: Request, *, doors: Doors, inbox: Inbox, now: Callable[[], datetime], limiter: MovingWindowRateLimiter
) -> Response:
    """Store what a form tool sends, then say so; what it says is read afterwards.

    What fails its check is answered 401 and kept aside for a person, some of it: the secret may have been mistyped.
    """
    door = await doors.find(f"token:{request.path_params['token']}")
    if door is None:
        return JSONResponse({"error": "There is no source at this address."}, 404)
    if request.method != "POST":
        return JSONResponse(RECEIVED)
    body = await _body(request)
    if body is None:
        return JSONResponse({"error": "A submission may have 1 MiB at most."}, 413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    received_at = now()
    try:
        forms.verify(door.source.kind, door.source.secrets, headers, body, now=received_at)
    except BadSignature as refusal:
        address = request.client.host if request.client else ""
        if body and limiter.hit(SOME_REFUSED, door.source.token, address):
            await inbox.receive(_arrival(request, door, body, received_at, refused=str(refusal)))
        return JSONResponse({"error": str(refusal)}, 401)
    if body:
        await inbox.receive(_arrival(request, door, body, received_at, delivery=delivery_id(headers)))
    return JSONResponse(RECEIVED)


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
    body = await _body(request)
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
        await inbox.receive(_arrival(request, door, body, now(), suspicion=suspicion))
    if problem:
        return _page(door, given=given, problem=problem, status=422)
    return RedirectResponse(f"/form/{slug}?sent", 303)


async def _body(request: Request) -> bytes | None:
    """Read a body of bearable size; None if it is larger."""
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > LARGEST_BODY:
                return None
            chunks.append(chunk)
    except ClientDisconnect:
        return b""
    return b"".join(chunks)


def _given(body: bytes, request: Request, region: str) -> tuple[dict[str, str], FormRequest | None]:
    """Return what was sent, to show it again, and what it means; None where that cannot be told."""
    try:
        content_type = request.headers.get("content-type", "")
        return forms.given(body, content_type), forms.read(body, content_type, region=region)
    except BadSubmission:
        return {}, None


def _or_say_so(
    endpoint: Callable[[Request], Awaitable[Response]], otherwise: Callable[[], Response]
) -> Callable[[Request], Awaitable[Response]]:
    """While the database is away nothing is stored, and whoever sends has to hear that."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except DBAPIError as error:
            log.error("A submission could not be stored: %s", type(error).__name__)  # noqa: TRY400 - it names people
            return otherwise()

    return answer


def _busy() -> Response:
    return JSONResponse({"error": "This could not be stored. Please send it again."}, 503, {"Retry-After": "10"})


def _busy_page() -> Response:
    return html.page("away.html", status=503)


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


def _arrival(
    request: Request,
    door: Door,
    body: bytes,
    received_at: datetime,
    *,
    delivery: str | None = None,
    suspicion: str = "",
    refused: str = "",
) -> Arrival:
    return Arrival(
        source_id=door.source.id,
        received_at=received_at,
        content_type=request.headers.get("content-type", "")[:200],
        body=body,
        delivery_id=delivery[:200] if delivery else None,
        ip=request.client.host[:45] if request.client else "",
        user_agent=request.headers.get("user-agent", "")[:500],
        suspicion=suspicion,
        refused=refused,
    )


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


def _read_doors() -> dict[str, Door]:
    with db.reader() as session:
        found = session.exec(select(Source, Brand).join(Brand, col(Brand.id) == col(Source.brand_id))).all()
    doors = [Door(source, brand) for source, brand in found]
    by_token = {f"token:{door.source.token}": door for door in doors}
    return by_token | {f"slug:{door.source.slug}": door for door in doors}
