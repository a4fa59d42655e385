"""The legs of those who are asked into a call: who is free again, and whose phone is let go."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from leads.calls import callers, legs
from leads.calls.legs import LegStatus
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, CallLeg
from leads.models.enums import LIVE_ATTEMPT, OutboxKind, Party
from leads.outbox import call_orders
from leads.people import presence

NETWORK = "network"


def hang_up_unawaited_leg(
    session: Session,
    attempt: CallAttempt,
    leg: CallLeg,
    *,
    is_first_news: bool = False,
    now: datetime,
) -> None:
    """Order the end of a leg that nobody waits for any more.

    That is whoever would come into a conference without an advisor, was sent away or has called in
    while nobody knew what to hang up, and an advisor's phone that rings for an attempt that is
    over. Who has answered may be hearing what came of the call. `is_first_news`: only now is it
    known what to hang up, so that an earlier order ended nothing.
    """
    if leg.provider_call_id is None or legs.is_over(leg):
        return
    is_end_ordered = call_orders.is_end_ordered(session, leg)
    is_unwanted = is_end_ordered or not _is_awaited(session, attempt, leg)
    if is_unwanted and (is_first_news or not is_end_ordered):
        call_orders.enqueue_leg_order(session, OutboxKind.HANG_UP_LEG, leg, now=now)


def _is_awaited(session: Session, attempt: CallAttempt, leg: CallLeg) -> bool:
    is_live = attempt.state in LIVE_ATTEMPT
    if leg.party == Party.ADVISOR:
        return is_live or leg.status == LegStatus.IN_PROGRESS
    advisor_leg = legs.find_call_leg(session, attempt, Party.ADVISOR)
    is_advisor_there = advisor_leg is not None and not legs.is_over(advisor_leg)
    return (
        is_live
        and is_advisor_there
        and not (leg.party == Party.LEAD and _has_called_in(session, attempt, leg))
    )


def _has_called_in(session: Session, attempt: CallAttempt, leg: CallLeg) -> bool:
    """Whether the lead is on the line by a call of their own, and not by this leg."""
    is_from_outside = attempt.inbound_call_id is not None
    return is_from_outside and not callers.is_callers_leg(session, attempt, leg)


def note_party_news(session: Session, attempt: CallAttempt, leg: CallLeg, *, now: datetime) -> None:
    """Tell open desks how somebody who was asked into a call is; one of us who left is free."""
    wake_after_commit(session, Wakeup.DESK)
    if not legs.is_over(leg):
        return
    record_event(session, attempt, "leave", actor=NETWORK, now=now, party=leg.party, leg_id=leg.id)
    if leg.advisor_id is not None and leg.joined_at is not None:
        presence.mark_advisor_idle(session, session.get_one(Advisor, leg.advisor_id), now=now)
