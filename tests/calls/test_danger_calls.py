"""Calls with somebody in danger: a supervisor at once, 988 brought in, 911 never."""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, select

from leads.alerting import conditions
from leads.calls import danger_calls, parties, party_legs, progress
from leads.errors import LostRace, NotAllowed, NotNow
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, CallLeg
from leads.models.enums import AlertKind, Audience, LegStatus, OutboxKind, Party
from leads.models.incident_words import IncidentStepKind
from leads.models.incidents import Incident, IncidentStep
from leads.read_models.danger_desk import read_danger_desk
from tests.conftest import NOW
from tests.support import people
from tests.support.people import MINUTE


def talking(session: Session) -> tuple[CallAttempt, Advisor]:
    attempt = people.a_live_call(session, "bridged")
    return attempt, people.advisor_of(session, attempt)


def steps(session: Session) -> list[IncidentStepKind]:
    return list(session.exec(select(IncidentStep.step).order_by(col(IncidentStep.id))))


def help_alerts(session: Session) -> list[str]:
    now = conditions.current_conditions(session, now=NOW)
    return [one.about for one in now if one.kind == AlertKind.HELP_WANTED]


def test_988_is_rung_by_its_long_number_and_it_is_a_step(session: Session) -> None:
    attempt, advisor = talking(session)
    leg = danger_calls.bring_in_crisis_line(session, attempt, advisor, now=NOW)
    assert (leg.phone, leg.party) == ("+18002738255", Party.THIRD_PARTY)
    assert len(people.orders(session, OutboxKind.DIAL_LEG)) == 2
    lead = session.exec(select(CallLeg).where(CallLeg.party == Party.LEAD)).one()
    assert lead.is_on_hold
    assert session.exec(select(Incident.callback_id)).one() == attempt.callback_id
    assert steps(session) == [IncidentStepKind.BROUGHT_IN_CRISIS_LINE]


def test_988_is_offered_in_a_conversation_and_not_while_their_phone_rings(session: Session) -> None:
    rings = people.a_live_call(session, "ringing_lead")
    callback = people.callback_of(session, rings)
    assert read_danger_desk(session, callback).attempt_id is None
    report = people.of_lead(rings, LegStatus.IN_PROGRESS)
    progress.apply_leg_report(session, report, now=NOW)
    parties.hold_lead(session, rings, people.advisor_of(session, rings), is_on_hold=True, now=NOW)
    danger = read_danger_desk(session, callback)
    assert (danger.attempt_id, danger.is_lead_on_hold) == (rings.id, True)
    assert not danger.is_crisis_line_asked_in


@pytest.mark.parametrize("number", ["911", " 911", "112", "9-1-1", "988"])
def test_a_short_emergency_number_is_never_rung(session: Session, number: str) -> None:
    attempt, advisor = talking(session)
    with pytest.raises(NotNow):
        parties.ask_in_outsider(session, attempt, advisor, Party.THIRD_PARTY, number, now=NOW)
    assert len(people.orders(session, OutboxKind.DIAL_LEG)) == 1


def test_an_advisor_asks_once_and_every_supervisor_is_told_until_one_sees_to_it(
    session: Session,
) -> None:
    attempt, advisor = talking(session)
    sam = people.a_supervisor(session)
    for _ in range(2):
        danger_calls.ask_for_supervisor(session, attempt, advisor, now=NOW)
    assert help_alerts(session) == [f"call:{attempt.id}"]
    with pytest.raises(NotAllowed):
        danger_calls.settle_help_request(session, attempt, advisor, now=NOW)
    danger_calls.settle_help_request(session, attempt, sam, now=NOW + MINUTE)
    assert help_alerts(session) == []
    with pytest.raises(LostRace):
        danger_calls.settle_help_request(session, attempt, sam, now=NOW + MINUTE)


def test_a_supervisor_who_has_joined_has_seen_to_it(session: Session) -> None:
    attempt, advisor = talking(session)
    sam = people.a_supervisor(session)
    danger_calls.bring_in_crisis_line(session, attempt, advisor, now=NOW)
    danger_calls.ask_for_supervisor(session, attempt, advisor, now=NOW)
    leg = parties.join_as_supervisor(session, attempt, sam, Audience.ADVISOR, now=NOW)
    assert help_alerts(session) == [f"call:{attempt.id}"]  # nobody is there yet
    party_legs.note_party_joined(session, leg.id, now=NOW)
    session.flush()
    assert help_alerts(session) == []
    assert steps(session)[1:] == [
        IncidentStepKind.ASKED_SUPERVISOR,
        IncidentStepKind.SUPERVISOR_JOINED,
    ]
