"""Admins read the audit log, narrowed as they like; nobody else does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from leads.audit import audit_list
from leads.audit.audit_list import AUDIT_KIND_LABELS, AuditFilter
from leads.database.transactions import write_deferred_inserts
from leads.errors import NotAllowed
from leads.lifecycle.audit_log import NOBODY, NOTHING, record_access
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.advisors import Advisor
from leads.models.enums import AdvisorRole, AuditKind
from tests.conftest import NOW
from tests.support.people import DAY, a_supervisor, an_advisor


def test_every_filter_narrows_what_an_admin_sees(session: Session) -> None:
    admin, ana = an_advisor(session, AdvisorRole.ADMIN), an_advisor(session)
    written = (
        (AuditKind.OPEN, TrailSubject("lead", "3"), f"advisor:{ana.id}", 0),
        (AuditKind.LIST, TrailSubject("lead", "4"), f"advisor:{ana.id}", 0),
        (AuditKind.SIGN_IN_FAILED, TrailSubject.of_kind(Advisor, ana.id), NOBODY, 2),
        (AuditKind.TRIM, NOTHING, "operator", 200),
    )
    for kind, subject, actor, days in written:
        record_access(session, kind, subject, actor=actor, now=NOW - days * DAY)
    write_deferred_inserts(session)

    def seen(only: AuditFilter) -> list[str]:
        page = audit_list.read_audit_log(session, admin, only, now=NOW)
        return [str(row.kind) for row in page.rows]

    assert seen(AuditFilter()) == ["sign_in_failed", "list", "open"]
    assert seen(AuditFilter(days=None))[0] == "trim"
    assert seen(AuditFilter(days=1)) == ["list", "open"]
    assert seen(AuditFilter(actor=NOBODY)) == ["sign_in_failed"]
    assert seen(AuditFilter(person=3)) == ["open"]
    assert seen(AuditFilter(kind=AuditKind.LIST)) == ["list"]
    assert seen(AuditFilter(person=99)) == []
    [failed, *_] = audit_list.read_audit_log(session, admin, AuditFilter(), now=NOW).rows
    assert failed.about == ana.name


def test_older_entries_come_after_the_hundred_newest(session: Session) -> None:
    admin = an_advisor(session, AdvisorRole.ADMIN)
    for number in range(150):
        subject = TrailSubject("lead", str(number))
        at = NOW - timedelta(seconds=150 - number)
        record_access(session, AuditKind.OPEN, subject, actor="advisor:1", now=at)
    write_deferred_inserts(session)
    first = audit_list.read_audit_log(session, admin, AuditFilter(), now=NOW)
    rest = audit_list.read_audit_log(session, admin, AuditFilter(before=first.older), now=NOW)
    people = [row.person for page in (first, rest) for row in page.rows]
    assert people == list(range(149, -1, -1))
    assert rest.older is None


def test_nobody_but_an_admin_sees_the_audit_log(session: Session) -> None:
    for person in (an_advisor(session), a_supervisor(session)):
        with pytest.raises(NotAllowed):
            audit_list.read_audit_log(session, person, AuditFilter(), now=NOW)


def test_every_kind_has_a_label() -> None:
    assert set(AUDIT_KIND_LABELS) == set(AuditKind)
