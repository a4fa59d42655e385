"""The two phone legs of an attempt: what the network says of them, once each, in any order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import bindparam
from sqlmodel import Session, select

from leads.database.bulk_rows import insert_if_absent
from leads.models.calls import CallAttempt, CallLeg, ProviderEvent
from leads.models.enums import AttemptState, HoldReason, Party

FETCHED_REPORT = "fetched"  # a report that we asked for, once nothing was heard


class LegStatus(StrEnum):
    """Where a phone leg stands, in Twilio's words, which are stored."""

    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"


TERMINAL_LEG_STATUSES = frozenset(
    {LegStatus.COMPLETED, LegStatus.BUSY, LegStatus.NO_ANSWER, LegStatus.FAILED, LegStatus.CANCELED}
)


@dataclass(frozen=True)
class LegReport:
    """News of one leg from the phone network.

    (provider_call_id, kind, sequence) identifies it: the same news is taken into account once.
    """

    attempt_id: str
    party: Party
    provider_call_id: str
    status: LegStatus
    kind: str
    sequence: int
    seconds: int = 0  # how long the leg was answered, where the network says so
    fault: HoldReason | None = None  # one of OUR_FAULTS: why the leg failed before it could ring


@dataclass(frozen=True)
class SilentAttempt:
    """An attempt of which the network said nothing for too long.

    `age` counts from its request. It is live, or ended with a leg that may not have ended.
    """

    attempt_id: str
    provider_call_id: str | None
    state: AttemptState
    age: timedelta


def is_known_provider_call(session: Session, provider_call_id: str) -> bool:
    """Whether a call of the provider's belongs to a leg that we know."""
    matching_legs = select(CallLeg.id).where(CallLeg.provider_call_id == provider_call_id)
    return session.exec(matching_legs).first() is not None


def find_call_leg(session: Session, attempt: CallAttempt, party: Party) -> CallLeg | None:
    """Return an attempt's leg, once the network has made it."""
    return session.exec(LEG_OF_ATTEMPT, params={"attempt_id": attempt.id, "party": party}).first()


def has_rung(session: Session, attempt: CallAttempt, party: Party) -> bool:
    """Whether the network said that an attempt's leg was ringing."""
    leg = find_call_leg(session, attempt, party)
    rang = select(ProviderEvent.id).where(
        ProviderEvent.provider_call_id == (leg.provider_call_id if leg else None),
        ProviderEvent.status == LegStatus.RINGING,
    )
    return session.exec(rang).first() is not None


def bind_provider_call(  # noqa: PLR0917 - a leg and its news
    session: Session,
    attempt: CallAttempt,
    party: Party,
    provider_call_id: str,
    status: LegStatus | None = None,
    sequence: int = -1,
) -> bool:
    """Tie a provider's call to the attempt's leg, with its newest status.

    False when another call is tied to it.
    """
    leg = find_call_leg(session, attempt, party)
    if leg is None:
        leg = CallLeg(attempt_id=attempt.id, party=party, provider_call_id=provider_call_id)
        session.add(leg)
    if leg.provider_call_id != provider_call_id:
        return False
    if (
        status
        and leg.status not in TERMINAL_LEG_STATUSES
        and (status in TERMINAL_LEG_STATUSES or sequence >= leg.sequence)
    ):
        leg.status, leg.sequence = status, sequence
    session.flush()
    return True


def record_provider_event_once(session: Session, report: LegReport, *, now: datetime) -> bool:
    """Store a leg's report; False if the same was stored before."""
    row = {
        "attempt_id": report.attempt_id,
        "provider_call_id": report.provider_call_id
        or report.attempt_id,  # a leg that never came to be has no id
        "kind": report.kind,
        "sequence": report.sequence,
        "status": report.status,
        "received_at": now,
    }
    return insert_if_absent(session, ProviderEvent, row)


LEG_OF_ATTEMPT = select(CallLeg).where(
    CallLeg.attempt_id == bindparam("attempt_id"), CallLeg.party == bindparam("party")
)
