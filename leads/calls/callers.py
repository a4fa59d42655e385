"""Callers: who called in, as a party of the call with an advisor.

They are on the line before there is anybody to talk to, and stay on it when an advisor does not
come: their leg is lent to an attempt, and given back where nothing came of that.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from leads.callbacks import attempt_ends
from leads.calls import legs
from leads.lifecycle.audit_trail import SystemActor
from leads.lifecycle.transitions import advance
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.enums import (
    AnsweredBy,
    AttemptState,
    InboundState,
    LegStatus,
    OutboxKind,
    OutboxState,
    Party,
)
from leads.models.inbound import InboundCall
from leads.models.outbox import Outbox
from leads.models.requests import Lead
from leads.outbox import call_orders
from leads.outbox.call_orders import CallerOnLine
from leads.people.permissions import actor_of_id


def is_from_own_number(call: InboundCall, lead: Lead) -> bool:
    """Whether somebody called from the number that they are called at.

    Where their files were merged, it may be another one: what they say there holds for it alone.
    """
    return call.phone == lead.phone


def join_caller(session: Session, attempt: CallAttempt, *, now: datetime) -> bool:
    """Order that whoever waits on the line is brought to the advisor who took the call.

    False where they have hung up.
    """
    call = attempt_ends.lock_caller(session, attempt)
    is_taken = attempt.state == AttemptState.RINGING_LEAD
    if call is None or not is_taken or call.state != InboundState.WAITING:
        return False
    _free_callers_leg(session, call, attempt, now=now)
    leg = legs.find_call_leg(session, attempt, Party.LEAD) or CallLeg(
        attempt_id=attempt.id, party=Party.LEAD
    )
    leg.provider_call_id = call.provider_call_id
    leg.status, leg.sequence = LegStatus.NOT_TOLD, -1
    leg.ends_call, leg.joined_at, leg.left_at = True, None, None
    # What was heard on a call that we dialed says nothing of theirs.
    leg.answered_by, leg.is_on_hold, attempt.doubt = AnsweredBy.UNHEARD, False, None
    session.add(attempt)
    leg.requested_by, leg.requested_at = actor_of_id(attempt.advisor_id), now
    session.add(leg)
    call_orders.enqueue_caller_order(session, OutboxKind.JOIN_CALLER, leg, _on_line(call), now=now)
    return True


def _free_callers_leg(
    session: Session, call: InboundCall, attempt: CallAttempt, *, now: datetime
) -> None:
    """Take the caller's leg from an attempt that was ended without giving it back."""
    lent = legs.find_leg_of_provider_call(session, call.provider_call_id)
    if lent is not None and lent.attempt_id != attempt.id:
        lent.provider_call_id, lent.status = None, LegStatus.CANCELED
        lent.left_at = lent.left_at or now
        session.add(lent)
        session.flush()


def is_callers_leg(session: Session, attempt: CallAttempt, leg: CallLeg) -> bool:
    """Whether a leg is the call that came in, and not one that we dialed."""
    call = attempt_ends.lock_caller(session, attempt)
    return call is not None and leg.provider_call_id == call.provider_call_id


def find_when_brought(
    session: Session, attempt: CallAttempt, *, or_in_doubt: bool = False
) -> datetime | None:
    """Return when the network has carried out that a caller is brought to the advisor.

    `or_in_doubt`: or when it was asked to, where nobody knows what came of that, and the caller has
    not asked since what comes next, as those do who are not brought.
    """
    joins = select(Outbox).where(
        Outbox.attempt_id == attempt.id, Outbox.kind == OutboxKind.JOIN_CALLER
    )
    order = session.exec(joins.order_by(col(Outbox.id).desc())).first()
    if order is None or order.state == OutboxState.SENT:
        return order.settled_at if order else None
    if not or_in_doubt or order.state not in (OutboxState.SENDING, OutboxState.UNKNOWN):
        return None
    call = attempt_ends.lock_caller(session, attempt)
    return order.created_at if call and call.heard_at <= order.created_at else None


def waits_for_nobody(session: Session, attempt: CallAttempt) -> bool:
    """Whether whoever called in waits, and no attempt is about to connect them or has done so."""
    call = attempt_ends.lock_caller(session, attempt)
    if call is None or call.state != InboundState.WAITING:
        return False
    connecting = select(CallAttempt.id).where(
        CallAttempt.inbound_call_id == call.id,
        col(CallAttempt.state).in_((AttemptState.RINGING_LEAD, AttemptState.BRIDGED)),
    )
    return session.exec(connecting).first() is None


def mark_caller_talking(
    session: Session, attempt: CallAttempt, *, at: datetime, now: datetime
) -> bool:
    """Record that whoever called in is with the advisor since `at`; False if they do not wait."""
    call = attempt_ends.lock_caller(session, attempt)
    leg = legs.find_call_leg(session, attempt, Party.LEAD)
    if call is None or leg is None or leg.provider_call_id != call.provider_call_id:
        return False
    if call.state != InboundState.WAITING or attempt.state != AttemptState.RINGING_LEAD:
        return False
    legs.note_leg_status(session, leg, LegStatus.IN_PROGRESS, now=at)
    leg.joined_at = leg.joined_at or at  # which may be told after its end
    session.add(leg)
    advance(session, call, "join", actor=SystemActor.NETWORK, now=now, answered_at=at, heard_at=now)
    return True


def is_any_waiting(session: Session, provider_call_ids: Collection[str]) -> bool:
    """Whether one of these calls of the provider's came in, and its caller waits on the line."""
    waiting = select(InboundCall.id).where(
        col(InboundCall.provider_call_id).in_(provider_call_ids),
        InboundCall.state == InboundState.WAITING,
    )
    return session.exec(waiting).first() is not None


def take_back_talk(session: Session, attempt: CallAttempt, *, now: datetime) -> bool:
    """Take back that whoever called in talks with the advisor, whom they did not find.

    False where they do not talk, or are gone. They are still in the attempt's conference.
    """
    call = attempt_ends.lock_caller(session, attempt)
    leg = legs.find_call_leg(session, attempt, Party.LEAD)
    if call is None or call.state != InboundState.TALKING or leg is None or legs.is_over(leg):
        return False
    callback = session.get_one(Callback, attempt.callback_id, with_for_update=True)
    if callback.first_rung_at == attempt.answered_at:
        callback.first_rung_at = None
    if callback.first_conversation_at == attempt.answered_at:
        callback.first_conversation_at = None
    attempt.answered_at, leg.joined_at = None, None
    session.add_all([attempt, callback, leg])
    advance(session, call, "wait_again", actor=SystemActor.NETWORK, now=now, answered_at=None)
    return True


def send_caller_back(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    """Order that whoever is in the conference of an attempt that is over waits again."""
    call = attempt_ends.lock_caller(session, attempt)
    leg = legs.find_call_leg(session, attempt, Party.LEAD)
    if call is not None and leg is not None and call.state == InboundState.WAITING:
        call_orders.enqueue_caller_order(
            session, OutboxKind.RETURN_CALLER, leg, _on_line(call), now=now
        )


def _on_line(call: InboundCall) -> CallerOnLine:
    return CallerOnLine(call.id, call.provider_call_id)
