"""Calls that come in: who is offered them, what callers hear, and who is called back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from leads.callbacks import callback_offers, completion, due_order, missed_calls, opt_out, queue
from leads.calls import (
    conference_news,
    inbound,
    inbound_news,
    manual_dialing,
    offers,
    outcomes,
    parties,
    progress,
)
from leads.calls.inbound import CallerHears, CallerStep
from leads.calls.legs import LegReport
from leads.contact_rules import gate
from leads.contact_rules.gate_rules import ContactChannel
from leads.database.transactions import transaction, write_deferred_inserts
from leads.helplines import brands_and_sources
from leads.i18n.messages import Message, MessageKey
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.dispositions import Disposition
from leads.models.enums import HoldReason, LegStatus, OutboxKind, OutsideHoursChoice, Party, Result
from leads.models.inbound import HelplineNumber, InboundCall, InboundSettings
from leads.models.requests import Lead
from leads.outbox import call_orders
from leads.outbox.orders import mark_orders_sent
from leads.people import presence
from leads.read_models import advisor_desk, callback_board, lead_card
from leads.read_models.callback_board import urgency_reasons
from leads.read_models.lead_card import LeadCard
from leads.reporting import inbound_calls
from leads.reporting.calendar_days import day_bounds
from leads.reporting.cohort import read_cohort
from leads.reporting.service_report import ReportQuestion
from tests.conftest import NOW
from tests.support.people import (
    DAY,
    MINUTE,
    NUMBER,
    a_call,
    a_callback,
    a_claim,
    a_conversation,
    a_lead,
    a_live_call,
    a_source,
    a_submission,
    a_supervisor,
    advisor_call,
    advisor_of,
    an_attempt,
    an_inbound_call,
    callback_of,
    held_for,
    lead_of,
    of_advisor,
    of_lead,
    on_duty,
    orders,
    placed,
)

SID = "CA-caller"
LEGS_OF_LEADS = select(CallLeg).where(CallLeg.party == Party.LEAD)
LATER = NOW + MINUTE


def calls_in(
    session: Session, number: str = NUMBER, sid: str = SID, *, now: Any = NOW
) -> CallerHears:
    a_source(session)
    hears = inbound.receive_call(session, sid, number, "+13155550199", now=now)
    assert hears is not None
    return hears


def call_of(session: Session, sid: str = SID) -> InboundCall:
    return session.exec(select(InboundCall).where(InboundCall.provider_call_id == sid)).one()


def hangs_up(session: Session, sid: str = SID, *, now: Any = LATER) -> InboundCall:
    inbound_news.apply_call_report(session, sid, LegStatus.COMPLETED, now=now)
    return call_of(session, sid)


def hangs_up_with_advisor(session: Session, attempt: CallAttempt) -> None:
    outcomes.end_attempt(session, attempt, "hung_up", Result.CONVERSATION, now=LATER)


def offered(session: Session, *, now: Any = NOW) -> CallAttempt:
    [attempt] = callback_offers.offer_due_callbacks(session, 5, now=now)
    return attempt


def accepts(session: Session, attempt: CallAttempt) -> bool:
    return offers.advisor_accepted(session, attempt.id, advisor_call(attempt), now=NOW)


def the_join(session: Session) -> Any:
    return orders(session, OutboxKind.JOIN_CALLER)[-1]


def joins(session: Session, attempt: CallAttempt) -> None:
    assert accepts(session, attempt)
    mark_orders_sent(session, the_join(session).id, now=NOW)
    conference_news.note_participant(session, attempt.id, SID, now=NOW)
    assert attempt.state == "bridged"


def test_the_same_call_is_taken_once(session: Session) -> None:
    on_duty(session)
    assert calls_in(session).step == CallerStep.GREETING
    again = calls_in(session, now=LATER)
    assert again.call_id == call_of(session).id
    assert call_of(session).rang_at == NOW
    assert len(session.exec(select(Callback)).all()) == 1


def test_a_caller_goes_before_whoever_is_due(session: Session) -> None:
    due = a_callback(session, danger="self", danger_at=NOW)
    on_duty(session)
    calls_in(session)
    attempt = offered(session)
    assert attempt.inbound_call_id == call_of(session).id
    assert attempt.callback_id != due.id
    assert attempt.phone == NUMBER


def test_whoever_last_spoke_with_them_is_rung_if_free(session: Session) -> None:
    lead = a_lead(session, NUMBER)
    talk = a_conversation(session, a_callback(session, lead))
    known = advisor_of(session, talk)
    callback = callback_of(session, talk)
    completion.dispose_callback(session, callback, known, Disposition.HELPED, now=NOW)
    progress.apply_leg_report(session, of_advisor(talk, LegStatus.COMPLETED), now=NOW)
    on_duty(session, idle_since=NOW - MINUTE)  # idle for longer
    calls_in(session)
    assert offered(session, now=LATER).advisor_id == known.id


def test_of_the_free_whoever_suits_their_wishes_is_rung(session: Session) -> None:
    a_lead(session, phone=NUMBER, language="es")
    on_duty(session, idle_since=NOW - MINUTE)
    ana = on_duty(session)
    ana.languages = ["en", "es"]
    session.flush()
    calls_in(session)
    assert offered(session).advisor_id == ana.id


def test_an_advisor_who_reads_their_file_gets_the_caller(session: Session) -> None:
    callback, holder = a_claim(session, lead=a_lead(session, NUMBER))
    on_duty(session, idle_since=NOW - MINUTE)
    calls_in(session)
    attempt = offered(session)
    assert (attempt.advisor_id, attempt.callback_id) == (holder.id, callback.id)


def test_a_holder_who_cannot_be_rung_loses_the_caller_to_whoever_is_free(session: Session) -> None:
    callback, holder = a_claim(session, lead=a_lead(session, NUMBER))
    calls_in(session)
    holder.phone = ""
    session.flush()
    assert callback_offers.offer_due_callbacks(session, 5, now=NOW) == []
    assert (callback.state, callback.advisor_id) == ("claimed", holder.id)
    other = on_duty(session)
    attempt = offered(session)
    assert (attempt.advisor_id, attempt.callback_id) == (other.id, callback.id)
    assert (callback.state, callback.advisor_id) == ("calling", other.id)


def test_one_phone_in_two_offers_stops_no_other_offer(session: Session) -> None:
    first, second, third = on_duty(session), on_duty(session), on_duty(session)
    known = on_duty(session, idle_since=NOW + MINUTE)  # at the desk of the first
    known.phone = first.phone
    lead = a_lead(session, NUMBER)
    spoken = a_callback(session, lead, state="completed")
    an_attempt(session, spoken, known, state="ended", answered_at=NOW)
    a_source(session)
    other_line = brands_and_sources.add_brand(session, "Other line", now=NOW)
    again = a_callback(session, lead)
    again.brand_id = other_line.id
    session.flush()
    calls_in(session, "+13155550143", "CA-first")
    calls_in(session, now=LATER)
    twice = an_inbound_call(session, callback_id=again.id, rang_at=LATER + MINUTE)
    calls_in(session, "+13155550144", "CA-last", now=LATER + 2 * MINUTE)
    attempts = callback_offers.offer_due_callbacks(session, 5, now=LATER + 2 * MINUTE)
    assert {attempt.inbound_call_id for attempt in attempts} == {
        call_of(session, sid).id for sid in ("CA-first", SID, "CA-last")
    }
    assert {attempt.advisor_id for attempt in attempts} == {first.id, second.id, third.id}
    assert twice.state == "waiting"


def test_an_advisor_whose_phone_is_silent_is_rung_last_for_the_same_caller(
    session: Session,
) -> None:
    lead = a_lead(session, NUMBER)
    known = on_duty(session)
    spoken = a_callback(session, lead, state="completed")
    an_attempt(session, spoken, known, state="ended", answered_at=NOW)
    other = on_duty(session, idle_since=LATER)
    calls_in(session)
    rung = []
    for step in range(3):
        now = LATER + step * 2 * MINUTE
        attempt = offered(session, now=now)
        rung.append(attempt.advisor_id)
        outcomes.end_attempt(session, attempt, "missed", Result.ADVISOR_NO_ANSWER, now=now)
        known.missed_in_a_row = other.missed_in_a_row = 0
        if step == 1:
            presence.take_off_duty(session, other, now=now)
    assert rung == [known.id, other.id, known.id]


def test_who_waits_on_the_line_is_not_dialed_and_may_be_taken_by_hand(session: Session) -> None:
    callback, advisor = a_callback(session, a_lead(session, NUMBER)), on_duty(session)
    calls_in(session)
    for passed_over in ([], [0]):
        besides: Any = {"passed_over": passed_over, "now": NOW}
        assert due_order.lock_due_callbacks(session, 1, to_dial=True, **besides) == []
        assert len(due_order.lock_due_callbacks(session, 1, **besides)) == 1
    assert queue.claim_next_callback(session, advisor, now=NOW) is callback


def test_a_card_says_that_they_called_and_were_promised_nothing(session: Session) -> None:
    on_duty(session)
    calls_in(session)
    assert card_of(session, offered(session)).has_called_us
    a_callback(session, a_lead(session, "+13155550143"))
    on_duty(session)
    assert not card_of(session, offered(session)).has_called_us


def card_of(session: Session, attempt: CallAttempt) -> LeadCard:
    advisor, callback = advisor_of(session, attempt), callback_of(session, attempt)
    return lead_card.build_lead_card(session, callback, advisor, now=NOW)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # it locks rows
def test_who_hangs_up_at_the_moment_of_an_offer_is_offered_to_nobody(
    database: str,
) -> None:
    with transaction() as session:
        on_duty(session)
        calls_in(session)
    with transaction() as session, transaction() as other:
        ending = select(InboundCall).where(InboundCall.provider_call_id == SID)
        assert session.exec(ending.with_for_update()).one()
        other.execute(text("SET LOCAL lock_timeout = '2s'"))  # to fail, not to hang
        assert callback_offers.offer_due_callbacks(other, 5, now=NOW) == []


def test_a_promised_callback_is_kept_by_their_own_call(session: Session) -> None:
    callback = a_callback(session, a_lead(session, NUMBER), due_at=NOW + 60 * MINUTE, hold="other")
    on_duty(session)
    calls_in(session)
    attempt = offered(session)
    assert attempt.callback_id == callback.id
    joins(session, attempt)
    assert callback.first_rung_at == callback.first_conversation_at == NOW
    assert attempt.rung_at is None
    hangs_up(session)
    session.refresh(callback)
    assert (callback.state, callback.origin) == ("wrap_up", "request")
    assert call_of(session).state == "ended"


@pytest.mark.parametrize("is_safe", [None, False, True])
def test_who_hangs_up_is_called_back_only_where_they_are_known_to_be_safe(
    session: Session, *, is_safe: bool | None
) -> None:
    lead = a_lead(session, NUMBER, safe_to_call=is_safe, state="closed")
    on_duty(session)
    calls_in(session)
    assert hangs_up(session).state == "abandoned"
    [callback] = session.exec(select(Callback))
    session.refresh(lead)
    if is_safe:
        assert (callback.state, callback.origin) == ("waiting", "called_back")
        assert callback.due_at == NOW
        assert lead.state == "open"
    else:
        assert (callback.state, callback.close_reason) == ("cancelled", "caller_hung_up")
        assert lead.state == "closed"


def test_a_promise_outlives_a_call_that_was_hung_up(session: Session) -> None:
    callback = a_callback(session, a_lead(session, NUMBER), due_at=LATER)
    on_duty(session)
    calls_in(session)
    hangs_up(session)
    session.refresh(callback)
    assert callback.state == "waiting"
    assert (callback.due_at, callback.asked_again) == (LATER, 0)


@pytest.mark.parametrize("is_missed", [False, True])
def test_an_agreed_time_outlives_a_call_that_a_safe_person_hung_up(
    session: Session, *, is_missed: bool
) -> None:
    lead = a_lead(session, NUMBER, safe_to_call=True)
    attempt = a_conversation(session, a_callback(session, lead))
    callback, advisor = callback_of(session, attempt), advisor_of(session, attempt)
    tomorrow = NOW + DAY
    if is_missed:
        manual_dialing.record_voicemail_reached(session, callback, advisor, now=NOW)
    else:
        completion.reschedule_callback(session, callback, advisor, due_at=tomorrow, now=NOW)
    write_deferred_inserts(session)
    wait = callback.due_at
    calls_in(session, now=LATER)
    hangs_up(session, now=LATER + MINUTE)
    assert callback.state == "waiting"
    assert wait > LATER
    assert (callback.due_at, callback.asked_again) == ((LATER, 1) if is_missed else (tomorrow, 0))
    assert missed_calls.was_called_in_vain(session, callback)
    [row] = callback_board.list_open_callbacks(session, a_supervisor(session), now=LATER)
    assert missed_calls.CALLED_IN_VAIN in row.urgency


def test_a_number_that_said_stop_is_answered_and_not_called_back(session: Session) -> None:
    lead = a_lead(session, NUMBER)
    a_callback(session, lead)
    opt_out.stop_contact(
        session, NUMBER, reason=Message(MessageKey.STOP_BY_TEXT), actor="network", now=NOW
    )
    on_duty(session)
    hears = calls_in(session)
    attempt = offered(session)
    assert offers.advisor_answered(session, attempt.id, advisor_call(attempt), now=NOW)
    inbound.promise_callback(session, hears.call_id, now=NOW)
    callback = callback_of(session, attempt)
    # Whoever is rung would call them instead: the gate says no, and a person decides.
    assert not accepts(session, attempt)
    session.refresh(callback)
    assert callback.state == "waiting"
    assert held_for(callback) == ["suppressed"]
    assert orders(session, OutboxKind.DIAL_LEG) == []


def test_pressing_1_takes_no_earlier_no_back(session: Session) -> None:
    lead = a_lead(session, NUMBER, safe_to_call=False)
    on_duty(session)
    hears = calls_in(session)
    inbound.promise_callback(session, hears.call_id, now=NOW)
    session.refresh(lead)
    [callback] = session.exec(select(Callback))
    assert lead.safe_to_call is False
    assert held_for(callback) == ["not_safe_to_call"]


def test_nobody_can_dial_or_find_a_number_that_was_withheld(session: Session) -> None:
    on_duty(session)
    hears = calls_in(session, "")
    assert not hears.offers_callback
    assert inbound.promise_callback(session, hears.call_id, now=NOW).step == CallerStep.WAIT
    attempt = offered(session)
    callback = callback_of(session, attempt)
    lead = lead_of(session, callback)
    assert attempt.phone == lead.phone == f"withheld-{hears.call_id}"
    decision = gate.may_contact(
        session, lead.phone, ContactChannel.CALL, lead=lead, callback=callback, now=NOW
    )
    assert decision.needs_person
    assert "number_policy" in decision.reasons
    other = calls_in(session, "", "CA-other")
    assert call_of(session, "CA-other").lead_id != lead.id
    assert other.call_id != hears.call_id


def test_outside_the_hours_the_helpline_says_what_is_offered(session: Session) -> None:
    brand_id = a_source(session).brand_id
    closed = {"windows": [["09:00", "10:00"]] * 7, "closed_dates": []}
    settings = InboundSettings(brand_id=brand_id, hours=closed, zone="America/New_York")
    session.add(settings)
    on_duty(session)
    hears = calls_in(session)
    assert (hears.step, hears.offers_callback) == (CallerStep.CLOSED, True)
    assert session.exec(select(Lead)).all() == []
    assert callback_offers.offer_due_callbacks(session, 5, now=NOW) == []
    inbound.promise_callback(session, hears.call_id, now=NOW)
    assert call_of(session).state == "promised"
    [callback] = session.exec(select(Callback))
    assert (callback.origin, callback.due_at) == ("called_back", NOW)
    settings.outside_hours = OutsideHoursChoice.MESSAGE
    session.add(settings)
    other = calls_in(session, "+13155550143", "CA-other")
    assert (other.step, other.offers_callback) == (CallerStep.CLOSED, False)
    assert hangs_up(session, "CA-other").state == "refused_hours"


def test_nobody_on_duty_is_outside_the_hours(session: Session) -> None:
    assert calls_in(session).step == CallerStep.CLOSED


def test_an_advisor_without_a_phone_answers_nobody(session: Session) -> None:
    on_duty(session).phone = ""
    session.flush()
    assert calls_in(session).step == CallerStep.CLOSED


def test_nobody_waits_for_advisors_who_have_all_left(session: Session) -> None:
    advisor = on_duty(session)
    call_id = calls_in(session).call_id
    attempt = offered(session)
    presence.take_off_duty(session, advisor, now=NOW)
    hears = inbound.keep_waiting(session, call_id, now=NOW)
    assert hears.step == CallerStep.WAIT  # their phone rings yet
    offers.advisor_declined_offer(session, attempt.id, advisor_call(attempt), now=NOW)
    hears = inbound.keep_waiting(session, call_id, now=LATER)
    assert (hears.step, hears.offers_callback) == (CallerStep.LAST_CHOICE, True)


def test_nobody_waits_for_ever(session: Session) -> None:
    on_duty(session)
    hears = calls_in(session)
    step = inbound.keep_waiting(session, hears.call_id, now=NOW + 9 * MINUTE)
    assert step.step == CallerStep.WAIT
    step = inbound.keep_waiting(session, hears.call_id, now=NOW + 10 * MINUTE)
    assert (step.step, step.offers_callback) == (CallerStep.LAST_CHOICE, True)


def test_who_is_being_rung_about_them_is_connected_with_their_call(session: Session) -> None:
    attempt = a_call(session, a_callback(session, a_lead(session, NUMBER)))
    placed(session, attempt)
    calls_in(session)
    session.refresh(attempt)
    assert attempt.inbound_call_id == call_of(session).id
    joins(session, attempt)
    assert orders(session, OutboxKind.DIAL_LEG) == []


def test_their_phone_stops_ringing_when_they_call_themselves(session: Session) -> None:
    attempt = a_live_call(session, "ringing_lead")
    progress.apply_leg_report(session, of_lead(attempt, LegStatus.RINGING), now=NOW)
    calls_in(session, attempt.phone)
    [hang_up] = orders(session, OutboxKind.HANG_UP_LEG)
    assert orders(session, OutboxKind.JOIN_CALLER) == []  # one phone is never in two calls
    progress.apply_leg_report(session, of_lead(attempt, LegStatus.CANCELED), now=NOW)
    assert attempt.state == "ringing_lead"
    leg = session.exec(select(CallLeg).where(CallLeg.party == Party.LEAD)).one()
    assert leg.provider_call_id == SID
    mark_orders_sent(session, the_join(session).id, hang_up.id, now=NOW)
    conference_news.note_participant(session, attempt.id, SID, now=NOW)
    assert attempt.state == "bridged"
    hangs_up(session)
    assert (attempt.state, attempt.result) == ("ended", "conversation")


def test_a_promise_while_our_own_call_to_them_is_hung_up_blames_no_advisor(
    session: Session,
) -> None:
    attempt = a_live_call(session, "ringing_lead")
    progress.apply_leg_report(session, of_lead(attempt, LegStatus.RINGING), now=NOW)
    hears = calls_in(session, attempt.phone)
    inbound.promise_callback(session, hears.call_id, now=NOW)
    progress.apply_leg_report(session, of_lead(attempt, LegStatus.CANCELED), now=NOW)
    assert (attempt.state, attempt.result) == ("missed", "caller_hung_up")
    assert advisor_of(session, attempt).missed_in_a_row == 0
    assert len(orders(session, OutboxKind.RETURN_ADVISOR)) == 1
    assert (callback_of(session, attempt).state, call_of(session).state) == ("waiting", "promised")


@pytest.mark.parametrize("is_by_advisor", [True, False])
def test_who_presses_1_keeps_their_place_though_an_advisor_has_them_in_hand(
    session: Session, *, is_by_advisor: bool
) -> None:
    advisor, lead = on_duty(session), a_lead(session, NUMBER)
    callback = a_callback(session, lead, due_at=NOW + DAY)
    if is_by_advisor:
        queue.claim_callback(session, callback, advisor, now=NOW)
    hears = calls_in(session)
    attempt = offered(session)
    inbound.promise_callback(session, hears.call_id, now=LATER)
    offers.advisor_declined_offer(session, attempt.id, advisor_call(attempt), now=LATER)
    session.refresh(callback)
    assert (callback.state, callback.due_at) == ("waiting", NOW)


def test_who_presses_1_beside_a_conversation_is_called_once_it_is_over(session: Session) -> None:
    attempt = a_live_call(session, "bridged")
    callback, advisor = callback_of(session, attempt), advisor_of(session, attempt)
    hears = calls_in(session, attempt.phone)
    inbound.promise_callback(session, hears.call_id, now=LATER)
    write_deferred_inserts(session)
    hangs_up_with_advisor(session, attempt)
    completion.dispose_callback(session, callback, advisor, Disposition.HELPED, now=LATER + MINUTE)
    [promised] = session.exec(select(Callback).where(Callback.id != callback.id)).all()
    assert (promised.state, promised.origin) == ("waiting", "called_back")
    assert promised.due_at == NOW
    assert lead_of(session, promised).state == "open"


@pytest.mark.parametrize("misses", [0, 5])
def test_who_presses_1_as_an_advisor_takes_them_is_called_although_their_line_is_busy_yet(
    session: Session, misses: int
) -> None:
    on_duty(session)
    before = a_callback(session, a_lead(session, NUMBER), misses=misses)
    hears = calls_in(session)
    attempt = offered(session)
    inbound.promise_callback(session, hears.call_id, now=NOW + MINUTE / 4)
    write_deferred_inserts(session)
    assert accepts(session, attempt)
    progress.apply_leg_report(session, of_lead(attempt, LegStatus.BUSY), now=LATER)
    promised = session.exec(select(Callback).where(Callback.state == "waiting")).one()
    assert promised.due_at == NOW
    assert (promised is before) == (misses == 0)
    assert lead_of(session, before).state == "open"


@pytest.mark.parametrize("is_at_desk", [True, False])
@pytest.mark.parametrize("rings_before_the_end", [True, False])
def test_who_was_cut_off_and_calls_again_does_not_wait_for_what_is_written_up(
    session: Session, *, rings_before_the_end: bool, is_at_desk: bool
) -> None:
    attempt = a_live_call(session, "bridged")
    callback, advisor = callback_of(session, attempt), advisor_of(session, attempt)
    if is_at_desk:
        presence.set_advisor_available(session, advisor, now=NOW)
    on_duty(session, idle_since=NOW - DAY)
    if rings_before_the_end:
        hears = calls_in(session, attempt.phone)
        hangs_up_with_advisor(session, attempt)
        inbound.keep_waiting(session, hears.call_id, now=LATER)
    else:
        hangs_up_with_advisor(session, attempt)
        hears = calls_in(session, attempt.phone, now=LATER)
    again = offered(session, now=LATER)
    assert (again.inbound_call_id, again.advisor_id) == (hears.call_id, advisor.id)
    joins(session, again)
    hangs_up(session, now=LATER + MINUTE)
    assert (callback.state, callback.advisor_id) == ("wrap_up", advisor.id)
    assert held_for(callback) == []


def test_who_was_cut_off_and_hangs_up_again_is_closed_by_nobody_s_silence(
    session: Session,
) -> None:
    advisor = on_duty(session)
    presence.set_advisor_available(session, advisor, now=NOW)  # at a desk
    calls_in(session)
    attempt = offered(session)
    joins(session, attempt)
    hangs_up(session, now=LATER)
    calls_in(session, sid="CA-again", now=LATER)
    hangs_up(session, "CA-again", now=LATER + MINUTE)
    callback = callback_of(session, attempt)
    assert (callback.state, held_for(callback)) == ("waiting", ["unrecorded_call"])


def test_who_presses_1_while_their_own_machine_answers_us_keeps_their_place(
    session: Session,
) -> None:
    attempt = a_live_call(session, "bridged")
    callback, advisor = callback_of(session, attempt), advisor_of(session, attempt)
    hears = calls_in(session, attempt.phone, now=LATER)
    inbound.promise_callback(session, hears.call_id, now=LATER)
    write_deferred_inserts(session)
    hangs_up_with_advisor(session, attempt)
    said_at = NOW + 5 * MINUTE
    manual_dialing.record_voicemail_reached(session, callback, advisor, now=said_at)
    assert (callback.state, callback.due_at) == ("waiting", LATER)
    again = a_call(session, callback, now=said_at)  # which nobody answers
    outcomes.end_attempt(session, again, "missed", Result.LEAD_NO_ANSWER, now=said_at)
    assert callback.due_at > said_at


def test_a_late_order_to_hang_up_ends_the_call_that_we_dialed_and_not_their_own(
    session: Session,
) -> None:
    attempt = a_live_call(session, "ringing_lead")
    progress.apply_leg_report(session, of_lead(attempt, LegStatus.RINGING), now=NOW)
    calls_in(session, attempt.phone)
    progress.apply_leg_report(session, of_lead(attempt, LegStatus.CANCELED), now=NOW)
    late = [
        item.order.calls_to_hang_up
        for item in call_orders.take_due_orders(session, 9, now=LATER)
        if item.row.kind == OutboxKind.HANG_UP_LEG
    ]
    assert late == [(f"CA-lead-{attempt.id}",)]


def test_a_caller_whose_advisor_leaves_waits_on_and_is_offered_again(session: Session) -> None:
    on_duty(session)
    hears = calls_in(session)
    attempt = offered(session)
    assert accepts(session, attempt)
    mark_orders_sent(session, the_join(session).id, now=NOW)
    progress.apply_leg_report(session, of_advisor(attempt, LegStatus.COMPLETED), now=NOW)
    assert (attempt.state, attempt.result) == ("missed", "advisor_declined")
    [back] = orders(session, OutboxKind.RETURN_CALLER)
    assert back.payload["caller"]["provider_call_id"] == SID
    assert inbound.keep_waiting(session, hears.call_id, now=NOW).step == CallerStep.WAIT
    on_duty(session)
    again = offered(session, now=LATER)
    assert again.inbound_call_id == hears.call_id
    joins(session, again)


NEWS_OF_A_MISSED_MEETING = ("brought", "advisor gone", "came in", "looked at", "told")


@pytest.mark.parametrize("order", list(permutations(NEWS_OF_A_MISSED_MEETING))[::7])
def test_nobody_who_waits_is_hung_up_on_whatever_is_told_late(
    session: Session, order: tuple[str, ...]
) -> None:
    """The advisor hung up in the second in which the caller was brought to them."""
    on_duty(session)
    hears = calls_in(session)
    attempt = offered(session)
    assert accepts(session, attempt)
    call_orders.take_due_orders(session, 50, now=NOW)
    join_id, [leg] = the_join(session).id, session.exec(LEGS_OF_LEADS).all()
    stray = LegReport(attempt.id, Party.LEAD, SID, LegStatus.IN_PROGRESS, "leg", 3)
    looked_at = replace(stray, kind="fetched", leg_id=leg.id)
    gone = replace(of_advisor(attempt, LegStatus.COMPLETED), happened_at=NOW)
    news: dict[str, Callable[[], object]] = {
        "brought": lambda: mark_orders_sent(session, join_id, now=NOW),
        "advisor gone": lambda: progress.apply_leg_report(session, gone, now=NOW),
        "came in": lambda: conference_news.note_participant(session, attempt.id, SID, now=NOW),
        "looked at": lambda: progress.apply_leg_report(session, looked_at, now=NOW),
        "told": lambda: inbound_news.apply_call_report(
            session, SID, LegStatus.IN_PROGRESS, sequence=2, now=NOW
        ),
    }
    for one in order:
        news[one]()
    progress.apply_leg_report(session, stray, now=NOW)
    ends = orders(session, OutboxKind.HANG_UP_LEG)
    assert [one.payload for one in ends if one.payload["call_id"] == SID] == []
    assert (call_of(session).state, call_of(session).answered_at) == ("waiting", None)
    assert (attempt.state, attempt.result) == ("missed", "advisor_declined")
    assert callback_of(session, attempt).first_conversation_at is None
    assert orders(session, OutboxKind.RETURN_CALLER)
    assert inbound.keep_waiting(session, hears.call_id, now=NOW).step == CallerStep.WAIT
    on_duty(session)
    again = offered(session, now=LATER)
    assert again.inbound_call_id == hears.call_id
    joins(session, again)


def test_a_caller_who_is_gone_before_they_are_joined_is_counted(session: Session) -> None:
    on_duty(session)
    calls_in(session)
    attempt = offered(session)
    assert accepts(session, attempt)
    assert hangs_up(session).state == "abandoned"
    assert (attempt.state, attempt.result) == ("missed", "caller_hung_up")
    assert len(orders(session, OutboxKind.RETURN_ADVISOR)) == 1
    assert advisor_of(session, attempt).missed_in_a_row == 0
    hangs_up(session)  # the same news again


@pytest.mark.parametrize("is_advisor_first", [True, False])
def test_a_talk_of_whose_beginning_nobody_told_is_a_conversation(
    session: Session, *, is_advisor_first: bool
) -> None:
    on_duty(session)
    calls_in(session)
    attempt = offered(session)
    assert accepts(session, attempt)
    mark_orders_sent(session, the_join(session).id, now=NOW)
    if is_advisor_first:
        progress.apply_leg_report(session, of_advisor(attempt, LegStatus.COMPLETED), now=LATER)
    call = hangs_up(session)
    assert (call.state, call.answered_at) == ("ended", NOW)
    assert (attempt.state, attempt.result) == ("ended", "conversation")
    assert advisor_of(session, attempt).missed_in_a_row == 0


def test_the_end_of_a_call_is_looked_for_although_its_caller_has_chosen(session: Session) -> None:
    on_duty(session)
    hears = calls_in(session)
    assert inbound.promise_callback(session, hears.call_id, now=NOW)
    late = NOW + 2 * MINUTE
    assert inbound_news.find_silent_calls(session, now=late) == [SID]
    inbound_news.apply_fetched_status(session, SID, LegStatus.COMPLETED, now=late)
    assert (call_of(session).state, call_of(session).ended_at) == ("promised", late)
    assert inbound_news.find_silent_calls(session, now=late + 5 * MINUTE) == []


def test_a_silent_call_is_looked_at(session: Session) -> None:
    on_duty(session)
    calls_in(session)
    late = NOW + 2 * MINUTE
    assert inbound_news.find_silent_calls(session, now=NOW + timedelta(seconds=60)) == []
    assert inbound_news.find_silent_calls(session, now=late) == [SID]
    inbound_news.apply_fetched_status(session, SID, LegStatus.IN_PROGRESS, now=late)
    assert call_of(session).state == "waiting"
    inbound_news.apply_fetched_status(session, SID, None, now=late)
    assert call_of(session).state == "abandoned"
    assert inbound_news.find_silent_calls(session, now=late + 5 * MINUTE) == []


def test_a_second_call_from_the_same_phone_waits_for_the_first(session: Session) -> None:
    on_duty(session)
    on_duty(session)
    first = calls_in(session)
    second = calls_in(session, sid="CA-second", now=LATER)
    attempt = offered(session, now=LATER)
    assert attempt.inbound_call_id == first.call_id
    hangs_up(session)
    again = offered(session, now=LATER)
    assert again.inbound_call_id == second.call_id


def test_who_is_in_conversation_and_calls_again_waits_and_their_advisor_is_told(
    session: Session,
) -> None:
    attempt = a_live_call(session, "bridged")
    callback, advisor = callback_of(session, attempt), advisor_of(session, attempt)
    on_duty(session)  # is free, and not rung
    second = calls_in(session, attempt.phone)
    assert (second.step, second.offers_callback) == (CallerStep.GREETING, True)
    assert callback_offers.offer_due_callbacks(session, 5, now=LATER) == []
    assert call_of(session).callback_id == callback.id
    called = advisor_desk.read_desk(session, advisor.id, now=LATER).call
    assert called
    assert (called.is_called_beside, called.is_calling_in) == (True, False)
    hangs_up(session)
    assert (attempt.state, callback.state) == ("bridged", "calling")
    called = advisor_desk.read_desk(session, advisor.id, now=LATER).call
    assert called
    assert not called.is_called_beside


def test_who_calls_in_while_another_at_the_number_is_rung_joins_that_call(
    session: Session,
) -> None:
    attempt = a_live_call(session, "ringing_lead")
    other = a_lead(session, attempt.phone, nth_at_number=2, name="Ann")
    a_submission(session, lead_id=other.id)  # they asked last
    a_callback(session, other)
    calls_in(session, attempt.phone)
    assert attempt.inbound_call_id == call_of(session).id
    assert len(session.exec(select(CallAttempt)).all()) == 1


def test_lost_news_of_joining_is_fetched(session: Session) -> None:
    on_duty(session)
    calls_in(session)
    attempt = offered(session)
    assert accepts(session, attempt)
    report = LegReport(attempt.id, Party.LEAD, SID, LegStatus.IN_PROGRESS, "fetched", 3)
    progress.apply_leg_report(session, report, now=NOW)
    assert attempt.state == "ringing_lead"  # the relay has not carried it out yet
    mark_orders_sent(session, the_join(session).id, now=NOW)
    report = LegReport(attempt.id, Party.LEAD, SID, LegStatus.IN_PROGRESS, "fetched", 4)
    progress.apply_leg_report(session, report, now=NOW)
    assert attempt.state == "bridged"
    assert call_orders.find_ordered_call_id(session, the_join(session)) == SID


@pytest.mark.parametrize(
    ("stood", "step", "stands"),
    [
        ("pending", CallerStep.JOIN, "sent"),  # the answer brings them, and the order does not
        ("sending", CallerStep.WAIT, "sending"),  # the network is being asked to
        ("unknown", CallerStep.JOIN, "sent"),  # they ask: they were not brought
        ("sent", CallerStep.JOIN, "sent"),
    ],
)
def test_a_caller_is_brought_to_the_advisor_once(
    session: Session, stood: str, step: CallerStep, stands: str
) -> None:
    on_duty(session)
    hears = calls_in(session)
    assert accepts(session, offered(session))
    the_join(session).state = stood
    session.flush()
    said = inbound.keep_waiting(session, hears.call_id, now=LATER)
    assert said is not None
    assert (said.step, said.offers_callback) == (step, False)
    session.refresh(the_join(session))
    assert the_join(session).state == stands


def test_a_number_of_one_of_our_lines_is_never_dialed(session: Session) -> None:
    brand_id = a_source(session).brand_id
    session.add(HelplineNumber(brand_id=brand_id, phone="+13155550188"))
    lead = a_lead(session, "+13155550188")
    decision = gate.may_contact(session, lead.phone, ContactChannel.CALL, lead=lead, now=NOW)
    assert "number_policy" in decision.reasons


def test_what_callers_ask_for_counts_and_who_only_called_does_not(session: Session) -> None:
    on_duty(session)
    promised = calls_in(session)
    inbound.promise_callback(session, promised.call_id, now=NOW)
    calls_in(session, "+13155550143", "CA-other", now=LATER)
    hangs_up(session, "CA-other")
    start, end = day_bounds(NOW.date(), "UTC")
    rows = read_cohort(session, start=start, end=end, now=LATER)
    assert [row.callback_id for row in rows] == [call_of(session).callback_id]
    question = ReportQuestion(NOW.date(), NOW.date(), "UTC", 5 * MINUTE)
    calls = inbound_calls.read_inbound_calls(session, question)
    assert [str(row.state) for row in calls.rows] == ["promised", "abandoned"]
    assert inbound_calls.inbound_answered_share(calls) == 0
    assert len(inbound_calls.inbound_missed(calls)) == 2
    assert {hour: count.total() for hour, count in calls.by_hour("UTC").items()} == {17: 2}


def test_a_call_that_is_ended_by_us_hangs_up_on_nobody_who_waits(session: Session) -> None:
    on_duty(session)
    on_duty(session)
    hears = calls_in(session)
    attempt = offered(session)
    assert accepts(session, attempt)
    mark_orders_sent(session, the_join(session).id, now=NOW)
    opt_out.hold_pending_calls(session, NUMBER, HoldReason.HARM_DECIDE, actor="network", now=NOW)
    assert attempt.state == "failed"
    [back] = orders(session, OutboxKind.RETURN_CALLER)
    assert back.payload["caller"]["provider_call_id"] == SID
    for order in call_orders.take_due_orders(session, 50, now=NOW):
        assert SID not in order.order.call_ids, order.order.kind
    # They are answered all the same, by the next advisor.
    again = offered(session, now=LATER)
    assert again.inbound_call_id == hears.call_id
    joins(session, again)


def test_an_advisor_who_ends_the_call_before_they_met_leaves_the_caller_waiting(
    session: Session,
) -> None:
    on_duty(session)
    hears = calls_in(session)
    attempt = offered(session)
    assert accepts(session, attempt)
    parties.end_call(session, attempt, advisor_of(session, attempt), now=NOW)
    assert orders(session, OutboxKind.HANG_UP_LEG) == []
    progress.apply_leg_report(session, of_advisor(attempt, LegStatus.COMPLETED), now=NOW)
    assert attempt.state == "missed"
    assert inbound.keep_waiting(session, hears.call_id, now=NOW).step == CallerStep.WAIT


def test_the_board_says_who_is_on_the_line(session: Session) -> None:
    on_duty(session)
    calls_in(session)
    [callback] = session.exec(select(Callback))
    assert list(urgency_reasons(callback)) == ["They called and are on the line."]
    joins(session, offered(session))
    hangs_up(session)
    assert list(urgency_reasons(callback)) == []
