"""What a notice is about says whether it is a test; no word of its key does."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session, select

from leads.errors import FailureKind
from leads.models.enums import DigestFrequency, NoticeMethod, OutboxState
from leads.models.outbox import Outbox
from leads.outbox import supervisor_notices
from tests.conftest import NOW
from tests.support.people import MINUTE, a_supervisor


def test_a_notice_about_nothing_is_a_test_and_missed_by_nobody(session: Session) -> None:
    boss = a_supervisor(session)
    supervisor_notices.enqueue_test_notice(session, boss, NoticeMethod.EMAIL, now=NOW)
    supervisor_notices.enqueue_digest_notice(
        session, DigestFrequency.DAILY, boss.email, last_day=date(2026, 3, 2), zone="UTC", now=NOW
    )
    for row in session.exec(select(Outbox)).all():
        row.key = f"test:{row.id}"
        row.state, row.failure, row.settled_at = OutboxState.FAILED, FailureKind.NETWORK, NOW
    session.flush()
    came = supervisor_notices.recent_notices(session, now=NOW + MINUTE)
    assert {one.digest: one.is_test for one in came} == {None: True, DigestFrequency.DAILY: False}
    count, first, _last = supervisor_notices.count_failed_notices(session, now=NOW + MINUTE)
    assert (count, first) == (1, NOW)
