"""How an attempt ends, whoever ends it: what it came to, who is let go, and who waits on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, select

from leads.callbacks import conversations
from leads.lifecycle.state_tables import AttemptEvent
from leads.lifecycle.transitions import advance
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.enums import (
    LEG_UNDER_WAY,
    AnsweredBy,
    AttemptState,
    CallDoubt,
    InboundState,
    LegStatus,
    OutboxKind,
    Party,
    Result,
)
from leads.models.inbound import InboundCall
from leads.outbox import call_orders
from leads.outbox.call_orders import CallerOnLine

ENDS_BY_ITSELF_WITHIN = timedelta(seconds=1)  # a leg whose conference is over


def close_attempt(
    session: Session,
    attempt: CallAttempt,
    event: str,
    result: Result,
    *,
    actor: str,
    at: datetime | None = None,
    is_cut_off: bool = False,
    now: datetime,
) -> bool:
    """End an attempt and let everybody go; returns whether somebody or something had answered.

    One that was answered counts as a conversation unless that is in doubt. Whoever called in and
    was not with the advisor waits on. `at`: when it ended, where that is told later. `is_cut_off`:
    the advisor's phone is hung up as well, who otherwise hears what came of the call.
    """
    has_missed = event == AttemptEvent.MISSED  # also who came and found nobody
    was_bridged = attempt.state == AttemptState.BRIDGED and not has_missed
    is_answered = result == Result.CONVERSATION or was_bridged
    ended_at = max(at or now, attempt.answered_at or attempt.requested_at)
    legs = call_orders.list_legs(session, attempt.id)
    lead_leg = next((leg for leg in legs if leg.party == Party.LEAD), None)
    heard = lead_leg.answered_by if lead_leg else AnsweredBy.UNHEARD
    doubt = conversations.find_doubt(attempt, heard, ended_at=ended_at) if is_answered else None
    ended = {"result": Result.UNKNOWN, "doubt": doubt} if doubt else {"result": result}
    advance(session, attempt, event, actor=actor, now=now, ended_at=ended_at, **ended)
    if not was_bridged and lead_leg is not None:
        _give_caller_back(session, attempt, lead_leg, now=now)
    ends_by_itself = any(
        call_orders.ends_conference(leg, legs) for leg in legs if leg.party == Party.ADVISOR
    )
    call_orders.withdraw_pending_orders(session, attempt, now=now)
    call_orders.release_legs(session, attempt, now=now)
    if is_cut_off:
        call_orders.enqueue_call_orders(session, OutboxKind.HANG_UP, attempt, now=now)
    else:
        after = ENDS_BY_ITSELF_WITHIN if ends_by_itself else timedelta()
        _let_the_others_go(session, legs, after=after, now=now)
    _note_end_on_callback(session, attempt, doubt)
    return is_answered


def _note_end_on_callback(session: Session, attempt: CallAttempt, doubt: CallDoubt | None) -> None:
    callback = session.get_one(Callback, attempt.callback_id, with_for_update=True)
    if attempt.rung_at is not None:
        callback.hours_overridden_until = None  # good for one call to the lead
        session.add(callback)
    if doubt:
        conversations.doubt_conversation(session, callback, attempt, why=doubt)


def cut_off_attempt(session: Session, attempt: CallAttempt, *, actor: str, now: datetime) -> None:
    """End an attempt whatever it is at: everybody's phone is hung up, but that of who called in.

    They wait on, unless they are talking.
    """
    is_talking = attempt.state == AttemptState.BRIDGED
    close_attempt(
        session,
        attempt,
        "hung_up" if is_talking else "failed",
        Result.CONVERSATION if is_talking else Result.UNKNOWN,
        actor=actor,
        is_cut_off=True,
        now=now,
    )


def lock_caller(session: Session, attempt: CallAttempt) -> InboundCall | None:
    """Return, locked, the call of whoever is on the line for an attempt; None where nobody is.

    The attempt is locked before.
    """
    if attempt.inbound_call_id is None:
        return None
    call = select(InboundCall).where(InboundCall.id == attempt.inbound_call_id)
    locked = call.with_for_update().execution_options(populate_existing=True)
    return session.exec(locked).one()


def _give_caller_back(
    session: Session, attempt: CallAttempt, leg: CallLeg, *, now: datetime
) -> None:
    """Let whoever called in wait again, because nothing came of an attempt.

    Their leg is free for the next one. Where they may have been brought to the advisor, they are
    brought back.
    """
    call = lock_caller(session, attempt)
    if call is None or leg.provider_call_id != call.provider_call_id:
        return
    was_joined = not call_orders.withdraw_join_of_caller(session, leg, now=now)
    leg.provider_call_id, leg.left_at = None, now
    leg.status, leg.sequence = LegStatus.NOT_TOLD, -1
    session.add(leg)
    if was_joined and call.state == InboundState.WAITING:
        caller = CallerOnLine(call.id, call.provider_call_id)
        after = ENDS_BY_ITSELF_WITHIN
        call_orders.enqueue_caller_order(
            session, OutboxKind.RETURN_CALLER, leg, caller, after=after, now=now
        )


def _let_the_others_go(
    session: Session, legs: Sequence[CallLeg], *, after: timedelta, now: datetime
) -> None:
    """Order the end of all legs but the advisor's, who may hear what came of the call.

    `after`: as a rule they have ended with the conference before that is due. Where it does not end
    with the advisor, a person would hear silence: they are let go at once.
    """
    for leg in legs:
        if leg.party != Party.ADVISOR and leg.provider_call_id and leg.status in LEG_UNDER_WAY:
            call_orders.enqueue_leg_order(
                session, OutboxKind.HANG_UP_LEG, leg, after=after, now=now
            )
