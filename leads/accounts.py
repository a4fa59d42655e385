"""Who may use the dashboard: passwords, sessions, invitations. Secrets are stored as hashes only."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import update
from sqlmodel import Session, col, select

from leads import phone
from leads.errors import BadConfiguration, NotAllowed
from leads.models import Advisor, AdvisorRole, SignIn, SignInKind

SESSION_LASTS = timedelta(hours=12)
IDLE_LASTS = timedelta(minutes=30)
INVITATION_LASTS = timedelta(days=3)
SEEN_STEP = timedelta(minutes=1)
SHORTEST_PASSWORD = 12

_hasher = PasswordHasher()
_nobody = _hasher.hash(secrets.token_urlsafe())  # an unknown address costs as much time as a wrong password


@dataclass(frozen=True)
class Identity:
    """Who a session belongs to, and when it was last seen in use."""

    sign_in_id: int
    advisor_id: int
    name: str
    role: AdvisorRole
    seen_at: datetime


def add_advisor(
    session: Session, *, name: str, email: str, phone_number: str, role: AdvisorRole, now: datetime, password: str = ""
) -> Advisor:
    """Add a colleague. Without a password they need an invitation to choose one."""
    email = email.strip().lower()
    if "@" not in email:
        msg = f"{email or 'Nothing'} is not an e-mail address."
        raise BadConfiguration(msg)
    if session.exec(select(Advisor).where(Advisor.email == email)).first():
        msg = f"There is already somebody with the e-mail address {email}."
        raise BadConfiguration(msg)
    number = phone.normalise_own(phone_number) if phone_number else ""
    if number is None:
        msg = "The phone number cannot be dialled: give it in full, such as +13155550100."
        raise BadConfiguration(msg)
    advisor = Advisor(name=name.strip(), email=email, phone=number, role=role, created_at=now, idle_since=now)
    if password:
        set_password(advisor, password)
    session.add(advisor)
    session.flush()
    return advisor


def set_password(advisor: Advisor, password: str) -> None:
    """Store a new password. Length is what counts (NIST SP 800-63B)."""
    if len(password) < SHORTEST_PASSWORD:
        msg = f"A password needs at least {SHORTEST_PASSWORD} characters. Three or four unrelated words are good."
        raise BadConfiguration(msg)
    advisor.password_hash = _hasher.hash(password)


def check_password(session: Session, *, email: str, password: str) -> Advisor:
    """Return whose address and password these are. Raises NotAllowed, in the same time for everybody.

    It takes long on purpose: never ask inside a transaction that writes.
    """
    advisor = session.exec(select(Advisor).where(Advisor.email == email.strip().lower())).first()
    known = advisor is not None and bool(advisor.password_hash)
    try:
        _hasher.verify(advisor.password_hash if advisor and known else _nobody, password)
    except (VerifyMismatchError, InvalidHashError):
        known = False
    if not known or advisor is None:
        msg = "The e-mail address or the password is wrong."
        raise NotAllowed(msg)
    return advisor


def open_session(session: Session, advisor: Advisor, *, now: datetime) -> str:
    """Return the secret of a new session."""
    return _issue(session, SignInKind.SESSION, advisor.id, lasts=SESSION_LASTS, now=now)


def identity(session: Session, secret: str, *, now: datetime) -> Identity | None:
    """Return who a session belongs to; None when it is over, idle for too long, or never was."""
    found = session.exec(
        select(SignIn, Advisor)
        .join(Advisor, col(Advisor.id) == col(SignIn.advisor_id))
        .where(SignIn.token_hash == _hash(secret), SignIn.kind == SignInKind.SESSION)
        .where(col(SignIn.revoked_at).is_(None), SignIn.ends_at > now, SignIn.seen_at > now - IDLE_LASTS)
    ).first()
    if found is None:
        return None
    row, advisor = found
    return Identity(row.id, advisor.id, advisor.name, advisor.role, row.seen_at)


def touch(session: Session, who: Identity, *, now: datetime) -> None:
    """Keep a session alive that is in use."""
    session.execute(update(SignIn).where(col(SignIn.id) == who.sign_in_id).values(seen_at=now))


def is_due_for_touch(who: Identity, *, now: datetime) -> bool:
    """Whether the session's last use is worth writing down again: once a minute."""
    return now - who.seen_at > SEEN_STEP


def sign_out(session: Session, secret: str, *, now: datetime) -> None:
    """End a session, on the server."""
    session.execute(update(SignIn).where(col(SignIn.token_hash) == _hash(secret)).values(revoked_at=now))


def needs_first_supervisor(session: Session) -> bool:
    """Whether nobody can look after this installation yet."""
    return session.exec(select(Advisor).where(Advisor.role != AdvisorRole.ADVISOR).limit(1)).first() is None


def invite(session: Session, advisor: Advisor | None, *, now: datetime) -> str:
    """Return a one-time secret with which a colleague chooses a password.

    With nobody named it makes the first supervisor, and whichever link is used first ends all of them. An earlier
    invitation for the same person ends.
    """
    if advisor is None:
        return _issue(session, SignInKind.INVITATION, None, lasts=INVITATION_LASTS, now=now)
    earlier = update(SignIn).where(col(SignIn.kind) == SignInKind.INVITATION, col(SignIn.advisor_id) == advisor.id)
    session.execute(earlier.values(revoked_at=now))
    return _issue(session, SignInKind.INVITATION, advisor.id, lasts=INVITATION_LASTS, now=now)


def invitation(session: Session, secret: str, *, now: datetime) -> SignIn | None:
    """Return an invitation that can still be used."""
    found = session.exec(
        select(SignIn)
        .where(SignIn.token_hash == _hash(secret), SignIn.kind == SignInKind.INVITATION)
        .where(col(SignIn.revoked_at).is_(None), SignIn.ends_at > now)
        .with_for_update()
    ).first()
    is_late = found is not None and found.advisor_id is None and not needs_first_supervisor(session)
    return None if is_late else found


def accept_invitation(
    session: Session, secret: str, *, name: str, email: str, phone_number: str, password: str, now: datetime
) -> str:
    """Use up an invitation and return the secret of a new session.

    Name, address and phone are only asked of the first supervisor. Raises NotAllowed for a used or old link.
    """
    row = invitation(session, secret, now=now)
    if row is None:
        msg = "This link was used already or is too old. Ask for a new one."
        raise NotAllowed(msg)
    if row.advisor_id is None:
        role = AdvisorRole.SUPERVISOR
        advisor = add_advisor(session, name=name, email=email, phone_number=phone_number, role=role, now=now)
    else:
        advisor = session.get_one(Advisor, row.advisor_id)
    set_password(advisor, password)
    session.add(advisor)
    row.revoked_at = now
    return open_session(session, advisor, now=now)


def _issue(session: Session, kind: SignInKind, advisor_id: int | None, *, lasts: timedelta, now: datetime) -> str:
    secret = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            kind=kind, token_hash=_hash(secret), advisor_id=advisor_id, created_at=now, seen_at=now, ends_at=now + lasts
        )
    )
    session.flush()
    return secret


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
