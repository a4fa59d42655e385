"""The people who asked for help in a period, as the figures see them.

In columns, so that a million are no matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import ColumnElement, String, and_, case, type_coerce
from sqlmodel import Session, col, select

from leads.models.calls import Callback
from leads.models.dispositions import Disposition
from leads.models.enums import OPEN_CALLBACK, CallbackOrigin, CallbackState
from leads.models.helplines import Brand, Source
from leads.reporting import columnar_query, day_snapshots
from leads.reporting.calendar_days import mark_as_utc, to_instant_column, to_numpy_instant
from leads.reporting.columnar_query import NULL_INSTANT, Columns, Instants, Lengths, Mask, Numbers
from leads.reporting.filters import TEST, ReportFilter, apply_period_and_filter, merged_callback_ids

STATES = tuple(CallbackState)
ASKED_US_TO_STOP = "opt-out"  # an outcome, whatever the reason that was noted
OUTCOMES = ("", *Disposition, CallbackState.EXHAUSTED, CallbackState.CANCELLED, ASKED_US_TO_STOP)
STANDINGS: dict[str, tuple[CallbackState, str]] = {
    **{str(state): (state, "") for state in OPEN_CALLBACK},
    **{str(word): (CallbackState.COMPLETED, str(word)) for word in Disposition},
    str(CallbackState.EXHAUSTED): (CallbackState.EXHAUSTED, CallbackState.EXHAUSTED),
    str(CallbackState.CANCELLED): (CallbackState.CANCELLED, CallbackState.CANCELLED),
    ASKED_US_TO_STOP: (CallbackState.CANCELLED, ASKED_US_TO_STOP),
}  # an open callback's state, or what came of it: the state and the outcome that each word says
STANDING_CODES = {word: code for code, word in enumerate(STANDINGS)}
STATE_OF_STANDING, OUTCOME_OF_STANDING = (
    np.array([words.index(said[which]) for said in STANDINGS.values()])
    for which, words in enumerate((STATES, OUTCOMES))
)
NUMBER, INSTANT = pa.int32(), pa.timestamp("us", "UTC")
SNAPSHOT_SCHEMA = pa.schema(
    {
        "callback_id": pa.int64(),
        "standing": pa.dictionary(pa.int8(), pa.string()),
        "source_id": NUMBER,
        "brand_id": NUMBER,
        "received_at": INSTANT,
        "first_rung_at": INSTANT,
        "first_conversation_at": INSTANT,
        "finished_at": INSTANT,
    },
    metadata={"standing": " ".join(STANDINGS)},
)
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class CohortRow:
    """One callback of a cohort. `withdrawn`: the person asked us to stop."""

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
    """Many callbacks, one array for each of `Row`'s fields.

    States and outcomes by their place in the lists above.
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
        """Return how many people."""
        return len(self.callback_id)

    def __getitem__(self, which: Any) -> Cohort:
        """Return some of them, by a mask, by their places or by a slice."""
        return Cohort(**{field.name: getattr(self, field.name)[which] for field in fields(self)})

    def __iter__(self) -> Iterator[CohortRow]:
        """Give the people one by one."""
        named = (getattr(self, field.name).tolist() for field in fields(self))
        for values in zip(*named, strict=True):
            row = dict(zip(CohortRow.__dataclass_fields__, map(mark_as_utc, values), strict=True))
            yield CohortRow(
                **row | {"state": STATES[row["state"]], "outcome": str(OUTCOMES[row["outcome"]])}
            )

    @property
    def is_open(self) -> Mask:
        """Whose promise is still to be kept."""
        return np.asarray(self.state < len(OPEN_CALLBACK))

    @property
    def rung(self) -> Mask:
        """Whose own phone was dialed."""
        return ~np.isnat(self.first_rung_at)

    @property
    def reached(self) -> Mask:
        """Who was talked to."""
        return ~np.isnat(self.first_conversation_at)


def cohort_from_rows(rows: Sequence[CohortRow]) -> Cohort:
    """Return single rows as a cohort."""
    named = {field.name: [getattr(row, field.name) for row in rows] for field in fields(CohortRow)}
    named["state"] = [STATES.index(state) for state in named["state"]]
    named["outcome"] = [OUTCOMES.index(outcome) for outcome in named["outcome"]]
    columns: dict[str, Any] = {
        name: np.array(values, dtype=np.int64)
        for name, values in named.items()
        if not _has_own_dtype(name)
    }
    columns |= {
        name: to_instant_column(values) for name, values in named.items() if name.endswith("_at")
    }
    columns |= {"withdrawn": np.array(named["withdrawn"], dtype=np.bool_)}
    return Cohort(
        **columns, callable_wait=np.array(named["callable_wait"], dtype="timedelta64[us]")
    )


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
    columns = _read_cohort_columns(
        session, start=start, end=min(end, now + MOMENT), only=only or ReportFilter()
    )
    happened: Columns = {
        name: _instants_up_to(columns[name], at)
        for name in ("first_rung_at", "first_conversation_at", "finished_at")
    }
    undone = ~np.isnat(columns["finished_at"]) & np.isnat(happened["finished_at"])
    standing = np.where(undone, STANDING_CODES[CallbackState.WAITING], columns["standing"])
    people = Cohort(
        callback_id=columns["callback_id"],
        received_at=columns["received_at"],
        **happened,
        state=STATE_OF_STANDING[standing],
        withdrawn=standing == STANDING_CODES[ASKED_US_TO_STOP],
        outcome=OUTCOME_OF_STANDING[standing],
        source_id=columns["source_id"],
        callable_wait=np.full(len(standing), np.timedelta64("NaT"), "timedelta64[us]"),
    )
    return people[np.lexsort((people.callback_id, people.received_at))]


def days_to_snapshot(session: Session, *, now: datetime) -> list[int]:
    """Return the days that are over and still read from every callback, the oldest first."""
    return day_snapshots.list_days_without_snapshot(session, schema=SNAPSHOT_SCHEMA, now=now)


def snapshot_cohort_day(session: Session, day: int) -> bool:
    """Keep a day in one piece, to be read at once; False if somebody is just changing it."""
    return day_snapshots.store_day_snapshot(
        session, day, _cohort_query(col(Callback.brand_id)), schema=SNAPSHOT_SCHEMA
    )


def _read_cohort_columns(
    session: Session, *, start: datetime, end: datetime, only: ReportFilter
) -> Columns:
    if only.campaign or only.advisor_id is not None:  # packed days know nothing of either
        return columnar_query.fetch_columns(
            session, apply_period_and_filter(_cohort_query(), start=start, end=end, only=only)
        )
    days, spans = day_snapshots.load_day_snapshots(
        session, schema=SNAPSHOT_SCHEMA, start=start, end=end
    )
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
    """What `narrow` says to the database, for columns."""
    sources = select(Source.id).where(Source.kind != TEST)
    if only.source_id is not None:
        sources = sources.where(Source.id == only.source_id)
    which = np.isin(days["source_id"], session.exec(sources).all())
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
    """What the figures need, and nothing else: the time goes into reading it."""
    state = _enum_as_string(Callback.state)
    disposition = case(
        {str(word): STANDING_CODES[word] for word in Disposition},
        value=_enum_as_string(Callback.disposition),
        else_=STANDING_CODES[Disposition.UNRECORDED],
    )
    states = {word: code for word, code in STANDING_CODES.items() if word in tuple(CallbackState)}
    standing = case(
        (state == str(CallbackState.COMPLETED), disposition),
        (
            and_(state == str(CallbackState.CANCELLED), col(Callback.withdrawn)),
            STANDING_CODES[ASKED_US_TO_STOP],
        ),
        else_=case(states, value=state),
    )
    chosen: list[Any] = [
        col(Callback.id).label("callback_id"),
        standing.label("standing"),
        col(Callback.source_id),
        col(Callback.received_at),
        col(Callback.first_rung_at),
        col(Callback.first_conversation_at),
        col(Callback.finished_at),
        *more,
    ]
    # Who called in and was promised nothing has figures of their own.
    return select(*chosen).where(col(Callback.origin) != CallbackOrigin.CALL)


def _enum_as_string(word: Any) -> ColumnElement[str]:
    return type_coerce(col(word), String)


def _instants_up_to(happened_at: Instants, now: np.datetime64) -> Instants:
    return np.where(happened_at <= now, happened_at, NULL_INSTANT)


def _has_own_dtype(name: str) -> bool:
    return name.endswith("_at") or name in ("withdrawn", "callable_wait")
