"""Safe times: how somebody who may not just be rung was reached, and when they say a call is safe.

Nothing is loosened for good: their callback may ring within the time that was agreed, and at no
other. When it is over, a person decides again: on another safe time, or that none is needed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from leads.callbacks import holds, scheduling
from leads.callbacks.rescheduling import RescheduleOutcome
from leads.contact_rules import gate, suppression, text_safety
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import BadSubmission, LostRace, NotNow, Suppressed
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import CallbackState, OutreachWay
from leads.models.person_work import Outreach
from leads.models.requests import Lead
from leads.people.permissions import Permission, actor_of, require_permission

LONGEST_SAFE_TIME = timedelta(hours=12)
LONGEST_WORDS = 1000  # characters
BY_US = (OutreachWay.EMAIL, OutreachWay.TEXT)
"""The ways in which we reach them, for which they have to have said that it is fine."""


@dataclass(frozen=True)
class SafeTime:
    """From when until when a call is safe, and who agreed to that."""

    starts: datetime
    ends: datetime
    agreed_with: str


def record_outreach(
    session: Session,
    lead: Lead,
    supervisor: Advisor,
    way: OutreachWay,
    words: str,
    *,
    now: datetime,
) -> Outreach:
    """Record that somebody was reached, or reached us, without a call of ours, and what was said.

    Raises NotNow for a way that they never allowed, Suppressed for one of ours where they said
    stop, BadSubmission without words.
    """
    require_permission(supervisor, Permission.RECORD_OUTREACH, lead)
    return _store_outreach(session, lead, supervisor, way, words, now=now)


def agree_safe_time(
    session: Session,
    callback: Callback,
    supervisor: Advisor,
    way: OutreachWay,
    words: str,
    *,
    time: SafeTime,
    seen: Collection[int],
    now: datetime,
) -> RescheduleOutcome:
    """Let a waiting callback ring at a time that its lead agreed is safe, and at no other.

    It lifts the holds, because a supervisor has looked at them (`seen`: their ids), and of the
    gate's rules the unsafe number alone. Raises BadSubmission for a time that cannot be, NotNow or
    Suppressed where something else speaks against a call then, LostRace where the callback waits no
    more or another hold has come.
    """
    require_permission(supervisor, Permission.AGREE_SAFE_TIME, callback)
    session.refresh(callback, with_for_update=True)
    if callback.state != CallbackState.WAITING:
        raise LostRace(Phrase("Someone else got there first: it is no longer waiting."))
    _require_possible(time, now=now)
    actor = actor_of(supervisor)
    lead = session.get_one(Lead, callback.lead_id)
    outreach = _store_outreach(session, lead, supervisor, way, words, callback=callback, now=now)
    outreach.agreed_with = time.agreed_with.strip()
    outreach.safe_from, outreach.safe_until = time.starts, time.ends
    callback.safe_from, callback.safe_until = time.starts, time.ends
    session.add_all([outreach, callback])
    session.flush()
    record_event(session, callback, "safe_time", actor=actor, now=now, outreach=outreach.id)
    holds.lift_seen_holds(session, callback, seen, by=actor, now=now)
    due_at = max(time.starts, now + scheduling.SOON)
    again = scheduling.agree_on_time(session, callback, due_at=due_at, actor=actor, now=now)
    if again.is_held or again.due_at >= time.ends:
        raise NotNow(again.why)
    return again


def end_safe_time(
    session: Session,
    callback: Callback,
    supervisor: Advisor,
    way: OutreachWay,
    words: str,
    *,
    now: datetime,
) -> None:
    """Let a callback ring by the other rules alone, because its lead said that any time is safe.

    What protects their number without a safe time goes on to. Raises as `record_outreach` does,
    LostRace where no safe time is agreed any more.
    """
    require_permission(supervisor, Permission.AGREE_SAFE_TIME, callback)
    session.refresh(callback, with_for_update=True)
    if callback.safe_until is None:
        raise LostRace(
            Phrase("Someone else got there first: there is no longer an agreed safe time.")
        )
    actor, lead = actor_of(supervisor), session.get_one(Lead, callback.lead_id)
    outreach = _store_outreach(session, lead, supervisor, way, words, callback=callback, now=now)
    callback.safe_from = callback.safe_until = None
    session.add(callback)
    session.flush()
    record_event(session, callback, "safe_time_over", actor=actor, now=now, outreach=outreach.id)
    if callback.state == CallbackState.WAITING:
        decision = gate.decide_and_record(session, callback, lead, gate.GateMoment.CLICK, now=now)
        holds.replace_gate_holds(session, callback, decision, by=actor, now=now)
        wake_after_commit(session, Wakeup.OFFER)


def _require_possible(time: SafeTime, *, now: datetime) -> None:
    if not time.agreed_with.strip():
        raise BadSubmission(Phrase("Enter who agreed to that time."))
    if not max(time.starts, now) < time.ends <= time.starts + LONGEST_SAFE_TIME:
        raise BadSubmission(
            Phrase("A safe time has to start in the future and end within twelve hours.")
        )


def _store_outreach(
    session: Session,
    lead: Lead,
    supervisor: Advisor,
    way: OutreachWay,
    words: str,
    *,
    callback: Callback | None = None,
    now: datetime,
) -> Outreach:
    if not words.strip():
        raise BadSubmission(Phrase("Write down what was done and what they said."))
    if way in BY_US and suppression.is_number_suppressed(session, lead.phone):
        raise Suppressed(Phrase("They opted out of all contact."))
    if way is OutreachWay.EMAIL and not lead.email:
        raise NotNow(Phrase("They gave no e-mail address."))
    if way is OutreachWay.TEXT and not text_safety.is_text_safe(session, lead, now=now):
        raise NotNow(Phrase("They never said texts are safe."))
    outreach = Outreach(
        lead_id=lead.id,
        callback_id=callback.id if callback else None,
        way=way,
        words=words.strip()[:LONGEST_WORDS],
        by=actor_of(supervisor),
        at=now,
    )
    session.add(outreach)
    wake_after_commit(session, Wakeup.DESK)
    return outreach
