"""Duplicates: which submissions are one request that came more than once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, or_
from sqlmodel import Session, col, select

from leads.i18n.messages import Message, MessageKey
from leads.lifecycle.transitions import advance
from leads.models.enums import SubmissionState
from leads.models.requests import Submission

SAME_CONTENT_WITHIN = timedelta(hours=24)
DOUBLE_WITHIN = timedelta(minutes=2)


# Made once: building a statement costs more than running it.
IDENTICAL_SUBMISSION = (
    select(Submission)
    .where(
        col(Submission.source_id) == bindparam("source_id"), col(Submission.id) != bindparam("id")
    )
    .where(col(Submission.content_sha256) == bindparam("content_sha256"))
    .where(
        col(Submission.received_at) > bindparam("since"),
        col(Submission.state) == bindparam("state"),
    )
    .order_by(col(Submission.id).desc())
    .limit(1)
)

ACTED_ON = (SubmissionState.ADMITTED, SubmissionState.DUPLICATE, SubmissionState.WITHHELD)


def _is_of_source(column: Any) -> ColumnElement[bool]:
    """Whether it has this id, and is of this source.

    Each id has an index with the source. SQLite uses none of them where the source is asked for
    once, beside several ids: it goes through all that ever came by the source.
    """
    asked: Any = bindparam(column.key)
    return and_(col(Submission.source_id) == bindparam("source_id"), col(column) == asked)


EARLIER_SUBMISSION = (
    select(Submission)
    .where(col(Submission.id) != bindparam("id"))
    .where(or_(_is_of_source(Submission.vendor_id), _is_of_source(Submission.delivery_id)))
    .where(col(Submission.state).in_(ACTED_ON))
    .order_by(
        case((col(Submission.state) == SubmissionState.ADMITTED, 0), else_=1), col(Submission.id)
    )
    .limit(1)
)

DOUBLED_SUBMISSION = (
    select(Submission.id)
    .where(
        col(Submission.source_id) == bindparam("source_id"), col(Submission.id) != bindparam("id")
    )
    .where(col(Submission.content_sha256) == bindparam("content_sha256"))
    .where(col(Submission.received_at).between(bindparam("since"), bindparam("received_at")))
    .where(col(Submission.state).in_(ACTED_ON))
    .limit(1)
)

SUPERSEDED_REVIEWS = (
    select(Submission)
    .where(col(Submission.id) != bindparam("id"))
    .where(or_(_is_of_source(Submission.vendor_id), _is_of_source(Submission.content_sha256)))
    .where(col(Submission.state) == SubmissionState.NEEDS_REVIEW)
)


def find_earlier_submission(session: Session, submission: Submission) -> Submission | None:
    """Return the submission that this one repeats, by the vendor's id or the delivery's id.

    Only submissions that were acted on count.
    """
    if not submission.vendor_id and not submission.delivery_id:
        return None
    parameters = {
        name: getattr(submission, name) for name in ("id", "source_id", "vendor_id", "delivery_id")
    }
    return session.exec(EARLIER_SUBMISSION, params=parameters).first()


def find_identical_submission(
    session: Session, submission: Submission, state: SubmissionState
) -> Submission | None:
    """Return the latest submission of the last 24 h that says the same and is in a state.

    Ids that tools give to submissions do not count as content.
    """
    if submission.content_sha256 is None:  # it came in without being read, as history does
        return None
    parameters = {name: getattr(submission, name) for name in ("id", "source_id", "content_sha256")}
    parameters |= {"since": submission.received_at - SAME_CONTENT_WITHIN, "state": state}
    return session.exec(IDENTICAL_SUBMISSION, params=parameters).first()


def is_double(session: Session, submission: Submission) -> bool:
    """Whether a submission says what another one said a moment before: a button pressed twice."""
    names = ("id", "source_id", "content_sha256", "received_at")
    parameters = {name: getattr(submission, name) for name in names}
    parameters["since"] = submission.received_at - DOUBLE_WITHIN
    return session.exec(DOUBLED_SUBMISSION, params=parameters).first() is not None


def discard_superseded_reviews(
    session: Session, submission: Submission, *, now: datetime, actor: str
) -> None:
    """Discard the submissions under review that this one repeats, corrected or as they were."""
    parameters = {
        name: getattr(submission, name)
        for name in ("id", "source_id", "vendor_id", "content_sha256")
    }
    for earlier in session.exec(SUPERSEDED_REVIEWS, params=parameters).all():
        if not _is_reading_of_same_person(
            earlier.reading, submission.reading
        ):  # some forms give everybody the same id
            continue
        reason = Message(MessageKey.SENT_AGAIN, id=submission.id)
        advance(session, earlier, "discard", actor=actor, now=now, reason=reason)


def _is_reading_of_same_person(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two readings are of the same person.

    The number says so, or the name or e-mail address where the first has no number.
    """
    if one.get("phone"):
        return bool(one["phone"] == other.get("phone"))
    return (
        any(one.get(name) and one[name] == other.get(name) for name in ("name", "email"))
        or one == other
    )
