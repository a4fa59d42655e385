"""Wrong passwords from elsewhere keep nobody out of a browser in which they signed in before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from leads.alerting import conditions, escalation
from leads.errors import TooManyTries
from leads.models.advisors import KnownBrowser
from leads.models.enums import AdvisorRole, AlertKind, EscalationStep, NoticeMethod
from leads.models.watching import Alert
from leads.people import accounts, known_browsers, login_throttle, passwords, staff
from leads.people.known_browsers import BROWSER_KNOWN_FOR, start_session_in_browser
from leads.people.sessions import Visitor
from tests.conftest import NOW
from tests.support.running_desk import PASSWORD, add_advisor


def test_a_browser_is_known_for_whom_signed_in_there_and_for_half_a_year(session: Session) -> None:
    ana, ben, cal = (add_advisor(session, number, now=NOW) for number in (1, 2, 3))
    kept = start_session_in_browser(session, ana, Visitor(), now=NOW).browser_secret
    shared = start_session_in_browser(session, ben, Visitor(kept), now=NOW).browser_secret
    assert shared == kept  # one browser for both shifts

    def knows(*, days: int = 0) -> list[bool]:
        at = NOW + timedelta(days=days)
        return [
            bool(known_browsers.recognize_browser(session, one.email.upper(), kept, now=at))
            for one in (ana, ben, cal)
        ]

    assert knows() == [True, True, False]
    start_session_in_browser(session, ana, Visitor(kept), now=NOW + timedelta(days=100))
    assert knows(days=200) == [True, False, False]
    assert knows(days=100 + BROWSER_KNOWN_FOR.days) == [False, False, False]
    assert kept not in repr(session.exec(select(KnownBrowser)).all())


def test_a_secret_that_somebody_else_put_into_a_browser_is_replaced(session: Session) -> None:
    ana = add_advisor(session, 1, now=NOW)
    started = start_session_in_browser(session, ana, Visitor("planted"), now=NOW)
    assert started.browser_secret != "planted"
    assert not known_browsers.recognize_browser(session, ana.email, "planted", now=NOW)


def test_a_new_password_forgets_the_browsers_and_ends_the_wait(session: Session) -> None:
    ana = add_advisor(session, 1, now=NOW)
    kept = start_session_in_browser(session, ana, Visitor(), now=NOW).browser_secret
    _guess(session, ana.email)
    accounts.accept_invitation(
        session,
        accounts.issue_invitation(session, ana, now=NOW),
        name="",
        email="",
        phone_number="",
        password_hash=passwords.hash_new_password(PASSWORD),
        now=NOW,
    )
    assert not known_browsers.recognize_browser(session, ana.email, kept, now=NOW)
    login_throttle.throttle_sign_in(session, ana.email, now=NOW)


def test_supervisors_hear_of_guessing_at_accounts_there_are_until_an_hour_after(
    session: Session,
) -> None:
    ana, ben = (add_advisor(session, number, now=NOW) for number in (1, 2))
    add_advisor(session, 3, now=NOW)
    kept = start_session_in_browser(session, ben, Visitor(), now=NOW).browser_secret

    def alerts(**later: int) -> list[tuple[int, timedelta, timedelta]]:
        return [
            (one.count, one.since - NOW, one.newest - NOW)
            for one in conditions.current_conditions(session, now=NOW + timedelta(**later))
            if one.kind is AlertKind.LOCKOUT
        ]

    for _ in range(7):
        login_throttle.throttle_sign_in(session, ana.email, now=NOW)
    assert alerts() == []
    login_throttle.throttle_sign_in(session, ana.email, now=NOW)
    _guess(session, "nobody@example.org")
    _guess(session, ben.email, kept)  # in their own browser
    assert alerts() == [(1, timedelta(), timedelta())]
    boss = add_advisor(session, 4, role=AdvisorRole.SUPERVISOR, now=NOW)
    locked = [one.advisor_id for one in staff.read_staff(session, boss, now=NOW) if one.is_locked]
    assert locked == [ana.id]
    # One guess at each end of the wait is the same alert, and another account joins it.
    at = NOW + timedelta(minutes=30)
    login_throttle.throttle_sign_in(session, ana.email, now=at)
    for _ in range(8):
        login_throttle.throttle_sign_in(session, ben.email, now=at)
    assert alerts(minutes=89) == [(2, timedelta(), timedelta(minutes=30))]
    assert alerts(minutes=90) == []


def test_nobody_is_rung_about_guessing_or_strangers_could_wake_supervisors(
    session: Session,
) -> None:
    add_advisor(session, 1, role=AdvisorRole.SUPERVISOR, now=NOW)
    _guess(session, "advisor1@example.org")
    for minutes in (0, 10, 30, 55):
        at = NOW + timedelta(minutes=minutes)
        escalation.evaluate_alerts(session, ways=tuple(NoticeMethod), now=at)
    alert = session.exec(select(Alert).where(Alert.kind == AlertKind.LOCKOUT)).one()
    assert (alert.closed_at, alert.step) == (None, EscalationStep.MESSAGES)


def _guess(session: Session, email: str, known_browser: str = "") -> None:
    """Guess until there is a wait."""
    for _ in range(8):
        login_throttle.throttle_sign_in(session, email, known_browser=known_browser, now=NOW)
    with pytest.raises(TooManyTries):
        login_throttle.throttle_sign_in(session, email, known_browser=known_browser, now=NOW)
