"""One phone is never in two calls at once, whoever owns it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from leads.callbacks import callback_offers, due_order, queue
from leads.calls import outcomes
from leads.contact_rules.gate_rules import RefusalReason
from leads.database.transactions import reader, transaction
from leads.errors import LostRace, NotNow
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import LIVE_ATTEMPT, Result
from tests.conftest import NOW
from tests.support.people import (
    MINUTE,
    a_callback,
    a_lead,
    a_source,
    an_attempt,
    held_for,
    lead_of,
    on_duty,
)
from tests.support.races import at_once

SHARED = "+13155558888"


def on_shared_phone(session: Session) -> int:
    advisor = on_duty(session)
    advisor.phone = SHARED
    session.flush()
    return advisor.id


def test_of_two_advisors_who_share_a_phone_one_is_rung_and_the_second_lead_waits(
    session: Session,
) -> None:
    on_shared_phone(session), on_shared_phone(session)
    first, second = a_callback(session), a_callback(session)
    (attempt,) = callback_offers.offer_due_callbacks(session, 10, now=NOW)
    assert (attempt.callback_id, attempt.advisor_phone) == (first.id, SHARED)
    assert (second.state, second.due_at) == ("waiting", NOW)
    assert callback_offers.offer_due_callbacks(session, 10, now=NOW) == []
    outcomes.end_attempt(session, attempt, "missed", Result.ADVISOR_NO_ANSWER, now=NOW)
    assert len(callback_offers.offer_due_callbacks(session, 10, now=NOW + 2 * MINUTE)) == 1


def test_an_advisor_with_a_phone_of_their_own_is_rung_meanwhile(session: Session) -> None:
    on_shared_phone(session), on_shared_phone(session), on_duty(session)
    a_callback(session), a_callback(session), a_callback(session)
    attempts = callback_offers.offer_due_callbacks(session, 10, now=NOW)
    assert len({attempt.advisor_phone for attempt in attempts}) == len(attempts) == 2


def test_an_advisor_is_never_connected_with_their_own_phone(session: Session) -> None:
    advisor = on_duty(session)
    callback = a_callback(session, a_lead(session, advisor.phone))
    assert callback_offers.offer_due_callbacks(session, 10, now=NOW) == []
    assert held_for(callback) == [RefusalReason.NUMBER_POLICY]


def test_a_number_that_rings_is_offered_to_nobody_else(session: Session) -> None:
    callback, advisor = a_callback(session), on_duty(session)
    phone = lead_of(session, callback).phone
    under_way = a_callback(session, state="calling")
    an_attempt(session, under_way, on_duty(session), phone=phone)
    assert callback_offers.offer_due_callbacks(session, 10, now=NOW) == []
    assert queue.claim_next_callback(session, advisor, now=NOW) is None
    queue.claim_callback(session, callback, advisor, now=NOW)
    with pytest.raises(NotNow, match="on another call"):
        queue.start_call(session, callback, advisor, now=NOW)


def test_a_colleague_on_the_shared_phone_has_to_wait_to_call_by_hand(session: Session) -> None:
    on_shared_phone(session)
    a_callback(session)
    assert callback_offers.offer_next_callback(session, now=NOW)
    second, colleague = a_callback(session), on_duty(session)
    colleague.phone = SHARED
    queue.claim_callback(session, second, colleague, now=NOW)
    with pytest.raises(NotNow, match="on another call"):
        queue.start_call(session, second, colleague, now=NOW)


def test_a_phone_that_is_not_known_is_nobodys(session: Session) -> None:
    for _ in range(2):
        on_duty(session).phone = ""
        a_callback(session)
    session.flush()
    assert len(callback_offers.offer_due_callbacks(session, 10, by_hand=True, now=NOW)) == 2


@pytest.mark.parametrize("column", ["phone", "advisor_phone"])
def test_the_database_keeps_a_phone_in_one_live_call(session: Session, column: str) -> None:
    an_attempt(session, a_callback(session), on_duty(session), **{column: SHARED})
    an_attempt(session, a_callback(session), on_duty(session), state="ended", **{column: SHARED})
    with pytest.raises(IntegrityError):
        an_attempt(session, a_callback(session), on_duty(session), **{column: SHARED})
    session.rollback()


def test_many_workers_at_once_ring_a_shared_phone_once(database: str) -> None:
    with transaction() as session:
        a_source(session)
        for _ in range(4):
            on_shared_phone(session)
            a_callback(session)

    def offer(_number: int) -> None:
        with transaction() as session:
            callback_offers.offer_due_callbacks(session, 4, now=NOW)

    failures = [failure for failure in at_once(4, offer) if failure]
    assert all(isinstance(failure, LostRace) for failure in failures)
    with reader() as session:
        is_live = col(CallAttempt.state).in_(LIVE_ATTEMPT)
        phones = session.exec(select(CallAttempt.advisor_phone).where(is_live)).all()
        states = sorted(str(state) for state in session.exec(select(Callback.state)))
    assert phones == [SHARED]
    assert states == ["calling", "waiting", "waiting", "waiting"]


# PostgreSQL takes any index of a table that is as small as here
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_phones_in_calls_are_looked_up_by_number_and_never_listed(session: Session) -> None:
    asked: list[tuple[str, Any]] = []
    connection = session.connection()

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        asked.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    due_order.lock_due_callbacks(session, 1, now=NOW)
    statement, parameters = asked[0]
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    steps = "\n".join(str(row[-1]) for row in plan)
    assert "attempt_one_live_per_phone" in steps
    assert "attempt_one_live_per_advisor_phone" in steps
