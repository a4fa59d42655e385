"""Danger limits: how many people in danger are plausible of one sender or source within minutes.

Beyond that words of danger may be invented, and put nobody before others, in no list.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy
from sqlmodel import Session, col

from leads.models.enums import UNDECIDED
from leads.models.helplines import Source
from leads.models.requests import Submission
from leads.network_neighborhoods import neighborhood_of

MOST_IN_DANGER = 5
"""People in danger whom one neighborhood sends within the period, and who still go first.

More than twenty an hour are a tenth of what a form tool sends that brings two hundred, which is
beyond what most helplines get in a day. From one Wi-Fi they are not to be expected at all.
"""
SHARE_IN_DANGER = 12
"""One in so many of the new numbers that a source may bring in an hour: a third of a period's."""
FLOOD_PERIOD = timedelta(minutes=15)

Sender = str | int
"""A neighborhood, or the id of a source."""


def most_in_danger_of(new_numbers_per_hour: int) -> int:
    """Return how many new numbers a source may bring in danger within a period and put first.

    It grows with what the source may bring at all.
    """
    return max(MOST_IN_DANGER, new_numbers_per_hour // SHARE_IN_DANGER)


@dataclass(frozen=True)
class DangerInReview:
    """A submission with words of danger that waits for a person; of a flood it goes before nobody.

    `number`: what was read as its phone; submissions without one are of as many people. `most`: how
    many its source may bring within a period.
    """

    submission_id: int
    received_at: datetime
    source_id: int
    neighborhood: str
    number: str
    most: int
    is_of_flood: bool = False


_DANGER_IN_REVIEW = (
    sqlalchemy.select(
        *map(col, (Submission.id, Submission.received_at, Submission.source_id, Submission.ip)),
        col(Source.new_numbers_per_hour),
        col(Submission.reading),
    )
    .join(Source, col(Source.id) == col(Submission.source_id))
    .where(col(Submission.state).in_(UNDECIDED), col(Submission.danger).is_not(None))
    .where(col(Submission.is_of_burst).is_(False), col(Submission.is_test).is_(False))
    .order_by(col(Submission.received_at))
)


def list_danger_in_review(session: Session) -> list[DangerInReview]:
    """Return the submissions with words of danger that wait for a person, the oldest first.

    The flood of one sender makes none of its source: others there go first as ever.
    """
    waiting = [
        DangerInReview(
            submission_id,
            at,
            source_id,
            neighborhood_of(address),
            reading.get("phone") or f"submission {submission_id}",
            most_in_danger_of(budget),
        )
        for submission_id, at, source_id, address, budget, reading in session.execute(
            _DANGER_IN_REVIEW
        )
    ]
    by_form = [one for one in waiting if one.neighborhood]
    floods = _find_floods(by_form, lambda one: (one.neighborhood, MOST_IN_DANGER))
    others = [one for one in by_form if one.submission_id not in floods]
    floods |= _find_floods(others, lambda one: (one.source_id, one.most))
    return [replace(one, is_of_flood=one.submission_id in floods) for one in waiting]


def _find_floods(
    waiting: Iterable[DangerInReview], limit_of: Callable[[DangerInReview], tuple[Sender, int]]
) -> set[int]:
    """Return the ids of what is of a flood, by its sender and how many that one may bring."""
    sent: defaultdict[tuple[Sender, int], list[DangerInReview]] = defaultdict(list)
    for one in waiting:
        sent[limit_of(one)].append(one)
    return {
        submission_id
        for (_sender, most), theirs in sent.items()
        for submission_id in _ids_of_flood(theirs, most)
    }


def _ids_of_flood(sent: Sequence[DangerInReview], most: int) -> Iterator[int]:
    """Yield what was sent for more than `most` numbers within a period; it is in order of time."""
    numbers: Counter[str] = Counter()
    begin = told = 0
    for end, last in enumerate(sent, start=1):
        numbers[last.number] += 1
        while last.received_at - sent[begin].received_at >= FLOOD_PERIOD:
            first = sent[begin].number
            numbers[first] -= 1
            if not numbers[first]:
                del numbers[first]
            begin += 1
        if len(numbers) > most:
            yield from (one.submission_id for one in sent[max(begin, told) : end])
            told = end
