"""The control plane's listening sockets, with errors that name the process using a port."""

import socket
from pathlib import Path

import psutil

from backend.api.console import warn
from backend.config import Settings
from backend.errors import PlatformError
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


def listen_all(settings: Settings, host: str, wizard: Path) -> tuple[list[socket.socket], bool]:
    """The API's socket, and the wizard's if it is built and its port is free."""
    sockets = [listen(host, settings.backend_port, "BACKEND_PORT")]
    if not (wizard / "index.html").is_file():
        warn("the wizard is not built; `npm run build` builds it, `npm run dev` serves it")
        return sockets, False
    try:
        sockets.append(listen(host, settings.frontend_port, "FRONTEND_PORT"))
    except PlatformError as error:
        warn(f"{error.detail} The wizard is at port {settings.backend_port} too.")
    return sockets, len(sockets) > 1


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
