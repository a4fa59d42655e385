"""Sessions of people who signed in: opened, kept alive by what a person does, ended. Only hashes are stored."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, update
from sqlmodel import Session, col, select

from leads.models.advisors import Advisor, SignIn
from leads.models.words import AdvisorRole, SignInKind

SESSION_LASTS = timedelta(hours=12)
IDLE_LASTS = timedelta(minutes=15)
KEPT_FOR = timedelta(days=90)  # after they are over, to find out who was where
NOBODY = 0  # no advisor's id
HALF_LASTS = timedelta(minutes=10)  # to find the phone with the second factor


@dataclass(frozen=True)
class Identity:
    """Who a session belongs to. `is_wall`: to nobody, it opens the wallboard and nothing else."""

    sign_in_id: int
    advisor_id: int
    name: str
    role: AdvisorRole
    language: str
    is_wall: bool = False


@dataclass(frozen=True)
class Remaining:
    """How long a session still lasts. `can_stay`: something done by a person would make it longer."""

    length: timedelta
    can_stay: bool


def begin(session: Session, advisor: Advisor, *, now: datetime) -> str:
    """Return the secret of a new session."""
    return issue(session, SignInKind.SESSION, advisor.id, lasts=SESSION_LASTS, now=now)


def begin_half(session: Session, advisor: Advisor, *, now: datetime) -> str:
    """Return a secret that says: this person's password was right. It opens nothing."""
    return issue(session, SignInKind.HALF, advisor.id, lasts=HALF_LASTS, now=now)


def identity(session: Session, secret: str, *, now: datetime) -> Identity | None:
    """Return who a session belongs to; None when it is over, idle for too long, or never was."""
    found = session.exec(
        select(SignIn.id, SignIn.kind, Advisor)
        .join(Advisor, col(Advisor.id) == col(SignIn.advisor_id))
        .where(SignIn.token_hash == hash_of(secret), _lasts(now), col(Advisor.deactivated_at).is_(None))
    ).first()
    if found is None:
        return None
    sign_in_id, kind, person = found
    if kind == SignInKind.WALL:  # whoever let it in lends it their language, and nothing else
        return Identity(sign_in_id, NOBODY, "", AdvisorRole.ADVISOR, person.language, is_wall=True)
    return Identity(sign_in_id, person.id, person.name, person.role, person.language)


def half(session: Session, secret: str, *, now: datetime) -> tuple[SignIn, Advisor] | None:
    """Return whose password was right a moment ago."""
    return session.exec(
        select(SignIn, Advisor)
        .join(Advisor, col(Advisor.id) == col(SignIn.advisor_id))
        .where(SignIn.token_hash == hash_of(secret), SignIn.kind == SignInKind.HALF, is_valid(now))
        .where(col(Advisor.deactivated_at).is_(None))
    ).first()


def still_open(session: Session, sign_in_ids: Collection[int], *, now: datetime) -> set[int]:
    """Return which of these sessions are not over."""
    theirs = select(SignIn.id).join(Advisor, col(Advisor.id) == col(SignIn.advisor_id))
    return set(
        session.exec(theirs.where(col(SignIn.id).in_(sign_in_ids), _lasts(now), col(Advisor.deactivated_at).is_(None)))
    )


def touch(session: Session, sign_in_id: int, *, now: datetime) -> None:
    """Keep an open session alive: a person moved, typed or scrolled. What is over stays over."""
    in_use = update(SignIn).where(col(SignIn.id) == sign_in_id, _lasts(now))
    session.execute(in_use.values(seen_at=now))


def remaining(session: Session, sign_in_id: int, *, now: datetime) -> Remaining:
    """Return how long a session lasts if nobody does anything."""
    row = session.get_one(SignIn, sign_in_id)
    if row.kind == SignInKind.WALL:
        return Remaining(max(row.ends_at - now, timedelta()), can_stay=False)
    idle_until = row.seen_at + IDLE_LASTS
    return Remaining(max(min(idle_until, row.ends_at) - now, timedelta()), can_stay=idle_until < row.ends_at)


def end(session: Session, secret: str, *, now: datetime) -> None:
    """End a session, or whatever else this secret was good for."""
    session.execute(update(SignIn).where(col(SignIn.token_hash) == hash_of(secret)).values(revoked_at=now))


def end_all(session: Session, advisor_id: int, *, now: datetime) -> None:
    """End every session of a person, wherever it is open, and every half of one. A television is the room's."""
    theirs = update(SignIn).where(col(SignIn.advisor_id) == advisor_id, col(SignIn.revoked_at).is_(None))
    others = (SignInKind.INVITATION, SignInKind.WALL)
    session.execute(theirs.where(col(SignIn.kind).not_in(others)).values(revoked_at=now))


def forget(session: Session, *, now: datetime) -> None:
    """Delete sessions and links that have been over for 90 days."""
    old = or_(col(SignIn.ends_at) <= now - KEPT_FOR, col(SignIn.revoked_at) <= now - KEPT_FOR)
    session.execute(delete(SignIn).where(old))


def issue(session: Session, kind: SignInKind, advisor_id: int | None, *, lasts: timedelta, now: datetime) -> str:
    """Return a new secret that is good for one thing and not for ever."""
    secret = secrets.token_urlsafe(32)
    keep(session, kind, advisor_id, secret, lasts=lasts, now=now)
    session.flush()
    return secret


def keep(
    session: Session, kind: SignInKind, advisor_id: int | None, secret: str, *, lasts: timedelta, now: datetime
) -> SignIn:
    """Store what a secret is good for; the secret itself is not kept."""
    row = SignIn(
        kind=kind,
        token_hash=hash_of(secret),
        advisor_id=advisor_id,
        created_at=now,
        seen_at=now,
        ends_at=now + lasts,
    )
    session.add(row)
    return row


def is_valid(now: datetime) -> ColumnElement[bool]:
    """Whether nobody has ended it and its time is not over."""
    return and_(col(SignIn.revoked_at).is_(None), col(SignIn.ends_at) > now)


def is_open(now: datetime) -> ColumnElement[bool]:
    """Whether it is a session that lasts, and a person did something on it not long ago."""
    return and_(is_valid(now), col(SignIn.kind) == SignInKind.SESSION, col(SignIn.seen_at) > now - IDLE_LASTS)


def is_wall(now: datetime) -> ColumnElement[bool]:
    """Whether it lets a television show the wallboard: nobody sits there, so that it does not end by being idle."""
    return and_(is_valid(now), col(SignIn.kind) == SignInKind.WALL)


def hash_of(secret: str) -> str:
    """Return what is stored of a secret: it is long and random, so that a fast hash will do."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _lasts(now: datetime) -> ColumnElement[bool]:
    return or_(is_open(now), is_wall(now))
