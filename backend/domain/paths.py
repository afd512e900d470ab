"""Where things lie below MODEL_STORAGE_PATH. Named by our own ids, never by users' text."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Paths:
    """Absolute folders of one installation."""

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
        """The user's own models, one folder each."""
        return self.storage / "local"

    def deployment(self, deployment_id: str) -> Path:
        """Everything that belongs to one deployment: `dep_*/`."""
        return self.storage / deployment_id
