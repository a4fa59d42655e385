"""A text that came in while the desk was down is taken later, once, and in the order of writing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from leads.callbacks import opt_out
from leads.config.settings import TwilioCredentials
from leads.contact_rules import suppression
from leads.database.transactions import reader, transaction
from leads.free_text.danger import DangerKind
from leads.i18n.messages import Message, MessageKey
from leads.lifecycle.audit_trail import SystemActor
from leads.messaging import inbound_texts, missed_texts
from leads.messaging.inbound_texts import TextDelivery
from leads.models.calls import Callback
from leads.models.enums import ArrivalKind, SuppressedChannel, TextTemplateKey
from leads.models.helplines import Brand
from leads.models.requests import Lead, OutgoingText, TextMessage
from notifications.arrival_looks import ArrivalLooks
from notifications.manual_phone import NoTexts
from notifications.rehearsal_texts import RehearsalTexts
from notifications.telephony import TextNetwork
from notifications.twilio.texts import TwilioTexts
from tests.conftest import NOW
from tests.support.people import (
    HOUR,
    MINUTE,
    NUMBER,
    a_callback,
    a_lead,
    an_advisor,
    an_attempt,
    held_for,
)
from tests.support.twilio_double import CALLER_ID, SID, TOKEN, TwilioDouble

SECOND = timedelta(seconds=1)


class Desk:
    """A desk that looked at the network's texts at NOW, and then was down until `now`."""

    def __init__(self, twilio: TwilioDouble, *, down: timedelta = HOUR) -> None:
        self.twilio, self.now = twilio, NOW
        account = TwilioCredentials(SID, (TOKEN,), twilio.url)
        self.network = TwilioTexts(account, public_url="https://desk.example.org", timeout=5)
        self.looks = ArrivalLooks(
            ArrivalKind.TEXT,
            self.network.list_received_texts,
            missed_texts.receive_missed_text,
            now=lambda: self.now,
        )
        with transaction() as session:
            self.callback_id = a_callback(session, a_lead(session, NUMBER), due_at=NOW).id
            session.exec(select(Brand)).one().caller_id = CALLER_ID
        self.looks.take_missed_arrivals()
        self.now += down

    def misses(self, said: str, *, after: timedelta = MINUTE, pictures: int = 0) -> str:
        return self.twilio.misses_text(NUMBER, said, at=NOW + after, pictures=pictures)

    def hears(self, said: str, *, at: datetime, message_id: str = "SM-webhook") -> None:
        """The webhook brings a text at an instant."""
        with transaction() as session:
            beside = TextDelivery(to=CALLER_ID)
            inbound_texts.receive_text_message(
                session, NUMBER, said, message_id=message_id, now=at, beside=beside
            )

    def bodies(self) -> list[str]:
        with reader() as session:
            return list(session.exec(select(TextMessage.body).order_by(TextMessage.id)))

    def is_stopped(self) -> bool:
        with reader() as session:
            return suppression.is_number_suppressed(session, NUMBER)


@pytest.fixture
def desk(database: str, twilio: TwilioDouble) -> Desk:
    return Desk(twilio)


def callback_in(session: Session, desk: Desk) -> Callback:
    return session.get_one(Callback, desk.callback_id)


def test_what_came_in_while_the_desk_was_down_is_taken_once(desk: Desk) -> None:
    desk.misses("i want to die", after=2 * MINUTE)
    desk.misses("please call me")
    for _ in range(2):
        desk.looks.take_missed_arrivals()
    assert desk.bodies() == ["please call me", "i want to die"]
    with reader() as session:
        texts = session.exec(select(TextMessage).order_by(TextMessage.id)).all()
        assert [text.received_at for text in texts] == [NOW + MINUTE, NOW + 2 * MINUTE]
        assert [text.waits for text in texts] == [False, True]
        callback = callback_in(session, desk)
        assert (callback.asked_again, callback.danger) == (1, DangerKind.SELF)
        assert callback.danger_at == desk.now


def test_a_stop_counts_whenever_it_comes_here(desk: Desk) -> None:
    desk.misses("no more calls, leave me alone. STOP")
    desk.looks.take_missed_arrivals()
    assert desk.is_stopped()
    with reader() as session:
        assert callback_in(session, desk).state == "cancelled"


@pytest.mark.parametrize(
    ("missed", "heard", "is_stopped"), [("STOP", "START", False), ("START", "STOP", True)]
)
def test_the_last_word_wins_whichever_comes_first(
    desk: Desk, missed: str, heard: str, *, is_stopped: bool
) -> None:
    desk.hears("STOP", at=NOW - HOUR, message_id="SM-before")
    desk.misses(missed)
    desk.hears(heard, at=desk.now)
    desk.looks.take_missed_arrivals()
    assert desk.is_stopped() == is_stopped


@pytest.mark.parametrize("said", [("STOP", "START"), ("START", "STOP")])
def test_of_several_that_were_missed_the_last_one_wins(desk: Desk, said: tuple[str, str]) -> None:
    for nth, words in reversed(list(enumerate(said, 1))):
        desk.misses(words, after=nth * MINUTE)
    desk.looks.take_missed_arrivals()
    assert desk.bodies() == list(said)
    assert desk.is_stopped() == (said[-1] == "STOP")


@pytest.mark.parametrize("said", [("STOP", "START"), ("START", "STOP")])
def test_of_one_second_the_stop_wins_and_others_keep_their_order(
    desk: Desk, said: tuple[str, str]
) -> None:
    desk.hears("STOP", at=NOW - HOUR, message_id="SM-before")
    for words in said:
        desk.misses(words)
    desk.looks.take_missed_arrivals()
    assert desk.bodies() == ["STOP", *said]
    assert desk.is_stopped()
    with reader() as session:
        texts = session.exec(select(TextMessage)).all()
    [started] = [one for one in texts if one.body == "START"]
    assert started.waits  # a person decides


def test_a_stop_that_a_refusal_tells_of_wins_over_an_older_start(desk: Desk) -> None:
    desk.misses("START")
    with transaction() as session:
        reason = Message(MessageKey.STOP_AT_NETWORK)
        opt_out.stop_texts(session, NUMBER, reason=reason, actor=SystemActor.NETWORK, now=desk.now)
    desk.looks.take_missed_arrivals()
    with reader() as session:
        assert suppression.is_number_suppressed(session, NUMBER, SuppressedChannel.TEXT)


def test_the_last_language_that_somebody_names_counts(desk: Desk) -> None:
    desk.misses("Spanish please")
    desk.hears("English please", at=desk.now)
    desk.looks.take_missed_arrivals()
    with reader() as session:
        assert session.exec(select(Lead.language)).one() == "en"
    assert len(desk.bodies()) == 2


def test_a_wish_that_was_replaced_meanwhile_moves_no_call(desk: Desk) -> None:
    desk.misses("please call me")
    desk.hears("not now, call me tomorrow at 3 pm", at=desk.now - MINUTE)
    with reader() as session:
        due_at = callback_in(session, desk).due_at
    desk.looks.take_missed_arrivals()
    with reader() as session:
        callback = callback_in(session, desk)
        assert (callback.due_at, callback.asked_again) == (due_at, 0)
    assert len(desk.bodies()) == 2


def test_a_time_is_meant_from_when_it_was_written(desk: Desk) -> None:
    desk.misses("call me in two hours")
    desk.looks.take_missed_arrivals()
    with reader() as session:
        assert callback_in(session, desk).due_at == NOW + MINUTE + 2 * HOUR


@pytest.mark.parametrize(("after", "is_answered"), [(50 * MINUTE, True), (30 * MINUTE, False)])
def test_a_late_text_is_answered_by_a_person(
    desk: Desk, after: timedelta, *, is_answered: bool
) -> None:
    desk.misses("look at this", after=after, pictures=1)
    desk.looks.take_missed_arrivals()
    with reader() as session:
        answers = session.exec(select(OutgoingText.template)).all()
    assert answers == [TextTemplateKey.NO_PICTURES] * is_answered


def test_the_webhook_and_the_list_bring_a_text_once(desk: Desk) -> None:
    message_id = desk.misses("please call me")
    desk.hears("please call me", at=NOW + MINUTE, message_id=message_id)
    desk.misses("only just sent", after=HOUR - SECOND)  # the webhook is on its way
    desk.looks.take_missed_arrivals()
    assert desk.bodies() == ["please call me"]


@pytest.mark.parametrize("said", ["please call me", "not now, call me in two days"])
@pytest.mark.parametrize("is_counted", [True, False])
def test_a_time_that_an_advisor_agreed_upon_since_stays(
    desk: Desk, said: str, *, is_counted: bool
) -> None:
    agreed, answered = desk.now + 5 * HOUR, NOW + 2 * MINUTE
    with transaction() as session:
        callback = callback_in(session, desk)
        callback.due_at = agreed
        if is_counted:
            callback.first_conversation_at = answered
        else:
            past = {"state": "ended", "answered_at": answered}
            an_attempt(session, callback, an_advisor(session), **past)
    desk.misses(said)
    desk.looks.take_missed_arrivals()
    with reader() as session:
        assert session.exec(select(TextMessage.waits)).one()
        assert callback_in(session, desk).due_at == agreed
        assert held_for(callback_in(session, desk)) == []


@pytest.mark.parametrize(("answered", "is_open"), [(2 * MINUTE, False), (SECOND, True)])
def test_a_request_that_ended_in_a_conversation_since_stays_closed(
    desk: Desk, answered: timedelta, *, is_open: bool
) -> None:
    with transaction() as session:
        callback = callback_in(session, desk)
        callback.state, callback.first_conversation_at = "completed", NOW + answered
        session.exec(select(Lead)).one().state = "closed"
    desk.misses("please call me")
    desk.looks.take_missed_arrivals()
    with reader() as session:
        opened = opt_out.find_open_callbacks(session, NUMBER)
        assert (len(opened), session.exec(select(TextMessage.waits)).one()) == (
            is_open,
            not is_open,
        )


@pytest.mark.parametrize("network", [NoTexts(), RehearsalTexts(now=lambda: NOW)])
def test_without_an_account_nothing_is_listed(network: TextNetwork) -> None:
    assert network.list_received_texts(CALLER_ID, NOW) == []
