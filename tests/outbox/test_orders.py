"""One outbox for every kind of order: whatever it carries is put once and settled once."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session, select

from leads.errors import FailureKind
from leads.i18n.messages import own_words
from leads.models.enums import OutboxKind, OutboxState
from leads.models.outbox import Outbox
from leads.outbox import call_orders, orders, supervisor_notices
from leads.outbox.retry_schedule import NOTICE_RETRIES, RetrySchedule
from tests.conftest import NOW
from tests.support.people import MINUTE, a_call

TO_A_PERSON = {"address": "+13155550142", "template": "we_called", "values": {"tries": 2}}
DUE_TEXTS = orders.restrict_to_due_orders(
    select(Outbox).with_for_update(skip_locked=True), [OutboxKind.TEXT_NOTICE]
)
BUSY = {"problem": own_words("Busy."), "failure": FailureKind.NETWORK}


def test_a_payload_of_another_shape_goes_the_whole_way_without_a_call(session: Session) -> None:
    assert orders.put_order_once(session, OutboxKind.TEXT_NOTICE, "text:7", TO_A_PERSON, now=NOW)
    [row] = _take(session)
    assert row.payload == TO_A_PERSON
    assert row.attempt_id is None
    assert row.state == OutboxState.SENDING
    assert row.tries == 1
    assert _take(session) == []
    assert orders.put_order_back(session, row, NOTICE_RETRIES, **BUSY, now=NOW)
    assert row.due_at == NOW + NOTICE_RETRIES.waits[0]
    session.flush()
    assert [again.tries for again in _take(session)] == [2]
    orders.mark_orders_sent(session, row.id, now=NOW)
    session.refresh(row)
    assert (row.state, row.settled_at) == (OutboxState.SENT, NOW)


def test_the_same_is_never_ordered_twice_whatever_came_of_it(session: Session) -> None:
    for state in OutboxState:
        is_new = orders.put_order_once(
            session, OutboxKind.TEXT_NOTICE, "text:7", TO_A_PERSON, now=NOW
        )
        assert is_new == (state == OutboxState.PENDING)
        session.exec(select(Outbox)).one().state = state
        session.flush()


def test_who_looks_for_one_kind_sees_no_other(session: Session) -> None:
    attempt = a_call(session)
    orders.put_order_once(session, OutboxKind.TEXT_NOTICE, "text:7", TO_A_PERSON, now=NOW + MINUTE)
    assert call_orders.next_order_due_at(session, now=NOW) is None
    [call] = call_orders.take_due_orders(session, 10, now=NOW + MINUTE)
    assert call.row.attempt_id == attempt.id
    [text] = _take(session)
    later = NOW + 10 * MINUTE
    [doubtful] = call_orders.collect_doubtful_orders(session, now=later)
    assert doubtful.row.id == call.row.id
    session.refresh(text)
    assert text.state == OutboxState.SENDING
    supervisor_notices.take_due_notices(session, 10, ways=(), now=later)
    session.refresh(text)
    assert text.state == OutboxState.UNKNOWN


def test_a_schedule_says_how_long_to_wait_until_it_was_tried_often_enough() -> None:
    schedule = RetrySchedule((timedelta(seconds=10), timedelta(seconds=30)))
    assert [schedule.wait_after(tries) for tries in (1, 2, 3)] == [*schedule.waits, None]
    spread = RetrySchedule((timedelta(seconds=100),), jitter=0.25)
    waits = [spread.wait_after(1) for _ in range(100)]
    assert timedelta(seconds=75) <= min(waits) < max(waits) <= timedelta(seconds=125)


def _take(session: Session) -> list[Outbox]:
    asked = {"now": NOW + MINUTE, "most": 10}
    rows = list(session.scalars(DUE_TEXTS, params=asked))
    orders.mark_orders_sending(session, rows, until=NOW + 2 * MINUTE)
    return rows
