"""Sign-in with an OpenID Connect provider.

It ends in the same advisor and the same session as a password does.
"""

from __future__ import annotations

import functools
import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from httpx2 import HTTPError
from joserfc.errors import JoseError
from starlette.concurrency import run_in_threadpool
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route, request_response
from starlette.types import Receive, Scope, Send

from dashboard.http.sign_in_policy import (
    NOT_STORED,
    SignInPolicy,
    safe_next_path,
    transaction_of_visitor,
)
from leads.config.settings import OidcProvider
from leads.errors import AnotherSubject, NotAllowed
from leads.people import accounts, known_browsers, sessions
from leads.people.known_browsers import StartedSession
from leads.people.sessions import Visitor

START_PATH, DONE_PATH = "/auth/oidc", "/auth/oidc/done"
STATE_LASTS = timedelta(minutes=15)
ANY_KEY = secrets.token_hex()  # without a SECRET_KEY, this process alone reads what it signed
PROVIDER_ERRORS = (
    AuthlibBaseError,
    JoseError,
    HTTPError,
    ValueError,
    KeyError,
)  # whatever a provider may answer

log = logging.getLogger(__name__)


class AnotherIssuerError(ValueError):
    """Where the provider's settings should be are those of another one."""


@dataclass(frozen=True)
class ProviderClient:
    """The client of one provider, which names itself as we were told that it does."""

    provider: OidcProvider
    client: Any

    async def redirect_to_provider(self, request: Request, back: str, **asks: str) -> Response:
        """Return the way there and back; raises one of PROVIDER_ERRORS."""
        await self._require_issuer()
        answer: Response = await self.client.authorize_redirect(request, back, **asks)
        return answer

    async def claims_of_answer(self, request: Request) -> Mapping[str, Any]:
        """Return what the provider says of whoever comes back; raises one of PROVIDER_ERRORS."""
        wanted = {
            "iss": {"essential": True, "values": [await self._require_issuer()]},
            "aud": {"essential": True, "values": [self.provider.client_id]},
        }
        token = await self.client.authorize_access_token(request, claims_options=wanted)
        claims: Mapping[str, Any] = token["userinfo"]
        return claims

    async def _require_issuer(self) -> str:
        """Return how the provider writes its address: some end it with a slash."""
        named = (await self.client.load_server_metadata()).get("issuer")
        if not isinstance(named, str) or named.removesuffix("/") != self.provider.issuer:
            raise AnotherIssuerError
        return named


def oidc_routes(entrance: SignInPolicy, provider: OidcProvider) -> list[Route]:
    """Return the routes to the provider and back."""
    client = OAuth().register(
        "provider",
        server_metadata_url=f"{provider.issuer}/.well-known/openid-configuration",
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        client_kwargs={"scope": "openid email", "code_challenge_method": "S256", "timeout": 10},
    )
    known: dict[str, Any] = {"entrance": entrance, "client": ProviderClient(provider, client)}
    return [
        Route(
            path,
            WithStateCookie(functools.partial(endpoint, **known), entrance),
            methods=["GET"],
        )
        for path, endpoint in ((START_PATH, start_oidc_sign_in), (DONE_PATH, finish_oidc_sign_in))
    ]


class WithStateCookie:
    """Answers with a cookie of its own for what has to be known when the browser comes back.

    It lasts as long as somebody may take to sign in there, and is sent over HTTPS alone where there
    is any. Streamlit's own session cookie, which is neither, has nothing to do with it.
    """

    def __init__(
        self, endpoint: Callable[[Request], Awaitable[Response]], entrance: SignInPolicy
    ) -> None:
        keys = entrance.vault.keys
        self._app = SessionMiddleware(
            request_response(endpoint),
            hmac.new(keys[0].encode(), b"oidc state", "sha256").hexdigest() if keys else ANY_KEY,
            session_cookie=f"{entrance.cookie_name}-state",
            max_age=int(STATE_LASTS.total_seconds()),
            https_only=entrance.is_secure,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, with a scope that no other session is kept in."""
        await self._app(dict(scope), receive, send)


async def start_oidc_sign_in(
    request: Request, *, entrance: SignInPolicy, client: ProviderClient
) -> Response:
    """Send the browser to the provider, which sends it back to the route `done`.

    Only a page of ours does: from anywhere else it leads to the sign-in page, or any site could
    sign somebody in who did nothing. Whoever has to confirm that it is them is asked again there.
    """
    next_path = safe_next_path(request.query_params.get("next", "/"))
    if not entrance.is_from_own_page(request.headers):
        return RedirectResponse(f"/login?next={quote(next_path)}", 303, NOT_STORED)
    asks = {"prompt": "login"} if "again" in request.query_params else {}
    request.session["next"] = next_path
    try:
        back = f"{entrance.public_url}{DONE_PATH}"
        return await client.redirect_to_provider(request, back, **asks)
    except PROVIDER_ERRORS as problem:
        return _oidc_failure_redirect(problem)


async def finish_oidc_sign_in(
    request: Request, *, entrance: SignInPolicy, client: ProviderClient
) -> Response:
    """Start a session for the advisor whom the provider names.

    State, nonce, signature, client, and the issuer that we were told of are checked.
    """
    try:
        claims = await client.claims_of_answer(request)
    except PROVIDER_ERRORS as problem:
        return _oidc_failure_redirect(problem)
    try:
        started = await run_in_threadpool(
            _begin_oidc_session,
            entrance,
            claims,
            instead_of=entrance.session_secret_of(request.headers),
            visitor=entrance.visitor_of(request),
        )
    except AnotherSubject:
        await run_in_threadpool(_record_oidc_failure, entrance, request, "another")
        return RedirectResponse("/login?another=1", 303, NOT_STORED)
    except NotAllowed:
        await run_in_threadpool(_record_oidc_failure, entrance, request, "barred")
        return RedirectResponse("/login?barred=1", 303, NOT_STORED)
    if started is None:
        await run_in_threadpool(_record_oidc_failure, entrance, request, "unknown")
        return RedirectResponse("/login?unknown=1", 303, NOT_STORED)
    return entrance.redirect_with_session(
        started.secret,
        request.session.pop("next", "/"),
        browser_secret=started.browser_secret,
    )


def _record_oidc_failure(entrance: SignInPolicy, request: Request, reason: str) -> None:
    with transaction_of_visitor(entrance.visitor_of(request), sessions.LOGIN) as session:
        sessions.record_failed_sign_in(session, "", f"oidc_{reason}", now=entrance.now())


def _begin_oidc_session(
    entrance: SignInPolicy, claims: Mapping[str, Any], *, instead_of: str, visitor: Visitor
) -> StartedSession | None:
    """Return a new session for the advisor who is the claimed subject, or has its address.

    None where no active advisor is. The session with the secret `instead_of` is revoked.
    """
    email = claims.get("email") if claims.get("email_verified") is True else ""
    with transaction_of_visitor(visitor, sessions.LOGIN) as session:
        advisor = accounts.find_advisor_by_subject(
            session,
            str(claims["iss"]),
            str(claims["sub"]),
            verified_email=email if isinstance(email, str) else "",
            now=entrance.now(),
        )
        if advisor is None:
            return None
        sessions.revoke_secret(session, instead_of, now=entrance.now())
        return known_browsers.start_session_in_browser(
            session, advisor, visitor, now=entrance.now()
        )


def _oidc_failure_redirect(problem: Exception) -> Response:
    log.warning("The identity provider did not sign somebody in: %s.", type(problem).__name__)
    return RedirectResponse("/login?failed=1", 303, NOT_STORED)
