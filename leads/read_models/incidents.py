"""Incidents as read: what the work list has of them, and for their own page all of them."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import false
from sqlmodel import Session, col, or_, select

from leads.callbacks.hours_override import GOOD_FOR
from leads.free_text.danger import DangerKind
from leads.i18n.translatable import Phrase
from leads.lead_records.visible_people import masked_person
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import OPEN_CALLBACK
from leads.models.helplines import Brand
from leads.models.incident_words import IncidentOutcome
from leads.models.incidents import HoursOverride, Incident
from leads.models.requests import Lead
from leads.people.actor_names import read_names_by_actor
from leads.people.permissions import Permission, actor_of_id, require_permission
from leads.read_models.danger_desk import TakenStep, read_steps

LATELY = timedelta(days=30)
MOST_CLOSED = 50


@dataclass(frozen=True)
class UnseenOverride:
    """A call outside the hours that a second person has to look at."""

    override_id: int
    callback_id: int
    lead_id: int
    who: Phrase
    brand: str
    reason: str
    asked_by: str
    asked_at: datetime
    has_begun: bool
    is_own: bool
    is_over: bool  # taken back, or its time is past


@dataclass(frozen=True)
class IncidentRow:
    """One incident on the supervisors' page.

    `first_contact`: how long after it was opened somebody talked to the person; None for never.
    """

    incident_id: int
    callback_id: int
    lead_id: int
    who: Phrase
    brand: str
    kind: DangerKind
    opened_at: datetime
    opened_by: str  # empty where words opened it
    first_contact: timedelta | None
    steps: tuple[TakenStep, ...]
    outcome: IncidentOutcome | None
    closed_at: datetime | None
    closed_by: str
    is_in_hand: bool
    follow_up_due: datetime | None
    is_follow_up_late: bool
    followed_up_at: datetime | None
    followed_up_by: str
    follow_up_note: str

    @property
    def waits_for_follow_up(self) -> bool:
        """Whether somebody still has to look after the person again."""
        return self.follow_up_due is not None and self.followed_up_at is None


@dataclass(frozen=True)
class IncidentFigures:
    """The incidents of the last 30 days in figures.

    `median_first_contact` counts those whom nobody has talked to as later than all others, and is
    None where they are the half.
    """

    opened: int
    open_now: int
    median_first_contact: timedelta | None
    follow_ups_late: int
    outcomes: Mapping[IncidentOutcome, int]


@dataclass(frozen=True)
class IncidentBoard:
    """What the work list has of danger."""

    overrides: tuple[UnseenOverride, ...]
    follow_ups: tuple[IncidentRow, ...]  # the next one first
    open: tuple[IncidentRow, ...]


@dataclass(frozen=True)
class IncidentList:
    """Open incidents first, then those whose follow-up is due, then the others, latest first."""

    rows: tuple[IncidentRow, ...]
    figures: IncidentFigures


def read_incident_board(session: Session, supervisor: Advisor, *, now: datetime) -> IncidentBoard:
    """Return what supervisors have to do now about danger. Supervisors only."""
    require_permission(supervisor, Permission.SEE_INCIDENTS)
    names = read_names_by_actor(session)
    rows = _read_rows(session, names, since=None, now=now)
    follow_ups = (row for row in rows if row.closed_at and row.waits_for_follow_up)
    return IncidentBoard(
        overrides=tuple(_unseen_overrides(session, names, supervisor, now)),
        follow_ups=tuple(sorted(follow_ups, key=lambda row: row.follow_up_due or now)),
        open=tuple(row for row in rows if row.closed_at is None),
    )


def read_incidents(session: Session, supervisor: Advisor, *, now: datetime) -> IncidentList:
    """Return the incidents that are open or wait for a follow-up, and the latest others."""
    require_permission(supervisor, Permission.SEE_INCIDENTS)
    rows = _read_rows(session, read_names_by_actor(session), since=now - LATELY, now=now)
    undone = [row for row in rows if row.closed_at is None or row.waits_for_follow_up]
    others = [row for row in rows if row not in undone][:MOST_CLOSED]
    in_order = sorted(undone, key=lambda row: row.closed_at is not None)
    return IncidentList((*in_order, *others), _count_figures(rows, now))


def _read_rows(
    session: Session, names: Mapping[str, str], *, since: datetime | None, now: datetime
) -> list[IncidentRow]:
    """Return what is open or waits for a follow-up, latest first, and all that was opened since."""
    query = (
        select(Incident, Callback, Lead, Brand)
        .join(Callback, col(Callback.id) == col(Incident.callback_id))
        .join(Lead, col(Lead.id) == col(Callback.lead_id))
        .join(Brand, col(Brand.id) == col(Callback.brand_id))
        .where(
            or_(
                col(Incident.closed_at).is_(None),
                col(Incident.opened_at) > since if since else false(),
                col(Incident.follow_up_due).is_not(None) & col(Incident.followed_up_at).is_(None),
            )
        )
        .order_by(col(Incident.opened_at).desc(), col(Incident.id).desc())
    )
    found = session.exec(query).all()
    steps = read_steps(session, [incident.id for incident, *_others in found])
    talks = _talks_by_callback(session, [callback.id for _incident, callback, *_others in found])
    context = _Context(steps, talks, names, now)
    return [_to_row(context, *records) for records in found]


@dataclass(frozen=True)
class _Context:
    """What is known beside the records of an incident: by its id, and by its callback's."""

    steps: Mapping[int, tuple[TakenStep, ...]]
    talks: Mapping[int, Sequence[CallAttempt]]
    names: Mapping[str, str]
    now: datetime


def _to_row(
    context: _Context, incident: Incident, callback: Callback, lead: Lead, brand: Brand
) -> IncidentRow:
    names = context.names
    is_late = incident.follow_up_due is not None and incident.follow_up_due <= context.now
    return IncidentRow(
        incident_id=incident.id,
        callback_id=callback.id,
        lead_id=lead.id,
        who=masked_person(lead.name, lead.phone),
        brand=brand.name,
        kind=incident.kind,
        opened_at=incident.opened_at,
        opened_by=names.get(incident.opened_by, ""),
        first_contact=_first_contact(incident, context.talks.get(callback.id, ())),
        steps=context.steps[incident.id],
        outcome=incident.outcome,
        closed_at=incident.closed_at,
        closed_by=names.get(incident.closed_by, ""),
        is_in_hand=callback.advisor_id is not None and callback.state in OPEN_CALLBACK,
        follow_up_due=incident.follow_up_due,
        is_follow_up_late=is_late and incident.followed_up_at is None,
        followed_up_at=incident.followed_up_at,
        followed_up_by=names.get(incident.followed_up_by, ""),
        follow_up_note=incident.follow_up_note,
    )


def _talks_by_callback(
    session: Session, callback_ids: Sequence[int]
) -> Mapping[int, Sequence[CallAttempt]]:
    talks: dict[int, list[CallAttempt]] = {}
    answered = select(CallAttempt).where(
        col(CallAttempt.callback_id).in_(callback_ids), col(CallAttempt.answered_at).is_not(None)
    )
    for attempt in session.exec(answered.order_by(col(CallAttempt.answered_at))):
        talks.setdefault(attempt.callback_id, []).append(attempt)
    return talks


def _first_contact(incident: Incident, talks: Sequence[CallAttempt]) -> timedelta | None:
    """Return how long it took until somebody talked to the person; nothing during a call."""
    for talk in talks:
        if talk.answered_at and (talk.ended_at is None or talk.ended_at >= incident.opened_at):
            return max(talk.answered_at - incident.opened_at, timedelta())
    return None


def _count_figures(rows: Sequence[IncidentRow], now: datetime) -> IncidentFigures:
    lately = [row for row in rows if row.opened_at > now - LATELY]
    waits = [row.first_contact if row.first_contact is not None else LATELY for row in lately]
    median = statistics.median_high(waits) if waits else None
    return IncidentFigures(
        opened=len(lately),
        open_now=sum(row.closed_at is None for row in rows),
        median_first_contact=median if median is not None and median < LATELY else None,
        follow_ups_late=sum(row.is_follow_up_late for row in rows),
        outcomes=Counter(row.outcome for row in lately if row.outcome),
    )


def _unseen_overrides(
    session: Session, names: Mapping[str, str], viewer: Advisor, now: datetime
) -> list[UnseenOverride]:
    unseen = (
        select(HoursOverride, Lead, Brand.name)
        .join(Callback, col(Callback.id) == col(HoursOverride.callback_id))
        .join(Lead, col(Lead.id) == col(Callback.lead_id))
        .join(Brand, col(Brand.id) == col(Callback.brand_id))
        .where(
            col(HoursOverride.acknowledged_at).is_(None),
            or_(
                col(HoursOverride.starts_at).is_not(None),
                col(HoursOverride.withdrawn_at).is_(None)
                & (col(HoursOverride.asked_at) > now - GOOD_FOR),
            ),
        )
        .order_by(col(HoursOverride.id))
    )
    return [
        UnseenOverride(
            override.id,
            override.callback_id,
            lead.id,
            masked_person(lead.name, lead.phone),
            brand,
            override.reason,
            names.get(actor_of_id(override.asked_by), ""),
            override.asked_at,
            override.starts_at is not None,
            override.asked_by == viewer.id,
            override.withdrawn_at is not None
            or (override.ends_at is not None and override.ends_at <= now),
        )
        for override, lead, brand in session.exec(unseen)
    ]
