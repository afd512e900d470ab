"""Hosts for the URLs of a server, given the address that it is bound to."""

import contextlib
import ipaddress
import socket

# Documentation addresses (RFC 5737, RFC 3849): connecting a UDP socket to one sends nothing, but
# selects the local address of the default route.
_OUTSIDE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}


def is_wildcard(host: str) -> bool:
    """Whether a socket bound to it listens on all addresses; browsers cannot open such a URL."""
    if host in {"", "[]"}:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_unspecified
    except ValueError:
        return False


def openable_hosts(host: str) -> list[str]:
    """Hosts for URLs of a server bound to `host`: localhost first, then the network address."""
    if host in {"localhost", "127.0.0.1", "::1"}:
        return ["localhost"]
    if not is_wildcard(host):
        return [in_url(host)]
    families = [socket.AF_INET, socket.AF_INET6] if ":" in host else [socket.AF_INET]
    found = [address for family in families if (address := _network_address(family))]
    return ["localhost", *(in_url(address) for address in found[:1])]


def in_url(host: str) -> str:
    """The host as written in a URL: IPv6 in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _network_address(family: socket.AddressFamily) -> str | None:
    """This machine's address on the default route; None without a default route."""
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((_OUTSIDE[family], 9))
        address = str(probe.getsockname()[0])
        known = ipaddress.ip_address(address)
        return None if known.is_loopback or known.is_unspecified else address
    return None
