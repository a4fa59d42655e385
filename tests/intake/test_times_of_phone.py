"""People who share a phone: what one said of when it may ring bounds the calls to all of them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from leads.callbacks import completion
from leads.callbacks.rescheduling import RescheduleOutcome
from leads.calls import progress
from leads.contact_rules import gate
from leads.contact_rules.contact_history import load_contact_history
from leads.contact_rules.gate_rules import ContactChannel
from leads.contact_rules.lead_wishes import LeadWishes
from leads.contact_rules.stated_call_times import next_stated_time
from leads.database.transactions import reader, transaction
from leads.errors import NotNow
from leads.free_text.call_times import read_call_time
from leads.lead_records import lead_file
from leads.lifecycle.transitions import advance
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.dispositions import Disposition
from leads.models.enums import CallbackState, LegStatus
from leads.models.requests import AlsoSaid, Lead
from tests.conftest import NOW
from tests.support.people import (
    a_conversation,
    a_supervisor,
    an_accepted_call,
    held_for,
    of_lead,
    release_as_read,
)
from tests.support.sent_forms import NIGHT, NUMBER, rows, send, the

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NEW_YORK = ZoneInfo("America/New_York")
EVENING, NOON = 17, 12
HELD = ["times_of_phone"]


def due_hours() -> list[int]:
    return [one.due_at.astimezone(NEW_YORK).hour for one in rows(Callback)]


def holds() -> list[list[str]]:
    return [held_for(one) for one in rows(Callback)]


@pytest.mark.parametrize("wish", [{}, {"any_hour": True}, {"best_time": "any time"}])
def test_an_invented_name_is_not_rung_when_somebody_else_must_not_be(
    source: int, wish: dict[str, object]
) -> None:
    send(source, name="Mary", best_time="not before 5 pm")
    send(source, name="Zed", message="overdose", **wish)
    assert due_hours() == [EVENING, EVENING]
    assert holds() == [[], []]


def test_a_wish_counts_when_its_request_is_long_over(source: int) -> None:
    send(source, name="Mary", best_time="not before 5 pm")
    _close_everything()
    send(source, name="Zed", any_hour=True, at=NIGHT + 30 * DAY)
    send(source, name="Mary", any_hour=True, at=NIGHT + 30 * DAY)
    open_ones = [one for one in rows(Callback) if one.state == CallbackState.WAITING]
    assert [one.due_at.astimezone(NEW_YORK).hour for one in open_ones] == [EVENING, EVENING]
    assert {said.fact for said in rows(AlsoSaid)} == {"any_hour"}


def test_who_waits_is_put_off_by_what_another_says_later(source: int) -> None:
    send(source, name="John")
    send(source, name="Mary", best_time="evenings only")
    assert due_hours() == [EVENING, EVENING]
    assert holds() == [[], []]


@pytest.mark.parametrize(
    ("first", "second"),
    [("evening", "morning"), ("weekends only", "weekdays only"), ("solo por la noche", "mañanas")],
)
def test_wishes_that_never_meet_hold_both_and_say_so(source: int, first: str, second: str) -> None:
    send(source, name="Mary", best_time=first)
    send(source, name="John", best_time=second)
    assert holds() == [HELD, HELD]


def test_a_wish_that_nobody_can_read_holds_whoever_shares_the_phone(source: int) -> None:
    send(source, name="Mary", best_time="not when he is in the house")
    _close_everything()
    send(source, name="John")
    assert held_for(rows(Callback)[-1]) == HELD


@pytest.mark.parametrize("name", ["Zed", "", "Mary"])
def test_a_condition_holds_whoever_asks_when_its_request_is_over(source: int, name: str) -> None:
    send(source, name="Mary", message="Only call me when my dad is not home")
    _close_everything()
    send(source, name=name, any_hour=True, at=NIGHT + 30 * DAY)
    assert held_for(rows(Callback)[-1]) == ["warned_at_phone"]


def test_another_place_moves_no_call_out_of_the_time_that_was_wished(source: int) -> None:
    send(source, name="Mary", best_time="mornings", at=NIGHT)
    send(source, name="Zed", region="HI", at=NIGHT)
    assert all("times_of_phone" in causes for causes in holds())


def test_a_supervisor_who_corrects_a_file_lets_both_go_on(source: int) -> None:
    send(source, name="Mary", best_time="evening")
    send(source, name="John", best_time="morning")
    with transaction() as session:
        supervisor = a_supervisor(session)
        _mary, john = session.exec(select(Lead).order_by(col(Lead.id))).all()
        callbacks = session.exec(select(Callback).order_by(col(Callback.id))).all()
        with pytest.raises(NotNow, match="gave a different time"):
            release_as_read(session, callbacks[-1], supervisor, now=NOW)
        corrected = {"best_time": "evening"}
        lead_file.correct_lead_facts(session, john, corrected, supervisor, now=NOW)
        for callback in callbacks:
            release_as_read(session, callback, supervisor, now=NOW)
    assert holds() == [[], []]
    assert due_hours()[-1] == EVENING


@pytest.mark.parametrize("year", [2026, 2040])
def test_a_day_counts_from_the_second_in_which_it_was_said(source: int, year: int) -> None:
    last_second = datetime(year, 3, 2, 23, 59, 59, tzinfo=NEW_YORK)
    said_at = last_second + timedelta(microseconds=600_000)
    send(source, name="Mary", best_time="tomorrow", at=said_at)
    with reader() as session:
        history = load_contact_history(session, NUMBER, now=said_at)
    (stated,) = history.times_stated_by_others(None)
    assert stated.said_at == last_second
    tomorrow = next_stated_time([stated], ["America/New_York"], said_at)
    assert tomorrow == last_second + timedelta(seconds=1)


@pytest.mark.parametrize("own_wish", ["", "midday"])  # with midday no time suits both
@pytest.mark.parametrize("is_said_before", [True, False])
def test_a_time_that_was_agreed_by_phone_stands(
    source: int, own_wish: str, *, is_said_before: bool
) -> None:
    _agree_with_john(source, own_wish, "evening" if is_said_before else "")
    if not is_said_before:
        send(source, name="Mary", best_time="evening")
    send(source, name="John", at=NOW + MINUTE)
    john = rows(Callback)[0]
    assert (john.due_at, held_for(john)) == (NOW + HOUR, [])
    with reader() as session:
        assert _hours_of_calls(session, john, [NOW + HOUR]) == [NOW + HOUR]


def test_a_try_in_vain_at_an_agreed_time_ends_what_was_agreed(source: int) -> None:
    _agree_with_john(source, "", "evening")
    with transaction() as session:
        john = session.get_one(Callback, rows(Callback)[0].id)
        attempt = an_accepted_call(session, john, now=NOW + HOUR)
        missed = of_lead(attempt, LegStatus.NO_ANSWER)
        progress.apply_leg_report(session, missed, now=NOW + HOUR + MINUTE)
    john = rows(Callback)[0]
    assert (john.misses, john.disposition) == (1, Disposition.CALL_AGAIN)
    assert due_hours()[0] == EVENING
    with reader() as session:
        assert _hours_of_calls(session, john, [NOW + 2 * HOUR, NOW + 6 * HOUR]) == [NOW + 6 * HOUR]


@pytest.mark.parametrize(
    "wishes",
    [
        ("", ""),
        ("evening", "evening"),
        ("any time", "whenever"),
        ("", "ASAP"),
        ("I don't know", ""),
    ],
)
def test_two_people_without_contradicting_wishes_go_straight_through(
    source: int, wishes: tuple[str, str]
) -> None:
    for name, wish in zip(("Mary", "John"), wishes, strict=True):
        send(source, name=name, best_time=wish)
    assert holds() == [[], []]


FORMS = st.fixed_dictionaries(
    {"name": st.sampled_from(["", "Mary", "Mary Lee", "John", "Zed"])},
    optional={
        "best_time": st.sampled_from(
            ["evening", "mornings", "after 3 pm", "weekends", "tomorrow", "any time", "he is out"]
        ),
        "any_hour": st.booleans(),
        "region": st.sampled_from(["NY", "HI", "CA"]),
        "is_over": st.just("yes"),
    },
)
_numbers = itertools.count(1)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(forms=st.lists(FORMS, min_size=2, max_size=5))
def test_no_sequence_of_forms_rings_a_phone_when_somebody_did_not_wish_it(
    source: int, forms: list[dict[str, object]]
) -> None:
    number = f"+1315556{next(_numbers):04d}"
    for minute, form in enumerate(forms):
        if form.pop("is_over", ""):
            _close_everything()
        send(source, at=NIGHT + minute * timedelta(minutes=1), **form, phone=number)
        with reader() as session:
            leads = session.exec(select(Lead).where(Lead.phone == number)).all()
            theirs = select(Callback).where(
                col(Callback.lead_id).in_([lead.id for lead in leads]),
                Callback.state == CallbackState.WAITING,
                col(Callback.is_held).is_(False),
            )
            for callback in session.exec(theirs):
                _assert_rung_as_all_wish(session, callback, leads)


def _agree_with_john(source: int, own_wish: str, wish_of_mary: str) -> None:
    """Talk to John, who asks to be called an hour from now; what Mary wishes is heard meanwhile."""
    send(source, name="John", best_time=own_wish)
    with transaction() as session:
        attempt = a_conversation(session, session.get_one(Callback, the(Callback).id))
        advisor_id = attempt.advisor_id
    if wish_of_mary:
        send(source, name="Mary", best_time=wish_of_mary)
    with transaction() as session:
        john, advisor = rows(Callback)[0].id, session.get_one(Advisor, advisor_id)
        again = completion.reschedule_callback(
            session, session.get_one(Callback, john), advisor, due_at=NOW + HOUR, now=NOW
        )
    assert again == RescheduleOutcome(NOW + HOUR, why="", is_held=False)


def _assert_rung_as_all_wish(session: Session, callback: Callback, leads: Sequence[Lead]) -> None:
    saturday, tuesday = NIGHT + 3 * DAY, NIGHT + 6 * DAY
    hours = [day + hour * HOUR for day in (saturday, tuesday) for hour in range(0, 24, 2)]
    ringing = _hours_of_calls(session, callback, hours)
    for other in leads:
        wish = read_call_time(other.best_time)
        if other.id == callback.lead_id or wish is None:
            continue
        for at in (*ringing, callback.due_at):
            assert wish.is_met(at, ["America/New_York"]), other.best_time


def _hours_of_calls(
    session: Session, callback: Callback, hours: Sequence[datetime]
) -> list[datetime]:
    """Return those of the hours at which the gate lets a callback be rung."""
    lead = session.get_one(Lead, callback.lead_id)
    history = load_contact_history(session, lead.phone, callback, now=NOW)
    wishes = LeadWishes.of_lead(lead, any_hour=callback.any_hour)
    return [
        at
        for at in hours
        if gate.decide_by_history(history, ContactChannel.CALL, wishes, now=at).allowed
    ]


def _close_everything() -> None:
    with transaction() as session:
        waiting = select(Callback).where(Callback.state == CallbackState.WAITING)
        for callback in session.exec(waiting).all():
            advance(session, callback, "cancel", actor="test", now=NOW, finished_at=NOW)
            lead = session.get_one(Lead, callback.lead_id)
            advance(session, lead, "close", actor="test", now=NOW, closed_at=NOW)
