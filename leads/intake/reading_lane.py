"""The lane in which strangers' bodies are read: beside the event loop, one at a time.

Whatever they send, the process goes on answering, and nobody keeps others out of the lane.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from leads.network_neighborhoods import neighborhood_of

AT_ONCE = 1  # bodies that are read at the same time: more would only take turns
MOST_IN_LANE = 64  # bodies that are read or wait for it
MOST_OF_ONE_SENDER = 16  # of these, from one neighborhood
Read = TypeVar("Read")


class LaneFullError(Exception):
    """Too many bodies wait to be read, of this sender or of all; nothing was read of this one."""


class ReadingLane:
    """Reads bodies one after the other, in the order in which they came. One per event loop."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._in_lane: Counter[str] = Counter()

    async def read(self, read: Callable[[], Read], *, address: str) -> Read:
        """Return what `read` makes of a body; raises LaneFullError before it has cost anything."""
        sender = neighborhood_of(address)
        is_full = self._in_lane.total() >= MOST_IN_LANE
        if is_full or self._in_lane[sender] >= MOST_OF_ONE_SENDER:
            raise LaneFullError
        self._in_lane[sender] += 1
        try:
            async with self._turns:
                return await run_in_threadpool(read)
        finally:
            self._in_lane[sender] -= 1
            self._in_lane += Counter()  # forgets senders of whom nothing is left
