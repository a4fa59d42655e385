"""Missed arrivals: texts and calls that the network lists and of which nobody told us.

It tells of each once, or twice at once. So it is asked, as we start and every minute, what came to
each number of ours since the last look.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from sqlalchemy import delete
from sqlmodel import Session, col, select

from leads.contact_rules import own_numbers
from leads.database.bulk_rows import insert_if_absent
from leads.models.enums import ArrivalKind
from leads.models.helplines import Brand
from leads.models.inbound import ArrivalLook, HelplineNumber, InboundCall
from leads.models.requests import TextMessage

log = logging.getLogger(__name__)

LOOKS_BACK = timedelta(days=30)
OVERLAP = timedelta(minutes=10)  # the network's list may lag behind
WEBHOOK_TAKES = timedelta(seconds=15)  # until then the network may still tell of it, and says more
FIRST_PAUSE = timedelta(seconds=30)  # after a failure; twice as long after each further one
LONGEST_PAUSE = timedelta(minutes=15)
IDS_AT_ONCE = 500


class ListedArrival(Protocol):
    """What came to a number of ours, as the network lists it."""

    @property
    def network_id(self) -> str:
        """The network's own id of it."""

    @property
    def sender(self) -> str:
        """The number from which it came."""

    @property
    def number(self) -> str:
        """The number of ours to which it came."""

    @property
    def came_at(self) -> datetime:
        """When it came, by the network's clock."""

    @property
    def is_over(self) -> bool:
        """Whether the network has nothing more to tell of it."""


Listed = TypeVar("Listed", bound=ListedArrival)


@dataclass(frozen=True)
class NumberLook:
    """A number of ours to ask the network about, and since when."""

    number: str
    since: datetime


@dataclass(frozen=True)
class LookEnd:
    """How far the look at a number came: all that came to it before `reached` is here."""

    number: str
    reached: datetime
    has_failed: bool = False


def note_new_lines(session: Session, *, now: datetime) -> None:
    """Note the numbers that are ours since lately: what comes there is looked for from now on.

    What came there before belongs to whoever had the number then.
    """
    for number in _list_own_lines(session):
        for kind in ArrivalKind:
            first = {"kind": kind, "phone": number, "since": now, "failures": 0}
            insert_if_absent(session, ArrivalLook, first)


def begin_looks(session: Session, kind: ArrivalKind, *, now: datetime) -> list[NumberLook]:
    """Return what to ask the network for; a number that failed lately is left for later."""
    note_new_lines(session, now=now)
    # only here: other processes may not know our caller ID
    gone = col(ArrivalLook.phone).not_in(_list_own_lines(session))
    session.execute(delete(ArrivalLook).where(gone))
    rows = session.exec(select(ArrivalLook).where(ArrivalLook.kind == kind)).all()
    return [
        NumberLook(row.phone, _first_listed(row, now=now))
        for row in sorted(rows, key=lambda row: row.phone)
        if row.paused_until is None or row.paused_until <= now
    ]


def end_look(session: Session, kind: ArrivalKind, end: LookEnd, *, began_at: datetime) -> None:
    """Record how far a look came; a number that failed is asked about later and later."""
    of_number = select(ArrivalLook).where(ArrivalLook.kind == kind, ArrivalLook.phone == end.number)
    row = session.exec(of_number.with_for_update()).first()
    if row is None:  # the number was taken from us meanwhile
        return
    row.since = max(row.since, end.reached)
    row.failures = row.failures + 1 if end.has_failed else 0
    row.paused_until = began_at + _pause_after(row.failures) if end.has_failed else None
    session.add(row)


def find_missed_arrivals(
    session: Session, kind: ArrivalKind, listed: Sequence[Listed], *, since: datetime
) -> list[Listed]:
    """Return the listed arrivals since an instant that are not here, the oldest first.

    `listed`: the newest first, with whole seconds, so that its order tells those of one second
    apart; the network may have taken the instant for its whole day.
    """
    first_second = since.replace(microsecond=0)
    here: set[str] = set()
    for start in range(0, len(listed), IDS_AT_ONCE):
        here.update(session.exec(_query_known_ids(kind, listed[start : start + IDS_AT_ONCE])))
    missed = [
        one
        for one in reversed(listed)
        if one.network_id not in here and one.came_at >= first_second
    ]
    return sorted(missed, key=lambda one: one.came_at)


def is_left_to_webhook(arrival: ListedArrival, *, now: datetime) -> bool:
    """Whether the network may still tell of an arrival itself, and more than its list does."""
    return not arrival.is_over or arrival.came_at > now - WEBHOOK_TAKES


def _first_listed(row: ArrivalLook, *, now: datetime) -> datetime:
    earliest = now - LOOKS_BACK
    if row.since < earliest:
        log.error(
            "What came in between %s and %s is no longer listed (%s): look at the network.",
            row.since,
            earliest,
            row.kind,
        )
    return max(row.since, earliest)


def _pause_after(failures: int) -> timedelta:
    doublings = min(failures - 1, 10)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def _list_own_lines(session: Session) -> list[str]:
    """Return the numbers at which people reach us: none that is known to point elsewhere."""
    lines = session.exec(select(HelplineNumber.phone, HelplineNumber.points_to_us)).all()
    caller_ids = session.exec(select(Brand.caller_id)).all()
    ours = {phone for phone, _ in lines} | {own_numbers.caller_id_of(own) for own in caller_ids}
    elsewhere = {phone for phone, points_to_us in lines if points_to_us is False}
    return sorted(ours - elsewhere - {""})


def _query_known_ids(kind: ArrivalKind, listed: Sequence[ListedArrival]) -> Any:
    ids = [one.network_id for one in listed]
    if kind is ArrivalKind.CALL:
        return select(InboundCall.provider_call_id).where(
            col(InboundCall.provider_call_id).in_(ids)
        )
    return select(TextMessage.message_id).where(
        col(TextMessage.phone).in_({one.sender for one in listed}),  # which the index begins with
        col(TextMessage.message_id).in_(ids),
    )
