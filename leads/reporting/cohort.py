"""Cohorts: the callbacks received in a period, as the figures see them.

They are columns, so that a million of them are no matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, String, case, type_coerce
from sqlmodel import Session, col, select

from leads.models.calls import Callback
from leads.models.helplines import Brand, Source
from leads.models.words import OPEN_CALLBACK, CallbackState, Disposition
from leads.reporting import columnar_query, day_snapshots
from leads.reporting.calendar_days import mark_as_utc, to_instant_column, to_numpy_instant
from leads.reporting.columnar_query import NULL_INSTANT, Columns, Instants, Lengths, Mask, Numbers
from leads.reporting.filters import TEST, ReportFilter, apply_period_and_filter, merged_callback_ids

STATES = tuple(CallbackState)
ASKED_US_TO_STOP = "opt-out"  # an outcome, whatever the reason that was noted
OUTCOMES = ("", *Disposition, CallbackState.EXHAUSTED, CallbackState.CANCELLED, ASKED_US_TO_STOP)
SOURCE_FACTOR = 2 * len(STATES) * len(OUTCOMES)  # what `about` can say of a source's people
SNAPSHOT_COLUMNS = (
    "callback_id about brand_id received_at first_rung_at first_conversation_at finished_at"
)
LAYOUT = " ".join(
    (SNAPSHOT_COLUMNS, "|", *STATES, "|", *OUTCOMES)
)  # codes are places in these lists
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class CohortRow:
    """One callback of a cohort; `withdrawn`: the person asked us to stop."""

    callback_id: int
    state: CallbackState
    received_at: datetime
    first_rung_at: datetime | None
    first_conversation_at: datetime | None
    finished_at: datetime | None
    withdrawn: bool
    outcome: str
    callable_wait: timedelta = timedelta()
    source_id: int = 0

    @property
    def is_open(self) -> bool:
        """Whether the promise is still to be kept."""
        return self.state in OPEN_CALLBACK


@dataclass(frozen=True, eq=False)
class Cohort:
    """Many callbacks, as one array for each field of CohortRow.

    States and outcomes are their places in STATES and OUTCOMES.
    """

    callback_id: Numbers
    state: Numbers
    received_at: Instants
    first_rung_at: Instants
    first_conversation_at: Instants
    finished_at: Instants
    withdrawn: Mask
    outcome: Numbers
    callable_wait: Lengths
    source_id: Numbers

    def __len__(self) -> int:
        """Return how many callbacks there are."""
        return len(self.callback_id)

    def __getitem__(self, which: Any) -> Cohort:
        """Return some of the callbacks, by a mask, by their places or by a slice."""
        return Cohort(**{field.name: getattr(self, field.name)[which] for field in fields(self)})

    def __iter__(self) -> Iterator[CohortRow]:
        """Yield the callbacks one by one."""
        named = (getattr(self, field.name).tolist() for field in fields(self))
        for values in zip(*named, strict=True):
            row = dict(zip(CohortRow.__dataclass_fields__, map(mark_as_utc, values), strict=True))
            yield CohortRow(
                **row | {"state": STATES[row["state"]], "outcome": str(OUTCOMES[row["outcome"]])}
            )

    @property
    def is_open(self) -> Mask:
        """Which callbacks are open: the promise is still to be kept."""
        return np.asarray(self.state < len(OPEN_CALLBACK))

    @property
    def rung(self) -> Mask:
        """Which callbacks had the person's own phone dialed."""
        return ~np.isnat(self.first_rung_at)

    @property
    def reached(self) -> Mask:
        """Which callbacks had a conversation."""
        return ~np.isnat(self.first_conversation_at)


def cohort_from_rows(rows: Sequence[CohortRow]) -> Cohort:
    """Return single rows as a cohort."""
    named = {field.name: [getattr(row, field.name) for row in rows] for field in fields(CohortRow)}
    named["state"] = [STATES.index(state) for state in named["state"]]
    named["outcome"] = [OUTCOMES.index(outcome) for outcome in named["outcome"]]
    made: dict[str, Any] = {
        name: np.array(values, dtype=np.int64)
        for name, values in named.items()
        if not _has_own_dtype(name)
    }
    made |= {
        name: to_instant_column(values) for name, values in named.items() if name.endswith("_at")
    }
    made |= {"withdrawn": np.array(named["withdrawn"], dtype=np.bool_)}
    return Cohort(**made, callable_wait=np.array(named["callable_wait"], dtype="timedelta64[us]"))


def read_cohort(
    session: Session,
    *,
    start: datetime,
    end: datetime,
    now: datetime,
    only: ReportFilter | None = None,
) -> Cohort:
    """Return the callbacks received from `start` until before `end`, as they stood at `now`.

    They are in order, oldest first.

    What happened after `now` has not happened yet. Tests of a source are nobody's request and are
    left out. Callable time is not worked out: `callable_time` does it, for as few people as one
    looks at.
    """
    at = to_numpy_instant(now)
    found = _read_cohort_columns(
        session, start=start, end=min(end, now + MOMENT), only=only or ReportFilter()
    )
    happened: Columns = {
        name: _instants_up_to(found[name], at)
        for name in ("first_rung_at", "first_conversation_at", "finished_at")
    }
    undone = ~np.isnat(found["finished_at"]) & np.isnat(happened["finished_at"])
    rest, outcome = np.divmod(found["about"], len(OUTCOMES))
    rest, state = np.divmod(rest, len(STATES))
    source_id, withdrawn = np.divmod(rest, 2)
    state = np.where(undone, STATES.index(CallbackState.WAITING), state)
    people = Cohort(
        callback_id=found["callback_id"],
        received_at=found["received_at"],
        **happened,
        state=state,
        withdrawn=(withdrawn == 1) & ~undone,
        outcome=np.where(state < len(OPEN_CALLBACK), 0, outcome),
        source_id=source_id,
        callable_wait=np.full(len(state), np.timedelta64("NaT"), "timedelta64[us]"),
    )
    return people[np.lexsort((people.callback_id, people.received_at))]


def days_to_snapshot(session: Session, *, now: datetime) -> list[int]:
    """Return the days that are over and have no valid snapshot, the oldest first."""
    return day_snapshots.list_days_without_snapshot(session, layout=LAYOUT, now=now)


def snapshot_cohort_day(session: Session, day: int) -> bool:
    """Store a day's callbacks as one snapshot; False if one of them is being changed."""
    return day_snapshots.store_day_snapshot(
        session, day, _cohort_query(col(Callback.brand_id)), layout=LAYOUT
    )


def _read_cohort_columns(
    session: Session, *, start: datetime, end: datetime, only: ReportFilter
) -> Columns:
    if only.campaign or only.advisor_id is not None:  # snapshots know nothing of either
        return columnar_query.fetch_columns(
            session, apply_period_and_filter(_cohort_query(), start=start, end=end, only=only)
        )
    days, spans = day_snapshots.load_day_snapshots(session, layout=LAYOUT, start=start, end=end)
    parts = [
        columnar_query.fetch_columns(
            session, apply_period_and_filter(_cohort_query(), start=since, end=until, only=only)
        )
        for since, until in spans or [(end, end)]
    ]
    parts.append(_filter_snapshot_columns(session, days, start=start, end=end, only=only))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _filter_snapshot_columns(
    session: Session, days: Columns, *, start: datetime, end: datetime, only: ReportFilter
) -> Columns:
    """Return the callbacks of snapshots that pass a period and a filter.

    It does for columns what `apply_period_and_filter` does for a query.
    """
    sources = select(Source.id).where(Source.kind != TEST)
    if only.source_id is not None:
        sources = sources.where(Source.id == only.source_id)
    which = np.isin(days["about"] // SOURCE_FACTOR, session.exec(sources).all())
    which &= ~np.isin(days["callback_id"], session.exec(merged_callback_ids()).all())
    which &= (days["received_at"] >= to_numpy_instant(start)) & (
        days["received_at"] < to_numpy_instant(end)
    )
    if only.brand:
        which &= np.isin(
            days["brand_id"], session.exec(select(Brand.id).where(Brand.name == only.brand)).all()
        )
    return days if which.all() else {name: column[which] for name, column in days.items()}


def _cohort_query(*more: Any) -> Any:
    """Return the query for the columns of a cohort.

    It reads what the figures need, and nothing else: reading takes most of the time.
    """
    state = _enum_as_string(Callback.state)
    dispositions = {str(word): OUTCOMES.index(word) for word in Disposition}
    disposition = case(
        dispositions,
        value=_enum_as_string(Callback.disposition),
        else_=OUTCOMES.index(Disposition.UNRECORDED),
    )
    cancelled = case(
        (
            col(Callback.withdrawn),
            _state_outcome_code(CallbackState.CANCELLED, ASKED_US_TO_STOP, withdrawn=1),
        ),
        else_=_state_outcome_code(CallbackState.CANCELLED, CallbackState.CANCELLED),
    )
    about = case(
        (
            state == str(CallbackState.COMPLETED),
            _state_outcome_code(CallbackState.COMPLETED, "") + disposition,
        ),
        (
            state == str(CallbackState.EXHAUSTED),
            _state_outcome_code(CallbackState.EXHAUSTED, CallbackState.EXHAUSTED),
        ),
        (state == str(CallbackState.CANCELLED), cancelled),
        else_=case(
            {str(word): _state_outcome_code(word, "") for word in OPEN_CALLBACK}, value=state
        ),
    )
    same = (
        Callback.received_at,
        Callback.first_rung_at,
        Callback.first_conversation_at,
        Callback.finished_at,
    )
    with_source = about + col(Callback.source_id) * SOURCE_FACTOR
    chosen: list[Any] = [
        *map(col, same),
        col(Callback.id).label("callback_id"),
        with_source.label("about"),
        *more,
    ]
    return select(*chosen)


def _state_outcome_code(state: CallbackState, outcome: str, *, withdrawn: int = 0) -> int:
    """Return state, outcome and withdrawal as one number: every column less is time saved."""
    return (withdrawn * len(STATES) + STATES.index(state)) * len(OUTCOMES) + OUTCOMES.index(outcome)


def _enum_as_string(word: Any) -> ColumnElement[str]:
    return type_coerce(col(word), String)


def _instants_up_to(happened_at: Instants, now: np.datetime64) -> Instants:
    return np.where(happened_at <= now, happened_at, NULL_INSTANT)


def _has_own_dtype(name: str) -> bool:
    return name.endswith("_at") or name in ("withdrawn", "callable_wait")
