"""Forms as a source's webhook receives them, and what became of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlmodel import SQLModel, col, select

from leads.database.transactions import reader, transaction
from leads.intake import processing, raw_inbox
from leads.intake.raw_inbox import Arrival
from leads.models.requests import Submission
from tests.conftest import NOW
from tests.support.people import a_submission

NUMBER, OTHER_NUMBER = "+13155550142", "+13155550143"
NIGHT = NOW.replace(hour=3)  # ten in the evening in New York
Row = TypeVar("Row", bound=SQLModel)


def arrival(source: int, body: bytes = b"{}", *, at: datetime = NOW, **other: str) -> Arrival:
    return Arrival(source, at, "application/json", body, **other)


def form(**fields: Any) -> bytes:
    return json.dumps({"phone": NUMBER, **fields}).encode()


def send(source: int, *, at: datetime = NOW, **fields: Any) -> Submission:
    """Send a form and have it read; returns the submission as it stands then."""
    return deliver(arrival(source, form(**fields), at=at))


def deliver(sent: Arrival) -> Submission:
    raw_inbox.store_arrivals([sent])
    processing.process_received_submissions(now=lambda: sent.received_at)
    return rows(Submission)[-1]


def rows(kind: type[Row]) -> Sequence[Row]:
    with reader() as session:
        # all have one
        return session.exec(select(kind).order_by(col(kind.id))).all()


def the(kind: type[Row]) -> Row:
    (row,) = rows(kind)
    return row


def asks(number: int) -> None:
    """Somebody asks for a call, and this process admits them."""
    now = datetime.now(UTC)
    with transaction() as session:
        body = {"name": f"Person {number}", "phone": f"+1315556{number:04d}", "any_hour": True}
        given = {
            "body": json.dumps(body).encode(),
            "content_type": "application/json",
            "received_at": now,
        }
        processing.process_submission(session, a_submission(session, **given), now=now)
