"""Calls with somebody in danger: a supervisor at once, and 988 brought in.

988 is first of all dialed by the person themselves: that call finds the center nearest to them. One
that we bring in is routed by our number, so that the advisor says aloud where the person is. 911 is
never brought in: help would be sent to the place that is registered for our number.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from leads.calls import parties
from leads.calls.attempt_steps import lock_attempt
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import LostRace
from leads.i18n.translatable import Phrase
from leads.incidents import course
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.enums import Party
from leads.models.helplines import Brand
from leads.models.incident_words import IncidentStepKind
from leads.people.permissions import Permission, actor_of, require_permission


def bring_in_crisis_line(
    session: Session, attempt: CallAttempt, advisor: Advisor, *, now: datetime
) -> CallLeg:
    """Ring the crisis line of the call's helpline into the call; it is a step of an incident.

    The lead hears the sound of being on hold until the advisor brings everybody together. Where no
    incident is open, one is opened. Raises NotNow where the call is not the advisor's.
    """
    require_permission(advisor, Permission.TAKE_CALLBACKS)
    callback = session.get_one(Callback, attempt.callback_id)
    brand = session.get_one(Brand, callback.brand_id)
    leg = parties.ask_in_outsider(
        session, attempt, advisor, Party.THIRD_PARTY, brand.crisis_line, now=now
    )
    incident = course.find_open_incident(session, callback.id)
    incident = incident or course.open_incident_as_advisor(session, callback, advisor, now=now)
    step = IncidentStepKind.BROUGHT_IN_CRISIS_LINE
    course.add_step(session, incident, step, by=actor_of(advisor), now=now)
    return leg


def ask_for_supervisor(
    session: Session, attempt: CallAttempt, advisor: Advisor, *, now: datetime
) -> None:
    """Tell every supervisor that the advisor needs one in this call now. Idempotent."""
    require_permission(advisor, Permission.TAKE_CALLBACKS)
    was_wanted = attempt.help_wanted_at
    parties.ask_for_help(session, attempt, advisor, now=now)
    if was_wanted is None:
        _add_step_if_incident(session, attempt, IncidentStepKind.ASKED_SUPERVISOR, advisor, now=now)


def settle_help_request(
    session: Session, attempt: CallAttempt, supervisor: Advisor, *, now: datetime
) -> None:
    """Record that a supervisor has seen to an advisor who needed one, without joining the call.

    Raises LostRace where nobody needs one any more.
    """
    require_permission(supervisor, Permission.JOIN_CALL, attempt)
    locked = lock_attempt(session, attempt.id)
    if locked is None or locked.help_wanted_at is None:
        raise LostRace(Phrase("Someone already handled it."))
    locked.help_wanted_at = None
    session.add(locked)
    record_event(session, locked, "settle_help", actor=actor_of(supervisor), now=now)
    _add_step_if_incident(session, locked, IncidentStepKind.HELP_SETTLED, supervisor, now=now)
    wake_after_commit(session, Wakeup.DESK)


def _add_step_if_incident(
    session: Session,
    attempt: CallAttempt,
    step: IncidentStepKind,
    person: Advisor,
    *,
    now: datetime,
) -> None:
    incident = course.find_open_incident(session, attempt.callback_id)
    if incident:
        course.add_step(session, incident, step, by=actor_of(person), now=now)
