"""A person corrects what was read of a submission.

What arrived stays, and so does who said what.
"""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, select

from leads.database.transactions import write_deferred_inserts
from leads.errors import BadSubmission
from leads.helplines import brands_and_sources
from leads.intake import processing, review
from leads.intake.review import Correction
from leads.models.calls import Callback
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


def test_a_number_that_cannot_be_dialled_changes_nothing(session: Session) -> None:
    sam, one = a_supervisor(session), a_submission(session)
    before = dict(one.reading)
    with pytest.raises(BadSubmission, match="cannot be dialled either"):
        review.admit_corrected_submission(session, one, Correction("call me", "Ana"), sam, now=NOW)
    assert (one.state, one.reading) == ("needs_review", before)
