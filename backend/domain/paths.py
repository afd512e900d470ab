"""Paths in MODEL_STORAGE_PATH. Names are generated ids, never user input."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Paths:
    """Absolute paths of one installation."""

    storage: Path
    temp: Path
    logs: Path
    cache: Path

    @property
    def run(self) -> Path:
        """Lock, sockets and one folder per server: `run/<server>/`."""
        return self.storage / "run"

    @property
    def local_models(self) -> Path:
        """The user's local models, one folder each."""
        return self.storage / "local"

    def deployment(self, deployment_id: str) -> Path:
        """Folder with all files of one deployment: `dep_*/`."""
        return self.storage / deployment_id
