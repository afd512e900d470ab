"""Which port is asked for, and what the keeper's refusal means to a person."""

from backend.errors import PlatformError
from backend.errors.capacity import NoFreePort, PortTaken
from backend.errors.server import KeeperLost


def asked_port(port: int | None, port_range: range) -> dict[str, object]:
    """Fields of the keeper's `bind`."""
    if port is not None:
        return {"port": port}
    return {"port": None, "first": port_range.start, "last": port_range.stop - 1}


def refusal(code: str, host: str, port: int | None, port_range: range) -> PlatformError:
    """The keeper's code as an entry of the catalogue."""
    if code == "none-free":
        return NoFreePort(f"Every port from {port_range.start} to {port_range.stop - 1} is in use.")
    if code == "busy":
        return KeeperLost("A server of this deployment holds the port and does not answer.")
    why = {
        "taken": "is in use by another program or deployment",
        "denied": "needs rights that this program does not have",
        "bad-host": "cannot be bound: the address is not one of this machine",
    }.get(code, "cannot be bound")
    return PortTaken(f"{host}:{port} {why}." if port is not None else f"{host} {why}.")
