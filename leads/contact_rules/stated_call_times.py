"""Stated call times: when the people who share a phone wish it to ring, each in their own words.

It rings for whoever is near it: what one of them said bounds every call to it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from leads.free_text.call_times import CallTimeWish, may_refuse_time, read_call_time

FIELD_END, ROW_END = "\x1f", "\x1e"
MOST_ROUNDS = 60  # how often several wishes may put each other off, before they never meet


@dataclass(frozen=True)
class StatedCallTime:
    """When somebody wishes to be called, in their words, and when they came to be known.

    Days such as tomorrow count from then. `person_id`: their lead, or the one into which its file
    was merged.
    """

    person_id: int | None
    said_at: datetime
    words: str

    @property
    def wish(self) -> CallTimeWish | None:
        """What is understood of the words, None for nothing."""
        return read_call_time(self.words)

    @property
    def is_unclear(self) -> bool:
        """Whether the words may speak against some time, and nobody can tell which."""
        return may_refuse_time(self.words)


def parse_stated_times(stored: str | None) -> tuple[StatedCallTime, ...]:
    """Return the stated times of a number as the contact history has them, in one text."""
    return tuple(_parse_rows(stored.split(ROW_END))) if stored else ()


def _parse_rows(rows: Iterable[str]) -> Iterator[StatedCallTime]:
    for row in dict.fromkeys(rows):
        person, said_at, words = row.split(FIELD_END, 2)
        whole_second = int(said_at.partition(".")[0])
        yield StatedCallTime(int(person), datetime.fromtimestamp(whole_second, UTC), words)


def next_stated_time(
    stated: Sequence[StatedCallTime], zones: Sequence[str], at: datetime
) -> datetime | None:
    """Return the first instant from `at` on that suits everybody, in every zone of the phone.

    None where there is none. What is not understood rules no time out.
    """
    wishes = [(one.wish, one.said_at) for one in stated if one.wish]
    for _ in range(MOST_ROUNDS):
        later = at
        for wish, said_at in wishes:
            fits = wish.first_time(zones, said_at=said_at, after=later)
            if fits is None:
                return None
            later = fits
        if later == at:
            return at
        at = later
    return None
