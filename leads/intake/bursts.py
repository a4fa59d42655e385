"""Bursts: people who wait because more new numbers than usual came, admitted all at once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from leads.database.transactions import reader, transaction
from leads.errors import LostRace
from leads.forms.request import FormRequest
from leads.intake import admission
from leads.intake.admission_plan import AdmissionCandidate
from leads.models.advisors import Advisor
from leads.models.enums import SubmissionState
from leads.models.helpline_scope import served_clause
from leads.models.helplines import Brand, Source
from leads.models.requests import Submission
from leads.people.permissions import (
    Permission,
    actor_of,
    require_permission,
    served_helplines,
)

log = logging.getLogger(__name__)


def count_of_burst(session: Session, supervisor: Advisor) -> int:
    """Return how many wait because more new numbers than usual came. Supervisors only."""
    require_permission(supervisor, Permission.SEE_REVIEW)
    return len(session.exec(_ids_of_burst(supervisor)).all())


def admit_bursts(
    supervisor: Advisor,
    *,
    now: Callable[[], datetime],
    progress: Callable[[int, int], object] = lambda _done, _total: None,
) -> int:
    """Admit all who wait because of a burst, in the order in which they came; returns how many.

    Nobody goes first for words of danger that no person has read. Each has a transaction of its
    own; `progress` is told how many of how many were looked at. Supervisors only.
    """
    require_permission(supervisor, Permission.DECIDE_SUBMISSION)
    with reader() as session:
        waiting = list(session.exec(_ids_of_burst(supervisor)))
    admitted = 0
    for done, submission_id in enumerate(waiting, start=1):
        admitted += _admit_one_of_burst(submission_id, supervisor.id, now=now())
        progress(done, len(waiting))
    return admitted


def _ids_of_burst(supervisor: Advisor) -> SelectOfScalar[int]:
    waiting = select(Submission.id).where(
        Submission.state == SubmissionState.NEEDS_REVIEW,
        col(Submission.is_of_burst),
        served_clause(Submission, served_helplines(supervisor)),
    )
    return waiting.order_by(col(Submission.id))


def _admit_one_of_burst(submission_id: int, advisor_id: int, *, now: datetime) -> bool:
    try:
        with transaction() as session:
            supervisor = session.get_one(Advisor, advisor_id)
            about = (Submission, submission_id)
            require_permission(supervisor, Permission.DECIDE_SUBMISSION, about)
            submission = session.get_one(Submission, submission_id, with_for_update=True)
            if submission.state != SubmissionState.NEEDS_REVIEW or not submission.is_of_burst:
                return False
            source = session.get_one(Source, submission.source_id)
            request = FormRequest.from_reading(submission.reading)
            brand = session.get_one(Brand, source.brand_id)
            candidate = AdmissionCandidate(
                submission, source, request, brand, is_decided_by_person=True
            )
            admission.admit_request(session, candidate, actor=actor_of(supervisor), now=now)
            return True
    except (IntegrityError, LostRace):
        log.warning("Submission %s was changed by somebody else meanwhile.", submission_id)
        return False
