"""Waiting callers: who is on the line, and which advisor is rung for them.

They go before every callback that is due: nobody else holds a phone to their ear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_
from sqlmodel import Session, col, select

from leads.callbacks.wish_matching import AdvisorWishes
from leads.contact_rules import gate
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import CallbackState, InboundState
from leads.models.inbound import InboundCall
from leads.models.requests import Lead
from leads.people import presence
from leads.people.presence import IdleAdvisor

WAITING_CALLERS = (
    select(InboundCall, Callback, Lead)
    .join(Callback, col(Callback.id) == col(InboundCall.callback_id))
    .join(Lead, col(Lead.id) == col(Callback.lead_id))
    .where(InboundCall.state == InboundState.WAITING)
    .where(col(Callback.state).in_((CallbackState.WAITING, CallbackState.CLAIMED)))
    .where(~presence.phone_in_call_clause(col(Lead.phone)))
    .where(~presence.phone_in_call_clause(col(InboundCall.phone)))
    .order_by(col(InboundCall.rang_at), col(InboundCall.id))
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=Callback)
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True)
class CallerMatch:
    """Somebody on the line, and the advisor who is rung for them.

    `is_held`: the callback is in that advisor's hands already.
    """

    call: InboundCall
    callback: Callback
    lead: Lead
    advisor: IdleAdvisor
    is_held: bool


def match_waiting_callers(
    session: Session, idle: Sequence[IdleAdvisor], most: int, *, now: datetime
) -> list[CallerMatch]:
    """Return who of those on the line is offered to whom, locked; who rang first is first.

    An advisor who holds the callback gets the caller, else the one who last spoke with them if
    free, else of those who suit their wishes best the one who is longest idle.
    """
    rows: Any = session.execute(WAITING_CALLERS, {"most": most}).all()
    first_by_callback: dict[int, Any] = {}
    for row in rows:
        first_by_callback.setdefault(row[1].id, row)
    if not first_by_callback:
        return []
    callers = list(first_by_callback.values())
    known = {call.id: _last_advisor_of(session, lead) for call, _, lead in callers}
    wanted = [advisor_id for advisor_id in known.values() if advisor_id is not None]
    free = {one.advisor_id: one for one in presence.lock_idle_advisors(session, wanted, now=now)}
    free |= {one.advisor_id: one for one in idle}
    queue = [one.advisor_id for one in idle]
    matches = []
    for call, callback, lead in callers:
        is_held = callback.state == CallbackState.CLAIMED
        advisor = _holder_of(session, callback) if is_held else free.get(known[call.id] or 0)
        if advisor is None and queue and not is_held:
            wishes = AdvisorWishes.of_lead(lead)
            advisor = max(
                (free[one] for one in queue), key=lambda one: wishes.fit_of(one.competence)
            )
        if advisor is None:
            continue
        free.pop(advisor.advisor_id, None)
        queue = [one for one in queue if one != advisor.advisor_id]
        matches.append(CallerMatch(call, callback, lead, advisor, is_held))
    return matches


def record_answers(session: Session, matches: Sequence[CallerMatch], *, now: datetime) -> None:
    """Record that these callers are answered, which needs no permission of the gate."""
    for match in matches:
        gate.record_decision(
            session,
            gate.CALLED_IN,
            gate.GateMoment.OFFER,
            lead=match.lead,
            callback=match.callback,
            now=now,
        )


def _last_advisor_of(session: Session, lead: Lead) -> int | None:
    """Return the advisor who last spoke with a lead, whoever has merged the file meanwhile."""
    spoken = (
        select(CallAttempt.advisor_id)
        .join(Callback, col(Callback.id) == col(CallAttempt.callback_id))
        .join(Lead, col(Lead.id) == col(Callback.lead_id))
        .where(or_(col(Lead.id) == lead.id, col(Lead.merged_into_id) == lead.id))
        .where(col(CallAttempt.answered_at).is_not(None))
        .order_by(col(CallAttempt.answered_at).desc())
    )
    return session.exec(spoken.limit(1)).first()


def _holder_of(session: Session, callback: Callback) -> IdleAdvisor | None:
    """Return the advisor in whose hands a callback is, if their phone can be rung."""
    advisor = session.get_one(Advisor, callback.advisor_id)
    if not advisor.phone or presence.is_phone_in_call(session, advisor.phone):
        return None
    return IdleAdvisor(advisor.id, advisor.phone)


def find_waiting_call(session: Session, callback: Callback) -> InboundCall | None:
    """Return the call of whoever waits on the line for a callback, if somebody does."""
    waiting = select(InboundCall).where(
        InboundCall.callback_id == callback.id, InboundCall.state == InboundState.WAITING
    )
    return session.exec(waiting.order_by(col(InboundCall.rang_at)).limit(1)).first()
