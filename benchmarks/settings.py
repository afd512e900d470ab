"""Settings of one run of the bench."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.cores import Cores


@dataclass(frozen=True, kw_only=True)
class Settings:
    """`quick`: under a minute per part, figures are no result; `long`: also a file of 5 GB."""

    cores: Cores
    cache: Path
    quick: bool = False
    long: bool = False
    peers: tuple[str, ...] = ()

    @property
    def scratch(self) -> Path:
        """Folder of temporary files; on the same file system as the models, for hard links."""
        folder = self.cache / "scratch"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def pick(self, usual: int, quick: int) -> int:
        """Return a number for a usual or for a quick run."""
        return quick if self.quick else usual
