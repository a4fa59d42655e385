"""Merging: two files that are one person's are brought together, and can be parted again.

The person is rung once, at one number. Nothing that was said or done moves: every submission,
consent, call and suppression stays with its number. What moves is the callback, of which one person
has one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from leads.contact_rules import suppression
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import LostRace, NotNow
from leads.i18n.translatable import Phrase
from leads.lead_records import merged_promises
from leads.lead_records.merged_promises import MergedCallback, QueueState
from leads.lifecycle.audit_trail import record_event
from leads.lifecycle.transitions import advance
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import OPEN_CALLBACK, CallbackState, CloseReason, LeadState, SubmissionState
from leads.models.requests import Lead, Merge, Submission
from leads.people.permissions import Permission, actor_of, require_permission


def merge_leads(
    session: Session, lead: Lead, survivor: Lead, supervisor: Advisor, *, now: datetime
) -> None:
    """Merge a lead's file into the survivor's, at whose number the person is rung from now on.

    Of two open callbacks the earlier one stays, with the time it was made; the later one is
    cancelled and counts in no figure. Raises NotNow where one of them is in an advisor's hands, a
    file is merged already, or the survivor's number is suppressed.
    """
    require_permission(supervisor, Permission.MERGE_LEADS)
    theirs, ours = _lock_callbacks_and_leads(session, lead, survivor)
    _require_mergeable(session, lead, survivor, theirs, ours)
    kept_callback, dropped_callback = _earlier_callback_first(theirs, ours)
    actor = actor_of(supervisor)
    merged = Merge(
        lead_id=lead.id,
        survivor_id=survivor.id,
        moved_id=kept_callback.id if kept_callback and kept_callback is theirs else None,
        dropped_id=dropped_callback.id if dropped_callback else None,
        at=now,
        actor=actor,
    )
    session.add(merged)
    session.flush()
    if kept_callback:
        merged_promises.merge_queue_states(
            session, kept_callback, theirs, ours, lead=lead, merge=merged
        )
    if dropped_callback:
        ended: dict[str, Any] = {
            "close_reason": CloseReason.MERGED,
            "finished_at": now,
            "lease_until": None,
        }
        advance(session, dropped_callback, "cancel", actor=actor, now=now, **ended)
    if theirs:
        advance(
            session,
            lead,
            "close",
            actor=actor,
            now=now,
            closed_at=now,
            close_reason=CloseReason.MERGED,
        )
    if theirs and kept_callback is theirs:
        _assign_callback_to_lead(session, theirs, survivor, actor=actor, now=now)
    lead.merged_into_id = survivor.id
    session.flush()
    _record_merge_event(session, "merge", lead, survivor, actor=actor, now=now)


def unmerge_leads(session: Session, lead: Lead, supervisor: Advisor, *, now: datetime) -> None:
    """Part two files that were merged.

    Each lead who asked and was not rung has an open callback again, as old as it was. Raises NotNow
    when the files are not merged, or their callback is in an advisor's hands.
    """
    require_permission(supervisor, Permission.UNMERGE_LEADS)
    survivor = session.get(Lead, lead.merged_into_id) if lead.merged_into_id else None
    _, shared = _lock_callbacks_and_leads(session, lead, survivor) if survivor else (None, None)
    merge = session.exec(
        select(Merge).where(Merge.lead_id == lead.id, col(Merge.undone_at).is_(None))
    ).first()
    if survivor is None or merge is None:
        raise NotNow(Phrase("These files are not merged."))
    _require_waiting_callback(shared)
    actor = actor_of(supervisor)
    lead.merged_into_id, merge.undone_at, merge.undone_by = None, now, actor
    session.flush()
    _record_merge_event(session, "unmerge", lead, survivor, actor=actor, now=now)
    before = merged_promises.load_merged_callback(session, merge)
    if before and (before.promise is shared or before.promise.close_reason is CloseReason.MERGED):
        owner = lead if before.promise.id == merge.moved_id else survivor
        merged_promises.apply_queue_state(
            session,
            before.promise,
            _restored_queue_state(session, before, before.before, owner, merge),
            by=actor,
            now=now,
        )
    if shared and len(lead_and_merged_files(session, survivor)) == 1:
        merged_promises.drop_merge_holds(session, shared, by=actor, now=now)
    if shared and _was_requested_by(session, shared, lead, merge):
        advance(
            session,
            survivor,
            "close",
            actor=actor,
            now=now,
            closed_at=now,
            close_reason=CloseReason.UNMERGED,
        )
        _return_callback_to_lead(session, shared, lead, actor=actor, now=now)
        _recreate_owed_callback(session, merge, survivor, before, actor=actor, now=now)
    else:
        _recreate_owed_callback(session, merge, lead, before, actor=actor, now=now)


def lead_and_merged_files(session: Session, lead: Lead) -> list[Lead]:
    """Return a lead and the leads whose files were merged into it."""
    merged = select(Lead).where(Lead.merged_into_id == lead.id).order_by(col(Lead.id))
    return [lead, *session.exec(merged)]


def _lock_callbacks_and_leads(
    session: Session, lead: Lead, survivor: Lead
) -> tuple[Callback | None, Callback | None]:
    """Lock the open callbacks of both leads, then the leads; returns the callbacks.

    Whoever moves a callback locks it before its lead. Raises LostRace where a lead and its callback
    changed meanwhile.
    """
    ids = (lead.id, survivor.id)
    promised = select(Callback).where(
        col(Callback.lead_id).in_(ids), col(Callback.state).in_(OPEN_CALLBACK)
    )
    fresh = {"populate_existing": True}
    callbacks = session.exec(
        promised.order_by(col(Callback.id)).with_for_update().execution_options(**fresh)
    ).all()
    files = select(Lead).where(col(Lead.id).in_(ids)).order_by(col(Lead.id)).with_for_update()
    session.exec(files.execution_options(**fresh)).all()
    by_lead = {
        callback.lead_id: callback for callback in callbacks if callback.state in OPEN_CALLBACK
    }
    _require_one_callback_each(callbacks, by_lead)
    if any((file.state == LeadState.OPEN) != (file.id in by_lead) for file in (lead, survivor)):
        raise LostRace(
            Phrase("Something happened to one of these files in this moment: look again.")
        )
    return by_lead.get(lead.id), by_lead.get(survivor.id)


def _require_one_callback_each(
    callbacks: Sequence[Callback], by_lead: Mapping[int, Callback]
) -> None:
    """Raise NotNow where two helplines have promised a call: neither takes over the other's."""
    is_open = [one for one in callbacks if one.state in OPEN_CALLBACK]
    if len(is_open) != len(by_lead) or len({one.brand_id for one in is_open}) > 1:
        raise NotNow(Phrase("Two helplines owe them a call: wait until one of them is over."))


def _require_mergeable(
    session: Session, lead: Lead, survivor: Lead, *promises: Callback | None
) -> None:
    if lead.id == survivor.id:
        raise NotNow(Phrase("This is one file already."))
    into = select(Lead.id).where(Lead.merged_into_id == lead.id).limit(1)
    if lead.merged_into_id or survivor.merged_into_id or session.exec(into).first():
        raise NotNow(Phrase("One of these files is merged already: take that apart first."))
    if survivor.state == LeadState.SUPPRESSED or suppression.is_number_suppressed(
        session, survivor.phone
    ):
        raise NotNow(
            Phrase("The number that would stay asked not to be contacted: let the other one stay.")
        )
    for promise in promises:
        _require_waiting_callback(promise)


def _require_waiting_callback(promise: Callback | None) -> None:
    if promise and promise.state != CallbackState.WAITING:
        raise NotNow(Phrase("An advisor has this callback in hand: wait until that is over."))


def _earlier_callback_first(*promises: Callback | None) -> Sequence[Callback | None]:
    callbacks = sorted(
        (promise for promise in promises if promise),
        key=lambda promise: (promise.received_at, promise.id),
    )
    return (*callbacks, None, None)[:2]


def _restored_queue_state(
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


def _assign_callback_to_lead(
    session: Session, promise: Callback, person: Lead, *, actor: str, now: datetime
) -> None:
    """Make an open callback this lead's, so that this lead's number is rung."""
    session.flush()
    promise.lead_id = person.id
    session.add(promise)
    session.flush()
    _reopen_lead_if_closed(session, person, actor=actor, now=now)
    wake_after_commit(session, Wakeup.OFFER)


def _return_callback_to_lead(
    session: Session, promise: Callback, person: Lead, *, actor: str, now: datetime
) -> None:
    """Make an open callback this lead's again; cancel it if the number was suppressed meanwhile."""
    _assign_callback_to_lead(session, promise, person, actor=actor, now=now)
    if suppression.is_number_suppressed(session, person.phone):
        ended: dict[str, Any] = {
            "close_reason": CloseReason.OPT_OUT,
            "withdrawn": True,
            "finished_at": now,
        }
        advance(session, promise, "cancel", actor=actor, now=now, **ended)


def _reopen_lead_if_closed(session: Session, person: Lead, *, actor: str, now: datetime) -> None:
    if person.state == LeadState.CLOSED:
        advance(session, person, "reopen", actor=actor, now=now, closed_at=None, close_reason=None)


def _was_requested_by(session: Session, shared: Callback, lead: Lead, merge: Merge) -> bool:
    """Whether the shared callback was made for this lead's request."""
    asked = select(Submission.lead_id).where(Submission.callback_id == shared.id)
    first = session.exec(asked.where(Submission.state == SubmissionState.ADMITTED).limit(1)).first()
    return shared.id == merge.moved_id or first == lead.id


def _recreate_owed_callback(
    session: Session,
    merge: Merge,
    person: Lead,
    shared: MergedCallback | None,
    *,
    actor: str,
    now: datetime,
) -> None:
    """Make a new callback for a lead whose promise would be lost when merged files are parted.

    It is owed where the lead's own callback went into the other lead's, or where the lead asked
    again while the files were merged. Suppressed numbers get none.
    """
    owed = _find_owed_callback(session, merge, person)
    if owed is None or suppression.is_number_suppressed(session, person.phone):
        return
    before, received_at = owed
    promised_at = max(before.promised_at, received_at)
    if shared and before.id in (merge.moved_id, merge.dropped_id):
        own = (
            shared.before
            if before is shared.promise
            else merged_promises.queue_state_of(session, before)
        )
        stands = _restored_queue_state(session, shared, own, person, merge)
    else:
        unrung = replace(
            merged_promises.queue_state_of(session, before),
            first_rung_at=None,
            first_conversation_at=None,
        )
        new = replace(unrung, due_at=promised_at, misses=0)
        stands = merged_promises.queue_state_with_own_rings(session, new, before, person)
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
    merged_promises.apply_queue_state(session, again, stands, by=actor, now=now)
    _reopen_lead_if_closed(session, person, actor=actor, now=now)
    joined = (before.id, shared.promise.id if shared else before.id)
    theirs = update(Submission).where(
        col(Submission.lead_id) == person.id, col(Submission.callback_id).in_(joined)
    )
    session.execute(theirs.values(callback_id=again.id))
    wake_after_commit(session, Wakeup.OFFER)


def _find_owed_callback(
    session: Session, merge: Merge, person: Lead
) -> tuple[Callback, datetime] | None:
    """Return the callback that a lead is owed again, and when the lead asked for it."""
    own = {merge.dropped_id, merge.moved_id} - {None}
    before = session.exec(
        select(Callback).where(col(Callback.id).in_(own)).order_by(col(Callback.id))
    ).all()
    for callback in before:
        was_theirs = (callback.id == merge.moved_id) == (person.id == merge.lead_id)
        if callback.lead_id == person.id or (callback.id == merge.moved_id and was_theirs):
            return callback, callback.received_at
    asked = select(Submission, Callback).join(
        Callback, col(Callback.id) == col(Submission.callback_id)
    )
    asked = asked.where(Submission.lead_id == person.id, Callback.lead_id != person.id)
    since = session.exec(asked.order_by(col(Submission.id)).limit(1)).first()
    return (since[1], since[0].received_at) if since else None


def _record_merge_event(
    session: Session, event: str, lead: Lead, survivor: Lead, *, actor: str, now: datetime
) -> None:
    for file, other in ((lead, survivor), (survivor, lead)):
        role = "into" if file is lead else "of"
        record_event(session, file, event, actor=actor, now=now, **{role: other.id})
