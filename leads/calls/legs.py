"""The phone legs of an attempt: what the network says of them, once each, in any order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam
from sqlmodel import Session, select

from leads.database.bulk_rows import insert_if_absent
from leads.models.calls import CallAttempt, CallLeg, ProviderEvent
from leads.models.enums import LEG_UNDER_WAY, AttemptState, HoldReason, LegStatus, Party
from leads.models.inbound import InboundCall

FETCHED_REPORT = "fetched"  # a report that we asked for, once nothing was heard
TERMINAL_LEG_STATUSES = frozenset(LegStatus) - frozenset(LEG_UNDER_WAY)


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
    happened_at: datetime | None = None  # by the network's clock: news may come late
    fault: HoldReason | None = None  # one of OUR_FAULTS: why the leg failed before it could ring
    is_refused: bool = False  # declined or blocked on the way, by whoever or whatever it was
    leg_id: int | None = None  # of whoever was asked into the call: there may be several


@dataclass(frozen=True)
class SilentAttempt:
    """An attempt of which the network said nothing for too long.

    `age` counts from its request. It is live, or ended with a leg that may not have ended. `legs`:
    those that the network has made, the advisor's last: the others tell more once all have ended.
    """

    attempt_id: str
    legs: tuple[KnownLeg, ...]
    state: AttemptState
    age: timedelta


@dataclass(frozen=True)
class KnownLeg:
    """A leg that the network has made."""

    leg_id: int
    party: Party
    provider_call_id: str


def read_leg_status(word: str) -> LegStatus | None:
    """Return the status that the network names by a word; None for a word that is none of its."""
    told = {str(one): one for one in LegStatus if one != LegStatus.NOT_TOLD}
    return told.get(word)


def is_known_provider_call(session: Session, provider_call_id: str) -> bool:
    """Whether a call of the provider's belongs to a leg that we know, or came in."""
    matching_legs = select(CallLeg.id).where(CallLeg.provider_call_id == provider_call_id)
    is_leg = session.exec(matching_legs).first() is not None
    return is_leg or has_come_in(session, provider_call_id)


def has_come_in(session: Session, provider_call_id: str) -> bool:
    """Whether a call of the provider's is one that came in, and not one that we dialed."""
    theirs = select(InboundCall.id).where(InboundCall.provider_call_id == provider_call_id)
    return session.exec(theirs).first() is not None


def find_leg_of_provider_call(session: Session, provider_call_id: str) -> CallLeg | None:
    """Return the leg that is a call of the provider's, if one is."""
    known = select(CallLeg).where(CallLeg.provider_call_id == provider_call_id)
    return session.exec(known).first()


def find_call_leg(session: Session, attempt: CallAttempt, party: Party) -> CallLeg | None:
    """Return the leg of an attempt's advisor or lead, once it was ordered or made."""
    return session.exec(LEG_OF_ATTEMPT, params={"attempt_id": attempt.id, "party": party}).first()


def is_in_call(leg: CallLeg) -> bool:
    """Whether somebody joined the call and has left it neither for good nor for their menu."""
    is_there = leg.joined_at is not None and leg.left_at is None and not leg.is_in_menu
    return is_there and not is_over(leg)


def is_over(leg: CallLeg) -> bool:
    """Whether the network said that a leg has ended."""
    return leg.status in TERMINAL_LEG_STATUSES


def has_rung(session: Session, attempt: CallAttempt, party: Party) -> bool:
    """Whether the network said that an attempt's leg was ringing."""
    leg = find_call_leg(session, attempt, party)
    rang = select(ProviderEvent.id).where(
        ProviderEvent.provider_call_id == (leg.provider_call_id if leg else None),
        ProviderEvent.status == LegStatus.RINGING,
    )
    return session.exec(rang).first() is not None


def bind_provider_call(
    session: Session, attempt: CallAttempt, party: Party, provider_call_id: str
) -> CallLeg | None:
    """Tie a provider's call to the leg of the attempt's advisor or lead, and return the leg.

    None when another call is tied to it. After a hand-over the call of the advisor who left is
    still known as theirs.
    """
    leg = _find_leg_of_call(session, attempt, provider_call_id)
    leg = leg or find_call_leg(session, attempt, party)
    if leg is None:
        rung = attempt.advisor_id if party == Party.ADVISOR else None
        leg = CallLeg(attempt_id=attempt.id, party=party, advisor_id=rung)
        session.add(leg)
    return tie_call_to_leg(session, leg, provider_call_id)


def tie_call_to_leg(session: Session, leg: CallLeg, provider_call_id: str) -> CallLeg | None:
    """Tie a provider's call to a leg and return it; None when another call is tied to it.

    No news ties a call that came in: its caller is lent to an attempt, and waits on after it. Nor
    is a leg that was given up as never dialed the call that somebody made of it late.
    """
    is_untied = leg.provider_call_id is None
    if is_untied and (is_over(leg) or has_come_in(session, provider_call_id)):
        return None
    leg.provider_call_id = leg.provider_call_id or provider_call_id
    session.flush()
    return leg if leg.provider_call_id == provider_call_id else None


def note_leg_status(
    session: Session, leg: CallLeg, status: LegStatus, sequence: int = -1, *, now: datetime
) -> None:
    """Note the newest status of a leg, which it has had since `now`.

    News that is older than what is known changes nothing.
    """
    if is_over(leg) or not (status in TERMINAL_LEG_STATUSES or sequence >= leg.sequence):
        return
    leg.status, leg.sequence = status, sequence
    # Anybody else comes into the call by what we answer them, which may be later.
    if status == LegStatus.IN_PROGRESS and leg.party == Party.LEAD:
        leg.joined_at = leg.joined_at or now
    if status in TERMINAL_LEG_STATUSES:
        leg.left_at = now
    session.flush()


def _find_leg_of_call(
    session: Session, attempt: CallAttempt, provider_call_id: str
) -> CallLeg | None:
    theirs = select(CallLeg).where(
        CallLeg.attempt_id == attempt.id, CallLeg.provider_call_id == provider_call_id
    )
    return session.exec(theirs).first() if provider_call_id else None


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
