"""Inbound texts: messages that people send to a helpline's number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from leads.callbacks import shared_numbers
from leads.contact_rules import kept_stops
from leads.database.bulk_rows import insert_if_absent
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.free_text.danger import read_danger
from leads.free_text.wishes import interpret_text
from leads.lifecycle.audit_trail import SystemActor, record_event
from leads.messaging import text_answers, text_wishes
from leads.messaging.text_effects import act_on_text
from leads.models.enums import TextMeaning
from leads.models.helplines import Brand
from leads.models.requests import Lead, TextMessage

TEXT_RECEIVED_EVENT = "text"  # a move that changes no state


@dataclass(frozen=True)
class TextDelivery:
    """What came with a text beside its words.

    `to`: the number of ours that it was sent to. `meaning`: what the network takes it for and acts
    upon, where it is a keyword. `is_answered`: the network replies to it by itself. Pictures are
    counted, and never fetched.
    """

    to: str = ""
    pictures: int = 0
    meaning: TextMeaning | None = None
    is_answered: bool = False


NOTHING_BESIDE = TextDelivery()


def receive_text_message(
    session: Session,
    number: str,
    body: str,
    *,
    message_id: str,
    now: datetime,
    sent_at: datetime | None = None,
    beside: TextDelivery = NOTHING_BESIDE,
) -> None:
    """Store a text once, however often it is delivered, and do at once what it asks for.

    Where several people share the number, it is taken for the one's who asked last of those whose
    files the helpline shares, and the trail names its row. A person reads what no rule can do; a
    text of a number that is nobody's is kept as well, and waits for a person unless an answer is
    all that it asks for.

    `sent_at`: where we hear of it late. What the same phone said after it counts.
    """
    brand_id = _find_brand_of_number(session, beside.to)
    at_number = shared_numbers.list_leads_at_number(session, number)
    leads = shared_numbers.list_leads_of_operator(session, at_number, brand_id)
    lead = shared_numbers.find_last_asker(session, leads)
    if not at_number:
        kept_stops.restore_kept_stops(session, [number])
    row = {
        "lead_id": lead.id if lead else None,
        "phone": number,
        "message_id": message_id,
        "body": body.replace("\0", ""),
        "danger": read_danger(body),
        "meaning": beside.meaning or meaning_of_text(body),
        "received_at": min(sent_at or now, now),
        "waits": False,
        "brand_id": brand_id,
        "pictures": beside.pictures,
    }
    if not insert_if_absent(session, TextMessage, row):
        return
    stored = select(TextMessage).where(
        TextMessage.phone == number, TextMessage.message_id == message_id
    )
    text = session.exec(stored).one()
    _act_on_stored_text(session, text, lead, is_answered=beside.is_answered, now=now)
    wake_after_commit(session, Wakeup.DESK)


def _act_on_stored_text(
    session: Session, text: TextMessage, lead: Lead | None, *, is_answered: bool, now: datetime
) -> None:
    """Do what a text asks for and answer it, unless the network has; else it waits for a person."""
    if lead:
        record_event(
            session,
            lead,
            TEXT_RECEIVED_EVENT,
            actor=SystemActor.NETWORK,
            now=now,
            text_message=text.id,
        )
    text.waits = act_on_text(session, text, now=now)
    session.add(text)
    if lead:  # locked after the callbacks that the text moves
        text_wishes.note_language_wish(session, lead, text, now=now)
    is_answered = is_answered or text_answers.reply_by_rule(session, text, now=now)
    if is_answered and text_answers.is_settled_by_answer(session, text):
        text.waits = False


def _find_brand_of_number(session: Session, number: str) -> int | None:
    """Return the helpline whose caller ID a number is; None where several or none have it."""
    with_number = select(Brand.id).where(Brand.caller_id == number, Brand.caller_id != "")
    brands = session.exec(with_number.limit(2)).all()
    return brands[0] if len(brands) == 1 else None


def meaning_of_text(body: str) -> TextMeaning:
    """Return what a text means to us."""
    reading = interpret_text(body)
    if reading.wish:
        return TextMeaning(reading.wish.value)
    return TextMeaning.UNCLEAR if reading.is_unclear else TextMeaning.WORDS


def texts_from_person(session: Session, lead: Lead) -> list[tuple[datetime, str]]:
    """Return what a lead texted, from this number or one whose file was merged into it."""
    files = select(Lead.id).where(or_(col(Lead.id) == lead.id, col(Lead.merged_into_id) == lead.id))
    theirs = select(TextMessage).where(col(TextMessage.lead_id).in_(files))
    return [
        (message.received_at, message.body)
        for message in session.exec(theirs.order_by(col(TextMessage.id)))
    ]
