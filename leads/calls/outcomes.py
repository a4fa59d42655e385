"""What the end of an attempt does to its callback.

Wrap-up, the next advisor, the next try, or the end of all tries.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from leads.callbacks import (
    asked_meanwhile,
    attempt_ends,
    conversations,
    due_order,
    holds,
    lead_closing,
    retry_cadence,
    unrecorded_calls,
    wrap_up_time,
)
from leads.contact_rules import gate
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.lifecycle.audit_trail import SystemActor
from leads.lifecycle.transitions import advance
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import (
    INSIDERS,
    AnsweredBy,
    AttemptState,
    CallbackState,
    CloseReason,
    HoldReason,
    Party,
    Result,
)
from leads.models.requests import Lead
from leads.outbox import call_orders
from leads.people import presence

MOST_PLANS = 8  # of a next try that wish and gate put off in turn
ADVISOR_SIDE_RESULTS = frozenset(
    {
        Result.ADVISOR_NO_ANSWER,
        Result.ADVISOR_DECLINED,
        Result.CARRIER_ERROR,
        Result.CALLER_HUNG_UP,
        Result.UNKNOWN,
    }
)


def end_attempt(
    session: Session,
    attempt: CallAttempt,
    event: str,
    result: Result,
    *,
    at: datetime | None = None,
    now: datetime,
) -> None:
    """End an attempt and move its callback on.

    An attempt that was bridged and is lost counts as a conversation all the same. `at`: when it
    ended, where that is told later.
    """
    actor = SystemActor.CLOCK if event == "lose" else SystemActor.NETWORK
    is_answered = attempt_ends.close_attempt(
        session, attempt, event, result, actor=actor, at=at, now=now
    )
    callback = session.get_one(Callback, attempt.callback_id)
    if callback.state != CallbackState.CALLING:
        return
    if is_answered:
        _start_wrap_up(session, callback, attempt, now=now)
    elif result in ADVISOR_SIDE_RESULTS:
        _hand_back_to_queue(session, callback, attempt, now=now)
    else:
        schedule_retry_or_exhaust(session, callback, actor=SystemActor.NETWORK, now=now)
        advisor = session.get_one(Advisor, attempt.advisor_id)
        presence.mark_advisor_idle(session, advisor, now=now)


def end_attempt_as_missed_offer(
    session: Session, attempt: CallAttempt, event: str, result: Result, *, now: datetime
) -> None:
    """End an attempt that its advisor did not take, and count the miss against the advisor.

    The callback goes to the next advisor.
    """
    end_attempt(session, attempt, event, result, now=now)
    presence.record_missed_offer(session, session.get_one(Advisor, attempt.advisor_id), now=now)


def shorten_talk(session: Session, attempt: CallAttempt, *, at: datetime) -> None:
    """Let a talk have ended at `at`, when its advisor hung up, where that is told after its end.

    It went on where somebody else of us was there. What it was is in doubt only as long as nobody
    has said so.
    """
    if attempt.answered_at is None or attempt.ended_at is None or at >= attempt.ended_at:
        return
    legs = call_orders.list_legs(session, attempt.id)
    beside = [leg for leg in legs if leg.party in INSIDERS and leg.joined_at is not None]
    if any(leg.left_at is None or leg.left_at > at for leg in beside):
        return
    callback = session.get_one(Callback, attempt.callback_id, with_for_update=True)
    is_last = callback.ended_at == attempt.ended_at
    attempt.ended_at = max(at, attempt.answered_at)
    if is_last:
        callback.ended_at = attempt.ended_at
    session.add_all([attempt, callback])
    heard = next((leg.answered_by for leg in legs if leg.party == Party.LEAD), AnsweredBy.UNHEARD)
    doubt = conversations.find_doubt(attempt, heard, ended_at=attempt.ended_at)
    if doubt and is_last and callback.state == CallbackState.WRAP_UP:
        conversations.doubt_conversation(session, callback, attempt, why=doubt)


def schedule_retry_or_exhaust(
    session: Session, callback: Callback, *, actor: str, now: datetime
) -> None:
    """Plan the next try by the cadence, the lead's wish and the gate, or end all tries.

    Who asked for a call meanwhile is called as they asked. A number that was not in service twice
    in a row is held for a person.
    """
    misses = callback.misses = callback.misses + 1  # at once: no time is agreed after a miss
    wait_over_at = retry_cadence.next_retry_time(misses, missed_at=now)
    if wait_over_at is None:
        advance(
            session,
            callback,
            "exhaust",
            actor=actor,
            now=now,
            misses=misses,
            finished_at=now,
            lease_until=None,
        )
        lead_closing.close_lead(session, callback, CloseReason.UNREACHABLE, actor=actor, now=now)
        asked_meanwhile.promise_what_was_asked_meanwhile(session, callback, actor=actor, now=now)
        return
    due_at = _plan_next_try(session, callback, wait_over_at, misses=misses, now=now)
    if asked := asked_meanwhile.find_meanwhile_request(session, callback):
        due_at = asked.due_at  # before it rings, the gate is asked
    advance(
        session,
        callback,
        "miss",
        actor=actor,
        now=now,
        misses=misses,
        due_at=due_at,
        advisor_id=None,
        lease_until=None,
    )
    if _is_not_in_service(session, callback):
        holds.place_hold(session, callback, HoldReason.NOT_IN_SERVICE, by=actor, now=now)


def _plan_next_try(
    session: Session, callback: Callback, at: datetime, *, misses: int, now: datetime
) -> datetime:
    """Return the first time from `at` on that the lead wished for and the gate allows.

    Later tries come at other times of the day than the earlier ones, as far as the wish leaves any.
    """
    lead = session.get_one(Lead, callback.lead_id)
    hours = gate.open_hours_of_callback(session, callback, lead)
    is_varied = misses >= retry_cadence.FIRST_VARIED_RETRY
    tried_at = _ring_times(session, callback) if is_varied else []
    for _ in range(MOST_PLANS):
        at = retry_cadence.next_try_time(
            at,
            hours=hours,
            best_time=lead.best_time,
            said_at=callback.received_at,
            tried_at=tried_at,
        )
        decision = gate.decide_and_record(
            session, callback, lead, gate.GateMoment.SCHEDULING, now=now, at=at
        )
        if decision.not_before is None:
            return at
        at = decision.not_before
    return at


def _ring_times(session: Session, callback: Callback) -> list[datetime]:
    """Return when the lead's phone was dialed for a callback."""
    rings = select(CallAttempt.rung_at).where(CallAttempt.callback_id == callback.id)
    return [at for at in session.exec(rings) if at is not None]


def _is_not_in_service(session: Session, callback: Callback) -> bool:
    """Whether the last two tries failed because the number does not work."""
    last = (
        select(CallAttempt.result)
        .where(CallAttempt.callback_id == callback.id, col(CallAttempt.rung_at).is_not(None))
        .order_by(col(CallAttempt.requested_at).desc())
        .limit(2)
    )
    return list(session.exec(last)) == 2 * [Result.LEAD_UNREACHABLE]


def retract_ring(session: Session, attempt: CallAttempt) -> None:
    """Take back that the lead's phone was dialed: no cap, no try and no figure counts it."""
    callback = session.get_one(Callback, attempt.callback_id)
    if callback.first_rung_at == attempt.rung_at:
        callback.first_rung_at = None
    attempt.rung_at = None


def end_attempt_never_placed(
    session: Session, attempt: CallAttempt, fault: HoldReason, *, now: datetime
) -> None:
    """End an attempt whose call to the lead failed on our side, and hold its callback for that.

    It costs the lead nothing. The hold is lifted once calls get through again, or by a person.
    """
    retract_ring(session, attempt)
    end_attempt(session, attempt, "failed", Result.CARRIER_ERROR, now=now)
    presence.mark_advisor_idle(session, session.get_one(Advisor, attempt.advisor_id), now=now)
    callback = session.get_one(Callback, attempt.callback_id)
    if callback.state == CallbackState.WAITING:
        holds.place_hold(session, callback, fault, by=SystemActor.NETWORK, now=now)
        wake_after_commit(session, Wakeup.DESK)


def end_attempt_refused_by_gate(
    session: Session, attempt: CallAttempt, decision: gate.Decision, *, now: datetime
) -> None:
    """End an attempt because the gate refuses the call by now, and defer its callback."""
    end_attempt(session, attempt, "failed", Result.UNKNOWN, now=now)
    callback = session.get_one(Callback, attempt.callback_id)
    if callback.state == CallbackState.WAITING:
        due_order.defer_callback(session, callback, decision, by=SystemActor.NETWORK, now=now)


def _start_wrap_up(
    session: Session, callback: Callback, attempt: CallAttempt, *, now: datetime
) -> None:
    advisor = session.get_one(Advisor, attempt.advisor_id)
    is_by_keypad = unrecorded_calls.is_asked_by_keypad(attempt, advisor, now=now)
    wrap_up = (
        wrap_up_time.WRAP_UP_BY_KEYPAD
        if is_by_keypad
        else wrap_up_time.wrap_up_time_at_desk(session, callback)
    )
    advance(
        session,
        callback,
        "converse",
        actor=SystemActor.NETWORK,
        now=now,
        ended_at=attempt.ended_at,
        lease_until=now + wrap_up,
        disposition=None,  # of an earlier conversation, like the next two
        own_disposition_id=None,
        said_at=None,
    )
    question = (HoldReason.UNRECORDED_CALL,)  # of an earlier call: the advisor is asked now
    holds.lift_holds_for(session, callback, question, by=SystemActor.NETWORK, now=now)


def _hand_back_to_queue(
    session: Session, callback: Callback, attempt: CallAttempt, *, now: datetime
) -> None:
    advance(
        session,
        callback,
        "hand_back",
        actor=SystemActor.NETWORK,
        now=now,
        advisor_id=None,
        lease_until=None,
    )
    if attempt.state == AttemptState.LOST and attempt.rung_at is not None:
        holds.place_hold(session, callback, HoldReason.CALL_LOST, by=SystemActor.NETWORK, now=now)
