"""Slipway as a user runs it: a control plane with its own folders and ports, on the server's core.

The keeper, model servers and all their helpers inherit the core. Deployments get one thread.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from backend.domain.deployment import Receipt
from backend.domain.server import ServerSpec
from benchmarks.cores import on_core
from benchmarks.models.catalogue import MODELS, copy_linked, folder_of
from benchmarks.processes import family_of
from benchmarks.settings import Settings
from tests.fakes.control_plane import HTTP, Plane, free_ports, started_plane, until

# A model is exported, and then measured, before its engine is known.
START_SECONDS = 900.0
STOP_SECONDS = 30.0
PORTS = 80
HARDWARE = {"threads": 1}


@dataclass(frozen=True)
class Deployed:
    """A running deployment: its API value, its port and the specification of its server."""

    value: dict[str, Any]
    spec: ServerSpec

    @property
    def port(self) -> int:
        """Port of its endpoint."""
        return self.value["port"]

    @property
    def engine(self) -> str:
        """Engine and data type that the product chose."""
        return f"{self.spec.engine} {self.spec.dtype}"


class Product:
    """A running control plane."""

    def __init__(self, plane: Plane, settings: Settings) -> None:
        self.plane = plane
        self._settings = settings

    def add_local(self, model: str) -> str:
        """Put a model of the bench into the folder of local models; returns its id."""
        target = self.plane.folder / "storage" / "local" / model
        if not target.exists():
            copy_linked(folder_of(model, self._settings.cache), target)
        return model

    def deploy(self, model: str, name: str | None = None, **hardware: Any) -> Deployed:
        """Deploy a model of the bench and wait until it is running."""
        request: dict[str, Any] = {
            "source": "local", "task": MODELS[model].task, "name": name or model,
            "hardware": HARDWARE | hardware,
        }  # fmt: skip
        accepted = self.plane.deploy(self.add_local(model), **request)
        return self._running(accepted)

    def deploy_starter(self, starter: str, name: str) -> Deployed:
        """Deploy a starter and wait until it is running."""
        return self._running(self.plane.deploy(starter, name=name, hardware=HARDWARE))

    def _running(self, accepted: dict[str, Any]) -> Deployed:
        self.plane.wait(accepted["id"], "running", patience=START_SECONDS)
        # What is still prepared would be measured too, and then replace the server.
        value = until(lambda: self._settled(accepted["id"]), "its engine", START_SECONDS)
        folder = self._folder_of(value["id"])
        assert folder is not None, value
        return Deployed(value, ServerSpec.model_validate_json((folder / "spec.json").read_bytes()))

    def _settled(self, key: str) -> dict[str, Any] | None:
        value = self.plane.get(key)
        receipt = Receipt.model_validate(value["receipt"])
        return None if any(one.is_pending for one in receipt.candidates) else value

    def _specs(self) -> list[tuple[Path, ServerSpec]]:
        files = (self.plane.folder / "storage" / "run").glob("*/spec.json")
        return [(file.parent, ServerSpec.model_validate_json(file.read_bytes())) for file in files]

    def _folder_of(self, key: str) -> Path | None:
        found = [(spec.generation, at) for at, spec in self._specs() if spec.deployment_id == key]
        return max(found)[1] if found else None

    def delete(self, deployed: Deployed) -> None:
        """Delete a deployment and wait until the folder of its server is gone."""
        key = deployed.value["id"]
        HTTP.delete(f"{self.plane.url}/api/v1/deployments/{key}")
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and self._folder_of(key) is not None:
            time.sleep(0.05)

    def keeper_family(self) -> list[psutil.Process]:
        """The keeper and all it started: model servers, and the warm parent if there is one."""
        keepers = [p.pid for p in self.plane.processes() if "backend.keeper" in p.cmdline()]
        return family_of(keepers)


@contextlib.contextmanager
def running_product(settings: Settings, **environment: str) -> Generator[Product]:
    """Start a control plane on the server's core; at the end everything that it started is gone."""
    first = free_ports(PORTS)
    ports = {
        "MODEL_SERVE_PORT_START": str(first + 5), "MODEL_SERVE_PORT_END": str(first + PORTS - 1),
    }  # fmt: skip
    with tempfile.TemporaryDirectory(dir=settings.scratch) as folder:
        plane = Plane(Path(folder) / "plane", ports | environment, base=first)
        with (
            on_core(settings.cores.server),
            started_plane(plane),
            on_core(settings.cores.client),
        ):
            yield Product(plane, settings)
