"""Calls that came in: how many, how they ended, and at which hours, for whoever plans shifts.

Nobody's number is read: a call of somebody who hung up is counted, and nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from leads.i18n.translatable import Phrase
from leads.models.enums import InboundState
from leads.models.helplines import Brand
from leads.models.inbound import InboundCall
from leads.reporting import calendar_days
from leads.reporting.figure_definition import define_figure
from leads.reporting.service_report import ReportQuestion

ANSWERED = (InboundState.TALKING, InboundState.ENDED)
NOT_COUNTED_YET = (InboundState.WAITING, InboundState.OUTSIDE_HOURS)
OUTSIDE_HOURS = (InboundState.OUTSIDE_HOURS, InboundState.REFUSED_HOURS)


@dataclass(frozen=True)
class InboundRow:
    """One call that came in. `waited`: until an advisor was there, or until they left."""

    rang_at: datetime
    brand: str
    state: InboundState
    waited: timedelta | None


@dataclass(frozen=True)
class InboundCalls:
    """The calls of a period, in order of time."""

    rows: tuple[InboundRow, ...]

    @property
    def answered(self) -> tuple[InboundRow, ...]:
        """Those that an advisor answered."""
        return tuple(row for row in self.rows if row.state in ANSWERED)

    @property
    def missed(self) -> tuple[InboundRow, ...]:
        """Those in which nobody talked to an advisor, and that are over."""
        passed_over = (*ANSWERED, *NOT_COUNTED_YET)
        return tuple(row for row in self.rows if row.state not in passed_over)

    def by_hour(self, zone: str) -> Mapping[int, Counter[InboundState]]:
        """Return how calls ended by the hour of day at which they rang; no call, no hour."""
        hours: dict[int, Counter[InboundState]] = {}
        for row in self.rows:
            hour = row.rang_at.astimezone(ZoneInfo(zone)).hour
            hours.setdefault(hour, Counter())[row.state] += 1
        return dict(sorted(hours.items()))


def read_inbound_calls(session: Session, question: ReportQuestion) -> InboundCalls:
    """Return the calls that came in during a question's period, at the helpline that it names."""
    start, end = calendar_days.period_bounds(question.first, question.last, question.zone)
    calls = (
        select(InboundCall, Brand.name)
        .join(Brand, col(Brand.id) == col(InboundCall.brand_id))
        .where(InboundCall.rang_at >= start, InboundCall.rang_at < end)
        .order_by(col(InboundCall.rang_at), col(InboundCall.id))
    )
    if question.only.brand:
        calls = calls.where(Brand.name == question.only.brand)
    return InboundCalls(
        tuple(
            InboundRow(call.rang_at, brand, call.state, _wait_of(call))
            for call, brand in session.exec(calls)
        )
    )


def _wait_of(call: InboundCall) -> timedelta | None:
    until = call.answered_at or call.ended_at
    return until - call.rang_at if until else None


@define_figure(
    Phrase("Inbound calls"),
    Phrase(
        "Calls to the helpline's own numbers in the period, answered or not, by arrival "
        "time. People who only hung up are not called back unless it is known to be safe."
    ),
)
def inbound_received(calls: InboundCalls) -> tuple[InboundRow, ...]:
    """All of them."""
    return calls.rows


@define_figure(
    Phrase("Answered by an advisor"),
    Phrase(
        "Share of the calls during open hours in which the caller and an advisor were "
        "connected: answered ÷ (answered + hung up while waiting + asked for a callback + "
        "chose to leave a message). Callers still on the line are not counted yet."
    ),
)
def inbound_answered_share(calls: InboundCalls) -> float | None:
    """Share of them."""
    over = [row for row in calls.missed if row.state not in OUTSIDE_HOURS]
    whole = len(over) + len(calls.answered)
    return len(calls.answered) / whole if whole else None


@define_figure(
    Phrase("Median speed of answer"),
    Phrase(
        "Median time from arrival until an advisor answered, over answered calls. Always "
        "read it with missed calls: callers who hung up are not in it."
    ),
)
def inbound_median_wait(calls: InboundCalls) -> timedelta | None:
    """Median of the waits."""
    waits = [row.waited.total_seconds() for row in calls.answered if row.waited is not None]
    return timedelta(seconds=median(waits)) if waits else None


@define_figure(
    Phrase("Missed calls"),
    Phrase(
        "Calls in which the caller did not reach an advisor: hung up while waiting, asked "
        "for a callback, chose to leave a message, or called after hours."
    ),
)
def inbound_missed(calls: InboundCalls) -> tuple[InboundRow, ...]:
    """Those that were missed."""
    return calls.missed
