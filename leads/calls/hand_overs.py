"""Hand-over: whose call it is, once whoever had it has given it away, or has hung up in it.

A call goes on as long as one of us talks with the lead. Interpreters and third parties, and
supervisors whom the lead does not hear, hold none open.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from leads.callbacks import completion, queue
from leads.calls import legs, party_legs
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.lifecycle.audit_trail import HAND_OVER, SystemActor, record_event
from leads.lifecycle.transitions import advance
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.enums import (
    INSIDERS,
    LIVE_ATTEMPT,
    Audience,
    CallbackState,
    OutboxKind,
    Party,
)
from leads.outbox import call_orders
from leads.people import presence


def may_take_call(leg: CallLeg) -> bool:
    """Whether a leg is of one of us who talks with the lead, and does not have the call."""
    talks_with_lead = leg.party in INSIDERS and leg.audience == Audience.EVERYONE
    return talks_with_lead and leg.advisor_id is not None and legs.is_in_call(leg)


def list_takers(session: Session, attempt: CallAttempt) -> list[CallLeg]:
    """Return the legs of those who may take a call: colleagues first, then who came first."""
    takers = filter(may_take_call, call_orders.list_legs(session, attempt.id))
    return sorted(takers, key=lambda leg: (leg.party != Party.COLLEAGUE, leg.joined_at))


def give_call(
    session: Session,
    attempt: CallAttempt,
    giver: CallLeg,
    taker: CallLeg,
    *,
    by: str,
    now: datetime,
) -> None:
    """Make a call that of whoever the taker's leg is; who had it is in it as a colleague.

    The taker writes up what came of it, and has nothing else in hand. `by` is in the trail.
    """
    callback = session.get_one(Callback, attempt.callback_id, with_for_update=True)
    heir = session.get_one(Advisor, taker.advisor_id)
    giver.party, giver.ends_call, giver.phone = Party.COLLEAGUE, False, attempt.advisor_phone or ""
    giver.advisor_id, giver.is_muted, giver.joined_at = (
        attempt.advisor_id,
        False,
        attempt.answered_at,
    )
    session.flush()  # one leg is the advisor's at a time
    attempt.advisor_id, attempt.advisor_phone = heir.id, taker.phone
    taker.party, taker.phone = Party.ADVISOR, ""
    taker.ends_call = not presence.is_on_duty_by_phone_only(heir, now=now)
    callback.advisor_id = heir.id
    lead = legs.find_call_leg(session, attempt, Party.LEAD)
    if lead is not None:
        lead.is_hold_ordered = False  # whoever ordered it leaves
        session.add(lead)
    session.add_all([giver, taker, attempt, callback])
    record_event(
        session, attempt, HAND_OVER, actor=by, now=now, advisor=heir.id, giver=giver.advisor_id
    )
    wake_after_commit(session, Wakeup.DESK)
    coaches = [one for one in call_orders.list_legs(session, attempt.id) if _speaks_to_advisor(one)]
    for changed in (taker, giver, *coaches):
        if not legs.is_over(changed):
            call_orders.enqueue_leg_order(session, OutboxKind.CHANGE_LEG, changed, now=now)


def _speaks_to_advisor(leg: CallLeg) -> bool:
    return leg.audience == Audience.ADVISOR and leg.left_at is None


def carry_call_on(session: Session, attempt: CallAttempt, *, now: datetime) -> bool:
    """Give a call whose advisor has hung up to whoever of us talks with the lead; False without.

    What the taker has in hand is put aside: a claim is back in the queue, and what came of a call
    is asked later.
    """
    giver = legs.find_call_leg(session, attempt, Party.ADVISOR)
    taker = _find_taker(session, attempt)
    if giver is None or taker is None or taker.advisor_id is None:
        return False
    _put_work_aside(session, taker.advisor_id, now=now)
    session.get_one(Advisor, attempt.advisor_id).lost_callback_id = attempt.callback_id
    give_call(session, attempt, giver, taker, by=SystemActor.NETWORK, now=now)
    attempt.ask_at = now  # whether the taker is there still: the news may be late
    party_legs.note_party_news(session, attempt, giver, now=now)
    return True


def _find_taker(session: Session, attempt: CallAttempt) -> CallLeg | None:
    """Return the leg of whoever takes a call over.

    Not of somebody who is about to leave, or whose own call is being placed.
    """
    takers = list_takers(session, attempt)
    calling = select(CallAttempt.advisor_id).where(
        col(CallAttempt.state).in_(LIVE_ATTEMPT),
        col(CallAttempt.advisor_id).in_([leg.advisor_id for leg in takers]),
    )
    busy = set(session.exec(calling)) if takers else set()
    may_stay = (leg for leg in takers if not call_orders.is_end_ordered(session, leg))
    return next((leg for leg in may_stay if leg.advisor_id not in busy), None)


def _put_work_aside(session: Session, advisor_id: int, *, now: datetime) -> None:
    advisor = session.get_one(Advisor, advisor_id)
    held = queue.current_callback_of(session, advisor)
    if held is None:  # and they get nothing new, as they are in a call
        return
    session.refresh(held, with_for_update=True)
    if held.advisor_id != advisor_id:
        return
    if held.state == CallbackState.CLAIMED:
        back: dict[str, Any] = {"advisor_id": None, "lease_until": None}
        advance(session, held, "release", actor=SystemActor.NETWORK, now=now, **back)
        advisor.lost_callback_id = held.id
    elif held.state == CallbackState.WRAP_UP:
        completion.time_out_wrap_up(session, held, by=SystemActor.NETWORK, now=now)
