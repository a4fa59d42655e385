"""Who asks whose number this is gets an answer, also where nobody knows them."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlmodel import Session, col, select

from leads.contact_rules import suppression
from leads.database.transactions import write_deferred_inserts
from leads.i18n.messages import own_words
from leads.messaging import inbound_texts, text_delivery
from leads.messaging.inbound_texts import TextDelivery
from leads.messaging.text_delivery import TextReport
from leads.models.calls import Callback, GateDecision
from leads.models.enums import LeadState, TextFault, TextMeaning, TextStatus
from leads.models.requests import Lead, OutgoingText, TextMessage
from leads.read_models.work_kinds import WorkKind
from tests.conftest import NOW
from tests.support.listed_work import listed_ids
from tests.support.people import DAY, HOUR, MINUTE, a_source, a_supervisor
from tests.support.twilio_double import CALLER_ID

STRANGER = "+13155550142"
KEYWORD = TextDelivery(to=CALLER_ID, meaning=TextMeaning.HELP, is_answered=True)


def asks(
    session: Session,
    said: str = "who is this?",
    *,
    number: str = STRANGER,
    beside: TextDelivery | None = None,
    now: datetime = NOW,
) -> TextMessage:
    a_source(session)  # and its helpline
    delivery = beside or TextDelivery(to=CALLER_ID)
    message_id = f"SM{len(session.exec(select(TextMessage.id)).all())}"
    inbound_texts.receive_text_message(
        session, number, said, message_id=message_id, now=now, beside=delivery
    )
    return session.exec(select(TextMessage).order_by(col(TextMessage.id).desc())).first()


def answers(session: Session) -> list[tuple[str, str]]:
    return list(session.exec(select(OutgoingText.phone, OutgoingText.template)))


def test_a_stranger_who_asks_is_answered_at_once_by_the_gates_leave(session: Session) -> None:
    text = asks(session)
    assert answers(session) == [(STRANGER, "help")]
    assert not text.waits
    lead = session.exec(select(Lead)).one()
    assert (lead.state, lead.name) == (LeadState.CLOSED, "")
    assert text.lead_id == lead.id
    assert session.exec(select(Callback)).all() == []
    [order] = text_delivery.take_wanted_texts(session, 9, now=NOW)
    text_delivery.record_text_handed(
        session, order, TextReport("SM-1", TextStatus.DELIVERED), now=NOW
    )
    write_deferred_inserts(session)
    decisions = session.exec(
        select(GateDecision.lead_id, GateDecision.moment, GateDecision.allowed)
    ).all()
    assert decisions == [(lead.id, "scheduling", True), (lead.id, "relay", True)]


def test_the_answer_is_neutral_and_once_a_day(session: Session) -> None:
    asks(session)
    body = session.exec(select(OutgoingText.body)).one()
    assert body.startswith("You can call us at (315) 555-0199.")
    insists = asks(session, "who are you?", now=NOW + HOUR)
    assert (len(answers(session)), insists.waits) == (1, True)
    next_day = asks(session, now=NOW + DAY + HOUR)
    assert (len(answers(session)), next_day.waits) == (2, False)


def test_what_the_network_answers_by_itself_waits_for_nobody(session: Session) -> None:
    text = asks(session, "HELP", beside=KEYWORD)
    assert (answers(session), text.waits) == ([], False)
    assert text.lead_id is None


@pytest.mark.parametrize("said", ["help me", "ayúdame por favor", "help he is not breathing"])
def test_who_asks_for_a_persons_help_waits_for_a_person(session: Session, said: str) -> None:
    assert asks(session, said).waits
    assert asks(session, said, beside=KEYWORD).waits


@pytest.mark.parametrize(
    ("number", "at"),
    [
        (STRANGER, NOW - 12 * HOUR),  # at night
        ("+442071838750", NOW),  # abroad
        ("22395", NOW),
        (CALLER_ID, NOW),
    ],
)
def test_whom_the_gate_lets_nobody_text_waits_and_leaves_no_file(
    session: Session, number: str, at: datetime
) -> None:
    text = asks(session, number=number, now=at)
    assert (answers(session), text.waits) == ([], True)
    assert session.exec(select(Lead)).all() == []


def test_who_said_stop_is_not_answered(session: Session) -> None:
    suppression.suppress_number(
        session, STRANGER, reason=own_words("stop"), actor="test", now=NOW - HOUR
    )
    assert asks(session).waits
    assert answers(session) == []


def test_a_stop_between_order_and_relay_counts(session: Session) -> None:
    asks(session)
    asks(session, "STOP")
    assert text_delivery.take_wanted_texts(session, 9, now=NOW + MINUTE) == []
    assert session.exec(select(OutgoingText.status)).one() == TextStatus.FAILED


def test_an_answer_that_was_lost_is_sent_once_more(session: Session) -> None:
    asks(session)
    [order] = text_delivery.take_wanted_texts(session, 9, now=NOW)
    lost = TextReport("SM-1", TextStatus.UNDELIVERED, fault=TextFault.LOST, may_retry=True)
    text_delivery.record_text_handed(session, order, lost, now=NOW)
    assert len(text_delivery.take_wanted_texts(session, 9, now=NOW + 11 * MINUTE)) == 1


def test_a_later_cry_of_somebody_answered_still_waits(session: Session) -> None:
    asks(session)
    assert asks(session, "please call me").waits
    assert len(listed_ids(session, a_supervisor(session), WorkKind.TEXT)) == 1
