"""Rate limits: how many submissions came lately, and from where.

In memory: every process counts for itself, and a restart forgets.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage, Storage
from limits.strategies import FixedWindowRateLimiter

REJECTED_KEPT_PER_ADDRESS = RateLimitItemPerMinute(
    100, 10
)  # submissions that failed their check, in ten minutes
REJECTED_KEPT_PER_SOURCE = RateLimitItemPerMinute(300, 10)


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

    def _hit_within_limits(
        self, kind: str, source: str, address: str, whole: RateLimitItem, single: RateLimitItem
    ) -> bool:
        """Count a submission for its address, then for its source; False where one limit is passed.

        An address that sends too much must not use up what is everybody's.
        """
        return (
            self._limiter.test(whole, kind, source)
            and self._limiter.hit(single, kind, source, network_of_address(address))
            and self._limiter.hit(whole, kind, source)
        )


def network_of_address(address: str) -> str:
    """Return an address, or for IPv6 the /64 network that one customer of a provider has alone."""
    try:
        is_long = ip_address(address).version == 6  # noqa: PLR2004 - that is its name
        return str(ip_network(f"{address}/64", strict=False)) if is_long else address
    except ValueError:
        return address
