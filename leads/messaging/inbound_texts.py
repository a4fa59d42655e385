"""Inbound texts: messages that people send to a helpline's number."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from leads.callbacks import shared_numbers
from leads.callbacks.opt_out import NETWORK
from leads.database.bulk_rows import insert_if_absent
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.free_text.danger import read_danger
from leads.free_text.wishes import interpret_text
from leads.lifecycle.audit_trail import record_event
from leads.messaging.text_effects import act_on_text
from leads.models.enums import TextMeaning
from leads.models.requests import Lead, TextMessage

TEXT_RECEIVED_EVENT = "text"  # a move that changes no state


def receive_text_message(
    session: Session, number: str, body: str, *, message_id: str, now: datetime
) -> None:
    """Store a text once, however often it is delivered, and do at once what it asks for.

    Where several people share the number, it is taken for the one's who asked last, and the trail
    names its row. A person reads what no rule can do; a text of a number that is nobody's is kept
    as well.
    """
    leads = shared_numbers.list_leads_at_number(session, number)
    lead = shared_numbers.find_last_asker(session, leads)
    meaning = meaning_of_text(body)
    row = {
        "lead_id": lead.id if lead else None,
        "phone": number,
        "message_id": message_id,
        "body": body.replace("\0", ""),
        "danger": read_danger(body),
        "meaning": meaning,
        "received_at": now,
        "waits": False,
    }
    if not insert_if_absent(session, TextMessage, row):
        return
    stored = select(TextMessage).where(
        TextMessage.phone == number, TextMessage.message_id == message_id
    )
    text = session.exec(stored).one()
    if lead:
        record_event(
            session, lead, TEXT_RECEIVED_EVENT, actor=NETWORK, now=now, text_message=text.id
        )
    text.waits = act_on_text(session, text, now=now)
    session.add(text)
    wake_after_commit(session, Wakeup.DESK)


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
