"""One row of a CSV import: a request for help, and what had become of it elsewhere.

Pure.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from leads.errors import BadSubmission
from leads.free_text.refusals import is_opt_out_reason, is_stop_wording
from leads.free_text.wishes import tells_of_stop
from leads.i18n.translatable import Phrase

TIME_COLUMNS = ("received_at", "first_rung_at", "first_conversation_at", "closed_at")
COLUMN_TITLES = {
    "received_at": Phrase("received_at"),
    "name": Phrase("name"),
    "phone": Phrase("phone"),
    "email": Phrase("email"),
    "source": Phrase("source"),
    "message": Phrase("message"),
    "first_rung_at": Phrase("first_rung_at"),
    "first_conversation_at": Phrase("first_conversation_at"),
    "closed_at": Phrase("closed_at"),
    "close_reason": Phrase("close_reason"),
}
"""Our columns, and what a reader may call them in a file: both are read."""
COLUMNS = tuple(COLUMN_TITLES)
REQUIRED_COLUMNS = ("received_at", "phone")

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # what is older is a slip of the pen


@dataclass(frozen=True, slots=True)
class PastRequest:
    """What a row says of a request: received, then rung, then talked to, then closed."""

    received_at: datetime
    first_rung_at: datetime | None = None
    first_conversation_at: datetime | None = None
    closed_at: datetime | None = None
    close_reason: str = ""
    says_stop: bool = False  # in a column besides

    @property
    def is_opt_out(self) -> bool:
        """Whether the person wants no calls: the words of the reason tell, or a column besides."""
        reason = self.close_reason
        return self.says_stop or is_opt_out_reason(reason) or tells_of_stop(reason)

    @property
    def refused_at(self) -> datetime:
        """The first instant at which they may have refused: at the end, if there was one."""
        return self.closed_at or self.received_at

    @property
    def events(self) -> tuple[tuple[str, datetime], ...]:
        """The callback's events, in the words of the state table, each with its time."""
        return (*self._call_events(), *self._final_events())

    def _call_events(self) -> tuple[tuple[str, datetime], ...]:
        if self.first_rung_at is None:
            return ()
        rung = (("claim", self.first_rung_at), ("call", self.first_rung_at))
        if self.first_conversation_at:
            return (*rung, ("converse", self.first_conversation_at))
        is_exhausted = self.closed_at and not self.is_opt_out
        return rung if is_exhausted else (*rung, ("miss", self.first_rung_at))

    def _final_events(self) -> tuple[tuple[str, datetime], ...]:
        if self.closed_at is None:
            return (
                (("reschedule", self.first_conversation_at),) if self.first_conversation_at else ()
            )
        if self.first_conversation_at:
            return (("dispose", self.closed_at),)
        return (
            ("exhaust" if self.first_rung_at and not self.is_opt_out else "cancel", self.closed_at),
        )


def parse_past_request(
    cells: Mapping[str, str], *, says_stop: bool = False, now: datetime
) -> PastRequest:
    """Return what a row says.

    Raises BadSubmission for times that cannot be; its sentence quotes nothing from the row.
    """
    times = {name: _parse_cell_instant(name, cells[name], now) for name in TIME_COLUMNS}
    received_at = times["received_at"]
    if received_at is None:
        raise BadSubmission(Phrase("received_at is empty."))
    if times["first_conversation_at"] and not times["first_rung_at"]:
        raise BadSubmission(Phrase("There is first_conversation_at but no first_rung_at."))
    is_over = times["closed_at"] or is_stop_wording(cells["close_reason"])
    if cells["close_reason"] and not is_over:
        raise BadSubmission(Phrase("There is close_reason but no closed_at."))
    known = [(name, at) for name, at in times.items() if at]
    for (early, early_at), (late, late_at) in itertools.pairwise(known):
        if late_at < early_at:
            raise BadSubmission(Phrase("{late} is before {early}.", late=late, early=early))
    return PastRequest(
        received_at=received_at,
        first_rung_at=times["first_rung_at"],
        first_conversation_at=times["first_conversation_at"],
        closed_at=times["closed_at"],
        close_reason=cells["close_reason"],
        says_stop=says_stop,
    )


def _parse_cell_instant(name: str, text: str, now: datetime) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadSubmission(
            Phrase("{name} is not a time such as 2026-03-03T17:00:00-05:00.", name=name)
        ) from None
    if at.tzinfo is None:
        raise BadSubmission(Phrase("{name} has no UTC offset, such as Z or -05:00.", name=name))
    if at < EARLIEST:
        raise BadSubmission(
            Phrase("{name} is before the year {year}.", name=name, year=EARLIEST.year)
        )
    if at > now:
        raise BadSubmission(Phrase("{name} is in the future.", name=name))
    return at.astimezone(UTC)
