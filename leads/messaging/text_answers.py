"""Text answers: what we reply by ourselves to a text, at most once a day and where the gate allows.

A stop is never answered by us: the network confirms its own keywords, and after any other words of
a stop silence is what was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from leads.messaging import outgoing_texts
from leads.models.calls import Callback
from leads.models.enums import TextMeaning, TextTemplateKey
from leads.models.requests import Lead, TextMessage

ANSWER_TO: Mapping[TextMeaning, TextTemplateKey] = {
    TextMeaning.HELP: TextTemplateKey.HELP,
    TextMeaning.START: TextTemplateKey.STARTED,
}
PICTURES_REFUSED_AFTER = (TextMeaning.WORDS, TextMeaning.CALL, TextMeaning.LATER)


def reply_by_rule(session: Session, text: TextMessage, *, now: datetime) -> None:
    """Reply to a text that wants an answer, to somebody whom we know.

    Words of danger are a person's to answer.
    """
    key = ANSWER_TO.get(text.meaning)
    if text.pictures and text.meaning in PICTURES_REFUSED_AFTER:
        key = TextTemplateKey.NO_PICTURES
    callback = find_callback_to_answer(session, text) if key and text.danger is None else None
    if key and callback:
        session.flush()  # what the text has done comes first
        outgoing_texts.send_by_rule(session, callback, key, now=now)


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
