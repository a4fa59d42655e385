"""What was complained of, or may be a breach, and is not done yet."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session, col, func, select

from leads.alerting.alert_condition import AlertCondition
from leads.i18n.messages import Message, MessageKey
from leads.models.enums import AlertKind
from leads.models.privacy_cases import PrivacyCase


def privacy_conditions(session: Session) -> Iterator[AlertCondition]:
    """Yield that complaints or suspected breaches are open: their clock runs."""
    since, newest = func.min(PrivacyCase.recorded_at), func.max(PrivacyCase.recorded_at)
    undone = select(func.count(), since, newest).where(col(PrivacyCase.closed_at).is_(None))
    count, first, last = session.exec(undone).one()
    if count:
        text = Message(MessageKey.PRIVACY_CASES_OPEN, count=count)
        yield AlertCondition(AlertKind.PRIVACY, "", text, first, last, count=count)
