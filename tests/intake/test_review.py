"""A person corrects what was read of a submission.

What arrived stays, and so does who said what.
"""

from __future__ import annotations

import json

import pytest
from sqlmodel import Session, col, select

from leads.contact_rules import gate
from leads.contact_rules.gate_rules import ContactChannel
from leads.database.transactions import write_deferred_inserts
from leads.errors import BadSubmission
from leads.helplines import brands_and_sources, source_settings
from leads.i18n.messages import MessageKey, message_key_of
from leads.intake import processing, review
from leads.intake.review import Correction
from leads.models.calls import Callback
from leads.models.helplines import Source
from leads.models.requests import Consent, Lead, Submission
from leads.models.watching import Transition
from tests.conftest import NOW
from tests.support.people import a_supervisor

BODY = (
    b'{"name": "A. Ruis", "phone": "ask my sister", "email": "ana@exmple.org", "message": '
    b'"Help", "consent": "no"}'
)


def a_submission(session: Session) -> Submission:
    source = brands_and_sources.add_source(session, "Site", now=NOW)
    one = Submission(
        source_id=source.id,
        received_at=NOW,
        content_type="application/json",
        body_sha256="x",
        body=BODY,
    )
    session.add(one)
    session.flush()
    processing.process_submission(session, one, now=NOW)
    return one


def test_everything_that_was_read_can_be_corrected(session: Session) -> None:
    sam, one = a_supervisor(session), a_submission(session)
    was = review.propose_correction(one.reading)
    assert was == Correction("ask my sister", "A. Ruis", "ana@exmple.org", "Help", consent=False)
    right = Correction(
        "315 555 0142", " Ana Ruiz ", "ana@example.org", "Help, please.", "loved_one",
        consent=True, safe_to_call=True, safe_to_voicemail=False, safe_to_text=True,
    )  # fmt: skip
    review.admit_corrected_submission(session, one, right, sam, now=NOW)

    assert (one.state, one.body) == ("admitted", BODY)
    lead, consent = session.exec(select(Lead)).one(), session.exec(select(Consent)).one()
    assert lead.phone == "+13155550142"
    assert lead.name == "Ana Ruiz"
    assert lead.email == "ana@example.org"
    assert lead.for_whom == "loved_one"
    assert lead.safe_to_call is True
    assert lead.safe_to_voicemail is False
    assert lead.safe_to_text is True
    assert (consent.granted, consent.channels) == (True, ["call", "text"])
    assert session.exec(select(Callback.is_held)).one() is False
    assert one.reading["message"] == "Help, please."
    assert one.reading["corrected"]["by"] == f"advisor:{sam.id}"
    assert one.reading["corrected"]["was"] == {
        "phone": None, "name": "A. Ruis", "email": "ana@exmple.org", "message": "Help",
        "for_whom": "",
        "consent": False, "safe_to_call": None, "safe_to_voicemail": None, "safe_to_text": None,
    }  # fmt: skip

    # The trail says which, when and by whom; the words stay with the submission.
    write_deferred_inserts(session)
    trail = select(Transition).where(Transition.record == "submission").order_by(col(Transition.id))
    trace = next(row for row in session.exec(trail) if row.event == "correct")
    assert (trace.actor, trace.at) == (f"advisor:{sam.id}", NOW)
    assert trace.changes == {"corrected": sorted(one.reading["corrected"]["was"])}


def test_a_number_that_cannot_be_dialed_changes_nothing(session: Session) -> None:
    sam, one = a_supervisor(session), a_submission(session)
    before = dict(one.reading)
    with pytest.raises(BadSubmission, match="cannot be dialed either"):
        review.admit_corrected_submission(session, one, Correction("call me", "Ana"), sam, now=NOW)
    assert (one.state, one.reading) == ("needs_review", before)


FORM_FOR_VETERANS = b'{"name": "Ana Ruiz", "Veteran phone": "(315) 555-0142 ext. 204"}'


def received(session: Session, body: bytes, source: Source | None = None) -> Submission:
    source = source or session.exec(select(Source)).first()
    source = source or brands_and_sources.add_source(session, "Site", now=NOW)
    one = Submission(
        source_id=source.id,
        received_at=NOW,
        content_type="application/json",
        body_sha256=str(len(body)),
        body=body,
    )
    session.add(one)
    session.flush()
    processing.process_submission(session, one, now=NOW)
    return one


def test_what_a_reviewer_confirms_once_is_remembered_for_the_source(session: Session) -> None:
    sam, one = a_supervisor(session), received(session, FORM_FOR_VETERANS)
    assert one.state == "needs_review"
    assert one.reading["suggestions"] == [
        {
            "number": "+13155550142",
            "label": "Veteran phone",
            "field": "Veteran phone",
            "is_anothers": False,
        }
    ]
    was = review.propose_correction(one.reading)
    assert was.phone == "+13155550142"
    review.admit_corrected_submission(session, one, was, sam, remembers_field=True, now=NOW)
    assert one.state == "admitted"
    source = session.get_one(Source, one.source_id)
    assert source.mapping == {"phone": "Veteran phone"}

    other = FORM_FOR_VETERANS.replace(b"0142", b"0177").replace(b"Ana Ruiz", b"Leo Park")
    again = received(session, other, source)
    assert (again.state, again.reading["phone"]) == ("admitted", "+13155550177")
    assert session.get_one(Lead, again.lead_id).phone_extension == "204"

    source_settings.map_form_field(session, source, "phone", "", sam, now=NOW)
    third = received(session, other.replace(b"0177", b"0188").replace(b"Leo", b"Bo"), source)
    assert third.state == "needs_review"


def test_nothing_is_remembered_unless_asked_or_where_another_number_is_rung(
    session: Session,
) -> None:
    sam, one = a_supervisor(session), received(session, FORM_FOR_VETERANS)
    other = Correction("(315) 555-0199", "Ana")
    review.admit_corrected_submission(session, one, other, sam, remembers_field=True, now=NOW)
    two = received(session, FORM_FOR_VETERANS.replace(b"Ana", b"Bo"))
    review.admit_corrected_submission(
        session, two, review.propose_correction(two.reading), sam, now=NOW
    )
    assert [source.mapping for source in session.exec(select(Source)).all()] == [{}]


def test_a_field_of_another_person_is_never_remembered(session: Session) -> None:
    sam = a_supervisor(session)
    one = received(session, json.dumps({"name": "Ana", "Abuser's phone": "818-555-0114"}).encode())
    assert one.reading["suggestions"][0]["field"]
    assert review.list_confirmable_fields(one.reading) == []
    by_hand = Correction("(818) 555-0114", "Ana")
    review.admit_corrected_submission(session, one, by_hand, sam, remembers_field=True, now=NOW)
    assert one.state == "admitted"
    assert session.exec(select(Source.mapping)).all() == [{}]


def test_of_several_numbers_or_anothers_none_is_written_down_for_the_reviewer(
    session: Session,
) -> None:
    accused = {"Respondent phone": "(818) 555-0113", "Petitioner phone": "(818) 555-0112"}
    both = received(session, json.dumps(accused).encode())
    assert [one["label"] for one in both.reading["suggestions"]] == list(accused)
    assert review.propose_correction(both.reading).phone == ""
    spouse = received(session, b'{"name": "Ana", "Spouse phone": "(818) 555-0113"}')
    assert (spouse.reading["suggestions"][0]["is_anothers"], spouse.reading["no_dial"]) == (
        True,
        ["+18185550113"],
    )
    assert review.propose_correction(spouse.reading).phone == ""
    for label in ("Abuser's phone", "Person of concern: cell", "Teléfono del agresor"):
        feared = received(session, json.dumps({"name": label, label: "(818) 555-0114"}).encode())
        assert (feared.reading["no_dial"], review.propose_correction(feared.reading).phone) == (
            ["+18185550114"],
            "",
        ), label


def test_a_number_of_a_new_area_code_is_rung_once_a_supervisor_confirms_it(
    session: Session,
) -> None:
    sam = a_supervisor(session)
    one = received(session, b'{"name": "Ana", "phone": "(436) 555-0142", "safe_to_call": "yes"}')
    assert (one.state, message_key_of(one.reason)) == (
        "needs_review",
        MessageKey.UNLISTED_AREA_CODE,
    )
    was = review.propose_correction(one.reading)
    review.admit_corrected_submission(session, one, was, sam, now=NOW)
    lead = session.get_one(Lead, one.lead_id)
    assert lead.phone == "+14365550142"
    decision = gate.may_contact(session, lead.phone, ContactChannel.CALL, lead=lead, now=NOW)
    assert decision.needs_person is False
    assert session.exec(select(Callback.is_held)).one() is False
