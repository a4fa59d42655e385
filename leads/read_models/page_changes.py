"""Fingerprints of what open pages show: one query tells which of them have to be drawn again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from leads.callbacks import due_order
from leads.models.enums import (
    AttemptState,
    CallbackState,
)
from leads.outbox import call_orders
from leads.read_models import page_change_queries as queries


class Topic(StrEnum):
    """A topic: what a part of a page is about."""

    DESK = "desk"  # the advisor's own work, and the queue while they have none
    OWN_WORK = "own_work"  # what the advisor has in hand
    BOARD = "board"  # every promise and everybody who keeps them
    DELIVERIES = "deliveries"  # what came in by whichever source, and what became of it
    REVIEW = "review"  # what needs a supervisor: alerts, and submissions to decide
    SHIFTS = "shifts"  # who works when
    WORK = "work"  # the board, and what needs a supervisor
    WALL = "wall"  # the board and the alerts, for a television


Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class PageSnapshot:
    """Everything that pages show, at one instant.

    `next_due`: when the pages change by themselves, without any write.
    """

    presence: dict[int, tuple[Any, ...]]
    held: dict[int, tuple[Any, ...]]
    live: dict[int, tuple[Any, ...]]
    legs: dict[int, list[tuple[Any, ...]]]
    queue: Rows
    undecided: Rows
    statements: Rows
    voicemails: Rows
    texts: Rows
    shifts: Rows
    threads: dict[int, tuple[Any, ...]]
    newest: int | None
    alerts: Rows
    refused: Rows
    moves: int
    next_due: datetime | None
    taken: Rows  # by whom, as far as nobody has been reached

    def fingerprint_by_topic(self, advisor_id: int) -> dict[Topic, object]:
        """Return for each topic a value that changes when what this advisor sees of it changes."""
        held = self.held.get(advisor_id)
        legs = self.legs.get(advisor_id)
        can_be_asked_in = self.presence if legs else None
        in_call = (self.live.get(advisor_id), legs, can_be_asked_in)
        texted = self.threads.get(advisor_id)
        mine = (self.presence.get(advisor_id), held, *in_call, texted)
        everything = (self.moves, self.presence, self.queue, self.undecided, self.refused)
        help_wanted = [row for row in self.live.values() if row[-1]]
        own_work = (held, self.live.get(advisor_id))
        review = (
            self.undecided,
            self.statements,
            self.alerts,
            self.refused,
            self.texts,
            help_wanted,
            self.voicemails,
        )
        return {
            Topic.DESK: mine if held else (*mine, self.queue, self.taken),
            Topic.OWN_WORK: own_work,
            Topic.BOARD: everything,
            Topic.DELIVERIES: (self.moves, self.newest, self.undecided),
            Topic.REVIEW: review,
            Topic.SHIFTS: self.shifts,
            Topic.WORK: (everything, review),
            Topic.WALL: (everything, review),
        }


def read_page_snapshot(session: Session, *, now: datetime) -> PageSnapshot:
    """Return the snapshot of what pages show, by a few small queries for all open pages."""
    held = _rows_by_first(session, queries.CLAIMED_CALLBACKS)
    live = _rows_by_first(session, queries.LIVE_ATTEMPTS)
    lately = now - call_orders.RECENT
    return PageSnapshot(
        presence=_rows_by_first(session, queries.PRESENCE),
        held=held,
        live=live,
        legs=_legs_by_advisor(session),
        queue=_list_rows(session, queries.QUEUE, now=now),
        undecided=_list_rows(session, queries.UNDECIDED_SUBMISSIONS),
        statements=_list_rows(session, queries.UNDECIDED_STATEMENTS),
        voicemails=_list_rows(session, queries.WAITING_VOICEMAILS),
        texts=_list_rows(session, queries.WAITING_TEXTS),
        threads=_rows_by_first(session, queries.THREADS_IN_HAND),
        alerts=_list_rows(session, queries.OPEN_ALERTS),
        refused=_list_rows(session, queries.PHONE_NETWORK_PROBLEM, lately=lately),
        shifts=_list_rows(session, queries.SHIFTS),
        newest=session.execute(queries.NEWEST_SUBMISSION).scalar_one(),
        moves=session.execute(queries.LAST_TRANSITION).scalar_one(),
        next_due=due_order.next_callback_due_at(session, now=now),
        taken=sorted(_taken_and_not_reached(held, live)),
    )


def _list_rows(session: Session, query: Any, **values: datetime) -> Rows:
    return [tuple(row) for row in session.execute(query, values)]


def _rows_by_first(session: Session, query: Any) -> dict[int, tuple[Any, ...]]:
    """Return what follows the first column of each row, by that column."""
    return {row[0]: tuple(row[1:]) for row in session.execute(query)}


def _taken_and_not_reached(
    held: dict[int, tuple[Any, ...]], live: dict[int, tuple[Any, ...]]
) -> Iterator[tuple[int, CallbackState]]:
    """Return who has somebody in hand and has not reached them, for the desks without anybody."""
    for advisor_id, (_callback_id, state, *_rest) in held.items():
        _attempt_id, attempt_state, *_more = live.get(advisor_id, ("", None))
        if state != CallbackState.WRAP_UP and attempt_state != AttemptState.BRIDGED:
            yield advisor_id, state


def _legs_by_advisor(session: Session) -> dict[int, list[tuple[Any, ...]]]:
    """Return the legs of live calls, for each of us who is in the call."""
    by_attempt: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in session.execute(queries.LIVE_LEGS):
        by_attempt[row.attempt_id].append(tuple(row))
    return {
        advisor_id: rows
        for rows in by_attempt.values()
        for row in rows
        for advisor_id in row[1:3]
        if advisor_id is not None
    }
