"""Signing in with an OpenID Connect provider. It ends in the same advisor and the same session as a password."""

from __future__ import annotations

import functools
import logging
from collections.abc import Mapping
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from httpx2 import HTTPError
from joserfc.errors import JoseError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard.http.sign_in_policy import NOT_STORED, Entrance, own_path
from leads.config.settings import OidcProvider
from leads.database.transactions import transaction
from leads.people import accounts, login_throttle, sessions

START, DONE = "/auth/oidc", "/auth/oidc/done"
GOES_WRONG = (AuthlibBaseError, JoseError, HTTPError, ValueError, KeyError)  # whatever a provider may answer

log = logging.getLogger(__name__)


def routes(entrance: Entrance, provider: OidcProvider) -> list[Route]:
    """Return the way to the provider and back."""
    client = OAuth().register(
        "provider",
        server_metadata_url=f"{provider.issuer}/.well-known/openid-configuration",
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        client_kwargs={"scope": "openid email", "code_challenge_method": "S256", "timeout": 10},
    )
    known: dict[str, Any] = {"entrance": entrance, "client": client}
    return [
        Route(START, functools.partial(start, **known), methods=["GET"]),
        Route(DONE, functools.partial(done, **known), methods=["GET"]),
    ]


async def start(request: Request, *, entrance: Entrance, client: Any) -> Response:
    """Send the browser to the provider, which sends it back to `done`."""
    request.session["next"] = own_path(request.query_params.get("next", "/"))
    try:
        answer: Response = await client.authorize_redirect(request, f"{entrance.public_url}{DONE}")
    except GOES_WRONG as problem:
        return _failed(problem)
    return answer


async def done(request: Request, *, entrance: Entrance, client: Any) -> Response:
    """Begin a session for whoever the provider says it is: state, nonce, signature, issuer and client are checked."""
    try:
        claims = (await client.authorize_access_token(request))["userinfo"]
    except GOES_WRONG as problem:
        return _failed(problem)
    secret = await run_in_threadpool(_begin, entrance, claims, instead_of=entrance.secret_of(request.headers))
    if secret is None:
        return RedirectResponse("/login?unknown=1", 303, NOT_STORED)
    return entrance.let_in(secret, request.session.pop("next", "/"))


def _begin(entrance: Entrance, claims: Mapping[str, Any], *, instead_of: str) -> str | None:
    """Return a session's secret for whoever has this e-mail address here, if the provider verified it."""
    if claims.get("email_verified") is not True or not isinstance(claims.get("email"), str):
        return None
    with transaction() as session:
        advisor = accounts.find_active_advisor_by_email(session, claims["email"])
        if advisor is None:
            return None
        login_throttle.clear_sign_in_failures(session, advisor.email)
        sessions.revoke_secret(session, instead_of, now=entrance.now())
        return sessions.start_session(session, advisor, now=entrance.now())


def _failed(problem: Exception) -> Response:
    log.warning("The identity provider did not sign somebody in: %s.", type(problem).__name__)
    return RedirectResponse("/login?failed=1", 303, NOT_STORED)
