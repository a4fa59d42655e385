"""Nobody reaches a page, a websocket or a file without a session, and a session can be ended."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, text
from sqlmodel import Session, delete, select
from streamlit import file_util
from websockets.sync.client import connect

from dashboard.http import page_shell, session_watch
from leads.database.engine import current_engine
from leads.database.transactions import transaction
from leads.errors import BadConfiguration
from leads.models.advisors import Advisor, KnownBrowser, Lockout, SignIn
from leads.models.enums import AdvisorRole, SignInKind
from leads.models.watching import Transition
from leads.people import accounts, login_throttle, passwords, staff
from tests.support.databases import open_beside, open_unsealed
from tests.support.running_desk import PASSWORD, Desk, add_advisor, running_desk
from tests.support.sockets import closing_code, refusal_of

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
EMAIL = "advisor1@example.org"
AT_ONCE = 5 * session_watch.SESSION_POLL_SECONDS


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Empty before the first of these tests, which share what costs most: one running desk."""
    address = request.getfixturevalue(request.param)()
    open_beside(address)
    yield address
    current_engine().dispose()


@pytest.fixture(scope="module")
def house(database: str) -> Iterator[Desk]:
    with running_desk(database) as desk:
        yield desk


@pytest.fixture
def desk(house: Desk) -> Desk:
    """The desk they share, with a supervisor whom nobody has seen yet."""
    house.http.cookies.clear()
    with transaction() as session:
        for table in (SignIn, KnownBrowser, Lockout, Transition, Advisor):
            session.exec(delete(table))
        now = datetime.now(UTC)
        add_advisor(session, 1, role=AdvisorRole.SUPERVISOR, password=PASSWORD, now=now)
    return house


def test_without_a_session_nothing_opens(desk: Desk) -> None:
    page = desk.http.get("/report", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/login?next=/report")
    claimed = {"X-Ringback-Id": "1", "X-Ringback-Role": "admin", "Cookie": "ringback=guessed"}
    for path in (
        "/",
        "/media/x.png",
        "/_stcore/health",
        "/_stcore/host-config",
        "/_stcore/upload_file/a/b",
        "/app/static/x",
    ):
        assert desk.http.get(path, headers=claimed).status_code == 401, path
    assert refusal_of(lambda: socket(desk, claimed)) == 403

    # What the public and Twilio need stays open.
    for path in ("/health/live", "/health/ready", "/metrics", "/login", desk.form_url()):
        assert desk.http.get(path).status_code == 200, path


def test_who_comes_through_a_proxy_is_shown_no_figures(desk: Desk) -> None:
    for header in ("Forwarded", "Via", "X-Forwarded-For", "X-Real-IP"):
        for claimed in ("127.0.0.1", "::1", "unknown", "[::1]:80", ""):
            answer = desk.http.get("/metrics", headers={header: claimed})
            assert answer.status_code == 404, (header, claimed)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_behind_a_proxy_that_names_nobody_the_figures_take_the_token(database: str) -> None:
    # As nginx comes, it asks from this machine, for this machine, and says nothing of its visitor.
    key = {"SECRET_KEY": "a long random text"}
    published = {"PUBLIC_URL": "https://desk.example.org", **key}
    with running_desk(database, **published) as desk:
        assert desk.http.get("/metrics").status_code == 404
    token = "a token of twenty letters or more".replace(" ", "-")
    for address in (published, key):
        with running_desk(database, METRICS_TOKEN=token, **address) as desk:
            for given in ("", "Bearer", f"Bearer {token}!", f"Basic {token}", f"bearer {token}é"):
                headers = {"Authorization": given.encode()}
                assert desk.http.get("/metrics", headers=headers).status_code == 404, given
            headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": "192.0.2.1"}
            assert "ringback_limbo" in desk.http.get("/metrics", headers=headers).text
    open_unsealed()  # the desks of the other tests have no such key


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_log_says_that_a_proxy_forwards_whom_nobody_named(database: str) -> None:
    warning = "X-Forwarded-For came from 127.0.0.1, which FORWARDED_ALLOW_IPS does not name"
    for named, warnings in (("10.9.9.9", 1), ("127.0.0.1", 0), ("*", 0)):
        with running_desk(database, FORWARDED_ALLOW_IPS=named) as desk:
            for visitor in ("192.0.2.1", "192.0.2.2, 192.0.2.3", "[2001:db8::1]:443"):
                desk.http.get("/hooks/x", headers={"X-Forwarded-For": visitor})
            printed = desk.stop()
        assert printed.count(warning) == warnings, named
        assert "192.0.2" not in printed


def test_whoever_has_a_role_that_the_table_does_not_know_reads_so_and_stays_outside(
    desk: Desk,
) -> None:
    open_before = {"Cookie": sign_in(desk).split(";")[0], "Accept": "text/html"}
    with transaction() as session:
        session.execute(text("UPDATE advisor SET role = 'auditor'"))
    answer = desk.http.post(
        "/login", data={"email": EMAIL, "password": PASSWORD}, headers=SAME_SITE
    )
    assert answer.status_code == 401
    assert "Your role has no permissions here. Ask an admin for another role." in answer.text
    assert desk.http.get("/work", headers=open_before).status_code == 303


def test_no_page_behind_the_sign_in_may_be_framed(desk: Desk) -> None:
    session = {"Cookie": sign_in(desk).split(";")[0], "Accept": "text/html"}
    for path in ("/", "/work", "/login"):
        answer = desk.http.get(path, headers=session)
        assert (
            answer.status_code,
            "frame-ancestors 'none'" in answer.headers["content-security-policy"],
        ) == (
            200,
            True,
        )


def test_a_session_opens_pages_and_its_end_closes_open_ones(desk: Desk) -> None:
    cookie = sign_in(desk)
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    session = {"Cookie": cookie.split(";")[0]}
    assert desk.http.get("/", headers={**session, "Accept": "text/html"}).status_code == 200
    assert desk.http.get("/_stcore/agent/openapi.json", headers=session).status_code == 404
    assert (
        refusal_of(lambda: socket(desk, {**session, "Origin": "https://elsewhere.example"})) == 403
    )
    with socket(desk, session) as stream:
        assert (
            desk.http.post(
                "/logout", headers={**session, "Sec-Fetch-Site": "cross-site"}
            ).status_code
            == 403
        )
        assert (
            desk.http.post("/logout", headers={**session, **SAME_SITE}).headers["location"]
            == "/login"
        )
        assert closing_code(stream) == 4401
    assert desk.http.get("/", headers=session).status_code == 401


def test_guessing_is_slowed_down_and_tells_nothing(desk: Desk) -> None:
    known = desk.http.post(
        "/login", data={"email": EMAIL, "password": "wrong wrong wrong"}, headers=SAME_SITE
    )
    unknown = desk.http.post(
        "/login", data={"email": "x@example.org", "password": "wrong"}, headers=SAME_SITE
    )
    assert known.status_code == unknown.status_code == 401
    refusal = "The e-mail address or password is not correct."
    assert known.text.count(refusal) == unknown.text.count(refusal) == 1
    tries = [
        desk.http.post(
            "/login", data={"email": EMAIL, "password": "guess"}, headers=SAME_SITE
        ).status_code
        for _ in range(8)
    ]
    assert tries == [401] * 7 + [429]
    assert (
        desk.http.post(
            "/login", data={"email": EMAIL, "password": PASSWORD}, headers=SAME_SITE
        ).status_code
        == 429
    )


def test_whoever_guesses_locks_out_strange_browsers_and_no_known_one(desk: Desk) -> None:
    def tries(password: str, cookie: str = "") -> int:
        given = {"email": EMAIL, "password": password}
        headers = SAME_SITE | ({"Cookie": cookie} if cookie else {})
        desk.http.cookies.clear()
        return desk.http.post("/login", data=given, headers=headers).status_code

    sign_in(desk)
    own = f"ringback-browser={desk.http.cookies['ringback-browser']}"
    assert [tries("guess") for _ in range(9)] == [401] * 8 + [429]
    assert tries(PASSWORD) == 429
    assert tries(PASSWORD, "ringback-browser=a-guess-at-the-cookie") == 429
    assert tries(PASSWORD, own) == 303
    assert tries(PASSWORD) == 429, "the owner's coming in gives no new tries to those who guess"
    # A known browser has no more tries than another, and of its own alone.
    assert [tries("guess", own) for _ in range(9)] == [401] * 8 + [429]
    with transaction() as session:
        locked = login_throttle.list_locked_accounts(session, now=datetime.now(UTC))
        assert len(locked) == 1
        session.exec(delete(Lockout))
    assert [tries("guess", own) for _ in range(9)] == [401] * 8 + [429]
    assert tries(PASSWORD) == 303
    with transaction() as session:  # whoever mistypes in a browser of theirs alarms nobody
        assert login_throttle.list_locked_accounts(session, now=datetime.now(UTC)) == []


def test_the_cookie_of_a_known_browser_is_read_by_no_page_and_opens_nothing(desk: Desk) -> None:
    cookie = next(
        one
        for one in desk.http.post(
            "/login", data={"email": EMAIL, "password": PASSWORD}, headers=SAME_SITE
        ).headers.get_list("set-cookie")
        if one.startswith("ringback-browser=")
    )
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Max-Age=15552000"} <= set(cookie.split("; "))
    desk.http.cookies.clear()
    secret = cookie.split(";")[0].partition("=")[2]
    for name in ("ringback", "ringback-browser"):
        assert desk.http.get("/api/session", headers={"Cookie": f"{name}={secret}"}).is_error


def test_a_crowd_at_the_door_is_hashed_in_turn_and_beyond_a_line_asked_to_come_back(
    desk: Desk,
) -> None:
    ready, before = threading.Barrier(40), peak_memory(desk)

    def guess(number: int) -> httpx.Response:
        given = {"email": f"stranger{number}@example.org", "password": "a guess or another"}
        ready.wait()
        return httpx.post(
            f"{desk.url}/login", data=given, headers=SAME_SITE, timeout=60, trust_env=False
        )

    with ThreadPoolExecutor(40) as crowd:
        answers = list(crowd.map(guess, range(40)))
    refused = [one for one in answers if one.status_code == 503]
    assert {one.status_code for one in answers} == {401, 503}
    assert all(one.headers["retry-after"] == "5" for one in refused)
    assert all("Please try again in a few seconds." in one.text for one in refused)
    assert peak_memory(desk) - before < (passwords.HASHES_AT_ONCE + 1) * 64 * 2**20
    with transaction() as session:  # whoever was asked to come back has spent no try
        tries = session.exec(select(func.sum(Lockout.failures))).one()
    assert tries == len(answers) - len(refused)
    sign_in(desk)


def test_the_way_in_speaks_the_language_of_who_comes(desk: Desk) -> None:
    spanish = {"Accept-Language": "es-US,en;q=0.8"}
    page = desk.http.get("/login?next=/work", headers=spanish).text
    assert '<html lang="es">' in page
    assert "Correo electrónico" in page
    link = re.search(r'<a href="([^"]+)" lang="en"', page).group(1).replace("&amp;", "&")
    english = desk.http.get(link, headers=spanish).text
    assert '<html lang="en">' in english
    assert 'name="next" value="/work"' in english
    wrong = desk.http.post(
        "/login", data={"email": EMAIL, "password": "wrong"}, headers=SAME_SITE | spanish
    )
    assert "la contraseña no son correctos" in wrong.text

    # What somebody chose at the door counts inside, whatever their browser says.
    given = {"email": EMAIL, "password": PASSWORD, "lang": "es"}
    cookie = (
        desk.http.post("/login", data=given, headers=SAME_SITE).headers["set-cookie"].split(";")[0]
    )
    told = desk.http.get("/api/session", headers={"Cookie": cookie, "Accept-Language": "en"}).json()
    assert told["language"] == "es"
    assert "Presione cualquier tecla" in told["warning"]
    own = desk.http.get("/second-factor", headers={"Cookie": cookie, "Accept-Language": "en"}).text
    assert "Configure la verificación en dos pasos" in own
    given["lang"] = "xx"  # not a language of ours: nothing changes
    cookie = (
        desk.http.post("/login", data=given, headers=SAME_SITE).headers["set-cookie"].split(";")[0]
    )
    assert desk.http.get("/api/session", headers={"Cookie": cookie}).json()["language"] == "es"

    # And so does what they choose inside, once the page is loaded anew.
    session = {"Cookie": cookie, "Accept": "text/html"}
    assert '<html lang="es">' in desk.http.get("/", headers=session).text
    for asked, status in (("en", 204), ("xx", 400)):
        headers = session | SAME_SITE
        answer = desk.http.post("/api/language", data={"lang": asked}, headers=headers)
        assert answer.status_code == status
    assert '<html lang="en">' in desk.http.get("/", headers=session).text


def test_signing_in_leads_nowhere_else(desk: Desk) -> None:
    for path, leads_to in (
        ("/report", "/report"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("evil", "/"),
    ):
        given = {"email": EMAIL, "password": PASSWORD, "next": path}
        assert (
            desk.http.post("/login", data=given, headers=SAME_SITE).headers["location"] == leads_to
        )
    assert (
        desk.http.post("/login", data=given, headers={"Sec-Fetch-Site": "cross-site"}).status_code
        == 403
    )
    assert desk.http.post("/login", data=given).status_code == 403


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_whatever_ends_a_session_closes_what_is_open_at_once(desk: Desk) -> None:
    # The verbs run in this process, the websocket is served by another one.
    def ended_by(verb: Callable[[Session, Advisor, Advisor], object]) -> float:
        with socket(desk, {"Cookie": sign_in(desk).split(";")[0]}) as stream:
            with transaction() as session:
                verb(session, *session.exec(select(Advisor).order_by(Advisor.id)).all())
            since = time.monotonic()
            assert closing_code(stream) == 4401
            return time.monotonic() - since

    with transaction() as session:
        add_advisor(session, 2, role=AdvisorRole.ADMIN, now=datetime.now(UTC))
    now = datetime.now(UTC)
    assert (
        ended_by(
            lambda s, one, admin: staff.change_staff_role(
                s, one, AdvisorRole.ADVISOR, admin, now=now
            )
        )
        < AT_ONCE
    )
    assert (
        ended_by(lambda s, one, admin: staff.sign_out_staff_member(s, one, admin, now=now))
        < AT_ONCE
    )
    assert (
        ended_by(lambda s, one, _: accept(s, accounts.issue_invitation(s, one, now=now), now=now))
        < AT_ONCE
    )
    assert (
        ended_by(lambda s, one, admin: staff.deactivate_staff_member(s, one, admin, now=now))
        < AT_ONCE
    )
    assert (
        desk.http.post(
            "/login", data={"email": EMAIL, "password": PASSWORD}, headers=SAME_SITE
        ).status_code
        == 401
    )


def test_only_a_person_keeps_a_session_alive(desk: Desk) -> None:
    session = {"Cookie": sign_in(desk).split(";")[0]}

    def seconds_left(**headers: str) -> float:
        return float(
            desk.http.get("/api/session", headers={**session, **headers}).json()["seconds_left"]
        )

    with transaction() as open_session:
        only_session(open_session).seen_at -= timedelta(minutes=14)
    assert desk.http.get("/", headers={**session, "Accept": "text/html"}).status_code == 200
    assert 0 < seconds_left() <= 60
    assert (
        desk.http.post(
            "/api/session", headers={**session, "Sec-Fetch-Site": "same-site"}
        ).status_code
        == 403
    )
    assert seconds_left() <= 60
    assert (
        desk.http.post("/api/session", headers={**session, **SAME_SITE}).json()["seconds_left"]
        > 890
    )
    with transaction() as open_session:
        only_session(open_session).seen_at -= timedelta(minutes=15)
    assert desk.http.post("/api/session", headers={**session, **SAME_SITE}).status_code == 401


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (
            "es-MX,es;q=0.9",
            [
                "Esta solicitud llegó desde otro sitio y se bloqueó.",
                "Página no encontrada.",
                "Inicie sesión primero.",
            ],
        ),
        (
            "en",
            [
                "This request came from another site, so it was blocked.",
                "Page not found.",
                "Please sign in first.",
            ],
        ),
    ],
)
def test_whoever_is_turned_away_reads_why_in_their_language(
    desk: Desk, language: str, sentences: list[str]
) -> None:
    signed_in = {"Cookie": sign_in(desk).split(";")[0]}
    desk.http.cookies.clear()
    asked = {"Accept": "text/html", "Accept-Language": language}
    answers = [
        desk.http.post("/login", headers={**asked, "Sec-Fetch-Site": "cross-site"}),
        desk.http.get("/_stcore/metrics", headers={**asked, **signed_in}),
        desk.http.get("/hooks/mistyped", headers=asked),
        desk.http.post("/second-factor", headers={**asked, **SAME_SITE}),
    ]
    assert [answer.status_code for answer in answers] == [403, 404, 404, 401]
    for answer, sentence in zip(answers, [*sentences[:2], *sentences[1:]], strict=True):
        assert f"<h1>{sentence}</h1>" in answer.text
        assert f'lang="{language[:2]}"' in answer.text


def test_an_address_that_is_nobodys_page_is_answered_in_our_own_words(desk: Desk) -> None:
    asked = {"Accept": "text/html", "Cookie": sign_in(desk).split(";")[0]}
    desk.http.cookies.clear()
    for path, status in (("/", 200), ("/report", 200), ("/report/", 200), ("/new_request", 404)):
        answer = desk.http.get(path, headers=asked)
        assert answer.status_code == status, path
        assert ("<h1>Page not found.</h1>" in answer.text) == (status == 404), path

    with transaction() as session:
        session.exec(select(Advisor)).one().role = AdvisorRole.ADVISOR
    assert desk.http.get("/shifts", headers=asked).status_code == 200
    assert desk.http.get("/report", headers=asked).status_code == 404, "a supervisor's page"


def test_another_site_changes_nothing(desk: Desk) -> None:
    session = {"Cookie": sign_in(desk).split(";")[0]}
    for method, path in (
        ("POST", "/login"),
        ("POST", "/logout"),
        ("GET", "/auth/logout"),
        ("POST", "/api/session"),
        ("POST", "/second-factor"),
        ("PUT", "/_stcore/upload_file/a/b"),
        ("DELETE", "/_stcore/upload_file/a/b"),
    ):
        for sender in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
        ):
            answer = desk.http.request(method, path, headers={**session, **sender})
            assert (answer.status_code, "another site" in answer.text) == (403, True), (
                method,
                path,
                sender,
            )
    assert refusal_of(lambda: socket(desk, {**session, "Origin": "https://evil.example"})) == 403
    assert desk.http.get("/", headers={**session, "Accept": "text/html"}).status_code == 200


@pytest.mark.parametrize(
    "change", [("</body>", ""), ("<title>Streamlit</title>", ""), ('id="root"', 'id="app"')]
)
def test_another_streamlit_than_the_one_we_know_stops_the_start(
    tmp_path: Path, change: tuple[str, str]
) -> None:
    known = (Path(file_util.get_static_dir()) / "index.html").read_text("utf-8")
    (tmp_path / "index.html").write_text(known.replace(*change), "utf-8")
    with pytest.raises(BadConfiguration, match=r"requirements\.txt"):
        page_shell.build_page_shell(tmp_path)


def peak_memory(desk: Desk) -> int:
    """Return the most memory that the desk's process had at once, in bytes."""
    told = Path(f"/proc/{desk.process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", told).group(1)) * 1024


def only_session(session: Session) -> SignIn:
    return session.exec(select(SignIn).where(SignIn.kind == SignInKind.SESSION)).one()


def accept(session: Session, secret: str, *, now: datetime) -> Advisor:
    return accounts.accept_invitation(
        session,
        secret,
        name="",
        email="",
        phone_number="",
        password_hash=passwords.hash_new_password(PASSWORD),
        now=now,
    )


def sign_in(desk: Desk) -> str:
    answer = desk.http.post(
        "/login", data={"email": EMAIL, "password": PASSWORD}, headers=SAME_SITE
    )
    assert answer.status_code == 303, answer.text
    return str(answer.headers["set-cookie"])


def socket(desk: Desk, headers: dict[str, str]) -> connect:
    address = desk.url.replace("http", "ws") + "/_stcore/stream"
    return connect(
        address,
        additional_headers={"Origin": desk.url, **headers},
        subprotocols=["streamlit"],
        proxy=None,
    )
