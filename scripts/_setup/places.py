"""Where everything lies that the set-up reads or writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Places:
    root: Path

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def stamp(self) -> Path:
        """Written last. It lies inside .venv, so that it never outlives what it vouches for."""
        return self.venv / "setup-stamp.json"

    @property
    def unfinished(self) -> Path:
        """Exists while packages are being written; found at the start, .venv is not trusted."""
        return self.venv / "setup-unfinished"

    @property
    def work(self) -> Path:
        """Lock, log and the wizard's stamp."""
        return self.root / ".setup"

    @property
    def log(self) -> Path:
        return self.work / "setup.log"

    @property
    def requirements(self) -> Path:
        return self.root / "requirements"

    @property
    def constraints(self) -> Path:
        return self.requirements / "constraints.txt"

    @property
    def dist(self) -> Path:
        return self.root / "dist"
