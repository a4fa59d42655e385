"""Tasks for people, and whom a colleague sees of the people of their own work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from leads.alerting import conditions
from leads.callbacks import completion
from leads.calls import outcome_correction
from leads.database.transactions import write_deferred_inserts
from leads.errors import BadSubmission, LostRace, NotAllowed, TooManyTries
from leads.lead_records import lead_file, person_tasks, visible_people
from leads.lead_records.visible_people import masked_person
from leads.models.advisors import Advisor
from leads.models.dispositions import DISPOSITION_TITLES, Disposition
from leads.models.enums import AlertKind
from leads.models.person_work import Task
from leads.models.requests import Lead
from leads.models.watching import Transition
from leads.people import staff
from leads.phone_numbers import mask_phone
from leads.privacy import data_export
from leads.read_models import callback_board, said_calls
from tests.conftest import NOW
from tests.support import people
from tests.support.people import DAY, HOUR, MINUTE

SEARCH = visible_people.find_people_by_last_digits


def a_task(session: Session, lead: Lead, by: Advisor, to: Advisor | None = None) -> Task:
    return person_tasks.add_task(
        session,
        lead,
        by,
        words="Send her the list of meetings",
        advisor_id=(to or by).id,
        due_at=NOW + HOUR,
        now=NOW,
    )


def test_a_task_is_shown_until_somebody_has_done_it(session: Session) -> None:
    sam, ann, lead = (
        people.a_supervisor(session),
        people.an_advisor(session),
        people.a_lead(session),
    )
    task = a_task(session, lead, sam, ann)
    [shown] = person_tasks.list_open_tasks(session, advisor_id=ann.id, now=NOW)
    assert (shown.words, shown.advisor) == (task.words, ann.name)
    assert not shown.is_overdue
    assert person_tasks.list_open_tasks(session, advisor_id=sam.id, now=NOW) == []
    [of_lead] = person_tasks.list_open_tasks(session, lead_ids=[lead.id], now=NOW + HOUR)
    assert of_lead.is_overdue
    person_tasks.finish_task(session, task, ann, now=NOW + HOUR)
    assert (task.done_at, task.done_by) == (NOW + HOUR, f"advisor:{ann.id}")
    assert person_tasks.list_open_tasks(session, now=NOW) == []
    with pytest.raises(LostRace):
        person_tasks.finish_task(session, task, ann, now=NOW + HOUR)
    file = lead_file.read_lead_file(session, lead.id, sam, now=NOW)
    assert file
    assert (file.entries[0].what, file.entries[0].by) == ("Task done", ann.name)
    [exported] = data_export.export_lead_data(session, lead, sam, now=NOW).data["tasks"]
    assert exported["words"] == task.words


def test_every_list_names_a_person_alike(session: Session) -> None:
    attempt = people.a_conversation(session)
    ann, callback = people.advisor_of(session, attempt), people.callback_of(session, attempt)
    lead, sam = people.lead_of(session, callback), people.a_supervisor(session)
    lead.name = "Jordan Reyes"
    completion.dispose_callback(session, callback, ann, Disposition.HELPED, now=NOW)
    people.a_callback(session, lead)
    a_task(session, lead, sam, ann)
    tasks = person_tasks.list_open_tasks(session, advisor_id=ann.id, now=NOW)
    found = SEARCH(session, lead.phone[-4:], ann, now=NOW)
    board = callback_board.list_open_callbacks(session, sam, now=NOW)
    named = [one.who for one in (*tasks, *found, *board)]
    assert named == ["Jordan · " + mask_phone(lead.phone)] * 3


def test_an_overdue_task_is_an_alert_and_shown_to_supervisors(session: Session) -> None:
    sam, lead = people.a_supervisor(session), people.a_lead(session)
    task = a_task(session, lead, sam)
    overdue = NOW + HOUR + 6 * MINUTE
    kinds = [one.kind for one in conditions.current_conditions(session, now=NOW + HOUR)]
    assert AlertKind.TASK not in kinds
    assert person_tasks.list_overdue_tasks(session, sam, now=NOW) == []
    with pytest.raises(NotAllowed):
        person_tasks.list_overdue_tasks(session, people.an_advisor(session), now=NOW)
    kinds = [one.kind for one in conditions.current_conditions(session, now=overdue)]
    assert AlertKind.TASK in kinds
    assert len(person_tasks.list_overdue_tasks(session, sam, now=overdue)) == 1
    person_tasks.finish_task(session, task, sam, now=overdue)
    kinds = [one.kind for one in conditions.current_conditions(session, now=overdue)]
    assert AlertKind.TASK not in kinds


def test_an_overdue_task_is_moved_to_another_time_and_colleague(session: Session) -> None:
    sam, ann, lead = (
        people.a_supervisor(session),
        people.an_advisor(session),
        people.a_lead(session),
    )
    task, late = a_task(session, lead, sam), NOW + 2 * HOUR
    plan = {"advisor_id": ann.id, "due_at": late + DAY, "now": late}
    for wrong in ({"due_at": late}, {"advisor_id": 0}):
        with pytest.raises(BadSubmission):
            person_tasks.move_task(session, task, sam, **{**plan, **wrong})
    with pytest.raises(NotAllowed):
        person_tasks.move_task(session, task, ann, **plan)
    person_tasks.move_task(session, task, sam, **plan)
    [shown] = person_tasks.list_open_tasks(session, advisor_id=ann.id, now=late)
    assert (shown.due_at, shown.is_overdue) == (late + DAY, False)
    assert person_tasks.list_overdue_tasks(session, sam, now=late) == []
    write_deferred_inserts(session)
    file = lead_file.read_lead_file(session, lead.id, sam, now=late)
    assert file
    assert ("A task was moved", sam.name) in [(one.what, one.by) for one in file.entries]
    person_tasks.finish_task(session, task, ann, now=late)
    session.flush()
    with pytest.raises(LostRace):
        person_tasks.move_task(session, task, sam, **plan)


def test_a_task_has_words_a_time_and_somebody_to_do_it(session: Session) -> None:
    sam, ann, lead = (
        people.a_supervisor(session),
        people.an_advisor(session),
        people.a_lead(session),
    )
    given = {"words": "Write", "advisor_id": ann.id, "due_at": NOW + HOUR}
    staff.deactivate_staff_member(session, ann, sam, now=NOW)
    for wrong in ({"words": " "}, {"due_at": NOW}, {"advisor_id": 0}, {"advisor_id": ann.id}):
        asked = {**given, "advisor_id": sam.id, **wrong}
        with pytest.raises(BadSubmission):
            person_tasks.add_task(session, lead, sam, now=NOW, **asked)
    assert [one.advisor_id for one in person_tasks.list_assignees(session, sam)] == [sam.id]


def test_an_advisor_adds_and_finishes_tasks_of_their_own_people_alone(session: Session) -> None:
    attempt = people.a_conversation(session)
    ann, callback = people.advisor_of(session, attempt), people.callback_of(session, attempt)
    lead = people.lead_of(session, callback)
    stranger, ben = people.a_lead(session), people.an_advisor(session)
    task = a_task(session, lead, ann)
    with pytest.raises(NotAllowed):
        a_task(session, stranger, ann)
    with pytest.raises(NotAllowed):
        person_tasks.finish_task(session, task, ben, now=NOW)


def test_the_last_digits_find_the_people_of_ones_own_calls_and_nobody_else(
    session: Session,
) -> None:
    attempt = people.a_conversation(session)
    ann, callback = people.advisor_of(session, attempt), people.callback_of(session, attempt)
    lead = people.lead_of(session, callback)
    completion.dispose_callback(session, callback, ann, Disposition.HELPED, now=NOW)
    ben, sam = people.an_advisor(session), people.a_supervisor(session)
    digits = lead.phone[-4:]
    [found] = SEARCH(session, digits, ann, now=NOW + HOUR)
    assert (found.lead_id, found.who) == (lead.id, masked_person(lead.name, lead.phone))
    assert SEARCH(session, digits, ben, now=NOW) == []
    assert [one.lead_id for one in SEARCH(session, digits, sam, now=NOW)] == [lead.id]
    assert SEARCH(session, digits, ann, now=NOW + 31 * DAY) == []  # long over
    write_deferred_inserts(session)
    shown = select(Transition.actor).where(Transition.event == visible_people.FOUND)
    assert sorted(session.exec(shown)) == [f"advisor:{ann.id}", f"advisor:{sam.id}"]
    for wrong in ("142", "01425", "01a2", "%%%%", "____"):
        with pytest.raises(BadSubmission):
            SEARCH(session, wrong, ann, now=NOW)


def test_digits_cannot_be_tried_one_after_the_other(session: Session) -> None:
    ann, ben = people.an_advisor(session), people.an_advisor(session)
    for number in range(visible_people.MOST_SEARCHES):
        SEARCH(session, f"{number:04}", ann, now=NOW + timedelta(seconds=number))
    write_deferred_inserts(session)
    with pytest.raises(TooManyTries):
        SEARCH(session, "9999", ann, now=NOW + MINUTE)
    SEARCH(session, "9999", ben, now=NOW + MINUTE)
    SEARCH(session, "9999", ann, now=NOW + visible_people.SEARCH_PERIOD)


def test_ones_own_calls_are_listed_with_each_word_that_was_said_of_them(session: Session) -> None:
    attempt = people.a_conversation(session)
    ann, callback = people.advisor_of(session, attempt), people.callback_of(session, attempt)
    completion.dispose_callback(session, callback, ann, Disposition.HELPED, now=NOW)
    later = NOW + MINUTE
    outcome_correction.correct_disposition(session, callback, ann, Disposition.REFERRED, now=later)
    write_deferred_inserts(session)
    [call] = said_calls.read_recent_calls(session, ann, now=later)
    assert (call.callback_id, call.waits) == (callback.id, False)
    assert call.said == (
        (NOW, DISPOSITION_TITLES[Disposition.HELPED]),
        (later, DISPOSITION_TITLES[Disposition.REFERRED]),
    )
    assert said_calls.read_recent_calls(session, people.an_advisor(session), now=later) == ()
    assert said_calls.read_recent_calls(session, ann, now=NOW + 8 * DAY) == ()
