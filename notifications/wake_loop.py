"""Work that is woken, and that begins by itself when something becomes due."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from leads.database.wakeups import Wakeup
from leads.process_metrics import JOB_FAILURES, QUEUE_LAG

log = logging.getLogger(__name__)

TICK = timedelta(seconds=2)
LONGEST_TURN = timedelta(milliseconds=250)  # after it the loop looks ahead, whatever is woken


@dataclass(frozen=True)
class Stage:
    """One kind of work: what wakes it, what it does, and when the next of it becomes due.

    `work` returns whether there is more of it, for after the other stages' turn. `next_due_at`
    returns the first instant after the given one at which something becomes due.
    """

    wakeup: Wakeup
    work: Callable[[], bool | None]
    next_due_at: Callable[[datetime], datetime | None] | None = None


class WakeLoop:
    """Runs stages in one thread, in the order in which work flows from one to the next.

    A stage runs when it is woken; all of them run when something becomes due, and once in a tick in
    case nobody said so. A stage that fails holds up no other, and runs again at the next tick.
    `on_clock_set_back`: called when the time is earlier than it was, by more than a tick: what was
    set for a time is later than it was meant.
    """

    def __init__(
        self,
        stages: Sequence[Stage],
        *,
        now: Callable[[], datetime],
        on_clock_set_back: Callable[[], None] = lambda: None,
    ) -> None:
        self._stages, self._now = {stage.wakeup: stage for stage in stages}, now
        self._on_clock_set_back = on_clock_set_back
        self._begun: dict[Wakeup, datetime] = {}
        self._all_at = now()
        self._woken: set[Wakeup] = set()
        self._ended: set[Wakeup] = set()
        self._is_stopped = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="wake-loop", daemon=True)
        self.turned_at: datetime | None = None

    def start(self) -> None:
        """Begin, with whatever the last process left undone."""
        self.turned_at = self._now()
        self._thread.start()

    def stop(self) -> None:
        """End after the stage that is running."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify()
        self._thread.join()

    def end_stage(self, wakeup: Wakeup) -> None:
        """Begin a stage no more. A signal handler may call this: it waits for nothing."""
        self._ended.add(wakeup)

    def wake_stage(self, wakeup: Wakeup) -> None:
        """Run the stage now, or as part of the turn that is under way.

        A stage that is woken already, and has not begun, need not be told twice.
        """
        if wakeup in self._stages and wakeup not in self._woken:
            with self._changed:
                self._woken.add(wakeup)
                self._changed.notify()

    def _run(self) -> None:
        while self._wait_until_woken_or_due():
            self._run_turn()
            self._look_ahead()
            self.turned_at = self._now()

    def _wait_until_woken_or_due(self) -> bool:
        """Wait for work; False when the loop is to end."""
        with self._changed:
            while not (self._is_stopped or self._woken):
                wait = self._all_at - self._now()
                if not timedelta() < wait <= TICK:  # it is due, or the clock was set back
                    break
                self._changed.wait(wait.total_seconds())
            return not self._is_stopped

    def _run_turn(self) -> None:
        until = self._now() + LONGEST_TURN
        self._wake_all_when_due()
        while self._woken and self._now() < until and not self._is_stopped:
            for stage in self._stages.values():
                if stage.wakeup in self._woken:
                    self._run_stage(stage)
            self._wake_all_when_due()

    def _wake_all_when_due(self) -> None:
        now = self._now()
        if self._all_at - now > TICK:
            log.warning("The clock was set back: all work is looked for now.")
            self._on_clock_set_back()
            self._all_at = now
        if now >= self._all_at:
            if self._stages:
                QUEUE_LAG.observe((now - self._all_at).total_seconds())
            self._all_at = now + TICK
            self._woken.update(self._stages)

    def _run_stage(self, stage: Stage) -> None:
        self._woken.discard(stage.wakeup)  # before it begins: what rings from now on is for later
        if stage.wakeup in self._ended:
            return
        self._begun[stage.wakeup] = self._now()
        try:
            if stage.work():
                self.wake_stage(stage.wakeup)
        except Exception:
            JOB_FAILURES.labels(str(stage.wakeup)).inc()
            log.exception("A background job failed; it runs again at the next tick.")

    def _look_ahead(self) -> None:
        """Find out when the next work becomes due that was not due when its stage began.

        Asked after a turn, and not by each stage: people wait for what is done in it. Of a stage
        that did not run nothing is asked: whoever gives it other work wakes it.
        """
        for wakeup, began in self._begun.items():
            next_due_at = self._stages[wakeup].next_due_at
            try:
                at = next_due_at and next_due_at(began)
            except Exception:
                log.exception("Nobody knows what becomes due next; the tick goes on alone.")
                continue
            self._all_at = min(self._all_at, at or self._all_at)
        self._begun.clear()
