"""Sessions of people who signed in: opened, kept alive by what a person does, ended.

Only the hashes of secrets are stored.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, update
from sqlmodel import Session, col, select

from leads.lifecycle import audit_log
from leads.lifecycle.audit_log import Origin, record_access, set_origin
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.advisors import Advisor, SignIn
from leads.models.enums import AdvisorRole, AuditKind, SignInKind
from leads.people.permissions import (
    Permission,
    actor_of_id,
    has_permission_clause,
    require_permission,
)

SESSION_LASTS = timedelta(hours=12)
IDLE_LASTS = timedelta(minutes=15)
SIGN_IN_RETENTION = timedelta(days=90)  # after they are over, to find out who was where
PROOF_LASTS = timedelta(minutes=10)
NOBODY = 0  # no advisor's id
LOGIN = "login"  # as the audit log calls every way to sign in
SECOND_FACTOR_LASTS = timedelta(minutes=10)  # to find the phone with the second factor


@dataclass(frozen=True)
class Identity:
    """The colleague to whom a session belongs.

    `is_wall`: it belongs to nobody, opens the wallboard and nothing else.
    """

    sign_in_id: int
    advisor_id: int
    name: str
    role: AdvisorRole
    language: str
    is_wall: bool = False


@dataclass(frozen=True)
class Visitor:
    """Whence somebody comes to sign in.

    `browser_secret`: what their browser keeps since somebody signed in there, empty where nobody
    did; `address`: the network address; `browser`: its name, as `name_browser` returns it.
    """

    browser_secret: str = ""
    address: str = ""
    browser: str = ""


@dataclass(frozen=True)
class RenewedSecret:
    """The new secret of a session, and for how long it is good."""

    secret: str = field(repr=False)
    lasts: timedelta


@dataclass(frozen=True)
class SessionTimeLeft:
    """How long a session still lasts.

    `can_stay`: anything that the person does would make it longer.
    """

    length: timedelta
    can_stay: bool


def start_session(
    session: Session, advisor: Advisor, visitor: Visitor | None = None, *, now: datetime
) -> str:
    """Start a session for a colleague; returns its secret. `visitor`: whence they signed in."""
    require_permission(advisor, Permission.SIGN_IN)
    secret = secrets.token_urlsafe(32)
    kind = SignInKind.SESSION
    row = store_sign_in(session, kind, advisor.id, secret, lasts=SESSION_LASTS, now=now)
    row.proven_at = now
    if visitor:
        row.address, row.browser = visitor.address, visitor.browser
    session.flush()
    set_origin(session, Origin(row.id, row.address, row.browser, LOGIN))
    _record_own_act(session, AuditKind.SIGN_IN, advisor.id, now=now)
    return secret


def begin_second_factor(session: Session, advisor: Advisor, *, now: datetime) -> str:
    """Return a secret that proves that a colleague's password was right, and opens nothing."""
    return issue_secret(session, SignInKind.HALF, advisor.id, lasts=SECOND_FACTOR_LASTS, now=now)


def find_session_identity(session: Session, secret: str, *, now: datetime) -> Identity | None:
    """Return whose session has this secret; None when it is over or idle for too long."""
    row = session.exec(
        select(SignIn.id, SignIn.kind, Advisor)
        .join(Advisor, col(Advisor.id) == col(SignIn.advisor_id))
        .where(
            SignIn.token_hash == hash_secret(secret),
            _is_open_session_or_television(now),
            _may_come_in(),
        )
    ).first()
    if row is None:
        return None
    sign_in_id, kind, person = row
    if kind == SignInKind.WALL:  # whoever let it in lends it their language, and nothing else
        return Identity(sign_in_id, NOBODY, "", AdvisorRole.UNKNOWN, person.language, is_wall=True)
    return Identity(sign_in_id, person.id, person.name, person.role, person.language)


def pending_second_factor(
    session: Session, secret: str, *, now: datetime
) -> tuple[SignIn, Advisor] | None:
    """Return the half sign-in with this secret and its colleague, whose password was right.

    None when it is over.
    """
    return session.exec(
        select(SignIn, Advisor)
        .join(Advisor, col(Advisor.id) == col(SignIn.advisor_id))
        .where(
            SignIn.token_hash == hash_secret(secret),
            SignIn.kind == SignInKind.HALF,
            is_valid_sign_in(now),
        )
        .where(col(Advisor.deactivated_at).is_(None))
    ).first()


def filter_open_sessions(
    session: Session, sign_in_ids: Collection[int], *, now: datetime
) -> set[int]:
    """Return the ids of those among these sessions that are not over."""
    theirs = select(SignIn.id).join(Advisor, col(Advisor.id) == col(SignIn.advisor_id))
    return set(
        session.exec(
            theirs.where(
                col(SignIn.id).in_(sign_in_ids),
                _is_open_session_or_television(now),
                _may_come_in(),
            )
        )
    )


def keep_session_alive(session: Session, sign_in_id: int, *, now: datetime) -> None:
    """Keep an open session alive, because its person moved, typed or scrolled.

    A session that is over stays over.
    """
    in_use = update(SignIn).where(col(SignIn.id) == sign_in_id, _is_open_session_or_television(now))
    session.execute(in_use.values(seen_at=now))


def record_proof(session: Session, sign_in_id: int, *, now: datetime) -> RenewedSecret:
    """Note in a session that its person has just proved who they are.

    Returns its new secret: whoever has the one from before is out.
    """
    row, secret = session.get_one(SignIn, sign_in_id), secrets.token_urlsafe(32)
    row.proven_at, row.token_hash = now, hash_secret(secret)
    _record_own_act(session, AuditKind.CONFIRM, row.advisor_id or NOBODY, now=now)
    return RenewedSecret(secret, row.ends_at - now)


def has_recent_proof(session: Session, sign_in_id: int, *, now: datetime) -> bool:
    """Whether the person of a session has proved who they are within the last ten minutes.

    Signing in is a proof.
    """
    proven_at = session.get_one(SignIn, sign_in_id).proven_at
    return proven_at is not None and proven_at > now - PROOF_LASTS


def session_time_left(session: Session, sign_in_id: int, *, now: datetime) -> SessionTimeLeft:
    """Return how long a session lasts if its person does nothing."""
    row = session.get_one(SignIn, sign_in_id)
    if row.kind == SignInKind.WALL:
        return SessionTimeLeft(max(row.ends_at - now, timedelta()), can_stay=False)
    idle_until = row.seen_at + IDLE_LASTS
    return SessionTimeLeft(
        max(min(idle_until, row.ends_at) - now, timedelta()), can_stay=idle_until < row.ends_at
    )


def revoke_secret(session: Session, secret: str, *, now: datetime) -> None:
    """End the session, invitation or code that has this secret."""
    session.execute(
        update(SignIn).where(col(SignIn.token_hash) == hash_secret(secret)).values(revoked_at=now)
    )


def sign_out(session: Session, secret: str, *, now: datetime) -> None:
    """End the session that has this secret, because its person said so."""
    of_secret = select(SignIn).where(SignIn.token_hash == hash_secret(secret))
    row = session.exec(of_secret.where(is_open_session(now))).first()
    revoke_secret(session, secret, now=now)
    if row and row.advisor_id:
        _record_own_act(session, AuditKind.SIGN_OUT, row.advisor_id, now=now)


def record_failed_sign_in(session: Session, email: str, reason: str, *, now: datetime) -> None:
    """Write down that somebody tried to sign in and did not get in; what they entered is not kept.

    It is about the account with this e-mail address, where there is one. `reason`: a code of ours.
    """
    found = select(Advisor.id).where(Advisor.email == email.strip().lower())
    advisor_id = session.exec(found).first() if email else None
    subject = audit_log.NOTHING
    if advisor_id is not None:
        subject = TrailSubject.of_kind(Advisor, advisor_id)
    kind = AuditKind.SIGN_IN_FAILED
    record_access(session, kind, subject, actor=audit_log.NOBODY, now=now, reason=reason)


def end_advisor_sessions(session: Session, advisor_id: int, *, but: int = 0, now: datetime) -> None:
    """End every session of a colleague, and every half of one, on all screens.

    A television's session is the room's and goes on. `but`: the id of one that goes on as well.
    """
    theirs = update(SignIn).where(
        col(SignIn.advisor_id) == advisor_id,
        col(SignIn.revoked_at).is_(None),
        col(SignIn.id) != but,
    )
    others = (SignInKind.INVITATION, SignInKind.WALL)
    session.execute(theirs.where(col(SignIn.kind).not_in(others)).values(revoked_at=now))


def delete_expired_sign_ins(session: Session, *, now: datetime) -> None:
    """Delete sessions and links that have been over for 90 days."""
    old = or_(
        col(SignIn.ends_at) <= now - SIGN_IN_RETENTION,
        col(SignIn.revoked_at) <= now - SIGN_IN_RETENTION,
    )
    session.execute(delete(SignIn).where(old))


def issue_secret(
    session: Session, kind: SignInKind, advisor_id: int | None, *, lasts: timedelta, now: datetime
) -> str:
    """Return a new secret that is good for one kind of sign-in, for so long."""
    secret = secrets.token_urlsafe(32)
    store_sign_in(session, kind, advisor_id, secret, lasts=lasts, now=now)
    session.flush()
    return secret


def store_sign_in(
    session: Session,
    kind: SignInKind,
    advisor_id: int | None,
    secret: str,
    *,
    lasts: timedelta,
    now: datetime,
) -> SignIn:
    """Store a sign-in by the hash of its secret."""
    row = SignIn(
        kind=kind,
        token_hash=hash_secret(secret),
        advisor_id=advisor_id,
        created_at=now,
        seen_at=now,
        ends_at=now + lasts,
    )
    session.add(row)
    return row


def is_valid_sign_in(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a sign-in was not revoked and its time is not over."""
    return and_(col(SignIn.revoked_at).is_(None), col(SignIn.ends_at) > now)


def is_open_session(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a sign-in is a session in which a person did something lately."""
    return and_(
        is_valid_sign_in(now),
        col(SignIn.kind) == SignInKind.SESSION,
        col(SignIn.seen_at) > now - IDLE_LASTS,
    )


def is_open_television_session(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a sign-in lets a television show the wallboard.

    Nobody sits there, so that it does not end by being idle.
    """
    return and_(is_valid_sign_in(now), col(SignIn.kind) == SignInKind.WALL)


def hash_secret(secret: str) -> str:
    """Return the hash that is stored of a secret.

    Secrets are long and random, so that a fast hash will do.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def _record_own_act(session: Session, kind: AuditKind, advisor_id: int, *, now: datetime) -> None:
    """Write down what a colleague did about their own sign-in."""
    subject = TrailSubject.of_kind(Advisor, advisor_id)
    record_access(session, kind, subject, actor=actor_of_id(advisor_id), now=now)


def _may_come_in() -> ColumnElement[bool]:
    """Whether an advisor still works here, in a role that the table of permissions lets in."""
    return and_(col(Advisor.deactivated_at).is_(None), has_permission_clause(Permission.SIGN_IN))


def _is_open_session_or_television(now: datetime) -> ColumnElement[bool]:
    return or_(is_open_session(now), is_open_television_session(now))
