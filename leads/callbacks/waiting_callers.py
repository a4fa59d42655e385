"""Waiting callers: who is on the line, and which advisor is rung for them.

They go before every callback that is due: nobody else holds a phone to their ear.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_
from sqlmodel import Session, col, select

from leads.callbacks.wish_matching import AdvisorWishes, Fit
from leads.contact_rules import gate
from leads.lifecycle.audit_trail import SystemActor
from leads.lifecycle.transitions import advance
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import CallbackState, InboundState
from leads.models.inbound import InboundCall
from leads.models.requests import Lead
from leads.people import availability, presence
from leads.people.availability import IdleAdvisor

WAITING_CALLERS = (
    select(InboundCall, Callback, Lead)
    .join(Callback, col(Callback.id) == col(InboundCall.callback_id))
    .join(Lead, col(Lead.id) == col(Callback.lead_id))
    .where(InboundCall.state == InboundState.WAITING)
    .where(col(Callback.state).in_((CallbackState.WAITING, CallbackState.CLAIMED)))
    .where(~availability.phone_in_call_clause(col(Lead.phone)))
    .where(~availability.phone_in_call_clause(col(InboundCall.phone)))
    .order_by(col(InboundCall.rang_at), col(InboundCall.id))
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=(Callback, InboundCall))  # whoever hangs up has both
    .execution_options(populate_existing=True)
)
MOST_ON_THE_LINE = 1_000


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


@dataclass(frozen=True)
class _Ranks:
    """Who of those who are free goes first for a caller."""

    call_id: str
    last_advisor_id: int | None
    wishes: AdvisorWishes
    tried: Collection[tuple[str, int]]

    def rank_of(self, one: IdleAdvisor) -> tuple[bool, bool, Fit]:
        """Return how an advisor ranks: the greater of two goes first."""
        return (
            (self.call_id, one.advisor_id) not in self.tried,
            one.advisor_id == self.last_advisor_id,
            self.wishes.fit_of(one.competence),
        )


def match_waiting_callers(
    session: Session, idle: Sequence[IdleAdvisor], most: int, *, now: datetime
) -> list[CallerMatch]:
    """Return who of those on the line is offered to whom, locked; who rang first is first.

    An advisor who holds the callback gets the caller if their phone can be rung, else it is given
    back. Then comes the one who last spoke with them if free, else of those who suit their wishes
    best the one who is longest idle; whoever was rung for this call already comes last. No phone is
    in two of the calls.
    """
    # A caller whose helpline nobody free serves keeps no other waiting.
    locked = most if availability.helplines_served_by(idle) is None else MOST_ON_THE_LINE
    rows: Any = session.execute(WAITING_CALLERS, {"most": locked}).all()
    first_by_callback: dict[int, Any] = {}
    for row in rows:
        first_by_callback.setdefault(row[1].id, row)
    if not first_by_callback:
        return []
    callers = list(first_by_callback.values())
    known = {call.id: _last_advisor_of(session, lead) for call, _, lead in callers}
    tried = _advisors_tried(session, [call.id for call, _, _ in callers])
    wanted = [advisor_id for advisor_id in known.values() if advisor_id is not None]
    free = {one.advisor_id: one for one in idle}
    for one in availability.lock_idle_advisors(session, wanted, now=now):
        free.setdefault(one.advisor_id, one)
    queue = {one.advisor_id for one in idle}
    used: set[str] = set()
    matches: list[CallerMatch] = []
    for call, callback, lead in callers:
        phone = call.phone or lead.phone
        if len(matches) == most:
            break
        if phone in used:
            continue
        used_with_theirs = used | {phone}
        is_claimed = callback.state == CallbackState.CLAIMED
        advisor = _holder_of(session, callback) if is_claimed else None
        is_held = advisor is not None and advisor.phone not in used_with_theirs
        if not is_held:
            last = known[call.id]
            suitable = [
                one
                for one in free.values()
                if one.phone not in used_with_theirs
                and one.advisor_id in queue | {last}
                and one.serves(callback.brand_id)
            ]
            ranks = _Ranks(call.id, last, AdvisorWishes.of_lead(lead), tried)
            advisor = max(suitable, key=ranks.rank_of, default=None)
        if advisor is None:
            continue
        if is_claimed and not is_held:
            _give_back(session, callback, now=now)
        free.pop(advisor.advisor_id, None)
        used |= {phone, advisor.phone}
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
    if not advisor.phone or availability.is_phone_in_call(session, advisor.phone):
        return None
    return IdleAdvisor.of_advisor(advisor)


def _give_back(session: Session, callback: Callback, *, now: datetime) -> None:
    """Take a callback from an advisor who cannot be rung, for others who can."""
    holder = session.get_one(Advisor, callback.advisor_id)
    nobody: dict[str, Any] = {"advisor_id": None, "lease_until": None}
    advance(session, callback, "release", actor=SystemActor.SCHEDULER, now=now, **nobody)
    presence.mark_advisor_idle(session, holder, lost=callback.id, now=now)


def _advisors_tried(session: Session, call_ids: Sequence[str]) -> set[tuple[str, int]]:
    """Return which advisors were rung for which of these calls already."""
    tried = select(col(CallAttempt.inbound_call_id), CallAttempt.advisor_id).where(
        col(CallAttempt.inbound_call_id).in_(call_ids)
    )
    return {(call_id, advisor_id) for call_id, advisor_id in session.exec(tried) if call_id}


def find_waiting_call(session: Session, callback: Callback) -> InboundCall | None:
    """Return the call of whoever waits on the line for a callback, if somebody does."""
    waiting = select(InboundCall).where(
        InboundCall.callback_id == callback.id, InboundCall.state == InboundState.WAITING
    )
    return session.exec(waiting.order_by(col(InboundCall.rang_at)).limit(1)).first()
