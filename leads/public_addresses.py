"""Public addresses: whether what a host's name leads to is on the internet, or in somebody's house.

Whoever may name an address for us to call must not reach our own machines by it.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from leads.errors import BadConfiguration
from leads.i18n.translatable import Phrase

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[..., Sequence[tuple[Any, ...]]]
"""What finds the addresses of a name, as `socket.getaddrinfo` does."""

LONGEST_URL = 2000
HTTPS_PORT = 443
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
IPV4_COMPATIBLE = ipaddress.IPv6Network("::/96")


class PrivateAddressError(Exception):
    """A name leads to an address that is not on the internet."""


@dataclass(frozen=True)
class WebAddress:
    """An https address, taken apart: the host without brackets, and what is asked for there."""

    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """The host and its port, as the header Host says them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == HTTPS_PORT else f"{host}:{self.port}"


def parse_https_url(url: str) -> WebAddress:
    """Take an https address apart; raises BadConfiguration for what is none, or names somebody."""
    msg = Phrase("Enter an https address without a user name, such as https://example.org/hook.")
    try:
        parts, port = urlsplit(url), urlsplit(url).port
    except ValueError:
        raise BadConfiguration(msg) from None
    is_plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_URL
    has_extras = parts.username is not None or parts.password is not None or parts.fragment
    if not is_plain or parts.scheme != "https" or not parts.hostname or has_extras or port == 0:
        raise BadConfiguration(msg)
    return WebAddress(parts.hostname, port or HTTPS_PORT, _target_of(parts))


def is_public_address(address: Address) -> bool:
    """Whether an address is on the internet; what stands for another one is judged by that."""
    if isinstance(address, ipaddress.IPv6Address) and (embedded := _embedded_address(address)):
        return is_public_address(embedded)
    return address.is_global and not address.is_multicast and not address.is_reserved


def resolve_public_addresses(
    host: str,
    port: int,
    *,
    allowed: Sequence[Network] = (),
    resolve: Resolver = socket.getaddrinfo,
) -> list[str]:
    """Return the addresses of a host, all of which are public or in a network that is allowed.

    Raises PrivateAddressError if any other is among them, OSError where there are none. Whoever
    connects does so to one of these, and asks for the name no second time.
    """
    try:
        answers = resolve(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:  # no name that could be looked for
        raise OSError(host) from None
    found = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
    for one in found:
        address = ipaddress.ip_address(one.partition("%")[0])
        if not is_public_address(address) and not any(address in network for network in allowed):
            raise PrivateAddressError
    if not found:
        raise OSError(host)
    return found


def require_public_url(url: str, *, allowed: Sequence[Network] = ()) -> None:
    """Raise BadConfiguration unless a url is https and its host is known and on the internet.

    It asks the network: never call it inside a transaction.
    """
    address = parse_https_url(url)
    try:
        resolve_public_addresses(address.host, address.port, allowed=allowed)
    except PrivateAddressError:
        msg = Phrase("This address leads into a private network, so nothing is sent to it.")
        raise BadConfiguration(msg) from None
    except OSError:
        msg = Phrase("No server with this name was found. Check the address.")
        raise BadConfiguration(msg) from None


def _target_of(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _embedded_address(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for; None where it stands for itself."""
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if address in NAT64 or (address in IPV4_COMPATIBLE and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None
