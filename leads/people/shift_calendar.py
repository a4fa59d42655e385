"""The shift calendar: who works when, from the pattern of a week and what differs. Pure.

Times of day are those of a shift's own zone, whatever the clock does: a time that a clock change
leaves out is the instant at which the clock goes on, one that it repeats is the first of the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from leads.models.enums import ShiftChangeKind
from leads.models.shifts import ShiftChange, WeeklyShift

A_DAY = timedelta(days=1)
Interval = tuple[datetime, datetime]


@dataclass(frozen=True)
class PlannedShift:
    """One shift of one advisor: the day on which it begins, and its instants in UTC.

    `first_holder`: whose it was before a swap. `offer_id`: of the offer that colleagues may take.
    """

    advisor_id: int
    day: date
    begins: str
    ends: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    first_holder: int | None = None
    offer_id: int | None = None

    def is_active(self, now: datetime) -> bool:
        """Whether the advisor works at an instant because of this shift."""
        return self.starts_at <= now < self.ends_at


def plan_shifts(
    weekly: Sequence[WeeklyShift], changes: Sequence[ShiftChange], first: date, last: date
) -> list[PlannedShift]:
    """Return the shifts that begin from one day to another, in order of time.

    `changes` are those in force; of several about one day the later counts after the earlier: a
    swap since it was taken.
    """
    shifts = [
        shift
        for offset in range((last - first).days + 1)
        for shift in _shifts_of_day(weekly, first + offset * A_DAY)
    ]
    for change in sorted(
        changes, key=lambda change: (change.taken_at or change.made_at, change.id)
    ):
        if first <= change.day <= last:
            shifts = _apply_shift_change(shifts, change)
    return sorted(shifts, key=lambda shift: (shift.starts_at, shift.ends_at, shift.advisor_id))


def make_planned_shift(
    advisor_id: int, day: date, begins: str, ends: str, zone: str
) -> PlannedShift | None:
    """Return the shift that begins on a day; None where a clock change leaves nothing of it."""
    last = day + A_DAY if ends <= begins else day
    starts_at, ends_at = instant_of(day, begins, zone), instant_of(last, ends, zone)
    if starts_at >= ends_at:
        return None
    return PlannedShift(advisor_id, day, begins, ends, zone, starts_at, ends_at)


def instant_of(day: date, at: str, zone: str) -> datetime:
    """Return the instant of a time of day in a zone."""
    return datetime.combine(day, time.fromisoformat(at), ZoneInfo(zone)).astimezone(UTC)


def subtract_intervals(wanted: Iterable[Interval], covered: Iterable[Interval]) -> list[Interval]:
    """Return what is in the first intervals and in none of the second, joined, in order."""
    left = _join_intervals(wanted)
    for begin, end in _join_intervals(covered):
        left = [part for one in left for part in _cut_interval(one, begin, end)]
    return left


def _shifts_of_day(weekly: Sequence[WeeklyShift], day: date) -> Iterator[PlannedShift]:
    for row in weekly:
        if row.weekday == day.weekday():
            shift = make_planned_shift(row.advisor_id, day, row.begins, row.ends, row.zone)
            if shift:
                yield shift


def _apply_shift_change(shifts: Sequence[PlannedShift], change: ShiftChange) -> list[PlannedShift]:
    match change.kind:
        case ShiftChangeKind.OFF:
            return [one for one in shifts if not _is_held_on_day(one, change)]
        case ShiftChangeKind.EXTRA:
            extra = make_planned_shift(
                change.advisor_id, change.day, change.begins, change.ends, change.zone
            )
            return [*shifts, extra] if extra else list(shifts)
    return [_hand_on(one, change) for one in shifts]


def _is_held_on_day(shift: PlannedShift, change: ShiftChange) -> bool:
    return (shift.advisor_id, shift.day) == (change.advisor_id, change.day)


def _hand_on(shift: PlannedShift, offer: ShiftChange) -> PlannedShift:
    """Return a shift as an offer leaves it: with whoever took it, or open to be taken."""
    if not _is_held_on_day(shift, offer) or shift.begins != offer.begins:
        return shift
    if offer.taken_by is None:
        return replace(shift, offer_id=offer.id)
    first_holder = shift.first_holder or shift.advisor_id
    return replace(shift, advisor_id=offer.taken_by, first_holder=first_holder, offer_id=None)


def _join_intervals(intervals: Iterable[Interval]) -> list[Interval]:
    joined: list[Interval] = []
    for begin, end in sorted(intervals):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def _cut_interval(one: Interval, begin: datetime, end: datetime) -> Iterator[Interval]:
    if end <= one[0] or begin >= one[1]:
        yield one
        return
    if one[0] < begin:
        yield (one[0], begin)
    if end < one[1]:
        yield (end, one[1])
