"""Text effects: what people text is done at once, and what no rule can do waits for a person."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from leads.alerting import conditions
from leads.callbacks import completion, opt_out
from leads.calls import progress
from leads.contact_rules import gate, suppression
from leads.contact_rules.gate_rules import ContactChannel, RefusalReason
from leads.database.transactions import write_deferred_inserts
from leads.errors import LostRace, NotAllowed, NotNow, Suppressed
from leads.helplines import brands_and_sources
from leads.i18n.messages import own_words
from leads.lead_records import lead_file
from leads.messaging import inbound_texts, waiting_texts
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.dispositions import Disposition
from leads.models.enums import (
    AlertKind,
    AttemptState,
    CallbackState,
    LeadState,
    LegStatus,
    OutboxKind,
    SuppressedChannel,
)
from leads.models.outbox import Outbox
from leads.models.requests import Lead, TextMessage
from leads.read_models.work_kinds import WorkKind
from tests.conftest import NOW
from tests.support.listed_work import listed_ids
from tests.support.people import (
    HOUR,
    MINUTE,
    NUMBER,
    a_call,
    a_callback,
    a_conversation,
    a_lead,
    a_supervisor,
    advisor_of,
    an_advisor,
    callback_of,
    held_for,
    hold_back,
    moves,
    of_lead,
    orders,
    release_as_read,
)

STRANGER, OTHER_STRANGER = "+13155550199", "+13155550198"


def texts(session: Session, said: str, *, number: str = NUMBER, now: datetime = NOW) -> TextMessage:
    message_id = f"SM{len(session.exec(select(TextMessage)).all())}"
    inbound_texts.receive_text_message(session, number, said, message_id=message_id, now=now)
    write_deferred_inserts(session)
    session.flush()
    return session.exec(select(TextMessage).where(TextMessage.message_id == message_id)).one()


def waiting_for(session: Session) -> Callback:
    return a_callback(session, a_lead(session, phone=NUMBER))


def ringing(session: Session) -> tuple[Callback, CallAttempt]:
    callback = waiting_for(session)
    attempt = a_call(session, callback)
    attempt.state = AttemptState.RINGING_LEAD
    session.add(attempt)
    session.flush()
    return callback, attempt


@pytest.mark.parametrize("said", ["please stop calling me", "ya no me llamen", "remove me", "ALTO"])
def test_a_stop_in_any_words_ends_everything(session: Session, said: str) -> None:
    callback, attempt = ringing(session)
    assert not texts(session, said).waits
    assert (callback.state, attempt.state) == (CallbackState.CANCELLED, AttemptState.FAILED)
    assert suppression.is_number_suppressed(session, NUMBER)
    assert hang_ups(session) == 1


def test_a_stop_of_texts_leaves_the_callback(session: Session) -> None:
    callback = waiting_for(session)
    assert not texts(session, "no texts please, call me").waits
    assert (callback.state, held_for(callback)) == (CallbackState.WAITING, [])
    assert decide(session, callback).allowed
    assert suppression.is_number_suppressed(session, NUMBER, SuppressedChannel.TEXT)
    assert not suppression.is_number_suppressed(session, NUMBER, SuppressedChannel.CALL)


def test_a_stop_of_calls_ends_a_ringing_call_and_holds_the_promise(session: Session) -> None:
    callback, attempt = ringing(session)
    text = texts(session, "no calls, text me")
    assert (callback.state, attempt.state) == (CallbackState.WAITING, AttemptState.FAILED)
    assert (callback.advisor_id, held_for(callback)) == (None, ["stopped_calls"])
    assert hang_ups(session) == 1
    assert text.waits
    assert decide(session, callback).reasons == (RefusalReason.SUPPRESSED,)
    sam = a_supervisor(session)
    with pytest.raises(Suppressed):
        release_as_read(session, callback, sam, now=NOW)


def test_a_supervisor_lifts_a_stop_of_one_channel(session: Session) -> None:
    callback, sam = waiting_for(session), a_supervisor(session)
    texts(session, "no calls, text me")
    assert read_file(session, callback, sam).is_channel_stopped
    opt_out.lift_stop(session, NUMBER, sam, now=NOW)
    assert not read_file(session, callback, sam).is_channel_stopped
    release_as_read(session, callback, sam, now=NOW)
    assert held_for(callback) == []


def test_a_conversation_goes_on_when_they_text_meanwhile(session: Session) -> None:
    callback, attempt = ringing(session)
    attempt.state = AttemptState.BRIDGED
    session.flush()
    texts(session, "wrong number")
    assert (callback.state, attempt.state) == (CallbackState.CALLING, AttemptState.BRIDGED)
    assert held_for(callback) == ["wrong_person"]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("wrong number", "wrong_person"),
        ("no soy carlos", "wrong_person"),
        ("cancel my request", "unclear_text"),
        ("maybe later", "asked_later"),
    ],
)
def test_what_no_rule_can_do_holds_the_callback_for_a_person(
    session: Session, said: str, reason: str
) -> None:
    callback = waiting_for(session)
    assert texts(session, said).waits
    assert (callback.state, held_for(callback)) == (CallbackState.WAITING, [reason])
    assert not suppression.is_number_suppressed(session, NUMBER)


@pytest.mark.parametrize(
    ("said", "waits"), [("5pm", True), ("Tues at 3", True), ("thank you so much", False)]
)
def test_a_time_is_read_before_the_call_that_is_promised(
    session: Session, said: str, *, waits: bool
) -> None:
    callback = waiting_for(session)
    assert texts(session, said).waits == waits
    assert (callback.state, held_for(callback)) == (CallbackState.WAITING, [])


def test_a_time_said_during_the_call_is_left_to_it(session: Session) -> None:
    ringing(session)
    assert not texts(session, "5pm").waits


@pytest.mark.parametrize(
    ("said", "due_in"), [("please call me again", timedelta()), ("call me in 3 hours", 3 * HOUR)]
)
def test_a_call_that_is_asked_for_while_the_last_is_written_up_is_promised_anew(
    session: Session, said: str, due_in: timedelta
) -> None:
    attempt = a_conversation(session, waiting_for(session))
    callback, advisor = callback_of(session, attempt), advisor_of(session, attempt)
    asked_at = NOW + 2 * MINUTE
    texts(session, said, now=asked_at)
    completion.dispose_callback(
        session, callback, advisor, Disposition.HELPED, now=asked_at + MINUTE
    )
    [promised] = session.exec(select(Callback).where(Callback.id != callback.id)).all()
    assert promised.state == "waiting"
    assert (promised.received_at, promised.due_at) == (asked_at, asked_at + due_in)


@pytest.mark.parametrize("misses", [0, 5])
def test_who_names_a_time_while_we_ring_them_is_called_then_and_not_before(
    session: Session, misses: int
) -> None:
    callback, attempt = ringing(session)
    callback.misses = misses
    assert not texts(session, "call me at 5pm please", now=NOW + MINUTE).waits
    assert (attempt.state, callback.state) == ("failed", "waiting")
    assert (callback.due_at, callback.misses) == (NOW + 5 * HOUR, misses)


@pytest.mark.parametrize("misses", [0, 5])
def test_who_asks_for_a_call_while_we_ring_them_in_vain_is_called_once_more(
    session: Session, misses: int
) -> None:
    callback, attempt = ringing(session)
    callback.misses = misses
    assert not texts(session, "please call me again", now=NOW + MINUTE).waits
    progress.apply_leg_report(session, of_lead(attempt, LegStatus.NO_ANSWER), now=NOW + 2 * MINUTE)
    promised = session.exec(select(Callback).where(Callback.state == "waiting")).one()
    assert promised.due_at <= NOW + MINUTE
    assert (promised is callback) == (misses == 0)
    assert session.get_one(Lead, callback.lead_id).state == LeadState.OPEN


def test_a_threat_ends_a_call_that_rings(session: Session) -> None:
    callback, attempt = ringing(session)
    assert texts(session, "he will kill me if the phone rings").waits
    assert (attempt.state, callback.state) == ("failed", "waiting")
    assert held_for(callback) == ["harm_decide"]
    assert orders(session, OutboxKind.HANG_UP)


def test_later_ends_a_call_that_rings(session: Session) -> None:
    callback, attempt = ringing(session)
    texts(session, "not now, call me tomorrow at 3pm")
    assert (attempt.state, callback.state) == ("failed", "waiting")
    assert callback.misses == 0
    assert orders(session, OutboxKind.HANG_UP)
    assert callback.due_at > NOW + 12 * HOUR


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("not now, call me in 2 hours", 2 * HOUR),
        ("en una hora por favor, estoy trabajando", HOUR),
        ("busy, call tomorrow at 1pm", timedelta(days=1, hours=1)),
        ("dont call before ten tonight im at work", 10 * HOUR),
    ],
)
def test_later_moves_the_callback_and_revokes_nothing(
    session: Session, said: str, wait: timedelta
) -> None:
    callback = waiting_for(session)
    assert not texts(session, said).waits
    assert held_for(callback) == []
    wished = NOW + wait
    assert callback.due_at == wished or wait > 8 * HOUR
    assert decide(session, callback, at=callback.due_at).allowed
    assert not suppression.list_suppressions_in_force(session, NUMBER)


def test_a_call_is_brought_forward(session: Session) -> None:
    callback = waiting_for(session)
    callback.due_at = NOW + 5 * HOUR
    assert not texts(session, "please call me").waits
    assert (callback.due_at, callback.asked_again) == (NOW, 1)


def test_a_call_is_promised_anew_at_the_stated_hour(session: Session) -> None:
    old = waiting_for(session)
    old.state = CallbackState.COMPLETED
    lead = session.get_one(Lead, old.lead_id)
    lead.state = LeadState.CLOSED
    session.flush()
    assert not texts(session, "call me at 3").waits
    new = session.exec(select(Callback).where(Callback.state == CallbackState.WAITING)).one()
    assert (new.due_at, new.promised_at) == (NOW + 3 * HOUR, NOW + 3 * HOUR)
    assert new.brand_id == old.brand_id
    assert lead.state == LeadState.OPEN


def test_start_lifts_the_stop_that_this_number_gave(session: Session) -> None:
    callback = waiting_for(session)
    lead = session.get_one(Lead, callback.lead_id)
    texts(session, "STOP")
    assert texts(session, "START").waits
    assert not suppression.list_suppressions_in_force(session, NUMBER)
    assert lead.state == LeadState.CLOSED
    assert "consent_by_text" in [move.event for move in moves(session, lead)]


def test_start_does_not_lift_what_somebody_else_recorded(session: Session) -> None:
    lead, sam = a_lead(session, phone=NUMBER), a_supervisor(session)
    reason, actor = own_words("By e-mail"), f"advisor:{sam.id}"
    opt_out.stop_contact(session, NUMBER, reason=reason, actor=actor, now=NOW)
    assert texts(session, "START").waits
    assert suppression.is_number_suppressed(session, NUMBER)
    assert lead.state == LeadState.SUPPRESSED


@pytest.mark.parametrize("said", ["I want to stop drinking", "me dieron de alta", "thank you"])
def test_talk_is_left_to_the_advisor_who_calls(session: Session, said: str) -> None:
    callback = waiting_for(session)
    assert not texts(session, said).waits
    assert (callback.state, callback.due_at) == (CallbackState.WAITING, NOW)
    assert held_for(callback) == []


def test_words_of_danger_go_first_and_wait_for_a_person(session: Session) -> None:
    callback = waiting_for(session)
    assert texts(session, "he took all his pills and wont wake up").waits
    assert (callback.in_danger, held_for(callback)) == (True, [])


def test_a_stop_with_danger_in_it_ends_contact_and_waits_for_a_person(session: Session) -> None:
    callback = waiting_for(session)
    assert texts(session, "stop texting me i already took the pills").waits
    assert callback.state == CallbackState.CANCELLED


def test_texts_that_wait_are_alerted_at_once(session: Session) -> None:
    texts(session, "who is this", number=STRANGER)
    texts(session, "call me", number=STRANGER, now=NOW + HOUR)
    [alert] = [
        one for one in conditions.current_conditions(session, now=NOW) if one.kind is AlertKind.TEXT
    ]
    assert (alert.since, alert.newest) == (NOW, NOW + HOUR)
    assert "2" in alert.sentence


def test_a_supervisor_sees_what_waits_and_says_that_it_is_done(session: Session) -> None:
    callback, sam = waiting_for(session), a_supervisor(session)
    text = texts(session, "cancel my request")
    [listed] = listed_ids(session, sam, WorkKind.TEXT)
    shown = waiting_texts.find_waiting_text(session, listed, sam)
    assert shown is not None
    assert (shown.text_id, shown.body) == (text.id, text.body)
    assert shown.is_promised
    assert NUMBER not in shown.number
    assert shown.held_for
    waiting_texts.settle_text(session, text, sam, now=NOW)
    assert listed_ids(session, sam, WorkKind.TEXT) == []
    assert waiting_texts.find_waiting_text(session, text.id, sam) is None
    assert held_for(callback) == ["unclear_text"]
    with pytest.raises(LostRace):
        waiting_texts.settle_text(session, text, sam, now=NOW)


def test_danger_stands_first_and_a_number_is_shown_for_the_record(session: Session) -> None:
    sam = a_supervisor(session)
    plain = texts(session, "who is this", number=STRANGER)
    grave = texts(session, "I want to die", number=OTHER_STRANGER)
    assert listed_ids(session, sam, WorkKind.TEXT) == [grave.id, plain.id]
    assert waiting_texts.reveal_text_number(session, grave, sam, now=NOW) == OTHER_STRANGER
    assert [(move.event, move.actor) for move in moves(session, grave)] == [
        ("reveal", f"advisor:{sam.id}")
    ]
    with pytest.raises(NotAllowed):
        waiting_texts.reveal_text_number(session, grave, an_advisor(session), now=NOW)


def test_a_supervisor_stops_all_contact_for_a_text(session: Session) -> None:
    callback, sam = waiting_for(session), a_supervisor(session)
    text = texts(session, "cancel my request")
    waiting_texts.stop_contact_for_text(session, text, sam, now=NOW)
    assert callback.state == CallbackState.CANCELLED
    assert suppression.is_number_suppressed(session, NUMBER)


@pytest.mark.parametrize("said", ["no calls, text me", "cancel my request", "STOP"])
def test_a_supervisor_promises_the_call_that_they_want(session: Session, said: str) -> None:
    waiting_for(session)
    sam = a_supervisor(session)
    texts(session, said)
    text = texts(session, "START")
    shown = waiting_texts.find_waiting_text(session, text.id, sam)
    assert shown
    waiting_texts.promise_call_for_text(session, text, sam, seen=shown.hold_ids, now=NOW)
    callback = session.exec(select(Callback).where(Callback.state == CallbackState.WAITING)).one()
    assert (held_for(callback), callback.due_at) == ([], NOW)
    assert decide(session, callback).allowed


def test_a_promised_call_lifts_no_hold_that_was_not_read(session: Session) -> None:
    callback, sam = waiting_for(session), a_supervisor(session)
    texts(session, "no calls, text me")
    text = texts(session, "START")
    shown = waiting_texts.find_waiting_text(session, text.id, sam)
    assert shown
    hold_back(session, callback, "harm_decide")
    with pytest.raises(LostRace, match="A new hold was placed"):
        waiting_texts.promise_call_for_text(session, text, sam, seen=shown.hold_ids, now=NOW)


def test_the_helpline_that_was_texted_calls(session: Session) -> None:
    lead, ended = a_lead(session, phone=NUMBER, state="closed"), {"state": "completed"}
    texted = a_callback(session, lead, **ended)
    other = brands_and_sources.add_brand(session, "Other Line", caller_id="+13155550100", now=NOW)
    a_callback(session, lead, **ended).brand_id = other.id
    text = texts(session, "who is this")
    text.brand_id, text.waits = texted.brand_id, True
    waiting_texts.promise_call_for_text(session, text, a_supervisor(session), seen=(), now=NOW)
    callback = session.exec(select(Callback).where(Callback.state == CallbackState.WAITING)).one()
    assert callback.brand_id == texted.brand_id


def test_nobody_is_promised_a_call_whom_nobody_knows(session: Session) -> None:
    text, sam = texts(session, "call me", number=STRANGER), a_supervisor(session)
    with pytest.raises(NotNow):
        waiting_texts.promise_call_for_text(session, text, sam, seen=(), now=NOW)


def test_an_advisor_decides_nothing_about_a_text(session: Session) -> None:
    text, ann = texts(session, "who is this", number=STRANGER), an_advisor(session)
    with pytest.raises(NotAllowed):
        waiting_texts.settle_text(session, text, ann, now=NOW)
    with pytest.raises(NotAllowed):
        waiting_texts.find_waiting_text(session, text.id, ann)


def read_file(session: Session, callback: Callback, supervisor: Advisor) -> lead_file.LeadFile:
    file = lead_file.read_lead_file(session, callback.lead_id, supervisor, now=NOW)
    assert file
    return file


def decide(session: Session, callback: Callback, *, at: datetime = NOW) -> gate.Decision:
    lead = session.get_one(Lead, callback.lead_id)
    return gate.may_contact(session, lead.phone, ContactChannel.CALL, lead=lead, now=at)


def hang_ups(session: Session) -> int:
    orders = session.exec(select(Outbox).where(Outbox.kind == OutboxKind.HANG_UP)).all()
    return len(orders)
