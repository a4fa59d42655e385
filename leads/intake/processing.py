"""Processing: read each received submission and settle what becomes of it.

It is a request to act on, something to discard by rule, or something for a person to review.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import case, func
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError
from sqlmodel import Session, col

from leads.database.transactions import reader, transaction
from leads.errors import LostRace
from leads.forms.form_field import DELETED, PARTIAL, SUBMISSION, TEST, UPDATED
from leads.forms.request import FormRequest
from leads.i18n.messages import Message, MessageKey
from leads.intake import admission, duplicates, vendor_retractions
from leads.intake.admission_plan import AdmissionCandidate
from leads.intake.body_readings import (
    BodyReading,
    read_danger_in_body,
    read_form_body,
    reading_for_current_settings,
    store_reading,
    store_readings_in_bulk,
)
from leads.intake.rate_limits import QUICK_BODY, SMALL_BODY
from leads.intake.review_reasons import find_late_change_reason, find_review_reason
from leads.lifecycle.audit_trail import SystemActor
from leads.lifecycle.state_tables import allowed_events
from leads.lifecycle.transitions import advance
from leads.models.enums import HoldReason, SubmissionState
from leads.models.helplines import Brand, Source
from leads.models.requests import Submission

log = logging.getLogger(__name__)

CAME_BY_VISIT = Message(MessageKey.CAME_BY_VISIT)
BATCH = 50
LONGEST_READING = timedelta(milliseconds=100)  # of bodies in one turn: others wait for the next
Taken = TypeVar("Taken")
NOT_A_REQUEST = {
    TEST: MessageKey.TOOL_TEST,
    PARTIAL: MessageKey.TOOL_PARTIAL,
    DELETED: MessageKey.TOOL_DELETED,
}
"""Why nobody is rung for a submission that is no request, by its event."""


_WAITS_FOR_OTHERS = case(
    (func.length(Submission.body) > QUICK_BODY, 1),
    (col(Submission.suspicion) != "", 1),
    else_=0,
)
"""What may take long to read, and what a person looks at anyway: it comes after all others."""


def _received_submissions_query(*columns: Any) -> Any:
    chosen = (
        sqlalchemy.select(*columns)
        .join(Source, col(Source.id) == col(Submission.source_id))
        .join(Brand, col(Brand.id) == col(Source.brand_id))
    )
    return chosen.where(col(Submission.state) == SubmissionState.RECEIVED)


# Made once: building a statement costs more than running it.
_ID_IN_BATCH = col(Submission.id).in_(sqlalchemy.bindparam("ids"))

_RECEIVED_BODIES = _received_submissions_query(
    Submission.id,
    Submission.body,
    Submission.content_type,
    case((col(Submission.is_query_read), Submission.query), else_=""),
    Source.kind,
    Source.region,
    Source.mapping,
)

THESE_RECEIVED = _RECEIVED_BODIES.where(_ID_IN_BATCH)
_IS_LARGE = func.length(Submission.body) > SMALL_BODY
_FIRST_LARGE = (
    sqlalchemy.select(func.min(Submission.id))
    .where(col(Submission.state) == SubmissionState.RECEIVED, _IS_LARGE)
    .scalar_subquery()
)
FIRST_RECEIVED = (
    _RECEIVED_BODIES.where(
        sqlalchemy.or_(sqlalchemy.not_(_IS_LARGE), col(Submission.id) == _FIRST_LARGE)
    )
    .order_by(_WAITS_FOR_OTHERS, col(Submission.id))
    .limit(BATCH)
)
"""The quick and the oldest first, with one at most that is larger than a form."""

STILL_RECEIVED = (
    _received_submissions_query(Submission, Source, Brand)
    .where(_ID_IN_BATCH)
    .order_by(col(Submission.id))
    .with_for_update(skip_locked=True, of=Submission)
)


def process_received_submissions(*, now: Callable[[], datetime]) -> int:
    """Process the oldest received submissions; returns how many were looked at.

    Many share a transaction, as many as are read within `LONGEST_READING`. If one of them cannot be
    processed it goes to review, and the others do not wait for it.
    """
    try:
        return _process_batch(FIRST_RECEIVED, {}, now)
    except Exception:  # noqa: BLE001 - whatever is wrong with one is told below, with its number
        with reader() as session:
            ids = session.execute(FIRST_RECEIVED).scalars().all()
        for submission_id in _take_while_quick(ids, now):
            _process_alone(submission_id, now)
        return len(ids)


def process_submission(
    session: Session,
    submission: Submission,
    *,
    now: datetime,
    actor: str = SystemActor.INTAKE,
    reading: BodyReading | None = None,
) -> None:
    """Read a submission and settle it: admit, match, withhold, discard, or send it to review.

    What is no new submission, such as a test or a correction, never causes a call. Idempotent on
    the vendor's submission id. Never raises for what the body says. A submission under review is
    read again. `reading`: what was read of the body before, used while its source's settings are
    still the same.
    """
    source = session.get_one(Source, submission.source_id)
    reading = reading_for_current_settings(reading, submission, source)
    request = reading.request
    if request is None:
        submission.content_sha256 = submission.body_sha256
        submission.reading = reading.problem_as_reading
        submission.danger = read_danger_in_body(submission.body)
        _send_to_review(session, submission, reading.problem, now=now, actor=actor)
        return
    store_reading(submission, request)
    if request.event != SUBMISSION:
        _settle_non_request(session, submission, request, now=now, actor=actor)
        return
    earlier = duplicates.find_earlier_submission(session, submission)
    problem_found = find_review_reason(source, submission, request, earlier)
    problem_found = problem_found or find_late_change_reason(session, submission, request, earlier)
    if problem_found:
        _send_to_review(session, submission, problem_found, now=now, actor=actor)
    elif submission.is_test:
        advance(
            session,
            submission,
            "discard",
            actor=actor,
            now=now,
            reason=Message(MessageKey.TEST_IS_FINE),
        )
    else:
        brand = session.get_one(Brand, source.brand_id)
        candidate = AdmissionCandidate(submission, source, request, brand, earlier)
        if reason := admission.admit_request(session, candidate, actor=actor, now=now):
            _send_to_review(session, submission, reason, now=now, actor=actor)


def find_discard_reason(request: FormRequest) -> str:
    """Return why nobody is rung for what is no request, or nothing. Pure."""
    rule = NOT_A_REQUEST.get(request.event)
    return Message(rule) if rule else request.reason


def _settle_non_request(
    session: Session, submission: Submission, request: FormRequest, *, now: datetime, actor: str
) -> None:
    """Settle a submission that is no request, and for which nobody is rung.

    A correction joins the submission that it corrects, the rest is discarded.
    """
    if request.event == UPDATED and not submission.is_test:
        _apply_vendor_correction(session, submission, request, now=now, actor=actor)
        return
    reason, known = find_discard_reason(request), {}
    earlier = (
        duplicates.find_earlier_submission(session, submission)
        if request.event == DELETED
        else None
    )
    if request.event == DELETED:
        vendor_retractions.mark_retraction_in_review(
            session, submission, Message(MessageKey.ENTRY_DELETED)
        )
    if earlier:
        vendor_retractions.hold_callback_for_retraction(
            session, earlier, HoldReason.ENTRY_DELETED, by=actor, now=now
        )
        known = {"lead_id": earlier.lead_id, "callback_id": earlier.callback_id}
    advance(session, submission, "discard", actor=actor, now=now, reason=reason, **known)


def _apply_vendor_correction(
    session: Session, submission: Submission, request: FormRequest, *, now: datetime, actor: str
) -> None:
    earlier = duplicates.find_earlier_submission(session, submission)
    if earlier is None or earlier.lead_id is None:
        waits = vendor_retractions.submission_id_in_review(session, submission)
        reason = (
            Message(MessageKey.CHANGED_NEVER_CAME)
            if waits is None
            else Message(MessageKey.CHANGED, id=waits)
        )
        _send_to_review(session, submission, reason, now=now, actor=actor)
    elif earlier.reading.get("phone") != request.phone:
        vendor_retractions.hold_callback_for_retraction(
            session, earlier, HoldReason.NUMBER_CHANGED, by=actor, now=now
        )
        reason = Message(MessageKey.CHANGED_NUMBER)
        _send_to_review(session, submission, reason, now=now, actor=actor)
    else:
        admission.revoke_permissions(session, submission, earlier.lead_id, request)
        known = {"lead_id": earlier.lead_id, "callback_id": earlier.callback_id}
        reason = Message(MessageKey.CHANGED, id=earlier.id)
        advance(session, submission, "match", actor=actor, now=now, reason=reason, **known)


def _take_while_quick(several: Sequence[Taken], now: Callable[[], datetime]) -> Iterator[Taken]:
    """Yield one after the other until what is made of them has taken long enough for one turn."""
    until = now() + LONGEST_READING
    for number, one in enumerate(several):
        if number and now() >= until:
            return
        yield one


def _process_batch(which: Any, parameters: dict[str, Any], clock: Callable[[], datetime]) -> int:
    """Process the received submissions of a query in one transaction; returns how many.

    Bodies are read before anything is locked: one that takes long to read keeps nobody from
    writing.
    """
    with reader(one_query=True) as session:
        received = session.execute(which, parameters).all()
    readings = {
        submission_id: read_form_body(body, content_type, (*settings,), query=query)
        for submission_id, body, content_type, query, *settings in _take_while_quick(
            received, clock
        )
    }
    if not readings:
        return 0
    now = clock()
    with transaction() as session:
        rows = session.execute(STILL_RECEIVED, {"ids": list(readings)}).all()
        for submission, source, _brand in rows:
            readings[submission.id] = reading_for_current_settings(
                readings[submission.id], submission, source
            )
        store_readings_in_bulk(
            session,
            [(submission, readings[submission.id].request) for submission, *_ in rows],
        )
        asked = [
            _admission_candidate_of(submission, source, brand, readings[submission.id])
            for submission, source, brand in rows
        ]
        admission.admit_first_time_requests(
            session, [one for one in asked if one], actor=SystemActor.INTAKE, now=now
        )
        for submission, *_ in rows:
            if submission.state == SubmissionState.RECEIVED:
                process_submission(session, submission, now=now, reading=readings[submission.id])
    return len(rows)


def _admission_candidate_of(
    submission: Submission, source: Source, brand: Brand, reading: BodyReading
) -> AdmissionCandidate | None:
    """Return a submission as a candidate to be admitted at once, or None where it needs more.

    Only what is stored of the lead may still speak against a candidate.
    """
    request = reading.request
    if request is None:
        return None
    if (
        request.event != SUBMISSION
        or submission.is_test
        or find_review_reason(source, submission, request, None)
    ):
        return None
    return AdmissionCandidate(submission, source, request, brand)


def _process_alone(submission_id: int, now: Callable[[], datetime]) -> None:
    """Process one submission, again if another transaction admitted somebody with the same number.

    The next try finds what the other one stored.
    """
    for is_last in (False, False, True):
        try:
            _process_batch(THESE_RECEIVED, {"ids": [submission_id]}, now)
        except IntegrityError:
            if is_last:
                log.exception("Submission %s meets another one again and again.", submission_id)
                _send_unprocessable_to_review(submission_id, now())
        except (LostRace, OperationalError, InternalError):
            log.warning("Submission %s has to wait: the database is busy or away.", submission_id)
            return
        except Exception:
            log.exception("Submission %s could not be processed.", submission_id)
            _send_unprocessable_to_review(submission_id, now())
            return
        else:
            return


def _send_unprocessable_to_review(submission_id: int, now: datetime) -> None:
    with transaction() as session:
        submission = session.get_one(Submission, submission_id)
        if "reject" in allowed_events(submission):
            _send_to_review(
                session,
                submission,
                Message(MessageKey.NOT_PROCESSED),
                now=now,
                actor=SystemActor.INTAKE,
            )


def _send_to_review(
    session: Session, submission: Submission, reason: str, *, now: datetime, actor: str
) -> None:
    """Send a submission to review, or match it to an identical one that waits there already.

    A tool that sends again makes no second task. A test is discarded with the reason.
    """
    if submission.is_test:
        would_wait = Message(MessageKey.TEST_WOULD_WAIT, reason=reason)
        advance(session, submission, "discard", actor=actor, now=now, reason=would_wait)
        return
    if submission.state == SubmissionState.NEEDS_REVIEW:
        submission.reason = reason
        session.add(submission)
        return
    twin = duplicates.find_identical_submission(session, submission, SubmissionState.NEEDS_REVIEW)
    is_suspect = submission.suspicion not in ("", CAME_BY_VISIT)
    if twin and not submission.vendor_id and not is_suspect:
        reason = Message(MessageKey.SAME_WAITS, id=twin.id)
        advance(session, submission, "match", actor=actor, now=now, reason=reason)
    else:
        advance(session, submission, "reject", actor=actor, now=now, reason=reason)
