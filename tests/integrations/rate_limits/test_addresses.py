"""Whom a request comes from: only what our own proxies have told."""

import pytest
from django.test import RequestFactory

from integrations.rate_limits.addresses import address_subject, client_address


def address(remote: str, forwarded: str | None = None) -> str:
    told = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=remote, **told))


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "expected"),
    [
        (0, "203.0.113.7", None, "203.0.113.7"),
        (0, "203.0.113.7", "198.51.100.1", "203.0.113.7"),  # forged
        (1, "10.0.0.1", "198.51.100.1", "198.51.100.1"),
        (1, "10.0.0.1", "192.0.2.66, 198.51.100.1", "198.51.100.1"),  # forged first
        (1, "10.0.0.1", None, "10.0.0.1"),  # our proxy's own health check
        (2, "10.0.0.1", "192.0.2.66, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (2, "10.0.0.1", "198.51.100.1", "198.51.100.1"),  # fewer than there should be
        (1, "10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        (1, "10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
        (1, "10.0.0.1", "2001:DB8:0:0::7", "2001:db8::7"),
        (1, "10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        (1, "10.0.0.1", "fe80::1%eth0", "fe80::1"),
        (1, "10.0.0.1", "unknown", "unknown"),
        (1, "10.0.0.1", "", "10.0.0.1"),
        (1, "10.0.0.1", "198.51.100.1, ", "unknown"),
        (1, "10.0.0.1", "1" * 5000, "unknown"),
        (1, "10.0.0.1", "198.51.100.1\n", "198.51.100.1"),
        (0, "", None, "unknown"),  # a Unix socket
        (0, "010.0.0.1", None, "unknown"),  # octal to some, decimal to others
    ],
)
def test_the_address_is_the_one_that_our_outermost_proxy_saw(
    settings, proxies, remote, forwarded, expected
):
    settings.TRUSTED_PROXY_COUNT = proxies

    assert address(remote, forwarded) == expected


@pytest.mark.parametrize(
    ("address", "subject"),
    [
        ("203.0.113.7", "address:203.0.113.7"),
        ("::ffff:203.0.113.7", "address:203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "address:2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "address:2001:db8:1:2::/64"),
        ("unknown", "address:unknown"),
        ("", "address:unknown"),
    ],
)
def test_an_ipv6_network_of_64_bits_is_one_caller(address, subject):
    assert address_subject(address) == subject
