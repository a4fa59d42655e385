"""Unreported texts: which the network took, and of which it then told us nothing more.

Its news comes once, and may be lost. So the network is asked what became of a text, the more rarely
the longer ago it was handed over, until it is over or cannot arrive any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from leads.messaging import text_delivery
from leads.messaging.text_delivery import FIRST_LOOK_AFTER, TextReport
from leads.models.enums import TextStatus
from leads.models.requests import OutgoingText

ARRIVES_WITHIN = timedelta(hours=5)  # longer than a text is good for at the network
MOST_ASKED = 20  # at one look


@dataclass(frozen=True)
class UnreportedText:
    """A text that the network is to be asked about, by its id there."""

    text_id: int
    message_id: str


def take_unreported_texts(session: Session, *, now: datetime) -> list[UnreportedText]:
    """Return the texts to ask about now, those due longest first; nobody else asks meanwhile.

    Each comes again after twice the time, whatever the answer is, until the last one.
    """
    due = (
        select(OutgoingText)
        .where(col(OutgoingText.ask_at) <= now)
        .order_by(col(OutgoingText.ask_at))
        .limit(MOST_ASKED)
        .with_for_update(skip_locked=True)
    )
    texts = session.exec(due).all()
    for text in texts:
        text.ask_at = now + max(FIRST_LOOK_AFTER, now - _handed_at(text))
        session.add(text)
    return [UnreportedText(text.id, text.message_id) for text in texts if text.message_id]


def record_text_answer(
    session: Session, asked: UnreportedText, report: TextReport | None, *, now: datetime
) -> None:
    """Record what the network says of a text now; None where it does not know it.

    What it called its own and knows no more is shown as unknown.
    """
    if report:
        text_delivery.apply_text_report(session, asked.text_id, report, now=now)
    text = session.get_one(
        OutgoingText, asked.text_id, with_for_update=True, populate_existing=True
    )
    if report is None and text.status == TextStatus.QUEUED:
        text_delivery.note_status(session, text, TextStatus.UNKNOWN, now=now)
    if report is None or now - _handed_at(text) > ARRIVES_WITHIN:
        text.ask_at = None
    session.add(text)


def _handed_at(text: OutgoingText) -> datetime:
    return text.handed_at or text.ordered_at
