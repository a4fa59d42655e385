"""How long a reading takes, told so that a busy machine does not change the answer."""

from __future__ import annotations

import time
from collections.abc import Callable

READ_AT_ONCE = 0.5
"""Seconds of processor time: many times what a reading needs, far below one that grows."""

READ_OF_A_BODY = 0.1
"""Seconds of processor time: what else is asked of a process waits no longer for any one body."""


def least_processor_seconds(read: Callable[[], object], tries: int = 3) -> float:
    """Return the least time that some tries took: whatever else runs can only add to it."""
    return min(_processor_seconds(read) for _ in range(tries))


def is_done_within(seconds: float, read: Callable[[], object], tries: int = 5) -> bool:
    """Whether one of some tries took no longer than that: the first is, as a rule."""
    return any(_processor_seconds(read) <= seconds for _ in range(tries))


def _processor_seconds(read: Callable[[], object]) -> float:
    began = time.thread_time()
    read()
    return time.thread_time() - began
