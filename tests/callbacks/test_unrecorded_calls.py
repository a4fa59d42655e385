"""Nobody is closed by silence: what a wrap-up that ran out leaves, and who says it later."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlmodel import Session

from leads.alerting import conditions
from leads.callbacks import callback_offers, completion, queue, unrecorded_calls
from leads.callbacks.wrap_up_time import WRAP_UP_BY_KEYPAD
from leads.calls import keypad_wrap_up, manual_dialing, progress
from leads.errors import NotAllowed, NotNow
from leads.free_text.danger import DangerKind
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.dispositions import Disposition
from leads.models.enums import AlertKind, CallbackState, LegStatus, OutboxKind, Result
from leads.outbox import call_orders, orders
from leads.people import availability, presence
from leads.read_models import advisor_desk, callback_board
from tests.conftest import NOW
from tests.support import people
from tests.support.people import DAY, HOUR, MINUTE

NEW_YORK = ZoneInfo("America/New_York")
SECOND = timedelta(seconds=1)
RUN_OUT = NOW + WRAP_UP_BY_KEYPAD + SECOND
ASKED_TWICE = RUN_OUT + unrecorded_calls.SECOND_RING + SECOND


def a_silent_wrap_up(session: Session) -> tuple[Callback, Advisor, CallAttempt]:
    """Whoever took the call by phone hung up without a key, and did not answer the second ring."""
    attempt = people.a_conversation(session)
    advisor = people.advisor_of(session, attempt)
    for at in (RUN_OUT, ASKED_TWICE):
        assert queue.expire_leases(session, now=at) == 1
    session.flush()
    return people.callback_of(session, attempt), advisor, attempt


def test_nothing_rings_into_the_thanks_for_an_outcome(session: Session) -> None:
    attempt = people.a_conversation(session)
    queue.expire_leases(session, now=RUN_OUT)
    call_orders.take_due_orders(session, 9, now=RUN_OUT)
    orders.mark_orders_sent(
        session, *[one.id for one in people.orders(session, OutboxKind.ASK_OUTCOME)], now=RUN_OUT
    )
    people.a_callback(session, people.a_lead(session, "+13155550143"), any_hour=True)
    pressed = RUN_OUT + 10 * SECOND
    assert keypad_wrap_up.apply_keypad_digit(session, attempt.id, "1", now=pressed)
    assert callback_offers.offer_next_callback(session, now=pressed) is None
    later = RUN_OUT + availability.ASKED_WITHIN + SECOND
    offer = callback_offers.offer_next_callback(session, now=later)
    assert offer is not None
    assert offer.advisor_id == attempt.advisor_id


def test_an_advisor_with_only_a_phone_is_rung_once_more_before_others_are_asked(
    session: Session,
) -> None:
    attempt = people.a_conversation(session)
    callback = people.callback_of(session, attempt)
    queue.expire_leases(session, now=RUN_OUT)
    [order] = people.orders(session, OutboxKind.ASK_OUTCOME)
    assert (order.attempt_id, callback.state) == (attempt.id, CallbackState.WRAP_UP)
    assert (
        callback_offers.offer_next_callback(session, now=RUN_OUT) is None
    )  # nothing rings into the answer
    assert keypad_wrap_up.is_keypad_wrap_up_needed(session, attempt.id, now=RUN_OUT)

    queue.expire_leases(session, now=ASKED_TWICE)
    assert len(people.orders(session, OutboxKind.ASK_OUTCOME)) == 1
    assert (callback.state, people.held_for(callback)) == ("waiting", ["unrecorded_call"])
    assert people.lead_of(session, callback).state == "open"
    [alert] = conditions.current_conditions(session, now=ASKED_TWICE)
    assert alert.kind == AlertKind.UNRECORDED
    assert alert.count == 1
    assert alert.since == ASKED_TWICE


def test_it_is_a_try_and_no_contact_until_somebody_says_so(session: Session) -> None:
    callback, advisor, attempt = a_silent_wrap_up(session)
    assert (callback.first_rung_at, callback.first_conversation_at) == (NOW, None)
    assert (attempt.result, attempt.rung_at) == (Result.UNKNOWN, NOW)
    unrecorded_calls.record_late_disposition(
        session, callback, advisor, Disposition.HELPED, now=NOW + HOUR
    )
    assert (callback.state, callback.disposition) == ("completed", "helped")
    assert (callback.first_conversation_at, attempt.result) == (NOW, Result.CONVERSATION)
    assert people.lead_of(session, callback).close_reason == "helped"
    assert people.held_for(callback) == []
    assert conditions.current_conditions(session, now=NOW + DAY) == []


@pytest.mark.parametrize("seconds", [4, 9, 10])
def test_a_short_call_is_contact_only_when_somebody_says_so(session: Session, seconds: int) -> None:
    is_contact = seconds == 10
    attempt = people.a_live_call(session, "bridged")
    callback = people.callback_of(session, attempt)
    callback.danger, callback.danger_at = DangerKind.SELF, NOW
    over = NOW + seconds * SECOND
    progress.apply_leg_report(session, people.of_lead(attempt, LegStatus.COMPLETED), now=over)
    assert (callback.state, callback.first_conversation_at is not None) == ("wrap_up", is_contact)
    assert (attempt.result == Result.CONVERSATION) is is_contact
    alerts = {alert.kind for alert in conditions.current_conditions(session, now=over)}
    assert (AlertKind.DANGER in alerts) is not is_contact
    advisor = people.advisor_of(session, attempt)
    completion.dispose_callback(session, callback, advisor, Disposition.HELPED, now=over)
    assert (callback.first_conversation_at, attempt.result) == (NOW, Result.CONVERSATION)


def test_whoever_took_the_call_by_phone_is_asked_though_their_shift_is_over(
    session: Session,
) -> None:
    attempt = people.a_live_call(session, "bridged")
    advisor = people.advisor_of(session, attempt)
    advisor.on_duty_until = NOW + MINUTE
    later = NOW + 24 * MINUTE
    progress.apply_leg_report(session, people.of_lead(attempt, LegStatus.COMPLETED), now=later)
    assert keypad_wrap_up.is_keypad_wrap_up_needed(session, attempt.id, now=later)
    assert keypad_wrap_up.apply_keypad_digit(session, attempt.id, "1", now=later)
    assert people.callback_of(session, attempt).disposition == "helped"


def test_the_desk_asks_its_advisor_and_the_board_asks_supervisors(session: Session) -> None:
    callback, advisor, _ = a_silent_wrap_up(session)
    other, boss = people.an_advisor(session), people.a_supervisor(session)
    [asked] = advisor_desk.read_desk(session, advisor.id, now=ASKED_TWICE).unrecorded
    assert (asked.callback_id, asked.at) == (callback.id, NOW)
    assert advisor_desk.read_desk(session, other.id, now=ASKED_TWICE).unrecorded == ()
    [row] = callback_board.list_open_callbacks(session, boss, now=ASKED_TWICE)
    assert "recorded no outcome" in row.hold
    assert "dispose" in row.events
    with pytest.raises(NotAllowed):
        unrecorded_calls.record_late_disposition(
            session, callback, other, Disposition.HELPED, now=ASKED_TWICE
        )
    unrecorded_calls.record_late_disposition(
        session, callback, boss, Disposition.DECLINED, now=ASKED_TWICE
    )
    with pytest.raises(NotNow, match="on record"):
        unrecorded_calls.record_late_disposition(
            session, callback, advisor, Disposition.HELPED, now=ASKED_TWICE
        )
    assert callback.disposition == "declined"


def test_a_machine_that_had_answered_costs_a_try_and_they_are_rung_again(session: Session) -> None:
    callback, advisor, attempt = a_silent_wrap_up(session)
    manual_dialing.record_late_voicemail(session, callback, advisor, now=ASKED_TWICE)
    assert callback.state == "waiting"
    assert callback.misses == 1
    assert people.held_for(callback) == []
    assert (attempt.result, callback.first_conversation_at) == (Result.LEAD_VOICEMAIL, None)
    assert callback.due_at == ASKED_TWICE + 10 * MINUTE


def test_whoever_had_asked_for_another_call_gets_it(session: Session) -> None:
    callback, advisor, _ = a_silent_wrap_up(session)
    with pytest.raises(NotNow, match="Choose when"):
        unrecorded_calls.record_late_disposition(
            session, callback, advisor, Disposition.CALL_AGAIN, now=ASKED_TWICE
        )
    unrecorded_calls.reschedule_late(session, callback, advisor, due_at=NOW + DAY, now=ASKED_TWICE)
    assert callback.state == "waiting"
    assert callback.due_at == NOW + DAY
    assert people.held_for(callback) == []
    assert callback.disposition == "call_again"


def test_a_disposition_of_another_version_is_not_overwritten(session: Session) -> None:
    attempt = people.a_conversation(session)
    callback = people.callback_of(session, attempt)
    session.execute(
        text("UPDATE callback SET disposition = 'of_another_version' WHERE id = :id"),
        {"id": callback.id},
    )
    session.expire_all()
    queue.expire_leases(session, now=RUN_OUT)
    stored = text("SELECT state, disposition FROM callback WHERE id = :id")
    assert session.execute(stored, {"id": callback.id}).one() == ("waiting", "of_another_version")
    assert people.held_for(callback) == ["unrecorded_call"]


@pytest.mark.parametrize("day", [4, 234])  # before the clocks change in March and in November
def test_tomorrow_is_the_same_time_on_their_wall(session: Session, day: int) -> None:
    callback = people.a_callback(session)
    now = NOW + day * DAY
    tomorrow = completion.same_time_tomorrow(session, callback, now=now)
    assert abs((tomorrow - now) - DAY) <= HOUR
    assert tomorrow.astimezone(NEW_YORK).time() == now.astimezone(NEW_YORK).time()


def test_somebody_at_a_desk_has_the_time_of_a_desk_and_no_second_ring(session: Session) -> None:
    attempt = people.a_live_call(session, "bridged")
    advisor = people.advisor_of(session, attempt)
    presence.set_advisor_available(session, advisor, now=NOW)
    progress.apply_leg_report(session, people.of_lead(attempt, LegStatus.COMPLETED), now=NOW)
    over = NOW + people.WRAP_UP + SECOND
    presence.record_presence_heartbeat(session, advisor.id, now=over)
    session.expire_all()
    queue.expire_leases(session, now=over)
    assert people.orders(session, OutboxKind.ASK_OUTCOME) == []
    assert people.held_for(people.callback_of(session, attempt)) == ["unrecorded_call"]
