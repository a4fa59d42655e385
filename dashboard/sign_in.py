"""Sign-in, and the guard in front of everything that is not public: pages, websocket, media, uploads."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, MutableMapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from leads import accounts, db, html
from leads.accounts import Identity
from leads.errors import LeadsError

COOKIE = "ringback"
PUBLIC = ("/hooks/", "/form/", "/health/")
PUBLIC_PAGES = ("/login", "/metrics")
CLOSED = ("/_stcore/agent/", "/_stcore/metrics", "/_stcore/script-health-check")
IDENTITY = (b"x-ringback-id", b"x-ringback-role", b"x-ringback-name", b"x-ringback-sign-in")
MESSAGES = frozenset({"rerun_script", "stop_script", "app_heartbeat", "file_urls_request"})
"""What a browser may tell Streamlit. Among the rest is one that empties the caches of everybody."""
SIGNED_OUT = 4401
LOOK_EVERY = 1.0  # seconds, for a session that was ended elsewhere
LARGEST_FORM = 8192
HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"x-frame-options": b"DENY",
    b"content-security-policy": b"frame-ancestors 'none'",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=(), payment=()",
}

TRIES_OF_A_PERSON = RateLimitItemPerMinute(8, 15)
TRIES_OF_AN_ADDRESS = RateLimitItemPerMinute(60, 15)  # a call centre is one address

Now = Callable[[], datetime]


def routes(*, public_url: str, now: Now) -> list[Route]:
    """Return the routes for signing in and out."""
    known: dict[str, Any] = {"secure": public_url.startswith("https://"), "now": now}
    limiter = MovingWindowRateLimiter(MemoryStorage())
    return [
        Route("/login", functools.partial(show, now=now), methods=["GET"]),
        Route("/login", functools.partial(sign_in, limiter=limiter, **known), methods=["POST"]),
        Route("/logout", functools.partial(sign_out, now=now), methods=["POST"]),
        Route("/auth/logout", functools.partial(sign_out, now=now), methods=["GET"]),  # where st.logout() goes
        *(Route(f"{prefix}{{rest:path}}", nothing_here, methods=["GET", "POST"]) for prefix in PUBLIC),
    ]


async def nothing_here(_request: Request) -> Response:
    """Answer a mistyped public address, before Streamlit takes it for a page."""
    return JSONResponse({"error": "There is nothing at this address."}, 404)


async def show(request: Request, *, now: Now) -> Response:
    """Show the form: to sign in, or to choose a password with an invitation."""
    invitation = request.query_params.get("invitation", "")
    return await run_in_threadpool(
        _form, now(), invitation=invitation, next_path=_own_path(request.query_params.get("next", "/"))
    )


async def sign_in(request: Request, *, limiter: MovingWindowRateLimiter, secure: bool, now: Now) -> Response:
    """Check what was sent and begin a session."""
    if not _same_origin(request):
        return Response("This form was sent from another site.", 403, media_type="text/plain")
    given = await _small_form(request)
    invitation, next_path = given.pop("invitation", ""), _own_path(given.pop("next", "/"))
    show_again = functools.partial(_form, now(), invitation=invitation, next_path=next_path, given=given)
    address = request.client.host if request.client else ""
    person = given.get("email", "").lower()
    if not (limiter.hit(TRIES_OF_AN_ADDRESS, address) and limiter.hit(TRIES_OF_A_PERSON, person or address)):
        return await run_in_threadpool(show_again, problem="Too many tries. Please wait 15 minutes.", status=429)
    try:
        secret = await run_in_threadpool(_begin, given, invitation, now())
    except LeadsError as refusal:
        return await run_in_threadpool(show_again, problem=str(refusal), status=401)
    answer = RedirectResponse(next_path, 303, {"Cache-Control": "no-store"})
    lasts = int(accounts.SESSION_LASTS.total_seconds())
    answer.set_cookie(COOKIE, secret, max_age=lasts, path="/", secure=secure, httponly=True, samesite="lax")
    return answer


async def sign_out(request: Request, *, now: Now) -> Response:
    """End the session on the server; open pages close within a second."""
    if not _same_origin(request):
        return Response("This came from another site.", 403, media_type="text/plain")
    await run_in_threadpool(_end, request.cookies.get(COOKIE, ""), now())
    answer = RedirectResponse("/login", 303, {"Cache-Control": "no-store"})
    answer.delete_cookie(COOKIE, path="/")
    return answer


class Guard:
    """Lets nobody through without a session. Pure ASGI, because the websocket needs it most.

    Identity reaches the pages as headers that only the guard can set, and from there as `st.user`.
    """

    def __init__(self, app: ASGIApp, *, now: Now) -> None:
        self._app, self._now = app, now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or turn it away before anything of ours has seen it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        scope = dict(scope, headers=[(name, value) for name, value in scope["headers"] if name not in IDENTITY])
        path = scope["path"]
        if path.startswith(PUBLIC) or path in PUBLIC_PAGES:
            await self._app(scope, receive, send)
            return
        secret = cookie_parser(Headers(scope=scope).get("cookie", "")).get(COOKIE, "")
        who = await run_in_threadpool(self._identity, secret)
        if who is None or path.startswith(CLOSED):
            await self._turn_away(scope, receive, send, known=who is not None)
            return
        scope["headers"] = [*scope["headers"], *_identity_headers(who)]
        if scope["type"] == "websocket":
            await self._watch(scope, receive, send, secret)
        else:
            await self._app(scope, receive, _with_headers(send))

    async def _turn_away(self, scope: Scope, receive: Receive, send: Send, *, known: bool) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": SIGNED_OUT})  # before it was accepted: HTTP 403
            return
        is_page = scope["method"] in ("GET", "HEAD") and "text/html" in Headers(scope=scope).get("accept", "")
        answer: Response = JSONResponse({"error": "There is nothing here."}, 404)
        if not known and is_page:
            answer = RedirectResponse(
                f"/login?next={quote(_own_path(scope['path']))}", 303, {"Cache-Control": "no-store"}
            )
        elif not known:
            answer = JSONResponse({"error": "Sign in first."}, 401, {"Cache-Control": "no-store"})
        await answer(scope, receive, send)

    async def _watch(self, scope: Scope, receive: Receive, send: Send, secret: str) -> None:
        """Serve a websocket until the browser leaves or the session ends, wherever it is ended."""
        ended = asyncio.create_task(self._session_ends(secret))

        async def receive_while_signed_in() -> Message:
            while True:
                message = asyncio.ensure_future(receive())
                await asyncio.wait({message, ended}, return_when=asyncio.FIRST_COMPLETED)
                if ended.done():
                    message.cancel()
                    await send({"type": "websocket.close", "code": SIGNED_OUT, "reason": "signed out"})
                    return {"type": "websocket.disconnect", "code": SIGNED_OUT}
                if _is_permitted(message.result()):
                    return message.result()

        try:
            await self._app(scope, receive_while_signed_in, send)
        finally:
            ended.cancel()

    async def _session_ends(self, secret: str) -> None:
        while await run_in_threadpool(self._identity, secret):  # noqa: ASYNC110 - another process may end it
            await asyncio.sleep(LOOK_EVERY)

    def _identity(self, secret: str) -> Identity | None:
        """Return who this is. An open page keeps its session alive; the day's end does not ask."""
        if not secret:
            return None
        with db.reader() as session:
            who = accounts.identity(session, secret, now=self._now())
        if who and accounts.is_due_for_touch(who, now=self._now()):
            with db.transaction() as session:
                accounts.touch(session, who, now=self._now())
        return who


def _begin(given: dict[str, str], invitation: str, now: datetime) -> str:
    password = given.get("password", "")
    if not invitation:
        with db.reader() as session:
            advisor = accounts.check_password(session, email=given.get("email", ""), password=password)
        with db.transaction() as session:
            return accounts.open_session(session, advisor, now=now)
    with db.transaction() as session:
        return accounts.accept_invitation(
            session,
            invitation,
            name=given.get("name", ""),
            email=given.get("email", ""),
            phone_number=given.get("phone", ""),
            password=password,
            now=now,
        )


def _end(secret: str, now: datetime) -> None:
    with db.transaction() as session:
        accounts.sign_out(session, secret, now=now)


def _form(
    now: datetime,
    *,
    invitation: str,
    next_path: str,
    given: dict[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    first = False
    if invitation:
        with db.reader() as session:
            row = accounts.invitation(session, invitation, now=now)
            first = row is not None and row.advisor_id is None
        if row is None:
            invitation, problem = "", problem or "This link was used already or is too old. Ask for a new one."
    return html.page(
        "sign_in.html",
        status=status,
        invitation=invitation,
        first=first,
        next=next_path,
        given={name: text for name, text in (given or {}).items() if name != "password"},
        problem=problem,
    )


async def _small_form(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            return {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _same_origin(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin") or request.headers.get("referer")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")


def _own_path(path: str) -> str:
    """Return a path on this server to go on to; anything else becomes the first page."""
    is_own = path.startswith("/") and not path.startswith(("//", "/\\", "/login", "/logout", "/auth", "/_stcore"))
    return path if is_own else "/"


def _identity_headers(who: Identity) -> list[tuple[bytes, bytes]]:
    told = (str(who.advisor_id), who.role.value, quote(who.name), str(who.sign_in_id))
    return [(name, value.encode()) for name, value in zip(IDENTITY, told, strict=True)]


def _is_permitted(message: MutableMapping[str, Any]) -> bool:
    if message["type"] != "websocket.receive" or not message.get("bytes"):
        return True
    told = BackMsg()
    try:
        told.ParseFromString(message["bytes"])
    except ValueError:  # protobuf's DecodeError: Streamlit closes the socket over it
        return True
    return told.WhichOneof("type") in MESSAGES


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message["headers"]}
            added = [(name, value) for name, value in HEADERS.items() if name not in given]
            message = {**message, "headers": [*message["headers"], *added]}
        await send(message)

    return send_with_headers
