"""The shift plan as read: one week by advisor and by hour, what is open, and what one may take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from leads.alerting import uncovered_hours
from leads.models.advisors import Advisor
from leads.models.helplines import Brand
from leads.models.inbound import InboundSettings
from leads.models.shifts import ShiftChange, WeeklyShift
from leads.people import shifts
from leads.people.permissions import Permission, has_permission_clause, require_permission
from leads.people.shift_calendar import Interval, PlannedShift, instant_of

A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)
HOURS = range(24)
SHOWN_AHEAD = timedelta(days=28)  # of what colleagues offer


@dataclass(frozen=True)
class ShiftCell:
    """One shift in the week's table, by the clock of the plan.

    `instead_of`: whose it was before a colleague took it.
    """

    advisor_id: int
    begins_at: datetime
    ends_at: datetime
    instead_of: str
    is_offered: bool


@dataclass(frozen=True)
class AdvisorWeek:
    """One advisor's shifts in a week, day by day."""

    advisor_id: int
    name: str
    days: tuple[tuple[ShiftCell, ...], ...]


@dataclass(frozen=True)
class HourCell:
    """How many work in one hour of a day, and whether a helpline is open then with nobody."""

    count: int
    is_uncovered: bool


@dataclass(frozen=True)
class UncoveredHours:
    """When one helpline calls in a week and nobody has a shift, by the clock of the plan."""

    brand: str
    spans: tuple[Interval, ...]
    has_own_hours: bool


@dataclass(frozen=True)
class OwnShift:
    """A shift of whoever looks, or one that a colleague offers to them."""

    day: date
    begins: str
    begins_at: datetime
    ends_at: datetime
    offer_id: int | None
    offered_by: str = ""


@dataclass(frozen=True)
class ShiftWeek:
    """One week of the plan; an hour that a clock change leaves out is None.

    `zone`: by whose clock it is told; `is_planned`: whether anybody has shifts at all.
    """

    first: date
    zone: str
    is_planned: bool
    advisors: tuple[AdvisorWeek, ...]
    hours: tuple[tuple[HourCell | None, ...], ...]  # for each hour, for each day
    uncovered: tuple[UncoveredHours, ...]
    own: tuple[OwnShift, ...]
    offered: tuple[OwnShift, ...]
    is_rung: bool
    phone: str


@dataclass(frozen=True)
class ShiftPattern:
    """What a supervisor has planned for one colleague."""

    advisor_id: int
    weekly: tuple[WeeklyShift, ...]
    changes: tuple[ShiftChange, ...]
    is_rung: bool


def read_shift_week(
    session: Session, viewer: Advisor, first: date, *, zone: str, now: datetime
) -> ShiftWeek:
    """Return the week that begins on a Monday; `zone` counts where nothing is planned yet."""
    require_permission(viewer, Permission.SEE_SHIFTS)
    plan_zone = shifts.find_plan_zone(session)
    zone = plan_zone or zone
    planned = shifts.read_planned_shifts(session, first - 2 * A_DAY, first + A_WEEK)
    people = _people_of_plan(session)
    names = {person.id: person.name for person in people}
    uncovered = tuple(_uncovered_by_brand(session, planned, first, zone)) if plan_zone else ()
    today = now.astimezone(ZoneInfo(zone)).date()
    ahead = shifts.read_planned_shifts(session, today - A_DAY, today + SHOWN_AHEAD)
    coming = [one for one in ahead if one.ends_at > now]
    return ShiftWeek(
        first=first,
        zone=zone,
        is_planned=bool(plan_zone),
        advisors=tuple(_advisor_weeks(planned, people, names, first, zone)),
        hours=tuple(_hour_rows(planned, uncovered, first, zone)),
        uncovered=uncovered,
        own=tuple(_own_shifts_of_week(planned, viewer, first, zone, now)),
        offered=tuple(
            _make_own_shift(one, zone, names.get(one.advisor_id, ""))
            for one in coming
            if one.offer_id and one.advisor_id != viewer.id
        ),
        is_rung=viewer.is_rung_on_shifts,
        phone=viewer.phone,
    )


def read_shift_pattern(
    session: Session, supervisor: Advisor, colleague_id: int, *, now: datetime
) -> ShiftPattern:
    """Return what is planned for one colleague."""
    require_permission(supervisor, Permission.PLAN_SHIFTS)
    since = (now - A_DAY).date()
    return ShiftPattern(
        colleague_id,
        tuple(shifts.list_weekly_shifts(session, colleague_id)),
        tuple(shifts.list_shift_changes(session, colleague_id, since=since)),
        session.get_one(Advisor, colleague_id).is_rung_on_shifts,
    )


def _people_of_plan(session: Session) -> Sequence[Advisor]:
    people = select(Advisor).where(
        has_permission_clause(Permission.TAKE_CALLBACKS), col(Advisor.deactivated_at).is_(None)
    )
    return session.exec(people.order_by(col(Advisor.name), col(Advisor.id))).all()


def _advisor_weeks(
    planned: Sequence[PlannedShift],
    people: Sequence[Advisor],
    names: Mapping[int, str],
    first: date,
    zone: str,
) -> Iterator[AdvisorWeek]:
    for person in people:
        days: list[list[ShiftCell]] = [[] for _day in range(7)]
        for shift in planned:
            cell = _make_shift_cell(shift, names, zone)
            place = (cell.begins_at.date() - first).days
            if shift.advisor_id == person.id and 0 <= place < len(days):
                days[place].append(cell)
        yield AdvisorWeek(person.id, person.name, tuple(map(tuple, days)))


def _make_shift_cell(shift: PlannedShift, names: Mapping[int, str], zone: str) -> ShiftCell:
    return ShiftCell(
        shift.advisor_id,
        shift.starts_at.astimezone(ZoneInfo(zone)),
        shift.ends_at.astimezone(ZoneInfo(zone)),
        names.get(shift.first_holder or 0, ""),
        shift.offer_id is not None,
    )


def _uncovered_by_brand(
    session: Session, planned: Sequence[PlannedShift], first: date, zone: str
) -> Iterator[UncoveredHours]:
    last = first + A_WEEK - A_DAY
    for brand in session.exec(select(Brand).order_by(col(Brand.id))):
        spans = uncovered_hours.list_uncovered_hours(
            session, brand, planned, first, last, zone=zone
        )
        phone = session.get(InboundSettings, brand.id)
        has_hours = bool(brand.calling_hours or (phone and phone.hours))
        local = (
            (begin.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone)))
            for begin, end in spans
        )
        yield UncoveredHours(brand.name, tuple(local), has_hours)


def _hour_rows(
    planned: Sequence[PlannedShift], uncovered: Sequence[UncoveredHours], first: date, zone: str
) -> Iterator[tuple[HourCell | None, ...]]:
    gaps = [span for one in uncovered for span in one.spans]
    for hour in HOURS:
        yield tuple(
            _make_hour_cell(planned, gaps, first + place * A_DAY, hour, zone) for place in range(7)
        )


def _make_hour_cell(
    planned: Sequence[PlannedShift], gaps: Sequence[Interval], day: date, hour: int, zone: str
) -> HourCell | None:
    """Return what is planned for an hour; one that the clock repeats is told as one."""
    begin = instant_of(day, f"{hour:02}:00", zone)
    is_last = hour == HOURS[-1]
    end = instant_of(day + A_DAY if is_last else day, f"{(hour + 1) % 24:02}:00", zone)
    if begin >= end:
        return None
    working = {one.advisor_id for one in planned if one.starts_at < end and begin < one.ends_at}
    return HourCell(len(working), any(since < end and begin < until for since, until in gaps))


def _own_shifts_of_week(
    planned: Sequence[PlannedShift], viewer: Advisor, first: date, zone: str, now: datetime
) -> Iterator[OwnShift]:
    """Yield the shifts of whoever looks in a week that are not over."""
    for shift in planned:
        own = _make_own_shift(shift, zone)
        is_in_week = first <= own.begins_at.date() < first + A_WEEK
        if shift.advisor_id == viewer.id and is_in_week and shift.ends_at > now:
            yield own


def _make_own_shift(shift: PlannedShift, zone: str, offered_by: str = "") -> OwnShift:
    return OwnShift(
        shift.day,
        shift.begins,
        shift.starts_at.astimezone(ZoneInfo(zone)),
        shift.ends_at.astimezone(ZoneInfo(zone)),
        shift.offer_id,
        offered_by,
    )
