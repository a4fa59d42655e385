"""Missed texts: which came in while the desk was down, and of which nobody told it since.

The network tells of a text once, and once more at once. So it is asked every minute which texts
came to our numbers since the last look.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from leads.alerting.scheduler_heartbeat import ONLY_ROW_ID
from leads.contact_rules import own_numbers
from leads.database.bulk_rows import execute_and_count, insert_if_absent
from leads.messaging.inbound_texts import TextDelivery, receive_text_message
from leads.models.helplines import Brand
from leads.models.inbound import HelplineNumber
from leads.models.requests import TextMessage
from leads.models.watching import SchedulerHeartbeat

log = logging.getLogger(__name__)

LOOKS_BACK = timedelta(days=30)
OVERLAP = timedelta(minutes=10)  # the network's list may lag behind
WEBHOOK_TAKES = timedelta(seconds=15)  # until then the network may still tell of it, and says more


@dataclass(frozen=True)
class ListedText:
    """A text that somebody sent to a number of ours, as the network lists it."""

    message_id: str
    sender: str
    body: str
    sent_at: datetime
    beside: TextDelivery


@dataclass(frozen=True)
class TextLook:
    """The numbers of ours to look at, and since when."""

    numbers: tuple[str, ...]
    since: datetime


def begin_look(session: Session, *, now: datetime) -> TextLook | None:
    """Return what to ask the network for; None at the first look, from which on texts are ours."""
    last = session.exec(select(SchedulerHeartbeat.texts_listed_at)).first()
    if last is None:
        record_look(session, at=now)
        return None
    since, earliest = last - OVERLAP, now - LOOKS_BACK
    if since < earliest:
        log.error(
            "Texts that came in between %s and %s are no longer listed: read them at the network.",
            since,
            earliest,
        )
    return TextLook(_list_texted_numbers(session), max(since, earliest))


def record_look(session: Session, *, at: datetime) -> None:
    """Record that all texts are here that were sent until an instant."""
    listed_at = col(SchedulerHeartbeat.texts_listed_at)
    later = (
        update(SchedulerHeartbeat)
        .where(
            col(SchedulerHeartbeat.id) == ONLY_ROW_ID,
            or_(listed_at.is_(None), listed_at < at),
        )
        .values(texts_listed_at=at)
    )
    if not execute_and_count(session, later):
        first = {"id": ONLY_ROW_ID, "at": at, "texts_listed_at": at}
        insert_if_absent(session, SchedulerHeartbeat, first)


def find_missed_texts(
    session: Session, listed: Sequence[ListedText], *, now: datetime
) -> list[ListedText]:
    """Return the listed texts that are not here, as they were sent, the oldest first.

    `listed`: the newest first, with whole seconds, so that its order tells those of one apart.
    """
    ids = [text.message_id for text in listed]
    here = set(
        session.exec(select(TextMessage.message_id).where(col(TextMessage.message_id).in_(ids)))
    )
    missed = [
        text
        for text in reversed(listed)
        if text.message_id not in here and text.sent_at <= now - WEBHOOK_TAKES
    ]
    return sorted(missed, key=lambda text: text.sent_at)


def receive_missed_text(session: Session, text: ListedText, *, now: datetime) -> None:
    """Take a text that nobody told us of, unless somebody has done so meanwhile."""
    receive_text_message(
        session,
        text.sender,
        text.body,
        message_id=text.message_id,
        sent_at=text.sent_at,
        now=now,
        beside=text.beside,
    )


def _list_texted_numbers(session: Session) -> tuple[str, ...]:
    """Return the numbers whose texts are for us: none that is known to point elsewhere."""
    lines = session.exec(select(HelplineNumber.phone, HelplineNumber.points_to_us)).all()
    caller_ids = session.exec(select(Brand.caller_id)).all()
    ours = {phone for phone, _ in lines} | {own_numbers.caller_id_of(own) for own in caller_ids}
    elsewhere = {phone for phone, points_to_us in lines if points_to_us is False}
    return tuple(sorted(ours - elsewhere - {""}))
