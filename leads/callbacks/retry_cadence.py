"""The retry cadence: the waits between tries, how many tries, and the time that a lead wished for.

Pure.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time, timedelta
from itertools import count, takewhile
from zoneinfo import ZoneInfo

from leads.contact_rules.calling_hours import OpenHours
from leads.free_text.call_times import CallTimeWish, read_call_time

RETRY_WAITS = (
    timedelta(minutes=10),
    timedelta(hours=2),
    timedelta(hours=20),
    timedelta(hours=26),
    timedelta(hours=46),
)
"""Six tries within ten days.

The sixth lifts contact to about nine in ten, and more wears people out.
"""

PARTS_OF_DAY = {
    "morning": (time(8), time(12)),
    "afternoon": (time(12), time(17)),
    "evening": (time(17), time(21)),
}
FIRST_VARIED_RETRY = 3
"""From this miss on a try goes to a time of day that is unlike that of the earlier ones."""
VARIED_BY = timedelta(minutes=15)
UNLIKE_ENOUGH = 60
"""Minutes between the times of day of two tries; none is put off for more."""
MOST_ROUNDS = 60
LONGEST_SEARCH = timedelta(days=60)
"""How often hours and a wish may put each other off, before the hours alone count, and how long."""


def next_retry_time(misses: int, *, missed_at: datetime) -> datetime | None:
    """Return when to try again after the `misses`-th miss; None when the tries are used up."""
    return missed_at + RETRY_WAITS[misses - 1] if misses <= len(RETRY_WAITS) else None


def next_wished_time(
    after: datetime, *, hours: OpenHours, best_time: str, said_at: datetime
) -> datetime:
    """Return the first time from `after` on within the calling hours that the lead wished for.

    Without a wish, and where hours and wish never meet, it is the first within the hours.
    """
    wish = read_call_time(best_time)
    fits = _meet_hours(after, hours=hours, wish=wish, said_at=said_at) if wish else None
    return fits or hours.next_open(after) or after


def next_varied_time(
    after: datetime, *, hours: OpenHours, tried_at: Collection[datetime]
) -> datetime:
    """Return the first time from `after` on in the part of the day with the fewest tries so far.

    Where they may be in zones too far apart for that, it is the first within the calling hours.
    """
    zone = ZoneInfo(hours.place.zone)
    counts = {
        part: sum(opens <= at.astimezone(zone).time() < closes for at in tried_at)
        for part, (opens, closes) in PARTS_OF_DAY.items()
    }
    fewest = " or ".join(part for part, count in counts.items() if count == min(counts.values()))
    return next_wished_time(after, hours=hours, best_time=fewest, said_at=after)


def is_wish_ever_met(best_time: str, *, hours: OpenHours, said_at: datetime) -> bool:
    """Whether there are hours for calls within a lead's wish; so there are without any."""
    wish = read_call_time(best_time)
    return wish is None or _meet_hours(said_at, hours=hours, wish=wish, said_at=said_at) is not None


def next_try_time(
    after: datetime,
    *,
    hours: OpenHours,
    best_time: str,
    said_at: datetime,
    tried_at: Collection[datetime],
) -> datetime:
    """Return the first time from `after` on that the lead wished for, unlike earlier tries.

    `tried_at`: when those were; without any, one try may be like another.
    """
    wish = read_call_time(best_time)
    if wish is None or wish.is_any_time:
        return next_varied_time(after, hours=hours, tried_at=tried_at) if tried_at else after
    first = next_wished_time(after, hours=hours, best_time=best_time, said_at=said_at)
    if not tried_at:
        return first
    return _vary_wished_time(
        first, hours=hours, best_time=best_time, said_at=said_at, tried_at=tried_at
    )


def _vary_wished_time(
    first: datetime,
    *,
    hours: OpenHours,
    best_time: str,
    said_at: datetime,
    tried_at: Collection[datetime],
) -> datetime:
    """Return the time from `first` on, on the same day, that is least like earlier tries.

    As `first`, it is within the calling hours and what the lead wished for: a wish for Mondays,
    or for an hour at noon, is not tried at the minute at which that begins each time.
    """
    if hours.next_open(first) is None:
        return first
    wish = best_time if is_wish_ever_met(best_time, hours=hours, said_at=said_at) else ""
    zone = ZoneInfo(hours.place.zone)
    tried = [_minute_of_day(at.astimezone(zone)) for at in tried_at]
    steps = takewhile(
        lambda at: at.astimezone(zone).date() == first.astimezone(zone).date(),
        (first + number * VARIED_BY for number in count()),
    )
    fits = [
        at
        for at in steps
        if hours.next_open(at) == at
        and next_wished_time(at, hours=hours, best_time=wish, said_at=said_at) == at
    ]

    def unlikeness(at: datetime) -> int:
        minute = _minute_of_day(at.astimezone(zone))
        return min(UNLIKE_ENOUGH, *(abs(minute - earlier) for earlier in tried))

    return max(fits, key=unlikeness, default=first)


def _minute_of_day(local: datetime) -> int:
    return local.hour * 60 + local.minute


def _meet_hours(
    after: datetime, *, hours: OpenHours, wish: CallTimeWish, said_at: datetime
) -> datetime | None:
    """Return the first time that the hours allow and the wish means; None where they never meet."""
    for zones in (hours.place.zones, hours.place.zones[:1]):
        at = wish.first_time(zones, said_at=said_at, after=after)
        latest = at + LONGEST_SEARCH if at else after
        for _ in range(MOST_ROUNDS):
            if at is None or at > latest:
                break
            opens = hours.next_open(at)
            if opens is None or opens == at:
                return opens
            at = wish.first_time(zones, said_at=said_at, after=opens)
    return None
