"""Every limit counts one customer of a provider as one sender, however many addresses they have."""

from __future__ import annotations

import pytest

from leads.network_neighborhoods import is_address_among, is_loopback_address, neighborhood_of


@pytest.mark.parametrize(
    ("address", "neighborhood"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("::ffff:cb00:7107", "203.0.113.7"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:0DB8:0001:0002:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_one_customer_is_one_neighborhood(address: str, neighborhood: str) -> None:
    assert neighborhood_of(address) == neighborhood


@pytest.mark.parametrize(
    ("address", "is_ours"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("203.0.113.7", False),
        ("", False),
        ("localhost", False),
        ("127.0.0.1, 203.0.113.7", False),
    ],
)
def test_only_an_address_of_this_machine_is_one(address: str, *, is_ours: bool) -> None:
    assert is_loopback_address(address) is is_ours


@pytest.mark.parametrize(
    ("address", "named", "is_named"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("10.1.2.3", "127.0.0.1, 10.0.0.0/8", True),
        ("10.1.2.3", ["10.1.2.3"], True),
        ("2001:db8::7", "2001:0DB8::/32", True),
        ("203.0.113.7", "*", True),
        ("203.0.113.7", "127.0.0.1,10.0.0.0/8,proxy.example,", False),
        ("203.0.113.7", "", False),
        ("", "127.0.0.1", False),
    ],
)
def test_an_address_is_one_that_was_named(
    address: str, named: str | list[str], *, is_named: bool
) -> None:
    assert is_address_among(address, named) is is_named
