"""Erasure: somebody is forgotten everywhere, the figures stay, and what they forbade holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session, col, select

from leads.callbacks import opt_out
from leads.calls import inbound
from leads.contact_rules import gate, kept_stops, suppression
from leads.contact_rules.gate_rules import ContactChannel, RefusalReason
from leads.errors import NotAllowed, NotNow
from leads.free_text.danger import DangerKind
from leads.i18n.messages import own_words
from leads.incidents import course
from leads.intake import processing
from leads.lead_records import lead_file, merging
from leads.messaging import inbound_texts
from leads.models.calls import Callback
from leads.models.enums import (
    CallbackState,
    ErasureReason,
    LeadState,
    OutboxState,
    SubmissionState,
)
from leads.models.requests import (
    ConfirmedNumber,
    Lead,
    LeadWord,
    Submission,
    Suppression,
    TextMessage,
)
from leads.privacy import erasure, legal_holds
from leads.privacy.person_rows import PERSONAL_TABLES
from leads.reporting import close_reasons, service_report, terminal_report
from leads.reporting.service_report import ReportQuestion
from tests.conftest import NOW
from tests.support.people import (
    HOUR,
    MINUTE,
    NUMBER,
    a_call,
    a_callback,
    a_claim,
    a_conversation,
    a_lead,
    a_source,
    a_submission,
    a_supervisor,
    a_voicemail,
    an_advisor,
    an_inbound_call,
    callback_of,
    hold_back,
    lead_of,
    moves,
)
from tests.support.twilio_double import CALLER_ID
from tests.support.whole_person import CAMPAIGN, MARK, a_whole_person, find_left

DIGITS = NUMBER[-7:]
ASKED = ErasureReason.ASKED
NOTHING_PERSONAL = {
    "voicemail_plays",
    "decisions",
    "merges",
    "provider_events",
    "retention_marks",
}


def erase(session: Session, lead: Lead) -> erasure.ErasureOutcome:
    return erasure.erase_person(session, lead, a_supervisor(session), reason=ASKED, now=NOW + HOUR)


def asks(session: Session, number: str = NUMBER, **fields: object) -> Submission:
    body = json.dumps({"phone": number, **fields}).encode()
    submission = a_submission(session, body=body, content_type="application/json")
    processing.process_submission(session, submission, now=NOW + HOUR)
    return submission


def test_nothing_that_tells_of_an_erased_person_is_left_in_any_row(session: Session) -> None:
    lead, sam = a_whole_person(session), a_supervisor(session)
    before = find_left(session, MARK, DIGITS)
    assert {"lead", "submission", "voicemail", "text_message", "suppression"} <= before.keys()
    preview = erasure.preview_erasure(session, lead, sam)
    assert preview.obstacles == ()
    assert preview.rows.keys() == PERSONAL_TABLES.keys()
    outcome = erase(session, lead)
    assert find_left(session, MARK, DIGITS) == {}
    assert outcome.rows.keys() | NOTHING_PERSONAL == {
        "files",
        *PERSONAL_TABLES,
    }
    assert outcome.stops == 1


def test_what_figures_are_made_of_stays_and_the_trail_says_who_erased(session: Session) -> None:
    lead = a_whole_person(session)
    erase(session, lead)
    session.expire_all()
    assert lead.erased_at == NOW + HOUR
    [callback] = session.exec(select(Callback)).all()
    assert callback.lead_id == lead.id
    assert callback.received_at == NOW
    [submission] = session.exec(select(Submission)).all()
    assert submission.reading == {"campaign": CAMPAIGN}
    last = moves(session, lead)[-1]
    assert (last.event, last.changes["reason"]) == ("erase", "asked")
    assert last.changes["rows"]["files"] == 1
    assert last.actor.startswith("advisor:")


def test_response_times_and_reports_do_not_change(session: Session) -> None:
    somewhere = {"region": "HI", "zip": "96813", "name": MARK}  # not where the number is
    for minutes, number in enumerate((NUMBER, "+13155550143", "+13155550144"), start=1):
        lead = a_lead(session, phone=number, state=LeadState.CLOSED, **somewhere)
        rung = NOW + minutes * 7 * HOUR
        a_callback(
            session,
            lead,
            state=CallbackState.COMPLETED,
            first_rung_at=rung,
            first_conversation_at=rung,
            ended_at=rung + MINUTE,
            finished_at=rung + MINUTE,
            notes=MARK,
            disposition="helped",
        )
    first = session.exec(select(Lead).where(Lead.phone == NUMBER)).one()
    first.safe_to_call = False
    opt_out.stop_contact(
        session, "+13155550143", reason=own_words(MARK), actor="advisor:1", now=NOW + HOUR
    )
    before = all_figures(session)
    for lead in session.exec(select(Lead).order_by(col(Lead.id))).all():
        erase(session, lead)
    session.expire_all()
    assert find_left(session, MARK, DIGITS[:-1]) == {}
    assert all_figures(session) == before


def all_figures(session: Session) -> dict[str, Any]:
    question = ReportQuestion(date(2026, 3, 3), date(2026, 3, 4), "UTC", 5 * MINUTE)
    now = NOW + 48 * HOUR
    period = service_report.read_period_figures(session, question, now=now)
    stops = close_reasons.read_opt_outs(session, start=NOW, end=now, now=now)
    return {**terminal_report.period_figures_as_dict(period), "stops": stops}


BACK: dict[str, Callable[[Session], object]] = {
    "form": lambda s: asks(s, name="Somebody"),
    "text": lambda s: inbound_texts.receive_text_message(
        s, NUMBER, "Please call me", message_id="SM9", now=NOW + HOUR
    ),
    "call": lambda s: inbound.receive_call(
        s, "CA9", NUMBER, a_source(s) and CALLER_ID, now=NOW + HOUR
    ),
}


def may_be_called(session: Session) -> gate.Decision:
    session.expire_all()
    at_number = session.exec(select(Lead).where(Lead.phone == NUMBER)).all()
    someone = at_number[-1] if at_number else a_lead(session, phone=NUMBER)
    return gate.may_contact(session, NUMBER, ContactChannel.CALL, lead=someone, now=NOW + HOUR)


@pytest.mark.parametrize("how", BACK)
def test_a_stop_holds_when_the_number_comes_back(session: Session, how: str) -> None:
    lead, sam = a_lead(session, phone=NUMBER, name=MARK), a_supervisor(session)
    opt_out.stop_contact_as_told(session, NUMBER, sam, reason=own_words("by mail"), now=NOW)
    assert erase(session, lead).stops == 1
    assert find_left(session, MARK, DIGITS, "by mail") == {}
    BACK[how](session)
    decision = may_be_called(session)
    assert decision.reasons == (RefusalReason.SUPPRESSED,)
    if how != "call":  # whoever calls is answered, and not called back
        assert session.exec(select(Callback)).all() == []
    if how == "form":
        assert [one.state for one in session.exec(select(Submission))] == ["withheld"]
    opt_out.lift_stop(session, NUMBER, sam, now=NOW + HOUR)
    assert may_be_called(session).allowed


def test_a_stop_is_restored_once_and_for_its_number_alone(session: Session) -> None:
    lead, sam = a_lead(session, phone=NUMBER, name=MARK), a_supervisor(session)
    opt_out.stop_contact_as_told(session, NUMBER, sam, reason=own_words("by mail"), now=NOW)
    erase(session, lead)
    kept_stops.restore_kept_stops(session, ["+13155550199"])
    assert not suppression.is_number_suppressed(session, NUMBER)
    kept_stops.restore_kept_stops(session, [NUMBER, "+13155550199"])
    assert suppression.is_number_suppressed(session, NUMBER)
    kept_stops.restore_kept_stops(session, [NUMBER])
    assert len(session.exec(select(Suppression)).all()) == 1


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"consent": False}, RefusalReason.SUPPRESSED),
        ({"safe_to_call": False}, RefusalReason.SUPPRESSED),
    ],
)
def test_what_was_refused_or_unsafe_holds_as_a_stop_that_no_figure_counts(
    session: Session, said: dict[str, Any], reason: RefusalReason
) -> None:
    submission = asks(session, name=MARK, **said)
    lead = session.get_one(Lead, submission.lead_id)
    erase(session, lead)
    asks(session, name="Somebody", consent=True)
    assert reason in may_be_called(session).reasons
    now = NOW + 2 * HOUR
    assert close_reasons.read_opt_outs(session, start=NOW, end=now, now=now).each == ()


def test_a_number_is_kept_by_its_keyed_hash_alone(session: Session) -> None:
    lead = a_lead(session, phone=NUMBER)
    opt_out.stop_contact(session, NUMBER, reason=own_words("no"), actor="advisor:1", now=NOW)
    erase(session, lead)
    stop = session.exec(select(Suppression)).one()
    assert stop.phone == lead.phone == f"erased-{lead.id}"
    assert stop.number_hash == kept_stops.hash_number(session, NUMBER)
    assert stop.number_hash != kept_stops.hash_number(session, NUMBER[:-1] + "3")
    assert session.exec(select(LeadWord)).all() == []


def test_another_person_at_the_number_stays_and_what_was_refused_holds_for_them(
    session: Session,
) -> None:
    mary = session.get_one(Lead, asks(session, name=MARK, safe_to_call=False).lead_id)
    john = session.get_one(Lead, asks(session, name="John", zip="10001").lead_id)
    erase(session, mary)
    session.expire_all()
    assert find_left(session, MARK) == {}
    assert (john.phone, john.name) == (NUMBER, "John")
    assert john.zip == "10001"
    decision = gate.may_contact(session, NUMBER, ContactChannel.CALL, lead=john, now=NOW)
    assert RefusalReason.SUPPRESSED in decision.reasons


def test_what_came_from_the_number_and_was_never_filed_goes_too(session: Session) -> None:
    lead = a_lead(session, phone=NUMBER, name=MARK, state=LeadState.CLOSED)
    session.add(ConfirmedNumber(phone=NUMBER, by="advisor:1", at=NOW))
    review = a_submission(
        session,
        state=SubmissionState.NEEDS_REVIEW,
        body=MARK.encode(),
        reading={"phone": NUMBER, "name": "M", "message": MARK},
    )
    other = a_submission(
        session, state=SubmissionState.NEEDS_REVIEW, reading={"phone": "+13155550100", "name": "Lu"}
    )
    inbound_call = an_inbound_call(session, state="abandoned", phone=NUMBER)
    a_voicemail(session, inbound_call, state="fetched", sealed=MARK.encode())
    session.add(
        TextMessage(
            phone=NUMBER, message_id="SM1", body=MARK, meaning="words", received_at=NOW, waits=True
        )
    )
    erase(session, lead)
    session.expire_all()
    assert find_left(session, MARK, DIGITS) == {}
    assert review.state == SubmissionState.DISCARDED
    assert other.state == SubmissionState.NEEDS_REVIEW
    assert other.reading["name"] == "Lu"


def test_an_open_promise_is_canceled_and_nothing_is_left_to_do(session: Session) -> None:
    lead = session.get_one(Lead, asks(session, name=MARK, consent=True).lead_id)
    callback = session.exec(select(Callback)).one()
    hold_back(session, callback, MARK)
    erase(session, lead)
    session.expire_all()
    assert (callback.state, callback.close_reason) == (CallbackState.CANCELLED, "withdrawn")
    assert lead.state == LeadState.CLOSED
    assert find_left(session, MARK, DIGITS) == {}


def test_all_files_of_a_person_are_erased_whichever_is_named(session: Session) -> None:
    home, mobile = (
        lead_of(session, a_callback(session, a_lead(session, phone=NUMBER, name=MARK))),
        a_lead(session, phone="+13155550143", name=f"{MARK} M", state=LeadState.CLOSED),
    )
    merging.merge_leads(session, mobile, home, a_supervisor(session), now=NOW)
    outcome = erase(session, mobile)
    assert outcome.rows["files"] == 2
    assert find_left(session, MARK, DIGITS, "5550143") == {}


def held(session: Session) -> Lead:
    lead = a_lead(session)
    legal_holds.place_legal_hold(session, lead, a_supervisor(session), reason="case", now=NOW)
    return lead


def in_an_incident(session: Session) -> Lead:
    callback = a_callback(session)
    course.open_incident(session, callback, DangerKind.SELF, by="advisor:1", now=NOW)
    return lead_of(session, callback)


def with_a_text_in_hand(session: Session) -> Lead:
    lead = a_whole_person(session)
    [text] = session.exec(select(PERSONAL_TABLES["sent_texts"])).all()
    text.status = "ordered"
    [order] = session.exec(select(PERSONAL_TABLES["orders"])).all()
    order.key, order.state = f"text:{text.id}", OutboxState.SENDING
    return lead


WHY_NOT: dict[str, Callable[[Session], Lead]] = {
    "legal hold": held,
    "on a call": lambda s: lead_of(s, callback_of(s, a_call(s))),
    "on a call, called in": lambda s: a_lead(
        s, phone=an_inbound_call(s, lead_id=a_lead(s, phone=NUMBER).id).phone, nth_at_number=2
    ),
    "handling": lambda s: lead_of(s, a_claim(s)[0]),
    "handling, after a call": lambda s: lead_of(s, callback_of(s, a_conversation(s))),
    "incident": in_an_incident,
    "voicemail": lambda s: s.get_one(Lead, a_caller_with_voicemail(s)),
    "text to them": with_a_text_in_hand,
}


def a_caller_with_voicemail(session: Session) -> int:
    lead = a_lead(session)
    a_voicemail(session, an_inbound_call(session, state="voicemail", lead_id=lead.id))
    return lead.id


@pytest.mark.parametrize("why", WHY_NOT)
def test_nobody_is_erased_at_the_wrong_moment(session: Session, why: str) -> None:
    lead = WHY_NOT[why](session)
    if "called in" in why:
        lead = session.exec(select(Lead).where(Lead.phone == NUMBER, Lead.nth_at_number == 1)).one()
    [obstacle, *_] = erasure.preview_erasure(session, lead, a_supervisor(session)).obstacles
    with pytest.raises(NotNow, match=why.split(",", maxsplit=1)[0]) as refusal:
        erase(session, lead)
    assert str(refusal.value) == obstacle
    assert lead.erased_at is None


def test_nobody_is_erased_twice_nor_by_an_advisor(session: Session) -> None:
    lead, ana = a_lead(session), an_advisor(session)
    with pytest.raises(NotAllowed):
        erasure.erase_person(session, lead, ana, reason=ASKED, now=NOW)
    with pytest.raises(NotAllowed):
        erasure.preview_erasure(session, lead, ana)
    erase(session, lead)
    with pytest.raises(NotNow, match="erased before"):
        erase(session, lead)


def test_an_erased_file_can_be_opened_and_says_nothing(session: Session) -> None:
    lead, sam = a_whole_person(session), a_supervisor(session)
    erase(session, lead)
    file = lead_file.read_lead_file(session, lead.id, sam, now=NOW + 2 * HOUR)
    assert file is not None
    assert file.erased_at == NOW + HOUR
    assert MARK not in repr(file)
    assert DIGITS not in repr(file)
    assert lead_file.search_lead_files(session, MARK, sam) == []
    assert lead_file.search_lead_files(session, NUMBER, sam) == []
