"""Login throttle: guessing a password is slowed down for each account.

Eight tries are free, then every failure makes the next wait longer.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from leads.database.bulk_rows import insert_if_absent
from leads.errors import TooManyTries
from leads.models.advisors import Lockout
from leads.people.sessions import hash_secret

FREE_TRIES = 8
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)  # whoever guesses locks out the owner too: not for long
FORGOTTEN_AFTER = timedelta(hours=12)


def throttle_sign_in(session: Session, email: str, *, now: datetime) -> None:
    """Count a try to sign in as failed before it is made, so that many at once cannot slip through.

    `clear_sign_in_failures` takes it back. Raises TooManyTries while the account is locked. Whether
    there is such an account makes no difference.
    """
    session.execute(delete(Lockout).where(col(Lockout.failed_at) < now - FORGOTTEN_AFTER))
    whom = _account_hash(email)
    insert_if_absent(session, Lockout, {"whom": whom, "failures": 0, "failed_at": now})
    row = session.exec(select(Lockout).where(Lockout.whom == whom).with_for_update()).one()
    if row.locked_until and row.locked_until > now:
        raise TooManyTries(row.locked_until - now)
    row.failures, row.failed_at = row.failures + 1, now
    if row.failures >= FREE_TRIES:
        row.locked_until = now + min(
            FIRST_WAIT * 2 ** min(row.failures - FREE_TRIES, 10), LONGEST_WAIT
        )
    session.add(row)


def clear_sign_in_failures(session: Session, email: str) -> None:
    """Forget an account's failures, because its owner signed in."""
    session.execute(delete(Lockout).where(col(Lockout.whom) == _account_hash(email)))


def _account_hash(email: str) -> str:
    return hash_secret(email.strip().lower())
