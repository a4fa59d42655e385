"""What one promise takes over from another when two files are merged, and what each has again when they part.

What a merge changes is written down with it. Between the two only the survivor's number was rung, so that tries and new
times since then belong to the survivor; what made the promise more urgent or holds it back since then counts for both.
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

EVENT = "take_over"
INSTANTS = ("due_at", "first_rung_at", "first_conversation_at")
TRIED = ("miss", "reschedule")
OF_A_MERGE = (opt_out.STOPPED_ELSEWHERE, admission.REFUSED_ELSEWHERE)
ELSEWHERE = {
    RefusalReason.SUPPRESSED: opt_out.STOPPED_ELSEWHERE,
    RefusalReason.NO_CONSENT: admission.REFUSED_ELSEWHERE,
    RefusalReason.NOT_SAFE_TO_CALL: admission.REFUSED_ELSEWHERE,
}


@dataclass(frozen=True)
class Standing:
    """How a promise stands in the queue, and when its person was first rung and answered."""

    urgency: int
    misses: int
    hold: str
    due_at: datetime
    first_rung_at: datetime | None
    first_conversation_at: datetime | None


@dataclass(frozen=True)
class Shared:
    """The promise that stood for two people: as it was before the merge, right after it, and now."""

    promise: Callback
    before: Standing
    after: Standing
    now: Standing
    was_tried: bool
    was_moved: bool  # to another time, which they asked for

    @property
    def risen(self) -> int:
        """How much more urgent it became since the merge."""
        return max(0, self.now.urgency - self.after.urgency)

    @property
    def held_since(self) -> str:
        """What holds it back since the merge, but for what only a merge says."""
        return hold_reasons.remove_hold_reasons(self.now.hold, (self.after.hold, *OF_A_MERGE))


def take_over(
    session: Session,
    kept: Callback,
    theirs: Callback | None,
    ours: Callback | None,
    *,
    lead: Lead,
    merge: Merge,
) -> None:
    """One promise stands for both: as urgent as somebody who asked twice, rung if either was, held for either's sake.

    `theirs` is the promise to the lead, whose number is not rung any more; `kept` is one of the two.
    """
    before = standing(kept)
    either = [standing(one) for one in (theirs, ours) if one]
    no = gate.may_contact(session, lead.phone, ContactChannel.CALL, lead=lead, now=merge.at).reasons
    reasons = hold_reasons.join_hold_reasons(
        ours.hold if ours else "",
        gate.hold_besides_gate(theirs.hold) if theirs else "",
        *(ELSEWHERE[reason] for reason in no if reason in ELSEWHERE),
    )
    after = replace(
        before,
        urgency=max(one.urgency for one in either) + len(either) - 1,
        hold=reasons,
        due_at=min(one.due_at for one in either),
        first_rung_at=_first(one.first_rung_at for one in either),
        first_conversation_at=_first(one.first_conversation_at for one in either),
    )
    give(session, kept, after)
    about = {"record": "callback", "record_id": str(kept.id), "event": EVENT, "actor": merge.actor, "at": merge.at}
    changes = {"merge": merge.id, "before": _written(before), "after": _written(after)}
    state = str(kept.state)
    defer_insert(session, Transition, about | {"before": state, "after": state, "changes": changes})


def shared(session: Session, merge: Merge) -> Shared | None:
    """Return what became of the promise that stood for both; None where neither had one."""
    write_deferred_inserts(session)
    theirs = select(Callback.id).where(col(Callback.lead_id).in_((merge.lead_id, merge.survivor_id)))
    kept = {merge.moved_id, *session.exec(theirs)} - {None}
    told = select(Transition).where(Transition.record == "callback", Transition.event == EVENT)
    told = told.where(col(Transition.record_id).in_(list(map(str, kept))))
    move = next((one for one in session.exec(told) if one.changes["merge"] == merge.id), None)
    if move is None:
        return None
    since = select(Transition.event).where(Transition.record == "callback", Transition.record_id == move.record_id)
    events = set(session.exec(since.where(col(Transition.id) > move.id, col(Transition.event).in_(TRIED))))
    promise = session.get_one(Callback, int(move.record_id))
    before, after = (_read(move.changes[when]) for when in ("before", "after"))
    return Shared(promise, before, after, standing(promise), bool(events), "reschedule" in events)


def of_survivor(one: Shared, own: Standing, *, is_merged: bool) -> Standing:
    """Return how the survivor's promise stands that stood like `own`; what is held for another merged file stays so."""
    missed = one.now.misses if one.was_moved else own.misses + one.now.misses - one.after.misses
    waits = max(own.due_at, one.now.due_at) if one.now.due_at >= one.after.due_at else one.now.due_at
    kept = hold_reasons.remove_hold_reasons(
        hold_reasons.join_hold_reasons(hold_reasons.common_hold_reasons(own.hold, one.now.hold), one.held_since),
        OF_A_MERGE,
    )
    return replace(
        own,
        urgency=own.urgency + one.risen,
        misses=missed,
        due_at=one.now.due_at if one.was_tried else waits,
        hold=one.now.hold if is_merged else kept,
    )


def of_lead(one: Shared, own: Standing) -> Standing:
    """Return how the promise stands of the one whose number was not rung: like `own`, sooner if they asked again."""
    asked_again = one.now.due_at < one.after.due_at and not one.was_tried
    return replace(
        own,
        urgency=own.urgency + one.risen,
        due_at=one.now.due_at if asked_again else own.due_at,
        hold=hold_reasons.join_hold_reasons(own.hold, gate.hold_besides_gate(one.held_since)),
    )


def with_rings(session: Session, own: Standing, promise: Callback, person: Lead) -> Standing:
    """Return the same with what was rung at this person's own number for the promise that stood for both."""
    rung, answered = (_at(session, promise, person, column) for column in RINGS)
    return replace(
        own,
        first_rung_at=_first((own.first_rung_at, *rung)),
        first_conversation_at=_first((own.first_conversation_at, *answered)),
    )


def part(session: Session, promise: Callback) -> None:
    """Nothing is merged any more: what another number of theirs said is not theirs."""
    promise.hold = hold_reasons.remove_hold_reasons(promise.hold, OF_A_MERGE)
    session.add(promise)


def standing(promise: Callback) -> Standing:
    """Return how a promise stands."""
    return Standing(**{name: getattr(promise, name) for name in Standing.__dataclass_fields__})


def give(session: Session, promise: Callback, stands: Standing) -> None:
    """Let a promise stand like this."""
    for name, value in asdict(stands).items():
        setattr(promise, name, value)
    session.add(promise)


def _at(session: Session, promise: Callback, person: Lead, column: Any) -> list[datetime]:
    calls = select(column).where(CallAttempt.callback_id == promise.id, CallAttempt.phone == person.phone)
    return list(session.exec(calls.where(column.is_not(None))))


def _first(instants: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in instants if at), default=None)


def _written(stands: Standing) -> dict[str, Any]:
    found = asdict(stands)
    return found | {name: found[name] and found[name].isoformat() for name in INSTANTS}


def _read(written: dict[str, Any]) -> Standing:
    return Standing(**written | {name: written[name] and datetime.fromisoformat(written[name]) for name in INSTANTS})


RINGS = (col(CallAttempt.rung_at), col(CallAttempt.answered_at))
