"""What fails on our side costs nobody a try, and goes on once it is mended."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import Session

from leads.alerting import conditions
from leads.callbacks import callback_offers, unplaced_calls
from leads.calls import progress
from leads.contact_rules import confirmed_numbers
from leads.errors import NotAllowed
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import OUR_FAULTS, AlertKind, HoldReason, LegStatus, Result
from tests.conftest import NOW
from tests.support import people
from tests.support.people import DAY, MINUTE


def an_unplaced_call(
    session: Session, fault: HoldReason, *, phone: str = ""
) -> tuple[Callback, CallAttempt]:
    callback = people.a_callback(session, people.a_lead(session, phone))
    attempt = people.an_accepted_call(session, callback)
    report = replace(people.of_lead(attempt, LegStatus.FAILED), fault=fault)
    progress.apply_leg_report(session, report, now=NOW)
    return callback, attempt


@pytest.mark.parametrize("fault", OUR_FAULTS)
def test_it_costs_no_try_and_no_figure_and_is_alerted_by_name(
    session: Session, fault: HoldReason
) -> None:
    callback, attempt = an_unplaced_call(session, fault)
    assert callback.state == "waiting"
    assert callback.misses == 0
    assert callback.due_at == NOW
    assert (callback.first_rung_at, attempt.rung_at) == (None, None)
    assert attempt.result == Result.CARRIER_ERROR
    assert people.advisor_of(session, attempt).missed_in_a_row == 0
    assert people.held_for(callback) == [fault]
    [alert] = conditions.current_conditions(session, now=NOW)
    assert (alert.kind, alert.count) == (AlertKind.NOT_PLACED, 1)
    assert callback_offers.offer_next_callback(session, now=NOW) is None


def test_they_go_on_when_a_call_of_the_same_helpline_gets_through(session: Session) -> None:
    callback, _ = an_unplaced_call(session, HoldReason.CALLER_ID_REFUSED)
    assert unplaced_calls.lift_mended_faults(session, now=NOW + MINUTE) == 0
    a_call_that_got_through(session)
    assert unplaced_calls.lift_mended_faults(session, now=NOW + 2 * MINUTE) == 1
    assert (callback.is_held, callback.due_at) == (False, NOW)


def test_a_country_is_permitted_when_a_call_there_gets_through(session: Session) -> None:
    for number in ("+12045550142", "+12045550143"):
        confirmed_numbers.confirm_number(session, number, by="advisor:1", now=NOW)
    callback, _ = an_unplaced_call(session, HoldReason.COUNTRY_NOT_PERMITTED, phone="+12045550142")
    a_call_that_got_through(session)
    assert unplaced_calls.lift_mended_faults(session, now=NOW + 2 * MINUTE) == 0
    a_call_that_got_through(session, phone="+12045550143")
    assert unplaced_calls.lift_mended_faults(session, now=NOW + 2 * MINUTE) == 1
    assert not callback.is_held


def test_what_fails_again_and_again_waits_for_a_person(session: Session) -> None:
    callback, _ = an_unplaced_call(session, HoldReason.CALL_NOT_PLACED)
    a_call_that_got_through(session)
    for _ in range(unplaced_calls.MOST_LIFTED_BY_CLOCK):
        assert unplaced_calls.lift_mended_faults(session, now=NOW + MINUTE) == 1
        people.hold_back(session, callback, "call_not_placed")
    assert unplaced_calls.lift_mended_faults(session, now=NOW + MINUTE) == 0


def test_a_supervisor_has_all_of_them_tried_again(session: Session) -> None:
    callbacks = [an_unplaced_call(session, fault)[0] for fault in OUR_FAULTS]
    people.hold_back(session, callbacks[0], "call_lost")
    with pytest.raises(NotAllowed):
        unplaced_calls.retry_unplaced_calls(session, people.an_advisor(session), now=NOW)
    boss = people.a_supervisor(session)
    assert unplaced_calls.retry_unplaced_calls(session, boss, now=NOW) == len(OUR_FAULTS)
    assert [people.held_for(callback) for callback in callbacks] == [["call_lost"], [], [], []]


def test_a_leg_that_rang_before_it_failed_was_a_try(session: Session) -> None:
    attempt = people.an_accepted_call(session)
    progress.apply_leg_report(session, people.of_lead(attempt, LegStatus.RINGING), now=NOW)
    report = replace(people.of_lead(attempt, LegStatus.FAILED), fault=HoldReason.CALL_NOT_PLACED)
    progress.apply_leg_report(session, report, now=NOW)
    callback = people.callback_of(session, attempt)
    assert (callback.misses, callback.first_rung_at) == (1, NOW)


def test_a_number_not_in_service_is_asked_about_after_the_second_time(session: Session) -> None:
    lead = people.a_lead(session, email="jordan@example.org", any_hour=True)
    callback, now = people.a_callback(session, lead), NOW
    for held_for in ([], ["not_in_service"]):
        attempt = people.an_accepted_call(session, callback, now=now)
        progress.apply_leg_report(session, people.of_lead(attempt, LegStatus.FAILED), now=now)
        assert people.held_for(callback) == held_for
        now = callback.due_at
    found = {alert.kind: alert for alert in conditions.current_conditions(session, now=now + DAY)}
    assert found[AlertKind.NOT_IN_SERVICE].count == 1


def a_call_that_got_through(session: Session, *, phone: str = "") -> None:
    lead = people.a_lead(session, phone)
    attempt = people.an_accepted_call(session, people.a_callback(session, lead), now=NOW + MINUTE)
    report = people.of_lead(attempt, LegStatus.NO_ANSWER)
    progress.apply_leg_report(session, report, now=NOW + 2 * MINUTE)
