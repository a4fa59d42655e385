"""Reprocessing: read submissions under review again, after a recipe or a mapping was corrected."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from leads.database.transactions import reader, transaction
from leads.errors import BadSubmission, LostRace
from leads.i18n.messages import dump_message
from leads.i18n.translatable import Phrase
from leads.intake import processing
from leads.models.advisors import Advisor
from leads.models.enums import SubmissionState
from leads.models.helpline_scope import Helplines, served_clause
from leads.models.helplines import Source
from leads.models.requests import Submission
from leads.people.permissions import (
    Operator,
    Permission,
    actor_of,
    require_permission,
    served_helplines,
)

log = logging.getLogger(__name__)

IN_THE_QUEUE = (SubmissionState.ADMITTED, SubmissionState.DUPLICATE)


@dataclass(frozen=True)
class ReprocessingCounts:
    """How many submissions under review were read again, and what became of them."""

    admitted: int = 0  # in the queue, or joined to an earlier one
    settled: int = 0  # discarded by rule, or held because of a stop
    still_in_review: int = 0  # for another reason, or with more that was read
    unchanged: int = 0  # in review just as before

    @property
    def looked_at(self) -> int:
        """How many submissions were read again."""
        return self.admitted + self.settled + self.still_in_review + self.unchanged

    @property
    def sentence(self) -> Phrase:
        """What became of the submissions, as a sentence for a person."""
        return Phrase(
            "{looked_at} processed again: {admitted} now in the queue, {settled} closed "
            "without a call, {still_in_review} still to review for another reason, "
            "{unchanged} unchanged.",
            looked_at=self.looked_at,
            **asdict(self),
        )


def reprocess_reviews(
    *,
    actor: Advisor | Operator,
    source_name: str = "",
    now: Callable[[], datetime],
    progress: Callable[[int, int], object] = lambda _done, _total: None,
) -> ReprocessingCounts:
    """Read again the submissions under review, of one source or, where none is named, of all.

    Each has a transaction of its own: one that cannot be read does not keep the others. `progress`
    is told how many of how many were looked at. Supervisors only.
    Raises BadSubmission where there is no such source.
    """
    require_permission(actor, Permission.REPROCESS_SUBMISSIONS)
    with reader() as session:
        waiting = _load_ids_in_review(session, source_name, served_helplines(actor))
    came: Counter[str] = Counter()
    for done, submission_id in enumerate(waiting, start=1):
        came[_reprocess_submission(submission_id, actor_of(actor), now())] += 1
        progress(done, len(waiting))
    return ReprocessingCounts(**came)


def _load_ids_in_review(
    session: Session, source_name: str, helplines: Helplines | None
) -> list[int]:
    waiting = select(Submission.id).where(
        Submission.state == SubmissionState.NEEDS_REVIEW, served_clause(Submission, helplines)
    )
    if source_name:
        named = select(Source.id).where(
            Source.name == source_name, served_clause(Source, helplines)
        )
        sources = session.exec(named).all()
        if not sources:
            msg = Phrase("There is no source {name}.", name=source_name)
            raise BadSubmission(msg)
        waiting = waiting.where(col(Submission.source_id).in_(sources))
    return list(session.exec(waiting.order_by(col(Submission.id))))


def _reprocess_submission(submission_id: int, actor: str, now: datetime) -> str:
    """Read one submission again; returns the field of ReprocessingCounts that counts it."""
    try:
        with transaction() as session:
            submission = session.get_one(Submission, submission_id, with_for_update=True)
            before = _review_summary(submission)
            if submission.state == SubmissionState.NEEDS_REVIEW:
                processing.process_submission(session, submission, now=now, actor=actor)
            if submission.state in IN_THE_QUEUE:
                return "admitted"
            if submission.state != SubmissionState.NEEDS_REVIEW:
                return "settled"
            return "unchanged" if before == _review_summary(submission) else "still_in_review"
    except (IntegrityError, LostRace):
        log.warning("Submission %s was changed by somebody else meanwhile.", submission_id)
        return "unchanged"


def _review_summary(submission: Submission) -> tuple[str, dict[str, Any]]:
    return dump_message(submission.reason), submission.reading
