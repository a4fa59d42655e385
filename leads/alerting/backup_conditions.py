"""What supervisors have to hear of backups that did not come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlmodel import Session, func, select

from leads.alerting.alert_condition import AlertCondition
from leads.i18n.messages import Message, MessageKey
from leads.models.audit import AuditEntry
from leads.models.enums import AlertKind
from leads.models.watching import BackupTaken

BACKUP_WITHIN = timedelta(hours=26)  # one a night, and two hours to take it
FIRST_WITHIN = timedelta(days=7)  # since somebody first came in, or this version


def backup_conditions(session: Session, *, now: datetime) -> Iterator[AlertCondition]:
    """Yield a condition while the last backup is too old, or a desk in use has none."""
    last = session.exec(select(func.max(BackupTaken.at))).one()
    if last is not None:
        if last <= now - BACKUP_WITHIN:
            text = Message(MessageKey.BACKUP_OVERDUE, hours=(now - last) // timedelta(hours=1))
            since = last + BACKUP_WITHIN
            yield AlertCondition(AlertKind.BACKUP, "", text, since, since)
        return
    first = session.exec(select(func.min(AuditEntry.at))).one()
    if first is not None and first <= now - FIRST_WITHIN:
        since = first + FIRST_WITHIN
        yield AlertCondition(AlertKind.BACKUP, "", Message(MessageKey.BACKUP_NEVER), since, since)
