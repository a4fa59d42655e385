"""Simulated time: faster than real time, and still while the application works."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

FOR_AGES = 1e6  # seconds
TICK = 0.005  # real seconds
TURNS = 20  # of the event loop: more than lie between waking up and asking for a webhook


class Clock:
    """Time that passes by a factor, and never while a webhook or a REST request is under way.

    So a slow machine makes a run longer, and changes nothing in it: what is scheduled for the tenth
    second comes after everything that the application did in the ninth. Where the application does
    nothing by itself, there is nothing to wait for: time that is not `is_paced` goes from each
    instant at which something is scheduled straight to the next.
    """

    def __init__(self, speed: float, begins_at: datetime | None = None) -> None:
        self._speed, self.is_paced = speed, True
        self._epoch = begins_at or datetime.now(UTC)
        self._elapsed = 0.0
        self._next = 0.0  # where the hand goes with its present step
        self._is_disturbed = False  # the step is not to be made: something came meanwhile
        self._under_way, self._is_free = 0, asyncio.Event()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._hand: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        """Return the simulated date and time."""
        return self._epoch + timedelta(seconds=self._elapsed)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Keep time still while something real goes on."""
        self.hold()
        try:
            yield
        finally:
            self.release()

    def hold(self) -> None:
        """Keep time still until it is released as often."""
        self._under_way += 1
        self._is_free.clear()

    def release(self) -> None:
        """Let time go on, unless something else keeps it."""
        self._under_way -= 1
        self._is_disturbed = True
        if not self._under_way:
            self._is_free.set()

    def stop(self) -> None:
        """Let nobody wake up any more."""
        if self._hand:
            self._hand.cancel()

    async def sleep(self, seconds: float) -> None:
        """Wait for simulated seconds; for ever if they are infinite."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if seconds != float("inf"):
            due = self._elapsed + seconds
            heapq.heappush(self._sleepers, (due, next(self._order), woken))
            self._is_disturbed |= due < self._next
            if self._hand is None or self._hand.done():
                self._hand = asyncio.create_task(self._pass())
        await woken

    async def happens_within(self, event: Awaitable[Any], seconds: float) -> bool:
        """Wait for an event; False when simulated seconds were over first."""
        waited = asyncio.ensure_future(event)
        slept = asyncio.create_task(self.sleep(seconds))
        try:
            await asyncio.wait({waited, slept}, return_when=asyncio.FIRST_COMPLETED)
            return waited.done()
        finally:
            slept.cancel()
            if not waited.done():
                waited.cancel()

    async def _pass(self) -> None:
        while self._sleepers:
            due, _, woken = self._sleepers[0]
            gap = due - self._elapsed
            if woken.done():
                heapq.heappop(self._sleepers)
            elif gap > 0 and not self.is_paced:
                self._next, self._is_disturbed = due, False
                await _let_others_go_on()
                if self._under_way:
                    await self._is_free.wait()
                elif not self._is_disturbed:
                    self._elapsed = due
            elif gap > 0:
                step = min(gap, TICK * self._speed)
                self._next, self._is_disturbed = self._elapsed + step, False
                await _let_others_go_on()
                await asyncio.sleep(step / self._speed)
                if not self._under_way and not self._is_disturbed:
                    self._elapsed = self._next
            else:
                heapq.heappop(self._sleepers)
                woken.set_result(None)
                await _let_others_go_on()


async def _let_others_go_on() -> None:
    """Let everybody come to the next thing they wait for, however busy the machine is."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


class WallClock(Clock):
    """The time as it is, for an application in processes of its own that look at it too.

    It stands still for nobody: whoever is slow, dead or stopped finds out how late it is.
    """

    def __init__(self) -> None:
        super().__init__(1.0)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def hold(self) -> None:
        pass

    def release(self) -> None:
        pass

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, FOR_AGES))
