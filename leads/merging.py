"""Two files that are one person's: brought together so that they are rung once, and taken apart again.

Nothing that was said or done moves: every submission, consent, call and suppression stays with its number. What moves
is our promise to ring, of which one person has one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from leads import suppression
from leads.db import Bell, journal, ring_after_commit
from leads.errors import NotNow
from leads.lifecycle import advance
from leads.models import (
    OPEN_CALLBACK,
    Advisor,
    CallAttempt,
    Callback,
    CallbackState,
    Lead,
    LeadState,
    Merge,
    Submission,
    SubmissionState,
    Transition,
)
from leads.phrase import Phrase
from leads.roles import actor_of, must_supervise

MERGED, UNMERGED = "merged", "unmerged"


def merge(session: Session, lead: Lead, survivor: Lead, supervisor: Advisor, *, now: datetime) -> None:
    """Bring two files together: from now on the person is rung at the survivor's number.

    Of two open promises the earlier one stays, with the time it was made; the later one is withdrawn and counts in no
    figure. Raises NotNow where that cannot be: one of them is in an advisor's hands, merged already, or suppressed.
    """
    must_supervise(supervisor, "merge two files")
    theirs, ours = _locked(session, lead, survivor)
    _must_fit(session, lead, survivor, theirs, ours)
    kept, dropped = _earlier_first(theirs, ours)
    actor = actor_of(supervisor)
    if kept and dropped:
        _take_over(kept, dropped)
        ended: dict[str, Any] = {"close_reason": MERGED, "finished_at": now, "lease_until": None}
        advance(session, dropped, "cancel", actor=actor, now=now, **ended)
    if theirs:
        advance(session, lead, "close", actor=actor, now=now, closed_at=now, close_reason=MERGED)
    if theirs and kept is theirs:
        _give(session, theirs, survivor, actor=actor, now=now)
    lead.merged_into_id = survivor.id
    moved = theirs if kept is theirs else None
    session.add(
        Merge(
            lead_id=lead.id,
            survivor_id=survivor.id,
            moved_id=moved.id if moved else None,
            dropped_id=dropped.id if dropped else None,
            at=now,
            actor=actor,
        )
    )
    session.flush()
    _write(session, "merge", lead, survivor, actor=actor, now=now)


def unmerge(session: Session, lead: Lead, supervisor: Advisor, *, now: datetime) -> None:
    """Take two files apart again; whoever of the two asked and was not rung has a promise again, as old as it was.

    Raises NotNow when they are not merged, or their promise is in an advisor's hands.
    """
    must_supervise(supervisor, "take merged files apart")
    survivor = session.get(Lead, lead.merged_into_id) if lead.merged_into_id else None
    _, shared = _locked(session, lead, survivor) if survivor else (None, None)
    found = session.exec(select(Merge).where(Merge.lead_id == lead.id, col(Merge.undone_at).is_(None))).first()
    if survivor is None or found is None:
        raise NotNow(Phrase("These files are not merged."))
    _must_wait(shared)
    actor = actor_of(supervisor)
    lead.merged_into_id, found.undone_at, found.undone_by = None, now, actor
    session.flush()
    _write(session, "unmerge", lead, survivor, actor=actor, now=now)
    if shared and _is_of(session, shared, lead, found):
        _undo_take_over(session, shared, found)
        advance(session, survivor, "close", actor=actor, now=now, closed_at=now, close_reason=UNMERGED)
        _give(session, shared, lead, actor=actor, now=now)
        _restore(session, found, survivor, actor=actor, now=now)
    else:
        _undo_take_over(session, shared, found)
        _restore(session, found, lead, actor=actor, now=now)


def everyone(session: Session, lead: Lead) -> list[Lead]:
    """Return the file and those that were merged into it."""
    merged = select(Lead).where(Lead.merged_into_id == lead.id).order_by(col(Lead.id))
    return [lead, *session.exec(merged)]


def _locked(session: Session, lead: Lead, survivor: Lead) -> tuple[Callback | None, Callback | None]:
    """Lock the open promises of both, then both files; whoever moves a callback locks it before its lead."""
    ids = (lead.id, survivor.id)
    promised = select(Callback).where(col(Callback.lead_id).in_(ids), col(Callback.state).in_(OPEN_CALLBACK))
    fresh = {"populate_existing": True}
    found = session.exec(promised.order_by(col(Callback.id)).with_for_update().execution_options(**fresh)).all()
    files = select(Lead).where(col(Lead.id).in_(ids)).order_by(col(Lead.id)).with_for_update()
    session.exec(files.execution_options(**fresh)).all()
    by_lead = {callback.lead_id: callback for callback in found}
    return by_lead.get(lead.id), by_lead.get(survivor.id)


def _must_fit(session: Session, lead: Lead, survivor: Lead, *promises: Callback | None) -> None:
    if lead.id == survivor.id:
        raise NotNow(Phrase("This is one file already."))
    into = select(Lead.id).where(Lead.merged_into_id == lead.id).limit(1)
    if lead.merged_into_id or survivor.merged_into_id or session.exec(into).first():
        raise NotNow(Phrase("One of these files is merged already: take that apart first."))
    if survivor.state == LeadState.SUPPRESSED or suppression.in_force(session, survivor.phone):
        raise NotNow(Phrase("The number that would stay asked not to be contacted: let the other one stay."))
    for promise in promises:
        _must_wait(promise)


def _must_wait(promise: Callback | None) -> None:
    if promise and promise.state != CallbackState.WAITING:
        raise NotNow(Phrase("An advisor has this callback in hand: wait until that is over."))


def _earlier_first(*promises: Callback | None) -> Sequence[Callback | None]:
    found = sorted((one for one in promises if one), key=lambda one: (one.received_at, one.id))
    return (*found, None, None)[:2]


def _take_over(kept: Callback, dropped: Callback) -> None:
    """One promise stands for both: as urgent as somebody who asked twice, and rung if either was."""
    kept.urgency = max(kept.urgency, dropped.urgency) + 1
    kept.hold = kept.hold or dropped.hold
    kept.due_at = min(kept.due_at, dropped.due_at)
    for instant in ("first_rung_at", "first_conversation_at"):
        happened = [at for at in (getattr(kept, instant), getattr(dropped, instant)) if at]
        setattr(kept, instant, min(happened, default=None))


def _undo_take_over(session: Session, kept: Callback | None, found: Merge) -> None:
    """What was true only of the other promise is true of this one no more."""
    dropped = session.get(Callback, found.dropped_id) if found.dropped_id else None
    if kept is None or dropped is None:
        return
    for instant, column in RINGS.items():
        if getattr(kept, instant) and getattr(kept, instant) == getattr(dropped, instant):
            own = select(column).where(CallAttempt.callback_id == kept.id, column.is_not(None)).order_by(column)
            setattr(kept, instant, session.exec(own.limit(1)).first())


def _give(session: Session, promise: Callback, person: Lead, *, actor: str, now: datetime) -> None:
    """The promise is this person's from now on: their number is rung."""
    session.flush()
    promise.lead_id = person.id
    session.add(promise)
    session.flush()
    _reopen(session, person, actor=actor, now=now)
    ring_after_commit(session, Bell.OFFER)


def _reopen(session: Session, person: Lead, *, actor: str, now: datetime) -> None:
    if person.state == LeadState.CLOSED:
        advance(session, person, "reopen", actor=actor, now=now, closed_at=None, close_reason="")


def _is_of(session: Session, shared: Callback, lead: Lead, found: Merge) -> bool:
    """Whether it was this person's number that asked for the promise."""
    asked = select(Submission.lead_id).where(Submission.callback_id == shared.id)
    first = session.exec(asked.where(Submission.state == SubmissionState.ADMITTED).limit(1)).first()
    return shared.id == found.moved_id or first == lead.id


def _restore(session: Session, found: Merge, person: Lead, *, actor: str, now: datetime) -> None:
    """Promise again to ring somebody whose own promise went into the other's, or who asked while they were merged."""
    owed = _owed(session, found, person)
    if owed is None or suppression.in_force(session, person.phone):
        return
    before, received_at = owed
    promised_at = max(before.promised_at, received_at)
    again = Callback(
        lead_id=person.id,
        brand_id=before.brand_id,
        source_id=before.source_id,
        received_at=received_at,
        promised_at=promised_at,
        due_at=promised_at,
        urgency=before.urgency,
        hold=before.hold,
        first_rung_at=_first(session, before, person, col(CallAttempt.rung_at)),
        first_conversation_at=_first(session, before, person, col(CallAttempt.answered_at)),
    )
    session.add(again)
    session.flush()
    _reopen(session, person, actor=actor, now=now)
    theirs = update(Submission).where(col(Submission.lead_id) == person.id, col(Submission.callback_id) == before.id)
    session.execute(theirs.values(callback_id=again.id))
    ring_after_commit(session, Bell.OFFER)


def _owed(session: Session, found: Merge, person: Lead) -> tuple[Callback, datetime] | None:
    """Return the promise that a person has to have again, and when they asked for it."""
    own = {found.dropped_id, found.moved_id} - {None}
    before = session.exec(select(Callback).where(col(Callback.id).in_(own)).order_by(col(Callback.id))).all()
    for callback in before:
        was_theirs = (callback.id == found.moved_id) == (person.id == found.lead_id)
        if callback.lead_id == person.id or (callback.id == found.moved_id and was_theirs):
            return callback, callback.received_at
    asked = select(Submission, Callback).join(Callback, col(Callback.id) == col(Submission.callback_id))
    asked = asked.where(Submission.lead_id == person.id, Callback.lead_id != person.id)
    since = session.exec(asked.order_by(col(Submission.id)).limit(1)).first()
    return (since[1], since[0].received_at) if since else None


def _first(session: Session, promise: Callback, person: Lead, column: Any) -> datetime | None:
    """Return when this person's own number was first rung, or answered, for a promise."""
    rung = select(column).where(CallAttempt.callback_id == promise.id, CallAttempt.phone == person.phone)
    return session.exec(rung.where(column.is_not(None)).order_by(column).limit(1)).first()


def _write(session: Session, event: str, lead: Lead, survivor: Lead, *, actor: str, now: datetime) -> None:
    for file, other in ((lead, survivor), (survivor, lead)):
        state = str(file.state)
        row = {"record": "lead", "record_id": str(file.id), "event": event, "before": state, "after": state}
        role = "into" if file is lead else "of"
        journal(session, Transition, row | {"actor": actor, "at": now, "changes": {role: other.id}})


RINGS = {"first_rung_at": col(CallAttempt.rung_at), "first_conversation_at": col(CallAttempt.answered_at)}
