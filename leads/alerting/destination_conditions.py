"""What supervisors have to hear of destinations that do not take what they are sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from leads.alerting.alert_condition import AlertCondition
from leads.i18n.messages import Message, MessageKey
from leads.models.enums import AlertKind, DestinationStop
from leads.models.outbound import Destination
from leads.outbox import event_orders

TOLD_FOR = timedelta(days=1)


def destination_conditions(session: Session, *, now: datetime) -> Iterator[AlertCondition]:
    """Yield a condition for each destination that is gone, or did not take events lately.

    It ends when they are sent again, or a day later.
    """
    destinations = session.exec(select(Destination).order_by(col(Destination.id))).all()
    if not destinations:
        return
    undelivered = event_orders.find_undelivered(session, since=now - TOLD_FOR)
    for one in destinations:
        about = f"destination:{one.id}"
        is_gone = one.stopped_because == DestinationStop.GONE
        if is_gone and one.stopped_at and one.stopped_at > now - TOLD_FOR:
            text, at = Message(MessageKey.DESTINATION_GONE, destination=one.name), one.stopped_at
            yield AlertCondition(AlertKind.UNDELIVERED, about, text, at, at)
        elif one.id in undelivered:
            count, first, last = undelivered[one.id]
            text = Message(MessageKey.EVENTS_UNDELIVERED, destination=one.name, count=count)
            yield AlertCondition(AlertKind.UNDELIVERED, about, text, first, last, count=count)
