"""Offers: what the scheduler gives to free advisors, and rings them about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from leads.callbacks import claims, due_order, waiting_callers, wish_matching
from leads.callbacks.wish_matching import AdvisorMatch
from leads.lifecycle.audit_trail import SystemActor
from leads.lifecycle.transitions import Move, advance_all
from leads.models.calls import CallAttempt
from leads.people import availability


def offer_next_callback(
    session: Session, *, by_hand: bool = False, now: datetime
) -> CallAttempt | None:
    """Offer the top due callback to the longest-idle available advisor.

    None when nothing can be offered.
    """
    return next(iter(offer_due_callbacks(session, 1, by_hand=by_hand, now=now)), None)


def offer_due_callbacks(
    session: Session, most: int, *, by_hand: bool = False, now: datetime
) -> list[CallAttempt]:
    """Offer the top due callbacks, `most` at most, to the available advisors who are longest idle.

    All offers are made in one act.

    Who called in and waits on the line goes first. What the gate refuses is put off to when it may
    be, or held for a person. Whom a colleague on duty suits better is left to them for a while.
    `by_hand`: advisors ring from phones of their own. Raises LostRace when another worker was
    faster.
    """
    advisors = availability.lock_longest_idle_advisors(session, most, by_hand=by_hand, now=now)
    answered = [] if by_hand else _offer_waiting_callers(session, advisors, most, now=now)
    busy = {attempt.advisor_id for attempt in answered}
    busy_phones = {attempt.advisor_phone for attempt in answered if attempt.advisor_phone}
    free = [one for one in advisors if one.advisor_id not in busy and one.phone not in busy_phones]
    attempts: list[CallAttempt] = []
    passed_over: list[int] = []
    while free:
        wanted = max(len(free), len(passed_over))  # more each time: many may wait for one of us
        due_callbacks = due_order.lock_due_callbacks(
            session,
            wanted,
            passed_over=passed_over,
            to_dial=True,
            helplines=availability.helplines_served_by(free),
            now=now,
        )
        allowed, refused = due_order.partition_by_gate(due_callbacks, now=now)
        allowed = due_order.one_callback_per_phone(allowed)
        due_order.defer_callbacks(session, refused, now=now)
        new, waiting = wish_matching.match_due_callbacks(
            session, allowed, free, by_hand=by_hand, now=now
        )
        attempts += _offer_matches(session, new, allowed, now=now)
        passed_over += waiting
        taken = {one.advisor.advisor_id for one in new}
        free = [one for one in free if one.advisor_id not in taken]
        if len(due_callbacks) < wanted:
            break
    return answered + attempts


def _offer_waiting_callers(
    session: Session, advisors: Sequence[availability.IdleAdvisor], most: int, *, now: datetime
) -> list[CallAttempt]:
    """Ring an advisor for each of those who called in and wait, as far as there are advisors."""
    matches = waiting_callers.match_waiting_callers(session, advisors, most, now=now)
    if not matches:
        return []
    waiting_callers.record_answers(session, matches, now=now)
    free = [(one.callback, one.advisor.advisor_id, None) for one in matches if not one.is_held]
    with claims.lost_race_on_conflict():
        claims.claim_callbacks(
            session, free, actor=SystemActor.SCHEDULER, now=now, call=claims.CALL_CHANGES
        )
        held = [Move(one.callback, {"call": claims.CALL_CHANGES}) for one in matches if one.is_held]
        advance_all(session, held, actor=SystemActor.SCHEDULER, now=now)
    answers = [
        AdvisorMatch(
            one.callback,
            one.lead,
            one.advisor,
            inbound_call_id=one.call.id,
            phone=one.call.phone or one.lead.phone,
        )
        for one in matches
    ]
    return claims.create_attempts_and_order_calls(
        session, answers, actor=SystemActor.SCHEDULER, now=now
    )


def _offer_matches(
    session: Session,
    new: Sequence[AdvisorMatch],
    allowed: Sequence[due_order.DueCallback],
    *,
    now: datetime,
) -> list[CallAttempt]:
    """Claim, create and order what the scheduler offers, with the gate's word for each."""
    claims.record_decisions_of(session, new, allowed, now=now)
    taken = [(one.callback, one.advisor.advisor_id, one.reason) for one in new]
    with claims.lost_race_on_conflict():
        claims.claim_callbacks(
            session, taken, actor=SystemActor.SCHEDULER, now=now, call=claims.CALL_CHANGES
        )
    return claims.create_attempts_and_order_calls(
        session, new, actor=SystemActor.SCHEDULER, now=now
    )
