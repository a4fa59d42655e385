"""A code after the password, and an identity provider instead of it.

Both end in the same session.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pyotp
import pytest
from sqlmodel import select

from leads.database.field_encryption import Vault
from leads.database.transactions import reader, transaction
from leads.models.advisors import Advisor, SignIn
from leads.models.enums import AdvisorRole, SignInKind
from leads.people import accounts
from tests.support.running_desk import (
    PASSWORD,
    Desk,
    add_advisor,
    eventually,
    free_port,
    running_desk,
)
from tests.support.serving import PLAIN

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
EMAIL = "advisor1@example.org"
WITH_KEY = {"SECRET_KEY": "a long random text"}
BEHIND_HTTPS = {"PUBLIC_URL": "https://desk.example.org", **WITH_KEY}


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_supervisor_sets_up_the_second_factor_and_needs_it_from_then_on(database: str) -> None:
    with running_desk(database, REQUIRE_TOTP="supervisors", SECRET_KEY="new, old") as desk:
        _advisor(1, AdvisorRole.SUPERVISOR)
        _advisor(2, AdvisorRole.ADVISOR)
        assert _post(desk, email="advisor2@example.org", password=PASSWORD).status_code == 303

        # The password alone opens nothing: the key is offered, and a code proves that it was read.
        offered = _post(desk, email=EMAIL, password=PASSWORD, next="/work")
        assert (offered.status_code, "set-cookie" in offered.headers) == (200, False)
        phone = pyotp.TOTP(
            re.search(r"<code>([A-Z2-7 ]+)</code>", offered.text).group(1).replace(" ", "")
        )
        half = _half_in(offered)
        assert desk.http.get("/work", headers={"Cookie": f"ringback={half}"}).status_code == 401
        again = _post(desk, half=half, code="000000", next="/work")
        assert (again.status_code, "This code is wrong" in again.text) == (401, True)
        assert phone.secret in again.text.replace(" ", "")
        code = phone.now()
        shown = _post(desk, half=half, code=code, next="/work")
        assert (shown.status_code, 'href="/work"' in shown.text) == (200, True)
        codes = re.findall(r"<code>([a-z2-9-]{14})</code>", shown.text)
        assert len(codes) == 10
        cookie = {"Cookie": shown.headers["set-cookie"].split(";")[0]}
        with reader() as session:
            kept = session.exec(select(Advisor.totp_secret).where(Advisor.email == EMAIL)).one()
        assert Vault(("new",)).unseal(kept) == phone.secret != kept
        assert desk.http.get("/api/session", headers=cookie).status_code == 200

        # From then on a code is asked for, which counts once; the key is not shown again.
        asked = _post(desk, email=EMAIL, password=PASSWORD)
        assert phone.secret not in asked.text.replace(" ", "")
        assert _post(desk, half=_half_in(asked), code=code).status_code == 401
        assert _post(desk, half=_half_in(asked), code=codes[0]).status_code == 303
        assert "Please sign in again." in _post(desk, half=_half_in(asked), code=codes[1]).text
        own = desk.http.get("/second-factor", headers=cookie)
        assert "cannot be turned off" in own.text
        refused = desk.http.post(
            "/second-factor", data={"act": "off", "code": codes[2]}, headers=cookie | SAME_SITE
        )
        assert "Your role requires two-step sign-in." in refused.text

        # A new password does not do without it, and codes cannot be guessed for long.
        with transaction() as session:
            link = accounts.issue_invitation(
                session,
                session.exec(select(Advisor).where(Advisor.email == EMAIL)).one(),
                now=_now(),
            )
        asked = _post(desk, invitation=link, password="a wholly other password")
        assert "Enter a code" in asked.text
        guesses = [_post(desk, half=_half_in(asked), code="000000").text for _ in range(9)]
        assert ["Too many attempts" in guess for guess in guesses] == [False] * 8 + [True]
        assert "Too many attempts" in _post(desk, half=_half_in(asked), code=codes[2]).text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_behind_https_the_cookie_is_of_this_host_alone(database: str) -> None:
    with running_desk(database, **BEHIND_HTTPS) as desk:
        _advisor(1, AdvisorRole.ADVISOR)
        given = _post(desk, email=EMAIL, password=PASSWORD).headers["set-cookie"]
        name, _, attributes = given.partition("=")
        assert name == "__Host-ringback"
        assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= {
            part.strip() for part in attributes.split(";")
        }
        secret = given.split(";")[0].removeprefix("__Host-ringback=")
        assert (
            desk.http.get("/api/session", headers={"Cookie": f"ringback={secret}"}).status_code
            == 401
        )
        assert (
            desk.http.get(
                "/api/session", headers={"Cookie": f"__Host-ringback={secret}"}
            ).status_code
            == 200
        )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_behind_https_browsers_come_back_over_https_whatever_they_asked_for(database: str) -> None:
    paths = ("/", "/login", "/hooks/x", "/health/live", "/metrics", "/_stcore/health", "/auth/oidc")
    with running_desk(database, **BEHIND_HTTPS) as desk:
        for path in (*paths, desk.form_url()):
            for accepted in ("text/html", "*/*"):
                told = desk.http.get(path, headers={"Accept": accepted}).headers
                assert told["strict-transport-security"].startswith("max-age=31536000"), path
                assert told.get_list("x-content-type-options") == ["nosniff"], path
        refused = desk.http.post("/logout", headers={"Sec-Fetch-Site": "cross-site"})
        assert refused.headers["cache-control"] == "no-store"
        assert refused.headers["x-frame-options"] == "DENY"
    with running_desk(
        database, **WITH_KEY
    ) as desk:  # on a machine without a certificate it would lock out
        for path in paths:
            assert "strict-transport-security" not in desk.http.get(path).headers, path


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_a_provider_its_addresses_are_nobody_s(database: str) -> None:
    with running_desk(database) as desk:
        for path in ("/auth/oidc", "/auth/oidc/done"):
            answer = desk.http.get(path, headers={"Accept": "text/html"})
            assert (answer.status_code, answer.headers["location"][:6]) == (303, "/login")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_behind_https_nothing_starts_without_a_key(database: str) -> None:
    with (
        pytest.raises(AssertionError, match="SECRET_KEY is missing"),
        running_desk(database, PUBLIC_URL="https://desk.example.org"),
    ):
        pass


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_kept_on_the_way_to_the_provider_is_short_lived_and_of_this_host(
    database: str, provider: str
) -> None:
    with running_desk(database, **BEHIND_HTTPS, **_client_of(provider)) as desk:
        (cookie,) = desk.http.get("/auth/oidc?next=/work", headers=SAME_SITE).headers.get_list(
            "set-cookie"
        )
        name, _, attributes = cookie.partition("=")
        assert name == "__Host-ringback-state"
        told = {part.strip().lower() for part in attributes.split(";")}
        assert {"secure", "httponly", "samesite=lax", "path=/", "max-age=900"} <= told


@pytest.fixture
def provider() -> Iterator[str]:
    """A real OpenID Connect provider, in a process of its own."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "oidc_provider_mock",
        "--port",
        str(port),
        "--require-nonce",
        "true",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://localhost:{port}"
    eventually(
        lambda: _answers(f"{address}/.well-known/openid-configuration"),
        "the provider never became ready",
    )
    yield address
    process.terminate()
    process.wait(timeout=30)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_identity_provider_opens_the_same_session_for_a_verified_address(
    database: str, provider: str
) -> None:
    with running_desk(database, **_client_of(provider)) as desk:
        _advisor(1, AdvisorRole.ADVISOR)
        assert 'href="/auth/oidc?next=/work"' in desk.http.get("/login?next=/work").text
        claims = {
            "known": (EMAIL, True),
            "unverified": (EMAIL, False),
            "stranger": ("x@example.org", True),
        }
        for who, (email, is_verified) in claims.items():
            told = {"email": email, "email_verified": is_verified}
            httpx.put(f"{provider}/users/{who}", json=told, trust_env=False).raise_for_status()
        for who in ("unverified", "stranger"):
            with _browser(desk) as browser:
                assert _through(browser, who) == "/login?unknown=1"
        assert (
            "there is no account here with your e-mail address"
            in desk.http.get("/login?unknown=1").text
        )
        with reader() as session:
            assert session.exec(select(SignIn).where(SignIn.kind == SignInKind.SESSION)).all() == []

        with _browser(desk) as browser:
            assert _through(browser, "known") == "/work"
            assert browser.get("/api/session").status_code == 200
            before = {"Cookie": f"ringback={browser.cookies['ringback']}"}
            assert _through(browser, "known") == "/work"
            assert desk.http.get("/api/session", headers=before).status_code == 401
            assert browser.post("/logout", headers=SAME_SITE).headers["location"] == "/login"
            assert browser.get("/api/session").status_code == 401

        # Who they are there counts from then on, and no address that is given to somebody else.
        claims = {"known": ("moved@example.org", False), "newcomer": (EMAIL, True)}
        for who, (email, is_verified) in claims.items():
            told = {"email": email, "email_verified": is_verified}
            httpx.put(f"{provider}/users/{who}", json=told, trust_env=False).raise_for_status()
        with _browser(desk) as browser:
            assert _through(browser, "newcomer") == "/login?another=1"
            assert _through(browser, "known") == "/work"
        assert "not the one that signed in here before" in desk.http.get("/login?another=1").text

        # An answer that another browser asked for signs nobody in.
        with _browser(desk) as browser, _browser(desk) as other:
            answer = _answer_for(browser, "known")
            assert other.get(answer).headers["location"] == "/login?failed=1"
            assert browser.get(answer).headers["location"] == "/work"
            assert browser.get(answer).headers["location"] == "/login?failed=1"
        assert EMAIL not in desk.printed()


def _client_of(provider: str) -> dict[str, str]:
    """The settings of a desk that this provider knows."""
    return {
        "OIDC_ISSUER": provider,
        "OIDC_CLIENT_ID": "ringback",
        "OIDC_CLIENT_SECRET": "not so secret",
    }


def _browser(desk: Desk) -> httpx.Client:
    return httpx.Client(base_url=desk.url, trust_env=False, verify=PLAIN)


def _through(browser: httpx.Client, who: str) -> str:
    """Go to the provider and back as a browser does; returns where it ends."""
    return browser.get(_answer_for(browser, who), headers={"Sec-Fetch-Site": "cross-site"}).headers[
        "location"
    ]


def _answer_for(browser: httpx.Client, who: str) -> str:
    to_provider = browser.get("/auth/oidc?next=/work", headers=SAME_SITE).headers["location"]
    assert "code_challenge_method=S256" in to_provider
    return httpx.post(to_provider, data={"sub": who}, trust_env=False).headers["location"]


def _advisor(number: int, role: AdvisorRole) -> None:
    with transaction() as session:
        add_advisor(session, number, role=role, password=PASSWORD, now=_now())


def _post(desk: Desk, **given: str) -> httpx.Response:
    answer = desk.http.post("/login", data=given, headers=SAME_SITE)
    # another browser each time: signing in again ends what this one had open
    desk.http.cookies.clear()
    return answer


def _half_in(page: httpx.Response) -> str:
    return re.search(r'name="half" value="([^"]+)"', page.text).group(1)


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _now() -> datetime:
    return datetime.now(UTC)
