"""TCP_NODELAY for listening sockets.

Without it a small write waits for the acknowledgement of the previous one (Nagle's algorithm, RFC
896), which the peer delays by up to 40 ms (RFC 1122 §4.2.3.2). asyncio sets the option only on
sockets created with a protocol number, unlike those of `socket.socket(family, kind)`.
"""

import socket


def set_no_delay(sock: socket.socket) -> None:
    """Send small writes immediately; accepted sockets inherit it from their listener."""
    if sock.family in {socket.AF_INET, socket.AF_INET6}:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
