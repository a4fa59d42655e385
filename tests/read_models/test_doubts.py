"""What nobody knows the outcome of: since when, and what is done about it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from leads.__main__ import main
from leads.calls import placement
from leads.database.transactions import transaction
from leads.errors import FailureKind
from leads.i18n.messages import Message, MessageKey
from leads.models.calls import Callback
from leads.models.enums import OutboxKind, OutboxState
from leads.models.helpline_scope import limited_to_helplines
from leads.models.labels import ORDER_TITLES
from leads.models.outbox import Outbox
from leads.outbox import call_orders, supervisor_notices
from leads.read_models import doubts
from leads.read_models.doubts import SENDING_LASTS, Doubt, NextStep
from tests.conftest import NOW
from tests.support.people import MINUTE, a_call, a_live_call

SECOND, RING_TIME = timedelta(seconds=1), timedelta(seconds=25)


def found(session: Session, now: datetime) -> list[tuple[str, str, datetime, datetime | None]]:
    return [(one.title, one.next_step, one.since, one.next_at) for one in listed(session, now)]


def listed(session: Session, now: datetime) -> list[Doubt]:
    return doubts.list_doubts(session, ring_time=RING_TIME, now=now)


def test_a_call_is_in_doubt_from_its_request_until_it_is_found_or_a_person_decides(
    session: Session,
) -> None:
    attempt = a_call(session)
    [item] = call_orders.take_due_orders(session, now=NOW)
    ends = NOW + call_orders.CALL_SENDING_LASTS
    assert found(session, NOW + SECOND) == []  # requests take as long
    [waits] = found(session, NOW + 6 * SECOND)
    assert waits == ("Call to an advisor", NextStep.AWAIT_ANSWER, NOW, ends)

    # Its process has died. The look for it is ordered by the first tick after that.
    assert [one[1] for one in found(session, ends + SECOND)] == [NextStep.LOOK_FOR_CALL]
    call_orders.collect_doubtful_orders(session, now=ends + SECOND)
    [looks] = found(session, ends + 2 * SECOND)
    assert looks == ("Call to an advisor", NextStep.LOOK_FOR_CALL, NOW, ends + SECOND)

    # It is not found, and nobody's phone can have rung.
    problem = Message(MessageKey.CALL_NOT_FOUND)
    call_orders.mark_order_failed(session, item.row, problem=problem, now=ends + MINUTE)
    placement.lose_attempt(session, attempt.id, now=ends + MINUTE)
    assert found(session, ends + MINUTE) == []


def test_a_call_without_news_is_asked_about_and_a_lost_one_is_a_persons(session: Session) -> None:
    attempt = a_live_call(session, "ringing_lead")
    assert found(session, NOW + RING_TIME) == []
    later = NOW + 3 * MINUTE
    assert found(session, later) == [("Call without news", NextStep.ASK_NETWORK, NOW, None)]
    placement.lose_attempt(session, attempt.id, now=later)
    held = ("Lost call: they may have been called", NextStep.PERSON_DECIDES, later, None)
    assert held in found(session, later)


@pytest.mark.parametrize(
    ("kind", "next_step"),
    [
        (OutboxKind.DIAL_LEG, NextStep.LOOK_FOR_CALL),
        (OutboxKind.JOIN_CALLER, NextStep.LOOK_FOR_CALL),
        (OutboxKind.HANG_UP, NextStep.SEND_AGAIN),
        (OutboxKind.ASK_OUTCOME, NextStep.LEAVE),
        (OutboxKind.EMAIL_NOTICE, NextStep.SEND_AGAIN),
        (OutboxKind.CALL_NOTICE, NextStep.LEAVE),
        (OutboxKind.SEND_EVENT, NextStep.SEND_AGAIN),
    ],
)
def test_what_a_dead_process_was_sending_is_in_doubt(
    session: Session, kind: OutboxKind, next_step: NextStep
) -> None:
    row = Outbox(kind=kind, state=OutboxState.SENDING, created_at=NOW, due_at=NOW)
    row.taken_until = NOW + SENDING_LASTS[kind]
    session.add(row)
    [doubt] = listed(session, row.taken_until + SECOND)
    assert (doubt.kind, doubt.since) == (kind, NOW)
    assert doubt.next_step == next_step


def test_every_kind_of_order_can_be_in_doubt() -> None:
    assert set(SENDING_LASTS) == set(OutboxKind)
    assert set(ORDER_TITLES) == set(OutboxKind)


def test_a_message_that_may_have_been_sent_is_settled_and_in_no_doubt_to_be_cleared(
    session: Session,
) -> None:
    row = Outbox(kind=OutboxKind.CHANNEL_NOTICE, state=OutboxState.SENDING, created_at=NOW)
    row.due_at, row.taken_until, row.payload = NOW, NOW + MINUTE, {"address": "x"}
    session.add(row)
    session.flush()
    supervisor_notices.take_due_notices(session, 9, ways=[], now=NOW + 5 * MINUTE)
    assert session.exec(select(Outbox.state)).one() == OutboxState.UNKNOWN
    assert listed(session, NOW + 5 * MINUTE) == []


def test_nobody_is_shown_another_helplines_doubts(session: Session) -> None:
    attempt = a_call(session)
    call_orders.take_due_orders(session, now=NOW)
    brand_id = session.get_one(Callback, attempt.callback_id).brand_id
    shown = {}
    for helpline in (brand_id, brand_id + 1):
        with limited_to_helplines(session, [helpline]):
            shown[helpline] = [one.brand_id for one in listed(session, NOW + MINUTE)]
    assert shown == {brand_id: [brand_id], brand_id + 1: []}


def test_the_command_says_what_is_in_doubt(
    database: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    with transaction() as session:
        attempt_id = a_call(session).id
        [item] = call_orders.take_due_orders(session, now=NOW)
        problem = Message(MessageKey.SENDER_STOPPED)
        cause = {"problem": problem, "failure": FailureKind.OURS}
        call_orders.mark_order_unknown(session, item.row, **cause, now=NOW + SECOND)
        order_id = item.row.id
    assert main(["status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["in_doubt"] == [
        {
            "about": "order",
            "id": str(order_id),
            "kind": "place_call",
            "attempt_id": attempt_id,
            "since": NOW.isoformat(),
            "next": "look_for_call",
            "next_at": (NOW + 2 * SECOND).isoformat(),
        }
    ]
    assert main(["status"]) == 0
    printed = capsys.readouterr().out
    assert "in_doubt: Call to an advisor, since 2026-03-03 17:00:00 UTC: Looks for" in printed
