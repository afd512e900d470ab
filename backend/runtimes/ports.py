"""Select the port to request, and map the keeper's errors to the catalogue."""

from dataclasses import dataclass

from backend.errors import PlatformError
from backend.errors.capacity import NoFreePort, PortTaken
from backend.errors.server import KeeperLost


@dataclass(frozen=True)
class PortRange:
    """Ports for model servers, both ends included, without those of the control plane."""

    first: int
    last: int
    skip: frozenset[int] = frozenset()


def requested_port(port: int | None, within: PortRange) -> dict[str, object]:
    """The port fields of the keeper's `bind`: a fixed port, or the range."""
    if port is not None:
        return {"port": port}
    return {
        "port": None,
        "first": within.first,
        "last": within.last,
        "skip": sorted(within.skip),
    }


def refusal(code: str, host: str, port: int | None, within: PortRange) -> PlatformError:
    """Map an error code of the keeper to an error of the catalogue."""
    if code == "none-free":
        return NoFreePort(f"Every port from {within.first} to {within.last} is in use or reserved.")
    if code == "busy":
        return KeeperLost("A server of this deployment holds the port and does not respond.")
    why = {
        "taken": "is in use by another program or deployment",
        "denied": "requires permissions that this program does not have",
        "bad-host": "cannot be bound: the address is not one of this machine",
    }.get(code, "cannot be bound")
    return PortTaken(f"{host}:{port} {why}." if port is not None else f"{host} {why}.")
