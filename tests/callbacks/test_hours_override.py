"""One call outside the hours: for one person, one time, and two people see it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from leads.alerting import conditions
from leads.callbacks import callback_offers, completion, hours_override
from leads.callbacks.hours_override import GOOD_FOR
from leads.calls import attempt_steps, offers, progress
from leads.contact_rules import gate, suppression
from leads.database.transactions import write_deferred_inserts
from leads.errors import BadConfiguration, LostRace, NotAllowed, NotNow, Suppressed
from leads.i18n.messages import own_words
from leads.models.calls import Callback, GateDecision
from leads.models.enums import AlertKind, AttemptState, CallbackState, LegStatus
from leads.models.incidents import HoursOverride
from leads.models.requests import Lead
from leads.read_models.incidents import read_incident_board
from tests.support import people

NIGHT = datetime(2026, 3, 4, 7, 0, tzinfo=UTC)  # two in the morning in New York
MORNING = NIGHT + timedelta(hours=10)


def put_off(session: Session, **changes: object) -> Callback:
    return people.a_callback(session, received_at=NIGHT, due_at=MORNING, **changes)


def may_be_called(session: Session, callback: Callback, *, now: datetime) -> gate.Decision:
    lead = session.get_one(Lead, callback.lead_id)
    return gate.may_contact(
        session, lead.phone, gate.ContactChannel.CALL, lead=lead, callback=callback, now=now
    )


def alerts(session: Session, now: datetime) -> list[str]:
    kind = AlertKind.HOURS_OVERRIDE
    return [a.sentence for a in conditions.current_conditions(session, now=now) if a.kind == kind]


def test_danger_is_called_at_once_and_a_second_person_sees_it_afterwards(session: Session) -> None:
    sam, kim = people.a_supervisor(session), people.a_supervisor(session)
    callback, other = put_off(session, danger="self"), put_off(session)
    override = hours_override.override_hours(session, callback, sam, reason="alone", now=NIGHT)
    assert callback.due_at == NIGHT
    assert may_be_called(session, callback, now=NIGHT).allowed
    assert not may_be_called(session, other, now=NIGHT).allowed
    assert len(alerts(session, NIGHT + timedelta(days=2))) == 1
    with pytest.raises(NotAllowed):
        hours_override.acknowledge_override(session, override.id, sam, now=NIGHT)
    hours_override.acknowledge_override(session, override.id, kim, now=NIGHT)
    with pytest.raises(LostRace):
        hours_override.acknowledge_override(session, override.id, kim, now=NIGHT)
    assert alerts(session, NIGHT) == []
    write_deferred_inserts(session)
    [decision] = session.exec(select(GateDecision).where(GateDecision.callback_id == callback.id))
    assert (decision.allowed, decision.moment) == (True, "click")
    assert "hours-override" in decision.rules
    assert [move.event for move in people.moves(session, callback)] == [
        "override_hours",
        "acknowledge_hours",
    ]


def test_without_danger_nothing_counts_before_a_second_person_agrees(session: Session) -> None:
    sam, kim = people.a_supervisor(session), people.a_supervisor(session)
    callback = put_off(session)
    override = hours_override.override_hours(session, callback, sam, reason="flight", now=NIGHT)
    assert callback.due_at == MORNING
    assert not may_be_called(session, callback, now=NIGHT).allowed
    assert "has to approve it" in alerts(session, NIGHT)[0]
    with pytest.raises(NotNow):
        hours_override.override_hours(session, callback, kim, reason="again", now=NIGHT)
    later = NIGHT + timedelta(minutes=9)
    hours_override.acknowledge_override(session, override.id, kim, now=later)
    assert callback.due_at == later
    assert may_be_called(session, callback, now=later).allowed
    assert not may_be_called(session, callback, now=later + GOOD_FOR).allowed


def test_what_nobody_agreed_to_in_time_is_over(session: Session) -> None:
    sam, kim = people.a_supervisor(session), people.a_supervisor(session)
    override = hours_override.override_hours(session, put_off(session), sam, reason="x", now=NIGHT)
    with pytest.raises(LostRace):
        hours_override.acknowledge_override(session, override.id, kim, now=NIGHT + GOOD_FOR)
    assert alerts(session, NIGHT + GOOD_FOR) == []


def test_an_override_can_be_taken_back(session: Session) -> None:
    sam, kim = people.a_supervisor(session), people.a_supervisor(session)
    callback = put_off(session, danger="now")
    override = hours_override.override_hours(session, callback, sam, reason="x", now=NIGHT)
    hours_override.withdraw_override(session, override.id, kim, now=NIGHT)
    assert not may_be_called(session, callback, now=NIGHT).allowed


def test_taking_an_old_override_back_leaves_a_newer_one(session: Session) -> None:
    sam, kim = people.a_supervisor(session), people.a_supervisor(session)
    callback, later = put_off(session, danger="now"), NIGHT + GOOD_FOR
    old = hours_override.override_hours(session, callback, sam, reason="x", now=NIGHT)
    hours_override.override_hours(session, callback, sam, reason="y", now=later)
    seen = read_incident_board(session, kim, now=later).overrides
    assert [override.is_over for override in seen] == [True, False]
    hours_override.withdraw_override(session, old.id, kim, now=later)
    assert may_be_called(session, callback, now=later).allowed


def test_an_override_is_good_for_one_call_to_the_lead(session: Session) -> None:
    callback = put_off(session, danger="self")
    sam = people.a_supervisor(session)
    hours_override.override_hours(session, callback, sam, reason="alone", now=NIGHT)
    people.on_duty(session)
    attempt = callback_offers.offer_next_callback(session, now=NIGHT)
    assert attempt is not None
    call_id = people.advisor_call(attempt)
    assert offers.advisor_answered(session, attempt.id, call_id, now=NIGHT)
    assert offers.advisor_accepted(session, attempt.id, call_id, now=NIGHT)
    assert may_be_called(session, callback, now=NIGHT).allowed  # an advisor was rung, nobody else
    attempt_steps.mark_lead_dialed(session, attempt, now=NIGHT)
    session.flush()
    assert may_be_called(session, callback, now=NIGHT).allowed  # the same call, should it be asked
    report = people.of_lead(attempt, LegStatus.NO_ANSWER)
    progress.apply_leg_report(session, report, now=NIGHT + timedelta(minutes=1))
    assert callback.due_at > NIGHT + 2 * GOOD_FOR
    assert not may_be_called(session, callback, now=NIGHT).allowed
    write_deferred_inserts(session)
    theirs = select(GateDecision).where(GateDecision.attempt_id == attempt.id)
    asked = session.exec(theirs).all()
    assert len(asked) == 2  # at the whisper and the dial
    assert all("hours-override" in decision.rules for decision in asked)


def test_a_call_that_rang_and_was_taken_back_has_used_the_override_up(session: Session) -> None:
    callback = put_off(session, danger="self")
    sam = people.a_supervisor(session)
    hours_override.override_hours(session, callback, sam, reason="alone", now=NIGHT)
    attempt = people.a_call(session, callback, now=NIGHT)
    attempt.state, attempt.rung_at = AttemptState.RINGING_LEAD, NIGHT
    session.add(attempt)
    session.flush()
    completion.take_back_ringing_call(session, callback, actor="network", now=NIGHT)
    assert callback.state == CallbackState.WAITING
    session.refresh(callback)
    assert not may_be_called(session, callback, now=NIGHT).allowed


def test_an_override_lifts_the_hours_and_nothing_else(session: Session) -> None:
    sam = people.a_supervisor(session)
    stopped, unsafe, held = (put_off(session, danger="now") for _ in range(3))
    phone = people.lead_of(session, stopped).phone
    suppression.suppress_number(
        session, phone, reason=own_words("stop"), actor="advisor:1", now=NIGHT
    )
    people.lead_of(session, unsafe).safe_to_call = False
    people.hold_back(session, held, "call_lost")
    session.flush()
    for callback, refusal in ((stopped, Suppressed), (unsafe, NotNow), (held, NotNow)):
        with pytest.raises(refusal):
            hours_override.override_hours(session, callback, sam, reason="x", now=NIGHT)
    day = people.a_callback(session, danger="now")
    with pytest.raises(NotNow):
        hours_override.override_hours(session, day, sam, reason="x", now=people.NOW)
    with pytest.raises(BadConfiguration):
        hours_override.override_hours(session, put_off(session), sam, reason=" ", now=NIGHT)
    advisor = people.an_advisor(session)
    with pytest.raises(NotAllowed):
        hours_override.override_hours(session, put_off(session), advisor, reason="x", now=NIGHT)
    assert session.exec(select(HoursOverride)).all() == []


def test_an_override_that_counts_is_refused_by_a_stop_that_comes_later(session: Session) -> None:
    sam, callback = people.a_supervisor(session), put_off(session, danger="now")
    hours_override.override_hours(session, callback, sam, reason="alone", now=NIGHT)
    phone = people.lead_of(session, callback).phone
    suppression.suppress_number(
        session, phone, reason=own_words("stop"), actor="advisor:1", now=NIGHT
    )
    assert not may_be_called(session, callback, now=NIGHT).allowed
