"""Nobody is signed in by an answer that is not the identity provider's own, for us and for now."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from leads.database.engine import current_engine
from leads.database.transactions import transaction
from tests.support.databases import open_beside
from tests.support.running_desk import Desk, add_advisor, running_desk
from tests.support.serving import PLAIN, serving

CLIENT, SECRET = "ringback", "not so secret, and long enough"
EMAIL = "advisor1@example.org"
OWN_KEY, FOREIGN_KEY = (RSAKey.generate_key(2048, {"kid": "1"}) for _ in range(2))
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
Claims = dict[str, Any]


def signed(claims: Claims, key: RSAKey = OWN_KEY) -> str:
    return jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)


def forged(claims: Claims, algorithm: str, secret: bytes = b"") -> str:
    """Return a token as no library makes one: unsigned, or signed with what is no secret."""
    parts = ({"alg": algorithm, "kid": "1"}, claims)
    said = b".".join(_base64(json.dumps(part).encode()) for part in parts)
    signature = hmac.digest(secret, said, "sha256") if secret else b""
    return (said + b"." + _base64(signature)).decode()


def _base64(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


@dataclass
class Provider:
    """A provider that answers with a token as it was told to make it of honest claims."""

    issuer: str = ""
    nonce: str = ""
    answer: Callable[[Claims], Any] = field(default=signed)
    answered: int = 0
    names_itself: str | None = ""

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.configuration),
                Route("/{where}/.well-known/openid-configuration", self.configuration),
                Route("/keys", self.keys),
                Route("/token", self.token, methods=["POST"]),
            ]
        )

    async def configuration(self, _request: Request) -> Response:
        named = {"issuer": self.names_itself or self.issuer}
        return JSONResponse(
            {
                **(named if self.names_itself is not None else {}),
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [OWN_KEY.as_dict(private=False)]})

    async def token(self, _request: Request) -> Response:
        now = int(time.time())
        claims = {
            "iss": self.names_itself or self.issuer,
            "aud": CLIENT,
            "sub": "one",
            "nonce": self.nonce,
            "iat": now,
            "exp": now + 300,
            "email": EMAIL,
            "email_verified": True,
        }
        token = self.answer(claims)
        given = {"id_token": token} if token is not None else {}
        self.answered += 1
        return JSONResponse({"access_token": "a", "token_type": "Bearer", **given})


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    one = Provider()
    with serving(one.app) as url:
        one.issuer = url
        yield one


@pytest.fixture(scope="module")
def desk(request: pytest.FixtureRequest, provider: Provider) -> Iterator[Desk]:
    open_beside(request.getfixturevalue("sqlite")())
    address = current_engine().url.render_as_string(hide_password=False)
    with running_desk(address, **settings_for(provider.issuer)) as running:
        with transaction() as session:
            add_advisor(session, 1, now=datetime.now(UTC))
        yield running
    current_engine().dispose()


def settings_for(issuer: str) -> dict[str, str]:
    return {"OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": CLIENT, "OIDC_CLIENT_SECRET": SECRET}


@contextmanager
def on_the_way(desk: Desk, provider: Provider) -> Iterator[tuple[httpx.Client, str]]:
    """Yield a browser that was sent to the provider, and the state with which it comes back."""
    with httpx.Client(base_url=desk.url, trust_env=False, verify=PLAIN) as browser:
        sent = urlsplit(browser.get("/auth/oidc", headers=OWN_PAGE).headers["location"])
        asked = {name: values[0] for name, values in parse_qs(sent.query).items()}
        provider.nonce = asked["nonce"]
        yield browser, asked["state"]


def comes_back(browser: httpx.Client, **told: str) -> str:
    answer = browser.get("/auth/oidc/done", params=told, headers={"Sec-Fetch-Site": "cross-site"})
    is_in = browser.get("/api/session").status_code == 200
    return "signed in" if is_in else str(answer.headers.get("location", answer.status_code))


def without(claims: Claims, name: str) -> Claims:
    return {key: value for key, value in claims.items() if key != name}


def test_an_honest_answer_signs_in(desk: Desk, provider: Provider) -> None:
    provider.answer = signed
    with on_the_way(desk, provider) as (browser, state):
        assert comes_back(browser, code="a", state=state) == "signed in"


HOSTILE: dict[str, Callable[[Claims], Any]] = {
    "another nonce": lambda c: signed(c | {"nonce": "another"}),
    "no nonce": lambda c: signed(without(c, "nonce")),
    "for another client": lambda c: signed(c | {"aud": "another"}),
    "for nobody": lambda c: signed(without(c, "aud")),
    "for us among others, used by another": lambda c: signed(
        c | {"aud": [CLIENT, "another"], "azp": "another"}
    ),
    "of another issuer": lambda c: signed(c | {"iss": "https://evil.example"}),
    "of no issuer": lambda c: signed(without(c, "iss")),
    "over": lambda c: signed(c | {"exp": int(time.time()) - 600}),
    "without an end": lambda c: signed(without(c, "exp")),
    "by another key": lambda c: signed(c, FOREIGN_KEY),
    "by nobody": lambda c: forged(c, "none"),
    "by the secret we share": lambda c: forged(c, "HS256", SECRET.encode()),
    "by the public key as a secret": lambda c: forged(c, "HS256", OWN_KEY.as_pem(private=False)),
    "not there": lambda _c: None,
    "no token": lambda _c: "x.y.z",
    "a number": lambda _c: 7,
    "of an address that nobody verified": lambda c: signed(c | {"email_verified": False}),
    "of a verified address, as text": lambda c: signed(c | {"email_verified": "true"}),
    "of an address that says nothing of it": lambda c: signed(without(c, "email_verified")),
    "of several addresses": lambda c: signed(c | {"email": [EMAIL]}),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_token_that_is_not_the_providers_for_us_signs_nobody_in(
    desk: Desk, provider: Provider, kind: str
) -> None:
    def answer(claims: Claims) -> Any:
        return HOSTILE[kind]({**claims, "sub": "stranger"})  # who was never here

    provider.answer, before = answer, provider.answered
    with on_the_way(desk, provider) as (browser, state):
        came = comes_back(browser, code="a", state=state)
    assert came.startswith("/login?"), came
    assert provider.answered == before + 1


def test_an_answer_to_a_question_that_was_not_asked_signs_nobody_in(
    desk: Desk, provider: Provider
) -> None:
    provider.answer = signed
    with on_the_way(desk, provider) as (browser, state):
        assert comes_back(browser, code="a", state=f"{state}x").startswith("/login?")
    with on_the_way(desk, provider) as (browser, _state):
        assert comes_back(browser, code="a").startswith("/login?")
    with on_the_way(desk, provider) as (browser, state):
        assert comes_back(browser, error="access_denied", state=state).startswith("/login?")
    assert EMAIL not in desk.printed()


@pytest.mark.parametrize(
    "from_where",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},  # a link in a letter, too
        {"Referer": "https://evil.example/"},
        {},
    ],
)
def test_no_other_site_sends_a_browser_to_the_provider(
    desk: Desk, from_where: dict[str, str]
) -> None:
    answer = desk.http.get("/auth/oidc?next=/work", headers=from_where)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/work")
    assert "set-cookie" not in answer.headers


def test_an_older_browser_names_the_page_that_sends_it_to_the_provider(
    desk: Desk, provider: Provider
) -> None:
    answer = desk.http.get("/auth/oidc", headers={"Referer": f"{desk.url}/login"})
    assert answer.headers["location"].startswith(f"{provider.issuer}/authorize")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("named", "where"),
    [("another", "/login?failed=1"), (None, "/login?failed=1"), ("with a slash", "/authorize?")],
)
def test_a_provider_that_calls_itself_otherwise_is_not_asked(
    provider: Provider,
    database: str,
    named: str | None,
    where: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = f"{provider.issuer}/tenant"
    names = {"another": provider.issuer, "with a slash": f"{told}/"}
    monkeypatch.setattr(provider, "names_itself", names[named] if named else None)
    with running_desk(database, **settings_for(told)) as desk:
        location = desk.http.get("/auth/oidc", headers=OWN_PAGE).headers["location"]
        assert location.removeprefix(provider.issuer).startswith(where)
        if named == "with a slash":
            with transaction() as session:
                add_advisor(session, 1, now=datetime.now(UTC))
            provider.answer = signed
            with on_the_way(desk, provider) as (browser, state):
                assert comes_back(browser, code="a", state=state) == "signed in"
