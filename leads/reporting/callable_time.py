"""Callable time: a wait without the hours in which a person's phone must not ring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from leads.contact_rules import calling_hours
from leads.contact_rules.lead_wishes import location_of_phone
from leads.contact_rules.possible_location import PossibleLocation
from leads.models.calls import Callback
from leads.models.requests import Lead
from leads.reporting.calendar_days import mark_as_utc, to_instant_column, to_numpy_instant
from leads.reporting.cohort import Cohort
from leads.reporting.columnar_query import Instants, Lengths

AT_ONCE = 500  # numbers in one list
PROMISE_AND_PLACE = select_columns(
    col(Callback.id),
    col(Callback.promised_at),
    col(Callback.any_hour),
    col(Lead.phone),
    col(Lead.region),
    col(Lead.zip),
    col(Lead.further_places),
    col(Lead.kept_place),
).join(Lead, col(Lead.id) == col(Callback.lead_id))


def add_callable_wait(session: Session, people: Cohort, *, now: datetime) -> Cohort:
    """Return a cohort with the time in which each of its leads' phones was allowed to ring.

    It is counted from `promised_at` until the first ring, the end or `now`.
    """
    if not len(people):
        return people
    promised_at, places = _promises_and_places(session, people)
    until = np.where(people.rung, people.first_rung_at, people.finished_at)
    until = np.maximum(np.where(np.isnat(until), to_numpy_instant(now), until), promised_at)
    waits, reach = (
        until - promised_at,
        [mark_as_utc(at.item()) for at in (promised_at.min(), until.max())],
    )
    for place, which in places.items():
        spans = _OpenSpans(calling_hours.callable_spans(place, *reach))
        waits[which] = spans.open_time_before(until[which]) - spans.open_time_before(
            promised_at[which]
        )
    return replace(people, callable_wait=waits)


class _OpenSpans:
    """The spans in which phones may ring in one place."""

    def __init__(self, openings: Sequence[tuple[datetime, datetime]]) -> None:
        self.opens, self.closes = (
            to_instant_column([span[edge] for span in openings]) for edge in (0, 1)
        )
        lengths = self.closes - self.opens
        self.total = np.cumsum(lengths) - lengths

    def open_time_before(self, at: Instants) -> Lengths:
        """Return how much of the time before each instant phones were allowed to ring."""
        if not len(self.opens):
            return np.zeros(len(at), "timedelta64[us]")
        last = np.searchsorted(self.opens, at, side="right") - 1
        inside = np.minimum(at, self.closes[last]) - self.opens[last]
        return np.where(last < 0, np.timedelta64(0, "us"), self.total[last] + inside)


def _promises_and_places(
    session: Session, people: Cohort
) -> tuple[Instants, dict[PossibleLocation, list[int]]]:
    """Return each callback's `promised_at`, and which of the callbacks are to each place.

    A person who said "any hour" is in no place.
    """
    at = {number: index for index, number in enumerate(people.callback_id.tolist())}
    people_by_place: dict[PossibleLocation, list[int]] = {}
    promised: list[datetime | None] = [None] * len(at)
    numbers = list(at)
    for first in range(0, len(numbers), AT_ONCE):
        some = PROMISE_AND_PLACE.where(col(Callback.id).in_(numbers[first : first + AT_ONCE]))
        for number, promised_at, any_hour, *place in session.execute(some):
            promised[at[number]] = promised_at
            if not any_hour:
                same_hours = calling_hours.place_of_same_hours(_location_of(*place))
                people_by_place.setdefault(same_hours, []).append(at[number])
    return to_instant_column(promised), people_by_place


def _location_of(
    phone: str, region: str, zip_code: str, further_places: Sequence[Sequence[str]], kept_place: Any
) -> PossibleLocation:
    if kept_place:
        return PossibleLocation.from_data(kept_place)
    return location_of_phone(phone, (region, zip_code), further_places)
