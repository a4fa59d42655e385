"""Accounts: colleagues, their passwords, and the invitations with which they choose one."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from leads import phone_numbers
from leads.config.delivery_channels import EMAIL_PATTERN
from leads.errors import AnotherSubject, BadConfiguration, NotAllowed
from leads.i18n import languages
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_log import record_access
from leads.lifecycle.audit_trail import record_event
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.advisors import Advisor, SignIn
from leads.models.enums import AdvisorRole, AuditKind, SignInKind
from leads.people import known_browsers, login_throttle, passwords, sessions
from leads.people.permissions import (
    Permission,
    actor_of,
    has_permission_clause,
    require_permission,
)

INVITATION_LASTS = timedelta(days=3)
USED_LINK = Phrase("This link has already been used or has expired. Ask for a new one.")


def add_advisor(
    session: Session,
    *,
    name: str,
    email: str,
    phone_number: str,
    role: AdvisorRole,
    now: datetime,
    password_hash: str = "",
) -> Advisor:
    """Add a colleague; without a password they need an invitation to choose one.

    Raises BadConfiguration for an address that is none or taken, and for a phone that cannot be
    rung.
    """
    email = email.strip().lower()
    if not re.fullmatch(EMAIL_PATTERN, email):  # nobody is told anything at "sam@"
        msg = Phrase("{given} is not an e-mail address.", given=email or Phrase("Nothing"))
        raise BadConfiguration(msg)
    if session.exec(select(Advisor).where(Advisor.email == email)).first():
        msg = Phrase("There is already an account with the e-mail address {email}.", email=email)
        raise BadConfiguration(msg)
    number = phone_numbers.normalize_possible_phone(phone_number) if phone_number else ""
    if number is None:
        msg = Phrase("The phone number cannot be dialed: enter it in full, such as +13155550100.")
        raise BadConfiguration(msg)
    advisor = Advisor(
        name=name.strip(),
        email=email,
        phone=number,
        role=role,
        password_hash=password_hash,
        created_at=now,
        idle_since=now,
    )
    session.add(advisor)
    session.flush()
    return advisor


def set_advisor_language(session: Session, advisor: Advisor, language: str) -> None:
    """Set the language of a colleague's screens.

    Raises BadConfiguration for one that we do not speak.
    """
    if language not in languages.LANGUAGES:
        msg = Phrase("The desk is not available in this language.")
        raise BadConfiguration(msg)
    advisor.language = language
    session.add(advisor)


def adopt_sign_in_language(session: Session, advisor: Advisor, asked: str) -> None:
    """Keep the language that a colleague chose while signing in, if it is one of ours."""
    if languages.supported_language(asked):
        set_advisor_language(session, advisor, languages.supported_language(asked))


def language_of_advisor(advisor: Advisor) -> str:
    """Return the language in which a colleague is spoken or written to away from their screens.

    It is that of their screens; where they chose none, one of ours that they speak, English first.
    """
    spoken = [code for code in languages.LANGUAGES if code in advisor.languages]
    return advisor.language or next(iter(spoken), languages.DEFAULT_LANGUAGE)


def check_password(advisor: Advisor | None, password: str) -> Advisor:
    """Return the colleague whose account was found, if this is their password.

    `advisor`: None where there is no such account. Raises NotAllowed where there is none or the
    password is wrong, after the same time, and for whoever's role lets nobody in. It takes long on
    purpose: never call it inside a transaction.
    """
    is_right = passwords.is_password_of(advisor.password_hash if advisor else "", password)
    if not is_right or advisor is None:
        msg = Phrase("The e-mail address or password is not correct.")
        raise NotAllowed(msg)
    require_permission(advisor, Permission.SIGN_IN)
    return advisor


def needs_first_supervisor(session: Session) -> bool:
    """Whether the installation has no supervisor and no admin yet."""
    return (
        session.exec(
            select(Advisor).where(has_permission_clause(Permission.ADD_COLLEAGUE)).limit(1)
        ).first()
        is None
    )


def issue_invitation(session: Session, advisor: Advisor | None, *, now: datetime) -> str:
    """Return the one-time secret of an invitation to choose a password, the first or a new one.

    Without an advisor it invites the first supervisor, and whichever link is used first ends all of
    them. A colleague's earlier invitations end. Raises NotAllowed for a deactivated account.
    """
    if advisor is None:
        return sessions.issue_secret(
            session, SignInKind.INVITATION, None, lasts=INVITATION_LASTS, now=now
        )
    if advisor.deactivated_at:
        msg = Phrase("This account is deactivated: activate it first.")
        raise NotAllowed(msg)
    withdraw_invitations(session, advisor, now=now)
    return sessions.issue_secret(
        session, SignInKind.INVITATION, advisor.id, lasts=INVITATION_LASTS, now=now
    )


def withdraw_invitations(session: Session, advisor: Advisor, *, now: datetime) -> None:
    """End every invitation that was given out for a colleague."""
    given_out = update(SignIn).where(
        col(SignIn.kind) == SignInKind.INVITATION, col(SignIn.advisor_id) == advisor.id
    )
    session.execute(given_out.values(revoked_at=now))


def find_usable_invitation(session: Session, secret: str, *, now: datetime) -> SignIn | None:
    """Return the invitation with this secret, if it can still be used."""
    matching = select(SignIn).where(
        SignIn.token_hash == sessions.hash_secret(secret), SignIn.kind == SignInKind.INVITATION
    )
    invitation = session.exec(matching.where(sessions.is_valid_sign_in(now))).first()
    is_late = (
        invitation is not None
        and invitation.advisor_id is None
        and not needs_first_supervisor(session)
    )
    return None if is_late else invitation


def require_usable_invitation(session: Session, secret: str, *, now: datetime) -> SignIn:
    """Return the invitation with this secret. Raises NotAllowed for a used or old link."""
    invitation = find_usable_invitation(session, secret, now=now)
    if invitation is None:
        raise NotAllowed(USED_LINK)
    return invitation


def accept_invitation(
    session: Session,
    secret: str,
    *,
    name: str,
    email: str,
    phone_number: str,
    password_hash: str,
    now: datetime,
) -> Advisor:
    """Use up an invitation: set its colleague's password, and return the colleague.

    The colleague's sessions end and their browsers are forgotten: the old password may be known. So
    is who they are to an identity provider, where their account may be a new one. Name, address and
    phone are only asked of the first supervisor, who is also the first admin. Raises NotAllowed for
    a used or old link.
    """
    row = require_usable_invitation(session, secret, now=now)
    session.refresh(row, with_for_update=True)
    if row.revoked_at:
        raise NotAllowed(USED_LINK)
    if row.advisor_id is None:
        role = AdvisorRole.ADMIN
        advisor = add_advisor(
            session, name=name, email=email, phone_number=phone_number, role=role, now=now
        )
    else:
        advisor = session.get_one(Advisor, row.advisor_id)
        require_permission(advisor, Permission.SIGN_IN)
        sessions.end_advisor_sessions(session, advisor.id, now=now)
        login_throttle.clear_sign_in_failures(session, advisor.email)
        known_browsers.forget_browsers(session, advisor.id)
    advisor.password_hash, advisor.oidc_subject = password_hash, ""
    session.add(advisor)
    row.revoked_at = now
    subject = TrailSubject.of_row(advisor)
    record_access(session, AuditKind.LINK_USED, subject, actor=actor_of(advisor), now=now)
    return advisor


def find_active_advisor_by_email(session: Session, email: str) -> Advisor | None:
    """Return the colleague with an e-mail address, unless deactivated; None if there is none."""
    colleagues = select(Advisor).where(
        Advisor.email == email.strip().lower(), col(Advisor.deactivated_at).is_(None)
    )
    return session.exec(colleagues).first()


def find_advisor_by_subject(
    session: Session, issuer: str, subject: str, *, verified_email: str, now: datetime
) -> Advisor | None:
    """Return the colleague whom an identity provider means, unless deactivated; None if nobody.

    It is the one who came in as this subject before, whatever their address is now. Whoever comes
    for the first time is found by `verified_email`, empty where the provider verified none, and is
    this subject from then on. Raises AnotherSubject where the colleague with this address is
    another subject of the same provider: addresses are given to other people.
    """
    whose = f"{issuer} {subject}"
    known = session.exec(select(Advisor).where(Advisor.oidc_subject == whose)).first()
    if known is not None:
        return None if known.deactivated_at else known
    advisor = find_active_advisor_by_email(session, verified_email) if verified_email else None
    if advisor is None:
        return None
    if advisor.oidc_subject.startswith(f"{issuer} "):
        raise AnotherSubject
    advisor.oidc_subject = whose
    session.add(advisor)
    record_event(session, advisor, "know_subject", actor=actor_of(advisor), now=now)
    return advisor
