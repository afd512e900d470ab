"""The host package as one object, for the control plane."""

from pathlib import Path

from backend.domain.machine import Machine
from backend.domain.model import Fit, ModelFacts
from backend.domain.server import Enforcement
from backend.host.enforcement import enforcement
from backend.host.fit import fit
from backend.host.machine import machine
from backend.host.memory import estimate_memory
from backend.host.speed import expected_speed


class LocalHost:
    """Implements Host. `disk` is a directory on the file system of the downloads."""

    def __init__(self, disk: Path) -> None:
        self._disk = disk
        self._enforcement: Enforcement = enforcement()

    def machine(self) -> Machine:
        """Current hardware facts of this machine."""
        return machine(self._disk)

    def estimate_memory(self, model: ModelFacts, dtype: str, task: str) -> int:
        """Bytes of memory that a server of this model needs."""
        return estimate_memory(model, dtype, task)

    def fit(self, needed: int | None, machine: Machine, limit: int) -> Fit:
        """Whether `needed` bytes fit into the free memory and below `limit` bytes."""
        return fit(needed, machine, limit)

    def expected_speed(self, model: ModelFacts, dtype: str, task: str) -> str | None:
        """Expected speed as a sentence; None where it cannot be estimated."""
        return expected_speed(model, dtype, task)

    def enforcement(self) -> Enforcement:
        """What enforces memory limits here; tested once."""
        return self._enforcement
