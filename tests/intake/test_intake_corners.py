"""What intake once misunderstood, kept as it should be."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text
from sqlmodel import select

from leads.callbacks import completion
from leads.database.engine import current_engine
from leads.database.transactions import transaction
from leads.forms.request import FormRequest
from leads.intake import processing, raw_inbox
from leads.intake.body_readings import BodyReading
from leads.models.calls import Callback
from leads.models.enums import AdvisorRole
from leads.models.helplines import Source
from leads.models.requests import Lead, Submission
from tests.conftest import NOW
from tests.support.form_doors import FORM, Page, Site, admitted
from tests.support.people import held_for, hold_back
from tests.support.running_desk import add_advisor
from tests.support.sent_forms import NUMBER, OTHER_NUMBER, arrival, deliver, form, rows, send, the

ENDLESS = "".join(hashlib.sha256(str(n).encode()).hexdigest() for n in range(100))
LOST = "A call was lost after their phone was dialed: check before calling again."


def test_ids_too_long_to_index_do_not_stop_everybody_behind_them(source: int) -> None:
    numbers = [f"+1315555{1000 + n}" for n in range(processing.BATCH)]
    raw_inbox.store_arrivals(
        [arrival(source, form(id=ENDLESS + number, phone=number)) for number in numbers]
    )
    raw_inbox.store_arrivals([arrival(source, form())])
    for _ in range(2):
        processing.process_received_submissions(now=lambda: NOW)
    assert {row.state for row in rows(Submission)} == {"admitted"}


def test_a_new_form_does_not_lift_the_hold_of_a_lost_call(source: int) -> None:
    send(source)
    with transaction() as session:
        hold_back(session, session.get_one(Callback, 1), "call_lost")
    send(source, message="Are you there?")
    assert held_for(the(Callback)) == ["call_lost"]


def test_the_same_form_corrected_to_not_safe_to_call_is_obeyed(source: int) -> None:
    send(source, id="f-1", safe_to_call="yes")
    send(source, id="f-1", safe_to_call="no")
    assert the(Lead).safe_to_call is False
    assert held_for(the(Callback)) == ["not_safe_to_call"]


def test_a_box_left_empty_takes_an_earlier_permission_back(site: Site) -> None:
    for ticked in ({"safe_to_voicemail": "yes", "any_hour": "yes"}, {}):
        shown = Page(site.http.get(site.form).text).values
        site.http.post(site.form, data=shown | FORM | ticked)
    admitted()
    assert (the(Lead).safe_to_voicemail, the(Callback).any_hour) == (False, False)


def test_a_correction_that_joins_an_open_callback_leaves_nothing_to_review(source: int) -> None:
    send(source)
    send(source, id="f-1", name="Jordan", phone="12")
    assert send(source, id="f-1", name="Jordan").state == "duplicate"
    assert rows(Submission)[1].state == "discarded"


def test_admission_and_a_supervisor_do_not_lock_each_other_out(source: int) -> None:
    send(source)
    raw_inbox.store_arrivals([arrival(source, form(again=True))])
    with ThreadPoolExecutor(1) as other, transaction() as session:
        supervisor = add_advisor(session, 1, role=AdvisorRole.SUPERVISOR, now=NOW)
        if current_engine().dialect.name == "sqlite":
            return
        callback = session.exec(select(Callback).with_for_update()).one()
        admission = other.submit(admit_strictly)
        while not session.execute(
            text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        ).scalar_one():
            pass  # until admission waits for us
        completion.cancel_callback(session, callback, supervisor, reason="x", now=NOW)
        session.commit()
        admission.result()


def admit_strictly() -> None:
    with transaction() as session:
        processing.process_submission(
            session,
            session.exec(select(Submission).where(Submission.state == "received")).one(),
            now=NOW,
        )


def test_what_is_no_number_does_not_keep_a_person_waiting(source: int) -> None:
    assert (
        deliver(arrival(source, b'{"phone": "3155550142", "score": NaN, "n": 1e999}')).state
        == "admitted"
    )


def test_a_form_has_an_id_of_its_own_that_is_not_the_persons(source: int) -> None:
    for number in (NUMBER, OTHER_NUMBER):
        body = {
            "form": {"id": 7, "name": "Contact form"},
            "answers": {"phone": number, "name": "Jordan"},
        }
        submission = deliver(arrival(source, json.dumps(body).encode()))
        assert (submission.state, submission.reading["name"]) == ("admitted", "Jordan")


def test_what_was_read_before_its_sources_settings_changed_is_read_again(source: int) -> None:
    raw_inbox.store_arrivals([arrival(source, b'{"where": "(315) 555-0142"}')])
    before = BodyReading(("generic", "US", {}), FormRequest(phone=OTHER_NUMBER))
    with transaction() as session:
        session.get_one(Source, source).mapping = {"phone": "where"}
        processing.process_submission(
            session, session.get_one(Submission, 1), now=NOW, reading=before
        )
    assert (the(Lead).phone, the(Submission).reading["phone"]) == (NUMBER, NUMBER)


def test_what_was_read_before_is_not_read_again_while_others_wait_to_write(source: int) -> None:
    raw_inbox.store_arrivals([arrival(source, form())])
    before = BodyReading(("generic", "US", {}), FormRequest(phone=NUMBER, name="as read before"))
    with transaction() as session:
        processing.process_submission(
            session, session.get_one(Submission, 1), now=NOW, reading=before
        )
    assert the(Lead).name == "as read before"
