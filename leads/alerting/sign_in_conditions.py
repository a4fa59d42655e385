"""What supervisors have to hear of those who try to sign in as somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session

from leads.alerting.alert_condition import AlertCondition
from leads.i18n.messages import Message, MessageKey
from leads.models.enums import AlertKind
from leads.people import login_throttle


def sign_in_conditions(session: Session, *, now: datetime) -> Iterator[AlertCondition]:
    """Yield one condition for all accounts at which somebody guesses, until an hour after."""
    locked = login_throttle.list_locked_accounts(session, now=now)
    if locked:
        times, count = [account.since for account in locked], len(locked)
        text = Message(MessageKey.ACCOUNTS_LOCKED, count=count)
        yield AlertCondition(AlertKind.LOCKOUT, "", text, min(times), max(times), count=count)
