"""Known browsers: those in which a colleague has signed in before, told by a secret they keep.

Wrong passwords from any other browser do not keep a colleague out of theirs (OWASP calls the secret
a device cookie). It opens nothing by itself: it only has tries of its own.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, update
from sqlmodel import Session, col, select

from leads.database.bulk_rows import insert_if_absent
from leads.models.advisors import Advisor, KnownBrowser
from leads.people import login_throttle, sessions
from leads.people.permissions import Permission, require_permission
from leads.people.sessions import Visitor, hash_secret

BROWSER_KNOWN_FOR = timedelta(days=180)  # since the last sign-in there


@dataclass(frozen=True)
class StartedSession:
    """What a browser is given where somebody signed in: the session's secret, and its own."""

    secret: str
    browser_secret: str


def start_session_in_browser(
    session: Session, advisor: Advisor, visitor: Visitor, *, now: datetime
) -> StartedSession:
    """Start a session for a colleague in a browser, which is a known one from then on.

    The tries that led there are forgotten.
    """
    require_permission(advisor, Permission.SIGN_IN)
    known = recognize_browser(session, advisor.email, visitor.browser_secret, now=now)
    login_throttle.clear_sign_in_failures(session, advisor.email, known_browser=known)
    kept = remember_browser(session, advisor.id, visitor.browser_secret, now=now)
    return StartedSession(sessions.start_session(session, advisor, visitor, now=now), kept)


def recognize_browser(session: Session, email: str, secret: str, *, now: datetime) -> str:
    """Return a browser's secret if the colleague with this e-mail address signed in there before.

    Empty where they did not.
    """
    theirs = (
        select(KnownBrowser.id)
        .join(Advisor, col(Advisor.id) == col(KnownBrowser.advisor_id))
        .where(Advisor.email == email.strip().lower(), _is_known(secret, now))
    )
    return secret if session.exec(theirs).first() is not None else ""


def is_browser_of_colleagues(session: Session, secret: str, *, now: datetime) -> bool:
    """Whether any colleague has signed in before in the browser with this secret."""
    anybodys = select(KnownBrowser.id).where(_is_known(secret, now)).limit(1)
    return session.exec(anybodys).first() is not None


def remember_browser(session: Session, advisor_id: int, secret: str, *, now: datetime) -> str:
    """Remember that a colleague signed in in a browser; returns the secret that it is to keep.

    A secret that is not ours is replaced: somebody else may have put it there.
    """
    long_ago = col(KnownBrowser.seen_at) <= now - BROWSER_KNOWN_FOR
    session.execute(delete(KnownBrowser).where(long_ago))
    if not is_browser_of_colleagues(session, secret, now=now):
        secret = secrets.token_urlsafe(32)
    key = {"advisor_id": advisor_id, "browser_hash": hash_secret(secret)}
    insert_if_absent(session, KnownBrowser, key | {"created_at": now, "seen_at": now})
    session.execute(update(KnownBrowser).filter_by(**key).values(seen_at=now))
    return secret


def forget_browsers(session: Session, advisor_id: int, *, but: str = "") -> None:
    """Forget every browser of a colleague: somebody else may have signed in in one of them.

    `but`: the secret of the one that stays known, if it is.
    """
    theirs = delete(KnownBrowser).where(
        col(KnownBrowser.advisor_id) == advisor_id,
        col(KnownBrowser.browser_hash) != hash_secret(but),
    )
    session.execute(theirs)


def _is_known(secret: str, now: datetime) -> ColumnElement[bool]:
    return and_(
        col(KnownBrowser.browser_hash) == hash_secret(secret),
        col(KnownBrowser.seen_at) > now - BROWSER_KNOWN_FOR,
    )
