"""What supervisors hear of incidents: no outcome, nobody who looked again, help at once."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from leads.alerting import conditions, escalation
from leads.callbacks import completion
from leads.calls import danger_calls
from leads.free_text.danger import DangerKind
from leads.incidents import course
from leads.models.enums import AlertKind, NoticeMethod
from leads.models.incident_words import IncidentOutcome
from tests.conftest import NOW
from tests.support import people
from tests.support.people import HOUR


def kinds(session: Session, now: datetime = NOW) -> set[AlertKind]:
    return {one.kind for one in conditions.current_conditions(session, now=now)}


def test_an_incident_whose_promise_is_over_needs_an_outcome(session: Session) -> None:
    callback, sam = people.a_callback(session), people.a_supervisor(session)
    incident = course.open_incident(session, callback, DangerKind.SELF, by="network", now=NOW)
    assert AlertKind.INCIDENT not in kinds(session)
    completion.cancel_callback(session, callback, sam, reason="reached us", now=NOW)
    session.flush()
    assert AlertKind.INCIDENT in kinds(session)
    safe = IncidentOutcome.SAFE_NOW
    course.close_incident(session, incident, safe, sam, follow_up_due=NOW + HOUR, now=NOW)
    session.flush()
    assert AlertKind.INCIDENT not in kinds(session)
    assert AlertKind.FOLLOW_UP not in kinds(session)
    assert AlertKind.FOLLOW_UP in kinds(session, NOW + HOUR)
    course.record_follow_up(session, incident, sam, note="", now=NOW + 2 * HOUR)
    session.flush()
    assert AlertKind.FOLLOW_UP not in kinds(session, NOW + 3 * HOUR)


def test_whoever_needs_a_supervisor_is_sent_for_at_once_and_before_all_else(
    session: Session,
) -> None:
    people.a_supervisor(session)
    attempt = people.a_live_call(session, "bridged")
    people.a_callback(session, danger="now")
    advisor = people.advisor_of(session, attempt)
    danger_calls.ask_for_supervisor(session, attempt, advisor, now=NOW)
    session.flush()
    escalation.evaluate_alerts(session, ways=[NoticeMethod.EMAIL], now=NOW)
    alerts = sorted(escalation.list_current_alerts(session, now=NOW), key=escalation.alert_sort_key)
    assert alerts[0].kind == AlertKind.HELP_WANTED
    assert len(people.notices(session)) == 2  # of this and of the other one's danger
