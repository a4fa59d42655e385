"""Sign-in policy: what every way in has in common.

It is the cookie, whose requests count, and where one may go on to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from sqlmodel import Session
from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.responses import RedirectResponse, Response

from leads.config.settings import RequireTotp, Settings
from leads.database.field_encryption import Vault
from leads.database.transactions import transaction
from leads.errors import LeadsError, TooManyTries
from leads.i18n import languages
from leads.lifecycle.audit_log import Origin, set_origin
from leads.people import browser_names, known_browsers, sessions
from leads.people.sessions import RenewedSecret, Visitor

LARGEST_FORM = 8192
LONGEST_HEADER = 200
NOT_STORED = {"Cache-Control": "no-store"}

Now = Callable[[], datetime]


@dataclass(frozen=True)
class SignInPolicy:
    """How this installation lets people in."""

    public_url: str
    require_totp: RequireTotp
    has_oidc: bool
    vault: Vault
    now: Now

    @property
    def cookie_name(self) -> str:
        """The name of the session's cookie.

        Behind HTTPS the name makes browsers refuse a cookie that another host or a plain page set.
        """
        return "__Host-ringback" if self.is_secure else "ringback"

    @property
    def browser_cookie_name(self) -> str:
        """The name of the cookie by which a browser is known in which somebody signed in before."""
        return f"{self.cookie_name}-browser"

    @property
    def is_secure(self) -> bool:
        """Whether people reach this server over HTTPS."""
        return self.public_url.startswith("https://")

    def session_secret_of(self, headers: Headers) -> str:
        """Return the session's secret that a browser sends; empty where there is none."""
        return cookie_parser(headers.get("cookie", "")).get(self.cookie_name, "")

    def browser_secret_of(self, headers: Headers) -> str:
        """Return the secret that a browser keeps since somebody signed in; empty where none did."""
        return cookie_parser(headers.get("cookie", "")).get(self.browser_cookie_name, "")

    def visitor_of(self, request: Request) -> Visitor:
        """Return whence a request comes: browser and network address."""
        return Visitor(
            self.browser_secret_of(request.headers),
            request.client.host if request.client else "",
            browser_names.name_browser(request.headers.get("user-agent", "")),
        )

    def redirect_with_session(
        self,
        secret: str,
        next_path: str,
        *,
        browser_secret: str = "",
        lasts: timedelta = sessions.SESSION_LASTS,
    ) -> RedirectResponse:
        """Return the answer that gives the browser its session and sends it on.

        `browser_secret`: by which the browser is known from then on; empty for a television.
        """
        answer = RedirectResponse(safe_next_path(next_path), 303, NOT_STORED)
        self._set_cookie(answer, self.cookie_name, secret, lasts)
        if browser_secret:
            known_for = known_browsers.BROWSER_KNOWN_FOR
            self._set_cookie(answer, self.browser_cookie_name, browser_secret, known_for)
        return answer

    def give_renewed_secret(self, answer: Response, renewed: RenewedSecret) -> Response:
        """Give the browser the new secret of its session with an answer."""
        self._set_cookie(answer, self.cookie_name, renewed.secret, renewed.lasts)
        return answer

    def _set_cookie(self, answer: Response, name: str, secret: str, lasts: timedelta) -> None:
        answer.set_cookie(
            name,
            secret,
            max_age=int(lasts.total_seconds()),
            path="/",
            secure=self.is_secure,
            httponly=True,
            samesite="lax",
        )

    def is_same_site(self, headers: Headers) -> bool:
        """Whether a page of ours sent a request, or somebody typed its address."""
        return headers.get("sec-fetch-site") == "none" or self.is_from_own_page(headers)

    def is_from_own_page(self, headers: Headers) -> bool:
        """Whether a page of ours sent a request.

        Browsers say so; older ones, or those over plain HTTP, name the page.
        """
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        page = headers.get("origin") or headers.get("referer")
        return page is not None and self.is_own_address(page, headers)

    def is_own_address(self, page: str, headers: Headers) -> bool:
        """Whether a web address is of this server, as the browser or the public knows it."""
        try:
            host = urlsplit(page).netloc
        except ValueError:
            return False
        return host != "" and host in (headers.get("host"), urlsplit(self.public_url).netloc)


@contextmanager
def transaction_of_visitor(
    visitor: Visitor, view: str, sign_in_id: int | None = None
) -> Iterator[Session]:
    """Run a transaction of a page of ours: from where it is asked, the audit log says.

    `sign_in_id`: of whoever is signed in.
    """
    with transaction() as session:
        set_origin(session, Origin(sign_in_id, visitor.address, visitor.browser, view))
        yield session


def build_sign_in_policy(settings: Settings, *, now: Now) -> SignInPolicy:
    """Return the sign-in policy that the settings make."""
    vault = Vault(settings.secret_keys)
    return SignInPolicy(
        settings.public_url, settings.require_totp, settings.oidc is not None, vault, now
    )


def failure_code(refusal: LeadsError) -> str:
    """Return the code by which the audit log says why somebody did not get in."""
    return "locked" if isinstance(refusal, TooManyTries) else "wrong"


def safe_next_path(path: str) -> str:
    """Return a path on this server to go on to; any other address becomes the first page."""
    is_own = path.startswith("/") and not path.startswith(
        ("//", "/\\", "/login", "/logout", "/auth", "/_stcore")
    )
    return path if is_own and path.isprintable() else "/"


def request_language(headers: Headers, *, asked: str = "") -> str:
    """Return the language in which to answer a request.

    It is the one asked for, else the colleague's own, else the browser's. Only the guard can say
    whose request it is, and says so only of people who are signed in.
    """
    accepted = headers.get("accept-language", "")[:LONGEST_HEADER]
    return languages.choose_visitor_language(
        asked or headers.get("x-ringback-language", ""), accepted=accepted
    )


async def read_small_form(request: Request) -> dict[str, str]:
    """Return the fields of a form of ours, with the `language` to answer in.

    Of a form too large to be ours only the language is returned.
    """
    given = await _parse_small_body(request)
    return given | {"language": request_language(request.headers, asked=given.get("lang", ""))}


async def _parse_small_body(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            return {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
