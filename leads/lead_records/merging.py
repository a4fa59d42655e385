"""Merging: two files that are one person's are brought together, and can be parted again.

The person is rung once, at one number. Nothing that was said or done moves: every submission,
consent, call and suppression stays with its number. What moves is the callback, of which each
helpline owes one person one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, select

from leads.callbacks import shared_numbers
from leads.callbacks.lead_closing import reopen_lead_if_closed
from leads.contact_rules import suppression
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import LostRace, NotNow
from leads.i18n.translatable import Phrase
from leads.lead_records import merged_promises, owed_callbacks
from leads.lead_records.merged_files import lead_and_merged_files
from leads.lead_records.merged_promises import CallbackPair, MergedCallback
from leads.lifecycle.audit_trail import record_event
from leads.lifecycle.transitions import advance
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import OPEN_CALLBACK, CallbackState, CloseReason, LeadState, SubmissionState
from leads.models.requests import Lead, Merge, Submission
from leads.people.permissions import Permission, actor_of, require_permission
from leads.phone_numbers import is_withheld


def merge_leads(
    session: Session, lead: Lead, survivor: Lead, supervisor: Advisor, *, now: datetime
) -> None:
    """Merge a lead's file into the survivor's, at whose number the person is rung from now on.

    Of two open callbacks of one helpline the earlier one stays, with the time it was made; the
    later one is cancelled and counts in no figure. What another helpline has promised stays beside
    it. Raises NotNow where a callback is in an advisor's hands, a file is merged already, the
    survivor's number is suppressed, or two helplines have promised the merged lead a call.
    """
    require_permission(supervisor, Permission.MERGE_LEADS, lead, survivor)
    theirs, ours = _lock_callbacks_and_leads(session, lead, survivor)
    _require_mergeable(session, lead, survivor, theirs, ours)
    pairs = _pair_by_helpline(theirs, ours)
    actor = actor_of(supervisor)
    merged = Merge(
        lead_id=lead.id,
        survivor_id=survivor.id,
        moved_id=next((one.id for pair in pairs for one in theirs if pair.kept is one), None),
        dropped_id=next((pair.dropped.id for pair in pairs if pair.dropped), None),
        at=now,
        actor=actor,
    )
    session.add(merged)
    session.flush()
    for pair in pairs:
        merged_promises.merge_queue_states(session, pair, lead=lead, merge=merged)
        if pair.dropped:
            _cancel_dropped_callback(session, pair.dropped, actor=actor, now=now)
    if theirs:
        _close_merged_lead(session, lead, CloseReason.MERGED, actor=actor, now=now)
    for callback in theirs:
        if callback.id == merged.moved_id:
            _assign_callback_to_lead(session, callback, survivor, actor=actor, now=now)
    lead.merged_into_id = survivor.id
    session.flush()
    _record_merge_event(session, "merge", lead, survivor, actor=actor, now=now)


def _cancel_dropped_callback(
    session: Session, callback: Callback, *, actor: str, now: datetime
) -> None:
    ended: dict[str, Any] = {
        "close_reason": CloseReason.MERGED,
        "finished_at": now,
        "lease_until": None,
    }
    advance(session, callback, "cancel", actor=actor, now=now, **ended)


def unmerge_leads(session: Session, lead: Lead, supervisor: Advisor, *, now: datetime) -> None:
    """Part two files that were merged.

    Each lead who asked and was not rung has an open callback again, as old as it was. Raises NotNow
    when the files are not merged, or one of their callbacks is in an advisor's hands.
    """
    require_permission(supervisor, Permission.UNMERGE_LEADS, lead)
    survivor = session.get(Lead, lead.merged_into_id) if lead.merged_into_id else None
    _, shared = _lock_callbacks_and_leads(session, lead, survivor) if survivor else ([], [])
    merge = session.exec(
        select(Merge).where(Merge.lead_id == lead.id, col(Merge.undone_at).is_(None))
    ).first()
    if survivor is None or merge is None:
        raise NotNow(Phrase("These files are not merged."))
    _require_waiting_callbacks(shared)
    actor = actor_of(supervisor)
    lead.merged_into_id, merge.undone_at, merge.undone_by = None, now, actor
    session.flush()
    _record_merge_event(session, "unmerge", lead, survivor, actor=actor, now=now)
    before = merged_promises.load_merged_callbacks(session, merge)
    for merged in before:
        if merged.promise in shared or merged.promise.close_reason is CloseReason.MERGED:
            owner = lead if merged.promise.id == merge.moved_id else survivor
            stands = owed_callbacks.restored_queue_state(
                session, merged, merged.before, owner, merge
            )
            merged_promises.apply_queue_state(session, merged.promise, stands, by=actor, now=now)
    if len(lead_and_merged_files(session, survivor)) == 1:
        for callback in shared:
            merged_promises.drop_merge_holds(session, callback, by=actor, now=now)
    _part_callbacks(
        session, merge, lead, survivor, shared=shared, before=before, actor=actor, now=now
    )
    _close_lead_without_callback(session, survivor, actor=actor, now=now)


def _part_callbacks(
    session: Session,
    merge: Merge,
    lead: Lead,
    survivor: Lead,
    *,
    shared: Sequence[Callback],
    before: Sequence[MergedCallback],
    actor: str,
    now: datetime,
) -> None:
    """Give each lead what each helpline owes them: the shared callback, or a new one."""
    shared_by_helpline = {callback.brand_id: callback for callback in shared}
    before_by_helpline = {merged.promise.brand_id: merged for merged in before}
    for brand_id in _list_helplines_of(session, lead, survivor):
        callback, person = shared_by_helpline.get(brand_id), lead
        if callback and _was_requested_by(session, callback, lead, merge):
            person = survivor
            _return_callback_to_lead(session, callback, lead, actor=actor, now=now)
        merged = before_by_helpline.get(brand_id)
        owed_callbacks.recreate_owed_callback(
            session, merge, person, brand_id, shared=merged, by=actor, now=now
        )


def _list_helplines_of(session: Session, lead: Lead, survivor: Lead) -> Sequence[int]:
    """Return the helplines that ever promised one of two leads a call, by id."""
    ids = (lead.id, survivor.id)
    joined = select(Submission.callback_id).where(col(Submission.lead_id).in_(ids))
    promised = select(Callback.brand_id).where(
        or_(col(Callback.lead_id).in_(ids), col(Callback.id).in_(joined))
    )
    return session.exec(promised.distinct().order_by(col(Callback.brand_id))).all()


def _lock_callbacks_and_leads(
    session: Session, lead: Lead, survivor: Lead
) -> tuple[list[Callback], list[Callback]]:
    """Lock the open callbacks of both leads, then the leads; returns each one's callbacks.

    Whoever moves a callback locks it before its lead. Raises LostRace where a lead and its callback
    changed meanwhile.
    """
    ids = (lead.id, survivor.id)
    promised = select(Callback).where(
        col(Callback.lead_id).in_(ids), col(Callback.state).in_(OPEN_CALLBACK)
    )
    fresh = {"populate_existing": True}
    locked = session.exec(
        promised.order_by(col(Callback.id)).with_for_update().execution_options(**fresh)
    ).all()
    files = select(Lead).where(col(Lead.id).in_(ids)).order_by(col(Lead.id)).with_for_update()
    session.exec(files.execution_options(**fresh)).all()
    theirs, ours = (
        [one for one in locked if one.lead_id == person.id and one.state in OPEN_CALLBACK]
        for person in (lead, survivor)
    )
    for file, callbacks in ((lead, theirs), (survivor, ours)):
        if (file.state == LeadState.OPEN) != bool(callbacks):
            raise LostRace(Phrase("One of these files just changed. Check it again."))
    return theirs, ours


def _require_mergeable(
    session: Session,
    lead: Lead,
    survivor: Lead,
    theirs: Sequence[Callback],
    ours: Sequence[Callback],
) -> None:
    if lead.id == survivor.id:
        raise NotNow(Phrase("These are already the same file."))
    into = select(Lead.id).where(Lead.merged_into_id == lead.id).limit(1)
    if lead.merged_into_id or survivor.merged_into_id or session.exec(into).first():
        raise NotNow(Phrase("One of these files is already merged: separate it first."))
    if not _have_one_operator(session, lead, survivor):
        raise NotNow(
            Phrase("They contacted helplines of different operators: each keeps its file.")
        )
    if is_withheld(survivor.phone):
        raise NotNow(Phrase("One of them called with a blocked number: keep the other one."))
    if survivor.state == LeadState.SUPPRESSED or suppression.is_number_suppressed(
        session, survivor.phone
    ):
        raise NotNow(
            Phrase("The number you would keep is on the do-not-contact list: keep the other one.")
        )
    if len(theirs) > 1:  # a merge remembers one callback that moved, and one that was dropped
        raise NotNow(
            Phrase("Two helplines owe the merged number a call: keep the other number.")
            if len(ours) <= 1
            else Phrase("Two helplines owe each number a call: wait until one call has ended.")
        )
    _require_waiting_callbacks((*theirs, *ours))


def _have_one_operator(session: Session, lead: Lead, survivor: Lead) -> bool:
    operators = shared_numbers.read_operators_of_leads(session, (lead.id, survivor.id))
    theirs, ours = set(operators.get(lead.id, ())), set(operators.get(survivor.id, ()))
    return not theirs or not ours or theirs == ours


def _require_waiting_callbacks(callbacks: Iterable[Callback]) -> None:
    if any(callback.state != CallbackState.WAITING for callback in callbacks):
        raise NotNow(Phrase("An advisor is handling this callback: wait until it is finished."))


def _pair_by_helpline(theirs: Sequence[Callback], ours: Sequence[Callback]) -> list[CallbackPair]:
    """Return the open callbacks of two leads, those of one helpline together."""
    own = {callback.brand_id: callback for callback in ours}
    others = {callback.brand_id: callback for callback in theirs}
    return [CallbackPair(others.get(brand_id), own.get(brand_id)) for brand_id in own | others]


def give_promise_to_lead(
    session: Session, promise: Callback, person: Lead, supervisor: Advisor, *, now: datetime
) -> None:
    """Make a waiting promise this lead's, so that their number is rung and not the other one.

    Whoever is left without a promise is closed.
    """
    require_permission(supervisor, Permission.UNMERGE_LEADS, promise, person)
    _require_waiting_callbacks([promise])
    other, actor = session.get_one(Lead, promise.lead_id), actor_of(supervisor)
    _assign_callback_to_lead(session, promise, person, actor=actor, now=now)
    _close_lead_without_callback(session, other, actor=actor, now=now)


def _assign_callback_to_lead(
    session: Session, promise: Callback, person: Lead, *, actor: str, now: datetime
) -> None:
    """Make an open callback this lead's, so that this lead's number is rung."""
    session.flush()
    promise.lead_id = person.id
    promise.safe_from = promise.safe_until = None  # agreed for the other phone
    session.add(promise)
    session.flush()
    reopen_lead_if_closed(session, person, actor=actor, now=now)
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


def _close_merged_lead(
    session: Session, person: Lead, reason: CloseReason, *, actor: str, now: datetime
) -> None:
    ended: dict[str, Any] = {"closed_at": now, "close_reason": reason}
    advance(session, person, "close", actor=actor, now=now, **ended)


def _close_lead_without_callback(
    session: Session, person: Lead, *, actor: str, now: datetime
) -> None:
    owed = select(Callback.id).where(
        Callback.lead_id == person.id, col(Callback.state).in_(OPEN_CALLBACK)
    )
    if person.state == LeadState.OPEN and session.exec(owed.limit(1)).first() is None:
        _close_merged_lead(session, person, CloseReason.UNMERGED, actor=actor, now=now)


def _was_requested_by(session: Session, shared: Callback, lead: Lead, merge: Merge) -> bool:
    """Whether the shared callback was made for this lead's request."""
    asked = select(Submission.lead_id).where(Submission.callback_id == shared.id)
    first = session.exec(asked.where(Submission.state == SubmissionState.ADMITTED).limit(1)).first()
    return shared.id == merge.moved_id or first == lead.id


def _record_merge_event(
    session: Session, event: str, lead: Lead, survivor: Lead, *, actor: str, now: datetime
) -> None:
    for file, other in ((lead, survivor), (survivor, lead)):
        role = "into" if file is lead else "of"
        record_event(session, file, event, actor=actor, now=now, **{role: other.id})
