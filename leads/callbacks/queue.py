"""The queue's verbs for people: claim, release and call, and how claims expire."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from leads.callbacks import (
    claims,
    completion,
    due_order,
    holds,
    unrecorded_calls,
    waiting_callers,
    wish_matching,
)
from leads.callbacks.wish_matching import AdvisorMatch
from leads.contact_rules import confirmed_numbers, gate
from leads.database.transactions import write_deferred_inserts
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import LostRace, NotNow
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import SystemActor, record_event
from leads.lifecycle.state_tables import CallbackEvent
from leads.lifecycle.transitions import advance
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import CLAIMED_CALLBACK, CallbackState, MatchReason
from leads.models.requests import Lead
from leads.models.watching import Transition
from leads.people import availability, presence
from leads.people.permissions import (
    Permission,
    actor_of,
    require_claimed_by,
    require_colleague_serves,
    require_permission,
    role_may,
)


def claim_next_callback(
    session: Session, advisor: Advisor, *, seen: int | None = None, now: datetime
) -> Callback | None:
    """Give the advisor the top due callback to read before calling; None when nothing is due.

    `seen`: the id of the callback that the advisor's desk showed as the next one. Raises NotNow
    when the advisor already holds a callback, LostRace when the one that was shown is taken and
    there is no other.
    """
    require_permission(advisor, Permission.TAKE_CALLBACKS)
    _require_free_advisor(session, advisor)
    itself = [availability.IdleAdvisor.of_advisor(advisor)]
    passed_over: list[int] = []
    while due_callbacks := due_order.lock_due_callbacks(
        session,
        max(1, len(passed_over)),
        passed_over=passed_over,
        helplines=itself[0].helplines,
        now=now,
    ):
        allowed, refused = due_order.partition_by_gate(due_callbacks, now=now)
        due_order.defer_callbacks(session, refused, now=now)
        new, waiting = wish_matching.match_due_callbacks(session, allowed, itself, now=now)
        passed_over += waiting
        for match in new:
            claims.record_decisions_of(session, new, allowed, now=now)
            _claim_or_explain_loss(
                session, match.callback, advisor, match.reason, actor=actor_of(advisor), now=now
            )
            return match.callback
    if seen:
        _require_callback_not_taken(session, seen, now=now)
    return None


def claim_callback(
    session: Session, callback: Callback, advisor: Advisor, *, now: datetime
) -> None:
    """Give the advisor this very callback.

    Raises NotNow when the advisor already holds a callback, LostRace when somebody else has this
    one.
    """
    require_permission(advisor, Permission.TAKE_CALLBACKS, callback)
    _require_free_advisor(session, advisor)
    if callback.state != CallbackState.WAITING:
        raise LostRace(_taken_by_sentence(session, callback, now=now))
    _claim_or_explain_loss(
        session, callback, advisor, MatchReason.CHOSEN, actor=actor_of(advisor), now=now
    )


def keep_callback(session: Session, callback: Callback, advisor: Advisor, *, now: datetime) -> None:
    """Let the advisor keep a claimed callback for another lease, from now on.

    Raises LostRace if the advisor no longer has it, NotNow once it is being called.
    """
    session.refresh(callback, with_for_update=True)
    require_claimed_by(callback, advisor)
    if callback.state != CallbackState.CLAIMED:
        raise NotNow(Phrase("You are calling them already."))
    callback.lease_until = now + claims.LEASE
    session.add(callback)
    record_event(session, callback, "keep", actor=actor_of(advisor), now=now)
    wake_after_commit(session, Wakeup.DESK)


def release_callback(
    session: Session, callback: Callback, advisor: Advisor, *, now: datetime
) -> None:
    """Give a claimed callback back to the head of the queue, as its advisor asks."""
    require_claimed_by(callback, advisor)
    advance(
        session,
        callback,
        "release",
        actor=actor_of(advisor),
        now=now,
        advisor_id=None,
        lease_until=None,
    )
    presence.mark_advisor_idle(session, advisor, now=now)


def start_call(
    session: Session, callback: Callback, advisor: Advisor, *, now: datetime
) -> CallAttempt:
    """Ring the advisor about a callback that the advisor has claimed.

    Raises NotNow or Suppressed when the gate refuses, NotNow when it was held since the claim,
    which nobody has read, or is held and the advisor does not decide about holds. Whoever called in
    and waits on the line is answered all the same by who decides about holds.
    """
    require_claimed_by(callback, advisor)
    lead = session.get_one(Lead, callback.lead_id)
    caller = waiting_callers.find_waiting_call(session, callback)
    if callback.is_held:
        _require_no_unread_hold(session, callback, advisor, is_on_the_line=caller is not None)
    if caller is None:
        decision = gate.decide_and_record(session, callback, lead, gate.GateMoment.CLICK, now=now)
        if not decision.allowed:
            raise gate.refusal_error(decision)
    if availability.is_phone_in_call(session, lead.phone, advisor.phone):
        raise NotNow(Phrase("Their phone or yours is on another call. Try again in a moment."))
    advance(session, callback, "call", actor=actor_of(advisor), now=now, **claims.CALL_CHANGES)
    holds.lift_holds(session, callback, by=actor_of(advisor), now=now)
    match = AdvisorMatch(
        callback,
        lead,
        availability.IdleAdvisor.of_advisor(advisor),
        inbound_call_id=caller.id if caller else None,
        phone=caller.phone if caller else "",
    )
    [attempt] = claims.create_attempts_and_order_calls(
        session, [match], actor=actor_of(advisor), now=now
    )
    return attempt


def call_back_now(
    session: Session, callback: Callback, advisor: Advisor, *, now: datetime
) -> CallAttempt:
    """Give the advisor this callback, and ring them about it at once.

    Raises as claiming and calling do, and NotNow where a person has to decide about it first.
    """
    session.refresh(callback, with_for_update=True)
    if callback.is_held:
        raise NotNow(holds.hold_sentence(holds.open_causes_of(session, callback)))
    claim_callback(session, callback, advisor, now=now)
    return start_call(session, callback, advisor, now=now)


def reassign_callback(
    session: Session, callback: Callback, advisor: Advisor, supervisor: Advisor, *, now: datetime
) -> None:
    """Give a callback that is waiting or claimed to an advisor who is available.

    Raises NotNow when that advisor is busy or gone, or when a person has to decide about the
    callback first.
    """
    require_permission(supervisor, Permission.ASSIGN_CALLBACK, callback)
    require_colleague_serves(advisor, callback.brand_id)
    _require_free_advisor(session, advisor)
    if advisor.id not in {one.id for one in availability.list_available_advisors(session, now=now)}:
        raise NotNow(Phrase("{name} is not available now.", name=advisor.name))
    session.refresh(callback, with_for_update=True)
    if callback.is_held:
        raise NotNow(Phrase("It is held: decide about the hold first."))
    actor = actor_of(supervisor)
    if callback.state not in (CallbackState.WAITING, CallbackState.CLAIMED):
        raise LostRace(_taken_by_sentence(session, callback, now=now))
    if callback.state == CallbackState.CLAIMED:
        before = session.get_one(Advisor, callback.advisor_id)
        advance(
            session, callback, "release", actor=actor, now=now, advisor_id=None, lease_until=None
        )
        presence.mark_advisor_idle(session, before, lost=callback.id, now=now)
    _claim_or_explain_loss(session, callback, advisor, MatchReason.CHOSEN, actor=actor, now=now)


def move_callback_up(
    session: Session, callback: Callback, supervisor: Advisor, *, now: datetime
) -> None:
    """Let a waiting callback go before others that are as urgent.

    Raises LostRace when the callback waits no more.
    """
    require_permission(supervisor, Permission.MOVE_CALLBACK_UP, callback)
    session.refresh(callback, with_for_update=True)
    if callback.state != CallbackState.WAITING:
        raise LostRace(_taken_by_sentence(session, callback, now=now))
    callback.priority += 1
    session.add(callback)
    actor = actor_of(supervisor)
    record_event(session, callback, "move_up", actor=actor, now=now, priority=callback.priority)
    wake_after_commit(session, Wakeup.OFFER)


def release_hold(
    session: Session,
    callback: Callback,
    supervisor: Advisor,
    *,
    seen: Collection[int],
    now: datetime,
) -> None:
    """Put a held callback back into the queue, because a supervisor has looked at it.

    `seen`: the ids of the holds that they looked at. It is due at once, but not before the time
    that was promised or agreed for it. A number that the helpline does not call by rule is let
    through by that. Raises LostRace where another hold has come or somebody else was faster, and
    the gate's refusal where only a person could change its answer.
    """
    require_permission(supervisor, Permission.RELEASE_HOLD, callback)
    session.refresh(callback, with_for_update=True)
    if seen and not callback.is_held:
        raise LostRace(Phrase("Someone else has already decided about this hold."))
    lead = session.get_one(Lead, callback.lead_id)
    if gate.is_confirmation_wanted(session, callback, lead, now=now):
        confirmed_numbers.confirm_number(session, lead.phone, by=actor_of(supervisor), now=now)
    decision = gate.decide_and_record(session, callback, lead, gate.GateMoment.CLICK, now=now)
    if not decision.allowed and decision.not_before is None:
        raise gate.refusal_error(decision)
    starts = decision.not_before or now
    is_of_lead = callback.is_time_agreed or callback.due_at <= callback.promised_at
    callback.due_at = max(starts, callback.due_at) if is_of_lead else starts
    session.add(callback)
    holds.lift_seen_holds(session, callback, seen, by=actor_of(supervisor), now=now)
    wake_after_commit(session, Wakeup.OFFER)


def expire_leases(session: Session, *, now: datetime) -> int:
    """End claims and wrap-ups whose lease is over; returns how many.

    A claimed callback goes back to the queue. Who hung up without a key on the phone is rung about
    it once more; then the wrap-up ends as `completion.time_out_wrap_up` says.
    """
    over = select(Callback).where(
        col(Callback.state).in_((CallbackState.CLAIMED, CallbackState.WRAP_UP)),
        col(Callback.lease_until) < now,
    )
    expired = list(session.exec(over.with_for_update(skip_locked=True)))
    for callback in expired:
        advisor, lost = session.get_one(Advisor, callback.advisor_id), None
        if callback.state == CallbackState.CLAIMED:
            advance(
                session,
                callback,
                "expire",
                actor=SystemActor.CLOCK,
                now=now,
                advisor_id=None,
                lease_until=None,
            )
            lost = callback.id
        elif unrecorded_calls.ask_again_by_phone(session, callback, advisor, now=now):
            continue
        else:
            completion.time_out_wrap_up(session, callback, now=now)
        presence.mark_advisor_idle(session, advisor, lost=lost, now=now)
    return len(expired)


def current_callback_of(session: Session, advisor: Advisor) -> Callback | None:
    """Return the callback that the advisor has in hand, if there is one."""
    held = select(Callback).where(
        Callback.advisor_id == advisor.id, col(Callback.state).in_(CLAIMED_CALLBACK)
    )
    return session.exec(held).first()


def _require_free_advisor(session: Session, advisor: Advisor) -> None:
    presence.lock_advisor(session, advisor.id)
    if current_callback_of(session, advisor):
        msg = Phrase("Finish your current callback first.")
        raise NotNow(msg)
    if availability.is_in_call_of_another(session, advisor.id):
        raise NotNow(Phrase("Leave your colleague's call first."))


def _claim_or_explain_loss(
    session: Session,
    callback: Callback,
    advisor: Advisor,
    reason: MatchReason | None,
    *,
    actor: str,
    now: datetime,
) -> None:
    with claims.lost_race_on_conflict():
        try:
            claims.claim_callbacks(session, [(callback, advisor.id, reason)], actor=actor, now=now)
        except LostRace:
            raise LostRace(_taken_by_sentence(session, callback, now=now)) from None


def _require_callback_not_taken(session: Session, callback_id: int, *, now: datetime) -> None:
    """Wait for whoever has the callback locked, and raise LostRace if they took it."""
    seen = select(Callback).where(Callback.id == callback_id).with_for_update()
    callback = session.exec(seen.execution_options(populate_existing=True)).one()
    if callback.state in CLAIMED_CALLBACK:
        raise LostRace(_taken_by_sentence(session, callback, now=now))


def _require_no_unread_hold(
    session: Session, callback: Callback, advisor: Advisor, *, is_on_the_line: bool
) -> None:
    unread = holds.open_causes_of(session, callback)
    if role_may(advisor.role, Permission.RELEASE_HOLD):
        since_claim = holds.open_causes_of(session, callback, after=_claimed_at(session, callback))
        unread = () if is_on_the_line else since_claim
    if unread:
        raise NotNow(holds.hold_sentence(unread))


def _claimed_at(session: Session, callback: Callback) -> datetime:
    """Return when the claim of a callback that somebody has began."""
    write_deferred_inserts(session)
    claims = select(Transition.at).where(
        Transition.record == "callback",
        Transition.record_id == str(callback.id),
        Transition.event == CallbackEvent.CLAIM,
    )
    return session.exec(claims.order_by(col(Transition.id).desc()).limit(1)).one()


def _taken_by_sentence(session: Session, callback: Callback, *, now: datetime) -> Phrase:
    """Say who has the callback and since when, as far as somebody has it."""
    if callback.state not in CLAIMED_CALLBACK:
        return Phrase("Someone else got there first: it is no longer in the queue.")
    name = session.get_one(Advisor, callback.advisor_id).name
    at = _claimed_at(session, callback)
    minutes, seconds = divmod(max(0, int((now - at).total_seconds())), 60)
    if minutes:
        return Phrase("Assigned to {name}, {minutes} min ago.", name=name, minutes=minutes)
    return Phrase("Assigned to {name}, {seconds} s ago.", name=name, seconds=seconds)
