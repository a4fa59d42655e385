"""Callbacks that are held because calls failed on our side, until the fault is mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from leads import phone_numbers
from leads.callbacks import holds
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.lifecycle.audit_trail import SystemActor
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, Hold
from leads.models.enums import OUR_FAULTS, CallbackState, HoldReason, Result
from leads.models.helpline_scope import Helplines, served_clause
from leads.models.requests import Lead
from leads.people.permissions import Permission, actor_of, require_permission, served_helplines

MOST_LIFTED_BY_CLOCK = 3
"""How often a callback is tried again by itself for the same fault, before a person looks."""
MOST_PROOFS = 200
GOT_THROUGH = (
    Result.CONVERSATION,
    Result.LEAD_NO_ANSWER,
    Result.LEAD_BUSY,
    Result.LEAD_VOICEMAIL,
)
"""What proves that the network places our calls."""


def lift_mended_faults(session: Session, *, now: datetime) -> int:
    """Put callbacks back into the queue whose fault is mended; returns how many.

    A fault is mended when a call of the same helpline got through since: to the same country, where
    the country was not permitted.
    """
    held = _lock_held_for_faults(session)
    if not held:
        return 0
    proofs = _calls_that_got_through(session, min(hold.since for _, hold, _ in held))
    past = _count_lifted(session, [callback.id for callback, _, _ in held])
    mended = [
        (callback, hold)
        for callback, hold, lead in held
        if past[callback.id, hold.reason] < MOST_LIFTED_BY_CLOCK
        and any(_proves_mended(proof, callback, hold, lead) for proof in proofs)
    ]
    for callback, hold in mended:
        holds.lift_holds_for(session, callback, (hold.reason,), by=SystemActor.CLOCK, now=now)
    if mended:
        wake_after_commit(session, Wakeup.OFFER)
    return len(mended)


def retry_unplaced_calls(session: Session, supervisor: Advisor, *, now: datetime) -> int:
    """Put all callbacks back into the queue that are held for a fault on our side; how many.

    Supervisors only. What is held for another reason besides stays held.
    """
    require_permission(supervisor, Permission.RELEASE_HOLD)
    held = _lock_held_for_faults(session, served_helplines(supervisor))
    for callback, hold, _ in held:
        holds.lift_holds_for(session, callback, (hold.reason,), by=actor_of(supervisor), now=now)
    if held:
        wake_after_commit(session, Wakeup.OFFER)
    return len(held)


def _lock_held_for_faults(
    session: Session, helplines: Helplines | None = None
) -> Sequence[tuple[Callback, Hold, Lead]]:
    waiting = (
        select(Callback, Hold, Lead)
        .join(Hold, col(Hold.callback_id) == col(Callback.id))
        .join(Lead, col(Lead.id) == col(Callback.lead_id))
        .where(
            col(Hold.lifted_at).is_(None),
            col(Hold.reason).in_(OUR_FAULTS),
            Callback.state == CallbackState.WAITING,
            served_clause(Callback, helplines),
        )
        .order_by(col(Callback.id))
        .with_for_update(skip_locked=True, of=Callback)
    )
    return session.exec(waiting).all()


def _calls_that_got_through(
    session: Session, since: datetime
) -> Sequence[tuple[int, str, datetime | None]]:
    through = (
        select(Callback.brand_id, CallAttempt.phone, CallAttempt.rung_at)
        .join(Callback, col(Callback.id) == col(CallAttempt.callback_id))
        .where(
            col(CallAttempt.requested_at) > since,
            col(CallAttempt.rung_at).is_not(None),
            col(CallAttempt.result).in_(GOT_THROUGH),
        )
        .order_by(col(CallAttempt.requested_at).desc())
        .limit(MOST_PROOFS)
    )
    return session.exec(through).all()


def _count_lifted(session: Session, callback_ids: Sequence[int]) -> Counter[tuple[int, str]]:
    lifted = select(Hold.callback_id, Hold.reason).where(
        col(Hold.callback_id).in_(callback_ids), col(Hold.lifted_by) == SystemActor.CLOCK
    )
    return Counter((callback_id, reason) for callback_id, reason in session.exec(lifted))


def _proves_mended(
    proof: tuple[int, str, datetime | None], callback: Callback, hold: Hold, lead: Lead
) -> bool:
    brand_id, phone, rung_at = proof
    if brand_id != callback.brand_id or rung_at is None or rung_at <= hold.since:
        return False
    if hold.reason != HoldReason.COUNTRY_NOT_PERMITTED:
        return True
    return phone_numbers.country_of_phone(phone) == phone_numbers.country_of_phone(lead.phone)
