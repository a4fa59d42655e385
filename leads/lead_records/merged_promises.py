"""What one callback takes over from another when two files are merged, and what each gets back.

What a merge changes is written down with it. Between the two only the survivor's number was rung,
so that tries and new times since then belong to the survivor; what made the promise more urgent or
holds it back since then counts for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from leads.callbacks import holds
from leads.callbacks.holds import GATE_HOLDS, HoldCause
from leads.contact_rules import gate
from leads.contact_rules.gate_rules import ContactChannel, RefusalReason
from leads.database.transactions import write_deferred_inserts
from leads.free_text.danger import DangerKind, first_danger
from leads.lifecycle.audit_trail import record_event
from leads.lifecycle.state_tables import CallbackEvent
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import HoldReason
from leads.models.fields import word_or_unknown
from leads.models.requests import Lead, Merge
from leads.models.watching import Transition

TAKE_OVER_EVENT = "take_over"
INSTANT_FIELDS = ("due_at", "first_rung_at", "first_conversation_at")
QUEUE_COLUMNS = ("danger", "asked_again", "priority", "misses", *INSTANT_FIELDS)
TRY_EVENTS = (CallbackEvent.MISS, CallbackEvent.RESCHEDULE)
MERGE_HOLDS = frozenset({HoldReason.STOPPED_ELSEWHERE, HoldReason.REFUSED_ELSEWHERE})
HOLD_BY_REFUSAL_REASON = {
    RefusalReason.SUPPRESSED: HoldReason.STOPPED_ELSEWHERE,
    RefusalReason.NO_CONSENT: HoldReason.REFUSED_ELSEWHERE,
    RefusalReason.NOT_SAFE_TO_CALL: HoldReason.REFUSED_ELSEWHERE,
}


@dataclass(frozen=True)
class QueueState:
    """What the queue knows of a callback: its urgency, misses, hold, due time and first contact."""

    danger: DangerKind | None
    asked_again: int
    priority: int
    misses: int
    holds: tuple[HoldCause, ...]
    due_at: datetime
    first_rung_at: datetime | None
    first_conversation_at: datetime | None

    @property
    def rank(self) -> tuple[bool, int]:
        """Who goes before whom, as callbacks are offered."""
        return self.danger is not None, self.asked_again + self.priority


@dataclass(frozen=True)
class CallbackPair:
    """What one helpline owes two leads whose files are merged: one callback, or two.

    `theirs` is that of the lead whose number is not rung any more, `ours` that of the survivor.
    """

    theirs: Callback | None
    ours: Callback | None

    @property
    def _earlier_first(self) -> list[Callback]:
        callbacks = [one for one in (self.theirs, self.ours) if one]
        return sorted(callbacks, key=lambda one: (one.received_at, one.id))

    @property
    def kept(self) -> Callback:
        """The earlier callback, which stands for both."""
        return self._earlier_first[0]

    @property
    def dropped(self) -> Callback | None:
        """The later callback, if there are two."""
        return next(iter(self._earlier_first[1:]), None)


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
    def holds_since_merge(self) -> tuple[HoldCause, ...]:
        """The reasons that hold the callback since the merge, without those of a merge itself."""
        new = tuple(one for one in self.now.holds if one not in self.after.holds)
        return _without_reasons(new, MERGE_HOLDS)

    def add_urgency_since_merge(self, own: QueueState) -> QueueState:
        """Return a queue state that is as much more urgent as this promise became since."""
        return replace(
            own,
            danger=own.danger or (None if self.after.danger else self.now.danger),
            asked_again=own.asked_again + max(0, self.now.asked_again - self.after.asked_again),
            priority=own.priority + max(0, self.now.priority - self.after.priority),
        )


def merge_queue_states(session: Session, pair: CallbackPair, *, lead: Lead, merge: Merge) -> None:
    """Write one queue state for both leads into the callback that is kept, and record it.

    It is as urgent as that of somebody who asked twice, rung if either lead was, and held where
    either was. `lead` is the one whose number is not rung any more.
    """
    kept_callback, theirs, ours = pair.kept, pair.theirs, pair.ours
    before = queue_state_of(session, kept_callback)
    either = [queue_state_of(session, one) for one in (theirs, ours) if one]
    most_urgent = max(either, key=lambda one: one.rank)
    no = gate.may_contact(session, lead.phone, ContactChannel.CALL, lead=lead, now=merge.at).reasons
    held_for = (
        *(holds.open_causes_of(session, ours) if ours else ()),
        *_without_reasons(holds.open_causes_of(session, theirs) if theirs else (), GATE_HOLDS),
        *(HoldCause(HOLD_BY_REFUSAL_REASON[one]) for one in no if one in HOLD_BY_REFUSAL_REASON),
    )
    after = replace(
        before,
        danger=first_danger(one.danger for one in either),
        asked_again=most_urgent.asked_again + len(either) - 1,
        priority=most_urgent.priority,
        holds=tuple(dict.fromkeys(held_for)),
        due_at=min(one.due_at for one in either),
        first_rung_at=_earliest_instant(one.first_rung_at for one in either),
        first_conversation_at=_earliest_instant(one.first_conversation_at for one in either),
    )
    states = {"before": _queue_state_to_json(session, kept_callback)}
    apply_queue_state(session, kept_callback, after, by=merge.actor, now=merge.at)
    changes = states | {"merge": merge.id, "after": _queue_state_to_json(session, kept_callback)}
    record_event(
        session, kept_callback, TAKE_OVER_EVENT, actor=merge.actor, now=merge.at, **changes
    )


def load_merged_callbacks(session: Session, merge: Merge) -> list[MergedCallback]:
    """Return the callbacks that stood for both leads of a merge, one for each helpline."""
    write_deferred_inserts(session)
    theirs = select(Callback.id).where(
        col(Callback.lead_id).in_((merge.lead_id, merge.survivor_id))
    )
    callback_ids = {merge.moved_id, *session.exec(theirs)} - {None}
    moves = select(Transition).where(
        Transition.record == "callback", Transition.event == TAKE_OVER_EVENT
    )
    moves = moves.where(col(Transition.record_id).in_(list(map(str, callback_ids))))
    return [
        _load_merged_callback(session, move)
        for move in session.exec(moves.order_by(col(Transition.id))).all()
        if move.changes["merge"] == merge.id
    ]


def _load_merged_callback(session: Session, move: Transition) -> MergedCallback:
    since = select(Transition.event).where(
        Transition.record == "callback", Transition.record_id == move.record_id
    )
    events = set(
        session.exec(
            since.where(col(Transition.id) > move.id, col(Transition.event).in_(TRY_EVENTS))
        )
    )
    promise = session.get_one(Callback, int(move.record_id))
    before, after = (
        _queue_state_from_json(session, move.changes[when]) for when in ("before", "after")
    )
    return MergedCallback(
        promise,
        before,
        after,
        queue_state_of(session, promise),
        bool(events),
        CallbackEvent.RESCHEDULE in events,
    )


def survivor_queue_state(merged: MergedCallback, own: QueueState, *, is_merged: bool) -> QueueState:
    """Return the survivor's queue state after files are parted, from `own`, the state before.

    Misses, a new time, urgency and holds since the merge stay the survivor's, whose number was
    rung. A hold for another file that is still merged stays, too.
    """
    missed = (
        merged.now.misses
        if merged.was_moved
        else own.misses + merged.now.misses - merged.after.misses
    )
    waits = (
        max(own.due_at, merged.now.due_at)
        if merged.now.due_at >= merged.after.due_at
        else merged.now.due_at
    )
    still_own = tuple(cause for cause in own.holds if cause in merged.now.holds)
    remaining_holds = _without_reasons((*still_own, *merged.holds_since_merge), MERGE_HOLDS)
    return replace(
        merged.add_urgency_since_merge(own),
        misses=missed,
        due_at=merged.now.due_at if merged.was_tried else waits,
        holds=merged.now.holds if is_merged else remaining_holds,
    )


def merged_lead_queue_state(merged: MergedCallback, own: QueueState) -> QueueState:
    """Return the queue state after files are parted of the lead whose number was not rung.

    It is `own`, the state before, with the urgency and the holds since the merge; it is due sooner
    if the lead asked again and nobody has tried since.
    """
    asked_again = merged.now.due_at < merged.after.due_at and not merged.was_tried
    return replace(
        merged.add_urgency_since_merge(own),
        due_at=merged.now.due_at if asked_again else own.due_at,
        holds=(*own.holds, *_without_reasons(merged.holds_since_merge, GATE_HOLDS)),
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


def drop_merge_holds(session: Session, promise: Callback, *, by: str, now: datetime) -> None:
    """Remove the holds that only a merge gives, because no file is merged into this one any more.

    What the lead refused at another number was a reason to look first only while the files were
    one.
    """
    remaining_holds = _without_reasons(holds.open_causes_of(session, promise), MERGE_HOLDS)
    holds.replace_holds(session, promise, remaining_holds, by=by, now=now)


def queue_state_of(session: Session, promise: Callback) -> QueueState:
    """Return the queue state of a callback."""
    return QueueState(
        **{name: getattr(promise, name) for name in QUEUE_COLUMNS},
        holds=holds.open_causes_of(session, promise),
    )


def apply_queue_state(
    session: Session, promise: Callback, stands: QueueState, *, by: str, now: datetime
) -> None:
    """Write a queue state into a callback."""
    for name in QUEUE_COLUMNS:
        setattr(promise, name, getattr(stands, name))
    session.add(promise)
    holds.replace_holds(session, promise, stands.holds, by=by, now=now)


def _call_instants(
    session: Session, promise: Callback, person: Lead, column: Any
) -> list[datetime]:
    calls = select(column).where(
        CallAttempt.callback_id == promise.id, CallAttempt.phone == person.phone
    )
    return list(session.exec(calls.where(column.is_not(None))))


def _earliest_instant(instants: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in instants if at), default=None)


def _without_reasons(
    causes: Sequence[HoldCause], reasons: frozenset[HoldReason]
) -> tuple[HoldCause, ...]:
    return tuple(one for one in causes if one.reason not in reasons)


def _queue_state_to_json(session: Session, promise: Callback) -> dict[str, Any]:
    """Return a queue state as the audit trail has it: holds by id, their words in their rows."""
    columns = {name: getattr(promise, name) for name in QUEUE_COLUMNS}
    return columns | {"holds": holds.open_hold_ids_of(session, promise)}


def _queue_state_from_json(session: Session, written: dict[str, Any]) -> QueueState:
    instants = {
        name: written[name] and datetime.fromisoformat(written[name]) for name in INSTANT_FIELDS
    }
    held_for = holds.read_hold_causes(session, written["holds"])
    kind = written["danger"] and word_or_unknown(written["danger"], DangerKind.UNSPECIFIED)
    return QueueState(**written | instants | {"holds": held_for, "danger": kind})


RING_COLUMNS = (col(CallAttempt.rung_at), col(CallAttempt.answered_at))
