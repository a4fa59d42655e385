"""The queue's verbs: who rings whom next, and how the work on a callback ends."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from leads import gate, outbox, presence, suppression
from leads.db import Bell, ring_after_commit
from leads.errors import LostRace, NotAllowed, NotNow
from leads.lifecycle import advance, allowed_events
from leads.models import (
    HELD_CALLBACK,
    LIVE_ATTEMPT,
    OPEN_CALLBACK,
    Advisor,
    AdvisorRole,
    AttemptState,
    CallAttempt,
    Callback,
    CallbackState,
    Disposition,
    Lead,
    LeadState,
    OutboxKind,
    Result,
)

LEASE = timedelta(minutes=3)  # to read the file and press Call
WRAP_UP = timedelta(minutes=10)
WRAP_UP_BY_KEYPAD = timedelta(minutes=1)
SCHEDULER, CLOCK = "scheduler", "clock"
OPT_OUT = "opt-out"  # how the reason begins when the person asked us to stop


def offer_next(session: Session, *, by_hand: bool = False, now: datetime) -> CallAttempt | None:
    """Offer the top due callback to the longest-idle available advisor, in one act.

    What the gate refuses is put off to when it may be, or held for a person. None when nothing can be offered.
    `by_hand`: advisors ring from phones of their own. Raises LostRace when another worker was faster.
    """
    advisor = presence.longest_idle(session, by_hand=by_hand, now=now)
    while advisor and (callback := _top_due(session, now=now)):
        lead = session.get_one(Lead, callback.lead_id)
        decision = gate.ask(session, callback, lead, gate.Moment.OFFER, now=now)
        if decision.allowed:
            _claim(session, callback, advisor, actor=SCHEDULER, now=now)
            return _call(session, callback, lead, advisor, actor=SCHEDULER, now=now)
        put_off(session, callback, decision, now=now)
    return None


def claim_next(session: Session, advisor: Advisor, *, now: datetime) -> Callback | None:
    """Give the advisor the top due callback to look at before calling; None when nothing is due.

    Raises NotNow when the advisor already holds one.
    """
    presence.lock(session, advisor.id)
    if held_by(session, advisor):
        msg = "Finish the callback that you have first."
        raise NotNow(msg)
    while callback := _top_due(session, now=now):
        lead = session.get_one(Lead, callback.lead_id)
        decision = gate.ask(session, callback, lead, gate.Moment.OFFER, now=now)
        if decision.allowed:
            _claim(session, callback, advisor, actor=actor_of(advisor), now=now)
            return callback
        put_off(session, callback, decision, now=now)
    return None


def claim(session: Session, callback: Callback, advisor: Advisor, *, now: datetime) -> None:
    """Give the advisor this very callback. Raises LostRace when somebody else has it."""
    presence.lock(session, advisor.id)
    if held_by(session, advisor):
        msg = "Finish the callback that you have first."
        raise NotNow(msg)
    _claim(session, callback, advisor, actor=actor_of(advisor), now=now)


def release(session: Session, callback: Callback, advisor: Advisor, *, now: datetime) -> None:
    """The advisor gives a claimed callback back to the head of the queue."""
    _must_hold(callback, advisor)
    advance(session, callback, "release", actor=actor_of(advisor), now=now, advisor_id=None, lease_until=None)
    presence.became_free(session, advisor, now=now)


def start_call(session: Session, callback: Callback, advisor: Advisor, *, now: datetime) -> CallAttempt:
    """Ring the advisor about a callback they hold. Raises NotNow or Suppressed when the gate refuses."""
    _must_hold(callback, advisor)
    lead = session.get_one(Lead, callback.lead_id)
    decision = gate.ask(session, callback, lead, gate.Moment.CLICK, now=now)
    if not decision.allowed:
        raise gate.refusal(decision)
    return _call(session, callback, lead, advisor, actor=actor_of(advisor), now=now)


def dispose(
    session: Session, callback: Callback, advisor: Advisor, disposition: Disposition, *, notes: str, now: datetime
) -> None:
    """Record what came of the conversation; the promise is kept and the lead closes."""
    _must_hold(callback, advisor)
    _complete(session, callback, "dispose", disposition, actor=actor_of(advisor), now=now, notes=notes)
    presence.became_free(session, advisor, now=now)


def reschedule(
    session: Session, callback: Callback, advisor: Advisor, *, due_at: datetime, notes: str, now: datetime
) -> None:
    """They asked to be rung again at a time of their choice: the tries start anew."""
    _must_hold(callback, advisor)
    if due_at <= now:
        msg = "Choose a time that is still to come."
        raise NotNow(msg)
    advance(
        session,
        callback,
        "reschedule",
        actor=actor_of(advisor),
        now=now,
        due_at=due_at,
        misses=0,
        advisor_id=None,
        lease_until=None,
        disposition=Disposition.CALL_AGAIN,
        notes=notes,
    )
    presence.became_free(session, advisor, now=now)


def cancel(session: Session, callback: Callback, supervisor: Advisor, *, reason: str, now: datetime) -> None:
    """Withdraw the promise with a reason. A live call is hung up first. Supervisors only."""
    if supervisor.role == AdvisorRole.ADVISOR:
        msg = "Only a supervisor can cancel a callback."
        raise NotAllowed(msg)
    if not reason.strip():
        msg = "Say why: a callback is never cancelled without a reason."
        raise NotNow(msg)
    _cancel(session, callback, actor=actor_of(supervisor), reason=reason.strip(), now=now)
    close_lead(session, callback, "cancelled", actor=actor_of(supervisor), now=now)


def unhold(session: Session, callback: Callback, supervisor: Advisor, *, now: datetime) -> None:
    """A person has looked: the callback may be offered again, if the gate agrees."""
    if supervisor.role == AdvisorRole.ADVISOR:
        msg = "Only a supervisor can put a held callback back into the queue."
        raise NotAllowed(msg)
    decision = gate.ask(session, callback, session.get_one(Lead, callback.lead_id), gate.Moment.CLICK, now=now)
    if not decision.allowed and decision.not_before is None:
        raise gate.refusal(decision)
    callback.hold, callback.due_at = "", decision.not_before or now
    session.add(callback)
    ring_after_commit(session, Bell.OFFER)


def stop_contact(session: Session, number: str, *, reason: str, actor: str, now: datetime) -> None:
    """The person asked us to stop, by any means: suppress the number and cancel what is pending, at once."""
    suppression.add(session, number, reason=reason, actor=actor, now=now)
    lead = session.exec(select(Lead).where(Lead.phone == number)).first()
    if lead is None:
        return
    found = select(Callback).where(Callback.lead_id == lead.id, col(Callback.state).in_(OPEN_CALLBACK))
    for callback in session.exec(found).all():
        _cancel(session, callback, actor=actor, reason=f"{OPT_OUT}: {reason}", now=now)
    if "suppress" in allowed_events(lead):
        advance(session, lead, "suppress", actor=actor, now=now, closed_at=now, close_reason=OPT_OUT)


def reinstate(session: Session, lead: Lead, supervisor: Advisor, *, now: datetime) -> None:
    """Lift a suppression that the person took back. Supervisors only; a new submission reopens the lead."""
    if supervisor.role == AdvisorRole.ADVISOR:
        msg = "Only a supervisor can lift a suppression."
        raise NotAllowed(msg)
    suppression.lift(session, lead.phone, actor=actor_of(supervisor), now=now)
    advance(session, lead, "reinstate", actor=actor_of(supervisor), now=now, close_reason="reinstated")


def expire_leases(session: Session, *, now: datetime) -> int:
    """Claims that were not used go back to the queue; wrap-ups that last too long end unrecorded."""
    over = select(Callback).where(
        col(Callback.state).in_((CallbackState.CLAIMED, CallbackState.WRAP_UP)), col(Callback.lease_until) < now
    )
    expired = list(session.exec(over.with_for_update(skip_locked=True)))
    for callback in expired:
        advisor = session.get_one(Advisor, callback.advisor_id)
        if callback.state == CallbackState.CLAIMED:
            advance(session, callback, "expire", actor=CLOCK, now=now, advisor_id=None, lease_until=None)
        else:
            _complete(session, callback, "time_out", Disposition.UNRECORDED, actor=CLOCK, now=now)
        presence.became_free(session, advisor, now=now)
    return len(expired)


def put_off(session: Session, callback: Callback, decision: gate.Decision, *, now: datetime) -> None:
    """The gate refuses: wait until it may agree, or hold for a person if only they can change the answer."""
    callback.due_at = decision.not_before or now
    callback.hold = "" if decision.not_before else decision.sentence
    session.add(callback)
    session.flush()


def held_by(session: Session, advisor: Advisor) -> Callback | None:
    """Return the callback that the advisor has in hand."""
    held = select(Callback).where(Callback.advisor_id == advisor.id, col(Callback.state).in_(HELD_CALLBACK))
    return session.exec(held).first()


def live_attempt(session: Session, callback: Callback, *, lock: bool = False) -> CallAttempt | None:
    """Return the callback's call that is under way."""
    live = select(CallAttempt).where(CallAttempt.callback_id == callback.id, col(CallAttempt.state).in_(LIVE_ATTEMPT))
    return session.exec(live.with_for_update() if lock else live).first()


def next_due(session: Session, *, now: datetime) -> datetime | None:
    """Return when the next callback becomes due that is not due yet."""
    coming = select(Callback.due_at).where(
        Callback.state == CallbackState.WAITING, Callback.hold == "", Callback.due_at > now
    )
    return session.exec(coming.order_by(col(Callback.due_at)).limit(1)).first()


def actor_of(advisor: Advisor) -> str:
    """Return how an advisor is named in the audit trail."""
    return actor_of_id(advisor.id)


def actor_of_id(advisor_id: int) -> str:
    """Return how the advisor with this id is named in the audit trail."""
    return f"advisor:{advisor_id}"


def _top_due(session: Session, *, now: datetime) -> Callback | None:
    return session.exec(
        select(Callback)
        .where(Callback.state == CallbackState.WAITING, Callback.due_at <= now, Callback.hold == "")
        .order_by(col(Callback.urgency).desc(), col(Callback.due_at), col(Callback.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()


def _claim(session: Session, callback: Callback, advisor: Advisor, *, actor: str, now: datetime) -> None:
    try:
        advance(
            session, callback, "claim", actor=actor, now=now, advisor_id=advisor.id, lease_until=now + LEASE, hold=""
        )
        session.flush()
    except IntegrityError:
        msg = "Somebody else was faster."
        raise LostRace(msg) from None


def _call(
    session: Session, callback: Callback, lead: Lead, advisor: Advisor, *, actor: str, now: datetime
) -> CallAttempt:
    advance(session, callback, "call", actor=actor, now=now, lease_until=None)
    attempt = CallAttempt(
        callback_id=callback.id,
        advisor_id=advisor.id,
        phone=lead.phone,
        requested_by=actor,
        requested_at=now,
        heard_at=now,
    )
    session.add(attempt)
    try:
        session.flush()
    except IntegrityError:
        msg = "Somebody else was faster."
        raise LostRace(msg) from None
    outbox.put(session, OutboxKind.PLACE_CALL, attempt, now=now)
    return attempt


def _must_hold(callback: Callback, advisor: Advisor) -> None:
    if callback.advisor_id != advisor.id:
        msg = "This callback is not yours any more."
        raise LostRace(msg)


def _complete(
    session: Session,
    callback: Callback,
    event: str,
    disposition: Disposition,
    *,
    actor: str,
    now: datetime,
    notes: str | None = None,
) -> None:
    advance(
        session,
        callback,
        event,
        actor=actor,
        now=now,
        disposition=disposition,
        finished_at=now,
        lease_until=None,
        notes=callback.notes if notes is None else notes,
    )
    close_lead(session, callback, disposition, actor=actor, now=now)


def _cancel(session: Session, callback: Callback, *, actor: str, reason: str, now: datetime) -> None:
    attempt = live_attempt(session, callback, lock=True)
    session.refresh(callback, with_for_update=True)
    if attempt:
        outbox.withdraw(session, attempt, now=now)
        outbox.put(session, OutboxKind.HANG_UP, attempt, now=now)
        event, result = (
            ("hung_up", Result.CONVERSATION) if attempt.state == AttemptState.BRIDGED else ("failed", Result.UNKNOWN)
        )
        advance(session, attempt, event, actor=actor, now=now, result=result, ended_at=now)
    if callback.advisor_id:
        presence.became_free(session, session.get_one(Advisor, callback.advisor_id), now=now)
    advance(session, callback, "cancel", actor=actor, now=now, close_reason=reason, finished_at=now, lease_until=None)


def close_lead(session: Session, callback: Callback, reason: str, *, actor: str, now: datetime) -> None:
    """The callback is over, and with it the lead's request."""
    lead = session.get_one(Lead, callback.lead_id)
    if lead.state == LeadState.OPEN:
        advance(session, lead, "close", actor=actor, now=now, closed_at=now, close_reason=reason)
