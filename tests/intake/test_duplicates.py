"""The same form sent again is one promise and one task, whatever its ids.

What was mended is read again.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from leads.__main__ import main
from leads.alerting import conditions
from leads.callbacks import completion, queue
from leads.calls import progress
from leads.database.transactions import reader, transaction
from leads.free_text.danger import DangerKind
from leads.intake import reprocessing, review
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.dispositions import Disposition
from leads.models.enums import AdvisorRole, LegStatus
from leads.models.helplines import Source
from leads.models.requests import AlsoSaid, Lead, Submission
from leads.people.permissions import OPERATOR
from leads.read_models import advisor_desk
from tests.conftest import NOW
from tests.support import warm
from tests.support.people import (
    a_conversation,
    advisor_of,
    an_accepted_call,
    callback_of,
    held_for,
    of_lead,
)
from tests.support.running_desk import add_advisor
from tests.support.sent_forms import NUMBER, OTHER_NUMBER, arrival, deliver, rows, send, the

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def is_over() -> None:
    with transaction() as session:
        supervisor = session.exec(select(Advisor)).first() or add_advisor(
            session, 1, role=AdvisorRole.SUPERVISOR, now=NOW
        )
        for callback in session.exec(select(Callback).where(Callback.state == "waiting")).all():
            completion.cancel_callback(
                session, callback, supervisor, reason="helped by chat", now=NOW
            )


def test_a_repeat_joins_the_open_callback_moves_it_up_and_keeps_both_bodies(source: int) -> None:
    send(source, phone=OTHER_NUMBER)
    first = send(source, message="Please call.")
    again = send(source, message="Please call.", at=NOW + HOUR)
    assert (again.state, again.callback_id) == ("duplicate", first.callback_id)
    assert [callback.asked_again for callback in rows(Callback)] == [0, 1]
    assert [json.loads(row.body)["message"] for row in rows(Submission)[1:]] == ["Please call."] * 2


def writes_after_the_call(source: int, *, at: datetime, **fields: Any) -> list[Callback]:
    """Return what is promised to somebody helped who writes while their call is written up."""
    send(source, message="Please call.")
    with transaction() as session:
        attempt = a_conversation(session, the(Callback), now=NOW + MINUTE / 2)
    send(source, at=at, **fields)
    with transaction() as session:
        callback, advisor = callback_of(session, attempt), advisor_of(session, attempt)
        completion.dispose_callback(
            session, callback, advisor, Disposition.HELPED, now=NOW + 6 * MINUTE
        )
        assert callback.asked_again == 1
    return [callback for callback in rows(Callback) if callback.state == "waiting"]


@pytest.mark.parametrize("message", ["Please call again.", "Please call."])
def test_who_writes_after_a_call_is_promised_another_one_once_it_is_written_up(
    source: int, message: str
) -> None:
    at = NOW + 3 * MINUTE
    [promised] = writes_after_the_call(source, at=at, message=message, any_hour=True)
    assert promised.origin == "request"
    assert promised.received_at == promised.due_at == at
    assert promised.any_hour
    assert promised.danger is None
    assert the(Lead).state == "open"


@pytest.mark.parametrize(
    ("after", "fields"),
    [(MINUTE, {"message": "Please call."}), (5 * MINUTE, {"consent": False})],
    ids=["a double", "a refusal"],
)
def test_neither_a_double_nor_a_refusal_after_a_call_asks_for_another(
    source: int, after: timedelta, fields: dict[str, Any]
) -> None:
    assert writes_after_the_call(source, at=NOW + after, **fields) == []


def test_who_writes_while_we_ring_them_for_the_last_time_is_promised_another_call(
    source: int,
) -> None:
    send(source, message="Please call.")
    with transaction() as session:
        the_callback = session.exec(select(Callback)).one()
        the_callback.misses = 5
        attempt = an_accepted_call(session, the_callback, now=NOW + MINUTE / 2)
    send(source, at=NOW + 2 * MINUTE, message="I missed you, please call again.")
    with transaction() as session:
        report = of_lead(attempt, LegStatus.NO_ANSWER)
        progress.apply_leg_report(session, report, now=NOW + 3 * MINUTE)
    before, promised = rows(Callback)
    assert (before.state, promised.state) == ("exhausted", "waiting")
    assert promised.received_at == promised.due_at == NOW + 2 * MINUTE
    assert the(Lead).state == "open"


def test_danger_after_a_call_goes_first_and_is_alerted_until_somebody_has_heard_it(
    source: int,
) -> None:
    words = "He will kill me tonight."
    [promised] = writes_after_the_call(source, at=NOW + 3 * MINUTE, message=words)
    assert promised.danger == DangerKind.HARM
    with reader() as session:
        assert held_for(session.merge(promised)) == ["harm_decide"]
        found = conditions.current_conditions(session, now=NOW + 7 * MINUTE)
        assert "danger" in {one.kind for one in found}


def test_words_of_danger_go_before_whoever_asked_more_often_and_count_once(source: int) -> None:
    for minute in range(4):
        send(source, phone=OTHER_NUMBER, at=NOW + minute * MINUTE, message=f"Please call. {minute}")
    send(source, message="He took an overdose.", at=NOW + 5 * MINUTE)
    assert [(one.in_danger, one.asked_again) for one in rows(Callback)] == [(False, 3), (True, 0)]
    assert first_of_the_desk() == (2, "They wrote that a life is in danger now: 911 first.")
    send(source, message="Please, he wants to die!", at=NOW + 6 * MINUTE)
    assert (rows(Callback)[1].in_danger, rows(Callback)[1].asked_again) == (True, 1)
    assert first_of_the_desk() == (
        2,
        "They wrote that a life is in danger now: 911 first. They asked again.",
    )


def test_a_desk_tells_whoever_asked_again_from_whom_a_supervisor_moved_up(source: int) -> None:
    send(source)
    with transaction() as session:
        supervisor = add_advisor(session, 1, role=AdvisorRole.SUPERVISOR, now=NOW)
        queue.move_callback_up(session, session.exec(select(Callback)).one(), supervisor, now=NOW)
    assert first_of_the_desk() == (1, "A supervisor moved them up.")
    send(source, at=NOW + MINUTE, message="Please!")
    assert first_of_the_desk() == (1, "They asked again. A supervisor moved them up.")


def test_words_of_danger_in_a_second_form_raise_the_promise_that_is_open(source: int) -> None:
    send(source)
    before = the(Callback)
    assert send(source, message="quiero morir", at=NOW + MINUTE).state == "duplicate"
    callback = the(Callback)
    assert (callback.in_danger, callback.asked_again) == (True, 1)
    assert callback.due_at == before.due_at


def first_of_the_desk() -> tuple[int, str]:
    with transaction() as session:
        advisor = session.exec(select(Advisor)).first() or add_advisor(session, 1, now=NOW)
        first = advisor_desk.read_desk(session, advisor.id, now=NOW + HOUR).first
    return first.callback_id, " ".join(first.why)


@pytest.mark.parametrize(("said", "later"), [("please  CALL.", 6), ("It is worse now.", 1)])
def test_a_person_who_asks_again_is_rung_again(source: int, said: str, later: int) -> None:
    send(source, message="Please call.")
    is_over()
    assert send(source, message=said, at=NOW + later * MINUTE).state == "admitted"
    assert [callback.state for callback in rows(Callback)] == ["cancelled", "waiting"]


def test_what_is_pressed_twice_stays_one_callback(source: int) -> None:
    send(source, name="Ana", message="Please call.")
    again = send(source, name="Ana", message="Please call.", at=NOW + MINUTE)
    assert (again.state, len(rows(Callback))) == ("duplicate", 1)


@pytest.mark.parametrize("later", [6 * MINUTE, 40 * 24 * HOUR])
def test_the_same_id_after_the_callback_is_never_a_silent_duplicate(
    source: int, later: timedelta
) -> None:
    send(source, id="f-1", name="Ana", message="Please call.")
    is_over()
    again = send(source, id="f-1", name="Ana", message="Please call.", at=NOW + later)
    assert again.state == "needs_review"
    assert again.reason == (
        "The same submission arrived again after its callback was closed. Are they asking again?"
    )


def test_the_same_id_with_another_name_is_looked_at(source: int) -> None:
    send(source, id="f-1", name="Ana")
    other = send(source, id="f-1", name="Luis", at=NOW + MINUTE)
    assert (other.state, "a different name" in other.reason) == ("needs_review", True)


def test_what_cannot_be_read_is_one_task_however_often_it_is_sent(source: int) -> None:
    first, again = (
        deliver(arrival(source, b"\xff\xfe gibberish", at=NOW + n * MINUTE)) for n in range(2)
    )
    assert (first.state, again.state) == ("needs_review", "duplicate")
    assert again.reason == f"Same as submission {first.id}, which is held for review."
    assert deliver(arrival(source, b"\xff\xfe other", at=NOW + 3 * MINUTE)).state == "needs_review"
    assert (
        deliver(arrival(source, b"\xff\xfe gibberish", at=NOW + 25 * HOUR)).state == "needs_review"
    )


def test_two_names_at_a_number_are_two_people_who_are_both_rung(source: int) -> None:
    send(source, name="Ana")
    send(source, name="Luis")
    assert [row.reading["name"] for row in rows(Submission)] == ["Ana", "Luis"]
    assert [lead.name for lead in rows(Lead)] == ["Ana", "Luis"]
    assert len({callback.lead_id for callback in rows(Callback)}) == 2


def test_whoever_waits_for_a_person_is_not_settled_by_somebody_elses_form(source: int) -> None:
    for name, number in (
        ("Ana", NUMBER),
        ("Bea", OTHER_NUMBER),
        ("Cleo", "call me"),
        ("Ana", NUMBER),
    ):
        send(source, id="c-7", name=name, phone=number, message=name)
    assert [row.state for row in rows(Submission)] == [
        "admitted",
        "needs_review",
        "needs_review",
        "duplicate",
    ]


def test_a_person_may_find_that_the_same_id_was_another_person(source: int) -> None:
    send(source, id="c-7", name="Ana")
    other = send(source, id="c-7", name="Bea", phone=OTHER_NUMBER)
    with transaction() as session:
        supervisor = add_advisor(session, 1, role=AdvisorRole.SUPERVISOR, now=NOW)
        submission = session.get_one(Submission, other.id)
        review.admit_corrected_submission(
            session, submission, review.Correction(OTHER_NUMBER), supervisor, now=NOW
        )
    assert (rows(Submission)[1].state, rows(Submission)[1].reason) == ("admitted", "")
    assert [lead.phone for lead in rows(Lead)] == [NUMBER, OTHER_NUMBER]
    assert len(rows(Callback)) == 2


def test_the_same_id_with_other_words_after_the_callback_is_a_question_for_a_person(
    source: int,
) -> None:
    send(source, id="person-7", message="First time.")
    is_over()
    again = send(source, id="person-7", message="I need help again.", at=NOW + 400 * HOUR)
    assert (again.state, "Are they asking again?" in again.reason) == ("needs_review", True)
    asked_again = send(source, id="person-7", message="First time.", at=NOW + 401 * HOUR)
    assert asked_again.state == "needs_review"


@pytest.mark.parametrize(
    "key", ["id", "_id", "ID", "uuid", "GUID", "requestId", "record_id", "inquiryId", "ticket_id"]
)
def test_a_site_s_own_id_with_other_words_is_looked_at(source: int, key: str) -> None:
    first = send(source, **{key: "7f3a"}, name="Ana", message="Please call.")
    joined = send(source, **{key: "7f3a"}, name="Ana", message="Not by phone.", at=NOW + MINUTE)
    assert (joined.state, joined.callback_id) == ("duplicate", first.callback_id)
    assert held_for(the(Callback)) == ["contact_limited"]
    is_over()
    again = send(source, **{key: "7f3a"}, name="Ana", message="Call again.", at=NOW + HOUR)
    assert (again.state, "different text" in again.reason) == ("needs_review", True)


def test_a_second_name_takes_nothing_of_the_first_and_lifts_no_fear(source: int) -> None:
    send(source, name="Ana", email="ana@example.org", safe_to_call=False)
    send(source, name="Bob", email="bob@example.org", city="Utica", safe_to_call=True)
    ana, bob = rows(Lead)
    assert (ana.name, ana.email) == ("Ana", "ana@example.org")
    assert (bob.name, bob.email) == ("Bob", "bob@example.org")
    assert (ana.city, bob.city) == ("", "Utica")
    assert all(held_for(callback) == ["not_safe_to_call"] for callback in rows(Callback))
    send(source, name="ana", safe_to_call=True)
    assert rows(Lead)[0].safe_to_call is False
    assert [(said.lead_id, said.fact) for said in rows(AlsoSaid)] == [(ana.id, "safe_to_call")]


def test_only_somebody_elses_number_is_said_to_be_that(source: int) -> None:
    submission = deliver(
        arrival(source, json.dumps({"Name": "Ana", "Loved one's phone": "3155550142"}).encode())
    )
    assert (
        submission.reason
        == "It has only someone else's number, and that person did not ask for a call."
    )


def test_what_waits_is_read_again_once_its_source_was_mended(
    source: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    waiting = deliver(
        arrival(source, json.dumps({"field_3": "Robin", "field_7": "315 555 0142"}).encode())
    )
    hopeless = deliver(arrival(source, b"\xff\xfe gibberish"))
    assert [row.state for row in (waiting, hopeless)] == ["needs_review"] * 2
    with transaction() as session:
        session.get_one(Source, source).mapping = {"phone": "field_7", "name": "field_3"}
    monkeypatch.setenv("DATABASE_URL", database)
    assert main(["readmit", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "looked_at": 2, "admitted": 1, "settled": 0, "still_in_review": 0, "unchanged": 1,
    }  # fmt: skip
    assert [(row.state, row.reading.get("phone")) for row in rows(Submission)] == [
        ("admitted", NUMBER),
        ("needs_review", None),
    ]
    assert (the(Lead).name, the(Callback).received_at) == ("Robin", NOW)
    assert main(["readmit", "--source", "Nowhere"]) == 2
    assert "There is no source Nowhere." in capsys.readouterr().err


def test_what_is_read_again_keeps_its_reason_true(source: int) -> None:
    waiting = deliver(arrival(source, b'{"phone": "call me"}'))
    with transaction() as session:
        session.get_one(Source, source).mapping = {"phone": "telephone"}
    assert reprocessing.reprocess_reviews(
        actor=OPERATOR, now=lambda: NOW
    ) == reprocessing.ReprocessingCounts(unchanged=1)
    with reader() as session:
        again = session.get_one(Submission, waiting.id)
    assert (again.state, again.reason) == ("needs_review", "The phone number cannot be dialed.")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_damaged_body_does_not_break_into_the_bar(source: int, database: str) -> None:
    damaged = b"--x\r\nnonsense without a colon \xff\r\n\r\nAna Ruiz\r\n--"
    deliver(replace(arrival(source, damaged), content_type="multipart/form-data; boundary=x"))
    done = warm.run({**os.environ, "DATABASE_URL": database}, "readmit")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        "1 processed again: 0 now in the queue, 0 closed without a call, "
        "0 still to review for another reason, 1 unchanged.\n"
    )
    lines = [line for line in done.stderr.replace("\r", "\n").splitlines() if line.strip()]
    assert [line for line in lines if not line.startswith("Processing again")] == []
