"""The course of an incident: opened, steps taken, closed with an outcome, followed up.

Whoever opens or closes one has its callback locked or locks it first. Steps are only ever added.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from leads.database.bulk_rows import insert_if_absent
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import BadConfiguration, LostRace
from leads.free_text.danger import DangerKind, first_danger
from leads.i18n.translatable import Phrase
from leads.incidents.protocol import load_protocol
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.incident_words import (
    OUTCOMES_WITHOUT_FOLLOW_UP,
    IncidentOutcome,
    IncidentStepKind,
)
from leads.models.incidents import Incident, IncidentStep
from leads.people.permissions import Permission, actor_of, require_permission

LONGEST_NOTE = 2000  # characters
LATEST_FOLLOW_UP = timedelta(days=30)
USUAL_FOLLOW_UP = timedelta(hours=24)
OVER = Phrase("This incident is already closed.")


def find_open_incident(session: Session, callback_id: int) -> Incident | None:
    """Return the open incident of a callback, locked; None where there is none."""
    theirs = select(Incident).where(
        Incident.callback_id == callback_id, col(Incident.closed_at).is_(None)
    )
    return session.exec(theirs.with_for_update()).first()


def open_incident(
    session: Session, callback: Callback, kind: DangerKind, *, by: str, now: datetime
) -> Incident:
    """Open an incident about a callback, or add a graver kind to the one that is open.

    `by`: as the audit trail names whoever opens it. Idempotent.
    """
    session.flush()
    row = {
        "callback_id": callback.id,
        "kind": kind,
        "protocol": load_protocol().version,
        "opened_at": now,
        "opened_by": by,
    } | dict.fromkeys(("closed_by", "followed_up_by", "follow_up_note"), "")
    is_new = insert_if_absent(session, Incident, row)
    incident = find_open_incident(session, callback.id)
    if incident is None:  # closed in this very moment
        raise LostRace(OVER)
    if is_new:
        _record_incident_event(session, incident, "open", by=by, now=now, kind=kind)
    elif (graver := first_danger((kind, incident.kind))) != incident.kind and graver:
        _set_kind(session, incident, graver, by=by, now=now)
    return incident


def open_incident_as_advisor(
    session: Session, callback: Callback, advisor: Advisor, *, now: datetime
) -> Incident:
    """Open an incident about a callback because an advisor says so.

    Of what kind it is can be said later. Raises LostRace unless the callback is in their hands.
    """
    require_permission(advisor, Permission.TAKE_CALLBACKS, callback)
    session.flush()
    session.refresh(callback, with_for_update=True)
    if callback.advisor_id != advisor.id:
        raise LostRace(Phrase("This callback is no longer assigned to you."))
    kind = callback.danger or DangerKind.UNSPECIFIED
    return open_incident(session, callback, kind, by=actor_of(advisor), now=now)


def name_kind(
    session: Session, incident: Incident, kind: DangerKind, person: Advisor, *, now: datetime
) -> None:
    """Say of what kind an incident is; should the call drop, they are rung before others."""
    require_permission(person, Permission.TAKE_CALLBACKS, incident)
    _lock_for(session, incident, person)
    callback = session.get_one(Callback, incident.callback_id)
    callback.danger = first_danger((kind, callback.danger))
    session.add(callback)
    if incident.kind != kind:
        _set_kind(session, incident, kind, by=actor_of(person), now=now)


def take_step(
    session: Session,
    incident: Incident,
    step: IncidentStepKind,
    person: Advisor,
    *,
    note: str = "",
    now: datetime,
) -> None:
    """Record that a step was taken now, by whom, and what was heard."""
    _lock_for(session, incident, person)
    add_step(session, incident, step, by=actor_of(person), note=note, now=now)


def add_step(
    session: Session,
    incident: Incident,
    step: IncidentStepKind,
    *,
    by: str,
    note: str = "",
    now: datetime,
) -> None:
    """Add a step to an incident. The trail says which; what was heard stands in its row alone."""
    words = note.strip()[:LONGEST_NOTE]
    row = IncidentStep(incident_id=incident.id, step=step, at=now, by=by, note=words)
    session.add(row)
    session.flush()
    _record_incident_event(session, incident, "step", by=by, now=now, step=step, number=row.id)


def close_incident(
    session: Session,
    incident: Incident,
    outcome: IncidentOutcome,
    person: Advisor,
    *,
    follow_up_due: datetime | None,
    now: datetime,
) -> None:
    """Close an incident with what came of it, and say when somebody looks after them again.

    Only a false alarm needs no time for that. Raises BadConfiguration for a time that is missing,
    past or too far away.
    """
    _lock_for(session, incident, person)
    if outcome in OUTCOMES_WITHOUT_FOLLOW_UP:
        follow_up_due = None
    elif follow_up_due is None or not now < follow_up_due <= now + LATEST_FOLLOW_UP:
        raise BadConfiguration(Phrase("Choose a follow-up time within the next 30 days."))
    incident.outcome, incident.follow_up_due = outcome, follow_up_due
    incident.closed_at, incident.closed_by = now, actor_of(person)
    session.add(incident)
    _record_incident_event(
        session, incident, "close", by=actor_of(person), now=now, outcome=outcome
    )


def record_follow_up(
    session: Session, incident: Incident, person: Advisor, *, note: str, now: datetime
) -> None:
    """Record that somebody looked after the person again, and what they found."""
    require_permission(person, Permission.DECIDE_INCIDENT, incident)
    session.flush()
    session.refresh(incident, with_for_update=True)
    if incident.follow_up_due is None or incident.followed_up_at:
        raise LostRace(Phrase("Someone already followed up."))
    incident.followed_up_at, incident.followed_up_by = now, actor_of(person)
    incident.follow_up_note = note.strip()[:LONGEST_NOTE]
    session.add(incident)
    _record_incident_event(session, incident, "follow_up", by=actor_of(person), now=now)


def _lock_for(session: Session, incident: Incident, person: Advisor) -> None:
    """Lock the callback, then its open incident, for whoever has it in hand or a supervisor.

    Raises LostRace where it is closed.
    """
    require_permission(person, Permission.TAKE_CALLBACKS, incident)
    session.flush()
    callback = session.get_one(
        Callback, incident.callback_id, with_for_update=True, populate_existing=True
    )
    if callback.advisor_id != person.id:
        require_permission(person, Permission.DECIDE_INCIDENT, incident)
    session.refresh(incident, with_for_update=True)
    if incident.closed_at:
        raise LostRace(OVER)


def _set_kind(
    session: Session, incident: Incident, kind: DangerKind, *, by: str, now: datetime
) -> None:
    incident.kind = kind
    session.add(incident)
    _record_incident_event(session, incident, "name_kind", by=by, now=now, kind=kind)


def _record_incident_event(
    session: Session,
    incident: Incident,
    event: str,
    *,
    by: str,
    now: datetime,
    **changes: object,
) -> None:
    record_event(session, incident, event, actor=by, now=now, **changes)
    wake_after_commit(session, Wakeup.DESK)
