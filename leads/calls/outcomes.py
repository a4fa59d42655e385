"""What the end of an attempt does to its callback.

Wrap-up, the next advisor, the next try, or the end of all tries.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from leads.callbacks import completion, due_order, holds, queue, retry_cadence
from leads.contact_rules import gate
from leads.lifecycle.transitions import advance
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import AttemptState, CallbackState, CloseReason, HoldReason, Result
from leads.models.requests import Lead
from leads.people import presence

NETWORK, CLOCK = "network", "clock"
ADVISOR_SIDE_RESULTS = frozenset(
    {Result.ADVISOR_NO_ANSWER, Result.ADVISOR_DECLINED, Result.CARRIER_ERROR, Result.UNKNOWN}
)


def end_attempt(
    session: Session, attempt: CallAttempt, event: str, result: Result, *, now: datetime
) -> None:
    """End an attempt and move its callback on.

    An attempt that was bridged and is lost counts as a conversation all the same.
    """
    was_bridged = attempt.state == AttemptState.BRIDGED
    advance(
        session,
        attempt,
        event,
        actor=CLOCK if event == "lose" else NETWORK,
        now=now,
        result=result,
        ended_at=now,
    )
    callback = session.get_one(Callback, attempt.callback_id, with_for_update=True)
    advisor = session.get_one(Advisor, attempt.advisor_id)
    if callback.state != CallbackState.CALLING:
        return
    if result == Result.CONVERSATION or was_bridged:
        _start_wrap_up(session, callback, attempt, now=now)
    elif result in ADVISOR_SIDE_RESULTS:
        _hand_back_to_queue(session, callback, attempt, now=now)
    else:
        schedule_retry_or_exhaust(session, callback, actor=NETWORK, now=now)
        presence.mark_advisor_idle(session, advisor, now=now)


def end_attempt_as_missed_offer(
    session: Session, attempt: CallAttempt, event: str, result: Result, *, now: datetime
) -> None:
    """End an attempt that its advisor did not take, and count the miss against the advisor.

    The callback goes to the next advisor.
    """
    end_attempt(session, attempt, event, result, now=now)
    presence.record_missed_offer(session, session.get_one(Advisor, attempt.advisor_id), now=now)


def schedule_retry_or_exhaust(
    session: Session, callback: Callback, *, actor: str, now: datetime
) -> None:
    """Plan the next try by the cadence and the gate, or end when the tries are used up."""
    misses = callback.misses + 1
    due_at = retry_cadence.next_retry_time(misses, missed_at=now)
    if due_at is None:
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
        completion.close_lead(session, callback, CloseReason.UNREACHABLE, actor=actor, now=now)
        return
    lead = session.get_one(Lead, callback.lead_id)
    decision = gate.decide_and_record(
        session, callback, lead, gate.GateMoment.SCHEDULING, now=now, at=due_at
    )
    due_at = decision.not_before or due_at
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


def end_attempt_refused_by_gate(
    session: Session, attempt: CallAttempt, decision: gate.Decision, *, now: datetime
) -> None:
    """End an attempt because the gate refuses the call by now, and defer its callback."""
    end_attempt(session, attempt, "failed", Result.UNKNOWN, now=now)
    callback = session.get_one(Callback, attempt.callback_id)
    if callback.state == CallbackState.WAITING:
        due_order.defer_callback(session, callback, decision, by=NETWORK, now=now)


def _start_wrap_up(
    session: Session, callback: Callback, attempt: CallAttempt, *, now: datetime
) -> None:
    advisor = session.get_one(Advisor, attempt.advisor_id)
    wrap_up = (
        queue.WRAP_UP_BY_KEYPAD
        if presence.is_on_duty_by_phone_only(advisor, now=now)
        else queue.WRAP_UP
    )
    advance(
        session,
        callback,
        "converse",
        actor=NETWORK,
        now=now,
        ended_at=now,
        lease_until=now + wrap_up,
        disposition=None,  # of an earlier conversation
    )


def _hand_back_to_queue(
    session: Session, callback: Callback, attempt: CallAttempt, *, now: datetime
) -> None:
    advance(
        session,
        callback,
        "hand_back",
        actor=NETWORK,
        now=now,
        advisor_id=None,
        lease_until=None,
    )
    if attempt.state == AttemptState.LOST and attempt.rung_at is not None:
        holds.place_hold(session, callback, HoldReason.CALL_LOST, by=NETWORK, now=now)
