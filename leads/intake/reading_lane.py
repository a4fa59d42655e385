"""The lane in which strangers' bodies are read: beside the event loop, one at a time.

Whatever they send, the process goes on answering, and nobody keeps others out of the lane, or
waiting in it for longer than needs be.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from leads.intake.rate_limits import QUICK_BODY
from leads.network_neighborhoods import neighborhood_of

MOST_IN_LANE = 64  # bodies that are read or wait for it
MOST_OF_ONE_SENDER = 16  # of these, from one neighborhood
Read = TypeVar("Read")


class LaneFullError(Exception):
    """Too many bodies wait to be read, of this sender or of all; nothing was read of this one."""


@dataclass(frozen=True, order=True)
class _Turn:
    """A body that waits to be read: small ones first, and everybody's first before a second."""

    is_slow: bool
    ahead_of_own: int  # bodies of its sender that were in the lane as it came
    number: int
    begins: asyncio.Future[None] = field(compare=False)


class ReadingLane:
    """Reads bodies one after the other. One per event loop.

    What may take long to read waits for what cannot, and nobody waits for more than one body of
    each other sender. Else the order is that in which they came.
    """

    def __init__(self) -> None:
        self._waiting: list[_Turn] = []
        self._numbers = itertools.count()
        self._in_lane: Counter[str] = Counter()
        self._is_reading = False

    async def read(self, read: Callable[[], Read], *, address: str, size: int) -> Read:
        """Return what `read` makes of a body of so many bytes.

        Raises LaneFullError before it has cost anything.
        """
        sender = neighborhood_of(address)
        is_full = self._in_lane.total() >= MOST_IN_LANE
        if is_full or self._in_lane[sender] >= MOST_OF_ONE_SENDER:
            raise LaneFullError
        ahead = self._in_lane[sender]
        self._in_lane[sender] += 1
        try:
            async with self._turn(is_slow=size > QUICK_BODY, ahead_of_own=ahead):
                return await run_in_threadpool(read)
        finally:
            self._in_lane[sender] -= 1
            self._in_lane += Counter()  # forgets senders of whom nothing is left

    @asynccontextmanager
    async def _turn(self, *, is_slow: bool, ahead_of_own: int) -> AsyncIterator[None]:
        if self._is_reading:
            begins = asyncio.get_running_loop().create_future()
            turn = _Turn(is_slow, ahead_of_own, next(self._numbers), begins)
            heapq.heappush(self._waiting, turn)
            try:
                await begins
            except asyncio.CancelledError:
                if begins.done() and not begins.cancelled():
                    self._pass_on()  # its turn came as its sender went
                raise
        self._is_reading = True
        try:
            yield
        finally:
            self._pass_on()

    def _pass_on(self) -> None:
        """Let the next begin who still waits."""
        while self._waiting:
            turn = heapq.heappop(self._waiting)
            if not turn.begins.done():
                turn.begins.set_result(None)
                return
        self._is_reading = False
