"""What the phone network tells of calls that came in, or is asked about them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, or_
from sqlmodel import Session, col, select

from leads.calls import caller_promises, caller_queue, callers, legs, progress
from leads.calls.legs import TERMINAL_LEG_STATUSES, LegReport, find_leg_of_provider_call
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.lifecycle.audit_trail import SystemActor
from leads.lifecycle.transitions import advance
from leads.models.calls import CallAttempt
from leads.models.enums import LIVE_INBOUND, InboundState, LegStatus, Party
from leads.models.inbound import InboundCall

MAX_SILENCE = timedelta(seconds=75)  # of a caller who waits: their phone asks every 20 seconds
MOST_SILENT = 50  # at one look
END_LOOKED_FOR = timedelta(hours=1)  # of who has chosen what they want, and need not hear more

# Made once: building a statement costs more than running it.
_IS_LATELY_SETTLED = and_(
    col(InboundCall.state).in_((InboundState.PROMISED, InboundState.VOICEMAIL)),
    col(InboundCall.rang_at) > bindparam("rang_since"),
    col(InboundCall.ended_at).is_(None),
)
SILENT_CALLS = (
    select(InboundCall.provider_call_id)
    .where(or_(col(InboundCall.state).in_(LIVE_INBOUND), _IS_LATELY_SETTLED))
    .where(col(InboundCall.heard_at) < bindparam("silent_since"))
    .order_by(col(InboundCall.heard_at))
    .limit(MOST_SILENT)
)


def apply_call_report(
    session: Session,
    provider_call_id: str,
    status: LegStatus,
    *,
    sequence: int = 0,
    seconds: int = 0,
    kind: str = "caller",
    now: datetime,
) -> None:
    """Apply what the network says of a call that came in. Idempotent, in any order."""
    call = caller_queue.lock_inbound_call(session, InboundCall.provider_call_id == provider_call_id)
    if call is None:
        return
    leg = find_leg_of_provider_call(session, provider_call_id)
    if leg:
        report = LegReport(
            leg.attempt_id,
            Party.LEAD,
            provider_call_id,
            status,
            legs.FETCHED_REPORT if kind == legs.FETCHED_REPORT else f"{kind}-{status}",
            sequence,
            seconds,
        )
        progress.apply_leg_report(session, report, now=now)
    call.heard_at = now
    session.add(call)
    if status in TERMINAL_LEG_STATUSES:
        _end_inbound_call(session, call, now=now)


def find_silent_calls(session: Session, *, now: datetime) -> list[str]:
    """Return the network's ids of the calls of which nothing was heard for too long."""
    since = {"silent_since": now - MAX_SILENCE, "rang_since": now - END_LOOKED_FOR}
    return list(session.exec(SILENT_CALLS, params=since))


def apply_fetched_status(
    session: Session, provider_call_id: str, status: LegStatus | None, *, now: datetime
) -> None:
    """Apply what was fetched of a silent call; None where the network does not know it.

    Who is still on the line and does not hear from us is brought back to wait.
    """
    found = LegStatus.COMPLETED if status is None else status
    apply_call_report(session, provider_call_id, found, kind=legs.FETCHED_REPORT, now=now)
    call = caller_queue.lock_inbound_call(session, InboundCall.provider_call_id == provider_call_id)
    if call is None or call.state != InboundState.WAITING:
        return
    lent = select(CallAttempt).where(CallAttempt.inbound_call_id == call.id)
    last = session.exec(lent.order_by(col(CallAttempt.requested_at).desc()).limit(1)).first()
    if last is not None and last.ended_at is not None:
        callers.send_caller_back(session, last, now=now)


def _end_inbound_call(session: Session, call: InboundCall, *, now: datetime) -> None:
    """Record that a caller has hung up, and let nobody be rung for them any more."""
    if call.ended_at is None:
        call.ended_at = now
        session.add(call)
    if call.state not in LIVE_INBOUND:
        return
    was_waiting = call.state == InboundState.WAITING
    advance(session, call, "hang_up", actor=SystemActor.NETWORK, now=now)
    if was_waiting:
        caller_promises.end_wait_of_caller(session, call, now=now)
        caller_promises.settle_callers_callback(session, call, now=now)
    wake_after_commit(session, Wakeup.DESK)
