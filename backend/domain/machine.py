"""Properties and resources of this machine."""

from typing import Literal

from pydantic import Field

from backend.domain.base import Value
from backend.domain.server import Enforcement


class Accelerator(Value):
    """A GPU or another accelerator."""

    device: str = Field(description="As `hardware.device` names it, for example `cuda:0`.")
    name: str
    memory_bytes: int
    free_bytes: int


class Machine(Value):
    """Resources of this machine; free memory and disk, in bytes, at the time of the request."""

    platform: str
    cpu: str
    cores: int
    memory_bytes: int
    memory_free_bytes: int
    disk_bytes: int
    disk_free_bytes: int
    has_bfloat16: bool = Field(description="The CPU computes bfloat16 in hardware.")
    openvino_problem: str | None = Field(
        default=None, description="Why OpenVINO cannot run here; null: it can."
    )
    llama_cpp_problem: str | None = Field(
        default=None, description="Why llama.cpp does not run here; null: it does."
    )
    accelerators: list[Accelerator]


class RuntimeInfo(Value):
    """A runtime, and whether it is available."""

    name: str
    title: str
    usable: bool
    reason: str | None


class Option(Value):
    """A hardware option of the wizard, and the reason if it is not available."""

    value: str
    title: str
    usable: bool
    reason: str | None = None


class HardwareOptions(Value):
    """Hardware options of the wizard."""

    devices: list[Option]
    dtypes: list[Option]
    engines: list[Option]
    quantizations: list[Option]


class Exposure(Value):
    """Which clients can reach this server."""

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
    """All machine data that the wizard uses."""

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
    """A locked set of libraries that some models require."""

    name: str
    title: str
    version: str | None = None
    bytes: int | None = None
    installed: bool


class HubState(Value):
    """State of the Hub connection, without a request to the Hub."""

    endpoint: str
    has_token: bool
    offline: bool
