"""Network neighborhoods: whom a limit counts as one sender, by address."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

CUSTOMER_PREFIX = 64
"""The bits of an IPv6 address that say whose it is: the rest is the customer's to choose."""


def neighborhood_of(address: str) -> str:
    """Return what every limit counts for an address.

    It is the IPv4 address, also where it is written as IPv6 (`::ffff:192.0.2.1`), or the /64
    network of an IPv6 address. What is no address stands for itself.
    """
    known = _read_address(address)
    if known is None:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(ip_network((known, CUSTOMER_PREFIX), strict=False))


def is_address_among(address: str, named: str | Sequence[str]) -> bool:
    """Whether an address is one of those named: addresses and networks, or `*` for any.

    Names that are none of these name nobody.
    """
    names = named.split(",") if isinstance(named, str) else named
    wanted = {name.strip() for name in names}
    return "*" in wanted or any(_is_address_in(address, name) for name in wanted)


def is_loopback_address(address: str) -> bool:
    """Whether an address is of this very machine. What is no address is not."""
    known = _read_address(address)
    return known is not None and known.is_loopback


@functools.lru_cache(maxsize=4096)
def _is_address_in(address: str, network: str) -> bool:
    known = _read_address(address)
    try:
        return known is not None and known in ip_network(network, strict=False)
    except ValueError:
        return False


def _read_address(address: str) -> IPv4Address | IPv6Address | None:
    """Return the address that the words are; None where they are none, as a header may say."""
    try:
        return ip_address(address.partition("%")[0])
    except ValueError:
        return None
