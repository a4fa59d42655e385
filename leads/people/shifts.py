"""Shifts: the weekly pattern, single days that differ, and swaps among colleagues.

Every act is in the audit trail.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session, col, select

from leads.config import parsing
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import BadConfiguration, LostRace, NotNow
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.enums import ShiftChangeKind
from leads.models.shifts import ShiftChange, WeeklyShift
from leads.people.permissions import Operator, Permission, actor_of, require_permission
from leads.people.shift_calendar import PlannedShift, plan_shifts

DAYS_OF_WEEK = range(7)
GONE = Phrase("This shift is no longer available: someone took it, or the offer was withdrawn.")


def read_planned_shifts(session: Session, first: date, last: date) -> list[PlannedShift]:
    """Return the shifts of everybody who works here that begin from one day to another."""
    weekly = session.exec(select(WeeklyShift).order_by(col(WeeklyShift.id))).all()
    changes = session.exec(
        select(ShiftChange).where(
            col(ShiftChange.day).between(first, last), col(ShiftChange.ended_at).is_(None)
        )
    ).all()
    if not weekly and not changes:
        return []
    works_here = select(Advisor.id).where(col(Advisor.deactivated_at).is_(None))
    here = set(session.exec(works_here))
    return [one for one in plan_shifts(weekly, changes, first, last) if one.advisor_id in here]


def find_plan_zone(session: Session) -> str:
    """Return the zone by whose clock most shifts are planned; empty where there are none."""
    zones = Counter(session.exec(select(WeeklyShift.zone)))
    return min(zones, key=lambda zone: (-zones[zone], zone), default="")


def list_weekly_shifts(session: Session, colleague_id: int) -> list[WeeklyShift]:
    """Return the pattern of a colleague's week, Monday first."""
    theirs = select(WeeklyShift).where(WeeklyShift.advisor_id == colleague_id)
    return list(session.exec(theirs.order_by(col(WeeklyShift.weekday), col(WeeklyShift.begins))))


def list_shift_changes(session: Session, colleague_id: int, *, since: date) -> list[ShiftChange]:
    """Return the days off and extra shifts of a colleague that are still in force."""
    theirs = select(ShiftChange).where(
        ShiftChange.advisor_id == colleague_id,
        col(ShiftChange.kind) != ShiftChangeKind.OFFERED,
        col(ShiftChange.ended_at).is_(None),
        col(ShiftChange.day) >= since,
    )
    return list(session.exec(theirs.order_by(col(ShiftChange.day), col(ShiftChange.id))))


def add_weekly_shifts(
    session: Session,
    colleague: Advisor,
    actor: Advisor | Operator,
    *,
    weekdays: Iterable[int],
    begins: str,
    ends: str,
    zone: str,
    now: datetime,
) -> None:
    """Give a colleague a shift on some days of every week; 0 is Monday.

    One that ends when or before it begins ends on the next day. Where one begins at that time
    already, it gets the new end. Raises BadConfiguration for no day, or a time that is none.
    """
    require_permission(actor, Permission.PLAN_SHIFTS)
    days = sorted(set(weekdays))
    if not days or any(day not in DAYS_OF_WEEK for day in days):
        raise BadConfiguration(Phrase("Choose at least one day of the week."))
    hours = _valid_hours(begins, ends, zone)
    session.get_one(Advisor, colleague.id, with_for_update=True)
    there = {(one.weekday, one.begins): one for one in list_weekly_shifts(session, colleague.id)}
    for day in days:
        shift = there.get((day, hours["begins"])) or WeeklyShift(
            advisor_id=colleague.id, weekday=day, **hours
        )
        shift.ends, shift.zone = hours["ends"], hours["zone"]
        session.add(shift)
        session.flush()
        changed = {"weekday": day, **hours}
        record_event(session, shift, "plan", actor=actor_of(actor), now=now, **changed)
    wake_after_commit(session, Wakeup.DESK)


def remove_weekly_shift(
    session: Session, shift_id: int, actor: Advisor | Operator, *, now: datetime
) -> None:
    """Take a shift out of every week. Idempotent: one that is gone already stays gone."""
    require_permission(actor, Permission.PLAN_SHIFTS)
    if shift := session.get(WeeklyShift, shift_id, with_for_update=True):
        record_event(session, shift, "remove", actor=actor_of(actor), now=now)
        session.delete(shift)
        wake_after_commit(session, Wakeup.DESK)


def add_day_off(
    session: Session, colleague: Advisor, actor: Advisor | Operator, *, day: date, now: datetime
) -> None:
    """Take away every shift of a colleague that begins on a day."""
    require_permission(actor, Permission.PLAN_SHIFTS)
    _add_change(session, colleague, actor, ShiftChangeKind.OFF, day, hours={}, now=now)


def add_extra_shift(
    session: Session,
    colleague: Advisor,
    actor: Advisor | Operator,
    *,
    day: date,
    begins: str,
    ends: str,
    zone: str,
    now: datetime,
) -> None:
    """Give a colleague one more shift, on one day."""
    require_permission(actor, Permission.PLAN_SHIFTS)
    hours = _valid_hours(begins, ends, zone)
    _add_change(session, colleague, actor, ShiftChangeKind.EXTRA, day, hours=hours, now=now)


def end_shift_change(
    session: Session, change_id: int, actor: Advisor | Operator, *, now: datetime
) -> None:
    """Let a day off or an extra shift count no more. Idempotent."""
    require_permission(actor, Permission.PLAN_SHIFTS)
    _mark_change_ended(
        session, session.get(ShiftChange, change_id, with_for_update=True), actor, now=now
    )


def offer_shift(
    session: Session, advisor: Advisor, *, day: date, begins: str, now: datetime
) -> None:
    """Offer a shift of one's own to the colleagues; it stays one's own until somebody takes it.

    Raises NotNow for a shift that is not theirs or is over. Idempotent.
    """
    require_permission(advisor, Permission.SWAP_SHIFTS)
    session.get_one(Advisor, advisor.id, with_for_update=True)
    mine = (one for one in read_planned_shifts(session, day, day) if one.advisor_id == advisor.id)
    shift = next((one for one in mine if one.begins == begins), None)
    if shift is None or shift.ends_at <= now:
        raise NotNow(Phrase("You have no such shift to offer."))
    if shift.offer_id is None:
        hours = {"begins": shift.begins, "ends": shift.ends, "zone": shift.zone}
        _add_change(session, advisor, advisor, ShiftChangeKind.OFFERED, day, hours=hours, now=now)


def withdraw_shift_offer(
    session: Session, offer_id: int, advisor: Advisor, *, now: datetime
) -> None:
    """Take back the offer of a shift. Raises LostRace where a colleague has taken it."""
    require_permission(advisor, Permission.SWAP_SHIFTS)
    offer = _require_open_offer(session, offer_id)
    if offer.advisor_id != advisor.id:
        require_permission(advisor, Permission.PLAN_SHIFTS)
    _mark_change_ended(session, offer, advisor, now=now)


def take_shift(session: Session, offer_id: int, advisor: Advisor, *, now: datetime) -> None:
    """Take the shift that a colleague offers.

    Raises LostRace where somebody else was faster, NotNow where it is over or they work then.
    """
    require_permission(advisor, Permission.SWAP_SHIFTS)
    offer = _require_open_offer(session, offer_id)
    around = read_planned_shifts(
        session, offer.day - timedelta(days=1), offer.day + timedelta(days=1)
    )
    shift = next((one for one in around if one.offer_id == offer.id), None)
    if shift is None or shift.ends_at <= now or offer.advisor_id == advisor.id:
        raise NotNow(GONE)
    if any(
        one.advisor_id == advisor.id
        and one.starts_at < shift.ends_at
        and shift.starts_at < one.ends_at
        for one in around
    ):
        raise NotNow(Phrase("You already have a shift at that time."))
    offer.taken_by, offer.taken_at = advisor.id, now
    session.add(offer)
    record_event(session, offer, "take", actor=actor_of(advisor), now=now, taken_by=advisor.id)
    wake_after_commit(session, Wakeup.DESK)


def set_ringing_on_shifts(
    session: Session, colleague: Advisor, advisor: Advisor, *, is_rung: bool, now: datetime
) -> None:
    """Let shifts put somebody on duty by phone, or not: oneself, or as a supervisor anybody."""
    is_own = colleague.id == advisor.id
    require_permission(advisor, Permission.SWAP_SHIFTS if is_own else Permission.PLAN_SHIFTS)
    colleague.is_rung_on_shifts = is_rung
    session.add(colleague)
    actor = actor_of(advisor)
    record_event(session, colleague, "set_ringing_on_shifts", actor=actor, now=now, is_rung=is_rung)


def _add_change(
    session: Session,
    colleague: Advisor,
    actor: Advisor | Operator,
    kind: ShiftChangeKind,
    day: date,
    *,
    hours: dict[str, Any],
    now: datetime,
) -> None:
    """Note how one day differs; the same as is in force already changes nothing."""
    session.get_one(Advisor, colleague.id, with_for_update=True)
    there = select(ShiftChange).where(
        ShiftChange.advisor_id == colleague.id,
        ShiftChange.kind == kind,
        ShiftChange.day == day,
        col(ShiftChange.ended_at).is_(None),
        col(ShiftChange.taken_at).is_(None),
        ShiftChange.begins == hours.get("begins", ""),
    )
    if session.exec(there).first():
        return
    change = ShiftChange(advisor_id=colleague.id, kind=kind, day=day, made_at=now, **hours)
    session.add(change)
    session.flush()
    changed: dict[str, Any] = {"advisor_id": colleague.id, "day": str(day), **hours}
    record_event(session, change, str(kind), actor=actor_of(actor), now=now, **changed)
    wake_after_commit(session, Wakeup.DESK)


def _mark_change_ended(
    session: Session, change: ShiftChange | None, actor: Advisor | Operator, *, now: datetime
) -> None:
    if change is None or change.ended_at:
        return
    change.ended_at = now
    session.add(change)
    record_event(session, change, "end", actor=actor_of(actor), now=now)
    wake_after_commit(session, Wakeup.DESK)


def _require_open_offer(session: Session, offer_id: int) -> ShiftChange:
    found = select(ShiftChange).where(ShiftChange.id == offer_id).with_for_update()
    offer = session.exec(found.execution_options(populate_existing=True)).first()
    if offer is None or offer.kind is not ShiftChangeKind.OFFERED:
        raise LostRace(GONE)
    if offer.ended_at or offer.taken_at:
        raise LostRace(GONE)
    return offer


def _valid_hours(begins: str, ends: str, zone: str) -> dict[str, Any]:
    try:
        times = [f"{time.fromisoformat(at):%H:%M}" for at in (begins, ends)]
    except ValueError:
        raise BadConfiguration(Phrase("Enter times such as 18:00.")) from None
    return {"begins": times[0], "ends": times[1], "zone": parsing.parse_time_zone(zone)}
