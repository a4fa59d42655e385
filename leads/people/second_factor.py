"""A second factor: a phone's codes of 30 s (RFC 6238), and recovery codes for when it is lost.

A secret is shown once, while it is only offered; a code from it makes it the person's second
factor. It is kept sealed.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime

import pyotp
from sqlalchemy import delete, update
from sqlmodel import Session, col

from leads.config.settings import RequireTotp
from leads.database.bulk_rows import execute_and_count
from leads.database.field_encryption import Vault
from leads.errors import NotAllowed
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_log import record_access
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.advisors import Advisor, RecoveryCode, SignIn
from leads.models.enums import AdvisorRole, AuditKind
from leads.people.permissions import FOR_ADVISORS, PERMISSIONS, Operator, actor_of
from leads.people.sessions import hash_secret

ISSUER = "Ringback"
TIME_STEP_SECONDS = 30  # seconds
ACCEPTED_CLOCK_DRIFT = (0, -1, 1)  # clocks of phones are a little wrong
RECOVERY_CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another


def has_second_factor(advisor: Advisor) -> bool:
    """Whether a colleague is asked for a code when signing in."""
    return bool(advisor.totp_secret)


def must_have_second_factor(role: AdvisorRole, rule: RequireTotp) -> bool:
    """Whether colleagues of a role must have a second factor, by this rule."""
    return rule is RequireTotp.ALL or (
        rule is RequireTotp.SUPERVISORS and PERMISSIONS.get(role) != FOR_ADVISORS
    )


def offer_totp_secret(session: Session, row: SignIn, *, vault: Vault) -> str:
    """Return the secret that a sign-in offers as second factor, the same until it is confirmed."""
    secret = vault.unseal(row.totp_offered)
    if not secret:
        secret = pyotp.random_base32()
        row.totp_offered = vault.seal(secret)
        session.add(row)
    return secret


def totp_provisioning_uri(secret: str, advisor: Advisor) -> str:
    """Return the address that the QR code gives to a colleague's app."""
    return pyotp.TOTP(secret).provisioning_uri(name=advisor.email, issuer_name=ISSUER)


def confirm_second_factor(
    session: Session, row: SignIn, advisor: Advisor, code: str, *, vault: Vault, now: datetime
) -> list[str]:
    """Make the offered secret a colleague's second factor; returns recovery codes.

    Nobody can show these codes again. Raises NotAllowed if `code` is not of the offered secret.
    """
    secret = vault.unseal(row.totp_offered)
    step = _matching_time_step(secret, code, now=now) if secret else None
    if secret is None or step is None or has_second_factor(advisor):
        raise NotAllowed(_WRONG)
    advisor.totp_secret, advisor.totp_step, row.totp_offered = vault.seal(secret), step, ""
    session.add_all([advisor, row])
    _record_own_factor(session, AuditKind.FACTOR_ON, advisor, now=now)
    return _make_recovery_codes(session, advisor)


def redeem_second_factor_code(
    session: Session, advisor: Advisor, code: str, *, vault: Vault, now: datetime
) -> None:
    """Use up a colleague's code: one that the phone shows, or a recovery code.

    Raises NotAllowed if the code is wrong or was used before. A secret from before there was a key,
    or sealed with an older one, is sealed anew.
    """
    secret = vault.unseal(advisor.totp_secret)
    step = _matching_time_step(secret, code, now=now) if secret else None
    if not (
        _use_time_step(session, advisor, step)
        if step is not None
        else _use_recovery_code(session, advisor, code, now)
    ):
        raise NotAllowed(_WRONG if secret else _UNREADABLE)
    if secret and not vault.is_sealed_as_configured(advisor.totp_secret):
        advisor.totp_secret = vault.seal(secret)
        session.add(advisor)


def renew_recovery_codes(session: Session, advisor: Advisor, *, now: datetime) -> list[str]:
    """Return new recovery codes for a colleague; the earlier ones count no more."""
    _record_own_factor(session, AuditKind.CODES_RENEWED, advisor, now=now)
    return _make_recovery_codes(session, advisor)


def _make_recovery_codes(session: Session, advisor: Advisor) -> list[str]:
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.advisor_id) == advisor.id))
    codes = ["-".join(_random_letter_group() for _ in range(3)) for _ in range(RECOVERY_CODES)]
    session.add_all(
        RecoveryCode(
            advisor_id=advisor.id, code_hash=hash_secret(_normalize_second_factor_code(code))
        )
        for code in codes
    )
    return codes


def disable_second_factor(
    session: Session, advisor: Advisor, *, by: Advisor | Operator, now: datetime
) -> None:
    """Turn off a colleague's second factor, with its recovery codes."""
    subject = TrailSubject.of_row(advisor)
    record_access(session, AuditKind.FACTOR_OFF, subject, actor=actor_of(by), now=now)
    advisor.totp_secret, advisor.totp_step = "", 0
    session.add(advisor)
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.advisor_id) == advisor.id))


_WRONG = Phrase("This code is wrong or was already used. Wait for the next one.")
_UNREADABLE = Phrase(
    "Codes from your app no longer work: this server lost the key to them. Use a recovery "
    "code, or ask a supervisor."
)


def _matching_time_step(secret: str, code: str, *, now: datetime) -> int | None:
    """Return the time step, in units of 30 s since 1970, in which the app shows this code."""
    code, totp, present = (
        _normalize_second_factor_code(code),
        pyotp.TOTP(secret),
        int(now.timestamp()) // TIME_STEP_SECONDS,
    )
    steps = (present + drift for drift in ACCEPTED_CLOCK_DRIFT)
    return next(
        (step for step in steps if hmac.compare_digest(totp.generate_otp(step), code)), None
    )


def _use_time_step(session: Session, advisor: Advisor, step: int) -> bool:
    newer = update(Advisor).where(col(Advisor.id) == advisor.id, col(Advisor.totp_step) < step)
    return execute_and_count(session, newer.values(totp_step=step)) == 1


def _use_recovery_code(session: Session, advisor: Advisor, code: str, now: datetime) -> bool:
    unused = update(RecoveryCode).where(
        col(RecoveryCode.advisor_id) == advisor.id,
        col(RecoveryCode.code_hash) == hash_secret(_normalize_second_factor_code(code)),
        col(RecoveryCode.used_at).is_(None),
    )
    if execute_and_count(session, unused.values(used_at=now)) != 1:
        return False
    _record_own_factor(session, AuditKind.CODE_USED, advisor, now=now)
    return True


def _record_own_factor(
    session: Session, kind: AuditKind, advisor: Advisor, *, now: datetime
) -> None:
    subject = TrailSubject.of_row(advisor)
    record_access(session, kind, subject, actor=actor_of(advisor), now=now)


def _random_letter_group() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(4))


def _normalize_second_factor_code(code: str) -> str:
    return code.replace(" ", "").replace("-", "").lower().encode("ascii", "replace").decode()
