"""This machine as the rest of the control plane asks about it."""

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
    """`disk` is a folder on the file system where downloads go."""

    def __init__(self, disk: Path) -> None:
        self._disk = disk
        self._enforcement: Enforcement = enforcement()

    def machine(self) -> Machine:
        """What the machine has, now."""
        return machine(self._disk)

    def estimate_memory(self, model: ModelFacts, dtype: str, task: str) -> int:
        """Bytes that a server of this model needs."""
        return estimate_memory(model, dtype, task)

    def fit(self, needed: int | None, machine: Machine, limit: int) -> Fit:
        """Whether that fits."""
        return fit(needed, machine, limit)

    def expected_speed(self, model: ModelFacts, dtype: str, task: str) -> str | None:
        """A sentence where facts allow one."""
        return expected_speed(model, dtype, task)

    def enforcement(self) -> Enforcement:
        """What enforces memory limits here; tried once."""
        return self._enforcement
