"""TCP_NODELAY for sockets that we make or inherit.

Without it a small write waits until the one before it is acknowledged (Nagle's algorithm, RFC 896),
and the other side delays that by up to 40 ms (RFC 1122 §4.2.3.2). asyncio sets the option only on
sockets whose protocol number is given, which those of `socket.socket(family, kind)` lack.
"""

import socket


def set_no_delay(sock: socket.socket) -> None:
    """Send small writes at once; accepted sockets inherit it from their listener."""
    if sock.family in {socket.AF_INET, socket.AF_INET6}:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
