"""Bind ports directly, without probing them first: a probed port could be taken in between."""

import errno
import socket

BACKLOG = 2048


class CannotBind(Exception):
    """The port, or every port of the range, cannot be bound. `code` is the reason."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def listen(host: str, port: int) -> socket.socket:
    """Bind and listen; port 0 lets the system choose. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Accepted sockets inherit it: no small write of a server waits for an acknowledgement.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        bound.bind(address)
        bound.listen(BACKLOG)
        # The flag is shared by all descriptors of this socket; every owner is asynchronous.
        bound.setblocking(False)
    except OSError:
        bound.close()
        raise
    return bound


def listen_at(host: str, port: int) -> socket.socket:
    """Bind one fixed port. Raises CannotBind."""
    try:
        return listen(host, port)
    except OSError as error:
        raise CannotBind(_code(error), f"{host}:{port}: {error.strerror}") from error


def listen_within(host: str, ports: range, skip: frozenset[int] = frozenset()) -> socket.socket:
    """Bind the first free port of the range that is not in `skip`. Raises CannotBind."""
    for port in (port for port in ports if port not in skip):
        try:
            return listen(host, port)
        except OSError as error:
            if _code(error) == "bad-host":
                raise CannotBind("bad-host", f"{host}: {error.strerror}") from error
    message = f"every port from {ports.start} to {ports.stop - 1} is in use"
    raise CannotBind("none-free", message)


def port_of(bound: socket.socket) -> int:
    """The port a socket is bound to."""
    return int(bound.getsockname()[1])


def is_listening(candidate: socket.socket) -> bool:
    """Whether a received descriptor is a listening TCP socket."""
    if candidate.family not in {socket.AF_INET, socket.AF_INET6}:
        return False
    return candidate.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 1


def _code(error: OSError) -> str:
    if error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT} or isinstance(
        error, socket.gaierror
    ):
        return "bad-host"
    return "denied" if error.errno in {errno.EACCES, errno.EPERM} else "taken"
