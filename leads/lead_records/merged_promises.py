"""What one callback takes over from another when two files are merged, and what each gets back.

What a merge changes is written down with it. Between the two only the survivor's number was rung,
so that tries and new times since then belong to the survivor; what made the promise more urgent or
holds it back since then counts for both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from leads.callbacks import opt_out
from leads.contact_rules import gate, hold_reasons
from leads.contact_rules.gate import ContactChannel, RefusalReason
from leads.database.transactions import defer_insert, write_deferred_inserts
from leads.intake import admission
from leads.models.calls import CallAttempt, Callback
from leads.models.requests import Lead, Merge
from leads.models.watching import Transition

TAKE_OVER_EVENT = "take_over"
INSTANT_FIELDS = ("due_at", "first_rung_at", "first_conversation_at")
TRY_EVENTS = ("miss", "reschedule")
MERGE_HOLDS = (opt_out.STOPPED_ELSEWHERE, admission.REFUSED_ELSEWHERE)
HOLD_BY_REFUSAL_REASON = {
    RefusalReason.SUPPRESSED: opt_out.STOPPED_ELSEWHERE,
    RefusalReason.NO_CONSENT: admission.REFUSED_ELSEWHERE,
    RefusalReason.NOT_SAFE_TO_CALL: admission.REFUSED_ELSEWHERE,
}


@dataclass(frozen=True)
class QueueState:
    """What the queue knows of a callback: its urgency, misses, hold, due time and first contact."""

    urgency: int
    misses: int
    hold: str
    due_at: datetime
    first_rung_at: datetime | None
    first_conversation_at: datetime | None


@dataclass(frozen=True)
class MergedCallback:
    """The callback that stood for two leads whose files were merged.

    It holds the queue state before the merge, right after it, and now.
    """

    promise: Callback
    before: QueueState
    after: QueueState
    now: QueueState
    was_tried: bool
    was_moved: bool  # to another time, which they asked for

    @property
    def urgency_gained(self) -> int:
        """How much urgency the callback gained since the merge."""
        return max(0, self.now.urgency - self.after.urgency)

    @property
    def holds_since_merge(self) -> str:
        """The reasons that hold the callback since the merge, without those of a merge itself."""
        return hold_reasons.remove_hold_reasons(self.now.hold, (self.after.hold, *MERGE_HOLDS))


def merge_queue_states(
    session: Session,
    kept: Callback,
    theirs: Callback | None,
    ours: Callback | None,
    *,
    lead: Lead,
    merge: Merge,
) -> None:
    """Write one queue state for both leads into the callback that is kept, and record it.

    It is as urgent as that of somebody who asked twice, rung if either lead was, and held where
    either was. `theirs` is the callback of the lead whose number is not rung any more, `ours` that
    of the survivor; `kept` is one of the two.
    """
    before = queue_state_of(kept)
    either = [queue_state_of(one) for one in (theirs, ours) if one]
    no = gate.may_contact(session, lead.phone, ContactChannel.CALL, lead=lead, now=merge.at).reasons
    reasons = hold_reasons.join_hold_reasons(
        ours.hold if ours else "",
        gate.hold_besides_gate(theirs.hold) if theirs else "",
        *(HOLD_BY_REFUSAL_REASON[reason] for reason in no if reason in HOLD_BY_REFUSAL_REASON),
    )
    after = replace(
        before,
        urgency=max(one.urgency for one in either) + len(either) - 1,
        hold=reasons,
        due_at=min(one.due_at for one in either),
        first_rung_at=_earliest_instant(one.first_rung_at for one in either),
        first_conversation_at=_earliest_instant(one.first_conversation_at for one in either),
    )
    apply_queue_state(session, kept, after)
    about = {
        "record": "callback",
        "record_id": str(kept.id),
        "event": TAKE_OVER_EVENT,
        "actor": merge.actor,
        "at": merge.at,
    }
    changes = {
        "merge": merge.id,
        "before": _queue_state_to_json(before),
        "after": _queue_state_to_json(after),
    }
    state = str(kept.state)
    defer_insert(session, Transition, about | {"before": state, "after": state, "changes": changes})


def load_merged_callback(session: Session, merge: Merge) -> MergedCallback | None:
    """Return the callback that stood for both leads of a merge; None where neither had one."""
    write_deferred_inserts(session)
    theirs = select(Callback.id).where(
        col(Callback.lead_id).in_((merge.lead_id, merge.survivor_id))
    )
    kept = {merge.moved_id, *session.exec(theirs)} - {None}
    told = select(Transition).where(
        Transition.record == "callback", Transition.event == TAKE_OVER_EVENT
    )
    told = told.where(col(Transition.record_id).in_(list(map(str, kept))))
    move = next((one for one in session.exec(told) if one.changes["merge"] == merge.id), None)
    if move is None:
        return None
    since = select(Transition.event).where(
        Transition.record == "callback", Transition.record_id == move.record_id
    )
    events = set(
        session.exec(
            since.where(col(Transition.id) > move.id, col(Transition.event).in_(TRY_EVENTS))
        )
    )
    promise = session.get_one(Callback, int(move.record_id))
    before, after = (_queue_state_from_json(move.changes[when]) for when in ("before", "after"))
    return MergedCallback(
        promise, before, after, queue_state_of(promise), bool(events), "reschedule" in events
    )


def survivor_queue_state(one: MergedCallback, own: QueueState, *, is_merged: bool) -> QueueState:
    """Return the survivor's queue state after files are parted, from `own`, the state before.

    Misses, a new time, urgency and holds since the merge stay the survivor's, whose number was
    rung. A hold for another file that is still merged stays, too.
    """
    missed = one.now.misses if one.was_moved else own.misses + one.now.misses - one.after.misses
    waits = (
        max(own.due_at, one.now.due_at) if one.now.due_at >= one.after.due_at else one.now.due_at
    )
    kept = hold_reasons.remove_hold_reasons(
        hold_reasons.join_hold_reasons(
            hold_reasons.common_hold_reasons(own.hold, one.now.hold), one.holds_since_merge
        ),
        MERGE_HOLDS,
    )
    return replace(
        own,
        urgency=own.urgency + one.urgency_gained,
        misses=missed,
        due_at=one.now.due_at if one.was_tried else waits,
        hold=one.now.hold if is_merged else kept,
    )


def merged_lead_queue_state(one: MergedCallback, own: QueueState) -> QueueState:
    """Return the queue state after files are parted of the lead whose number was not rung.

    It is `own`, the state before, with the urgency and the holds since the merge; it is due sooner
    if the lead asked again and nobody has tried since.
    """
    asked_again = one.now.due_at < one.after.due_at and not one.was_tried
    return replace(
        own,
        urgency=own.urgency + one.urgency_gained,
        due_at=one.now.due_at if asked_again else own.due_at,
        hold=hold_reasons.join_hold_reasons(
            own.hold, gate.hold_besides_gate(one.holds_since_merge)
        ),
    )


def queue_state_with_own_rings(
    session: Session, own: QueueState, promise: Callback, person: Lead
) -> QueueState:
    """Return a queue state that counts the calls to this lead's own number for the shared callback.

    Only the times of the first ring and of the first conversation change.
    """
    rung, answered = (_call_instants(session, promise, person, column) for column in RING_COLUMNS)
    return replace(
        own,
        first_rung_at=_earliest_instant((own.first_rung_at, *rung)),
        first_conversation_at=_earliest_instant((own.first_conversation_at, *answered)),
    )


def drop_merge_holds(session: Session, promise: Callback) -> None:
    """Remove the holds that only a merge gives, because no file is merged into this one any more.

    What the lead refused at another number was a reason to look first only while the files were
    one.
    """
    promise.hold = hold_reasons.remove_hold_reasons(promise.hold, MERGE_HOLDS)
    session.add(promise)


def queue_state_of(promise: Callback) -> QueueState:
    """Return the queue state of a callback."""
    return QueueState(**{name: getattr(promise, name) for name in QueueState.__dataclass_fields__})


def apply_queue_state(session: Session, promise: Callback, stands: QueueState) -> None:
    """Write a queue state into a callback."""
    for name, value in asdict(stands).items():
        setattr(promise, name, value)
    session.add(promise)


def _call_instants(
    session: Session, promise: Callback, person: Lead, column: Any
) -> list[datetime]:
    calls = select(column).where(
        CallAttempt.callback_id == promise.id, CallAttempt.phone == person.phone
    )
    return list(session.exec(calls.where(column.is_not(None))))


def _earliest_instant(instants: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in instants if at), default=None)


def _queue_state_to_json(stands: QueueState) -> dict[str, Any]:
    found = asdict(stands)
    return found | {name: found[name] and found[name].isoformat() for name in INSTANT_FIELDS}


def _queue_state_from_json(written: dict[str, Any]) -> QueueState:
    return QueueState(
        **written
        | {name: written[name] and datetime.fromisoformat(written[name]) for name in INSTANT_FIELDS}
    )


RING_COLUMNS = (col(CallAttempt.rung_at), col(CallAttempt.answered_at))
