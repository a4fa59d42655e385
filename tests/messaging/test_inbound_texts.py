"""Inbound texts: what a lead sends is kept once, and a stop from anybody counts."""

from __future__ import annotations

from threading import Barrier

import pytest
from sqlmodel import Session, select

from leads.contact_rules import suppression
from leads.database.engine import has_one_writer
from leads.database.transactions import reader, transaction, write_deferred_inserts
from leads.free_text.danger import DangerKind
from leads.lead_records import lead_file
from leads.messaging import inbound_texts
from leads.models.enums import TextMeaning
from leads.models.requests import Lead, TextMessage
from tests.conftest import NOW
from tests.support.people import (
    NUMBER,
    a_callback,
    a_lead,
    a_supervisor,
    held_for,
    lead_of,
    moves,
)
from tests.support.races import at_once

STRANGER = "+13155550199"
DELIVERIES = 4


def test_what_they_text_is_in_their_file_once(session: Session) -> None:
    lead, sam = a_lead(session, phone=NUMBER), a_supervisor(session)
    for number, said, message in (
        (NUMBER, "Not now please, \0after six.", "SM1"),
        (NUMBER, "Not now please, after six.", "SM1"),
        (STRANGER, "Who is this?", "SM2"),
        (NUMBER, "STOP", "SM3"),
    ):
        receives(session, number, said, message)
    write_deferred_inserts(session)
    file = lead_file.read_lead_file(session, lead.id, sam, now=NOW)
    assert [entry.said for entry in file.entries if entry.what == "Texted"] == [
        "STOP",
    ]
    assert [entry.said for entry in file.entries if "at another time" in entry.what] == [
        "Not now please, after six.",
    ]
    assert lead.state == "suppressed"


def test_words_of_danger_put_the_callback_first(session: Session) -> None:
    callback = a_callback(session, due_at=NOW)
    receives(session, lead_of(session, callback).phone, "he is not breathing", "SM1")
    assert (callback.danger, callback.danger_at) == (DangerKind.NOW, NOW)
    assert not callback.is_held
    receives(session, lead_of(session, callback).phone, "i want to die", "SM2")
    assert callback.danger is DangerKind.NOW


def test_after_a_threat_nobody_is_rung_before_a_person_decides(session: Session) -> None:
    callback = a_callback(session, due_at=NOW)
    receives(session, lead_of(session, callback).phone, "he has a gun and he hits me", "SM1")
    assert callback.danger is DangerKind.HARM
    assert held_for(callback) == ["harm_decide"]


def test_the_trail_names_the_text_and_says_none_of_it(session: Session) -> None:
    lead = a_lead(session, phone=NUMBER)
    receives(session, NUMBER, "After six.", "SM1")
    receives(session, NUMBER, "Stop!", "SM2")
    texts = session.exec(select(TextMessage).order_by(TextMessage.id)).all()
    assert [(text.body, text.meaning) for text in texts] == [
        ("After six.", TextMeaning.WORDS),
        ("Stop!", TextMeaning.STOP),
    ]
    write_deferred_inserts(session)
    assert [move.changes for move in moves(session, lead) if move.event == "text"] == [
        {"text_message": text.id} for text in texts
    ]


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        ("Who is this?", True),
        ("Call me", True),
        ("My son needs help", True),
        ("Not now", True),
        ("cancel my request", True),
        ("STOP", False),
        ("ok thanks", False),
    ],
)
def test_a_strangers_text_is_kept_and_read_by_a_person(
    session: Session, said: str, *, waits: bool
) -> None:
    receives(session, STRANGER, said, "SM1")
    receives(session, STRANGER, said, "SM1")
    text = session.exec(select(TextMessage)).one()
    assert (text.lead_id, text.body) == (None, said)
    assert text.waits == waits
    assert suppression.is_number_suppressed(session, STRANGER) == (said == "STOP")


def test_two_people_may_send_what_the_network_gave_one_id(session: Session) -> None:
    for phone in (NUMBER, STRANGER):
        a_lead(session, phone=phone)
        receives(session, phone, "Hello?", "")
    assert session.exec(select(TextMessage.phone).order_by(TextMessage.id)).all() == [
        NUMBER,
        STRANGER,
    ]


@pytest.mark.parametrize("said", ["After six.", "STOP"])
def test_a_text_that_is_delivered_often_at_once_is_kept_once(
    database: str,
    said: str,
) -> None:
    with transaction() as session:
        lead_id = a_lead(session, phone=NUMBER).id
    begun = Barrier(DELIVERIES)

    def deliver(_: int) -> None:
        with transaction() as session:
            if not has_one_writer():  # on SQLite they queue here
                session.get_one(Lead, lead_id)
                begun.wait()
            receives(session, NUMBER, said, "SM1")

    assert at_once(DELIVERIES, deliver) == [None] * DELIVERIES
    with reader() as session:
        text = session.exec(select(TextMessage)).one()
        assert (text.lead_id, text.body) == (lead_id, said)
        lead = session.get_one(Lead, lead_id)
        assert [move.event for move in moves(session, lead)].count("text") == 1
        assert suppression.is_number_suppressed(session, NUMBER) == (said == "STOP")


def receives(session: Session, number: str, body: str, message_id: str) -> None:
    inbound_texts.receive_text_message(session, number, body, message_id=message_id, now=NOW)
