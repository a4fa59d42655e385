"""The review queue: submissions that a person has to look at before they can become callbacks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from leads.contact_rules import danger_limits
from leads.free_text.danger import DangerKind
from leads.helplines.source_settings import arrived_text, filled_delivery_fields
from leads.models.advisors import Advisor
from leads.models.enums import UNDECIDED, SubmissionState
from leads.models.helplines import Source
from leads.models.requests import Submission
from leads.people.permissions import Permission, require_permission

MOST_SHOWN = 20  # submissions under review on one page, oldest first

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


def count_submissions_to_review(session: Session, supervisor: Advisor) -> int:
    """Return how many submissions wait for a person. Supervisors only."""
    require_permission(supervisor, Permission.SEE_REVIEW)
    waiting = select(func.count()).where(col(Submission.state).in_(UNDECIDED))
    return session.exec(waiting).one()


def list_submissions_to_review(
    session: Session, supervisor: Advisor, *, page: int = 0
) -> list[SubmissionForReview]:
    """Return a page of the submissions that wait for a person, danger first, then the oldest.

    Words of a burst or a flood may be invented: its danger goes first nowhere.
    """
    require_permission(supervisor, Permission.SEE_REVIEW)
    in_danger = danger_limits.list_danger_in_review(session)
    is_first = col(Submission.id).in_(
        [one.submission_id for one in in_danger if not one.is_of_flood]
    )
    undecided = select(Submission, Source).join(Source, col(Source.id) == col(Submission.source_id))
    undecided = (
        undecided.where(col(Submission.state).in_(UNDECIDED))
        .order_by(is_first.desc(), col(Submission.id))
        .offset(page * MOST_SHOWN)
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
            body=arrived_text(source, submission, longest=LONGEST_SHOWN),
            state=submission.state,
            danger=submission.danger,
        )
        for submission, source in session.exec(undecided)
    ]
