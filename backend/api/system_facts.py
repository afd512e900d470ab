"""Build the response of `GET /system`."""

import importlib.metadata
import platform
from typing import Protocol

from backend import __version__
from backend.config import Settings
from backend.domain.machine import (
    Exposure,
    Extra,
    HardwareOptions,
    HubState,
    Machine,
    Option,
    RuntimeInfo,
    System,
)
from backend.domain.server import Enforcement
from backend.errors import Problem

LIBRARIES = ("torch", "transformers", "huggingface_hub", "fastapi", "uvicorn")


class HostFacts(Protocol):
    """The part of the host package that is used here."""

    def machine(self) -> Machine:
        """Current hardware facts of this machine."""
        ...

    def enforcement(self) -> Enforcement:
        """What enforces memory limits here."""
        ...


class ExtraList(Protocol):
    """The part of the packages package that is used here."""

    def known(self) -> list[Extra]:
        """Slipway's extras."""
        ...


class TokenReader(Protocol):
    """Reads the Hub token."""

    def read(self) -> str | None:
        """The token in effect, or None."""
        ...


class SystemFacts:
    """Reads the hardware for each call; the other facts do not change while the process runs."""

    def __init__(
        self,
        settings: Settings,
        exposure: Exposure,
        host: HostFacts,
        extras: ExtraList,
        token: TokenReader,
        local: Problem | None = None,
    ) -> None:
        self._settings = settings
        self._exposure = exposure
        self._host = host
        self._extras = extras
        self._token = token
        self._local = local

    def system(self) -> System:
        """The current response."""
        settings, machine = self._settings, self._host.machine()
        return System(
            version=__version__,
            exposure=self._exposure,
            machine=machine,
            runtimes=[
                RuntimeInfo(
                    name="local",
                    title="This machine",
                    usable=self._local is None,
                    reason=self._local.detail if self._local else None,
                ),
                RuntimeInfo(
                    name="ray",
                    title="Ray Serve",
                    usable=False,
                    reason="Not supported yet.",
                ),
            ],
            options=options(machine),
            memory_enforcement=self._host.enforcement(),
            limits={
                "max_model_size_gb": settings.max_model_size_gb,
                "max_memory_per_model_gb": settings.max_memory_per_model_gb,
                "max_workers": settings.max_workers,
                "port_start": settings.model_serve_port_start,
                "port_end": settings.model_serve_port_end,
                "inference_timeout_seconds": settings.model_inference_timeout,
                "metrics_port": settings.metrics_port if settings.enable_metrics else None,
            },
            extras=self._extras.known(),
            hub=HubState(
                endpoint=settings.hf_endpoint,
                has_token=self._token.read() is not None,
                offline=settings.hf_hub_offline,
            ),
            versions={"python": platform.python_version(), **_versions()},
        )


def options(machine: Machine) -> HardwareOptions:
    """Hardware options for the wizard, with the reason if one is not available."""
    found = [
        Option(value=item.device, title=item.name, usable=True) for item in machine.accelerators
    ]
    has_cuda = any(item.device.startswith("cuda") for item in machine.accelerators)
    has_mps = any(item.device == "mps" for item in machine.accelerators)
    missing = (
        []
        if has_cuda
        else [
            Option(value="cuda", title="NVIDIA GPU", usable=False, reason="No NVIDIA driver found.")
        ]
    )
    if not has_mps:
        missing.append(
            Option(value="mps", title="Apple GPU", usable=False, reason="Not an Apple machine.")
        )
    later = "Not supported yet."
    return HardwareOptions(
        devices=[
            Option(value="auto", title="Automatic", usable=True),
            Option(value="cpu", title=machine.cpu, usable=True),
            *found,
            *missing,
        ],
        dtypes=[
            Option(value="auto", title="Automatic", usable=True),
            Option(value="float32", title="float32, exact", usable=True),
            Option(
                value="bfloat16",
                title="bfloat16, half the memory",
                usable=True,
                reason=None
                if machine.has_bfloat16
                else "Slow: this CPU has no bfloat16 instructions.",
            ),
            Option(
                value="float16",
                title="float16, half the memory",
                usable=bool(found),
                reason=None if found else "Requires a GPU.",
            ),
        ],
        engines=[
            Option(value="auto", title="Automatic", usable=True),
            Option(value="torch", title="PyTorch", usable=True),
            Option(
                value="openvino",
                title="OpenVINO",
                usable=machine.openvino_problem is None,
                reason=machine.openvino_problem,
            ),
            Option(value="onnxruntime", title="ONNX Runtime", usable=True),
            Option(value="diffusers", title="diffusers", usable=True),
            Option(
                value="llama.cpp",
                title="llama.cpp",
                usable=machine.llama_cpp_problem is None,
                reason=machine.llama_cpp_problem,
            ),
            Option(value="handler", title="handler.py", usable=True),
        ],
        quantizations=[
            Option(value="none", title="None", usable=True),
            Option(value="int8", title="int8", usable=False, reason=later),
        ],
    )


def _versions() -> dict[str, str]:
    found: dict[str, str] = {}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
