"""Login throttle: guessing a password is slowed down for each account.

Eight tries are free, then every failure makes the next wait longer. A browser in which the account
signed in before has tries of its own, so that a stranger's guesses keep out strangers alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from leads.database.bulk_rows import insert_if_absent
from leads.errors import TooManyTries
from leads.models.advisors import Advisor, Lockout
from leads.people.sessions import hash_secret

FREE_TRIES = 8
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)  # whoever guesses locks out new browsers too: not for long
FORGOTTEN_AFTER = timedelta(hours=12)
LOCKED_LATELY = timedelta(hours=1)


@dataclass(frozen=True)
class LockedAccount:
    """A colleague's account at which somebody guesses; `since` is when the first wait began."""

    advisor_id: int
    since: datetime


def throttle_sign_in(
    session: Session, email: str, *, known_browser: str = "", now: datetime
) -> None:
    """Count a try to sign in as failed before it is made, so that many at once cannot slip through.

    `known_browser`: the secret of a browser in which the account signed in before; empty for all
    others, which are counted together. `clear_sign_in_failures` takes the try back. Raises
    TooManyTries while they are locked out. Whether there is such an account makes no difference.
    """
    session.execute(delete(Lockout).where(col(Lockout.failed_at) < now - FORGOTTEN_AFTER))
    whom = _hash_of_tries(email, known_browser)
    insert_if_absent(session, Lockout, {"whom": whom, "failures": 0, "failed_at": now})
    row = session.exec(select(Lockout).where(Lockout.whom == whom).with_for_update()).one()
    if row.locked_until and row.locked_until > now:
        raise TooManyTries(row.locked_until - now)
    row.failures, row.failed_at = row.failures + 1, now
    if row.failures >= FREE_TRIES:
        row.locked_since = row.locked_since or now
        row.locked_until = now + min(
            FIRST_WAIT * 2 ** min(row.failures - FREE_TRIES, 10), LONGEST_WAIT
        )
    session.add(row)


def clear_sign_in_failures(session: Session, email: str, *, known_browser: str = "") -> None:
    """Forget the failures of a known browser, or of all others, because the owner signed in.

    Those of strangers stay when the owner signs in in a known browser: they may go on guessing.
    """
    whom = _hash_of_tries(email, known_browser)
    session.execute(delete(Lockout).where(col(Lockout.whom) == whom))


def list_locked_accounts(session: Session, *, now: datetime) -> list[LockedAccount]:
    """Return the accounts at which somebody guessed within the last hour until they had to wait.

    Those of colleagues in their own browsers are not among them.
    """
    guessed = dict(
        session.exec(
            select(Lockout.whom, Lockout.locked_since).where(
                col(Lockout.locked_since).is_not(None),
                col(Lockout.failed_at) > now - LOCKED_LATELY,
            )
        ).all()
    )
    if not guessed:
        return []
    colleagues = select(Advisor.id, Advisor.email).where(col(Advisor.deactivated_at).is_(None))
    return [
        LockedAccount(advisor_id, since)
        for advisor_id, email in session.exec(colleagues.order_by(col(Advisor.id)))
        if (since := guessed.get(_hash_of_tries(email)))
    ]


def _hash_of_tries(email: str, known_browser: str = "") -> str:
    whose = email.strip().lower()
    return hash_secret(f"{whose} {known_browser}" if known_browser else whose)
