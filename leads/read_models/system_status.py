"""System status: how many records there are of each kind, and what is alerted.

For whoever watches the system. Counts only, nobody's data.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, select

from leads.alerting import conditions
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import (
    CALL_ORDER_KINDS,
    LIVE_ATTEMPT,
    OPEN_CALLBACK,
    AlertKind,
    LeadState,
    OutboxState,
)
from leads.models.outbox import Outbox
from leads.models.requests import Lead, Submission
from leads.read_models.queue_depth import OPEN_ORDER, OPEN_SUBMISSION


@dataclass(frozen=True)
class AlertCount:
    """What supervisors have to look at, of one kind: since when, and how much of it there is."""

    kind: AlertKind
    since: datetime
    count: int


def count_alerts(session: Session, *, now: datetime) -> list[AlertCount]:
    """Return what supervisors have to look at now, by kind, oldest first."""
    by_kind: dict[AlertKind, AlertCount] = {}
    for condition in conditions.current_conditions(session, now=now):
        so_far = by_kind.get(condition.kind)
        since = min(so_far.since, condition.since) if so_far else condition.since
        count = condition.count + (so_far.count if so_far else 0)
        by_kind[condition.kind] = AlertCount(condition.kind, since, count)
    return sorted(by_kind.values(), key=lambda alert: alert.since)


UNFINISHED: Mapping[type[SQLModel], Collection[StrEnum]] = {
    Submission: OPEN_SUBMISSION,
    Lead: (LeadState.OPEN,),
    Callback: OPEN_CALLBACK,
    CallAttempt: LIVE_ATTEMPT,
    Outbox: (*OPEN_ORDER, OutboxState.UNKNOWN),
}
"""The states of each table in which something is still to be done."""


def count_records_by_state(session: Session, *, only_open: bool = False) -> dict[str, Any]:
    """Return how many records of each table are in each state.

    `only_open`: of what something is still to be done about alone. That takes the same however much
    is past, where all are counted one by one.
    """
    return {
        str(kind.__tablename__): _count_table_by_state(session, kind, states if only_open else ())
        for kind, states in UNFINISHED.items()
    }


def _count_table_by_state(
    session: Session, kind: Any, states: Collection[StrEnum]
) -> dict[str, int]:
    counts = select(kind.state, func.count()).group_by(kind.state)
    if states:
        counts = counts.where(col(kind.state).in_(states))
    if kind is Outbox:  # the calls: what supervisors are told has a list of its own
        counts = counts.where(col(Outbox.kind).in_(CALL_ORDER_KINDS))
    return {str(state): count for state, count in session.exec(counts)}
