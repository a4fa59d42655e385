"""Undo of a discard: while an outcome could be corrected, a form can wait again as it did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from leads.callbacks.said_calls import CORRECTION_WINDOW
from leads.errors import NotNow
from leads.i18n.messages import Message
from leads.i18n.translatable import Phrase
from leads.lifecycle.state_tables import SubmissionEvent
from leads.lifecycle.trail_subject import TrailSubject
from leads.lifecycle.transitions import advance
from leads.models.advisors import Advisor
from leads.models.enums import SubmissionState
from leads.models.requests import Submission
from leads.models.watching import Transition
from leads.people.permissions import (
    ADVISOR_ACTOR,
    Permission,
    actor_of,
    require_permission,
)

REASON_KEY = "waited_for"  # in a reading: why the form waited before somebody discarded it
EVENTS_BACK: Mapping[str, SubmissionEvent] = {
    SubmissionState.NEEDS_REVIEW: SubmissionEvent.TAKE_BACK,
    SubmissionState.WITHHELD: SubmissionEvent.TAKE_BACK_WITHHELD,
    SubmissionState.REFUSED: SubmissionEvent.TAKE_BACK_REFUSED,
}


def remember_reason(submission: Submission) -> dict[str, Any]:
    """Return what a reading keeps of why its submission waits."""
    reason = submission.reason
    return {REASON_KEY: reason.as_data()} if isinstance(reason, Message) else {}


def find_event_back(
    session: Session, submission: Submission, *, now: datetime
) -> SubmissionEvent | None:
    """Return what takes a submission back to where it waited; None where nothing does, or no more.

    Only a person's discard is taken back: a rule would discard it again.
    """
    subject = TrailSubject.of_row(submission)
    discards = select(Transition.before).where(
        Transition.record == subject.record,
        Transition.record_id == subject.record_id,
        Transition.event == SubmissionEvent.DISCARD,
        col(Transition.actor).startswith(ADVISOR_ACTOR),
        col(Transition.at) > now - CORRECTION_WINDOW,
    )
    before = session.exec(discards.order_by(col(Transition.id).desc()).limit(1)).first()
    is_discarded = submission.state == SubmissionState.DISCARDED
    return EVENTS_BACK.get(before) if is_discarded and before else None


def may_undo_discard(
    session: Session, submission_id: int, person: Advisor, *, now: datetime
) -> bool:
    """Whether this person can let a discarded submission wait again."""
    require_permission(person, Permission.DECIDE_SUBMISSION, (Submission, submission_id))
    submission = session.get_one(Submission, submission_id)
    return find_event_back(session, submission, now=now) is not None


def undo_discard(
    session: Session, submission: Submission, supervisor: Advisor, *, now: datetime
) -> None:
    """Let a submission that somebody discarded wait again, where it did and for the same reason.

    Raises NotNow once the time to correct an outcome has passed.
    """
    require_permission(supervisor, Permission.DECIDE_SUBMISSION, submission)
    session.refresh(submission, with_for_update=True)
    event = find_event_back(session, submission, now=now)
    if event is None:
        raise NotNow(Phrase("It is too late to undo this. Enter a new request instead."))
    reading = dict(submission.reading)
    waited_for = reading.pop(REASON_KEY, None)
    reason = Message.from_data(waited_for) if waited_for else ""
    actor = actor_of(supervisor)
    advance(session, submission, event, actor=actor, now=now, reason=reason, reading=reading)
