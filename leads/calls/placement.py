"""Whether a call was placed, is alive, or was lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_
from sqlmodel import Session, col, select

from leads.calls import attempt_steps, callers, legs, outcomes, party_legs, progress
from leads.calls.attempt_steps import lock_attempt
from leads.calls.legs import KnownLeg, SilentAttempt
from leads.database.bulk_rows import insert_rows
from leads.i18n.messages import Message
from leads.lifecycle.audit_trail import SystemActor
from leads.lifecycle.transitions import Move, advance_all
from leads.models.advisors import Advisor
from leads.models.calls import CALL_BY_HAND, CallAttempt, CallLeg
from leads.models.enums import (
    LEG_UNDER_WAY,
    LIVE_ATTEMPT,
    AttemptState,
    HoldReason,
    LegStatus,
    OutboxKind,
    Party,
    Result,
)
from leads.outbox import call_orders
from leads.outbox.call_orders import LegOrder
from leads.people import presence

MAX_SILENCE_BY_STATE = {
    AttemptState.REQUESTED: timedelta(seconds=15),
    AttemptState.RINGING_ADVISOR: timedelta(seconds=15),
    AttemptState.RINGING_LEAD: timedelta(seconds=15),
    AttemptState.BRIDGED: timedelta(seconds=90),
}
"""How long a live attempt may be without news beyond its ring time, by its state."""
MAX_SILENCE_ON_HOLD = timedelta(seconds=15)  # of a conversation whose lead hears nobody

ENDED_ATTEMPT_WATCH_TIME = timedelta(minutes=5)

# Made once: building a statement costs more than running it.
_QUIET_ATTEMPTS = select(CallAttempt).where(
    or_(
        col(CallAttempt.heard_at) < bindparam("silent_since"),
        col(CallAttempt.ask_at) <= bindparam("now"),
    )
)
_LEGS_UNDER_WAY = select(CallLeg.id).where(
    CallLeg.attempt_id == CallAttempt.id,
    col(CallLeg.provider_call_id).is_not(None),
    ~col(CallLeg.provider_call_id).startswith(CALL_BY_HAND),
    col(CallLeg.status).in_(LEG_UNDER_WAY),
)
QUIET_LIVE_ATTEMPTS = _QUIET_ATTEMPTS.where(col(CallAttempt.state).in_(LIVE_ATTEMPT))
QUIET_ENDED_ATTEMPTS = _QUIET_ATTEMPTS.where(
    col(CallAttempt.ended_at) > bindparam("ended_since"), _LEGS_UNDER_WAY.exists()
)


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
    rows: Any = session.exec(ADVISOR_LEG_CALL_IDS, params=parameters).all()
    known: dict[str, str] = dict(rows)
    leg = {"party": Party.ADVISOR, "status": LegStatus.NOT_TOLD, "sequence": -1}
    new = [
        leg
        | {
            "attempt_id": attempt.id,
            "provider_call_id": taken[attempt.id],
            "advisor_id": attempt.advisor_id,
        }
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
    advance_all(session, taken_up, actor=SystemActor.RELAY, now=now)
    return [attempt for attempt in attempts if attempt.state not in LIVE_ATTEMPT]


def record_dialed_leg(
    session: Session, attempt_id: str, leg_id: int, provider_call_id: str, *, now: datetime
) -> None:
    """Record the provider's call of a leg, and order its end where nobody waits for it any more.

    A webhook may have told of the call before.
    """
    attempt = lock_attempt(session, attempt_id)
    leg = session.get(CallLeg, leg_id)
    if attempt is None or leg is None:
        return
    if legs.tie_call_to_leg(session, leg, provider_call_id) is None:
        party_legs.hang_up_stray_call(session, leg, provider_call_id, now=now)
    else:
        party_legs.hang_up_unawaited_leg(session, attempt, leg, is_first_news=True, now=now)


def repeat_overtaken_change(
    session: Session, attempt_id: str, sent: LegOrder, *, now: datetime
) -> None:
    """Order a leg's change again where the one that was carried out is not what is wanted by now.

    Two changes of a leg may be on the way at once, and the older one may arrive last. Once the lead
    is on hold, whoever that leaves alone hears a sound, too.
    """
    attempt = lock_attempt(session, attempt_id)
    leg = session.get(CallLeg, sent.leg_id, populate_existing=True)
    if attempt is None or leg is None or legs.is_over(leg):
        return
    wanted = call_orders.describe_leg(
        leg, attempt, None, call_orders.list_legs(session, attempt_id)
    )
    if wanted.settings != sent.settings:
        call_orders.enqueue_leg_order(session, OutboxKind.CHANGE_LEG, leg, now=now)
    elif leg.party == Party.LEAD and leg.is_on_hold:
        leg.is_hold_heard = True
        session.add(leg)
        party_legs.let_all_hear(session, attempt, now=now)


def record_postponed_dial(
    session: Session, attempt_id: str, party: Party, *, now: datetime
) -> None:
    """Record that the network did not dial a leg yet: until it does, no lead's phone has rung.

    Whose advisor has hung up meanwhile is not dialed any more.
    """
    attempt = lock_attempt(session, attempt_id)
    if attempt and party == Party.LEAD:
        outcomes.retract_ring(session, attempt)
        session.add(attempt)
        advisor_leg = legs.find_call_leg(session, attempt, Party.ADVISOR)
        is_alone = advisor_leg is not None and legs.is_over(advisor_leg)
        if is_alone and attempt.state == AttemptState.RINGING_LEAD:
            progress.stop_ringing_lead(session, attempt, now=now)


def record_dial_failure(
    session: Session,
    attempt_id: str,
    leg_id: int,
    *,
    fault: HoldReason | None,
    now: datetime,
) -> None:
    """Record that the network would not dial a leg.

    `fault`: what failed on our side; None where it is the number. For the lead's leg the attempt is
    over, and its advisor hears so; anybody else is shown as not reached.
    """
    attempt = _fail_leg(session, attempt_id, leg_id, now=now)
    if attempt is None or attempt.state != AttemptState.RINGING_LEAD:
        return
    if fault:
        outcomes.end_attempt_never_placed(session, attempt, fault, now=now)
    else:
        outcomes.end_attempt(session, attempt, "failed", Result.LEAD_UNREACHABLE, now=now)
    attempt_steps.return_advisor(session, attempt, now=now)


def lose_leg(session: Session, attempt_id: str, leg_id: int, *, now: datetime) -> None:
    """Give up a leg of which nobody can tell whether it was dialed.

    Without the lead's leg its attempt is lost, and whoever is on the line is let go.
    """
    attempt = _fail_leg(session, attempt_id, leg_id, now=now)
    if attempt is not None and attempt.state in LIVE_ATTEMPT:
        call_orders.enqueue_call_orders(session, OutboxKind.HANG_UP, attempt, now=now)
        outcomes.end_attempt(session, attempt, "lose", Result.UNKNOWN, now=now)


def _fail_leg(
    session: Session, attempt_id: str, leg_id: int, *, now: datetime
) -> CallAttempt | None:
    """Record that a leg was not dialed; returns its attempt if it is left without its lead.

    A lead who has called in meanwhile is joined instead. Anybody else is shown as not reached.
    """
    attempt = lock_attempt(session, attempt_id)
    leg = session.get(CallLeg, leg_id)
    if attempt is None or leg is None or leg.provider_call_id:
        return None
    legs.note_leg_status(session, leg, LegStatus.FAILED, now=now)
    if leg.party != Party.LEAD:
        party_legs.note_party_news(session, attempt, leg, now=now)
        return None
    return None if callers.join_caller(session, attempt, now=now) else attempt


def record_placement_failure(
    session: Session, attempt_id: str, *, problem: Message, blame_advisor: bool, now: datetime
) -> None:
    """End an attempt whose call the provider refuses; its callback goes to the head of the queue.

    An advisor whose phone cannot be rung is set away with the reason, so that refusals do not go
    round for ever; where nobody knows whether it is theirs, whoever else is free is rung first.
    """
    attempt = lock_attempt(session, attempt_id)
    if attempt is None or attempt.state != AttemptState.REQUESTED:
        return
    outcomes.end_attempt(session, attempt, "failed", Result.CARRIER_ERROR, now=now)
    advisor = session.get_one(Advisor, attempt.advisor_id)
    if blame_advisor:
        presence.mark_advisor_away(session, advisor, reason=problem, now=now)
    else:
        presence.mark_advisor_idle(session, advisor, now=now)


def lose_attempt(session: Session, attempt_id: str, *, now: datetime) -> None:
    """End a live attempt of which nobody can tell what became, and hand its callback back.

    If the lead's phone may have rung, the callback is held for a person.
    """
    attempt = lock_attempt(session, attempt_id)
    if attempt is None or attempt.state not in LIVE_ATTEMPT:
        return
    was_never_placed = attempt.state == AttemptState.REQUESTED
    outcomes.end_attempt(session, attempt, "lose", Result.UNKNOWN, now=now)
    if was_never_placed:  # whoever else is free is rung first
        advisor = session.get_one(Advisor, attempt.advisor_id)
        presence.mark_advisor_idle(session, advisor, now=now)


def find_silent_attempts(
    session: Session, *, ring_time: timedelta, now: datetime
) -> list[SilentAttempt]:
    """Return the attempts of which the network said nothing for too long.

    They are live, or they ended lately with a leg that may not have ended.
    """
    since = {"silent_since": now - min(MAX_SILENCE_BY_STATE.values()), "now": now}
    watched = {**since, "ended_since": now - ENDED_ATTEMPT_WATCH_TIME}
    attempts = [
        *session.exec(QUIET_LIVE_ATTEMPTS, params=since),
        *session.exec(QUIET_ENDED_ATTEMPTS, params=watched),
    ]
    legs_by_attempt = call_orders.list_legs_by_attempt(session, [one.id for one in attempts])
    silent_attempts = []
    for attempt in attempts:
        theirs = legs_by_attempt[attempt.id]
        advisor_is_gone = any(leg.party == Party.ADVISOR and legs.is_over(leg) for leg in theirs)
        patience = MAX_SILENCE_BY_STATE.get(attempt.state, timedelta())
        if any(leg.is_on_hold for leg in theirs):
            patience = min(patience, MAX_SILENCE_ON_HOLD)
        patience += timedelta() if advisor_is_gone else ring_time
        is_in_doubt = attempt.ask_at is not None and attempt.ask_at <= now
        if attempt.ended_at or is_in_doubt or attempt.heard_at < now - patience:
            age = now - attempt.requested_at
            known = _known_legs(theirs)
            silent_attempts.append(SilentAttempt(attempt.id, known, attempt.state, age))
    return silent_attempts


def _known_legs(of_attempt: Sequence[CallLeg]) -> tuple[KnownLeg, ...]:
    """Return the legs that the network has made and not ended, the advisor's last.

    All of them where none is known to go on.
    """
    made = [leg for leg in of_attempt if leg.provider_call_id]
    made = [leg for leg in made if not legs.is_over(leg)] or made
    made.sort(key=lambda leg: leg.party == Party.ADVISOR)
    return tuple(KnownLeg(leg.id, leg.party, str(leg.provider_call_id)) for leg in made)


def mark_alive(session: Session, attempt_id: str, *, asked_at: datetime, now: datetime) -> None:
    """Record the provider's word that an attempt's call is still under way.

    Whatever has made that doubtful after we asked is asked about again.
    """
    attempt = lock_attempt(session, attempt_id)
    if attempt:
        attempt.heard_at = now
        if attempt.ask_at is not None and attempt.ask_at <= asked_at:
            attempt.ask_at = None


ATTEMPTS_FOR_UPDATE = (
    select(CallAttempt)
    .where(col(CallAttempt.id).in_(bindparam("attempts")))
    .order_by(col(CallAttempt.id))
    .with_for_update()
)

ADVISOR_LEG_CALL_IDS = select(CallLeg.attempt_id, CallLeg.provider_call_id).where(
    col(CallLeg.attempt_id).in_(bindparam("attempts")), col(CallLeg.party) == Party.ADVISOR
)
