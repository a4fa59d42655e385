"""Advisor statuses as read: what each advisor who is there does, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from leads.callbacks import claims
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.enums import (
    CLAIMED_CALLBACK,
    LIVE_ATTEMPT,
    AttemptState,
    CallbackState,
    Party,
    Presence,
)
from leads.people import availability

LEGS_IN_CALLS_OF_OTHERS = (
    select(CallLeg)
    .join(CallAttempt, col(CallAttempt.id) == col(CallLeg.attempt_id))
    .where(col(CallAttempt.state).in_(LIVE_ATTEMPT), CallLeg.party != Party.ADVISOR)
    .where(col(CallLeg.advisor_id).is_not(None), col(CallLeg.left_at).is_(None))
)
CALL_ACTIVITY = {
    AttemptState.REQUESTED: Phrase("phone ringing"),
    AttemptState.RINGING_ADVISOR: Phrase("phone ringing"),
    AttemptState.RINGING_LEAD: Phrase("calling them"),
    AttemptState.BRIDGED: Phrase("talking"),
}


@dataclass(frozen=True)
class AdvisorStatus:
    """What one advisor is doing, and since when."""

    advisor_id: int
    name: str
    doing: str
    since: datetime | None
    is_free: bool = False


def list_advisor_statuses(session: Session, now: datetime) -> list[AdvisorStatus]:
    """Return the status of every advisor who is there, by name.

    An advisor who has just hung up is not free yet.
    """
    free = {advisor.id for advisor in availability.list_available_advisors(session, now=now)}
    held = select(Callback).where(col(Callback.state).in_(CLAIMED_CALLBACK))
    work = {callback.advisor_id: callback for callback in session.exec(held)}
    live = select(CallAttempt).where(col(CallAttempt.state).in_(LIVE_ATTEMPT))
    calls = {attempt.advisor_id: attempt for attempt in session.exec(live)}
    beside = {leg.advisor_id: leg for leg in session.exec(LEGS_IN_CALLS_OF_OTHERS)}
    statuses = []
    for advisor in session.exec(select(Advisor).order_by(col(Advisor.name))):
        callback, call = work.get(advisor.id), calls.get(advisor.id)
        doing: tuple[Phrase, datetime | None] | None
        if callback:
            doing = _busy_status(callback, call)
        elif leg := beside.get(advisor.id):
            doing = Phrase("in a colleague's call"), leg.joined_at or leg.requested_at
        else:
            doing = _idle_status(advisor, is_free=advisor.id in free)
        if doing:
            statuses.append(
                AdvisorStatus(advisor.id, advisor.name, *doing, is_free=advisor.id in free)
            )
    return statuses


def _busy_status(callback: Callback, call: CallAttempt | None) -> tuple[Phrase, datetime | None]:
    if callback.state == CallbackState.WRAP_UP:
        return Phrase("wrapping up"), callback.ended_at
    if call is None:
        return Phrase("reading"), callback.lease_until and callback.lease_until - claims.LEASE
    since = {AttemptState.RINGING_LEAD: call.rung_at, AttemptState.BRIDGED: call.answered_at}
    return CALL_ACTIVITY[call.state], since.get(call.state) or call.requested_at


def _idle_status(advisor: Advisor, *, is_free: bool) -> tuple[Phrase, datetime | None] | None:
    if is_free:
        return Phrase("available"), advisor.idle_since
    if advisor.presence != Presence.AWAY:
        return None
    why = (
        Phrase("away: {reason}", reason=advisor.away_reason)
        if advisor.away_reason
        else Phrase("away")
    )
    return why, advisor.away_at
