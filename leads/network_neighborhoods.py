"""Network neighborhoods: whom a limit counts as one sender, by address."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

CUSTOMER_PREFIX = 64
"""The bits of an IPv6 address that say whose it is: the rest is the customer's to choose."""


def neighborhood_of(address: str) -> str:
    """Return what every limit counts for an address.

    It is the IPv4 address, also where it is written as IPv6 (`::ffff:192.0.2.1`), or the /64
    network of an IPv6 address. What is no address stands for itself.
    """
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(ip_network((known, CUSTOMER_PREFIX), strict=False))
