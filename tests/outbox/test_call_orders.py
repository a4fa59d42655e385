"""Orders to the relay.

Carried out once, tried again when that is safe, looked for when nobody knows.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from leads.calls import placement
from leads.database.transactions import transaction
from leads.database.wakeups import Wakeup, subscribe_to_wakeups
from leads.errors import FailureKind
from leads.i18n.messages import own_words
from leads.models.calls import CallAttempt
from leads.models.enums import OutboxKind
from leads.models.outbox import Outbox
from leads.outbox import call_orders
from leads.outbox.call_orders import CALL_SENDING_LASTS, OutboxItem
from leads.outbox.orders import mark_orders_sent
from leads.outbox.retry_schedule import CALL_LOOKUPS, CALL_RETRIES
from tests.conftest import NOW
from tests.support.people import MINUTE, a_call, advisor_call, advisor_of, orders
from tests.support.twilio_double import CALLER_ID

SECOND = timedelta(seconds=1)


def test_orders_are_taken_once_and_those_due_longest_first(session: Session) -> None:
    second, first = a_call(session, now=NOW + SECOND), a_call(session, now=NOW)
    assert call_orders.take_due_orders(session, now=NOW - SECOND) == []
    third = a_call(session, now=NOW + SECOND)
    taken = [call_orders.take_due_orders(session, most, now=NOW + MINUTE) for most in (1, 5, 5)]
    assert [[item.attempt.id for item in items] for items in taken] == [
        [first.id],
        [second.id, third.id],
        [],
    ]
    rows = [item.row for items in taken for item in items]
    assert [(row.state, row.tries, row.taken_until) for row in rows] == [
        ("sending", 1, NOW + MINUTE + CALL_SENDING_LASTS)
    ] * 3


def test_an_order_says_all_that_the_relay_needs(session: Session) -> None:
    attempt = a_call(session)
    advisor = advisor_of(session, attempt)
    order = _item(session).order
    assert order.kind == "place_call"
    assert order.attempt_id == attempt.id
    assert order.advisor_id == advisor.id
    assert order.advisor_phone == advisor.phone
    assert order.caller_id == CALLER_ID
    assert order.requested_at == NOW
    assert order.call_ids == ()
    placement.record_placed_calls(session, {attempt.id: advisor_call(attempt)}, now=NOW)
    call_orders.enqueue_call_orders(session, OutboxKind.HANG_UP, attempt, now=NOW)
    order = _item(session).order
    assert (order.kind, order.call_ids) == ("hang_up", (advisor_call(attempt),))


def test_what_was_not_done_is_tried_again_with_growing_waits_until_it_was_tried_often_enough(
    session: Session,
) -> None:
    a_call(session)
    now, row = NOW, _taken(session)
    busy = {"problem": own_words("Busy."), "failure": FailureKind.NETWORK}
    for tries, wait in enumerate(CALL_RETRIES.waits, start=1):
        assert call_orders.retry_order_later(session, row, **busy, now=now)
        assert row.state == "pending"
        assert row.tries == tries
        assert row.problem == "Busy."
        assert row.failure == FailureKind.NETWORK
        assert now + 0.75 * wait <= row.due_at <= now + 1.25 * wait
        assert not call_orders.take_due_orders(session, now=row.due_at - timedelta(microseconds=1))
        now = row.due_at
        assert _rows(call_orders.take_due_orders(session, now=now)) == [row]
    assert not call_orders.retry_order_later(session, row, **busy, now=now)
    call_orders.mark_order_failed(session, row, problem=own_words("Tried often enough."), now=now)
    assert row.state == "failed"
    assert row.settled_at == now
    assert row.problem == "Tried often enough."


def test_what_is_done_is_done(session: Session) -> None:
    attempt = a_call(session)
    mark_orders_sent(session, _taken(session).id, now=NOW)
    _comes_to(session, attempt, "sent")
    assert call_orders.next_order_due_at(session, now=NOW) is None


def test_an_order_of_unknown_fate_is_looked_for_and_never_sent_again(session: Session) -> None:
    a_call(session)
    row = _taken(session)
    broke_off = {"problem": own_words("Broke off."), "failure": FailureKind.NETWORK}
    call_orders.mark_order_unknown(session, row, **broke_off, now=NOW)
    now, looks = NOW, []
    while row.state == "unknown":
        assert not call_orders.take_due_orders(session, now=now + MINUTE)
        assert call_orders.collect_doubtful_orders(session, now=row.due_at - SECOND) == []
        assert _rows(call_orders.collect_doubtful_orders(session, now=row.due_at)) == [row]
        looks.append(row.due_at - now)
        now = call_orders.next_order_due_at(session, now=now)
        if not call_orders.record_failed_lookup(session, row, now=now):
            call_orders.mark_order_failed(
                session, row, problem=own_words("No such call was found."), now=now
            )
    assert tuple(looks) == CALL_LOOKUPS.waits
    assert call_orders.collect_doubtful_orders(session, now=now + MINUTE) == []


def test_an_order_whose_relay_died_is_in_doubt(session: Session) -> None:
    a_call(session)
    row = _taken(session)
    assert call_orders.collect_doubtful_orders(session, now=NOW + CALL_SENDING_LASTS) == []
    assert _rows(
        call_orders.collect_doubtful_orders(session, now=NOW + CALL_SENDING_LASTS + SECOND)
    ) == [row]
    session.refresh(row)
    assert row.state == "unknown"
    assert (row.tries, row.looks) == (1, 0)
    assert row.problem == "The process stopped while sending this."
    assert not call_orders.take_due_orders(session, now=NOW + MINUTE)


def test_whoever_starts_sends_again_at_once_what_does_no_harm_twice(session: Session) -> None:
    call_orders.enqueue_call_orders(session, OutboxKind.HANG_UP, a_call(session), now=NOW)
    assert len(call_orders.take_due_orders(session, 5, now=NOW)) == 2
    assert call_orders.collect_doubtful_orders(session, has_missed_news=True, now=NOW) == []
    [again] = call_orders.take_due_orders(session, 5, now=NOW)
    assert again.order.kind == OutboxKind.HANG_UP


@pytest.mark.parametrize(
    ("stood", "stands"), [("pending", "sent"), ("unknown", "sent"), ("failed", "failed")]
)
def test_a_webhook_confirms_an_order_whatever_its_answer_was(
    session: Session, stood: str, stands: str
) -> None:
    attempt, other = a_call(session), a_call(session)
    _order(session, attempt).state = stood
    call_orders.enqueue_call_orders(session, OutboxKind.HANG_UP, attempt, now=NOW)
    call_orders.confirm_call_placed(session, attempt, now=NOW)
    _comes_to(session, attempt, stands)
    assert (_order(session, other).state, orders(session, OutboxKind.HANG_UP)[0].state) == (
        "pending",
        "pending",
    )


@pytest.mark.parametrize("stood", ["pending", "sending", "unknown", "sent"])
def test_only_what_nobody_has_begun_to_send_can_be_withdrawn(session: Session, stood: str) -> None:
    attempt = a_call(session)
    _order(session, attempt).state = stood
    call_orders.withdraw_pending_orders(session, attempt, now=NOW)
    _comes_to(session, attempt, "failed" if stood == "pending" else stood)


@pytest.mark.usefixtures("database")
def test_the_relay_is_woken_after_the_commit_and_only_then() -> None:
    heard: list[Wakeup] = []
    stop = subscribe_to_wakeups(heard.append)
    try:
        with transaction() as session:
            a_call(session)
            assert heard == []
    finally:
        stop()
    assert Wakeup.RELAY in heard


def _item(session: Session) -> OutboxItem:
    [item] = call_orders.take_due_orders(session, now=NOW)
    return item


def _taken(session: Session) -> Outbox:
    return _item(session).row


def _rows(items: list[OutboxItem]) -> list[Outbox]:
    return [item.row for item in items]


def _order(session: Session, attempt: CallAttempt) -> Outbox:
    return next(order for order in orders(session) if order.attempt_id == attempt.id)


def _comes_to(session: Session, attempt: CallAttempt, state: str) -> None:
    row = _order(session, attempt)
    session.refresh(row)
    assert row.state == state
