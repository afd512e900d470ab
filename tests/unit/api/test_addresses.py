"""Addresses that can be opened, from addresses that can be bound."""

import ipaddress

import pytest

from backend.api.addresses import is_wildcard, openable_hosts
from backend.api.views import endpoint_host


@pytest.mark.parametrize(
    ("bound", "hosts"),
    [
        ("127.0.0.1", ["localhost"]),
        ("localhost", ["localhost"]),
        ("::1", ["localhost"]),
        ("127.0.0.2", ["127.0.0.2"]),
        ("10.0.0.7", ["10.0.0.7"]),
        ("fd00::7", ["[fd00::7]"]),
        ("models.example.org", ["models.example.org"]),
    ],
)
def test_hosts_that_reach_server(bound: str, hosts: list[str]) -> None:
    assert openable_hosts(bound) == hosts


@pytest.mark.parametrize("bound", ["0.0.0.0", "::", ""])
def test_wildcard_is_reachable_by_localhost_and_network_address(bound: str) -> None:
    first, *others = openable_hosts(bound)
    assert first == "localhost"
    assert len(others) <= 1
    for host in others:
        address = ipaddress.ip_address(host.strip("[]"))
        assert not address.is_loopback
        assert not address.is_unspecified


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "::", "0:0:0:0:0:0:0:0", ""])
def test_wildcard_is_recognized_in_every_spelling(host: str) -> None:
    assert is_wildcard(host)


@pytest.mark.parametrize(
    ("serve", "requested", "shown"),
    [
        ("127.0.0.1", "localhost", "localhost"),
        ("0.0.0.0", "192.0.2.9", "192.0.2.9"),
        ("127.0.0.2", "localhost", "127.0.0.2"),
        ("10.0.0.5", "localhost", "10.0.0.5"),
        ("fd00::5", "localhost", "[fd00::5]"),
    ],
)
def test_endpoint_host_is_bind_address_of_servers(serve: str, requested: str, shown: str) -> None:
    assert endpoint_host(serve, requested) == shown
