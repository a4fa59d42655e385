"""Which supervisor is on call when: hours of every week, in the supervisor's own zone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete
from sqlmodel import Session, col, select

from leads.config import parsing
from leads.errors import BadConfiguration
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor, OnCall
from leads.models.enums import NoticeMethod
from leads.people.permissions import (
    Operator,
    Permission,
    actor_of,
    does_serve,
    list_active_people_who_may,
    require_permission,
    role_may,
)

HELP = """\
An alert is on every supervisor's screen at once. If nobody says that they look into it, it is sent
to the supervisors on call by text and e-mail, and at last they are rung: 3, 5 and 15 minutes past a
promise, unless `brand alerts` says otherwise; 0 is never. Where nobody is on call, or nobody on
call can be reached that way, every supervisor is told."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def add_on_call_shift(
    session: Session,
    person: Advisor,
    *,
    days: str,
    begins: str,
    ends: str,
    zone: str,
    actor: Advisor | Operator,
    now: datetime,
) -> OnCall:
    """Put a supervisor on call on some days of every week.

    A shift that ends when or before it begins ends a day later.

    `days` is like `mon-fri` or `sat,sun`, times are like `18:00`. Raises BadConfiguration for
    anything else. Idempotent: the same hours again are the shift that is there.
    """
    require_permission(person, Permission.BE_ON_CALL)
    require_permission(actor, Permission.PUT_ON_CALL)
    session.get_one(
        Advisor, person.id, with_for_update=True
    )  # two who press at once put them on call once
    hours: dict[str, Any] = {
        "begins": _parse_time_of_day(begins),
        "ends": _parse_time_of_day(ends),
        "zone": parsing.parse_time_zone(zone),
    }
    shift = OnCall(advisor_id=person.id, days=_parse_weekdays(days), **hours)
    theirs = session.exec(select(OnCall).filter_by(advisor_id=person.id, **hours))
    if same := next((one for one in theirs if one.days == shift.days), None):
        return same
    session.add(shift)
    session.flush()
    record_event(session, person, "put_on_call", actor=actor_of(actor), now=now, shift_id=shift.id)
    return shift


def clear_on_call_shifts(
    session: Session, person: Advisor, actor: Advisor | Operator, *, now: datetime
) -> None:
    """Take a supervisor off call for good."""
    require_permission(actor, Permission.TAKE_OFF_CALL)
    session.execute(delete(OnCall).where(col(OnCall.advisor_id) == person.id))
    record_event(session, person, "take_off_call", actor=actor_of(actor), now=now)


def remove_on_call_shift(
    session: Session, shift_id: int, actor: Advisor | Operator, *, now: datetime
) -> None:
    """Take one shift out of every week. Idempotent: one that is gone already stays gone."""
    require_permission(actor, Permission.TAKE_OFF_CALL)
    if shift := session.get(OnCall, shift_id, with_for_update=True):
        session.delete(shift)
        person = session.get_one(Advisor, shift.advisor_id)
        record_event(
            session, person, "take_off_call", actor=actor_of(actor), now=now, shift_id=shift_id
        )


def list_on_call_shifts(session: Session) -> list[tuple[Advisor, OnCall]]:
    """Return every shift with its supervisor."""
    shifts = select(Advisor, OnCall).join(OnCall, col(OnCall.advisor_id) == col(Advisor.id))
    return list(
        session.exec(shifts.where(col(Advisor.deactivated_at).is_(None)).order_by(col(OnCall.id)))
    )


def addresses_to_alert(
    session: Session, way: NoticeMethod, *, brand_id: int | None = None, now: datetime
) -> list[str]:
    """Return the addresses of the supervisors on call who serve a helpline.

    Where none of them can be reached by this method, they are the addresses of every supervisor who
    serves it. A notice names nobody: where no supervisor serves it, all of them are better than
    none.
    """
    on_call = [
        person for person, shift in list_on_call_shifts(session) if _is_shift_active(shift, now)
    ]
    everybody = list_active_people_who_may(session, Permission.BE_ON_CALL)
    chosen = (
        [one for one in people if brand_id is None or does_serve(one, brand_id)]
        for people in (on_call, everybody)
    )
    addresses = (_addresses_for_way(people, way) for people in (*chosen, on_call, everybody))
    return next(filter(None, addresses), [])


def on_call_names(session: Session, *, now: datetime) -> list[str]:
    """Return the names of the supervisors on call."""
    return list(
        dict.fromkeys(
            person.name
            for person, shift in list_on_call_shifts(session)
            if _is_shift_active(shift, now)
        )
    )


def find_supervisor_by_phone(session: Session, phone: str, *, now: datetime) -> Advisor | None:
    """Return the supervisor whom a phone number reaches.

    Of supervisors who share a phone, it is the one on call.
    """
    theirs = [
        person
        for person in list_active_people_who_may(session, Permission.BE_ON_CALL)
        if phone and person.phone == phone
    ]
    on_call = {
        person.id for person, shift in list_on_call_shifts(session) if _is_shift_active(shift, now)
    }
    return min(theirs, key=lambda person: person.id not in on_call, default=None)


def _addresses_for_way(people: Sequence[Advisor], way: NoticeMethod) -> list[str]:
    addresses = [
        person.email if way == NoticeMethod.EMAIL else person.phone
        for person in people
        if role_may(person.role, Permission.BE_ON_CALL)
    ]
    return list(dict.fromkeys(address for address in addresses if address))


def _is_shift_active(shift: OnCall, now: datetime) -> bool:
    """Whether a shift that began today or yesterday, in the shift's own zone, has not ended yet."""
    today = now.astimezone(ZoneInfo(shift.zone)).date()
    begins, ends = time.fromisoformat(shift.begins), time.fromisoformat(shift.ends)
    for day in (today - timedelta(days=1), today):
        last = day + timedelta(days=1) if ends <= begins else day
        start, end = (
            datetime.combine(on, at, ZoneInfo(shift.zone)).timestamp()
            for on, at in ((day, begins), (last, ends))
        )
        if day.weekday() in shift.days and start <= now.timestamp() < end:
            return True
    return False


def _parse_weekdays(text: str) -> list[int]:
    weekdays: set[int] = set()
    for part in text.lower().split(","):
        first, _, last = (
            part.strip() if "-" in part else f"{part.strip()}-{part.strip()}"
        ).partition("-")
        if first not in DAYS or last not in DAYS:
            msg = "--days must be like mon-fri or sat,sun."
            raise BadConfiguration(msg)
        begin, end = DAYS.index(first), DAYS.index(last)
        weekdays |= {(begin + step) % 7 for step in range((end - begin) % 7 + 1)}
    return sorted(weekdays)


def _parse_time_of_day(text: str) -> str:
    if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", text):
        msg = "--from and --to must be times of day such as 18:00."
        raise BadConfiguration(msg)
    return text.rjust(5, "0")
