"""Submissions that failed their signature check, of which some are kept for a while.

A secret may have been mistyped.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from leads.intake.address_answers import arrival_hash
from leads.models.enums import SubmissionState
from leads.models.requests import Submission

KEPT_FOR = timedelta(days=30)
MOST_REJECTED_KEPT = 1000  # of one source
LARGEST_REJECTED_TOTAL = 32 * 1024 * 1024  # bytes of one source, all together


def may_keep_rejected_body(
    session: Session, source_id: int, body: bytes, *, query: str = ""
) -> bool:
    """Whether a rejected body should be kept: there is room, and the same is not kept already."""
    conditions = (
        col(Submission.state) == SubmissionState.REFUSED,
        col(Submission.source_id) == source_id,
    )
    same = select(Submission.id).where(
        *conditions, Submission.body_sha256 == arrival_hash(body, query)
    )
    if session.exec(same.limit(1)).first():
        return False
    count, size = session.exec(
        select(func.count(), func.sum(func.length(Submission.body))).where(*conditions)
    ).one()
    return count < MOST_REJECTED_KEPT and (size or 0) + len(body) <= LARGEST_REJECTED_TOTAL


def delete_expired_rejections(session: Session, *, now: datetime) -> None:
    """Delete the rejected submissions that nobody found genuine in 30 days."""
    old = col(Submission.received_at) <= now - KEPT_FOR
    session.execute(delete(Submission).where(col(Submission.state) == SubmissionState.REFUSED, old))
