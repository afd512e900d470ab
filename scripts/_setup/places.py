"""Paths that the setup reads or writes."""

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
        """Written last; inside .venv, so that it is deleted together with what it describes."""
        return self.venv / "setup-stamp.json"

    @property
    def unfinished(self) -> Path:
        """Exists while packages are being installed. If present at the start, .venv is rebuilt."""
        return self.venv / "setup-unfinished"

    @property
    def torch_index(self) -> Path:
        """The package index of torch, if it is not pip's own; the backend reads it."""
        return self.venv / "torch-index"

    @property
    def work(self) -> Path:
        """Folder with the lock file, the log and the stamp of the wizard."""
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
