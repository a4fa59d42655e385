"""The course of an incident: who opens it, what is done, what came of it, who looks again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from leads.callbacks import danger_raising
from leads.database.transactions import transaction, write_deferred_inserts
from leads.errors import BadConfiguration, LostRace, NotAllowed
from leads.free_text.danger import DangerKind
from leads.incidents import course
from leads.lead_records import timeline
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.incident_words import IncidentOutcome, IncidentStepKind
from leads.models.incidents import Incident, IncidentStep
from leads.models.watching import Transition
from tests.conftest import NOW
from tests.support import people
from tests.support.people import DAY, HOUR, MINUTE


def incidents(session: Session) -> list[Incident]:
    return list(session.exec(select(Incident).order_by(col(Incident.id))))


def in_hand(session: Session) -> tuple[Callback, Advisor, Incident]:
    callback, advisor = people.a_claim(session)
    incident = course.open_incident_as_advisor(session, callback, advisor, now=NOW)
    return callback, advisor, incident


def test_words_of_danger_open_one_incident_and_graver_words_name_it(session: Session) -> None:
    callback = people.a_callback(session)
    lead = people.lead_of(session, callback)
    for words in ("I want to kill myself", "I want to kill myself", "he is not breathing"):
        danger_raising.raise_callback_by_words(session, lead, words, by="network", now=NOW)
    [incident] = incidents(session)
    assert (incident.callback_id, incident.kind) == (callback.id, DangerKind.NOW)
    assert (incident.opened_by, incident.opened_at) == ("network", NOW)
    assert incident.protocol == course.load_protocol().version
    assert [move.event for move in people.moves(session, incident)] == ["open", "name_kind"]


def test_an_advisor_opens_one_says_the_kind_and_their_callback_goes_first(session: Session) -> None:
    callback, advisor, incident = in_hand(session)
    again = course.open_incident_as_advisor(session, callback, advisor, now=NOW + MINUTE)
    assert again.id == incident.id
    assert (incident.kind, incident.opened_by) == ("unspecified", f"advisor:{advisor.id}")
    course.name_kind(session, incident, DangerKind.SELF, advisor, now=NOW)
    assert (incident.kind, callback.danger) == ("self", "self")
    somebody = people.an_advisor(session)
    with pytest.raises(LostRace):
        course.open_incident_as_advisor(session, callback, somebody, now=NOW)


def test_steps_are_only_added_and_no_words_reach_the_trail(session: Session) -> None:
    callback, advisor, incident = in_hand(session)
    place = IncidentStepKind.ASKED_PLACE
    course.take_step(session, incident, place, advisor, note="412 Elm Street", now=NOW)
    course.take_step(session, incident, place, advisor, now=NOW + MINUTE)
    steps = session.exec(select(IncidentStep).order_by(col(IncidentStep.id))).all()
    assert [(step.step, step.at, step.by, step.note) for step in steps] == [
        (place, NOW, f"advisor:{advisor.id}", "412 Elm Street"),
        (place, NOW + MINUTE, f"advisor:{advisor.id}", ""),
    ]
    write_deferred_inserts(session)
    trail = session.exec(select(Transition)).all()
    assert not any("Elm" in str(move.changes) for move in trail)
    entries = timeline.read_timeline(session, [people.lead_of(session, callback)])
    assert [(entry.what, entry.said) for entry in entries if "ncident" in entry.what][::-1] == [
        ("An incident was opened", "Type of danger not chosen yet"),
        ("During the incident", "Asked where they are, 412 Elm Street"),
        ("During the incident", "Asked where they are"),
    ]


def test_an_incident_ends_with_an_outcome_and_a_time_to_look_again(session: Session) -> None:
    callback, advisor, incident = in_hand(session)
    safe = IncidentOutcome.SAFE_NOW
    for due in (None, NOW, NOW + 31 * DAY):
        with pytest.raises(BadConfiguration):
            course.close_incident(session, incident, safe, advisor, follow_up_due=due, now=NOW)
    course.close_incident(session, incident, safe, advisor, follow_up_due=NOW + HOUR, now=NOW)
    assert (incident.outcome, incident.closed_at) == (safe, NOW)
    assert course.find_open_incident(session, callback.id) is None
    with pytest.raises(LostRace):
        course.take_step(session, incident, IncidentStepKind.NOTED, advisor, now=NOW)
    sam = people.a_supervisor(session)
    with pytest.raises(NotAllowed):
        course.record_follow_up(session, incident, advisor, note="", now=NOW + HOUR)
    course.record_follow_up(session, incident, sam, note="Slept well.", now=NOW + HOUR)
    assert (incident.followed_up_by, incident.follow_up_note) == (
        f"advisor:{sam.id}",
        "Slept well.",
    )
    with pytest.raises(LostRace):
        course.record_follow_up(session, incident, sam, note="", now=NOW + HOUR)
    danger = people.lead_of(session, callback)
    danger_raising.raise_callback_by_words(session, danger, "I want to die", by="network", now=NOW)
    assert len(incidents(session)) == 2  # what comes later is another one


def test_a_false_alarm_needs_nobody_to_look_again(session: Session) -> None:
    _callback, advisor, incident = in_hand(session)
    alarm = IncidentOutcome.FALSE_ALARM
    course.close_incident(session, incident, alarm, advisor, follow_up_due=NOW + HOUR, now=NOW)
    assert incident.follow_up_due is None


def test_only_whoever_has_the_person_in_hand_or_a_supervisor_decides(session: Session) -> None:
    _callback, _advisor, incident = in_hand(session)
    other = people.an_advisor(session)
    with pytest.raises(NotAllowed):
        course.take_step(session, incident, IncidentStepKind.NOTED, other, now=NOW)
    sam = people.a_supervisor(session)
    course.take_step(session, incident, IncidentStepKind.NOTED, sam, note="seen", now=NOW)


def test_whose_hands_a_callback_is_in_is_read_again_under_its_lock(session: Session) -> None:
    callback, advisor, incident = in_hand(session)
    other = people.an_advisor(session)
    session.flush()
    moved = text("UPDATE callback SET advisor_id = :other WHERE id = :id")  # by somebody else
    session.execute(moved, {"other": other.id, "id": callback.id})
    with pytest.raises(NotAllowed):
        course.take_step(session, incident, IncidentStepKind.NOTED, advisor, now=NOW)
    course.take_step(session, incident, IncidentStepKind.NOTED, other, now=NOW)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_two_at_once_open_one_incident(database: str) -> None:
    with transaction() as session:
        callback_id = people.a_callback(session).id

    def open_one(kind: DangerKind) -> int:
        with transaction() as session:
            callback = session.get_one(Callback, callback_id)
            return course.open_incident(session, callback, kind, by="test", now=NOW).id

    with ThreadPoolExecutor(4) as several:
        kinds = [DangerKind.SELF, DangerKind.NOW, DangerKind.SELF, DangerKind.WITHDRAWAL]
        opened = set(several.map(open_one, kinds))
    assert len(opened) == 1
    with transaction() as session:
        assert session.exec(select(Incident)).one().kind == DangerKind.NOW
