"""An alert goes up each step once, until somebody looks into it, and closes with its cause."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from leads.alerting import conditions, escalation, escalation_settings, on_call, scheduler_heartbeat
from leads.database.transactions import reader, transaction
from leads.database.wakeups import Wakeup
from leads.errors import BadConfiguration, FailureKind, LostRace, NotAllowed
from leads.free_text.danger import DangerKind
from leads.i18n.messages import Message, MessageKey
from leads.models.advisors import Advisor
from leads.models.enums import AdvisorRole, AlertKind, CallbackState, NoticeMethod
from leads.models.helplines import Brand
from leads.models.outbox import Outbox
from leads.models.watching import Alert
from leads.outbox import call_orders, supervisor_notices
from leads.people import accounts
from leads.people.permissions import OPERATOR
from leads.read_models import page_changes
from leads.read_models.page_changes import Topic
from tests.conftest import NOW
from tests.support.people import (
    DAY,
    HOUR,
    MINUTE,
    a_call,
    a_callback,
    a_submission,
    a_supervisor,
    an_advisor,
    notices,
    orders,
)

ALL = frozenset(NoticeMethod)
SECOND = timedelta(seconds=1)
REFUSED = {
    "problem": Message(MessageKey.TWILIO_REFUSED, code=20003),
    "failure": FailureKind.NETWORK,
}


def look(session: Session, at: datetime, *, times: int = 2) -> None:
    """Twice, as two processes do."""
    for _ in range(times):
        escalation.evaluate_alerts(session, ways=ALL, now=at)


def told(session: Session) -> list[tuple[NoticeMethod, str]]:
    return [(notice.way, notice.address) for notice in notices(session)]


def the_alerts(session: Session) -> list[Alert]:
    return list(session.exec(select(Alert).order_by(col(Alert.id))))


def looks_into_it(session: Session, person: Advisor, at: datetime) -> None:
    [shown] = escalation.list_current_alerts(session, now=at)
    escalation.acknowledge_alert(session, person, kind=shown.kind, about=shown.about, now=at)


def test_somebody_not_rung_is_shown_then_sent_then_rung_about_and_each_of_it_once(
    session: Session,
) -> None:
    a_callback(session)
    boss = a_supervisor(session)
    look(session, NOW + 3 * MINUTE - SECOND)
    assert (
        escalation.list_current_alerts(session, now=NOW + 3 * MINUTE - SECOND)
        == the_alerts(session)
        == []
    )

    opened_at = NOW + 3 * MINUTE
    look(session, opened_at)
    [shown], [alert] = escalation.list_current_alerts(session, now=opened_at), the_alerts(session)
    assert (
        shown.sentence == alert.sentence == "Harbor Line: callbacks more than 3 minutes overdue: 1."
    )
    assert alert.kind == "overdue"
    assert alert.since == NOW
    assert alert.opened_at == opened_at
    assert alert.step == "screens"
    look(session, NOW + 5 * MINUTE - SECOND)
    assert told(session) == []

    look(session, NOW + 5 * MINUTE)
    messages = [("text", boss.phone), ("email", boss.email), ("channel", "")]
    assert told(session) == messages
    look(session, NOW + 15 * MINUTE - SECOND)
    assert told(session) == messages
    look(session, NOW + 15 * MINUTE)
    look(session, NOW + DAY)
    assert told(session) == [*messages, ("call", boss.phone)]
    assert [alert.step for alert in the_alerts(session)] == ["call"]


def test_words_of_danger_are_sent_at_once_and_rung_about_until_somebody_looks(
    session: Session,
) -> None:
    boss = a_supervisor(session)
    a_callback(session, due_at=NOW + DAY, danger=DangerKind.NOW, danger_at=NOW)
    look(session, NOW)
    messages = [("text", boss.phone), ("email", boss.email), ("channel", "")]
    assert told(session) == messages
    look(session, NOW + 10 * MINUTE)
    assert told(session) == [*messages, ("call", boss.phone)]
    looks_into_it(session, boss, NOW + 11 * MINUTE)
    a_callback(session, due_at=NOW + DAY, danger=DangerKind.SELF, danger_at=NOW + 12 * MINUTE)
    look(session, NOW + 12 * MINUTE)
    assert [alert.kind for alert in the_alerts(session)] == ["danger", "danger"]
    assert told(session)[4:] == messages


def test_danger_that_joins_one_before_its_call_is_sent_again_every_five_minutes_at_most(
    session: Session,
) -> None:
    boss = a_supervisor(session)
    messages = [("text", boss.phone), ("email", boss.email), ("channel", "")]
    waits = {"due_at": NOW + DAY, "danger": DangerKind.NOW}
    a_callback(session, **waits, danger_at=NOW)
    look(session, NOW)
    a_callback(session, **waits, danger_at=NOW + MINUTE)
    a_callback(session, **waits, danger_at=NOW + 2 * MINUTE)
    look(session, NOW + 5 * MINUTE - SECOND)
    assert told(session) == messages
    for minutes in (5, 9):
        look(session, NOW + minutes * MINUTE)
    assert told(session) == 2 * messages
    a_callback(session, **waits, danger_at=NOW + 9 * MINUTE)
    look(session, NOW + 10 * MINUTE)
    assert told(session) == [*(3 * messages), ("call", boss.phone)]
    look(session, NOW + HOUR)
    assert len(told(session)) == 10
    assert [alert.step for alert in the_alerts(session)] == ["call"]


def test_danger_is_sent_again_where_a_helpline_has_nobody_rung(session: Session) -> None:
    a_supervisor(session)
    callback = a_callback(session, due_at=NOW + DAY, danger=DangerKind.NOW, danger_at=NOW)
    brand = session.get_one(Brand, callback.brand_id)
    escalation_settings.set_escalation_steps(session, brand.name, call=0)
    look(session, NOW)
    a_callback(session, due_at=NOW + DAY, danger=DangerKind.SELF, danger_at=NOW + MINUTE)
    look(session, NOW + 2 * MINUTE)
    assert len(told(session)) == 3
    look(session, NOW + 5 * MINUTE)
    assert len(told(session)) == 6
    assert len(the_alerts(session)) == 1


def test_danger_that_joins_one_about_which_somebody_was_rung_in_vain_is_sent_at_once(
    session: Session,
) -> None:
    boss = a_supervisor(session)
    a_callback(session, due_at=NOW + DAY, danger=DangerKind.NOW, danger_at=NOW)
    look(session, NOW)
    look(session, NOW + 10 * MINUTE)
    look(session, NOW + 11 * MINUTE)
    assert [way for way, _ in told(session)[3:]] == ["call"]
    a_callback(session, due_at=NOW + DAY, danger=DangerKind.SELF, danger_at=NOW + HOUR)
    look(session, NOW + HOUR)
    assert told(session)[4:] == [("text", boss.phone), ("email", boss.email), ("channel", "")]


def test_whoever_is_not_due_yet_is_not_overdue(session: Session) -> None:
    a_callback(session, due_at=NOW + 10 * HOUR)  # the rules let nobody ring before
    a_callback(session, promised_at=NOW + 10 * HOUR, due_at=NOW)
    a_callback(session, first_rung_at=NOW, due_at=NOW + 10 * HOUR)
    a_callback(session, state=CallbackState.CANCELLED)
    assert conditions.current_conditions(session, now=NOW + HOUR) == []
    assert [
        found.since for found in conditions.current_conditions(session, now=NOW + 11 * HOUR)
    ] == [NOW + 10 * HOUR, NOW + 10 * HOUR]


def test_whoever_waits_for_a_decision_is_an_alert_of_its_own(session: Session) -> None:
    a_callback(session, hold="It is not safe to call: a person decides.")
    a_callback(session, hold="A call was lost: look before ringing again.", first_rung_at=NOW)
    assert conditions.current_conditions(session, now=NOW + 3 * MINUTE - SECOND) == []
    [found] = conditions.current_conditions(session, now=NOW + 3 * MINUTE)
    assert (found.kind, found.since) == (AlertKind.HELD, NOW)
    assert found.sentence == "Harbor Line: people held until a supervisor decides: 2."
    a_callback(session)
    kinds = [found.kind for found in conditions.current_conditions(session, now=NOW + 3 * MINUTE)]
    assert kinds == [AlertKind.OVERDUE, AlertKind.HELD]


def test_a_supervisor_who_looks_into_it_stops_the_ladder_under_their_name(session: Session) -> None:
    a_callback(session)
    boss, at = a_supervisor(session), NOW + 4 * MINUTE
    look(session, at)
    looks_into_it(session, boss, at + SECOND)
    [shown], [alert] = escalation.list_current_alerts(session, now=at + MINUTE), the_alerts(session)
    assert (shown.looking, shown.looking_since) == (boss.name, at + SECOND)
    assert (alert.acknowledged_by, alert.acknowledged_at) == (boss.id, at + SECOND)
    look(session, NOW + DAY)
    assert told(session) == []
    with pytest.raises(LostRace, match="Someone already acknowledged it"):
        looks_into_it(session, a_supervisor(session), at + 2 * MINUTE)


def test_an_alert_can_be_acknowledged_before_the_clock_has_seen_it(session: Session) -> None:
    a_callback(session)
    boss = a_supervisor(session)
    looks_into_it(session, boss, NOW + 4 * MINUTE)
    look(session, NOW + 20 * MINUTE)
    assert [alert.acknowledged_by for alert in the_alerts(session)] == [boss.id]
    assert told(session) == []


def test_what_was_not_sent_yet_is_not_sent_after_it(session: Session) -> None:
    a_callback(session)
    boss = a_supervisor(session)
    look(session, NOW + 3 * MINUTE)
    look(session, NOW + 5 * MINUTE)
    looks_into_it(session, boss, NOW + 5 * MINUTE)
    assert supervisor_notices.take_due_notices(session, 10, ways=ALL, now=NOW + 6 * MINUTE) == []
    assert set(session.exec(select(Outbox.state))) == {"failed"}
    assert (
        supervisor_notices.count_failed_notices(session, now=NOW + 6 * MINUTE)[0] == 0
    )  # that is no failure


def test_a_process_with_no_way_to_tell_leaves_that_to_one_that_has(session: Session) -> None:
    a_callback(session)
    boss = a_supervisor(session)
    for minutes in (3, 5):
        escalation.evaluate_alerts(session, ways=(), now=NOW + minutes * MINUTE)
    escalation.evaluate_alerts(session, ways={NoticeMethod.EMAIL}, now=NOW + 5 * MINUTE)
    assert told(session) == [("email", boss.email)]
    assert (
        supervisor_notices.take_due_notices(
            session, 1, ways={NoticeMethod.TEXT}, now=NOW + 5 * MINUTE
        )
        == []
    )
    assert (
        len(
            supervisor_notices.take_due_notices(
                session, 1, ways={NoticeMethod.EMAIL}, now=NOW + 5 * MINUTE
            )
        )
        == 1
    )


def test_only_a_supervisor_may_say_so(session: Session) -> None:
    a_callback(session)
    with pytest.raises(NotAllowed):
        looks_into_it(session, an_advisor(session), NOW + 4 * MINUTE)


def test_who_joins_much_later_is_a_new_alert_with_a_ladder_of_its_own(session: Session) -> None:
    a_callback(session)
    boss = a_supervisor(session)
    looks_into_it(session, boss, NOW + 4 * MINUTE)
    a_callback(session, due_at=NOW + 30 * MINUTE)
    look(session, NOW + 33 * MINUTE)
    assert len(the_alerts(session)) == 1, "within half an hour it is the same thing"
    a_callback(session, due_at=NOW + 32 * MINUTE)
    look(session, NOW + 36 * MINUTE)
    first, second = the_alerts(session)
    assert first.closed_at == NOW + 36 * MINUTE
    assert second.closed_at is None
    assert second.acknowledged_at is None
    look(session, NOW + 38 * MINUTE)
    assert {way for way, _ in told(session)} == {"text", "email", "channel"}


def test_it_closes_when_its_cause_is_gone_and_the_next_one_is_another(session: Session) -> None:
    callback = a_callback(session)
    look(session, NOW + 4 * MINUTE)
    callback.first_rung_at, callback.due_at = NOW + 5 * MINUTE, NOW + DAY
    session.flush()
    look(session, NOW + 6 * MINUTE)
    assert [alert.closed_at for alert in the_alerts(session)] == [NOW + 6 * MINUTE]
    assert told(session) == []
    a_callback(session, promised_at=NOW + HOUR)
    look(session, NOW + 2 * HOUR)
    assert [alert.closed_at is None for alert in the_alerts(session)] == [False, True]


def test_each_helpline_has_its_own_ladder_and_a_step_may_be_left_out(session: Session) -> None:
    a_callback(session)
    boss = a_supervisor(session)
    escalation_settings.set_escalation_steps(
        session, "Harbor Line", screens=10, messages=0, call=20
    )
    assert conditions.current_conditions(session, now=NOW + 10 * MINUTE - SECOND) == []
    look(session, NOW + 10 * MINUTE)
    look(session, NOW + 19 * MINUTE)
    assert told(session) == []
    look(session, NOW + 20 * MINUTE)
    assert told(session) == [("call", boss.phone)]


@pytest.mark.parametrize(
    "steps", [{"screens": 0}, {"messages": 2}, {"call": 4}, {"call": 1441}, {"screens": -1}]
)
def test_a_ladder_goes_up(session: Session, steps: dict[str, int]) -> None:
    a_callback(session)
    with pytest.raises(BadConfiguration, match="each step later"):
        escalation_settings.set_escalation_steps(session, "Harbor Line", **steps)
    assert session.exec(
        select(Brand.screens_after, Brand.messages_after, Brand.call_after)
    ).one() == (3, 5, 15)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("shift", "at", "is_on_call"),
    [
        (
            "mon-fri 18:00 08:00 America/New_York",
            "2026-03-03T22:59:59Z",
            False,
        ),  # Tuesday, a second to six
        ("mon-fri 18:00 08:00 America/New_York", "2026-03-03T23:00:00Z", True),
        ("mon-fri 18:00 08:00 America/New_York", "2026-03-04T12:59:59Z", True),
        ("mon-fri 18:00 08:00 America/New_York", "2026-03-04T13:00:00Z", False),
        (
            "mon-fri 18:00 08:00 America/New_York",
            "2026-03-07T12:00:00Z",
            True,
        ),  # Friday's shift, on Saturday morning
        ("mon-fri 18:00 08:00 America/New_York", "2026-03-08T03:00:00Z", False),  # Saturday evening
        (
            "sat 18:00 08:00 America/New_York",
            "2026-03-08T12:30:00Z",
            False,
        ),  # clocks went forward: half past eight
        ("fri-mon 09:00 17:00 UTC", "2026-03-08T12:00:00Z", True),
        ("fri-mon 09:00 17:00 UTC", "2026-03-03T12:00:00Z", False),
        ("tue,thu 00:00 00:00 UTC", "2026-03-03T23:59:59Z", True),
        ("tue,thu 00:00 00:00 UTC", "2026-03-04T00:00:00Z", False),
    ],
)
def test_hours_on_call_are_those_of_the_supervisors_clock(
    session: Session, shift: str, at: str, *, is_on_call: bool
) -> None:
    boss, other = a_supervisor(session), a_supervisor(session)
    days, begins, ends, zone = shift.split()
    on_call.add_on_call_shift(
        session, boss, days=days, begins=begins, ends=ends, zone=zone, actor=boss, now=NOW
    )
    expected = [boss.email] if is_on_call else [boss.email, other.email]
    assert (
        on_call.addresses_to_alert(
            session, NoticeMethod.EMAIL, now=datetime.fromisoformat(at).astimezone(UTC)
        )
        == expected
    )


def test_whoever_on_call_has_no_phone_leaves_the_call_to_all_supervisors(session: Session) -> None:
    words = {
        "name": "Kim",
        "email": "kim@example.org",
        "phone_number": "",
        "role": AdvisorRole.SUPERVISOR,
    }
    kim, boss = accounts.add_advisor(session, **words, now=NOW), a_supervisor(session)
    on_call.add_on_call_shift(
        session,
        kim,
        days="mon-sun",
        begins="00:00",
        ends="00:00",
        zone="UTC",
        actor=kim,
        now=NOW,
    )
    assert on_call.addresses_to_alert(session, NoticeMethod.EMAIL, now=NOW) == [kim.email]
    assert on_call.addresses_to_alert(session, NoticeMethod.CALL, now=NOW) == [boss.phone]
    on_call.clear_on_call_shifts(session, kim, boss, now=NOW)
    assert on_call.addresses_to_alert(session, NoticeMethod.EMAIL, now=NOW) == [
        kim.email,
        boss.email,
    ]


@pytest.mark.parametrize(
    "mistake",
    [{"days": "mon-"}, {"days": "someday"}, {"begins": "24:00"}, {"ends": "8"}, {"zone": "Mars"}],
)
def test_a_shift_that_nobody_understands_is_refused(
    session: Session, mistake: dict[str, str]
) -> None:
    shift: dict[str, Any] = {"days": "mon", "begins": "9:00", "ends": "17:00", "zone": "UTC"}
    shift |= {"actor": OPERATOR, "now": NOW}
    with pytest.raises(BadConfiguration):
        on_call.add_on_call_shift(session, a_supervisor(session), **{**shift, **mistake})
    with pytest.raises(NotAllowed):
        on_call.add_on_call_shift(session, an_advisor(session), **shift)


def test_a_scheduler_that_falls_silent_is_noticed_by_the_others(session: Session) -> None:
    assert conditions.current_conditions(session, now=NOW) == [], "none has ever run"
    for seconds in range(0, 60, 2):
        scheduler_heartbeat.record_heartbeat(session, now=NOW + seconds * SECOND)
    assert conditions.current_conditions(session, now=NOW + 110 * SECOND) == []
    [found] = conditions.current_conditions(session, now=NOW + 3 * MINUTE)
    assert (found.kind, found.since) == (AlertKind.SCHEDULER, NOW + 50 * SECOND)
    scheduler_heartbeat.record_heartbeat(session, now=NOW + 4 * MINUTE)
    assert conditions.current_conditions(session, now=NOW + 4 * MINUTE) == []


def test_a_phone_network_that_refuses_is_told_of_until_it_rings_again(session: Session) -> None:
    a_call(session)
    [order] = orders(session)
    order.tries = 1
    call_orders.mark_order_failed(session, order, **REFUSED, now=NOW)
    session.flush()
    [found] = conditions.current_conditions(session, now=NOW + MINUTE)
    assert (found.kind, found.sentence) == (
        AlertKind.NETWORK,
        "The phone network is rejecting calls. Twilio rejected it (error 20003).",
    )
    session.add(
        Outbox(
            kind="place_call",
            attempt_id=order.attempt_id,
            state="sent",
            tries=1,
            created_at=NOW,
            due_at=NOW,
        )
    )
    session.flush()
    assert conditions.current_conditions(session, now=NOW + MINUTE) == []


def test_a_refusal_of_the_phone_network_is_news_to_open_pages(session: Session) -> None:
    a_call(session)
    [order] = orders(session)
    order.tries = 1
    before = page_changes.read_page_snapshot(session, now=NOW).fingerprint_by_topic(0)
    session.info.pop("wakeups")
    call_orders.mark_order_failed(session, order, **REFUSED, now=NOW)
    after = page_changes.read_page_snapshot(session, now=NOW).fingerprint_by_topic(0)
    assert {topic for topic in Topic if after[topic] != before[topic]} == {
        Topic.BOARD,
        Topic.REVIEW,
        Topic.WALL,
        Topic.WORK,
    }
    assert session.info["wakeups"] == {Wakeup.DESK}


def test_what_waits_for_a_decision_climbs_as_well(session: Session) -> None:
    boss = a_supervisor(session)
    a_submission(session, state="needs_review")
    look(session, NOW + 6 * MINUTE)
    look(session, NOW + 8 * MINUTE)
    assert ("email", boss.email) in told(session)


# where it lives
def test_processes_that_look_at_the_same_instant_tell_once(database: str) -> None:
    with transaction() as session:
        a_callback(session)
        boss = a_supervisor(session)
    for at in (NOW + 3 * MINUTE, NOW + 15 * MINUTE):
        gate, failures = threading.Barrier(4), []

        def one_process(
            at: datetime = at, gate: threading.Barrier = gate, failures: list[object] = failures
        ) -> None:
            gate.wait()
            try:
                with transaction() as session:
                    escalation.evaluate_alerts(session, ways=ALL, now=at)
            except Exception as error:  # noqa: BLE001 - the test tells of it
                failures.append(error)

        threads = [threading.Thread(target=one_process) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
    with reader() as session:
        assert len(the_alerts(session)) == 1
        sent = [("text", boss.phone), ("email", boss.email), ("channel", ""), ("call", boss.phone)]
        assert told(session) == sent
