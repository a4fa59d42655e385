"""Source deliveries: what a source brought lately, shown as it arrived and without its secrets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import Session, col, select

from leads.models.advisors import Advisor
from leads.models.enums import SubmissionState
from leads.models.helplines import Source
from leads.models.requests import Submission
from leads.people.permissions import Permission, require_permission

MOST_DELIVERIES = 10

LONGEST_SHOWN = 20_000  # characters of a body on a page


@dataclass(frozen=True)
class SourceDelivery:
    """One submission of a source, and what was read from it."""

    submission_id: int
    received_at: datetime
    is_test: bool
    state: SubmissionState
    reason: str
    reading: dict[str, Any]
    fields: tuple[tuple[str, str, str], ...]  # key, what the tool calls it, what it holds


@dataclass(frozen=True)
class DeliveryBody:
    """All that arrived with a submission, letter for letter."""

    is_whole_file: ClassVar[bool] = True
    submission_id: int
    text: str


def read_latest_deliveries(
    session: Session, source_id: int, supervisor: Advisor
) -> list[SourceDelivery]:
    """Return a source's latest deliveries, newest first. Supervisors only."""
    require_permission(supervisor, Permission.SEE_DELIVERIES, (Source, source_id))
    source = session.get_one(Source, source_id)
    deliveries = (
        select(Submission)
        .where(Submission.source_id == source_id)
        .order_by(col(Submission.received_at).desc())
    )
    return [
        SourceDelivery(
            submission.id,
            submission.received_at,
            submission.is_test,
            submission.state,
            submission.reason,
            submission.reading,
            filled_delivery_fields(source, submission),
        )
        for submission in session.exec(
            deliveries.order_by(col(Submission.id).desc()).limit(MOST_DELIVERIES)
        )
    ]


def read_delivery_body(session: Session, submission_id: int, supervisor: Advisor) -> DeliveryBody:
    """Return a delivery's body, with secrets masked. Supervisors only."""
    require_permission(supervisor, Permission.SEE_DELIVERIES, (Submission, submission_id))
    submission = session.get_one(Submission, submission_id)
    source = session.get_one(Source, submission.source_id)
    return DeliveryBody(submission_id, arrived_text(source, submission, longest=LONGEST_SHOWN))


def arrived_text(source: Source, submission: Submission, *, longest: int) -> str:
    """Return what arrived, letter for letter: the answers in the address, then the body.

    The source's secrets are masked.
    """
    body = submission.body[:longest].decode("utf-8", "replace")
    parts = (f"?{submission.query[:longest]}" if submission.query else "", body)
    return mask_source_secrets(source, "\n\n".join(filter(None, parts)))


def filled_delivery_fields(
    source: Source, submission: Submission
) -> tuple[tuple[str, str, str], ...]:
    """Return a delivery's fields that were filled out: key, the tool's name for it, and value."""
    listed = submission.reading.get("fields", [])
    return tuple(
        (field["key"], field["label"] or field["key"], mask_source_secrets(source, field["value"]))
        for field in listed
        if field["value"]
    )


def mask_source_secrets(source: Source, text: str) -> str:
    """Return a body's text without the source's secrets.

    Some tools put the secret into the body: whoever looks at it need not learn it.
    """
    for secret in source.secrets:
        text = text.replace(secret, "•••")
    return text
