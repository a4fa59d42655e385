"""A backup that did not come is missed."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from leads.alerting import conditions
from leads.database.transactions import write_deferred_inserts
from leads.lifecycle.audit_log import record_access
from leads.models.enums import AlertKind, AuditKind
from leads.models.watching import BackupTaken
from tests.conftest import NOW
from tests.support.people import DAY, HOUR, MINUTE


def told(session: Session, after: timedelta) -> list[str]:
    session.flush()
    found = conditions.current_conditions(session, now=NOW + after)
    return [str(one.sentence) for one in found if one.kind is AlertKind.BACKUP]


def test_the_last_backup_may_be_26_hours_old(session: Session) -> None:
    session.add(BackupTaken(at=NOW - 9 * DAY))
    session.add(BackupTaken(at=NOW))
    assert told(session, 26 * HOUR - MINUTE) == []
    [sentence] = told(session, 50 * HOUR)
    assert "50 hours old" in sentence


def test_a_desk_in_use_needs_its_first_backup_within_a_week(session: Session) -> None:
    assert told(session, 99 * DAY) == []  # nobody ever came in
    record_access(session, AuditKind.SIGN_IN, actor="advisor:1", now=NOW)
    write_deferred_inserts(session)
    assert told(session, 7 * DAY - MINUTE) == []
    assert len(told(session, 7 * DAY)) == 1
