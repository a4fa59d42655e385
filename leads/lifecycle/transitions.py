"""The state tables, and `advance`, the only writer of `.state`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, SQLModel

from leads.database.bulk_rows import update_rows_if_unchanged
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import IllegalMove, LostRace
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_move
from leads.lifecycle.state_labels import RECORD_LABELS, STATE_LABELS
from leads.lifecycle.state_tables import STATE_TABLES, Record
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import LIVE_ATTEMPT, CallbackState
from leads.process_metrics import MOVES, count_at_commit

TAKEN_STATES: Mapping[type[SQLModel], Collection[str]] = {
    Callback: (CallbackState.CLAIMED, CallbackState.CALLING),
    CallAttempt: LIVE_ATTEMPT,
}
"""What comes into one of these frees nobody: there is nothing new to offer."""


@dataclass(frozen=True)
class Move:
    """A record and what moves it: one event after the other, each with what it changes."""

    record: Record
    events: Mapping[str, dict[str, Any]]


def advance(
    session: Session, record: Record, event: str, *, actor: str, now: datetime, **changes: Any
) -> None:
    """Move the record by `event` and write `changes` with it, or move nothing.

    Writes the Transition row in the same act; after the commit the pages are woken, and the
    scheduler where a callback or an advisor may have become free. Raises IllegalMove when the event
    leads nowhere from here, LostRace when somebody else moved first.
    """
    advance_all(session, [Move(record, {event: changes})], actor=actor, now=now)


def advance_all(session: Session, moves: Sequence[Move], *, actor: str, now: datetime) -> None:
    """Move several records of one kind by the same events in one act; otherwise as `advance`.

    The transaction cannot go on after a LostRace about more than one: some of them were moved.
    """
    if not moves:
        return
    [kind] = {type(move.record) for move in moves}
    walks = [_plan_steps(move) for move in moves]
    session.flush()
    ends = [walk[-1].columns for walk in walks]
    changes = [
        ({"id": move.record.id, "state": move.record.state}, end)
        for move, end in zip(moves, ends, strict=True)
    ]
    if update_rows_if_unchanged(session, kind, changes) != len(moves):
        raise _lost_race_error(session, [move.record for move in moves])
    for move, walk in zip(moves, walks, strict=True):
        for step in walk:
            record_move(
                session,
                TrailSubject.of_row(move.record),
                step.event,
                step.states,
                actor=actor,
                now=now,
                changes=step.changes,
            )
        for name, value in walk[-1].columns.items():
            set_committed_value(move.record, name, value)
    count_at_commit(session, partial(_count_moves, kind, walks))
    taken = TAKEN_STATES.get(kind, ())
    frees_nobody = all(move.record.state in taken for move in moves)
    wake_after_commit(session, Wakeup.DESK if frees_nobody else Wakeup.OFFER)


@dataclass(frozen=True)
class _TransitionStep:
    """One event, its states before and after, and all columns that have changed by its end."""

    event: str
    states: tuple[str, str]
    changes: dict[str, Any]
    columns: dict[str, Any]


def _plan_steps(move: Move) -> list[_TransitionStep]:
    steps: list[_TransitionStep] = []
    columns: dict[str, Any] = {"state": move.record.state}
    for event, changes in move.events.items():
        before, after = columns["state"], _state_after(type(move.record), columns["state"], event)
        columns = {**columns, "state": after, **changes}
        steps.append(_TransitionStep(event, (str(before), str(after)), changes, columns))
    return steps


def _count_moves(kind: type[SQLModel], walks: Sequence[Sequence[_TransitionStep]]) -> None:
    for walk in walks:
        for step in walk:
            MOVES.labels(kind.__tablename__, step.event, step.states[1]).inc()


def _lost_race_error(session: Session, records: Sequence[Record]) -> LostRace:
    if len(records) > 1:
        return LostRace(Phrase("Someone else got there first."))
    [record] = records
    session.refresh(record)
    labels = _record_and_state_labels(type(record), record.state)
    return LostRace(Phrase("Someone else got there first: the {record} is now {state}.", **labels))


def _state_after(kind: type[SQLModel], before: str, event: str) -> str:
    after = STATE_TABLES[kind].get((before, event))
    if after is None:
        msg = Phrase(
            "This is no longer possible: the {record} is {state}.",
            **_record_and_state_labels(kind, before),
        )
        raise IllegalMove(msg)
    return after


def _record_and_state_labels(kind: type[SQLModel], state: str) -> dict[str, Phrase]:
    return {"record": RECORD_LABELS[kind], "state": STATE_LABELS[state]}
