"""Own hours of a helpline: shorter ones count at once, longer ones need a second person's word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from leads.contact_rules.own_hours import DAYS, OwnHours
from leads.errors import BadConfiguration, LostRace, NotAllowed
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.helplines import Brand, HoursChange
from leads.people.permissions import Permission, actor_of, require_permission

MOST_CLOSED_DATES = 100
A_DAY = timedelta(days=1)  # by which the west is behind


@dataclass(frozen=True)
class WaitingHours:
    """Longer hours that somebody asked for, and that wait for somebody else's word."""

    change_id: int
    hours: OwnHours | None
    reason: str
    asked_by: int
    asked_by_name: str


@dataclass(frozen=True)
class HelplineHours:
    """A helpline's own hours as its set-up page shows them."""

    brand_id: int
    brand: str
    hours: OwnHours | None
    waiting: WaitingHours | None


def list_helpline_hours(session: Session, supervisor: Advisor) -> list[HelplineHours]:
    """Return the own hours of every helpline, and what waits for a second person."""
    require_permission(supervisor, Permission.SET_OWN_HOURS)
    waiting = {
        change.brand_id: WaitingHours(
            change.id, OwnHours.from_data(change.hours), change.reason, asker.id, asker.name
        )
        for change, asker in session.exec(
            select(HoursChange, Advisor)
            .join(Advisor, col(Advisor.id) == col(HoursChange.asked_by))
            .where(col(HoursChange.decided_at).is_(None))
            .order_by(col(HoursChange.id))
        )
    }
    return [
        HelplineHours(
            brand.id, brand.name, OwnHours.from_data(brand.calling_hours), waiting.get(brand.id)
        )
        for brand in session.exec(select(Brand).order_by(col(Brand.id)))
    ]


def set_own_hours(
    session: Session,
    brand: Brand,
    hours: OwnHours | None,
    reason: str,
    supervisor: Advisor,
    *,
    now: datetime,
) -> bool:
    """Set a helpline's own hours, None for whatever the law allows; returns whether they count now.

    Longer hours than before wait for a second person, with the reason. What waited before is
    dropped. Raises BadConfiguration for hours that cannot be, or a reason that is missing.
    """
    require_permission(supervisor, Permission.SET_OWN_HOURS, brand)
    _validate_hours(hours)
    session.flush()
    session.refresh(brand, with_for_update=True)
    before = OwnHours.from_data(brand.calling_hours)
    is_tighter = before is None or (
        hours is not None and hours.is_within(before, today=(now - A_DAY).date())
    )
    if not is_tighter and not reason.strip():
        raise BadConfiguration(
            Phrase("Longer hours need a reason and a second person's approval. Enter the reason.")
        )
    for waiting in session.exec(_waiting_changes(brand.id)):
        _decide_hours(session, waiting, supervisor, is_confirmed=False, now=now)
    if is_tighter:
        _apply_hours(session, brand, hours, supervisor, now=now)
        return True
    change = HoursChange(
        brand_id=brand.id,
        hours=hours.as_data() if hours else None,
        reason=reason.strip(),
        asked_by=supervisor.id,
        asked_at=now,
    )
    session.add(change)
    session.flush()
    record_event(session, change, "ask", actor=actor_of(supervisor), now=now, brand=brand.id)
    return False


def decide_hours_change(
    session: Session, change_id: int, supervisor: Advisor, *, is_confirmed: bool, now: datetime
) -> None:
    """Let longer hours count, or not: whoever asked for them can only take them back.

    Raises LostRace where somebody decided before.
    """
    require_permission(supervisor, Permission.SET_OWN_HOURS, (HoursChange, change_id))
    found = select(HoursChange).where(HoursChange.id == change_id).with_for_update()
    change = session.exec(found).one()
    if change.decided_at:
        raise LostRace(Phrase("Someone already decided about these hours."))
    if is_confirmed and change.asked_by == supervisor.id:
        raise NotAllowed(Phrase("Someone else has to approve the hours you requested."))
    _decide_hours(session, change, supervisor, is_confirmed=is_confirmed, now=now)
    if is_confirmed:
        brand = session.get_one(Brand, change.brand_id, with_for_update=True)
        hours = OwnHours.from_data(change.hours)
        _apply_hours(session, brand, hours, supervisor, now=now)


def _decide_hours(
    session: Session, change: HoursChange, person: Advisor, *, is_confirmed: bool, now: datetime
) -> None:
    change.decided_by, change.decided_at, change.is_confirmed = person.id, now, is_confirmed
    session.add(change)
    event = "confirm" if is_confirmed else "decline"
    record_event(session, change, event, actor=actor_of(person), now=now)


def _apply_hours(
    session: Session, brand: Brand, hours: OwnHours | None, person: Advisor, *, now: datetime
) -> None:
    brand.calling_hours = hours.as_data() if hours else None
    session.add(brand)
    hours_set = {"calling_hours": brand.calling_hours or {}}
    record_event(session, brand, "set_hours", actor=actor_of(person), now=now, **hours_set)


def _validate_hours(hours: OwnHours | None) -> None:
    if hours is None:
        return
    windows = [window for window in hours.windows if window]
    if len(hours.windows) != DAYS or not windows:
        raise BadConfiguration(Phrase("Choose at least one day for calls."))
    if any(opens >= closes for opens, closes in windows):
        raise BadConfiguration(Phrase("Each day has to end after it starts."))
    if len(hours.closed_dates) > MOST_CLOSED_DATES:
        raise BadConfiguration(Phrase("Enter up to {most} closed dates.", most=MOST_CLOSED_DATES))


def _waiting_changes(brand_id: int) -> Any:
    return select(HoursChange).where(
        HoursChange.brand_id == brand_id, col(HoursChange.decided_at).is_(None)
    )
