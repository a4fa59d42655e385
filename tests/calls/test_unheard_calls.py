"""Calls that came in while the desk was down: counted as they rang, and called back by the rule."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from leads.callbacks import missed_calls, opt_out
from leads.calls import inbound, inbound_news, unheard_calls
from leads.calls.unheard_calls import ListedCall
from leads.database.transactions import write_deferred_inserts
from leads.helplines import brands_and_sources
from leads.i18n.messages import Message, MessageKey
from leads.models.calls import Callback
from leads.models.enums import LegStatus
from leads.models.inbound import HelplineNumber, InboundCall, InboundSettings
from leads.models.requests import Lead
from leads.read_models import callback_board
from leads.reporting import inbound_calls
from leads.reporting.service_report import ReportQuestion
from tests.conftest import NOW
from tests.support.people import (
    HOUR,
    MINUTE,
    NUMBER,
    a_call,
    a_callback,
    a_lead,
    a_source,
    a_supervisor,
    an_advisor,
    an_attempt,
    on_duty,
    orders,
)
from tests.support.twilio_double import CALLER_ID

SID = "CA-unheard"
SECOND = timedelta(seconds=1)
BACK = NOW + HOUR  # the desk is there again


def is_found(
    session: Session, number: str = NUMBER, *, to: str = CALLER_ID, sid: str = SID
) -> InboundCall:
    """Record a call that rang at NOW, as the desk finds it an hour later."""
    a_source(session)
    listed = ListedCall(sid, number, to, NOW, NOW + 8 * SECOND)
    unheard_calls.record_unheard_call(session, listed, now=BACK)
    session.flush()
    return session.exec(select(InboundCall).where(InboundCall.provider_call_id == sid)).one()


def only_callback(session: Session) -> Callback:
    return session.exec(select(Callback)).one()


def test_a_stranger_is_counted_when_they_rang_and_not_called(session: Session) -> None:
    call = is_found(session)
    assert call.state == "abandoned"
    assert (call.rang_at, call.ended_at) == (NOW, NOW + 8 * SECOND)
    callback = only_callback(session)
    assert (callback.state, callback.close_reason) == ("cancelled", "caller_hung_up")
    assert session.exec(select(Lead.state)).one() == "closed"
    question = ReportQuestion(NOW.date(), NOW.date(), "UTC", 5 * MINUTE)
    calls = inbound_calls.read_inbound_calls(session, question)
    [missed] = inbound_calls.inbound_missed(calls)
    assert (missed.rang_at, missed.waited) == (NOW, 8 * SECOND)
    assert inbound_calls.inbound_answered_share(calls) == 0
    assert list(calls.by_hour("UTC")) == [NOW.hour]


def test_who_is_safe_to_call_is_called_back_with_their_place(session: Session) -> None:
    lead = a_lead(session, NUMBER, safe_to_call=True, state="closed")
    call = is_found(session)
    callback = only_callback(session)
    assert (callback.state, callback.origin) == ("waiting", "called_back")
    assert callback.received_at == callback.promised_at == callback.due_at == call.rang_at
    [row] = callback_board.list_open_callbacks(session, a_supervisor(session), now=BACK)
    assert (row.lead_id, row.late) == (lead.id, True)


@pytest.mark.parametrize("is_safe", [True, False, None])
def test_an_agreed_time_stays_and_the_board_says_that_they_called(
    session: Session, *, is_safe: bool | None
) -> None:
    lead = a_lead(session, NUMBER, safe_to_call=is_safe)
    agreed = BACK + HOUR
    callback = a_callback(session, lead, received_at=NOW - HOUR, due_at=agreed)
    is_found(session)
    assert (callback.due_at, callback.asked_again) == (agreed, 0)
    [row] = callback_board.list_open_callbacks(session, a_supervisor(session), now=BACK)
    assert missed_calls.CALLED_IN_VAIN in row.urgency


def test_who_has_talked_with_us_since_is_counted_and_left_alone(session: Session) -> None:
    lead = a_lead(session, NUMBER, safe_to_call=True, state="closed", close_reason="helped")
    callback = a_callback(session, lead, received_at=NOW - HOUR, state="completed")
    past = {"state": "ended", "answered_at": NOW + MINUTE}
    an_attempt(session, callback, an_advisor(session), **past)
    call = is_found(session)
    assert call.state == "abandoned"
    assert (call.lead_id, call.callback_id) == (lead.id, None)
    assert (only_callback(session).state, lead.close_reason) == ("completed", "helped")


def test_who_said_stop_is_counted_and_not_called(session: Session) -> None:
    lead = a_lead(session, NUMBER, safe_to_call=True)
    reason = Message(MessageKey.STOP_BY_TEXT)
    opt_out.stop_contact(session, NUMBER, reason=reason, actor="network", now=NOW + MINUTE)
    assert is_found(session).state == "abandoned"
    assert lead.state == "suppressed"
    assert only_callback(session).state == "cancelled"


def test_who_withheld_their_number_is_a_caller_too(session: Session) -> None:
    calls = [is_found(session, "", sid=f"CA-{nth}") for nth in range(2)]
    assert [call.state for call in calls] == ["abandoned"] * 2
    leads = session.exec(select(Lead)).all()
    assert len({lead.phone for lead in leads}) == 2
    assert {lead.state for lead in leads} == {"closed"}


def test_a_call_outside_the_hours_of_the_phone_is_counted_as_such(session: Session) -> None:
    a_lead(session, NUMBER, safe_to_call=True)
    brand_id = a_source(session).brand_id
    only_later = {"windows": [["13:30", "17:00"]] * 7, "closed_dates": []}  # it rang at noon
    session.add(InboundSettings(brand_id=brand_id, hours=only_later))
    session.flush()
    assert is_found(session).state == "refused_hours"
    assert session.exec(select(Callback)).all() == []


def test_the_helpline_is_whose_number_was_called(session: Session) -> None:
    a_source(session)
    other = brands_and_sources.add_brand(session, "Lakeside", now=NOW)
    session.add(HelplineNumber(brand_id=other.id, phone="+13155550188"))
    session.flush()
    assert is_found(session, to="+13155550188").brand_id == other.id


def test_the_list_and_a_late_webhook_bring_a_call_once(session: Session) -> None:
    on_duty(session)
    found = is_found(session)
    hears = inbound.receive_call(session, SID, NUMBER, CALLER_ID, now=BACK)
    assert hears is not None
    assert hears.step == inbound.CallerStep.GOODBYE
    inbound_news.apply_call_report(session, SID, LegStatus.COMPLETED, now=BACK)
    assert is_found(session).rang_at == found.rang_at == NOW
    assert len(session.exec(select(Callback)).all()) == 1


def test_a_call_that_the_webhook_brought_stays_as_it_is(session: Session) -> None:
    on_duty(session)
    a_source(session)
    assert inbound.receive_call(session, SID, NUMBER, CALLER_ID, now=NOW)
    assert is_found(session).state == "waiting"


def test_whoever_is_just_being_rung_for_them_goes_on(session: Session) -> None:
    attempt = a_call(session, a_callback(session, a_lead(session, NUMBER, safe_to_call=True)))
    write_deferred_inserts(session)
    before = len(orders(session))
    assert is_found(session).state == "abandoned"
    session.refresh(attempt)
    assert (attempt.inbound_call_id, attempt.ended_at) == (None, None)
    assert len(orders(session)) == before
    assert only_callback(session).state == "calling"


def test_who_waits_on_the_line_again_goes_on_waiting(session: Session) -> None:
    on_duty(session)
    a_source(session)
    assert inbound.receive_call(session, "CA-live", NUMBER, CALLER_ID, now=BACK)
    is_found(session)
    callback = only_callback(session)
    assert (callback.state, callback.origin) == ("waiting", "call")
