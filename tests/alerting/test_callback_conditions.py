"""Every promise is watched to its end, and who is given up is seen by somebody first."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from leads.alerting import callback_conditions, conditions, escalation
from leads.calls import progress
from leads.models.dispositions import Disposition
from leads.models.enums import AlertKind, CloseReason, LegStatus
from leads.people import availability, presence
from leads.read_models import given_up, system_status
from tests.conftest import NOW
from tests.support import people
from tests.support.people import DAY, HOUR, MINUTE

SECOND = timedelta(seconds=1)


def found(session: Session, now: datetime) -> dict[AlertKind, int]:
    return {one.kind: one.count for one in conditions.current_conditions(session, now=now)}


def test_a_late_retry_is_an_alert_like_a_late_first_call(session: Session) -> None:
    people.a_callback(session, first_rung_at=NOW - DAY, misses=1)
    assert found(session, NOW + 3 * MINUTE - SECOND) == {}
    assert found(session, NOW + 3 * MINUTE) == {AlertKind.OVERDUE_RETRY: 1}


def test_a_broken_promise_is_called_so(session: Session) -> None:
    said = {"first_rung_at": NOW - DAY, "disposition": Disposition.CALL_AGAIN}
    people.a_callback(session, **said)
    people.a_callback(session, **said, misses=1)  # rung in vain since
    people.a_callback(session, due_at=NOW + 10 * HOUR)
    assert found(session, NOW + 30 * MINUTE) == {
        AlertKind.BROKEN_PROMISE: 1,
        AlertKind.OVERDUE_RETRY: 1,
    }


def test_whoever_is_given_up_stays_an_alert_until_a_supervisor_looks(session: Session) -> None:
    callback = people.a_callback(session, misses=5, first_rung_at=NOW)
    attempt = people.an_accepted_call(session, callback)
    progress.apply_leg_report(session, people.of_lead(attempt, LegStatus.NO_ANSWER), now=NOW)
    assert callback.state == "exhausted"
    people.a_callback(
        session, state="exhausted", finished_at=NOW, close_reason=CloseReason.IMPORTED
    )  # others tried, elsewhere
    session.flush()
    assert found(session, NOW + DAY) == {AlertKind.GIVEN_UP: 1}
    boss = people.a_supervisor(session)
    [row] = given_up.list_given_up(session, boss, most=2, now=NOW + DAY)
    assert row.lead_id == callback.lead_id
    escalation.acknowledge_alert(
        session, boss, kind=AlertKind.GIVEN_UP, about=f"brand:{callback.brand_id}", now=NOW + DAY
    )
    assert found(session, NOW + DAY + SECOND) == {}
    later = people.a_callback(session, state="exhausted", finished_at=NOW + 2 * DAY)
    people.an_attempt(session, later, people.an_advisor(session), state="missed")
    assert found(session, NOW + 2 * DAY) == {AlertKind.GIVEN_UP: 1}


# PostgreSQL takes any index of a table that is as small as here
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_given_up_are_read_by_when_and_from_an_index_alone(session: Session) -> None:
    people.a_source(session)
    read: list[str] = []
    connection = session.connection()

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if "exhausted" in statement and "EXPLAIN" not in statement:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            read.extend(str(row[-1]) for row in plan)

    event.listen(connection, "after_cursor_execute", note)
    list(callback_conditions.callback_conditions(session, now=NOW))
    assert read == [
        "SEARCH callback USING COVERING INDEX callback_given_up (state=? AND finished_at>?)"
    ]


def test_calls_that_are_refused_at_once_raise_a_doubt_about_the_caller_id(
    session: Session,
) -> None:
    for number in range(3):
        assert AlertKind.CALLER_ID not in found(session, NOW + HOUR)
        attempt = people.an_accepted_call(session, now=NOW + number * MINUTE)
        at = NOW + number * MINUTE + SECOND
        progress.apply_leg_report(session, people.of_lead(attempt, LegStatus.BUSY), now=at)
    session.flush()
    assert found(session, NOW + 5 * MINUTE)[AlertKind.CALLER_ID] == 3
    attempt = people.an_accepted_call(session, now=NOW + 6 * MINUTE)
    at = NOW + 7 * MINUTE  # a phone rang
    progress.apply_leg_report(session, people.of_lead(attempt, LegStatus.NO_ANSWER), now=at)
    session.flush()
    assert AlertKind.CALLER_ID not in found(session, NOW + 8 * MINUTE)


def test_two_missed_rings_are_a_rest_and_not_the_end_of_a_night(session: Session) -> None:
    advisor = people.on_duty(session)
    for _ in range(presence.MOST_MISSES):
        presence.record_missed_offer(session, advisor, now=NOW)
    session.flush()
    assert availability.list_available_advisors(session, now=NOW) == []
    assert found(session, NOW) == {AlertKind.NOBODY_LEFT: 1}
    back = NOW + presence.REST_AFTER_MISSES
    assert presence.end_rests(session, now=back - SECOND) == 0
    assert presence.end_rests(session, now=back) == 1
    session.expire_all()
    assert availability.list_available_advisors(session, now=back) == [advisor]
    assert (advisor.missed_in_a_row, advisor.away_reason) == (0, "")
    assert found(session, back) == {}


def test_somebody_else_who_takes_calls_is_somebody_left(session: Session) -> None:
    advisor, _ = people.on_duty(session), people.on_duty(session)
    for _ in range(presence.MOST_MISSES):
        presence.record_missed_offer(session, advisor, now=NOW)
    session.flush()
    assert found(session, NOW) == {}


def test_a_desk_that_misses_two_rings_is_away_until_its_advisor_says_otherwise(
    session: Session,
) -> None:
    advisor = people.an_advisor(session)
    presence.set_advisor_available(session, advisor, now=NOW)
    for _ in range(presence.MOST_MISSES):
        presence.record_missed_offer(session, advisor, now=NOW)
    session.flush()
    assert presence.end_rests(session, now=NOW + DAY) == 0
    assert advisor.presence == "away"


def test_alerts_are_counted_by_kind_with_their_age(session: Session) -> None:
    people.a_callback(session, due_at=NOW - HOUR, promised_at=NOW - HOUR)
    people.a_callback(session)
    people.a_callback(session, first_rung_at=NOW - DAY, misses=1)
    counted = system_status.count_alerts(session, now=NOW + HOUR)
    assert [(one.kind, one.since, one.count) for one in counted] == [
        (AlertKind.OVERDUE, NOW - HOUR, 2),
        (AlertKind.OVERDUE_RETRY, NOW, 1),
    ]
