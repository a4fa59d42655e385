"""Somebody in danger, from the form to the follow-up, over real HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select

from leads.alerting import escalation
from leads.calls import danger_calls
from leads.database.transactions import reader, transaction
from leads.incidents import course
from leads.lead_records import timeline
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt
from leads.models.enums import AdvisorRole
from leads.models.incident_words import IncidentOutcome, IncidentStepKind
from leads.models.incidents import Incident, IncidentStep
from leads.models.requests import Lead
from leads.read_models import calls_in_progress
from leads.read_models import incidents as incidents_view
from tests.support.running_desk import Desk, add_advisor, eventually
from tests.support.twilio_double import TwilioDouble

FORM = {
    "name": "Jordan Reyes",
    "phone": "(315) 555-0142",
    "message": "I want to kill myself tonight.",
    "any_hour": "yes",
    "consent": "true",
}
CRISIS_LINE = "+18002738255"
HOUR = timedelta(hours=1)


def alert_kinds(now: datetime) -> list[str]:
    with reader() as session:
        alerts = escalation.list_current_alerts(session, now=now)
    return [str(alert.kind) for alert in sorted(alerts, key=escalation.alert_sort_key)]


def act(verb: Callable[[Session, Incident, CallAttempt, Advisor, datetime], object]) -> None:
    """Do what the advisor's desk does at a click."""
    with transaction() as session:
        incident = session.exec(select(Incident)).one()
        attempt = session.exec(select(CallAttempt)).one()
        advisor = session.get_one(Advisor, attempt.advisor_id)
        verb(session, incident, attempt, advisor, datetime.now(UTC))


def test_words_of_danger_become_a_call_a_checklist_and_a_follow_up(
    desk: Desk, twilio: TwilioDouble
) -> None:
    webhook = desk.opens()
    with transaction() as session:
        sam = add_advisor(session, 9, now=datetime.now(UTC), role=AdvisorRole.SUPERVISOR)
        supervisor_id = sam.id
    assert desk.http.post(webhook, json=FORM).status_code == 200

    # Supervisors hear of it at once, and an incident is open before anybody is rung.
    call = twilio.wait_for_call()
    assert alert_kinds(datetime.now(UTC))[0] == "danger"
    twilio.advisor_answers(call)
    twilio.presses(call, "1")
    lead = twilio.lead_of(call)
    for status in ("initiated", "ringing", "in-progress"):
        twilio.moves(lead, status)

    # The advisor goes through the checklist and needs somebody beside them.
    place = IncidentStepKind.ASKED_PLACE
    act(lambda s, i, _c, a, now: course.take_step(s, i, place, a, note="412 Elm St", now=now))
    act(lambda s, _i, c, a, now: danger_calls.ask_for_supervisor(s, c, a, now=now))
    assert alert_kinds(datetime.now(UTC)) == ["help_wanted"]  # somebody talks to them by now
    with transaction() as session:
        attempt = session.exec(select(CallAttempt)).one()
        sam, now = session.get_one(Advisor, supervisor_id), datetime.now(UTC)
        [asking] = calls_in_progress.list_calls_in_progress(session, sam)
        assert (asking.advisor, bool(asking.help_wanted_at)) == ("Advisor 1", True)
        danger_calls.settle_help_request(session, attempt, sam, now=now)
    assert alert_kinds(datetime.now(UTC)) == []

    # 988 is brought in by its long number; neither name nor place is in what leaves us.
    act(lambda s, _i, c, a, now: danger_calls.bring_in_crisis_line(s, c, a, now=now))
    crisis = eventually(lambda: [leg for leg in twilio.calls if leg.to == CRISIS_LINE])[0]
    left = "".join(map(str, [crisis.order, call.changes, *twilio.documents]))
    assert not re.search(r"Jordan|Reyes|Elm|5550142|kill|danger|suicid", left, re.IGNORECASE)

    # What came of it, and who looks after them again.
    act(
        lambda s, i, _c, a, now: course.close_incident(
            s, i, IncidentOutcome.HANDED_TO_988, a, follow_up_due=now + HOUR, now=now
        )
    )
    twilio.lead_ends(lead, "completed")
    twilio.presses(call, "1")
    assert "follow_up" not in alert_kinds(datetime.now(UTC))
    assert "follow_up" in alert_kinds(datetime.now(UTC) + HOUR)
    with transaction() as session:
        sam, incident = (
            session.get_one(Advisor, supervisor_id),
            session.exec(select(Incident)).one(),
        )
        listed = incidents_view.read_incidents(session, sam, now=datetime.now(UTC))
        course.record_follow_up(session, incident, sam, note="Safe.", now=datetime.now(UTC))
    [row] = listed.rows
    assert row.waits_for_follow_up
    assert timedelta() < row.first_contact < timedelta(minutes=1)
    assert listed.figures.outcomes == {IncidentOutcome.HANDED_TO_988: 1}
    assert "follow_up" not in alert_kinds(datetime.now(UTC) + HOUR)
    with reader() as session:
        taken = session.exec(select(IncidentStep.step).order_by(col(IncidentStep.id))).all()
        told = timeline.read_timeline(session, [session.exec(select(Lead)).one()])
    assert list(taken) == [
        IncidentStepKind.ASKED_PLACE,
        IncidentStepKind.ASKED_SUPERVISOR,
        IncidentStepKind.HELP_SETTLED,
        IncidentStepKind.BROUGHT_IN_CRISIS_LINE,
    ]
    assert {"An incident was opened", "The incident was closed"} <= {one.what for one in told}
    assert not re.search(r"Jordan|Elm|5550142", desk.printed())
