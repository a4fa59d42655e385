"""Owed callbacks: what each lead is owed again when merged files are parted, as old as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from leads.callbacks.lead_closing import reopen_lead_if_closed
from leads.contact_rules import suppression
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.lead_records import merged_promises
from leads.lead_records.merged_files import lead_and_merged_files
from leads.lead_records.merged_promises import MergedCallback, QueueState
from leads.models.calls import Callback
from leads.models.requests import Lead, Merge, Submission


def recreate_owed_callback(
    session: Session,
    merge: Merge,
    person: Lead,
    brand_id: int,
    *,
    shared: MergedCallback | None,
    by: str,
    now: datetime,
) -> None:
    """Make a new callback for a lead whom a helpline would owe none when merged files are parted.

    Suppressed numbers get none.
    """
    owed = _find_owed_callback(session, merge, person, brand_id)
    if owed is None or suppression.is_number_suppressed(session, person.phone):
        return
    before, received_at = owed
    promised_at = max(before.promised_at, received_at)
    if shared and before.id in (merge.moved_id, merge.dropped_id):
        is_shared = before is shared.promise
        own = shared.before if is_shared else merged_promises.queue_state_of(session, before)
        stands = restored_queue_state(session, shared, own, person, merge)
    else:
        stands = _new_queue_state(session, before, person, due_at=promised_at)
    again = Callback(
        lead_id=person.id,
        brand_id=before.brand_id,
        source_id=before.source_id,
        received_at=received_at,
        promised_at=promised_at,
        due_at=stands.due_at,
    )
    session.add(again)
    session.flush()
    merged_promises.apply_queue_state(session, again, stands, by=by, now=now)
    reopen_lead_if_closed(session, person, actor=by, now=now)
    joined = (before.id, shared.promise.id if shared else before.id)
    theirs = update(Submission).where(
        col(Submission.lead_id) == person.id, col(Submission.callback_id).in_(joined)
    )
    session.execute(theirs.values(callback_id=again.id))
    wake_after_commit(session, Wakeup.OFFER)


def _find_owed_callback(
    session: Session, merge: Merge, person: Lead, brand_id: int
) -> tuple[Callback, datetime] | None:
    """Return the callback that a helpline owes a lead again, and when the lead asked for it.

    It is owed where the lead's own callback went into the other lead's, or where the lead asked
    again while the files were merged.
    """
    own = {merge.dropped_id, merge.moved_id} - {None}
    before = session.exec(
        select(Callback)
        .where(col(Callback.id).in_(own), Callback.brand_id == brand_id)
        .order_by(col(Callback.id))
    ).all()
    for callback in before:
        was_theirs = (callback.id == merge.moved_id) == (person.id == merge.lead_id)
        if callback.lead_id == person.id or (callback.id == merge.moved_id and was_theirs):
            return callback, callback.received_at
    asked = select(Submission, Callback).join(
        Callback, col(Callback.id) == col(Submission.callback_id)
    )
    asked = asked.where(
        Submission.lead_id == person.id,
        Callback.lead_id != person.id,
        Callback.brand_id == brand_id,
    )
    since = session.exec(asked.order_by(col(Submission.id)).limit(1)).first()
    return (since[1], since[0].received_at) if since else None


def restored_queue_state(
    session: Session, before: MergedCallback, own: QueueState, person: Lead, merge: Merge
) -> QueueState:
    """Return the queue state that this lead's own callback has again after files are parted.

    What happened since the merge is in it.
    """
    if person.id == merge.lead_id:
        stands = merged_promises.merged_lead_queue_state(before, own)
    else:
        stands = merged_promises.survivor_queue_state(
            before, own, is_merged=len(lead_and_merged_files(session, person)) > 1
        )
    return merged_promises.queue_state_with_own_rings(session, stands, before.promise, person)


def _new_queue_state(
    session: Session, before: Callback, person: Lead, *, due_at: datetime
) -> QueueState:
    """Return the queue state of a lead's new callback: of one before only what they were rung."""
    unrung = replace(
        merged_promises.queue_state_of(session, before),
        first_rung_at=None,
        first_conversation_at=None,
    )
    new = replace(unrung, due_at=due_at, misses=0)
    return merged_promises.queue_state_with_own_rings(session, new, before, person)
