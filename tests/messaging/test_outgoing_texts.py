"""Outgoing texts: no text without the gate's word at that instant, and none twice."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from leads.alerting.conditions import current_conditions
from leads.callbacks import holds, opt_out
from leads.contact_rules import gate, suppression
from leads.database.transactions import write_deferred_inserts
from leads.errors import BadConfiguration, FailureKind, LeadsError, NotNow, TelephonyError
from leads.i18n.messages import Message, MessageKey, own_words
from leads.lifecycle.audit_trail import SystemActor
from leads.messaging import (
    inbound_texts,
    outgoing_texts,
    text_delivery,
    text_templates,
    text_threads,
)
from leads.messaging.inbound_texts import TextDelivery
from leads.messaging.text_delivery import TextReport
from leads.messaging.text_parts import count_parts
from leads.models.calls import Callback, GateDecision
from leads.models.enums import (
    AlertKind,
    OutboxKind,
    SuppressedChannel,
    TextFault,
    TextMeaning,
    TextStatus,
    TextTemplateKey,
)
from leads.models.outbox import Outbox
from leads.models.requests import Consent, OutgoingText
from leads.outbox.text_orders import TextOrder
from tests.conftest import NOW
from tests.support.people import (
    DAY,
    HOUR,
    MINUTE,
    NUMBER,
    a_callback,
    a_claim,
    a_lead,
    a_submission,
    a_supervisor,
    an_advisor,
    hold_back,
    lead_of,
    orders,
)
from tests.support.twilio_double import CALLER_ID

_numbers = itertools.count()
PLACES = ("+1315556{:04d}", "+1808556{:04d}", "+1671556{:04d}", "+1850556{:04d}")
REFUSED = TelephonyError(
    Message(MessageKey.TWILIO_REFUSED, code=21610),
    permanent=True,
    fault=TextFault.STOPPED,
    code=21610,
)
BROKE_OFF = TelephonyError(Message(MessageKey.TWILIO_BROKE_OFF), unknown=True)


def textable(session: Session, **facts: object) -> Callback:
    return a_callback(session, a_lead(session, **{"safe_to_text": True, **facts}))


def sends(session: Session, callback: Callback, *, now: datetime = NOW) -> OutgoingText:
    key = TextTemplateKey.CALL_SOON
    return outgoing_texts.send_quick_answer(session, callback, key, a_supervisor(session), now=now)


def takes(session: Session, *, now: datetime = NOW) -> list[TextOrder]:
    return text_delivery.take_wanted_texts(session, 10, now=now)


def mostly(words: Sequence[object]) -> st.SearchStrategy[object]:
    """The first of several words, as a rule: if most were against a text, none would go out."""
    usual, *others = words
    return st.sampled_from([usual] * 9 * len(others) + list(others))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    safe=mostly([True, None, False]),
    others=mostly([None, True, False]),
    place=st.sampled_from(PLACES),
    stop=mostly([None, *SuppressedChannel]),
    refused=mostly([False, True]),
    hold=mostly(["", "harm_decide", "wrong_person"]),
    before=mostly([0, 1, 3]),
    at=st.integers(0, 7 * 24 * 60 - 1),
    later=st.integers(0, 59),
    stops_later=st.booleans(),
    texted=st.booleans(),
)
def test_no_text_goes_out_that_the_gate_did_not_allow_at_that_instant(
    session: Session, **case: object
) -> None:
    now = NOW + case["at"] * MINUTE
    number = case["place"].format(next(_numbers))
    lead = a_lead(session, phone=number, safe_to_text=case["safe"])
    callback = a_callback(session, lead, hold=case["hold"])
    if case["others"] is not None:
        a_lead(session, phone=number, nth_at_number=2, safe_to_text=case["others"])
    if case["refused"]:
        submission = a_submission(session, lead_id=lead.id)
        refusal = {"submission_id": submission.id, "lead_id": lead.id, "phone": number}
        session.add(Consent(**refusal, granted=False, given_at=NOW))
    if case["stop"]:
        reason, channel = own_words("said so"), case["stop"]
        suppression.suppress_number(
            session, number, reason=reason, actor="test", now=NOW, channel=channel
        )
    if case["texted"]:
        inbound_texts.receive_text_message(session, number, "ok", message_id=number, now=now)
    for _ in range(case["before"]):
        session.add(handed(callback, number, now - 3 * HOUR))
    session.flush()
    was = may_be_texted(case)
    try:
        text = sends(session, callback, now=now)
    except LeadsError:
        assert not session.exec(
            select(OutgoingText).where(
                OutgoingText.phone == number, OutgoingText.status == "ordered"
            )
        ).all()
        return
    assert was, "it was ordered though somebody's word was against it"
    if case["stops_later"]:
        opt_out.stop_texts(session, number, reason=own_words("stop"), actor="test", now=now)
    at = now + case["later"] * MINUTE
    taken = takes(session, now=at)
    write_deferred_inserts(session)
    asked = select(GateDecision).where(
        GateDecision.lead_id == lead.id,
        GateDecision.channel == "text",
        GateDecision.moment == "relay",
        GateDecision.asked_at == at,
    )
    allowed = [decision.allowed for decision in session.exec(asked)]  # none if it was withdrawn
    assert [order.text_id for order in taken] == [text.id] * allowed.count(True)
    assert (text.handed_at == at) == bool(taken)
    assert not (taken and case["stops_later"])


def may_be_texted(case: dict[str, object]) -> bool:
    """What must hold before a text to somebody is even ordered, whatever the clock says."""
    said = case["safe"] is True or (case["safe"] is None and case["texted"])
    denied = case["safe"] is False or case["others"] is False
    is_stopped = case["stop"] in (SuppressedChannel.ALL, SuppressedChannel.TEXT)
    is_barred = denied or is_stopped or case["refused"] or case["hold"] or case["before"] > 2
    return said and not is_barred


def handed(callback: Callback, number: str, at: datetime) -> OutgoingText:
    return OutgoingText(
        lead_id=callback.lead_id,
        callback_id=callback.id,
        brand_id=callback.brand_id,
        phone=number,
        template=TextTemplateKey.THANKS,
        body="Thank you.",
        ordered_by="system",
        ordered_at=at,
        handed_at=at,
        status=TextStatus.DELIVERED,
        status_at=at,
    )


def test_texts_and_calls_share_the_cap(session: Session) -> None:
    callback = textable(session)
    number = lead_of(session, callback).phone
    for hours in (1, 2, 3):
        session.add(handed(callback, number, NOW - hours * HOUR))
    session.flush()
    with pytest.raises(NotNow, match="3"):
        sends(session, callback)
    key = TextTemplateKey.HELP
    assert not outgoing_texts.send_by_rule(session, callback, key, now=NOW + 20 * HOUR)


ARRIVED = TextReport("SM1", TextStatus.DELIVERED)
SENT = TextReport("SM1", TextStatus.SENT)
QUEUED = TextReport("SM1", TextStatus.QUEUED)


@pytest.mark.parametrize("news", list(itertools.permutations([QUEUED, SENT, ARRIVED])))
def test_news_in_any_order_ends_in_the_same(session: Session, news: tuple[TextReport, ...]) -> None:
    text = sends(session, textable(session))
    takes(session)
    for one in (*news, news[0]):
        text_delivery.apply_text_report(session, text.id, one, now=NOW)
    assert (text.status, text.message_id) == (TextStatus.DELIVERED, "SM1")
    stranger = TextReport("SM2", TextStatus.FAILED)
    text_delivery.apply_text_report(session, text.id, stranger, now=NOW)
    assert text.status == TextStatus.DELIVERED


def test_what_may_have_gone_out_is_looked_for_and_never_sent_again(session: Session) -> None:
    text = sends(session, textable(session))
    [order] = takes(session)
    text_delivery.record_text_failure(session, order, BROKE_OFF, now=NOW)
    assert text.status == TextStatus.UNKNOWN
    looks = 0
    for second in range(60):
        assert takes(session, now=NOW + second * timedelta(seconds=1)) == []
        for doubtful in text_delivery.take_doubtful_texts(
            session, now=NOW + second * timedelta(seconds=1)
        ):
            looks += 1
            found: list[TextReport] = []
            text_delivery.record_text_search(
                session, doubtful, found, now=NOW + second * timedelta(seconds=1)
            )
    assert looks == 4
    assert (text.status, orders(session, OutboxKind.SEND_TEXT)[0].state) == ("unknown", "failed")
    text_delivery.apply_text_report(session, text.id, ARRIVED, now=NOW)
    assert text.status == TextStatus.DELIVERED


def test_a_text_whose_relay_died_is_found(session: Session) -> None:
    text = sends(session, textable(session))
    takes(session)
    [order] = text_delivery.take_doubtful_texts(session, now=NOW + MINUTE)
    text_delivery.record_text_search(session, order, [SENT], now=NOW + MINUTE)
    assert (text.status, text.message_id) == (TextStatus.SENT, "SM1")
    assert session.exec(select(Outbox.state).where(Outbox.kind == "send_text")).one() == "sent"


def test_what_was_refused_for_now_is_tried_again_and_is_no_contact(session: Session) -> None:
    text = sends(session, textable(session))
    [order] = takes(session)
    busy = TelephonyError(Message(MessageKey.TWILIO_REFUSED, code=20429))
    text_delivery.record_text_failure(session, order, busy, now=NOW)
    assert text.handed_at is None
    assert [again.text_id for again in takes(session, now=NOW + MINUTE)] == [text.id]


def test_only_what_may_arrive_is_sent_once_more(session: Session) -> None:
    text = sends(session, textable(session))
    [order] = takes(session)
    lost = TextReport(
        "SM1", TextStatus.UNDELIVERED, error_code=30008, fault=TextFault.LOST, may_retry=True
    )
    text_delivery.record_text_handed(session, order, QUEUED, now=NOW)
    text_delivery.apply_text_report(session, text.id, lost, now=NOW)
    assert takes(session, now=NOW + 9 * MINUTE) == []
    [again] = takes(session, now=NOW + 11 * MINUTE)
    lost_again = TextReport(
        "SM2", TextStatus.UNDELIVERED, error_code=30008, fault=TextFault.LOST, may_retry=True
    )
    text_delivery.record_text_handed(session, again, lost_again, now=NOW + 11 * MINUTE)
    assert takes(session, now=NOW + DAY) == []


def test_a_stop_at_the_network_closes_texts_and_leaves_calls(session: Session) -> None:
    callback = textable(session)
    text = sends(session, callback)
    [order] = takes(session)
    text_delivery.record_text_failure(session, order, REFUSED, now=NOW)
    assert (text.fault, text.error_code) == (TextFault.STOPPED, 21610)
    stopped = functools.partial(suppression.is_number_suppressed, session, text.phone)
    assert stopped(SuppressedChannel.TEXT)
    assert not stopped(SuppressedChannel.CALL)
    assert not callback.is_held


def test_who_may_text_whom(session: Session) -> None:
    callback, advisor = a_claim(session)
    lead_of(session, callback).safe_to_text = True
    key, now = TextTemplateKey.WHEN_TO_CALL, NOW
    with pytest.raises(LeadsError, match="supervisor"):
        outgoing_texts.send_quick_answer(session, callback, key, an_advisor(session), now=now)
    with pytest.raises(LeadsError, match="supervisor"):
        outgoing_texts.send_free_words(session, callback, "Hello.", advisor, now=now)
    not_theirs = TextTemplateKey.CONFIRMATION
    with pytest.raises(BadConfiguration):
        outgoing_texts.send_quick_answer(session, callback, not_theirs, advisor, now=now)
    outgoing_texts.send_quick_answer(session, callback, key, advisor, now=now)
    with pytest.raises(NotNow, match="moment ago"):
        outgoing_texts.send_quick_answer(session, callback, key, advisor, now=now)


@pytest.mark.parametrize(
    "words",
    [
        "Mary, please call us.",
        "Your rehab place is free.",
        "Su tratamiento empieza.",
        "Call 315 555 0142.",
        "x" * 500,
        "  ",
    ],
)
def test_free_words_name_nobody_and_nothing(session: Session, words: str) -> None:
    callback = textable(session, name="Mary Poe")
    with pytest.raises(BadConfiguration):
        outgoing_texts.send_free_words(session, callback, words, a_supervisor(session), now=NOW)
    said = "We are here until six, at {number}."
    text = outgoing_texts.send_free_words(session, callback, said, a_supervisor(session), now=NOW)
    assert text.body == "We are here until six, at (315) 555-0199."


@pytest.mark.parametrize(
    ("said", "beside", "answered"),
    [
        ("who is this?", TextDelivery(), "help"),
        ("HELP", TextDelivery(meaning=TextMeaning.HELP, is_answered=True), None),
        ("look", TextDelivery(pictures=1), "no_pictures"),
        ("", TextDelivery(pictures=1), "no_pictures"),
        ("please stop texting me", TextDelivery(), None),
        ("STOP", TextDelivery(meaning=TextMeaning.STOP, is_answered=True), None),
        ("he is not breathing", TextDelivery(pictures=1), None),
        ("thanks", TextDelivery(), None),
    ],
)
def test_what_is_answered_by_itself_once_a_day(
    session: Session, said: str, beside: TextDelivery, answered: str | None
) -> None:
    lead = a_lead(session, phone=NUMBER)
    a_callback(session, lead)
    for message_id in ("SM1", "SM2"):
        inbound_texts.receive_text_message(
            session, NUMBER, said, message_id=message_id, now=NOW, beside=beside
        )
    sent = session.exec(select(OutgoingText.template)).all()
    assert sent == ([answered] if answered else [])


def test_a_text_is_of_the_helpline_whose_number_it_was_sent_to(session: Session) -> None:
    callback = textable(session)
    number = lead_of(session, callback).phone
    beside = TextDelivery(to=CALLER_ID, pictures=2)
    inbound_texts.receive_text_message(
        session, number, "", message_id="SM1", now=NOW, beside=beside
    )
    thread = text_threads.read_thread(session, callback, now=NOW)
    assert [(text.pictures, text.is_new) for text in thread.texts if not text.status] == [(2, True)]
    sends(session, callback, now=NOW + MINUTE)
    assert text_threads.read_thread(session, callback, now=NOW + MINUTE).new_count == 0


def test_a_helplines_own_words_and_the_name_before_them(session: Session) -> None:
    callback = textable(session, language="es")
    brand_id, sam = callback.brand_id, a_supervisor(session)
    change: Callable[..., None] = text_templates.change_helpline_texts
    soon = TextTemplateKey.CALL_SOON
    own = {"es": {soon: "Llamamos ya: {number}.", TextTemplateKey.HELP: ""}}
    change(session, brand_id, sam, sender="Ana", words=own, now=NOW)
    change(session, brand_id, sam, sender="Ana", words=own, now=NOW)
    assert sends(session, callback).body == "Ana: Llamamos ya: (315) 555-0199."
    assert not outgoing_texts.send_by_rule(session, callback, TextTemplateKey.HELP, now=NOW)
    with pytest.raises(BadConfiguration, match="Recovery"):
        change(session, brand_id, sam, sender="Recovery Line", words={}, now=NOW)
    with pytest.raises(BadConfiguration, match="drogas"):
        change(session, brand_id, sam, sender="", words={"es": {soon: "Sus drogas"}}, now=NOW)


def test_every_default_text_is_neutral_and_one_or_two_parts(session: Session) -> None:
    callback = textable(session)
    [helpline] = text_templates.list_helpline_texts(session, a_supervisor(session))
    assert helpline.brand_id == callback.brand_id
    for by_key in helpline.words.values():
        for words in by_key.values():
            text_templates.validate_words(words)
            assert count_parts(words.replace("{number}", "(315) 555-0199")) <= 2


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ó" * 70, 1),
        ("ó" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_parts_are_counted_as_the_network_does(body: str, parts: int) -> None:
    assert count_parts(body) == parts


@pytest.mark.parametrize("reason", ["harm_decide", "wrong_person"])
def test_a_hold_for_who_may_read_it_keeps_texts_back(session: Session, reason: str) -> None:
    callback = textable(session)
    text = sends(session, callback)
    hold_back(session, callback, reason)
    assert takes(session) == []
    assert (text.status, text.handed_at) == (TextStatus.FAILED, None)
    [row] = orders(session, OutboxKind.SEND_TEXT)
    assert (row.state, row.failure) == ("failed", FailureKind.OURS)


def test_after_violence_no_text_goes_out_also_when_they_may_be_rung(session: Session) -> None:
    callback = textable(session)
    hold_back(session, callback, "harm_decide")
    holds.lift_holds(session, callback, by="test", now=NOW)
    with pytest.raises(NotNow, match="violence"):
        sends(session, callback)


@pytest.mark.parametrize("stop", [opt_out.stop_contact, opt_out.stop_texts])
def test_a_text_that_waits_for_its_retry_does_not_outlive_a_stop(
    session: Session, stop: Callable[..., None]
) -> None:
    text = sends(session, textable(session))
    [order] = takes(session)
    busy = TelephonyError(Message(MessageKey.TWILIO_REFUSED, code=20429))
    text_delivery.record_text_failure(session, order, busy, now=NOW)
    stop(session, text.phone, reason=own_words("stop"), actor=SystemActor.NETWORK, now=NOW)
    assert (text.status, text.problem.key) == (TextStatus.FAILED, MessageKey.SUPPRESSED)
    assert opt_out.lift_stop_of_person(session, text.phone, actor=SystemActor.NETWORK, now=NOW)
    assert takes(session, now=NOW + MINUTE) == []
    [row] = orders(session, OutboxKind.SEND_TEXT)
    assert (row.state, row.failure) == ("failed", FailureKind.OURS)


def test_texts_that_our_set_up_keeps_back_are_alerted_until_one_goes_out(session: Session) -> None:
    text, other = sends(session, textable(session)), sends(session, textable(session))
    unregistered = TextReport("SM1", TextStatus.UNDELIVERED, fault=TextFault.NOT_REGISTERED)
    text_delivery.apply_text_report(session, text.id, unregistered, now=NOW)
    kept = [one for one in current_conditions(session, now=NOW) if one.about.startswith("texts:")]
    assert [(one.kind, one.count) for one in kept] == [(AlertKind.NETWORK, 1)]
    sent = TextReport("SM2", TextStatus.SENT)
    text_delivery.apply_text_report(session, other.id, sent, now=NOW)
    assert not any(one.about.startswith("texts:") for one in current_conditions(session, now=NOW))


def test_what_waited_too_long_is_not_sent_any_more(session: Session) -> None:
    text = sends(session, textable(session))
    assert takes(session, now=NOW + 2 * HOUR) == []
    assert (text.status, text.problem.key) == (TextStatus.FAILED, MessageKey.OVER_BEFORE_SENT)


def test_any_hour_is_a_wish_to_be_called_and_not_to_be_texted(session: Session) -> None:
    callback = a_callback(session, a_lead(session, safe_to_text=True), any_hour=True)
    lead, night = lead_of(session, callback), NOW + 12 * HOUR
    about = {"lead": lead, "callback": callback, "now": night}
    assert gate.may_contact(session, lead.phone, gate.ContactChannel.CALL, **about).allowed
    texted = gate.may_contact(session, lead.phone, gate.ContactChannel.TEXT, **about)
    assert texted.reasons == (gate.RefusalReason.QUIET_HOURS,)
