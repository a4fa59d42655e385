"""Vendor retractions: what a form tool says later casts doubt on a submission that it sent.

A person decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from leads.callbacks import holds
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.i18n.messages import Message
from leads.models.calls import Callback
from leads.models.enums import CallbackState, HoldReason, SubmissionState
from leads.models.requests import Submission

NOT_YET_REACHED = (CallbackState.WAITING, CallbackState.CLAIMED, CallbackState.CALLING)


def hold_callback_for_retraction(
    session: Session, earlier: Submission, reason: HoldReason, *, by: str, now: datetime
) -> None:
    """Hold the callback of an earlier submission on which its form tool casts doubt.

    A conversation that has taken place stays what it is.
    """
    callback = (
        session.get(Callback, earlier.callback_id, with_for_update=True)
        if earlier.callback_id
        else None
    )
    if callback is None or callback.state not in NOT_YET_REACHED:
        return
    if holds.place_hold(session, callback, reason, by=by, now=now):
        wake_after_commit(session, Wakeup.DESK)


def mark_retraction_in_review(session: Session, submission: Submission, why: Message) -> None:
    """Mark the submissions under review on which their form tool casts doubt.

    A person reads why, and reading them again does not admit them.
    """
    for waiting in _find_in_review_by_vendor_id(session, submission):
        waiting.suspicion = waiting.reason = why
        session.add(waiting)


def submission_id_in_review(session: Session, submission: Submission) -> int | None:
    """Return the id of a submission under review with the same vendor's id, if there is one."""
    return next((waiting.id for waiting in _find_in_review_by_vendor_id(session, submission)), None)


def _find_in_review_by_vendor_id(session: Session, submission: Submission) -> Sequence[Submission]:
    parameters = {name: getattr(submission, name) for name in ("id", "source_id", "vendor_id")}
    return session.exec(IN_REVIEW, params=parameters).all()


IN_REVIEW = (
    select(Submission)
    .where(
        col(Submission.source_id) == bindparam("source_id"), col(Submission.id) != bindparam("id")
    )
    .where(
        col(Submission.vendor_id) == bindparam("vendor_id"),
        col(Submission.state) == SubmissionState.NEEDS_REVIEW,
    )
)
