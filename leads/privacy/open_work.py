"""Open work: what is still to be done about somebody who is erased is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from leads.i18n.messages import Message, MessageKey
from leads.lifecycle.state_tables import SubmissionEvent, allowed_events
from leads.lifecycle.transitions import advance
from leads.models.requests import Submission
from leads.outbox import text_orders


def close_open_work(
    session: Session, rows: Mapping[str, Sequence[Any]], *, actor: str, now: datetime
) -> None:
    """Close what is open of a person's rows, by what an export calls their table.

    Tasks are done, statements decided, forms in review discarded, texts and voicemails settled, and
    nobody looks after them again.
    """
    for submission in rows["submissions"]:
        _discard_if_undecided(session, submission, actor=actor, now=now)
    text_orders.withdraw_pending_texts_of(
        session, rows["sent_texts"], Message(MessageKey.ERASED), now=now
    )
    for task in rows["tasks"]:
        task.done_at, task.done_by = task.done_at or now, task.done_by or actor
    for said in rows["also_said"]:
        said.decided_at, said.decided_by = said.decided_at or now, said.decided_by or actor
    for incident in rows["incidents"]:
        if incident.follow_up_due and not incident.followed_up_at:
            incident.followed_up_at, incident.followed_up_by = now, actor
    for text in rows["texts"]:
        text.waits = False
    for text in rows["sent_texts"]:
        text.ask_at = None
    for voicemail in rows["voicemails"]:
        voicemail.settled_at = voicemail.settled_at or now
    session.flush()


def _discard_if_undecided(
    session: Session, submission: Submission, *, actor: str, now: datetime
) -> None:
    if SubmissionEvent.DISCARD in allowed_events(submission):
        reason = Message(MessageKey.ERASED)
        advance(session, submission, SubmissionEvent.DISCARD, actor=actor, now=now, reason=reason)
