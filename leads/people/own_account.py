"""One's own account: a colleague's password, and where they are signed in.

Whoever has a session may do all of this about themselves, and about nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from leads.database.bulk_rows import execute_and_count
from leads.errors import LostRace
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor, SignIn
from leads.people import accounts, known_browsers, sessions
from leads.people.permissions import actor_of
from leads.people.sessions import Visitor


@dataclass(frozen=True)
class OwnSession:
    """One place where a colleague is signed in.

    `is_this`: whoever looks does so from there. `address` and `browser` are empty where the session
    began before they were kept, and where a browser does not say what it is.
    """

    sign_in_id: int
    is_this: bool
    address: str
    browser: str
    began_at: datetime
    seen_at: datetime


def list_own_sessions(
    session: Session, advisor: Advisor, sign_in_id: int, *, now: datetime
) -> list[OwnSession]:
    """Return where a colleague is signed in: first the session `sign_in_id`, then the latest."""
    theirs = select(SignIn).where(SignIn.advisor_id == advisor.id, sessions.is_open_session(now))
    found = [
        OwnSession(
            row.id, row.id == sign_in_id, row.address, row.browser, row.created_at, row.seen_at
        )
        for row in session.exec(theirs.order_by(col(SignIn.seen_at).desc(), col(SignIn.id)))
    ]
    return sorted(found, key=lambda one: not one.is_this)


def end_own_session(session: Session, advisor: Advisor, sign_in_id: int, *, now: datetime) -> None:
    """End one session of a colleague's own; its open pages close within a second.

    Raises LostRace when it is over already, or is somebody else's.
    """
    one = update(SignIn).where(
        col(SignIn.id) == sign_in_id,
        col(SignIn.advisor_id) == advisor.id,
        sessions.is_open_session(now),
    )
    if not execute_and_count(session, one.values(revoked_at=now)):
        raise LostRace(Phrase("This session has already ended."))
    record_event(session, advisor, "end_session", actor=actor_of(advisor), now=now)


def end_other_sessions(
    session: Session, advisor: Advisor, sign_in_id: int, *, now: datetime
) -> None:
    """End every session of a colleague but the one from which they ask."""
    sessions.end_advisor_sessions(session, advisor.id, but=sign_in_id, now=now)
    record_event(session, advisor, "end_other_sessions", actor=actor_of(advisor), now=now)


def change_own_password(
    session: Session,
    advisor: Advisor,
    password_hash: str,
    sign_in_id: int,
    visitor: Visitor,
    *,
    now: datetime,
) -> None:
    """Give a colleague the password that they chose; the old one was checked before.

    Their other sessions end, links to choose a password end, and no other browser is known any
    more: somebody else may have had the old one.
    """
    advisor.password_hash = password_hash
    session.add(advisor)
    accounts.withdraw_invitations(session, advisor, now=now)
    sessions.end_advisor_sessions(session, advisor.id, but=sign_in_id, now=now)
    known_browsers.forget_browsers(session, advisor.id, but=visitor.browser_secret)
    record_event(session, advisor, "change_password", actor=actor_of(advisor), now=now)
