"""Inbound texts: messages that people send to a helpline's number."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from leads.callbacks import danger_raising, opt_out, shared_numbers
from leads.contact_rules import suppression
from leads.database.bulk_rows import insert_if_absent
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.free_text.danger import read_danger
from leads.i18n.messages import Message, MessageKey
from leads.lifecycle.audit_trail import record_event
from leads.models.enums import TextMeaning
from leads.models.requests import Lead, TextMessage

TEXT_RECEIVED_EVENT = "text"  # a move that changes no state
NETWORK = "network"


def receive_text_message(
    session: Session, number: str, body: str, *, message_id: str, now: datetime
) -> None:
    """Store a text that a lead sent; a stop word suppresses any number, for calls as well.

    Where several people share the number, it is taken for the one's who asked last. It is in the
    lead's file once, however often it is delivered, and the trail names its row. Of
    whoever is no lead, nothing but the stop is kept.
    """
    is_stop = suppression.is_stop_message(body)
    if is_stop:
        reason = Message(MessageKey.STOP_BY_TEXT)
        opt_out.stop_contact(session, number, reason=reason, actor=NETWORK, now=now)
    leads = shared_numbers.list_leads_at_number(session, number)
    lead = shared_numbers.find_last_asker(session, leads)
    if lead is None:
        return
    row = {
        "lead_id": lead.id,
        "phone": number,
        "message_id": message_id,
        "body": body.replace("\0", ""),
        "danger": read_danger(body),
        "meaning": TextMeaning.STOP if is_stop else TextMeaning.WORDS,
        "received_at": now,
    }
    if not insert_if_absent(session, TextMessage, row):
        return
    stored = select(TextMessage.id).where(
        TextMessage.lead_id == lead.id, TextMessage.message_id == message_id
    )
    text_id = session.exec(stored).one()
    danger_raising.raise_callback_by_words(session, lead, body, by=NETWORK, now=now)
    record_event(session, lead, TEXT_RECEIVED_EVENT, actor=NETWORK, now=now, text_message=text_id)
    wake_after_commit(session, Wakeup.DESK)


def texts_from_person(session: Session, lead: Lead) -> list[tuple[datetime, str]]:
    """Return what a lead texted, from this number or one whose file was merged into it."""
    files = select(Lead.id).where(or_(col(Lead.id) == lead.id, col(Lead.merged_into_id) == lead.id))
    theirs = select(TextMessage).where(col(TextMessage.lead_id).in_(files))
    return [
        (message.received_at, message.body)
        for message in session.exec(theirs.order_by(col(TextMessage.id)))
    ]
