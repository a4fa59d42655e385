"""Everybody can change their own password, and see and end where they are signed in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from sqlmodel import delete, func, select

from leads.database.engine import current_engine
from leads.database.transactions import reader, transaction
from leads.models.advisors import Advisor, KnownBrowser, Lockout, SignIn
from leads.models.audit import AuditEntry
from leads.models.watching import Transition
from tests.support.databases import open_beside
from tests.support.running_desk import PASSWORD, Desk, add_advisor, running_desk
from tests.support.visits import PHONE, SAME_SITE, WINDOWS, Visit

EMAIL = "advisor1@example.org"
ANOTHER = "tango orbit lemon"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest) -> Iterator[Desk]:
    address = request.getfixturevalue(request.param)()
    open_beside(address)
    with running_desk(address) as desk:
        yield desk
    current_engine().dispose()


@pytest.fixture
def visits(house: Desk) -> Iterator[tuple[Visit, Visit, Visit]]:
    """Two browsers of one colleague, and one of another."""
    with transaction() as session:
        for table in (SignIn, KnownBrowser, Lockout, Transition, Advisor):
            session.exec(delete(table))
        for number in (1, 2):
            add_advisor(session, number, password=PASSWORD, now=datetime.now(UTC))
    with ExitStack() as open_browsers:
        found = (
            Visit(house),
            Visit(house, PHONE),
            Visit(house, email="advisor2@example.org"),
        )
        for one in found:
            open_browsers.callback(one.close)
        yield found


def test_somebody_sees_where_they_are_signed_in_and_ends_it_there(
    visits: tuple[Visit, Visit, Visit],
) -> None:
    desktop, _, of_another = visits
    page = desktop.get("/account").text
    listed = re.findall(r"<b>(.*?)</b>(.*?)<br>", page)
    assert [(name, "this browser" in here) for name, here in listed] == [
        ("Edge, Windows", True),
        ("Safari, iPhone", False),
    ]
    assert "127.0.0.1" in page
    (theirs,) = re.findall(r'name="session" value="(\d+)"', page)
    (others,) = _sign_in_ids("advisor2@example.org")
    for wrong in (str(others), "", "x", "9" * 30):
        answer = desktop.acts(act="end", session=wrong)
        assert (answer.status_code, "already ended" in answer.text) == (400, True), wrong
    assert of_another.is_in()
    assert "Signed out there." in desktop.acts(act="end", session=theirs).text
    assert [one.is_in() for one in visits] == [True, False, True]


def test_whoever_comes_in_or_fails_to_is_on_record_with_address_and_browser(
    visits: tuple[Visit, Visit, Visit], house: Desk
) -> None:
    """What was typed is not: it may be a password in the wrong field."""
    desktop, _, _ = visits
    with reader() as session:
        me = session.exec(select(Advisor.id).where(Advisor.email == EMAIL)).one()
        last = session.exec(select(func.max(AuditEntry.id))).one()
    browser = {"User-Agent": WINDOWS, **SAME_SITE}
    for given in (
        {"email": EMAIL, "password": "wrong one"},
        {"email": "my secret", "password": ""},
    ):
        assert house.http.post("/login", data=given, headers=browser).status_code == 401
    used_link = {"invitation": "used", "password": ANOTHER}
    assert house.http.post("/login", data=used_link, headers=browser).status_code == 401
    assert desktop.post("/confirm", data={"password": "wrong one"}).status_code == 401
    assert desktop.post("/confirm", data={"password": PASSWORD}).status_code == 303
    desktop.acts(act="end_others")
    assert desktop.get("/auth/logout").status_code == 303
    Visit(house).close()
    assert house.run("audit", "verify").returncode == 0
    with reader() as session:
        rows = session.exec(select(AuditEntry).where(AuditEntry.id > last).order_by(AuditEntry.id))
        entries = rows.all()
    own, about = f"advisor:{me}", ("advisor", str(me))
    assert [
        (one.kind, one.actor, (one.record, one.record_id), one.details.get("reason", ""))
        for one in entries
    ] == [
        ("sign_in_failed", "nobody", about, "wrong"),
        ("sign_in_failed", "nobody", ("", ""), "wrong"),
        ("sign_in_failed", "nobody", ("", ""), "link"),
        ("sign_in_failed", "nobody", about, "confirm"),
        ("confirm", own, about, ""),
        ("sessions_ended", own, about, ""),
        ("sign_out", own, about, ""),
        ("sign_in", own, about, ""),
    ]
    assert {(one.address, one.browser) for one in entries} == {("127.0.0.1", "Edge, Windows")}
    assert entries[-1].sign_in_id in _sign_in_ids(EMAIL)
    assert "secret" not in str([one.model_dump() for one in entries])


def test_somebody_signs_out_everywhere_else(visits: tuple[Visit, Visit, Visit]) -> None:
    phone = visits[1]
    assert "Signed out everywhere else." in phone.acts(act="end_others").text
    assert [one.is_in() for one in visits] == [False, True, True]
    assert "You are signed in nowhere else." in phone.get("/account").text


def test_a_new_password_takes_the_old_one_and_ends_what_was_open_elsewhere(
    visits: tuple[Visit, Visit, Visit],
) -> None:
    desktop, phone, _ = visits
    wrong = desktop.acts(act="password", current="a wrong one or so", password=ANOTHER)
    assert (wrong.status_code, "The current password is not correct." in wrong.text) == (401, True)
    common = desktop.acts(act="password", current=PASSWORD, password="password1234")
    assert (common.status_code, "too easy to guess" in common.text) == (400, True)
    short = desktop.acts(act="password", current=PASSWORD, password="short")
    assert (short.status_code, "at least 12 characters" in short.text) == (400, True)
    assert phone.is_in()

    changed = desktop.acts(act="password", current=PASSWORD, password=ANOTHER)
    assert "Your password was changed." in changed.text
    assert [one.is_in() for one in visits] == [True, False, True]
    for password, status in ((PASSWORD, 401), (ANOTHER, 303)):
        answer = phone.post("/login", data={"email": EMAIL, "password": password})
        assert answer.status_code == status
    with reader() as session:
        told = session.exec(select(Transition.event).order_by(Transition.id)).all()
    assert told == ["change_password"]


def test_the_current_password_cannot_be_guessed_from_a_session_that_was_left_open(
    visits: tuple[Visit, Visit, Visit],
) -> None:
    guesses = [visits[0].acts(act="password", current="a guess") for _ in range(9)]
    assert [one.status_code for one in guesses] == [401] * 8 + [429]
    assert visits[1].acts(act="password", current=PASSWORD, password=ANOTHER).status_code == 200


def test_nobody_but_who_is_signed_in_has_an_account_page(
    house: Desk, visits: tuple[Visit, Visit, Visit]
) -> None:
    for method in ("GET", "POST"):
        assert house.http.request(method, "/account", headers=SAME_SITE).status_code == 401
    cross = visits[0].post("/account", data={}, headers={"Sec-Fetch-Site": "cross-site"})
    assert cross.status_code == 403


def _sign_in_ids(email: str) -> list[int]:
    with reader() as session:
        theirs = select(SignIn.id).join(Advisor).where(Advisor.email == email)
        return list(session.exec(theirs))
