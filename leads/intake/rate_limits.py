"""Rate limits: how many submissions came lately, and from where.

In memory: every process counts for itself, and a restart forgets.
"""

from __future__ import annotations

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage, Storage
from limits.strategies import FixedWindowRateLimiter

from leads.network_neighborhoods import neighborhood_of

REJECTED_KEPT_PER_ADDRESS = RateLimitItemPerMinute(
    100, 10
)  # submissions that failed their check, in ten minutes
REJECTED_KEPT_PER_SOURCE = RateLimitItemPerMinute(300, 10)
SMALL_BODY = 32 * 1024  # bytes: more than nearly any form has
QUICK_BODY = 2 * 1024  # bytes: what most forms have, and not enough to take long to read
KIB_KEPT_PER_ADDRESS = RateLimitItemPerMinute(8 * 1024, 10)
KIB_KEPT_PER_SOURCE = RateLimitItemPerMinute(64 * 1024, 10)
"""KiB of unproven bodies kept in ten minutes: those larger than that, or beyond the limits."""


class UnverifiedSubmissionLimiter:
    """Counts submissions without proof of origin, by source and by source and address.

    A fixed window keeps one number for each; no more addresses are remembered than submissions were
    let through.
    """

    def __init__(self, *, per_minute: int, storage: Storage | None = None) -> None:
        self._limiter = FixedWindowRateLimiter(storage or MemoryStorage())
        self._of_address = RateLimitItemPerMinute(per_minute)
        self._of_source = RateLimitItemPerMinute(2 * per_minute)

    def hit_is_over_limit(self, source: str, address: str) -> bool:
        """Count one more submission; returns whether it is one too many for this minute."""
        return not self._hit_within_limits(
            "sent", source, address, self._of_source, self._of_address
        )

    def hit_may_be_kept(self, source: str, address: str) -> bool:
        """Count one more submission that failed its check; returns whether it may still be kept."""
        return self._hit_within_limits(
            "kept", source, address, REJECTED_KEPT_PER_SOURCE, REJECTED_KEPT_PER_ADDRESS
        )

    def hit_has_room(self, source: str, address: str, size: int) -> bool:
        """Count a body of so many bytes; returns whether there is still room to keep it."""
        kib = 1 + size // 1024
        return self._hit_within_limits(
            "kib", source, address, KIB_KEPT_PER_SOURCE, KIB_KEPT_PER_ADDRESS, cost=kib
        )

    def _hit_within_limits(
        self,
        kind: str,
        source: str,
        address: str,
        whole: RateLimitItem,
        single: RateLimitItem,
        *,
        cost: int = 1,
    ) -> bool:
        """Count a submission for its address, then for its source; False where one limit is passed.

        An address that sends too much must not use up what is everybody's.
        """
        return (
            self._limiter.test(whole, kind, source, cost=cost)
            and self._limiter.hit(single, kind, source, neighborhood_of(address), cost=cost)
            and self._limiter.hit(whole, kind, source, cost=cost)
        )
