"""Read what was received.

A request to act on, something to discard by rule, or something for a person to look at.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col, select

from leads.database.bulk_rows import update_rows_if_unchanged
from leads.database.transactions import reader, transaction
from leads.errors import BadSubmission, LostRace
from leads.forms import form_reading
from leads.forms.form_field import DELETED, PARTIAL, SUBMISSION, TEST, UPDATED
from leads.forms.request import FormRequest, content_hash
from leads.i18n.translatable import Phrase
from leads.intake import admission, bulk_admission, duplicates, vendor_retractions
from leads.lifecycle.state_tables import allowed_events
from leads.lifecycle.transitions import advance
from leads.models.helplines import Source
from leads.models.requests import Submission
from leads.models.words import SubmissionState

log = logging.getLogger(__name__)

ACTOR = "intake"
TEST_IS_FINE = Phrase("A test from here: a real one would go into the queue.")
BATCH = 50
NOT_A_REQUEST = {
    TEST: Phrase("The form tool says that this is a test."),
    PARTIAL: Phrase("The form was not finished: its sender has not asked for a call yet."),
    DELETED: Phrase("The form tool says that a submission was deleted."),
}
"""Why nobody is rung for what is no submission."""
WAS_DELETED = Phrase("The form tool says that this entry was deleted: do they still want a call?")
ORIGINAL_NEVER_CAME = Phrase(
    "The form tool says that a submission was changed, and that submission never came here."
)
HAS_ANOTHER_NUMBER = Phrase(
    "The form tool says that their phone number was changed: see the submissions to review."
)
"""Why a promise that was made waits for a person."""


SourceSettings = tuple[
    str, str, dict[str, str]
]  # the kind of tool, region, which field is which of ours


@dataclass(frozen=True)
class BodyReading:
    """What a body says, and by which settings of its source it was read.

    `problem` where nothing can be read.
    """

    settings: SourceSettings
    request: FormRequest | None = None
    problem: str = ""


def process_received_submissions(*, now: Callable[[], datetime]) -> int:
    """Admit what was received, oldest first; returns how many submissions were looked at.

    Many share a transaction. If one of them cannot be read it goes to review, and the others do not
    wait for it.
    """
    try:
        return _process_batch(FIRST_RECEIVED, {}, now())
    except Exception:  # noqa: BLE001 - whatever is wrong with one is told below, with its number
        with reader() as session:
            ids = session.execute(FIRST_RECEIVED).scalars().all()
        for submission_id in ids:
            _process_alone(submission_id, now())
        return len(ids)


def process_submission(
    session: Session,
    submission: Submission,
    *,
    now: datetime,
    actor: str = ACTOR,
    reading: BodyReading | None = None,
) -> None:
    """Read a submission and act on it.

    Callback, attached to an open one, withheld, discarded, or in need of review.

    What is no new submission, such as a test or a correction, never causes a call. Idempotent on
    the vendor's submission id. Never raises for what the body says. What waits for review already
    is read once more. `reading`: what was read of it before, to be used while its source's settings
    are still the same.
    """
    source = session.get_one(Source, submission.source_id)
    reading = _reading_for_current_settings(reading, submission, source)
    request = reading.request
    if request is None:
        submission.content_sha256 = submission.body_sha256
        _send_to_review(session, submission, reading.problem, now=now, actor=actor)
        return
    _store_reading(submission, request)
    if request.event != SUBMISSION:
        _settle_non_request(session, submission, request, now=now, actor=actor)
        return
    earlier = duplicates.find_earlier_submission(session, submission)
    problem_found = _review_reason(source, submission, request, earlier)
    problem_found = problem_found or _late_change_reason(session, submission, request, earlier)
    if problem_found:
        _send_to_review(session, submission, problem_found, now=now, actor=actor)
    elif submission.is_test:
        advance(session, submission, "discard", actor=actor, now=now, reason=str(TEST_IS_FINE))
    else:
        admission.admit_request(session, submission, source, request, earlier, now=now, actor=actor)


def process_submission_now(submission_id: int, *, now: datetime) -> None:
    """Admit one that was just received, or wait until whoever does so already has done it."""
    with transaction() as session:
        still = (Submission.id == submission_id, Submission.state == SubmissionState.RECEIVED)
        for submission in session.exec(select(Submission).where(*still).with_for_update()).all():
            process_submission(session, submission, now=now)


def _settle_non_request(
    session: Session, submission: Submission, request: FormRequest, *, now: datetime, actor: str
) -> None:
    """Ring nobody for what is no new submission.

    A correction joins what it corrects, the rest is discarded.
    """
    if request.event == UPDATED and not submission.is_test:
        _apply_vendor_correction(session, submission, request, now=now, actor=actor)
        return
    reason, known = NOT_A_REQUEST.get(request.event) or request.reason, {}
    earlier = (
        duplicates.find_earlier_submission(session, submission)
        if request.event == DELETED
        else None
    )
    if request.event == DELETED:
        vendor_retractions.mark_retraction_in_review(session, submission, str(WAS_DELETED))
    if earlier:
        vendor_retractions.hold_callback_for_retraction(session, earlier, WAS_DELETED)
        known = {"lead_id": earlier.lead_id, "callback_id": earlier.callback_id}
    advance(session, submission, "discard", actor=actor, now=now, reason=reason, **known)


def _apply_vendor_correction(
    session: Session, submission: Submission, request: FormRequest, *, now: datetime, actor: str
) -> None:
    earlier = duplicates.find_earlier_submission(session, submission)
    if earlier is None or earlier.lead_id is None:
        waits = vendor_retractions.submission_id_in_review(session, submission)
        reason = (
            ORIGINAL_NEVER_CAME
            if waits is None
            else Phrase("The form tool says that submission {id} was changed.", id=waits)
        )
        _send_to_review(session, submission, reason, now=now, actor=actor)
    elif earlier.reading.get("phone") != request.phone:
        vendor_retractions.hold_callback_for_retraction(session, earlier, HAS_ANOTHER_NUMBER)
        reason = Phrase(
            "The form tool says that a submission was changed: it has another phone number now."
        )
        _send_to_review(session, submission, reason, now=now, actor=actor)
    else:
        admission.revoke_permissions(session, submission, earlier.lead_id, request)
        known = {"lead_id": earlier.lead_id, "callback_id": earlier.callback_id}
        reason = Phrase("The form tool says that submission {id} was changed.", id=earlier.id)
        advance(session, submission, "match", actor=actor, now=now, reason=reason, **known)


def _process_batch(which: Any, about: dict[str, Any], now: datetime) -> int:
    """Read first and lock afterwards: a body that takes long to read keeps nobody from writing."""
    with reader() as session:
        received = session.execute(which, about).all()
    readings = {
        one: _read_form_body(body, content_type, (*settings,))
        for one, body, content_type, *settings in received
    }
    if not readings:
        return 0
    with transaction() as session:
        found = session.execute(STILL_RECEIVED, {"ids": list(readings)}).all()
        for submission, source in found:
            readings[submission.id] = _reading_for_current_settings(
                readings[submission.id], submission, source
            )
        _store_readings_in_bulk(
            session,
            [(submission, readings[submission.id].request) for submission, _source in found],
        )
        asked = [
            _admission_candidate_of(submission, source, readings[submission.id])
            for submission, source in found
        ]
        bulk_admission.admit_first_time_requests(
            session,
            bulk_admission.select_first_time_requests(session, [one for one in asked if one]),
            actor=ACTOR,
            now=now,
        )
        for submission, _source in found:
            if submission.state == SubmissionState.RECEIVED:
                process_submission(session, submission, now=now, reading=readings[submission.id])
    return len(found)


def _admission_candidate_of(
    submission: Submission, source: Source, reading: BodyReading
) -> bulk_admission.AdmissionCandidate | None:
    """Return what they ask for, if all that may speak against it is what is known of them."""
    request = reading.request
    if request is None:
        return None
    if (
        request.event != SUBMISSION
        or submission.is_test
        or _review_reason(source, submission, request, None)
    ):
        return None
    return bulk_admission.AdmissionCandidate(submission, source, request)


def _store_reading(submission: Submission, request: FormRequest) -> None:
    for name, value in _reading_columns(request).items():
        setattr(submission, name, value)


def _store_readings_in_bulk(
    session: Session, read: Sequence[tuple[Submission, FormRequest | None]]
) -> None:
    """Keep what was read of many, in one go."""
    kept = [(submission, _reading_columns(request)) for submission, request in read if request]
    if kept:
        update_rows_if_unchanged(
            session, Submission, [({"id": submission.id}, known) for submission, known in kept]
        )
    for submission, known in kept:
        for name, value in known.items():
            set_committed_value(submission, name, value)


def _reading_columns(request: FormRequest) -> dict[str, Any]:
    return {
        "reading": dict(vars(request)),
        "vendor_id": request.vendor_id,
        "content_sha256": content_hash(request),
    }


def _read_form_body(body: bytes, content_type: str, settings: SourceSettings) -> BodyReading:
    kind, region, mapping = settings
    try:
        request = form_reading.read_form_request(
            body, content_type, kind=kind, region=region, mapping=mapping
        )
    except BadSubmission as problem:
        return BodyReading(settings, problem=str(problem))
    return BodyReading(settings, request)


def _reading_for_current_settings(
    reading: BodyReading | None, submission: Submission, source: Source
) -> BodyReading:
    """Return what was read of a body before, if its source's settings are still the same.

    Otherwise the body is read again.
    """
    settings = (source.kind, source.region, source.mapping)
    if reading and reading.settings == settings:
        return reading
    return _read_form_body(submission.body, submission.content_type, settings)


def _process_alone(submission_id: int, now: datetime) -> None:
    """Admit one, twice if somebody admitted the same person in the same instant.

    Then they are there to be found.
    """
    for is_last in (False, True):
        try:
            _process_batch(THESE_RECEIVED, {"ids": [submission_id]}, now)
        except IntegrityError:
            if is_last:
                log.exception("Submission %s meets another one again and again.", submission_id)
                _send_unprocessable_to_review(submission_id, now)
        except (LostRace, OperationalError, InternalError):
            log.warning("Submission %s has to wait: the database is busy or away.", submission_id)
            return
        except Exception:
            log.exception("Submission %s could not be processed.", submission_id)
            _send_unprocessable_to_review(submission_id, now)
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
                Phrase("Something in it could not be processed."),
                now=now,
                actor=ACTOR,
            )


def _send_to_review(
    session: Session, submission: Submission, reason: str, *, now: datetime, actor: str
) -> None:
    """Put it under review, unless the same waits there already.

    A tool that sends again makes no second task.
    """
    if submission.is_test:
        told = str(
            Phrase("A test from here. A real one would wait for a person: {reason}", reason=reason)
        )
        advance(session, submission, "discard", actor=actor, now=now, reason=told)
        return
    if submission.state == SubmissionState.NEEDS_REVIEW:
        submission.reason = reason
        session.add(submission)
        return
    twin = duplicates.find_identical_submission(session, submission, SubmissionState.NEEDS_REVIEW)
    if twin and not submission.vendor_id and not submission.suspicion:
        reason = Phrase("The same as submission {id}, which waits for a person.", id=twin.id)
        advance(session, submission, "match", actor=actor, now=now, reason=reason)
    else:
        advance(session, submission, "reject", actor=actor, now=now, reason=reason)


def _review_reason(
    source: Source, submission: Submission, request: FormRequest, earlier: Submission | None
) -> str:
    """Say why a person has to look at this first, or nothing."""
    if request.phone is None and request.reason:
        return request.reason
    if request.phone is None and request.suggested_phone:
        return Phrase(
            "No field is known to hold their phone number, but one value looks like a number. "
            "Please check it."
        )
    if request.phone is None:
        return _undialable_number_reason(request)
    if submission.suspicion:
        return submission.suspicion
    if earlier and earlier.reading.get("phone") != request.phone:
        return Phrase("An earlier submission had the same id and another phone number.")
    return Phrase("Its source is paused.") if source.paused_at else ""


def _undialable_number_reason(request: FormRequest) -> str:
    if request.phone_as_given:
        return Phrase("The phone number cannot be dialled.")
    if request.no_dial:
        return Phrase(
            "Only somebody else's number is in it, and that person did not ask to be called."
        )
    return Phrase("There is no phone number in it.")


def _late_change_reason(
    session: Session, submission: Submission, request: FormRequest, earlier: Submission | None
) -> str:
    """The same id with other words once its callback is over.

    An entry that was edited, or somebody who asks again.
    """
    said_before = earlier.content_sha256 if earlier else None
    if said_before in (None, submission.content_sha256) or admission.find_open_callback_locked(
        session, request.phone
    ):
        return ""
    return Phrase(
        "An earlier submission had the same id and other words, and its callback is over. Do "
        "they ask again?"
    )


# Made once: building a statement costs more than running it.
def _received_submissions_query(*what: Any) -> Any:
    chosen = sqlalchemy.select(*what).join(Source, col(Source.id) == col(Submission.source_id))
    return chosen.where(col(Submission.state) == SubmissionState.RECEIVED).order_by(
        col(Submission.id)
    )


_ID_IN_BATCH = col(Submission.id).in_(sqlalchemy.bindparam("ids"))
_RECEIVED_BODIES = _received_submissions_query(
    Submission.id,
    Submission.body,
    Submission.content_type,
    Source.kind,
    Source.region,
    Source.mapping,
)
FIRST_RECEIVED, THESE_RECEIVED = _RECEIVED_BODIES.limit(BATCH), _RECEIVED_BODIES.where(_ID_IN_BATCH)
STILL_RECEIVED = (
    _received_submissions_query(Submission, Source)
    .where(_ID_IN_BATCH)
    .with_for_update(skip_locked=True, of=Submission)
)
