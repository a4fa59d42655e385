"""The review queue: submissions that a person has to look at before they can become callbacks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from leads.free_text.danger import DangerKind
from leads.helplines.source_settings import filled_delivery_fields, mask_source_secrets
from leads.models.advisors import Advisor
from leads.models.enums import UNDECIDED, SubmissionState
from leads.models.helplines import Source
from leads.models.requests import Submission
from leads.people.permissions import Permission, require_permission

MOST_SHOWN = 20  # submissions under review at a time, oldest first

LONGEST_SHOWN = 4000  # characters of a body


@dataclass(frozen=True)
class SubmissionForReview:
    """A submission that a person has to look at."""

    submission_id: int
    received_at: datetime
    source: str
    reason: str
    reading: dict[str, Any]
    fields: tuple[tuple[str, str], ...]  # of the form itself, by what its tool calls them
    body: str
    state: SubmissionState
    danger: DangerKind | None


def list_submissions_to_review(session: Session, supervisor: Advisor) -> list[SubmissionForReview]:
    """Return the submissions that wait for a person, danger first, then the oldest."""
    require_permission(supervisor, Permission.SEE_REVIEW)
    undecided = select(Submission, Source).join(Source, col(Source.id) == col(Submission.source_id))
    undecided = (
        undecided.where(col(Submission.state).in_(UNDECIDED))
        .order_by(col(Submission.danger).is_not(None).desc(), col(Submission.id))
        .limit(MOST_SHOWN)
    )
    return [
        SubmissionForReview(
            submission_id=submission.id,
            received_at=submission.received_at,
            source=source.name,
            reason=submission.reason,
            reading=submission.reading,
            fields=tuple(
                (label, value) for _, label, value in filled_delivery_fields(source, submission)
            ),
            body=mask_source_secrets(
                source, submission.body[:LONGEST_SHOWN].decode("utf-8", "replace")
            ),
            state=submission.state,
            danger=submission.danger,
        )
        for submission, source in session.exec(undecided)
    ]
