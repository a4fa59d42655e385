"""How long a reading takes, told so that a busy machine does not change the answer."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

READ_AT_ONCE = 0.5
"""Seconds of processor time: many times what a reading needs, far below one that grows."""

READ_OF_A_BODY = 0.1
"""Seconds of processor time: what else is asked of a process waits no longer for any one body."""

HOPELESS = 10
"""So many times what it may take: a reading that takes this long is given up."""


class _GivenUp(BaseException):
    """A reading takes far too long; no error of the product's, which it could catch."""


def least_processor_seconds(read: Callable[[], object], tries: int = 3) -> float:
    """Return the least time that some tries took: whatever else runs can only add to it."""
    return min(_processor_seconds(read) for _ in range(tries))


def is_done_within(seconds: float, read: Callable[[], object], tries: int = 5) -> bool:
    """Whether one of some tries took no longer than that: the first is, as a rule.

    One that would never end is given up, so that its test fails and nobody waits for it.
    """
    try:
        with _given_up_after(HOPELESS * seconds):
            return any(_processor_seconds(read) <= seconds for _ in range(tries))
    except _GivenUp:
        return False


def _processor_seconds(read: Callable[[], object]) -> float:
    began = time.thread_time()
    read()
    return time.thread_time() - began


@contextmanager
def _given_up_after(seconds: float) -> Iterator[None]:
    """Raise _GivenUp in the main thread once the process has worked for so long."""

    def give_up(_signal: int, _frame: object) -> None:
        raise _GivenUp

    before = signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
