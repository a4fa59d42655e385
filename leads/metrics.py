"""Figures that count the people who are still waiting. Every docstring here is the definition shown on screen."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, select

from leads import gate, hours, survival
from leads.closing import OPT_OUT
from leads.models import (
    OPEN_CALLBACK,
    Brand,
    CallAttempt,
    Callback,
    CallbackState,
    Lead,
    LeadState,
    Outbox,
    Source,
    Submission,
)
from leads.survival import End, Percentiles, Wait

BANDS = (1, 5, 15, 60)  # minutes
TEST = "test"  # the kind of a source that people only try things out with


@dataclass(frozen=True)
class Row:
    """One callback of a cohort, as the figures see it. `withdrawn`: the person asked us to stop."""

    callback_id: int
    state: CallbackState
    received_at: datetime
    promised_at: datetime
    first_rung_at: datetime | None
    first_conversation_at: datetime | None
    finished_at: datetime | None
    withdrawn: bool
    outcome: str
    callable_wait: timedelta = timedelta()

    @property
    def is_open(self) -> bool:
        """Whether the promise is still to be kept."""
        return self.state in OPEN_CALLBACK


@dataclass(frozen=True)
class ServiceLevel:
    """Who was rung within the target, who was not, and who does not count."""

    target: timedelta
    hits: tuple[Row, ...]
    misses: tuple[Row, ...]
    pending: tuple[Row, ...]
    excluded: tuple[Row, ...]

    @property
    def share(self) -> float | None:
        """Hits / (hits + misses); None when nobody counts yet."""
        counted = len(self.hits) + len(self.misses)
        return len(self.hits) / counted if counted else None


def cohort(session: Session, *, start: datetime, end: datetime, now: datetime, brand_name: str = "") -> list[Row]:
    """Return the callbacks received from `start` until before `end`, as they stood at `now`, oldest first.

    What happened after `now` has not happened yet. Tests of a source are nobody's request and are left out.
    """
    found = select(Callback, Lead).join(Lead, col(Lead.id) == col(Callback.lead_id))
    found = found.where(Callback.received_at >= start, Callback.received_at < end, Callback.received_at <= now)
    found = found.where(col(Callback.source_id).not_in(select(Source.id).where(Source.kind == TEST)))
    if brand_name:
        found = found.where(col(Callback.brand_id).in_(select(Brand.id).where(Brand.name == brand_name)))
    return [_row(callback, lead, now) for callback, lead in session.exec(found.order_by(col(Callback.received_at)))]


def day(on: date, zone: str) -> tuple[datetime, datetime]:
    """Return the first instant of a day in a zone and of the day after, as UTC: a day may have 23 or 25 hours."""
    return period(on, on, zone)


def period(first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    """Return the first instant of the first day in a zone and that of the day after the last, as UTC."""
    midnights = (datetime.combine(day, time(), ZoneInfo(zone)) for day in (first, last + timedelta(days=1)))
    start, end = (midnight.astimezone(UTC) for midnight in midnights)
    return start, end


def time_to_first_attempt(rows: Sequence[Row], *, now: datetime) -> Percentiles:
    """From the form's receipt to the first time the person's own phone was dialled.

    Ringing an advisor is not an attempt. Those still waiting count as waiting (Kaplan-Meier), those who asked us to
    stop leave the count at that moment, those we gave up on stay unreached.
    """
    return survival.percentiles(waits(rows, "first_rung_at", now=now))


def time_to_first_contact(rows: Sequence[Row], *, now: datetime) -> Percentiles:
    """From the form's receipt to the first time a person answered and was joined with an advisor.

    Counted like the time to first attempt. "Not reached" means that too few have been talked to yet.
    """
    return survival.percentiles(waits(rows, "first_conversation_at", now=now))


def time_to_first_attempt_callable(rows: Sequence[Row], *, now: datetime) -> Percentiles:
    """The same wait without the hours in which the person's phone must not ring, from the time we promised."""
    wall = waits(rows, "first_rung_at", now=now)
    return survival.percentiles([Wait(row.callable_wait, wait.end) for row, wait in zip(rows, wall, strict=True)])


def contact_probability(rows: Sequence[Row], *, now: datetime) -> float | None:
    """How likely a person is to be talked to within the time observed, opt-outs competing (Aalen-Johansen)."""
    return survival.probability(waits(rows, "first_conversation_at", now=now))


def service_level(rows: Sequence[Row], *, target: timedelta, now: datetime) -> ServiceLevel:
    """Share first rung within the target, from the form's receipt, in wall time: hits / (hits + misses).

    A miss was rung later, or not at all when the target passed or when we ended it. Withdrawn by the person within the
    target is excluded; still open within it is pending. Both are shown and not counted.
    """
    return _service_level(rows, target, lambda row: (row.first_rung_at or row.finished_at or now) - row.received_at)


def service_level_callable(rows: Sequence[Row], *, target: timedelta) -> ServiceLevel:
    """The same share from the time we promised, without the hours in which the person's phone must not ring."""
    return _service_level(rows, target, lambda row: row.callable_wait)


def bands(rows: Sequence[Row]) -> dict[str, tuple[Row, ...]]:
    """How many were first rung within 0-1, 1-5, 5-15, 15-60 and more minutes, and how many not at all so far.

    A band includes its upper edge: whoever was rung after exactly one minute was rung within one minute.
    """
    edges = [timedelta(minutes=minutes) for minutes in BANDS]
    names = [f"{a}-{b} min" for a, b in zip((0, *BANDS), BANDS, strict=False)] + [f"{BANDS[-1]}+ min"]
    sorted_rows: dict[str, list[Row]] = {name: [] for name in [*names, "not rung"]}
    for row in rows:
        if row.first_rung_at is None:
            sorted_rows["not rung"].append(row)
        else:
            took = row.first_rung_at - row.received_at
            sorted_rows[names[sum(took > edge for edge in edges)]].append(row)
    return {name: tuple(found) for name, found in sorted_rows.items()}


def contact_rate(rows: Sequence[Row]) -> float | None:
    """Share of the people received whom an advisor has talked to so far."""
    return sum(row.first_conversation_at is not None for row in rows) / len(rows) if rows else None


def naive_first_attempt(rows: Sequence[Row]) -> timedelta | None:
    """What most systems report: the median over those who were rung, as if nobody were still waiting."""
    took = [row.first_rung_at - row.received_at for row in rows if row.first_rung_at]
    return sorted(took)[(len(took) - 1) // 2] if took else None


def naive_service_level(rows: Sequence[Row], *, target: timedelta) -> float | None:
    """What most systems report: the share of those rung who were rung in time."""
    took = [row.first_rung_at - row.received_at for row in rows if row.first_rung_at]
    return sum(wait <= target for wait in took) / len(took) if took else None


def outcomes(rows: Sequence[Row]) -> Counter[str]:
    """What came of the callbacks that are over: dispositions, and what we or the person ended without one."""
    return Counter(row.outcome for row in rows if not row.is_open)


def waits(rows: Sequence[Row], instant: str, *, now: datetime) -> list[Wait]:
    """Return each row's wait until an instant of it, in wall time."""
    return [_wait(row, getattr(row, instant), now) for row in rows]


def oldest_open(session: Session) -> datetime | None:
    """When the person who has waited longest for a first ring sent their form."""
    unrung = select(func.min(Callback.received_at)).where(
        col(Callback.state).in_(OPEN_CALLBACK), col(Callback.first_rung_at).is_(None)
    )
    return session.exec(unrung).first()


def limbo(session: Session) -> int:
    """Open leads in no queue. Always 0: anything else is a person forgotten."""
    queued = select(Callback.lead_id).where(col(Callback.state).in_(OPEN_CALLBACK))
    lost = select(func.count()).select_from(Lead).where(Lead.state == LeadState.OPEN, col(Lead.id).not_in(queued))
    return session.exec(lost).one()


def counts(session: Session) -> dict[str, dict[str, int]]:
    """Return how many records there are of each table by state."""
    kinds: tuple[type[SQLModel], ...] = (Submission, Lead, Callback, CallAttempt, Outbox)
    return {str(kind.__tablename__): _by_state(session, kind) for kind in kinds}


def _by_state(session: Session, kind: Any) -> dict[str, int]:
    return {str(state): count for state, count in session.exec(select(kind.state, func.count()).group_by(kind.state))}


def _service_level(rows: Sequence[Row], target: timedelta, waited: Callable[[Row], timedelta]) -> ServiceLevel:
    hits: list[Row] = []
    misses: list[Row] = []
    pending: list[Row] = []
    excluded: list[Row] = []
    for row in rows:
        within = waited(row) <= target
        if row.first_rung_at:
            (hits if within else misses).append(row)
        elif within and row.is_open:
            pending.append(row)
        else:
            (excluded if within and row.withdrawn else misses).append(row)
    return ServiceLevel(target, tuple(hits), tuple(misses), tuple(pending), tuple(excluded))


def _wait(row: Row, happened_at: datetime | None, now: datetime) -> Wait:
    if happened_at:
        return Wait(happened_at - row.received_at, End.HAPPENED)
    if row.is_open:
        return Wait(now - row.received_at, End.STILL_WAITING)
    length = (row.finished_at or now) - row.received_at
    return Wait(length, End.WITHDRAWN if row.withdrawn else End.NEVER)


def _row(callback: Callback, lead: Lead, now: datetime) -> Row:
    finished_at = _so_far(callback.finished_at, now)
    state = callback.state if finished_at == callback.finished_at else CallbackState.WAITING
    row = Row(
        callback_id=callback.id,
        state=state,
        received_at=callback.received_at,
        promised_at=callback.promised_at,
        first_rung_at=_so_far(callback.first_rung_at, now),
        first_conversation_at=_so_far(callback.first_conversation_at, now),
        finished_at=finished_at,
        withdrawn=callback.withdrawn and finished_at == callback.finished_at,
        outcome="" if state in OPEN_CALLBACK else _outcome(callback),
    )
    until = max(row.first_rung_at or row.finished_at or now, row.promised_at)
    if lead.any_hour:
        return dataclasses.replace(row, callable_wait=until - row.promised_at)
    return dataclasses.replace(row, callable_wait=hours.open_time(gate.place_of(lead), row.promised_at, until))


def _so_far(at: datetime | None, now: datetime) -> datetime | None:
    return at if at and at <= now else None


def _outcome(callback: Callback) -> str:
    if callback.state == CallbackState.CANCELLED:
        return OPT_OUT if callback.withdrawn else "cancelled"
    return str(callback.disposition if callback.state == CallbackState.COMPLETED else callback.state)
