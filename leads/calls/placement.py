"""Whether a call was placed, is alive, or was lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from leads.calls import legs, outcomes
from leads.calls.legs import TERMINAL_LEG_STATUSES, SilentAttempt
from leads.calls.progress import RELAY, lock_attempt
from leads.database.bulk_rows import insert_rows
from leads.i18n.messages import Message
from leads.lifecycle.transitions import Move, advance_all
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, CallLeg
from leads.models.enums import LIVE_ATTEMPT, AttemptState, Party, Result
from leads.outbox import call_orders
from leads.people import presence

MAX_SILENCE_BY_STATE = {
    AttemptState.REQUESTED: timedelta(seconds=15),
    AttemptState.RINGING_ADVISOR: timedelta(seconds=15),
    AttemptState.RINGING_LEAD: timedelta(seconds=15),
    AttemptState.BRIDGED: timedelta(seconds=90),
}
"""How long a live attempt may be without news beyond its ring time, by its state."""

ENDED_ATTEMPT_WATCH_TIME = timedelta(minutes=5)


def record_placed_calls(
    session: Session, taken: Mapping[str, str], *, now: datetime
) -> list[CallAttempt]:
    """Record the provider's call of each of these attempts; returns the attempts that are over.

    `taken`: the provider's call ids by attempt id. A webhook may have told of a call before. The
    calls of the returned attempts have to be hung up.
    """
    if not taken:
        return []
    parameters = {"attempts": list(taken)}
    attempts = session.exec(ATTEMPTS_FOR_UPDATE, params=parameters).all()
    # Asked after the lock: a statement that waits for a webhook's transaction does not see what
    # that one added.
    known: dict[str, str] = dict(session.exec(ADVISOR_LEG_CALL_IDS, params=parameters).all())
    leg = {"party": Party.ADVISOR, "status": "", "sequence": -1}
    new = [
        leg | {"attempt_id": attempt.id, "provider_call_id": taken[attempt.id]}
        for attempt in attempts
        if attempt.id not in known
    ]
    if new:
        insert_rows(session, CallLeg, new)
    ours = [
        attempt
        for attempt in attempts
        if known.get(attempt.id, taken[attempt.id]) == taken[attempt.id]
    ]
    taken_up = [
        Move(attempt, {"placed": {"heard_at": now}})
        for attempt in ours
        if attempt.state == AttemptState.REQUESTED
    ]
    advance_all(session, taken_up, actor=RELAY, now=now)
    return [attempt for attempt in attempts if attempt.state not in LIVE_ATTEMPT]


def record_placement_failure(
    session: Session, attempt_id: str, *, problem: Message, blame_advisor: bool, now: datetime
) -> None:
    """End an attempt whose call the provider refuses; its callback goes to the head of the queue.

    An advisor whose phone cannot be rung is set away with the reason, so that refusals do not go
    round for ever.
    """
    attempt = lock_attempt(session, attempt_id)
    if attempt is None or attempt.state != AttemptState.REQUESTED:
        return
    outcomes.end_attempt(session, attempt, "failed", Result.CARRIER_ERROR, now=now)
    if blame_advisor:
        presence.set_advisor_away(
            session, session.get_one(Advisor, attempt.advisor_id), reason=problem, now=now
        )


def lose_attempt(session: Session, attempt_id: str, *, now: datetime) -> None:
    """End a live attempt of which nobody can tell what became, and hand its callback back.

    If the lead's phone may have rung, the callback is held for a person.
    """
    attempt = lock_attempt(session, attempt_id)
    if attempt and attempt.state in LIVE_ATTEMPT:
        call_orders.withdraw_pending_orders(session, attempt, now=now)
        outcomes.end_attempt(session, attempt, "lose", Result.UNKNOWN, now=now)


def find_silent_attempts(
    session: Session, *, ring_time: timedelta, now: datetime
) -> list[SilentAttempt]:
    """Return the attempts of which the network said nothing for too long.

    They are live, or they ended lately with a leg that may not have ended.
    """
    quiet = select(CallAttempt).where(
        CallAttempt.heard_at < now - min(MAX_SILENCE_BY_STATE.values())
    )
    live = quiet.where(col(CallAttempt.state).in_(LIVE_ATTEMPT))
    on_the_line = select(CallLeg.attempt_id).where(col(CallLeg.status).in_(presence.ON_THE_LINE))
    ended = quiet.where(
        col(CallAttempt.ended_at) > now - ENDED_ATTEMPT_WATCH_TIME,
        col(CallAttempt.id).in_(on_the_line),
    )
    silent_attempts = []
    for attempt in [*session.exec(live), *session.exec(ended)]:
        leg = legs.find_call_leg(session, attempt, Party.ADVISOR)
        advisor_is_gone = leg is not None and leg.status in TERMINAL_LEG_STATUSES
        patience = MAX_SILENCE_BY_STATE.get(attempt.state, timedelta()) + (
            timedelta() if advisor_is_gone else ring_time
        )
        if attempt.ended_at or attempt.heard_at < now - patience:
            call_id = leg.provider_call_id if leg else None
            silent_attempts.append(
                SilentAttempt(attempt.id, call_id, attempt.state, now - attempt.requested_at)
            )
    return silent_attempts


def mark_alive(session: Session, attempt_id: str, *, now: datetime) -> None:
    """Record the provider's word that an attempt's call is still under way."""
    attempt = lock_attempt(session, attempt_id)
    if attempt:
        attempt.heard_at = now


ATTEMPTS_FOR_UPDATE = (
    select(CallAttempt)
    .where(col(CallAttempt.id).in_(bindparam("attempts")))
    .order_by(col(CallAttempt.id))
    .with_for_update()
)

ADVISOR_LEG_CALL_IDS = select(CallLeg.attempt_id, CallLeg.provider_call_id).where(
    col(CallLeg.attempt_id).in_(bindparam("attempts")), col(CallLeg.party) == Party.ADVISOR
)
