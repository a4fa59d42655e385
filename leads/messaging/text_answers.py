"""Text answers: what we reply by ourselves to a text, at most once a day and where the gate allows.

A stop is never answered by us: the network confirms its own keywords, and after any other words of
a stop silence is what was asked for. Nor is a text that comes here late: a person reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from leads import person_search
from leads.callbacks import shared_numbers
from leads.contact_rules import gate
from leads.contact_rules.gate_rules import ContactChannel
from leads.database.bulk_rows import insert_if_absent
from leads.free_text.wishes import cries_for_help
from leads.messaging import outgoing_texts
from leads.models.calls import Callback
from leads.models.enums import LeadState, TextMeaning, TextTemplateKey
from leads.models.helplines import Source
from leads.models.requests import Lead, TextMessage

ANSWER_TO: Mapping[TextMeaning, TextTemplateKey] = {
    TextMeaning.HELP: TextTemplateKey.HELP,
    TextMeaning.START: TextTemplateKey.STARTED,
}
ANSWERED_WITHIN = timedelta(minutes=15)
PICTURES_REFUSED_AFTER = (TextMeaning.WORDS, TextMeaning.CALL, TextMeaning.LATER)


def reply_by_rule(session: Session, text: TextMessage, *, now: datetime) -> bool:
    """Reply to a text that wants an answer; returns whether one goes out.

    To somebody whom we know, and to whoever asks who we are. Words of danger are a person's to
    answer.
    """
    key = ANSWER_TO.get(text.meaning)
    if text.pictures and text.meaning in PICTURES_REFUSED_AFTER:
        key = TextTemplateKey.NO_PICTURES
    is_late = now - text.received_at > ANSWERED_WITHIN
    if key is None or is_late or text.danger is not None:
        return False
    session.flush()  # what the text has done comes first
    callback = find_callback_to_answer(session, text)
    if callback is None and key is TextTemplateKey.HELP:
        callback = _find_stranger(session, text, now=now)
    return callback is not None and outgoing_texts.send_by_rule(session, callback, key, now=now)


def is_settled_by_answer(session: Session, text: TextMessage) -> bool:
    """Whether an answer is all that a text asks for: whose number it is, and nobody's help.

    A person reads what is asked by somebody whom we promised a call.
    """
    is_question = text.meaning is TextMeaning.HELP and text.danger is None and not text.pictures
    is_promised = find_callback_to_answer(session, text) is not None
    return is_question and not is_promised and not cries_for_help(text.body)


def _find_stranger(session: Session, text: TextMessage, *, now: datetime) -> Callback | None:
    """Return what stands for a promise to somebody who was promised none, if we may text them.

    Whoever is answered has a file, which is closed: the decision and the answer stand there.
    """
    doors = select(Source.id).where(Source.brand_id == text.brand_id)
    if text.brand_id is None or session.exec(doors.limit(1)).first() is None:
        return None
    lead = session.get(Lead, text.lead_id) if text.lead_id else None
    found = lead or Lead(phone=text.phone, created_at=now)
    callback = outgoing_texts.stand_in_for_promise(session, found, text.brand_id, now=now)
    decision = gate.may_contact(
        session, text.phone, ContactChannel.TEXT, lead=found, callback=callback, now=now
    )
    if not decision.allowed:
        return None
    if lead is None:
        closed = {"state": LeadState.CLOSED, "created_at": now, "closed_at": now}
        there = shared_numbers.list_leads_at_number(session, text.phone)
        place = shared_numbers.next_place_at_number(there)
        insert_if_absent(session, Lead, {"phone": text.phone, "nth_at_number": place} | closed)
        at_number = shared_numbers.list_leads_at_number(session, text.phone)
        lead = next(one for one in at_number if one.nth_at_number == place)
        person_search.write_search_words(session, [lead.id])
        text.lead_id = callback.lead_id = lead.id
        session.add(text)
    return callback


def find_callback_to_answer(session: Session, text: TextMessage) -> Callback | None:
    """Return the latest callback of whoever sent a text, first of the helpline they wrote to."""
    lead = session.get(Lead, text.lead_id) if text.lead_id else None
    return find_latest_callback(session, lead, text.brand_id) if lead else None


def find_latest_callback(
    session: Session, lead: Lead, brand_id: int | None = None
) -> Callback | None:
    """Return a person's latest callback, by preference of a helpline: whose texts are meant."""
    theirs = select(Callback).where(Callback.lead_id == (lead.merged_into_id or lead.id))
    is_other = col(Callback.brand_id) != (brand_id or 0)
    return session.exec(theirs.order_by(is_other, col(Callback.id).desc()).limit(1)).first()
