"""Fingerprints of what open pages show: one query tells which of them have to be drawn again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import String, bindparam, cast, func, literal, select, union_all
from sqlmodel import Session, col

from leads.callbacks import due_order
from leads.messaging import voicemails
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.enums import (
    CLAIMED_CALLBACK,
    LIVE_ATTEMPT,
    UNDECIDED,
    AttemptState,
    CallbackState,
    InboundState,
    OutboxKind,
)
from leads.models.inbound import InboundCall
from leads.models.outbox import Outbox
from leads.models.requests import AlsoSaid, OutgoingText, Submission, TextMessage
from leads.models.shifts import ShiftChange, WeeklyShift
from leads.models.voicemails import Voicemail
from leads.models.watching import Alert, Transition
from leads.outbox import call_orders


class Topic(StrEnum):
    """A topic: what a part of a page is about."""

    DESK = "desk"  # the advisor's own work, and the queue while they have none
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
            Topic.BOARD: everything,
            Topic.DELIVERIES: (self.moves, self.newest, self.undecided),
            Topic.REVIEW: review,
            Topic.SHIFTS: self.shifts,
            Topic.WORK: (everything, review),
            Topic.WALL: (everything, review),
        }


def read_page_snapshot(session: Session, *, now: datetime) -> PageSnapshot:
    """Return the snapshot of what pages show, by a few small queries for all open pages."""
    held = {row[0]: tuple(row[1:]) for row in session.execute(CLAIMED_CALLBACKS_QUERY)}
    live = {row[0]: tuple(row[1:]) for row in session.execute(LIVE_ATTEMPTS_QUERY)}
    return PageSnapshot(
        presence={row[0]: tuple(row[1:]) for row in session.execute(PRESENCE_QUERY)},
        held=held,
        live=live,
        legs=_legs_by_advisor(session),
        queue=[tuple(row) for row in session.execute(QUEUE_QUERY, {"now": now})],
        undecided=[tuple(row) for row in session.execute(UNDECIDED_SUBMISSIONS_QUERY)],
        statements=[tuple(row) for row in session.execute(UNDECIDED_STATEMENTS_QUERY)],
        voicemails=[tuple(row) for row in session.execute(WAITING_VOICEMAILS_QUERY)],
        texts=[tuple(row) for row in session.execute(WAITING_TEXTS_QUERY)],
        threads={row[0]: tuple(row[1:]) for row in session.execute(THREADS_IN_HAND_QUERY)},
        alerts=[tuple(row) for row in session.execute(OPEN_ALERTS_QUERY)],
        refused=[
            tuple(row)
            for row in session.execute(
                PHONE_NETWORK_PROBLEM_QUERY, {"lately": now - call_orders.RECENT}
            )
        ],
        shifts=[tuple(row) for row in session.execute(SHIFTS_QUERY)],
        newest=session.execute(NEWEST_SUBMISSION_QUERY).scalar_one(),
        moves=session.execute(LAST_TRANSITION_QUERY).scalar_one(),
        next_due=due_order.next_callback_due_at(session, now=now),
        taken=sorted(_taken_and_not_reached(held, live)),
    )


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
    for row in session.execute(LIVE_LEGS_QUERY):
        by_attempt[row.attempt_id].append(tuple(row))
    return {
        advisor_id: rows
        for rows in by_attempt.values()
        for row in rows
        for advisor_id in row[1:3]
        if advisor_id is not None
    }


# Made once: building a statement costs more than running it.
PRESENCE_QUERY = select(
    col(Advisor.id),
    col(Advisor.presence),
    col(Advisor.away_reason),
    col(Advisor.idle_since),
    col(Advisor.on_duty_until),
)
_urgency_columns = (col(Callback.danger), col(Callback.asked_again), col(Callback.priority))
CLAIMED_CALLBACKS_QUERY = select(
    col(Callback.advisor_id),
    col(Callback.id),
    col(Callback.state),
    col(Callback.lease_until),
    *_urgency_columns,
).where(col(Callback.state).in_(CLAIMED_CALLBACK))
LIVE_ATTEMPTS_QUERY = select(
    col(CallAttempt.advisor_id),
    col(CallAttempt.id),
    col(CallAttempt.state),
    col(CallAttempt.doubt),
    col(CallAttempt.help_wanted_at),
).where(col(CallAttempt.state).in_(LIVE_ATTEMPT))
LIVE_LEGS_QUERY: Any = (
    select(
        col(CallLeg.attempt_id),
        col(CallAttempt.advisor_id),
        col(CallLeg.advisor_id).label("member_id"),
        col(CallLeg.id),
        col(CallLeg.party),
        col(CallLeg.status),
        col(CallLeg.audience),
        col(CallLeg.is_on_hold),
        col(CallLeg.is_muted),
        col(CallLeg.joined_at),
        col(CallLeg.left_at),
    )
    .join(CallAttempt, col(CallAttempt.id) == col(CallLeg.attempt_id))
    .where(col(CallAttempt.state).in_(LIVE_ATTEMPT))
    .order_by(col(CallLeg.id))
)
_is_held: Any = col(Callback.is_held).label("is_held")
_is_due = (col(Callback.due_at) <= bindparam("now")).label("is_due")
QUEUE_QUERY = (
    select(
        _is_held,
        _is_due,
        func.count(),
        func.min(Callback.id),
        func.count(col(Callback.danger)),
        func.sum(col(Callback.asked_again) + col(Callback.priority)),
    )
    .where(col(Callback.state) == CallbackState.WAITING)
    .group_by("is_held", "is_due")
    .order_by("is_held", "is_due")
)
UNDECIDED_SUBMISSIONS_QUERY = (
    select(col(Submission.state), func.count(), func.max(Submission.id))
    .where(col(Submission.state).in_(UNDECIDED))
    .group_by(col(Submission.state))
    .order_by(col(Submission.state))
)
UNDECIDED_STATEMENTS_QUERY = select(func.count(), func.max(AlsoSaid.id)).where(
    col(AlsoSaid.decided_at).is_(None)
)
WAITING_VOICEMAILS_QUERY = select(func.count(), func.max(Voicemail.id)).where(
    voicemails.waits_for_listener_clause()
)
WAITING_TEXTS_QUERY = select(func.count(), func.max(TextMessage.id)).where(
    col(TextMessage.waits).is_(True)
)
SHIFTS_QUERY = union_all(
    select(func.count(), func.max(WeeklyShift.id), func.max(WeeklyShift.ends), literal(0)),
    select(
        func.count(),
        func.max(ShiftChange.id),
        cast(func.count(col(ShiftChange.taken_at)), String),
        func.count(col(ShiftChange.ended_at)),
    ),
)
THREADS_IN_HAND_QUERY = select(
    col(Callback.advisor_id),
    select(func.max(TextMessage.id))
    .where(col(TextMessage.lead_id) == col(Callback.lead_id))
    .scalar_subquery(),
    select(func.max(OutgoingText.status_at))
    .where(col(OutgoingText.lead_id) == col(Callback.lead_id))
    .scalar_subquery(),
    select(func.count(col(InboundCall.id)))
    .where(col(InboundCall.callback_id) == col(Callback.id))
    .where(col(InboundCall.state) == InboundState.WAITING)
    .scalar_subquery(),
).where(col(Callback.state).in_(CLAIMED_CALLBACK))
OPEN_ALERTS_QUERY = (
    select(col(Alert.id), col(Alert.sentence), col(Alert.acknowledged_at))
    .where(col(Alert.closed_at).is_(None))
    .order_by(col(Alert.id))
)
PHONE_NETWORK_PROBLEM_QUERY = (
    select(col(Outbox.id), col(Outbox.problem))
    .where(
        call_orders.is_recent_network_problem(bindparam("lately")),
        col(Outbox.kind) == OutboxKind.PLACE_CALL,
    )
    .order_by(col(Outbox.id).desc())
    .limit(1)
)
NEWEST_SUBMISSION_QUERY = select(func.max(Submission.id))
LAST_TRANSITION_QUERY = select(func.coalesce(func.max(Transition.id), 0))
