"""A session that was left open or stolen changes no factor and gives nothing away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlmodel import Session, delete, select

from leads.database.engine import current_engine
from leads.database.transactions import reader, transaction
from leads.errors import ProofNeeded
from leads.models.advisors import Advisor, KnownBrowser, Lockout, RecoveryCode, SignIn
from leads.models.enums import AdvisorRole, SignInKind
from leads.models.watching import Transition
from leads.people import sessions
from leads.people.permissions import (
    HAS_RECENT_PROOF,
    NEEDS_PROOF,
    OPERATOR,
    Permission,
    require_permission,
)
from tests.conftest import NOW
from tests.support.databases import open_beside
from tests.support.running_desk import PASSWORD, Desk, add_advisor, running_desk
from tests.support.visits import PHONE, Visit


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest) -> Iterator[Desk]:
    address = request.getfixturevalue(request.param)()
    open_beside(address)
    with running_desk(address) as desk:
        yield desk
    current_engine().dispose()


@pytest.fixture
def visit(house: Desk) -> Iterator[Visit]:
    """A browser in which somebody signed in a quarter of an hour ago."""
    with transaction() as session:
        for table in (SignIn, KnownBrowser, Lockout, RecoveryCode, Transition, Advisor):
            session.exec(delete(table))
        add_advisor(session, 1, password=PASSWORD, now=datetime.now(UTC))
    visit = Visit(house)
    with transaction() as session:
        session.exec(select(SignIn)).one().proven_at -= timedelta(minutes=15)
    yield visit
    visit.close()


def test_a_second_factor_is_turned_on_only_by_who_confirms_with_the_password(
    house: Desk, visit: Visit
) -> None:
    for answer in (visit.get("/second-factor"), visit.post("/second-factor", data={"code": "1"})):
        assert answer.status_code == 303
        assert answer.headers["location"] == "/confirm?next=/second-factor"
    with reader() as session:
        assert session.exec(select(SignIn.totp_offered)).one() == ""

    wrong = visit.post("/confirm", data={"password": "a guess", "next": "/second-factor"})
    assert (wrong.status_code, "The current password is not correct." in wrong.text) == (401, True)
    right = visit.post("/confirm", data={"password": PASSWORD, "next": "/second-factor"})
    assert (right.status_code, right.headers["location"]) == (303, "/second-factor")
    elsewhere = Visit(house, PHONE)
    shown = visit.get("/second-factor").text
    key = shown.partition("<code>")[2].partition("</code>")[0].replace(" ", "")
    turned_on = visit.post("/second-factor", data={"code": pyotp.TOTP(key).now()})
    assert turned_on.text.count("<code>") == 10
    assert (visit.is_in(), elsewhere.is_in()) == (True, False)
    elsewhere.close()


def test_a_proof_gives_the_session_a_new_secret_and_the_old_one_opens_nothing(
    house: Desk, visit: Visit
) -> None:
    """Whoever stole the cookie before is out, and what is open in the browser stays open."""
    stolen = {"Cookie": f"ringback={visit.cookies['ringback']}"}
    assert house.http.get("/api/session", headers=stolen).status_code == 200
    assert visit.post("/confirm", data={"password": PASSWORD}).status_code == 303
    assert house.http.get("/api/session", headers=stolen).status_code == 401
    assert visit.is_in()
    with reader() as session:
        (row,) = session.exec(select(SignIn).where(SignIn.kind == SignInKind.SESSION)).all()
    cookie = next(one for one in visit.cookies.jar if one.name == "ringback")
    assert abs(cookie.expires - row.ends_at.timestamp()) < 60  # it lasts no longer for that
    stolen = {"Cookie": f"ringback={visit.cookies['ringback']}"}
    changed = {"act": "password", "current": PASSWORD, "password": "tango orbit lemon"}
    assert visit.post("/account", data=changed).status_code == 303
    assert house.http.get("/api/session", headers=stolen).status_code == 401
    assert visit.is_in()


def test_sessions_are_ended_and_a_factor_turned_off_only_by_who_confirms(
    house: Desk, visit: Visit
) -> None:
    elsewhere = Visit(house, PHONE)
    for act in ({"act": "end_others"}, {"act": "end", "session": "1"}):
        assert visit.post("/account", data=act).headers["location"] == "/confirm?next=/account"
    assert elsewhere.is_in()
    visit.post("/confirm", data={"password": PASSWORD})
    shown = visit.get("/second-factor").text
    phone = pyotp.TOTP(shown.partition("<code>")[2].partition("</code>")[0].replace(" ", ""))
    turned_on = visit.post("/second-factor", data={"code": phone.now()})
    codes = [part.partition("</code>")[0] for part in turned_on.text.split("<code>")[1:]]
    assert not elsewhere.is_in()
    with transaction() as session:
        for row in session.exec(select(SignIn)):
            row.proven_at = datetime.now(UTC) - timedelta(minutes=15)
    off = {"act": "off", "code": codes[0]}
    assert visit.post("/second-factor", data=off).headers["location"].startswith("/confirm")
    visit.post("/confirm", data={"password": PASSWORD})
    assert visit.post("/second-factor", data=off).headers["location"] == "/second-factor"
    with reader() as session:
        assert session.exec(select(Advisor.totp_secret)).one() == ""
    elsewhere.close()


@pytest.mark.parametrize("path", ["/account", "/second-factor", "/confirm"])
def test_every_page_of_an_account_has_a_way_out(visit: Visit, path: str) -> None:
    visit.post("/confirm", data={"password": PASSWORD})
    assert '<form method="post" action="/logout">' in visit.get(path).text
    assert visit.post("/logout").headers["location"] == "/login"
    assert not visit.is_in()


def test_the_password_cannot_be_guessed_where_it_is_asked_again(visit: Visit) -> None:
    tries = [visit.post("/confirm", data={"password": "a guess"}).status_code for _ in range(9)]
    assert tries == [401] * 8 + [429]
    assert visit.post("/confirm", data={"password": PASSWORD}).status_code == 429


def test_the_page_that_asks_speaks_the_reader_s_language_and_leads_nowhere_else(
    visit: Visit,
) -> None:
    asked = visit.get("/confirm?next=/second-factor", headers={"Accept-Language": "es"})
    assert "Confirme que es usted" in asked.text
    away = visit.post("/confirm", data={"password": PASSWORD, "next": "https://evil.example/"})
    assert away.headers["location"] == "/"
    plain = visit.post("/confirm", data={"password": PASSWORD}, follow_redirects=True)
    assert "For the next ten minutes" in plain.text


def test_a_proof_lasts_ten_minutes_and_signing_in_is_one(session: Session) -> None:
    advisor = add_advisor(session, 1, now=NOW)
    sessions.start_session(session, advisor, now=NOW)
    row = session.exec(select(SignIn).where(SignIn.kind == SignInKind.SESSION)).one()

    def is_proven(minutes: int) -> bool:
        return sessions.has_recent_proof(session, row.id, now=NOW + timedelta(minutes=minutes))

    assert [is_proven(9), is_proven(10)] == [True, False]
    sessions.record_proof(session, row.id, now=NOW + timedelta(minutes=10))
    assert [is_proven(19), is_proven(20)] == [True, False]
    row.proven_at = None  # it began before this was kept
    assert not is_proven(0)


@pytest.mark.parametrize("permission", list(Permission))
def test_what_gives_most_away_takes_a_proof_where_a_page_asks(
    session: Session, permission: Permission
) -> None:
    admin = add_advisor(session, 1, role=AdvisorRole.ADMIN, now=NOW)
    require_permission(admin, permission)  # no page: a command, or the clock
    session.info[HAS_RECENT_PROOF] = lambda: True
    require_permission(admin, permission)
    session.info[HAS_RECENT_PROOF] = lambda: False
    require_permission(OPERATOR, permission)
    if permission in NEEDS_PROOF:
        with pytest.raises(ProofNeeded):
            require_permission(admin, permission)
    else:
        require_permission(admin, permission)
