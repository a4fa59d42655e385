"""Suppression: numbers that must not be contacted, called or texted, organization-wide.

A suppression counts from the transaction in which it is written.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from leads.database.bulk_rows import insert_if_absent
from leads.i18n.messages import Message
from leads.models.enums import SuppressedChannel
from leads.models.requests import Suppression


def is_number_suppressed(
    session: Session, number: str, channel: SuppressedChannel = SuppressedChannel.ALL
) -> bool:
    """Whether nothing may reach a number now, or no call or no text."""
    return bool(session.exec(select(number_suppressed_clause(number, channel))).one())


def number_suppressed_clause(
    number: str | ColumnElement[str], channel: SuppressedChannel = SuppressedChannel.ALL
) -> ColumnElement[bool]:
    """Return the condition that nothing may reach a number, or no call or no text."""
    closing = {SuppressedChannel.ALL, channel}
    return (
        select(Suppression.id)
        .where(
            Suppression.phone == number,
            col(Suppression.lifted_at).is_(None),
            col(Suppression.channel).in_(sorted(closing)),
        )
        .exists()
    )


def suppress_number(
    session: Session,
    number: str,
    *,
    reason: Message,
    actor: str,
    now: datetime,
    channel: SuppressedChannel = SuppressedChannel.ALL,
) -> bool:
    """Suppress a number, or one channel to it; returns False if it already was.

    The caller cancels what is pending for the number.
    """
    row = {
        "phone": number,
        "channel": channel,
        "reason": reason,
        "actor": actor,
        "since": now,
        "lifted_by": "",
    }
    return insert_if_absent(session, Suppression, row)


def lift_suppression(session: Session, number: str, *, actor: str, now: datetime) -> bool:
    """Lift a number's suppressions; returns False if there was none. The rows stay as history."""
    in_force = list_suppressions_in_force(session, number)
    for suppression in in_force:
        suppression.lifted_at, suppression.lifted_by = now, actor
    return bool(in_force)


def list_suppressions_in_force(session: Session, number: str) -> list[Suppression]:
    """Return what closes a number, or a channel to it, now."""
    theirs = select(Suppression).where(
        Suppression.phone == number, col(Suppression.lifted_at).is_(None)
    )
    return list(session.exec(theirs.order_by(col(Suppression.id))))
