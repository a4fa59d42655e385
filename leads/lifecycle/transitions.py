"""The state tables, and `advance`, the only writer of `.state`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, SQLModel

from leads.database.bulk_rows import update_all
from leads.database.transactions import journal
from leads.database.wakeups import Bell, ring_after_commit
from leads.errors import IllegalMove, LostRace
from leads.i18n.translatable import Phrase
from leads.models.calls import CallAttempt, Callback
from leads.models.requests import Lead, Submission
from leads.models.watching import Transition
from leads.models.words import LIVE_ATTEMPT, OPEN_CALLBACK, AttemptState, CallbackState, LeadState, SubmissionState

Record = Submission | Lead | Callback | CallAttempt
Table = Mapping[tuple[str, str], str]

S, L, C, A = SubmissionState, LeadState, CallbackState, AttemptState

SUBMISSION: Table = {
    (S.RECEIVED, "admit"): S.ADMITTED,
    (S.RECEIVED, "match"): S.DUPLICATE,
    (S.RECEIVED, "withhold"): S.WITHHELD,
    (S.RECEIVED, "reject"): S.NEEDS_REVIEW,
    # The form tool itself says that it is a test, unfinished or deleted: the rule is recorded as the reason.
    (S.RECEIVED, "discard"): S.DISCARDED,
    (S.NEEDS_REVIEW, "admit"): S.ADMITTED,
    (S.NEEDS_REVIEW, "match"): S.DUPLICATE,
    (S.NEEDS_REVIEW, "withhold"): S.WITHHELD,
    (S.NEEDS_REVIEW, "discard"): S.DISCARDED,
    # Somebody who once said stop writes again: a person decides what they want now.
    (S.WITHHELD, "admit"): S.ADMITTED,
    (S.WITHHELD, "match"): S.DUPLICATE,
    (S.WITHHELD, "discard"): S.DISCARDED,
    # A secret that was pasted wrongly must not lose anybody.
    (S.REFUSED, "admit"): S.ADMITTED,
    (S.REFUSED, "match"): S.DUPLICATE,
    (S.REFUSED, "withhold"): S.WITHHELD,
    (S.REFUSED, "reject"): S.NEEDS_REVIEW,
    (S.REFUSED, "discard"): S.DISCARDED,
}

LEAD: Table = {
    (L.OPEN, "close"): L.CLOSED,
    (L.CLOSED, "reopen"): L.OPEN,
    (L.OPEN, "suppress"): L.SUPPRESSED,
    (L.CLOSED, "suppress"): L.SUPPRESSED,
    (L.SUPPRESSED, "reinstate"): L.CLOSED,
}

CALLBACK: Table = {
    (C.WAITING, "claim"): C.CLAIMED,
    (C.CLAIMED, "release"): C.WAITING,
    (C.CLAIMED, "expire"): C.WAITING,
    (C.CLAIMED, "call"): C.CALLING,
    (C.CALLING, "hand_back"): C.WAITING,
    (C.CALLING, "miss"): C.WAITING,
    (C.CALLING, "exhaust"): C.EXHAUSTED,
    (C.CALLING, "converse"): C.WRAP_UP,
    (C.WRAP_UP, "dispose"): C.COMPLETED,
    (C.WRAP_UP, "time_out"): C.COMPLETED,
    (C.WRAP_UP, "reschedule"): C.WAITING,
    # The network cannot tell a person from an answering machine; the advisor who listened can.
    (C.WRAP_UP, "miss"): C.WAITING,
    (C.WRAP_UP, "exhaust"): C.EXHAUSTED,
    **{(state, "cancel"): C.CANCELLED for state in OPEN_CALLBACK},
}

ATTEMPT: Table = {
    (A.REQUESTED, "placed"): A.RINGING_ADVISOR,
    (A.REQUESTED, "accepted"): A.RINGING_LEAD,
    (A.RINGING_ADVISOR, "accepted"): A.RINGING_LEAD,
    **{(state, "answered"): A.BRIDGED for state in LIVE_ATTEMPT[:3]},
    (A.RINGING_LEAD, "hung_up"): A.ENDED,
    (A.BRIDGED, "hung_up"): A.ENDED,
    **{(state, "missed"): A.MISSED for state in LIVE_ATTEMPT[:3]},
    **{(state, "failed"): A.FAILED for state in LIVE_ATTEMPT[:3]},
    **{(state, "lose"): A.LOST for state in LIVE_ATTEMPT},
}

TABLES: Mapping[type[SQLModel], Table] = {Submission: SUBMISSION, Lead: LEAD, Callback: CALLBACK, CallAttempt: ATTEMPT}

RECORDS: Mapping[type[SQLModel], Phrase] = {
    Submission: Phrase("submission"),
    Lead: Phrase("request of this person"),
    Callback: Phrase("callback"),
    CallAttempt: Phrase("call"),
}
STATES: Mapping[str, Phrase] = {
    S.RECEIVED: Phrase("“received”"),
    S.ADMITTED: Phrase("“admitted”"),
    S.DUPLICATE: Phrase("“repeated”"),
    S.WITHHELD: Phrase("“withheld”"),
    S.NEEDS_REVIEW: Phrase("“to be reviewed”"),
    S.DISCARDED: Phrase("“discarded”"),
    S.REFUSED: Phrase("“refused”"),
    L.OPEN: Phrase("“open”"),
    L.CLOSED: Phrase("“closed”"),
    L.SUPPRESSED: Phrase("“not to be contacted”"),
    C.WAITING: Phrase("“waiting”"),
    C.CLAIMED: Phrase("“taken”"),
    C.CALLING: Phrase("“calling”"),
    C.WRAP_UP: Phrase("“wrapping up”"),
    C.COMPLETED: Phrase("“completed”"),
    C.EXHAUSTED: Phrase("“not reached”"),
    C.CANCELLED: Phrase("“cancelled”"),
    A.REQUESTED: Phrase("“requested”"),
    A.RINGING_ADVISOR: Phrase("“ringing the advisor”"),
    A.RINGING_LEAD: Phrase("“ringing them”"),
    A.BRIDGED: Phrase("“connected”"),
    A.ENDED: Phrase("“ended”"),
    A.MISSED: Phrase("“missed”"),
    A.FAILED: Phrase("“failed”"),
    A.LOST: Phrase("“lost”"),
}
"""How the people who work here call a state."""


def allowed_events(record: Record) -> frozenset[str]:
    """Return the events that lead somewhere from the record's present state."""
    return frozenset(event for state, event in TABLES[type(record)] if state == record.state)


@dataclass(frozen=True)
class Move:
    """A record and what moves it: one event after the other, each with what it changes."""

    record: Record
    events: Mapping[str, dict[str, Any]]


def advance(session: Session, record: Record, event: str, *, actor: str, now: datetime, **changes: Any) -> None:
    """Move the record by `event` and write `changes` with it, or move nothing.

    Writes the Transition row in the same act and wakes the scheduler after the commit.
    Raises IllegalMove when the event leads nowhere from here, LostRace when somebody else moved first.
    """
    advance_all(session, [Move(record, {event: changes})], actor=actor, now=now)


def advance_all(session: Session, moves: Sequence[Move], *, actor: str, now: datetime) -> None:
    """Move several records of one kind by the same events in one act; otherwise as `advance`.

    The transaction cannot go on after a LostRace about more than one: some of them were moved.
    """
    if not moves:
        return
    [kind] = {type(move.record) for move in moves}
    walks = [_walk(move) for move in moves]
    session.flush()
    ends = [walk[-1].columns for walk in walks]
    changes = [({"id": move.record.id, "state": move.record.state}, end) for move, end in zip(moves, ends, strict=True)]
    if update_all(session, kind, changes) != len(moves):
        raise _lost_race(session, [move.record for move in moves])
    for move, walk in zip(moves, walks, strict=True):
        for step in walk:
            journal(session, Transition, _named(move.record) | step.told | {"actor": actor, "at": now})
        for name, value in walk[-1].columns.items():
            set_committed_value(move.record, name, value)
    ring_after_commit(session, Bell.OFFER)


@dataclass(frozen=True)
class _Step:
    """One event: what the trail says of it, and all columns that have changed by its end."""

    told: dict[str, Any]
    columns: dict[str, Any]


def _walk(move: Move) -> list[_Step]:
    steps: list[_Step] = []
    columns: dict[str, Any] = {"state": move.record.state}
    for event, changes in move.events.items():
        before, after = columns["state"], _after(type(move.record), columns["state"], event)
        told = {"event": event, "before": str(before), "after": str(after), "changes": _told(changes)}
        columns = {**columns, "state": after, **changes}
        steps.append(_Step(told, columns))
    return steps


def _lost_race(session: Session, records: Sequence[Record]) -> LostRace:
    if len(records) > 1:
        return LostRace(Phrase("Somebody else was faster."))
    [record] = records
    session.refresh(record)
    told = _told_of(type(record), record.state)
    return LostRace(Phrase("Somebody else was faster: the {record} is in the state {state} now.", **told))


def _after(kind: type[SQLModel], before: str, event: str) -> str:
    after = TABLES[kind].get((before, event))
    if after is None:
        msg = Phrase("This is not possible any more: the {record} is in the state {state}.", **_told_of(kind, before))
        raise IllegalMove(msg)
    return after


def _named(record: Record) -> dict[str, str]:
    return {"record": str(record.__tablename__), "record_id": str(record.id)}


def _told(changes: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in changes.items()
        if name not in ("notes", "reading")  # free text and personal data stay in their own column
    }


def _told_of(kind: type[SQLModel], state: str) -> dict[str, Phrase]:
    return {"record": RECORDS[kind], "state": STATES[state]}
