"""Shift duty: shifts put advisors on duty by phone who chose that, and take them off at the end.

Duty that a person began is theirs: no shift shortens or ends it, and whoever ended duty during a
shift is not rung again because of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from leads.models.advisors import Advisor
from leads.people import presence, shifts
from leads.people.permissions import Permission, has_permission_clause
from leads.people.shift_calendar import PlannedShift

SHIFTS = "shifts"  # as the audit trail names whoever does this
A_DAY = timedelta(days=1)


def apply_shift_duties(session: Session, *, now: datetime) -> int:
    """Begin and end the duty by phone that shifts ask for; returns how many have changed.

    Idempotent, in any number of processes.
    """
    is_rung = and_(
        col(Advisor.is_rung_on_shifts),
        col(Advisor.deactivated_at).is_(None),
        col(Advisor.phone) != "",
        has_permission_clause(Permission.TAKE_CALLBACKS),
    )
    concerned = select(Advisor).where(or_(is_rung, col(Advisor.shift_duty_until).is_not(None)))
    if session.exec(concerned.limit(1)).first() is None:
        return 0
    active = _active_shifts(session, now=now)
    locked = concerned.order_by(col(Advisor.id)).with_for_update(skip_locked=True)
    rung = set(session.exec(select(Advisor.id).where(is_rung)))
    return sum(
        _apply_shift(session, advisor, active.get(advisor.id) if advisor.id in rung else None, now)
        for advisor in session.exec(locked.execution_options(populate_existing=True))
    )


def _active_shifts(session: Session, *, now: datetime) -> Mapping[int, PlannedShift]:
    """Return the shift that each advisor is in, the one that ends last."""
    around = shifts.read_planned_shifts(session, (now - 2 * A_DAY).date(), (now + A_DAY).date())
    active = [one for one in around if one.is_active(now)]
    return {one.advisor_id: one for one in sorted(active, key=lambda one: one.ends_at)}


def _apply_shift(
    session: Session, advisor: Advisor, shift: PlannedShift | None, now: datetime
) -> bool:
    """Begin, move or end one advisor's duty as their shift says; False where it is so already."""
    if shift is None:
        if advisor.shift_duty_until is None:
            return False
        presence.end_shift_duty(session, advisor, by=SHIFTS, now=now)
        return True
    is_left = advisor.off_duty_at is not None and advisor.off_duty_at >= shift.starts_at
    is_of_person = advisor.shift_duty_until is None and presence.phone_duty_until(advisor, now=now)
    if is_left or is_of_person or advisor.shift_duty_until == shift.ends_at:
        return False
    presence.put_on_shift_duty(session, advisor, until=shift.ends_at, by=SHIFTS, now=now)
    return True
