"""Queries of what open pages show, made once: building one costs more than running it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String, bindparam, cast, func, literal, select, union_all
from sqlmodel import col

from leads.messaging import voicemails
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.enums import (
    CLAIMED_CALLBACK,
    LIVE_ATTEMPT,
    UNDECIDED,
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

PRESENCE = select(
    col(Advisor.id),
    col(Advisor.presence),
    col(Advisor.away_reason),
    col(Advisor.idle_since),
    col(Advisor.on_duty_until),
)
_urgency_columns = (col(Callback.danger), col(Callback.asked_again), col(Callback.priority))
CLAIMED_CALLBACKS = select(
    col(Callback.advisor_id),
    col(Callback.id),
    col(Callback.state),
    col(Callback.lease_until),
    *_urgency_columns,
).where(col(Callback.state).in_(CLAIMED_CALLBACK))
LIVE_ATTEMPTS = select(
    col(CallAttempt.advisor_id),
    col(CallAttempt.id),
    col(CallAttempt.state),
    col(CallAttempt.doubt),
    col(CallAttempt.help_wanted_at),
).where(col(CallAttempt.state).in_(LIVE_ATTEMPT))
LIVE_LEGS: Any = (
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
QUEUE = (
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
UNDECIDED_SUBMISSIONS = (
    select(col(Submission.state), func.count(), func.max(Submission.id))
    .where(col(Submission.state).in_(UNDECIDED))
    .group_by(col(Submission.state))
    .order_by(col(Submission.state))
)
UNDECIDED_STATEMENTS = select(func.count(), func.max(AlsoSaid.id)).where(
    col(AlsoSaid.decided_at).is_(None)
)
WAITING_VOICEMAILS = select(func.count(), func.max(Voicemail.id)).where(
    voicemails.waits_for_listener_clause()
)
WAITING_TEXTS = select(func.count(), func.max(TextMessage.id)).where(
    col(TextMessage.waits).is_(True)
)
SHIFTS = union_all(
    select(func.count(), func.max(WeeklyShift.id), func.max(WeeklyShift.ends), literal(0)),
    select(
        func.count(),
        func.max(ShiftChange.id),
        cast(func.count(col(ShiftChange.taken_at)), String),
        func.count(col(ShiftChange.ended_at)),
    ),
)
THREADS_IN_HAND = select(
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
OPEN_ALERTS = (
    select(col(Alert.id), col(Alert.sentence), col(Alert.acknowledged_at))
    .where(col(Alert.closed_at).is_(None))
    .order_by(col(Alert.id))
)
PHONE_NETWORK_PROBLEM = (
    select(col(Outbox.id), col(Outbox.problem))
    .where(
        call_orders.is_recent_network_problem(bindparam("lately")),
        col(Outbox.kind) == OutboxKind.PLACE_CALL,
    )
    .order_by(col(Outbox.id).desc())
    .limit(1)
)
NEWEST_SUBMISSION = select(func.max(Submission.id))
LAST_TRANSITION = select(func.coalesce(func.max(Transition.id), 0))
