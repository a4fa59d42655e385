"""Hours override: one call outside the hours, by a supervisor's name and reason; two people see it.

Where a life may be at risk it counts at once, and the second person looks at it afterwards: to wait
for one could cost a life, and who is there is not known for certain. Everywhere else it counts only
once the second person agrees: a call in the night that nobody else would make can do harm, and the
morning is not far. It is good for one call within two hours, and lifts no rule but the hours.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from leads.contact_rules import gate
from leads.contact_rules.gate import GateMoment
from leads.contact_rules.gate_rules import ContactChannel, RefusalReason
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import BadConfiguration, LostRace, NotAllowed, NotNow
from leads.i18n.translatable import Phrase
from leads.incidents import course
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import CallbackState
from leads.models.incidents import HoursOverride
from leads.models.requests import Lead
from leads.people.permissions import Permission, actor_of, require_permission

GOOD_FOR = timedelta(hours=2)
LONGEST_REASON = 500  # characters


def override_hours(
    session: Session, callback: Callback, supervisor: Advisor, *, reason: str, now: datetime
) -> HoursOverride:
    """Let one call to a lead go out although the hours say no, at once where they are in danger.

    Raises NotNow where the hours allow a call or something else forbids it, BadConfiguration
    without a reason.
    """
    require_permission(supervisor, Permission.OVERRIDE_HOURS, callback)
    if not reason.strip():
        raise BadConfiguration(Phrase("Say why this call cannot wait."))
    session.flush()
    session.refresh(callback, with_for_update=True)
    if callback.state not in (CallbackState.WAITING, CallbackState.CLAIMED):
        raise NotNow(Phrase("They are on a call, or this callback is closed."))
    if _find_current(session, callback, now=now):
        raise NotNow(Phrase("Someone already requested it."))
    _require_only_hours_forbid(session, callback, now=now)
    override = HoursOverride(
        callback_id=callback.id,
        reason=reason.strip()[:LONGEST_REASON],
        asked_by=supervisor.id,
        asked_at=now,
    )
    session.add(override)
    session.flush()
    actor = actor_of(supervisor)
    record_event(session, callback, "override_hours", actor=actor, now=now, override=override.id)
    wake_after_commit(session, Wakeup.DESK)
    if callback.in_danger or course.find_open_incident(session, callback.id):
        _start_override(session, override, callback, now=now)
    return override


def acknowledge_override(
    session: Session, override_id: int, person: Advisor, *, now: datetime
) -> None:
    """Record that a second person has seen a call outside the hours, and agrees to it.

    One that waited for that counts from now on. Raises NotAllowed for whoever asked for it,
    LostRace where it is too late.
    """
    require_permission(person, Permission.OVERRIDE_HOURS, (HoursOverride, override_id))
    callback, override = _lock_override(session, override_id)
    if override.asked_by == person.id:
        raise NotAllowed(Phrase("Someone else has to review your request."))
    is_stale = override.starts_at is None and (
        override.withdrawn_at or now >= override.asked_at + GOOD_FOR
    )
    if override.acknowledged_at or is_stale:
        raise LostRace(Phrase("Someone already decided, or it has expired."))
    override.acknowledged_by, override.acknowledged_at = person.id, now
    session.add(override)
    actor = actor_of(person)
    record_event(session, callback, "acknowledge_hours", actor=actor, now=now, override=override.id)
    wake_after_commit(session, Wakeup.DESK)
    if override.starts_at is None:
        if callback.state not in (CallbackState.WAITING, CallbackState.CLAIMED):
            raise NotNow(Phrase("They are on a call, or this callback is closed."))
        _start_override(session, override, callback, now=now)


def withdraw_override(
    session: Session, override_id: int, person: Advisor, *, now: datetime
) -> None:
    """Let the hours bind again: by whoever asked, or by anybody else who may ask."""
    require_permission(person, Permission.OVERRIDE_HOURS, (HoursOverride, override_id))
    callback, override = _lock_override(session, override_id)
    if override.withdrawn_at:
        return
    override.withdrawn_by, override.withdrawn_at = person.id, now
    if override.starts_at and callback.hours_overridden_until == override.ends_at:
        callback.hours_overridden_until = None  # a newer one stays
    session.add_all([override, callback])
    actor = actor_of(person)
    record_event(session, callback, "withdraw_hours", actor=actor, now=now, override=override.id)
    wake_after_commit(session, Wakeup.DESK)


def _find_current(session: Session, callback: Callback, *, now: datetime) -> HoursOverride | None:
    """Return the override of a callback that is good or may become so."""
    latest = (
        select(HoursOverride)
        .where(
            HoursOverride.callback_id == callback.id,
            col(HoursOverride.withdrawn_at).is_(None),
            col(HoursOverride.asked_at) > now - GOOD_FOR,
        )
        .order_by(col(HoursOverride.id).desc())
        .limit(1)
    )
    override = session.exec(latest).first()
    is_used_up = override and override.starts_at and callback.hours_overridden_until is None
    return None if is_used_up else override


def _require_only_hours_forbid(session: Session, callback: Callback, *, now: datetime) -> None:
    """Raise NotNow unless the hours, and nothing else, speak against a call."""
    lead = session.get_one(Lead, callback.lead_id)
    decision = gate.may_contact(
        session, lead.phone, ContactChannel.CALL, lead=lead, callback=callback, now=now
    )
    if decision.allowed:
        raise NotNow(Phrase("They can be called now within the calling hours."))
    if set(decision.reasons) != {RefusalReason.QUIET_HOURS}:
        raise gate.refusal_error(decision)
    if callback.is_held:
        raise NotNow(Phrase("This callback is held: decide about the hold first."))


def _start_override(
    session: Session, override: HoursOverride, callback: Callback, *, now: datetime
) -> None:
    """Let an override count from now on; its callback is due at once."""
    override.starts_at, override.ends_at = now, now + GOOD_FOR
    callback.hours_overridden_until = override.ends_at
    session.add_all([override, callback])
    session.flush()
    lead = session.get_one(Lead, callback.lead_id)
    gate.decide_and_record(session, callback, lead, GateMoment.CLICK, now=now)
    callback.due_at = min(callback.due_at, now)
    session.add(callback)
    wake_after_commit(session, Wakeup.OFFER)


def _lock_override(session: Session, override_id: int) -> tuple[Callback, HoursOverride]:
    callback_id = session.get_one(HoursOverride, override_id).callback_id
    callback = session.get_one(Callback, callback_id, with_for_update=True, populate_existing=True)
    override = session.get_one(
        HoursOverride, override_id, with_for_update=True, populate_existing=True
    )
    return callback, override
