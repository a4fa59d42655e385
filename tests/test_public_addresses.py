"""Whoever may name an address for us to call reaches none of our own machines by it."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest

from leads.errors import BadConfiguration
from leads.public_addresses import (
    PrivateAddressError,
    is_public_address,
    parse_https_url,
    require_public_url,
    resolve_public_addresses,
)

PUBLIC = ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"]
PRIVATE = [
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.1"),
    *("100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1", "240.0.0.1"),
    *("::1", "::", "fe80::1", "fc00::1", "ff02::1", "2001:db8::1"),
    *("::ffff:10.0.0.1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::a00:1", "2002:a00:1::"),
]


@pytest.mark.parametrize("text", PUBLIC)
def test_an_address_on_the_internet_is_public(text: str) -> None:
    assert is_public_address(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PRIVATE)
def test_what_is_in_a_house_or_stands_for_it_is_not_public(text: str) -> None:
    assert not is_public_address(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "::ffff:127.0.0.1", "localhost"]
)
def test_no_spelling_of_this_machine_is_let_through(host: str) -> None:
    with pytest.raises(PrivateAddressError):
        resolve_public_addresses(host, 443)
    shown = f"[{host}]" if ":" in host else host
    with pytest.raises(BadConfiguration, match="private network"):
        require_public_url(f"https://{shown}/hook")


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    def resolve(_host: str, port: int, **_options: Any) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, 1, 6, "", (one, port)) for one in ("8.8.8.8", "10.0.0.1")]

    with pytest.raises(PrivateAddressError):
        resolve_public_addresses("example.org", 443, resolve=resolve)
    allowed = [ipaddress.ip_network("10.0.0.0/8")]
    found = resolve_public_addresses("example.org", 443, allowed=allowed, resolve=resolve)
    assert found == ["8.8.8.8", "10.0.0.1"]


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.org/", "https://", "https:///x", "ftp://example.org", "example.org"),
        *("https://me:pw@example.org/", "https://example.org/#part", "https://example.org:x/"),
        *("https://example.org/a b", "https://exämple.org/", "https://example.org/\r\nX: y"),
        f"https://example.org/{'x' * 2000}",
    ],
)
def test_what_is_no_plain_https_address_is_refused(url: str) -> None:
    with pytest.raises(BadConfiguration, match="https address"):
        parse_https_url(url)


def test_an_address_is_taken_apart() -> None:
    whole = parse_https_url("https://Example.org:8443/hook?key=1")
    assert (whole.host, whole.port) == ("example.org", 8443)
    assert (whole.target, whole.authority) == ("/hook?key=1", "example.org:8443")
    assert parse_https_url("https://[2606:4700::1111]").authority == "[2606:4700::1111]"
