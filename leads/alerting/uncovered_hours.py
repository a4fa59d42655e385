"""Uncovered hours: when a helpline calls or answers its phone by its hours, and nobody has a shift.

The hours in which it calls are by the clock of whoever is called; here they are read by the clock
by which the shifts are planned. Those of its phone have a clock of their own. Helplines without
either, and organizations that plan no shifts, have none that could be uncovered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from leads.alerting.alert_condition import AlertCondition
from leads.contact_rules.own_hours import OwnHours
from leads.i18n.messages import Message, MessageKey
from leads.models.enums import AlertKind
from leads.models.helplines import Brand
from leads.models.inbound import InboundSettings
from leads.people import shifts
from leads.people.shift_calendar import Interval, PlannedShift, instant_of, subtract_intervals

TOLD_BEFORE = timedelta(hours=48)
A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)


def uncovered_hours_conditions(session: Session, *, now: datetime) -> Iterator[AlertCondition]:
    """Yield a condition for each day of a helpline with hours that nobody covers within 48 hours.

    Somebody may see to one day while the next comes open: each is told by itself.
    """
    zone = shifts.find_plan_zone(session)
    if not zone:
        return
    until = now + TOLD_BEFORE
    first, last = (at.astimezone(ZoneInfo(zone)).date() for at in (now - A_DAY, until))
    planned = shifts.read_planned_shifts(session, first - 2 * A_DAY, last)
    days = [first + offset * A_DAY for offset in range((last - first).days + 1)]
    for brand in session.exec(select(Brand).order_by(col(Brand.id))):
        for day in days:
            of_day = list_uncovered_hours(session, brand, planned, day, day, zone=zone)
            gaps = [gap for gap in of_day if gap[1] > now and gap[0] < until]
            if gaps:
                yield _make_condition(brand, day, gaps, zone)


def list_uncovered_hours(
    session: Session,
    brand: Brand,
    planned: Sequence[PlannedShift],
    first: date,
    last: date,
    *,
    zone: str,
) -> list[Interval]:
    """Return when a helpline calls or answers from one day to another, and nobody has a shift.

    `planned` has to hold the shifts that begin up to two days before.
    """
    phone = session.get(InboundSettings, brand.id)
    open_hours = list_open_hours(OwnHours.from_data(brand.calling_hours), first, last, zone)
    if phone is not None:
        answered = OwnHours.from_data(phone.hours)
        open_hours += list_open_hours(answered, first, last, phone.zone)
    return subtract_intervals(open_hours, [(one.starts_at, one.ends_at) for one in planned])


def list_open_hours(hours: OwnHours | None, first: date, last: date, zone: str) -> list[Interval]:
    """Return when hours are open from one day to another, in a zone; never where there are none.

    What began the evening before is among them from midnight on.
    """
    if hours is None:
        return []
    begins, ends = instant_of(first, "00:00", zone), instant_of(last + A_DAY, "00:00", zone)
    days = [first + offset * A_DAY for offset in range(-1, (last - first).days + 1)]
    open_hours = [
        tuple(at.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for at in span)
        for span in map(hours.span_of_day, days)
        if span
    ]
    within = [(max(opens, begins), min(closes, ends)) for opens, closes in open_hours]
    return [(opens, closes) for opens, closes in within if opens < closes]


def _make_condition(brand: Brand, day: date, gaps: Sequence[Interval], zone: str) -> AlertCondition:
    begin = gaps[0][0].astimezone(ZoneInfo(zone))
    length = sum(((end - begin) for begin, end in gaps), timedelta())
    sentence = Message(
        MessageKey.HOURS_UNCOVERED,
        brand=brand.name,
        day=str(begin.date()),
        time=f"{begin:%H:%M}",
        zone=zone,
        count=-(-length // AN_HOUR),
    )
    since, newest = (gap[0].astimezone(UTC) - TOLD_BEFORE for gap in (gaps[0], gaps[-1]))
    about = f"brand:{brand.id}:{day}"
    return AlertCondition(AlertKind.UNCOVERED, about, sentence, since, newest, brand.id)
