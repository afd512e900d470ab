"""What this machine is and has."""

from typing import Literal

from pydantic import Field

from backend.domain.base import Value
from backend.domain.server import Enforcement


class Accelerator(Value):
    """A GPU or the like."""

    device: str = Field(description="As `hardware.device` names it, for example `cuda:0`.")
    name: str
    memory_bytes: int
    free_bytes: int


class Machine(Value):
    """Resources of this machine; memory and disk in bytes, as they are now."""

    platform: str
    cpu: str
    cores: int
    memory_bytes: int
    memory_free_bytes: int
    disk_bytes: int
    disk_free_bytes: int
    has_bfloat16: bool = Field(description="The CPU computes bfloat16 in hardware.")
    accelerators: list[Accelerator]


class RuntimeInfo(Value):
    """A runtime, and whether it can be used here."""

    name: str
    title: str
    usable: bool
    reason: str | None


class Option(Value):
    """A choice of the hardware screen, and why it can't be taken here."""

    value: str
    title: str
    usable: bool
    reason: str | None = None


class HardwareOptions(Value):
    """What the wizard may offer."""

    devices: list[Option]
    dtypes: list[Option]
    engines: list[Option]
    quantizations: list[Option]


class Exposure(Value):
    """Who can reach this server."""

    host: str = Field(description="Address it is bound to.")
    hosts: list[str] = Field(
        description="Hosts of URLs that open it: `localhost`, and the network address if public."
    )
    scope: Literal["loopback", "network"]
    api_key_required: bool
    message: str | None = Field(
        default=None, description="Reason why the address is not public, and how to open it."
    )


class System(Value):
    """All that the wizard asks of the machine."""

    version: str
    exposure: Exposure
    machine: Machine
    runtimes: list[RuntimeInfo]
    options: HardwareOptions
    memory_enforcement: Enforcement
    limits: dict[str, int | float | str | None] = Field(
        description="Settings the wizard shows: max_model_size_gb, port range, max_workers…"
    )
    extras: list["Extra"] = Field(default=[], description="Extras of Slipway.")
    hub: "HubState"
    versions: dict[str, str]


class Extra(Value):
    """One of our own locked extras."""

    name: str
    title: str
    version: str | None = None
    bytes: int | None = None
    installed: bool


class HubState(Value):
    """What is known of the Hub, without asking it."""

    endpoint: str
    has_token: bool
    offline: bool
