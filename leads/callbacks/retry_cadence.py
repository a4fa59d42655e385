"""The retry cadence: the waits between tries, how many tries, and the time that a lead wished for.

Pure.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

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


def next_retry_time(misses: int, *, missed_at: datetime) -> datetime | None:
    """Return when to try again after the `misses`-th miss; None when the tries are used up."""
    return missed_at + RETRY_WAITS[misses - 1] if misses <= len(RETRY_WAITS) else None


def promised_call_time(received_at: datetime, *, best_time: str, zone: str) -> datetime:
    """Return when the lead may first expect us: at once, or when the part of day they named begins.

    `best_time` is free text; "morning", "afternoon" and "evening" in it are understood, in the
    lead's zone.
    """
    part = next(
        (window for word, window in PARTS_OF_DAY.items() if word in best_time.lower()), None
    )
    if part is None:
        return received_at
    opens, closes = part
    local = received_at.astimezone(ZoneInfo(zone))
    if opens <= local.time() < closes:
        return received_at
    day = local.date() if local.time() < opens else local.date() + timedelta(days=1)
    return datetime.combine(day, opens, ZoneInfo(zone)).astimezone(received_at.tzinfo)
