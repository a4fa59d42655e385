"""Data export: all that is stored about one person, for supervisors to hand out."""

from __future__ import annotations

import json

import pytest
from sqlmodel import Session, SQLModel, select

from leads.callbacks import opt_out
from leads.database.bulk_rows import table_of
from leads.database.transactions import write_deferred_inserts
from leads.errors import NotAllowed
from leads.i18n.messages import own_words
from leads.intake import processing
from leads.lead_records import call_notes, lead_file, merging
from leads.messaging import inbound_texts
from leads.models.requests import ConfirmedNumber, Lead, Suppression
from leads.models.watching import Transition
from leads.privacy import data_export
from leads.privacy.data_classes import DataClass, classify_columns
from leads.privacy.person_rows import PERSONAL_TABLES
from tests.conftest import NOW
from tests.support.people import (
    NUMBER,
    a_callback,
    a_conversation,
    a_lead,
    a_submission,
    a_supervisor,
    an_advisor,
    an_inbound_call,
)
from tests.support.whole_person import a_whole_person

MOBILE = "+13155550143"
OF_WHAT_IS_EXPORTED = {"lead_word"}  # hashes of a name and a number


def test_an_export_has_the_rows_of_every_table_that_leads_to_a_person() -> None:
    personal = {"lead"}
    tables = SQLModel.metadata.tables.values()
    while (
        more := {
            table.name
            for table in tables
            if personal & {key.column.table.name for key in table.foreign_keys}
        }
        - personal
    ):
        personal |= more
    exported = {table_of(kind).name for kind in PERSONAL_TABLES.values()}
    assert exported == personal - {"lead", *OF_WHAT_IS_EXPORTED}


def test_an_export_has_what_the_calls_notes_and_texts_left(session: Session) -> None:
    lead, sam = a_lead(session, phone=NUMBER, name="Anna"), a_supervisor(session)
    callback = a_callback(session, lead)
    attempt = a_conversation(session, callback)
    call_notes.save_note(session, callback.id, attempt.advisor_id, "Sister helps.", now=NOW)
    lead_file.correct_lead_facts(session, lead, {"name": "Ana"}, sam, now=NOW)
    inbound_texts.receive_text_message(session, NUMBER, "Thanks!", message_id="SM1", now=NOW)
    write_deferred_inserts(session)
    exported = data_export.export_lead_data(session, lead, sam, now=NOW).data
    [note], [text], [change] = exported["notes"], exported["texts"], exported["fact_changes"]
    assert note["text"] == "Sister helps."
    assert text["body"] == "Thanks!"
    assert (change["before"], change["after"]) == ("Anna", "Ana")
    assert {leg["party"] for leg in exported["call_legs"]} == {"advisor", "lead"}
    assert exported["provider_events"]
    trail = json.dumps(exported["history"])
    assert "Thanks" not in trail
    assert "Anna" not in trail


def test_an_export_holds_all_of_one_person_and_nothing_of_another(session: Session) -> None:
    lead = asks(session, name="Ana", message="Please call.", consent=True, any_hour=True)
    asks(session, name="Luis", phone=MOBILE)
    opt_out.stop_contact(session, NUMBER, reason=own_words("by e-mail"), actor="advisor:1", now=NOW)
    write_deferred_inserts(session)
    exported = json.loads(
        json.dumps(data_export.export_lead_data(session, lead, a_supervisor(session), now=NOW).data)
    )
    assert {name: len(rows) for name, rows in exported.items() if isinstance(rows, list)} == {
        "merged": 0,
        "submissions": 1,
        "consents": 1,
        "callbacks": 1,
        "calls_that_came_in": 0,
        "voicemails": 0,
        "voicemail_plays": 0,
        "holds": 0,
        "notes": 0,
        "intake_answers": 0,
        "calls": 0,
        "call_legs": 0,
        "provider_events": 0,
        "orders": 0,
        "decisions": 1,
        "hours_overrides": 0,
        "incidents": 0,
        "incident_steps": 0,
        "texts": 0,
        "sent_texts": 0,
        "fact_changes": 0,
        "also_said": 0,
        "other_contacts": 0,
        "tasks": 0,
        "merges": 0,
        "legal_holds": 0,
        "disclosure_consents": 0,
        "disclosures": 1,  # this one
        "privacy_cases": 0,
        "privacy_steps": 0,
        "emergency_accesses": 0,
        "retention_marks": 0,
        "never_filed": 0,
        "suppressions": 1,
        "confirmed_numbers": 0,
        "history": 3,
    }
    assert json.loads(exported["submissions"][0]["body"])["message"] == "Please call."
    assert "Luis" not in json.dumps(exported)
    write_deferred_inserts(session)
    assert session.exec(select(Transition.event).where(Transition.event == "export")).one()


def test_an_export_tells_nothing_of_somebody_else_at_the_number(session: Session) -> None:
    mary = asks(session, name="Mary", zip="13202", safe_to_call=False)
    a_stranger = {"name": "John", "zip": "96813", "safe_to_call": True}
    submission = a_submission(
        session,
        body=json.dumps({"phone": NUMBER, **a_stranger}).encode(),
        content_type="application/json",
    )
    processing.process_submission(session, submission, now=NOW)
    john = session.get_one(Lead, submission.lead_id)
    for lead, others in ((mary, ("John", "96813")), (john, ("Mary", "13202"))):
        exported = data_export.export_lead_data(session, lead, a_supervisor(session), now=NOW).data
        text = json.dumps(exported, ensure_ascii=False)
        assert not [word for word in others if word in text]
        assert len(exported["also_said"]) == (lead is mary)


def test_an_export_has_the_files_that_were_merged_into_it(session: Session) -> None:
    home, sam = asks(session, name="Jo"), a_supervisor(session)
    mobile = asks(session, name="Jo 43", phone=MOBILE)
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    asks(session, name="Jo 43", phone=MOBILE, message="It is me again.")
    exported = data_export.export_lead_data(session, home, sam, now=NOW).data
    assert len(exported["submissions"]) == 3
    assert [file["phone"] for file in exported["merged"]] == [MOBILE]


def test_only_supervisors_export(session: Session) -> None:
    lead, ana = a_lead(session), an_advisor(session)
    with pytest.raises(NotAllowed):
        data_export.export_lead_data(session, lead, ana, now=NOW)


def asks(session: Session, **fields: object) -> Lead:
    form = {"phone": NUMBER, **fields}
    body = json.dumps(form).encode()
    submission = a_submission(session, body=body, content_type="application/json")
    processing.process_submission(session, submission, now=NOW)
    return session.exec(select(Lead).where(Lead.phone == form["phone"])).one()


def test_an_export_has_every_column_but_what_is_colleagues_secret_or_sound(
    session: Session,
) -> None:
    lead = a_whole_person(session)
    exported = data_export.export_lead_data(session, lead, a_supervisor(session), now=NOW).data
    kinds = {**PERSONAL_TABLES, "suppressions": Suppression, "confirmed_numbers": ConfirmedNumber}
    kept = {DataClass.RECORDING, DataClass.SECRET, DataClass.STAFF}
    for name, kind in kinds.items():
        classes = classify_columns(table_of(kind).name)
        row, *_this_one = exported[name]
        told = {column for column, its_class in classes.items() if its_class not in kept}
        assert row.keys() == told, name
    assert set(classify_columns("lead")) - exported["lead"].keys() == {"further_places"}


def test_an_export_has_what_came_from_the_number_and_was_never_filed(session: Session) -> None:
    lead = a_lead(session, phone=NUMBER, name="Ana")
    a_submission(session, state="discarded", reading={"phone": NUMBER, "name": "A"}, body=b"first")
    a_submission(session, state="discarded", reading={"phone": MOBILE, "name": "L"}, body=b"other")
    an_inbound_call(session, state="abandoned", phone=NUMBER)
    exported = data_export.export_lead_data(session, lead, a_supervisor(session), now=NOW).data
    form, call = exported["never_filed"]
    assert form["body"] == "first"
    assert call["state"] == "abandoned"


@pytest.mark.parametrize("language", ["en", "es"])
def test_an_export_can_be_read_and_carries_the_notice_of_the_law(
    session: Session, language: str
) -> None:
    lead, sam = a_lead(session, phone=NUMBER, name="Ana <b>"), a_supervisor(session)
    callback = a_callback(session, lead, notes="Sister & she help.")
    inbound_texts.receive_text_message(session, NUMBER, "Thanks!", message_id="SM1", now=NOW)
    write_deferred_inserts(session)
    export = data_export.export_lead_data(session, lead, sam, now=NOW)
    page = data_export.render_readable_export(export, language=language, zone="America/New_York")
    for text in (NUMBER, "Ana &lt;b&gt;", "Sister &amp; she help.", "Thanks!", "12:00"):
        assert text in page, text
    assert "42 CFR part 2" in page
    assert export.data["notice"] in page
    assert f'lang="{language}"' in page
    assert str(callback.id) in page
    assert "password" not in page
