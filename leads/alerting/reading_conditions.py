"""What supervisors have to hear of a colleague who opens files as nobody's work explains."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from leads.alerting.alert_condition import AlertCondition
from leads.i18n.messages import Message, MessageKey
from leads.models.advisors import Advisor
from leads.models.audit import AuditEntry
from leads.models.enums import AlertKind, AuditKind
from leads.models.requests import Lead
from leads.people.permissions import actor_of_id
from leads.person_names import read_surname

THRESHOLDS = Path(__file__).parent / "unusual_reading.toml"
CHOSEN = (AuditKind.OPEN, AuditKind.REVEAL, AuditKind.PLAY, AuditKind.EXPORT)
DESK = "desk"  # as the audit log calls the page that shows whoever is given to an advisor
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class ReadingThresholds:
    """From how many people on opening files is unusual, and when it is night."""

    told_for: timedelta
    an_hour: int
    a_day: int
    night_begins: time
    night_ends: time
    zone: str
    at_night: int
    watches_surnames: bool
    too_common: frozenset[str]


@functools.cache
def reading_thresholds() -> ReadingThresholds:
    """Return what `unusual_reading.toml` says."""
    told = tomllib.loads(THRESHOLDS.read_text("utf-8"))
    many, night, names = told["many_files"], told["at_night"], told["own_surname"]
    return ReadingThresholds(
        timedelta(hours=told["told_for_hours"]),
        many["an_hour"],
        many["a_day"],
        time.fromisoformat(night["begins"]),
        time.fromisoformat(night["ends"]),
        night["zone"],
        night["people"],
        names["is_watched"],
        frozenset(names["too_common"]),
    )


def reading_conditions(session: Session, *, now: datetime) -> Iterator[AlertCondition]:
    """Yield a condition for each colleague and each way in which what they opened is unusual."""
    limits = reading_thresholds()
    names = {
        actor_of_id(advisor_id): (advisor_id, name)
        for advisor_id, name in session.exec(select(Advisor.id, Advisor.name))
    }
    for actor, (first, last, count) in _unusually_many(session, limits, now).items():
        if actor in names:
            advisor_id, name = names[actor]
            text = Message(MessageKey.MANY_FILES_OPENED, who=name, count=count)
            yield AlertCondition(AlertKind.READING, f"many:{advisor_id}", text, first, last)
    for actor, (first, last, count) in _opened_at_night(session, limits, now).items():
        if actor in names:
            advisor_id, name = names[actor]
            text = Message(MessageKey.FILES_OPENED_AT_NIGHT, who=name, count=count)
            yield AlertCondition(AlertKind.READING, f"night:{advisor_id}", text, first, last)
    if limits.watches_surnames:
        yield from _surname_conditions(session, limits, names, now)


Opened = dict[str, tuple[datetime, datetime, int]]
"""The first and the last instant at which somebody opened files, and of how many people."""


def _unusually_many(session: Session, limits: ReadingThresholds, now: datetime) -> Opened:
    lately = _count_opened(session, now - limits.told_for, now, least=limits.an_hour)
    found = {actor: one for actor, one in lately.items() if one[2] >= limits.a_day}
    for actor in lately.keys() - found.keys():
        if busiest := _busiest_hour(session, actor, limits, now):
            found[actor] = busiest
    return found


def _busiest_hour(
    session: Session, actor: str, limits: ReadingThresholds, now: datetime
) -> tuple[datetime, datetime, int] | None:
    """Return the first hour in which somebody opened files of unusually many people."""
    opened = select(AuditEntry.at, AuditEntry.record_id).where(
        AuditEntry.actor == actor, *_is_chosen(now - limits.told_for, now)
    )
    rows = session.exec(opened.order_by(col(AuditEntry.at))).all()
    start = 0
    for at, _record_id in rows:
        while rows[start][0] <= at - HOUR:
            start += 1
        people = {record_id for seen, record_id in rows[start:] if seen <= at}
        if len(people) >= limits.an_hour:
            return rows[start][0], at, len(people)
    return None


def _opened_at_night(session: Session, limits: ReadingThresholds, now: datetime) -> Opened:
    """Return who opened files in the last night, until the next one begins."""
    if not limits.at_night:
        return {}
    zone = ZoneInfo(limits.zone)
    day = now.astimezone(zone).date()
    begins = datetime.combine(day, limits.night_begins, zone)
    if begins > now:
        begins -= DAY
    ends = datetime.combine(begins.date() + DAY, limits.night_ends, zone)
    return _count_opened(session, begins, min(ends, now), least=limits.at_night)


def _count_opened(session: Session, after: datetime, until: datetime, *, least: int) -> Opened:
    """Return who opened files of at least so many people within a time."""
    people = func.count(func.distinct(AuditEntry.record_id))
    counted = (
        select(AuditEntry.actor, func.min(AuditEntry.at), func.max(AuditEntry.at), people)
        .where(*_is_chosen(after, until))
        .group_by(AuditEntry.actor)
        .having(people >= least)
    )
    return {who: (first, last, count) for who, first, last, count in session.exec(counted)}


def _surname_conditions(
    session: Session, limits: ReadingThresholds, names: dict[str, tuple[int, str]], now: datetime
) -> Iterator[AlertCondition]:
    opened = (
        select(AuditEntry.actor, AuditEntry.record_id, func.min(AuditEntry.at))
        .where(*_is_chosen(now - limits.told_for, now))
        .group_by(AuditEntry.actor, AuditEntry.record_id)
    )
    rows = [row for row in session.exec(opened) if row[0] in names]
    leads = select(Lead.id, Lead.name).where(col(Lead.id).in_({int(one) for _a, one, _at in rows}))
    surnames = {str(lead_id): read_surname(name) for lead_id, name in session.exec(leads)}
    found: dict[str, list[datetime]] = {}
    for actor, lead_id, at in rows:
        own = read_surname(names[actor][1])
        if own and own == surnames.get(lead_id) and own not in limits.too_common:
            found.setdefault(actor, []).append(at)
    for actor, times in found.items():
        advisor_id, name = names[actor]
        text = Message(MessageKey.OWN_SURNAME_OPENED, who=name, count=len(times))
        about = f"surname:{advisor_id}"
        yield AlertCondition(AlertKind.READING, about, text, min(times), max(times))


def _is_chosen(after: datetime, until: datetime) -> tuple[Any, ...]:
    """Return the conditions that an entry says of somebody that they opened a person's file."""
    return (
        col(AuditEntry.at) > after,
        col(AuditEntry.at) <= until,
        col(AuditEntry.kind).in_([str(kind) for kind in CHOSEN]),
        AuditEntry.view != DESK,
        AuditEntry.record == "lead",
    )
