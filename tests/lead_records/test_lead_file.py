"""One person's file: all that happened, in order; corrections with their history."""

from __future__ import annotations

import json

import pytest
from sqlmodel import Session, select

from leads import person_search
from leads.callbacks import completion
from leads.database.transactions import write_deferred_inserts
from leads.errors import BadSubmission, NotAllowed
from leads.helplines import brands_and_sources
from leads.i18n import translatable
from leads.intake import processing
from leads.lead_records import lead_file
from leads.models.calls import Callback
from leads.models.dispositions import Disposition
from leads.models.requests import Lead, Submission
from tests.conftest import NOW
from tests.support.people import (
    MINUTE,
    a_callback,
    a_claim,
    a_conversation,
    a_lead,
    a_source,
    a_supervisor,
    advisor_of,
    an_advisor,
    lead_of,
)

NUMBER = "+13155550142"


def wrote(session: Session, **fields: object) -> Lead:
    body = json.dumps({"phone": NUMBER, **fields}).encode()
    submission = Submission(
        source_id=a_source(session).id,
        received_at=NOW,
        content_type="application/json",
        body=body,
        body_sha256="x",
    )
    session.add(submission)
    session.flush()
    processing.process_submission(session, submission, now=NOW)
    return session.exec(select(Lead).where(Lead.phone == NUMBER)).one()


def told(session: Session, lead: Lead) -> list[str]:
    write_deferred_inserts(session)
    file = lead_file.read_lead_file(session, lead.id, a_supervisor(session), now=NOW)
    assert file is not None
    return [entry.what for entry in reversed(file.entries)]


def test_a_file_tells_from_the_form_to_the_end_what_happened(session: Session) -> None:
    lead = wrote(
        session,
        name="Ana",
        message="Please call.",
        consent=True,
        consent_text="Call me.",
        any_hour=True,
    )
    callback = session.exec(select(Callback)).one()
    attempt = a_conversation(session, callback)
    completion.dispose_callback(
        session,
        callback,
        advisor_of(session, attempt),
        Disposition.HELPED,
        notes="Comes on Monday.",
        now=NOW + MINUTE,
    )
    assert told(session, lead) == [
        "Ana submitted a request through Site",
        "Agreed to be called",
        "Assigned",
        "Their phone was dialed",
        "They answered",
        "The call ended",
        "Finished",
        "Request closed",
        "Notes",
    ]
    file = lead_file.read_lead_file(session, lead.id, a_supervisor(session), now=NOW)
    assert file is not None
    said = {entry.what: (entry.said, entry.by) for entry in file.entries}
    assert said["Finished"] == ("helped", advisor_of(session, attempt).name)
    assert said["Agreed to be called"] == ("Call me.", "")
    assert said["Notes"] == ("Comes on Monday.", "")
    assert NUMBER not in str(file)


def test_a_number_is_shown_to_whoever_asks_and_that_is_written_down(session: Session) -> None:
    callback, ana = a_claim(session)
    lead = lead_of(session, callback)
    assert lead_file.reveal_lead_number(session, lead, ana, now=NOW) == lead.phone
    assert lead_file.reveal_lead_number(session, lead, a_supervisor(session), now=NOW) == lead.phone
    assert told(session, lead) == ["Assigned", "Number shown", "Number shown"]
    with pytest.raises(NotAllowed):
        lead_file.reveal_lead_number(session, lead, an_advisor(session), now=NOW)


def test_a_correction_keeps_what_was_there_before(session: Session) -> None:
    lead, sam = a_lead(session, name="Anna", city="Utica"), a_supervisor(session)
    lead_file.correct_lead_facts(
        session, lead, {"name": "Ana ", "city": "Utica", "zip": "13501"}, sam, now=NOW
    )
    lead_file.correct_lead_facts(session, lead, {"name": "Ana"}, sam, now=NOW)
    assert lead.name == "Ana"
    assert lead.city == "Utica"
    assert lead.zip == "13501"
    assert told(session, lead) == ["Corrected"]
    file = lead_file.read_lead_file(session, lead.id, a_supervisor(session), now=NOW)
    assert file is not None
    assert (file.entries[0].said, file.entries[0].by) == (
        "name: Anna → Ana; ZIP code: nothing → 13501",
        sam.name,
    )
    with pytest.raises(BadSubmission, match="up to 8 digits"):
        lead_file.correct_lead_facts(session, lead, {"phone_extension": "2w4"}, sam, now=NOW)
    lead_file.correct_lead_facts(session, lead, {"phone_extension": "204"}, sam, now=NOW)
    assert lead.phone_extension == "204"
    with pytest.raises(BadSubmission, match="cannot be corrected: phone"):
        lead_file.correct_lead_facts(session, lead, {"phone": "+13155550143"}, sam, now=NOW)


def test_what_is_chosen_is_told_in_the_words_it_was_chosen_by(session: Session) -> None:
    lead, sam = a_lead(session, for_whom="self", language="Español"), a_supervisor(session)
    lead_file.correct_lead_facts(
        session, lead, {"for_whom": "loved_one", "language": "es"}, sam, now=NOW
    )
    write_deferred_inserts(session)
    said = lead_file.read_lead_file(session, lead.id, sam, now=NOW).entries[0].said
    assert said == "asking for: For themselves → For someone they love; language: Español → Spanish"
    assert translatable.translate("es", said) == (
        "para quién: Para sí → Para un ser querido; idioma: Español → español"
    )


def test_only_supervisors_correct(session: Session) -> None:
    lead, ana = a_lead(session), an_advisor(session)
    with pytest.raises(NotAllowed):
        lead_file.correct_lead_facts(session, lead, {"name": "x"}, ana, now=NOW)


@pytest.mark.parametrize(
    "text",
    [
        *("(315) 555-0142", "Ana@Example.org ", "GUTIÉRREZ", " guti ", "gutier", "ana gut"),
        *("Gutierrez, Ana", "Gutiérrez O'Brien", "obri", "Bo"),
    ],
)
def test_people_are_found_by_number_beginnings_of_a_name_or_address(
    session: Session, text: str
) -> None:
    lead = a_lead(session, NUMBER, name="Ana Bo Gutiérrez O'Brien", email="ana@example.org")
    a_lead(session, name="Gutenberg 100%", email="ana@example.net")
    assert _found(session, text) == [lead.id]


@pytest.mark.parametrize(
    "text", ["%", "a", "an", "ana@", "ana@example", "tierrez", "gutierrezz", "ana guten", "' OR 1"]
)
def test_nobody_is_found_by_less_or_by_other_words(session: Session, text: str) -> None:
    a_lead(session, NUMBER, name="Ana Gutiérrez", email="ana@example.org")
    a_lead(session, name="Gutenberg", email="@")
    assert _found(session, text) == []


def test_people_are_found_by_what_they_are_called_now(session: Session) -> None:
    lead = wrote(session, name="Ana Ruiz", email="ana@example.org")
    write_deferred_inserts(session)
    assert _found(session, "ruiz") == _found(session, "ana@example.org") == [lead.id]
    corrected = {"name": "Ana Montes", "email": "montes@example.org"}
    lead_file.correct_lead_facts(session, lead, corrected, a_supervisor(session), now=NOW)
    assert _found(session, "ruiz") == _found(session, "ana@example.org") == []
    assert _found(session, "mont") == _found(session, "ana") == [lead.id]


def test_the_latest_of_many_alike_are_found(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person_search, "AT_ONCE", 3)
    people = [a_lead(session, name=name).id for name in [*["Marta"] * 4, *["Marco"] * 7]]
    assert _found(session, "mart") == people[3::-1]
    assert _found(session, "mar") == people[::-1]


def _found(session: Session, text: str) -> list[int]:
    hits = lead_file.search_lead_files(session, text, a_supervisor(session))
    return [one.lead_id for one in hits]


def test_nothing_is_found_for_nothing(session: Session) -> None:
    brands_and_sources.add_source(session, "Site", now=NOW)
    a_lead(session, name="Ana")
    assert lead_file.search_lead_files(session, "  ", a_supervisor(session)) == []
    assert lead_file.read_lead_file(session, 999, a_supervisor(session), now=NOW) is None


def test_a_file_says_why_they_may_not_be_called_now_and_by_which_law(session: Session) -> None:
    sam = a_supervisor(session)
    lead = a_lead(session, "+18505550142", region="Florida")
    by_day = lead_file.read_lead_file(session, lead.id, sam, now=NOW)
    assert by_day is not None
    assert by_day.contact.is_allowed
    night = NOW.replace(day=4, hour=3)
    file = lead_file.read_lead_file(session, lead.id, sam, now=night)
    assert file is not None
    assert not file.contact.is_allowed
    assert file.contact.why == "It is outside their calling hours."
    assert file.contact.citations == ("47 CFR 64.1200(c)(1)", "Fla. Stat. 501.616(6)")
    assert file.contact.not_before == night.replace(hour=14)  # eight in Pensacola
    assert set(file.contact.zones) == {"America/New_York", "America/Chicago"}


def test_nobody_is_said_to_be_free_to_call_whom_a_person_decides_about_or_has_in_hand(
    session: Session,
) -> None:
    sam, calm, held = a_supervisor(session), a_lead(session), a_lead(session)
    a_callback(session, calm)
    a_callback(session, held, hold="They asked for a letter.")
    in_hand = lead_of(session, a_claim(session)[0])
    free = {
        lead.id: file.is_free_to_call
        for lead in (calm, held, in_hand)
        if (file := lead_file.read_lead_file(session, lead.id, sam, now=NOW))
    }
    assert free == {calm.id: True, held.id: False, in_hand.id: False}
