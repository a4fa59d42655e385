"""The doors for submissions: form tools' webhooks and our own hosted form."""

from __future__ import annotations

import functools
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
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

from leads import db, forms, html, refusals
from leads.crowd import Crowd
from leads.errors import BadSignature, BadSubmission
from leads.forms import Delivery, FormRequest, handshakes
from leads.forms.signatures import delivery_id
from leads.inbox import Arrival, Inbox
from leads.models import Brand, Source
from leads.settings import Settings

log = logging.getLogger(__name__)

LARGEST_BODY = 1024 * 1024
RECEIVED = {"status": "received"}
"""The one answer to every submission: another one would tell that somebody asked for help before."""

WAIT = {"Retry-After": "60"}
CROWDED = "Very many submissions came within a minute, and nothing proves where this one comes from."
UNTRUSTED = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}  # what we repeat is a stranger's text

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


def routes(
    *, now: Callable[[], datetime], public_url: str = "", forms_per_minute: int = Settings.forms_per_minute
) -> list[Route]:
    """Return the routes of both doors."""
    doors, inbox = Doors(), Inbox()
    limiter = MovingWindowRateLimiter(MemoryStorage())
    crowd = Crowd(per_minute=forms_per_minute)
    webhook = functools.partial(form_webhook, doors=doors, inbox=inbox, now=now, crowd=crowd, public_url=public_url)
    hosted = functools.partial(hosted_form, doors=doors, inbox=inbox, now=now, limiter=limiter)
    methods = [*handshakes.LOOKS, *handshakes.BRINGS]
    return [
        Route("/hooks/forms/{token}", _or_say_so(webhook, _busy), methods=methods),
        Route("/form/{slug}", _or_say_so(hosted, _busy_page), methods=["GET", "POST"]),
    ]


async def form_webhook(
    request: Request, *, doors: Doors, inbox: Inbox, now: Callable[[], datetime], crowd: Crowd, public_url: str
) -> Response:
    """Store what a form tool sends, then say so; what it says is read afterwards.

    A handshake is answered and not stored. What fails its check is answered 401 and kept aside for a person, some
    of it: the secret may have been mistyped. Of what nothing proves, too much at once is answered 429, and stored.
    """
    door = await doors.find(f"token:{request.path_params['token']}")
    if door is None:
        return JSONResponse({"error": "There is no source at this address."}, 404)
    source = door.source
    body = b"" if request.method in handshakes.LOOKS else await _body(request)
    if body is None:
        return JSONResponse({"error": "A submission may have 1 MiB at most."}, 413)
    delivery, query = _delivery(request, body, public_url), request.query_params
    asked = handshakes.answer(delivery, query, kind=source.kind, secrets=source.secrets, token=source.token)
    if asked:
        return Response(asked.body, asked.status, {**asked.headers, **UNTRUSTED}, asked.content_type)
    arrival = _arrival(request, door, body, now(), delivery=delivery_id(delivery.headers))
    return await _take(source, arrival, delivery, inbox=inbox, crowd=crowd)


async def _take(source: Source, arrival: Arrival, delivery: Delivery, *, inbox: Inbox, crowd: Crowd) -> Response:
    # What is not taken as it is loses its id, or the sender's next try would be passed over as the same delivery.
    try:
        forms.verify(source.kind, source.secrets, delivery, now=arrival.received_at)
    except BadSignature as refusal:
        return await _refuse(source, replace(arrival, delivery_id=None, refused=str(refusal)), inbox=inbox, crowd=crowd)
    if not source.secrets and crowd.is_too_much(source.token, arrival.ip):
        await inbox.receive(replace(arrival, delivery_id=None, suspicion=CROWDED))
        return _slow_down()
    await inbox.receive(arrival)
    return JSONResponse(RECEIVED)


async def _refuse(source: Source, arrival: Arrival, *, inbox: Inbox, crowd: Crowd) -> Response:
    """Say that the check failed; keep the body aside while there is room for it."""
    is_too_much = crowd.is_too_much(source.token, arrival.ip)
    if crowd.may_keep(source.token, arrival.ip) and await run_in_threadpool(_has_room, arrival):
        log.warning("Source %s: a submission failed its check and waits for review.", source.id)
        await inbox.receive(arrival)
    return _slow_down() if is_too_much else JSONResponse({"error": arrival.refused}, 401)


def _has_room(arrival: Arrival) -> bool:
    with db.reader() as session:
        return refusals.has_room(session, arrival.source_id, arrival.body)


def _slow_down() -> Response:
    return JSONResponse({"error": "Too many submissions at once. Please send this one again later."}, 429, WAIT)


def _delivery(request: Request, body: bytes, public_url: str) -> Delivery:
    """Return the request as its sender may have signed it: behind a proxy, only they know how they call us."""
    path = request.scope["raw_path"].decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    asked = f"{path}?{query}" if query else path
    headers = {name.lower(): value for name, value in request.headers.items()}
    sites = (public_url, *(f"{scheme}://{headers.get('host', '')}" for scheme in ("https", "http")))
    return Delivery(body, headers, request.method, tuple(f"{site}{asked}" for site in sites))


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
