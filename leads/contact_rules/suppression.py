"""Suppression: numbers that must not be contacted, organization-wide.

A suppression counts from the transaction in which it is written.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from leads.database.bulk_rows import insert_if_absent
from leads.i18n.messages import Message
from leads.models.requests import Suppression

STOP_WORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
)
"""Single words that end all contact (Twilio's list, and FCC 24-24)."""


def is_number_suppressed(session: Session, number: str) -> bool:
    """Whether a number is suppressed now."""
    return bool(session.exec(select(number_suppressed_clause(number))).one())


def number_suppressed_clause(number: str | ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that a number is suppressed, for a larger query."""
    return (
        select(Suppression.id)
        .where(Suppression.phone == number, col(Suppression.lifted_at).is_(None))
        .exists()
    )


def suppress_number(
    session: Session, number: str, *, reason: Message, actor: str, now: datetime
) -> bool:
    """Suppress a number; returns False if it already was.

    The caller cancels what is pending for the number.
    """
    row = {"phone": number, "reason": reason, "actor": actor, "since": now, "lifted_by": ""}
    return insert_if_absent(session, Suppression, row)


def lift_suppression(session: Session, number: str, *, actor: str, now: datetime) -> bool:
    """Lift a number's suppression; returns False if there was none. The row stays as history."""
    suppression = _find_active_suppression(session, number)
    if suppression is None:
        return False
    suppression.lifted_at, suppression.lifted_by = now, actor
    return True


def is_stop_message(text: str) -> bool:
    """Whether a text message says stop, in one of the words that the law names."""
    word = "".join(letter for letter in text.lower() if letter.isalpha())
    return word in STOP_WORDS


def _find_active_suppression(session: Session, number: str) -> Suppression | None:
    return session.exec(
        select(Suppression).where(Suppression.phone == number, col(Suppression.lifted_at).is_(None))
    ).first()
