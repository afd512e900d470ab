"""The control plane's listening sockets, with errors that name the process using a port."""

import socket

import psutil

from backend.errors.capacity import PortTaken
from backend.transport.no_delay import set_no_delay

BACKLOG = 2048


def listen(host: str, port: int, setting: str) -> socket.socket:
    """Bind and listen. Raises PortTaken with the setting and the process that uses the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    set_no_delay(sock)
    try:
        sock.bind((host, port))
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        detail = f"{setting}={port} cannot be used: {_holder(port) or error.strerror}."
        raise PortTaken(detail) from error
    sock.setblocking(False)
    return sock


def _holder(port: int) -> str | None:
    """The process that listens on the port, if the system reports it."""
    try:
        found = [
            item
            for item in psutil.net_connections("tcp")
            if item.status == psutil.CONN_LISTEN and item.laddr and item.laddr.port == port
        ]
        if found and found[0].pid:
            return f"{psutil.Process(found[0].pid).name()} (pid {found[0].pid}) uses it"
    except (psutil.Error, OSError):
        return "another program uses it"
    return "another program uses it" if found else None
