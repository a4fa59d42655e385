"""What came in while nobody was here whom the network could tell: it is taken late, and once.

No transaction is open while the network is asked.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from sqlmodel import Session

from leads.database.transactions import reader, transaction
from leads.errors import TelephonyError
from leads.helplines import missed_arrivals
from leads.helplines.missed_arrivals import OVERLAP, Listed, LookEnd, NumberLook
from leads.models.enums import ArrivalKind

log = logging.getLogger(__name__)

Taken_contra = TypeVar("Taken_contra", contravariant=True)


class TakeArrival(Protocol[Taken_contra]):
    """Takes what the network lists, unless it is here already."""

    def __call__(self, session: Session, arrival: Taken_contra, /, *, now: datetime) -> None:
        """Take it, within a transaction."""


class ArrivalLooks(Generic[Listed]):
    """Asks the network which texts, or calls, came to our numbers, and takes what is not here."""

    def __init__(
        self,
        kind: ArrivalKind,
        list_arrivals: Callable[[str, datetime], list[Listed]],
        take: TakeArrival[Listed],
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._kind, self._list_arrivals, self._take, self._now = kind, list_arrivals, take, now

    def take_missed_arrivals(self) -> None:
        """Look at each number that is due; one that fails delays no other."""
        with transaction() as session:
            looks = missed_arrivals.begin_looks(session, self._kind, now=self._now())
        for look in looks:
            began_at = self._now()
            end = self._look_at(look, began_at)
            with transaction() as session:
                missed_arrivals.end_look(session, self._kind, end, began_at=began_at)

    def _look_at(self, look: NumberLook, began_at: datetime) -> LookEnd:
        try:
            listed = self._list_arrivals(look.number, look.since)
        except TelephonyError as error:
            log.warning("%s Listed what came in (%s).", error, self._kind)
            return LookEnd(look.number, look.since, has_failed=True)
        with reader() as session:
            missed = missed_arrivals.find_missed_arrivals(
                session, self._kind, listed, since=look.since
            )
        early = [one for one in missed if missed_arrivals.is_left_to_webhook(one, now=began_at)]
        failed = [one for one in missed if one not in early and not self._take_arrival(one)]
        reached = min([began_at - OVERLAP, *(one.came_at for one in [*early, *failed])])
        return LookEnd(look.number, reached, has_failed=bool(failed))

    def _take_arrival(self, arrival: Listed) -> bool:
        try:
            with transaction() as session:
                self._take(session, arrival, now=self._now())
        except Exception:  # whatever is wrong with one, the others count
            log.exception("What was missed (%s) could not be taken; it is tried again.", self._kind)
            return False
        return True
