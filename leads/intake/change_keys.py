"""Change keys: the secret of the thanks page's link, and until when it proves whose a change is."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from leads.lifecycle.state_tables import LeadEvent
from leads.models.calls import Callback
from leads.models.enums import OPEN_CALLBACK, UNDECIDED, SubmissionState
from leads.models.requests import Submission
from leads.models.watching import Transition
from leads.people.permissions import ADVISOR_ACTOR

KEY_BYTES = 24
KEY_LIFETIME = timedelta(hours=24)  # at most: whoever has the phone later may find the link
UNREAD_OR_UNDECIDED = (SubmissionState.RECEIVED, *UNDECIDED)
DECISIONS = (
    *("hold", "lift_hold", "correct", "accept_statement", "leave_statement"),
    *(LeadEvent.SUPPRESS, LeadEvent.REINSTATE, "merge", "unmerge"),
)
"""What a person of ours may decide about a callback or lead, beside working on it."""


def new_change_key() -> str:
    """Return the secret of a link with which a submission may be changed once."""
    return secrets.token_urlsafe(KEY_BYTES)


def hash_change_key(key: str) -> str:
    """Return what is stored of a link's secret."""
    return hashlib.sha256(key.encode()).hexdigest()


def is_change_key_valid(session: Session, key: str, source_id: int, *, now: datetime) -> bool:
    """Whether a link of a source's form may still be used.

    It is void when it was used, is too old, when the callback is over, and when a person of ours
    has decided something about the request.
    """
    submission = find_submission_of_key(session, key, source_id, now=now)
    return submission is not None and may_sender_change(session, submission)


def find_submission_of_key(
    session: Session, key: str, source_id: int, *, now: datetime
) -> Submission | None:
    """Return the submission of a key that was not used and is not too old."""
    submission: Submission | None = session.exec(_submission_of_key(key, source_id, now)).first()
    return submission


def lock_submission_of_key(
    session: Session, key: str, source_id: int, *, now: datetime
) -> Submission | None:
    """Return, locked, the submission of a key that was not used and is not too old."""
    theirs = _submission_of_key(key, source_id, now).with_for_update()
    submission: Submission | None = session.exec(
        theirs.execution_options(populate_existing=True)
    ).first()
    return submission


def may_sender_change(session: Session, submission: Submission) -> bool:
    """Whether a call is still promised or to be decided, and no person of ours decided anything."""
    if _was_decided_by_person(session, submission):
        return False
    if submission.state in UNREAD_OR_UNDECIDED:
        return True
    callback_id = submission.callback_id
    callback = session.get(Callback, callback_id) if callback_id else None
    return callback is not None and callback.state in OPEN_CALLBACK


def _submission_of_key(key: str, source_id: int, now: datetime) -> Any:
    return select(Submission).where(
        Submission.change_key_sha256 == hash_change_key(key),
        Submission.source_id == source_id,
        col(Submission.received_at) > now - KEY_LIFETIME,
    )


def _was_decided_by_person(session: Session, submission: Submission) -> bool:
    """Whether one of ours decided about a submission, or since then about its callback or lead."""
    about_request = or_(
        _is_about("callback", submission.callback_id), _is_about("lead", submission.lead_id)
    )
    decided = select(Transition.id).where(
        col(Transition.actor).startswith(ADVISOR_ACTOR),
        col(Transition.at) >= submission.received_at,
        or_(
            _is_about("submission", submission.id),
            and_(about_request, col(Transition.event).in_(DECISIONS)),
        ),
    )
    return session.exec(decided.limit(1)).first() is not None


def _is_about(record: str, record_id: int | None) -> Any:
    return and_(col(Transition.record) == record, col(Transition.record_id) == str(record_id))
