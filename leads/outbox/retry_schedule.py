"""How often, and after which waits, an order is tried again."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class RetrySchedule:
    """The waits after the first try, the second and so on; after the last of them no more tries.

    `jitter`: the share of a wait by which it may be shorter or longer, so that what failed together
    does not come back together.
    """

    waits: tuple[timedelta, ...]
    jitter: float = 0.0

    def wait_after(self, tries: int) -> timedelta | None:
        """Return the wait after so many tries; None when it was tried often enough."""
        if tries > len(self.waits):
            return None
        # jitter, not a secret
        spread = random.uniform(1 - self.jitter, 1 + self.jitter)  # noqa: S311
        return self.waits[tries - 1] * spread


CALL_RETRIES = RetrySchedule(
    tuple(timedelta(seconds=seconds) for seconds in (1, 2, 4, 8, 15)), jitter=0.25
)
CALL_LOOKUPS = RetrySchedule(tuple(timedelta(seconds=seconds) for seconds in (1, 2, 4, 8)))
"""The waits before each look for a call whose order has an unknown outcome.

The provider's list may lag, so that a call that is absent once need not be absent.
"""
NOTICE_RETRIES = RetrySchedule(
    (
        timedelta(seconds=10),
        timedelta(seconds=30),
        timedelta(minutes=2),
        timedelta(minutes=10),
        timedelta(hours=1),
    )
)
EVENT_RETRIES = RetrySchedule(
    (
        timedelta(seconds=5),
        timedelta(minutes=5),
        timedelta(minutes=30),
        *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
    ),
    jitter=0.2,
)
"""The waits before an event is sent again, as Standard Webhooks proposes: three days in all."""
