"""Calls of one person with two numbers: what is said at one of them rings no other."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from leads.alerting import danger_conditions
from leads.alerting.alert_condition import DangerPlace
from leads.callbacks import callback_offers, holds, opt_out
from leads.calls import (
    caller_promises,
    conference_news,
    inbound,
    inbound_news,
    keypad_wrap_up,
    offers,
)
from leads.contact_rules import gate, suppression
from leads.database.transactions import write_deferred_inserts
from leads.errors import NotAllowed
from leads.i18n.messages import Message, MessageKey
from leads.lead_records import merging, texted_numbers
from leads.messaging import inbound_texts, waiting_texts
from leads.models.calls import CallAttempt, Callback, GateDecision
from leads.models.enums import LeadState, LegStatus, OutboxKind
from leads.models.requests import Lead, TextMessage
from leads.outbox import call_orders
from leads.outbox.orders import mark_orders_sent
from leads.read_models import work_list
from leads.read_models.work_filter import Harm
from leads.read_models.work_kinds import WorkKind
from notifications.call_relay import _confirm_or_end_attempt
from tests.conftest import NOW
from tests.support.people import (
    DAY,
    MINUTE,
    NUMBER,
    a_callback,
    a_lead,
    a_source,
    a_supervisor,
    advisor_call,
    advisor_of,
    an_accepted_call,
    callback_of,
    held_for,
    lead_of,
    on_duty,
    orders,
    placed,
)

OTHER, LINE, SID = "+13155550177", "+13155550199", "CA-other"
LATER = NOW + MINUTE


def says_stop(session: Session, number: str) -> None:
    reason = Message(MessageKey.STOP_BY_TEXT)
    opt_out.stop_contact(session, number, reason=reason, actor="network", now=NOW)


@pytest.fixture(autouse=True)
def survivor(session: Session) -> Lead:
    """Somebody who is called at NUMBER, into whose file that of OTHER was merged."""
    a_source(session)
    on_duty(session)
    survivor, merged = (
        a_lead(session, one, state=LeadState.CLOSED, safe_to_call=safe)
        for one, safe in ((NUMBER, None), (OTHER, False))
    )
    merging.merge_leads(session, merged, survivor, a_supervisor(session), now=NOW - DAY)
    return survivor


def calls_from_other(session: Session) -> str:
    hears = inbound.receive_call(session, SID, OTHER, LINE, now=NOW)
    assert hears is not None
    return hears.call_id


def hangs_up(session: Session) -> None:
    inbound_news.apply_call_report(session, SID, LegStatus.COMPLETED, now=LATER)


def talks_from_other(session: Session) -> CallAttempt:
    """They called from the other number, talked with an advisor, and hung up."""
    calls_from_other(session)
    [attempt] = callback_offers.offer_due_callbacks(session, 5, now=NOW)
    placed(session, attempt)
    assert offers.advisor_accepted(session, attempt.id, advisor_call(attempt), now=NOW)
    mark_orders_sent(session, orders(session, OutboxKind.JOIN_CALLER)[-1].id, now=NOW)
    conference_news.note_participant(session, attempt.id, SID, now=NOW)
    hangs_up(session)
    return attempt


def test_who_asks_for_a_call_from_another_number_is_called_at_none_before_a_person_says_which(
    session: Session, survivor: Lead
) -> None:
    says_stop(session, OTHER)
    call_id = calls_from_other(session)
    [attempt] = callback_offers.offer_due_callbacks(session, 5, now=NOW)
    placed(session, attempt)
    inbound.promise_callback(session, call_id, now=NOW)
    session.refresh(attempt)
    assert attempt.state == "missed"
    assert not offers.advisor_accepted(session, attempt.id, advisor_call(attempt), now=NOW)
    assert orders(session, OutboxKind.DIAL_LEG) == []
    assert advisor_of(session, attempt).missed_in_a_row == 0
    assert len(orders(session, OutboxKind.HANG_UP)) == 1
    callback = callback_of(session, attempt)
    session.refresh(callback)
    assert (callback.state, callback.origin) == ("waiting", "called_back")
    assert held_for(callback) == ["other_number"]
    assert survivor.safe_to_call is None
    assert callback_offers.offer_due_callbacks(session, 5, now=LATER) == []


def test_a_message_from_another_number_is_no_permission_for_the_one_that_is_called(
    session: Session, survivor: Lead
) -> None:
    call_id = calls_from_other(session)
    hangs_up(session)
    callback = caller_promises.promise_for_voicemail(session, call_id, now=LATER)
    assert callback is not None
    assert held_for(callback) == ["other_number"]
    assert survivor.safe_to_call is None


@pytest.mark.parametrize("words", ["Please call me now", "Busy now, call me at 6pm please"])
def test_a_text_from_another_number_rings_the_one_that_is_called_by_no_rule(
    session: Session, survivor: Lead, words: str
) -> None:
    survivor.state = LeadState.OPEN
    callback = a_callback(session, survivor, due_at=NOW + DAY, promised_at=NOW + DAY)
    for number, reasons in ((NUMBER, []), (OTHER, ["other_number"])):
        said = {"message_id": number, "now": NOW}
        inbound_texts.receive_text_message(session, number, words, **said)
        session.flush()
        session.refresh(callback)
        assert held_for(callback) == reasons
    assert callback.due_at != NOW + DAY
    assert callback_offers.offer_due_callbacks(session, 5, now=NOW + 2 * DAY) == []
    # A supervisor who says that they want a call has decided it.
    text = session.exec(select(TextMessage).where(TextMessage.phone == OTHER)).one()
    seen = holds.open_hold_ids_of(session, callback)
    boss = a_supervisor(session)
    waiting_texts.promise_call_for_text(session, text, boss, seen=seen, now=LATER)
    assert held_for(callback) == []


@pytest.mark.parametrize("is_promised", [False, True])
def test_danger_texted_from_another_number_is_alerted_at_once_and_called_there_by_one_press(
    session: Session, survivor: Lead, *, is_promised: bool
) -> None:
    on_duty(session)
    for merged in session.exec(select(Lead).where(Lead.phone == OTHER)):
        merged.safe_to_call = None
    before = a_callback(
        session, survivor, due_at=NOW - DAY, promised_at=NOW - DAY, state="completed"
    )
    before.finished_at = NOW - DAY
    if is_promised:
        survivor.state = LeadState.OPEN
        a_callback(session, survivor, due_at=NOW + DAY, promised_at=NOW + DAY)
    session.flush()
    words = "I want to die tonight, please call me"
    inbound_texts.receive_text_message(session, OTHER, words, message_id="SM1", now=NOW)
    session.flush()
    callback = session.exec(select(Callback).where(Callback.state == "waiting")).one()
    assert (held_for(callback), callback.lead_id) == (["other_number"], survivor.id)
    # Nobody rings either number by a rule; a supervisor hears of it at once, and sees it first.
    assert callback_offers.offer_due_callbacks(session, 5, now=NOW) == []
    told = {one.danger_in for one in danger_conditions.danger_conditions(session)}
    assert told == {DangerPlace.QUEUE, DangerPlace.TEXTS}
    boss = a_supervisor(session)
    rows = work_list.read_work_list(session, boss, now=NOW).rows
    assert {row.kind for row in rows if row.harm == Harm.DANGER} >= {WorkKind.TEXT}
    assert rows[0].harm == Harm.DANGER
    text = session.exec(select(TextMessage)).one()
    shown = waiting_texts.find_waiting_text(session, text.id, boss)
    assert shown
    assert shown.is_called_elsewhere
    with pytest.raises(NotAllowed):
        texted_numbers.call_texted_number(
            session, text, on_duty(session), seen=shown.hold_ids, now=NOW
        )
    texted_numbers.call_texted_number(session, text, boss, seen=shown.hold_ids, now=NOW)
    [attempt] = callback_offers.offer_due_callbacks(session, 5, now=NOW)
    assert (attempt.phone, attempt.callback_id) == (OTHER, callback.id)
    assert lead_of(session, callback_of(session, attempt)).phone == OTHER
    assert callback_of(session, attempt).danger == "self"
    assert (survivor.state, text.waits) == (LeadState.CLOSED, False)


def test_who_hangs_up_at_another_number_is_not_called_at_the_safe_one(
    session: Session, survivor: Lead
) -> None:
    survivor.safe_to_call = True
    calls_from_other(session)
    hangs_up(session)
    [callback] = session.exec(select(Callback))
    assert (callback.state, callback.close_reason) == ("cancelled", "caller_hung_up")


def test_an_attempt_rings_no_phone_but_the_one_that_is_decided_about(
    session: Session, survivor: Lead
) -> None:
    attempt = an_accepted_call(session, a_callback(session, survivor))
    attempt.phone, attempt.rung_at = OTHER, None
    [order] = orders(session, OutboxKind.DIAL_LEG)
    order.state = "pending"
    session.flush()
    items = call_orders.take_due_orders(session, 9, now=NOW)
    [dial] = [one for one in items if one.row.kind == OutboxKind.DIAL_LEG]
    assert not _confirm_or_end_attempt(session, dial, now=NOW)
    assert held_for(callback_of(session, attempt)) == ["other_number"]
    write_deferred_inserts(session)
    last = session.exec(select(GateDecision).where(GateDecision.moment == "relay")).all()[-1]
    assert (last.allowed, last.reasons) == (False, [gate.RefusalReason.OTHER_NUMBER])


def test_who_opts_out_to_an_advisor_is_called_at_no_number_of_that_call(
    session: Session,
) -> None:
    attempt = talks_from_other(session)
    assert keypad_wrap_up.apply_keypad_digit(session, attempt.id, "5", now=LATER)
    callback = callback_of(session, attempt)
    assert (callback.state, callback.close_reason) == ("cancelled", "opt_out")
    assert lead_of(session, callback).state == LeadState.SUPPRESSED
    assert all(suppression.is_number_suppressed(session, one) for one in (NUMBER, OTHER))


def test_a_stop_at_another_number_ends_the_call_that_rings(
    session: Session, survivor: Lead
) -> None:
    attempt = an_accepted_call(session, a_callback(session, survivor))
    says_stop(session, OTHER)
    callback = callback_of(session, attempt)
    assert (attempt.state, callback.state) == ("failed", "waiting")
    assert held_for(callback) == ["stopped_elsewhere"]
