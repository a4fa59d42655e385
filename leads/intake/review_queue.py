"""The review queue: submissions that a person has to look at before they can become callbacks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import Session, col, select

from leads.free_text.danger import DangerKind
from leads.helplines.source_deliveries import arrived_text, filled_delivery_fields
from leads.models.advisors import Advisor
from leads.models.enums import UNDECIDED, SubmissionState
from leads.models.helplines import Source
from leads.models.requests import Submission
from leads.people.permissions import Permission, require_permission

LONGEST_SHOWN = 4000  # characters of a body


@dataclass(frozen=True)
class SubmissionForReview:
    """A submission that a person has to look at."""

    is_whole_file: ClassVar[bool] = True
    submission_id: int
    received_at: datetime
    source: str
    reason: str
    reading: dict[str, Any]
    fields: tuple[tuple[str, str], ...]  # of the form itself, by what its tool calls them
    body: str
    state: SubmissionState
    danger: DangerKind | None
    is_of_burst: bool
    is_entered_by_hand: bool


def find_submission_to_review(
    session: Session, submission_id: int, supervisor: Advisor
) -> SubmissionForReview | None:
    """Return a submission that waits for a person; None once it is decided. Supervisors only."""
    require_permission(supervisor, Permission.SEE_REVIEW, (Submission, submission_id))
    undecided = (
        select(Submission, Source)
        .join(Source, col(Source.id) == col(Submission.source_id))
        .where(Submission.id == submission_id, col(Submission.state).in_(UNDECIDED))
    )
    found = session.exec(undecided).first()
    if found is None:
        return None
    submission, source = found
    return SubmissionForReview(
        submission_id=submission.id,
        received_at=submission.received_at,
        source=source.shown_name,
        reason=submission.reason,
        reading=submission.reading,
        fields=tuple(
            (label, value) for _, label, value in filled_delivery_fields(source, submission)
        ),
        body=arrived_text(source, submission, longest=LONGEST_SHOWN),
        state=submission.state,
        danger=submission.danger,
        is_of_burst=submission.is_of_burst,
        is_entered_by_hand=bool(submission.entered_by),
    )
