"""The guard in front of everything that is not public: pages, websockets, media, uploads."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import page_list
from dashboard.http import error_pages, moved_pages, page_files, page_shell
from dashboard.http.first_frame import render_first_frame
from dashboard.http.page_files import PageFiles
from dashboard.http.page_shell import PageShell
from dashboard.http.refusal_record import write_refusal
from dashboard.http.session_watch import SessionWatch
from dashboard.http.sign_in_policy import NOT_STORED, SignInPolicy, request_language, safe_next_path
from dashboard.http.streamlit_socket import StreamlitSocketFilter
from leads.database.transactions import reader
from leads.lifecycle.audit_log import Origin
from leads.people import browser_names, sessions
from leads.people.permissions import Permission
from leads.people.sessions import Identity

PUBLIC_PREFIXES = ("/hooks/", "/form/", "/health/", "/api/v1/")
PUBLIC_PAGES = ("/login", "/tv", "/metrics")
OIDC_PAGES = ("/auth/oidc", "/auth/oidc/done")
BLOCKED_PREFIXES = ("/_stcore/agent/", "/_stcore/metrics", "/_stcore/script-health-check")
IDENTITY_HEADERS = (
    b"x-ringback-id",
    b"x-ringback-role",
    b"x-ringback-name",
    b"x-ringback-sign-in",
    b"x-ringback-language",
)
WALL_ROLE = "wall"  # no role that anybody has: pages that ask who is signed in refuse it
TELEVISION_PATHS = (
    "/favicon.png",
    "/live",
    *(f"/{script}" for script in page_shell.SCRIPTS),
    "/api/session",
    "/_stcore/stream",
    "/_stcore/health",
    "/_stcore/host-config",
)
TELEVISION_READ_PREFIXES = ("/static/", "/app/static/", "/component/", "/_stcore/bidi-components/")
READ_METHODS = ("GET", "HEAD", "OPTIONS")
SIGNED_OUT = 4401
SESSION_ENDED: Message = {"type": "websocket.disconnect", "code": SIGNED_OUT}


def build_guard_middleware(entrance: SignInPolicy) -> Middleware:
    """Return the guard. Raises BadConfiguration if Streamlit's page is not the one we know."""
    return Middleware(Guard, entrance=entrance, page=page_shell.build_page_shell())


def is_television_request(request: Request) -> bool:
    """Whether a request comes from a television, whose session nobody keeps alive."""
    return request.headers[IDENTITY_HEADERS[1].decode()] == WALL_ROLE


def request_sign_in_id(request: Request) -> int:
    """Return the id of the session by which the guard let a request through."""
    return int(request.headers[IDENTITY_HEADERS[3].decode()])


def request_origin(request: Request, view: str) -> Origin:
    """Return from where a request comes that the guard let through; `view`: what it shows."""
    browser = browser_names.name_browser(request.headers.get("user-agent", ""))
    address = request.client.host if request.client else ""
    return Origin(request_sign_in_id(request), address, browser, view)


class Guard:
    """Lets nobody through without a session. Pure ASGI, because the websocket needs it most.

    The session's identity reaches the pages as headers that only the guard can set, and from there
    as `st.user`.
    """

    def __init__(self, app: ASGIApp, *, entrance: SignInPolicy, page: PageShell) -> None:
        self._app, self._entrance, self._page = app, entrance, page
        self._watch = SessionWatch(entrance.now)
        self._files = PageFiles()
        self._public_pages = PUBLIC_PAGES + (OIDC_PAGES if entrance.has_oidc else ())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it before anything of ours has seen it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        scope = dict(
            scope,
            headers=[
                (name, value) for name, value in scope["headers"] if name not in IDENTITY_HEADERS
            ],
        )
        path = scope["path"]
        if path.startswith(PUBLIC_PREFIXES):
            await self._app(scope, receive, send)
        elif self._is_cross_site(scope):
            await self._send_refusal(
                scope, receive, send, _refusal_for_scope(scope, error_pages.ANOTHER_SITE, 403)
            )
        elif path in self._public_pages:
            await self._app(scope, receive, send)
        elif (who := await run_in_threadpool(self._find_request_identity, scope)) is None:
            await self._send_refusal(scope, receive, send, _sign_in_required_response(scope))
        elif who.is_wall and scope["type"] == "http" and path != "/" and _wants_html_page(scope):
            await self._send_refusal(scope, receive, send, RedirectResponse("/", 303, NOT_STORED))
        elif path.startswith(BLOCKED_PREFIXES) or (
            who.is_wall and not _may_television_request(scope)
        ):
            await self._send_refusal(
                scope, receive, send, _refusal_for_scope(scope, error_pages.NOTHING_HERE, 404)
            )
        else:
            scope["headers"] = [*scope["headers"], *_identity_headers(who)]
            await self._pass_request_on(scope, receive, send, who)

    async def _pass_request_on(
        self, scope: Scope, receive: Receive, send: Send, who: Identity
    ) -> None:
        if scope["type"] == "websocket":
            await self._serve_websocket(scope, receive, send, who)
        elif scope["path"].startswith(page_files.FILES_PATH):
            await self._send_file(scope, receive, send, who)
        elif _wants_html_page(scope) and (moved := _redirect_to_new_address(scope)):
            await moved(scope, receive, send)
        elif _wants_html_page(scope) and page_list.is_page_of_role(who.role, scope["path"]):
            page = self._open_page(request_language(Headers(scope=scope)), who, scope["path"])
            await page(scope, receive, send)
        else:
            lacking = page_list.find_lacking_permission(who.role, scope["path"])
            if lacking and not who.is_wall:
                await run_in_threadpool(self._record_refusal, scope, who, lacking)
            await self._app(scope, receive, send)

    def _record_refusal(self, scope: Scope, who: Identity, lacking: Permission) -> None:
        origin = request_origin(Request(scope), scope["path"].strip("/"))
        write_refusal(who.advisor_id, origin, lacking.value, now=self._entrance.now())

    async def _send_file(self, scope: Scope, receive: Receive, send: Send, who: Identity) -> None:
        """Send a file that a page of this session offered, and let it be fetched no second time."""
        path = scope["path"]
        if not self._files.is_offered(who.sign_in_id, path):
            answer = _refusal_for_scope(scope, error_pages.NOTHING_HERE, 404)
            await self._send_refusal(scope, receive, send, answer)
        elif scope["method"] != "GET" or page_files.is_asked_by_script(scope):
            await Response(status_code=204, headers=NOT_STORED)(scope, receive, send)
        else:
            sending = self._files.sending_once(who.sign_in_id, path, send)
            await self._app(scope, receive, sending)

    def _open_page(self, language: str, who: Identity, address: str) -> Response:
        frame = "" if who.is_wall else render_first_frame(language, who.role, address)
        return self._page.build_response(language, frame)

    async def _send_refusal(
        self, scope: Scope, receive: Receive, send: Send, answer: Response
    ) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send(
                {"type": "websocket.close", "code": SIGNED_OUT}
            )  # before it was accepted: HTTP 403
        else:
            await answer(scope, receive, send)

    async def _serve_websocket(
        self, scope: Scope, receive: Receive, send: Send, who: Identity
    ) -> None:
        """Serve a websocket until the browser leaves or the session ends."""
        line, heard = StreamlitSocketFilter(), asyncio.Queue[Message]()

        def queue_for_streamlit(messages: list[Message]) -> None:
            for message in messages:
                heard.put_nowait(message)

        async def receive_from_browser() -> None:
            said: Message = {"type": ""}
            while said["type"] != "websocket.disconnect":
                said = await receive()
                queue_for_streamlit(line.filter_browser_message(said))

        async def queue_session_end(ended: asyncio.Event) -> None:
            await ended.wait()
            heard.put_nowait(SESSION_ENDED)

        async def send_to_browser(message: Message) -> None:
            self._files.note_message(who.sign_in_id, message)
            await send(message)
            queue_for_streamlit(line.release_after_server_message(message))

        with self._watch.session_end_event(who.sign_in_id) as ended:

            async def next_message_for_streamlit() -> Message:
                message = await heard.get()
                if not ended.is_set():
                    return message
                await send({"type": "websocket.close", "code": SIGNED_OUT, "reason": "signed out"})
                return SESSION_ENDED

            tasks = [
                asyncio.create_task(receive_from_browser()),
                asyncio.create_task(queue_session_end(ended)),
            ]
            try:
                await self._app(scope, next_message_for_streamlit, send_to_browser)
            finally:
                for task in tasks:
                    task.cancel()

    def _is_cross_site(self, scope: Scope) -> bool:
        """Whether another site's page makes the browser change something here, or listen."""
        headers = Headers(scope=scope)
        if scope["type"] == "websocket":
            origin = headers.get("origin")
            return origin is not None and not self._entrance.is_own_address(origin, headers)
        return scope["method"] not in READ_METHODS and not self._entrance.is_same_site(headers)

    def _find_request_identity(self, scope: Scope) -> Identity | None:
        secret = self._entrance.session_secret_of(Headers(scope=scope))
        if not secret:
            return None
        with reader() as session:
            return sessions.find_session_identity(session, secret, now=self._entrance.now())


def _redirect_to_new_address(scope: Scope) -> Response | None:
    return moved_pages.redirect_if_moved(scope["path"], scope["query_string"].decode("latin-1"))


def _sign_in_required_response(scope: Scope) -> Response:
    if scope["type"] == "http" and _wants_html_page(scope):
        return RedirectResponse(
            f"/login?next={quote(safe_next_path(scope['path']))}", 303, NOT_STORED
        )
    return _refusal_for_scope(scope, error_pages.SIGN_IN_FIRST, 401)


def _refusal_for_scope(scope: Scope, sentence: str, status: int) -> Response:
    return error_pages.render_refusal(Headers(scope=scope), sentence, status)


def _wants_html_page(scope: Scope) -> bool:
    return scope["method"] in ("GET", "HEAD") and "text/html" in Headers(scope=scope).get(
        "accept", ""
    )


def _may_television_request(scope: Scope) -> bool:
    """Whether a television may request a path: its one page and what that page is made of."""
    path = scope["path"]
    return path in TELEVISION_PATHS or (
        _is_read_request(scope) and (path == "/" or path.startswith(TELEVISION_READ_PREFIXES))
    )


def _is_read_request(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] in READ_METHODS


def _identity_headers(who: Identity) -> list[tuple[bytes, bytes]]:
    role = WALL_ROLE if who.is_wall else who.role.value
    values = (str(who.advisor_id), role, quote(who.name), str(who.sign_in_id), who.language)
    return [(name, value.encode()) for name, value in zip(IDENTITY_HEADERS, values, strict=True)]
