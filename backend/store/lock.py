"""One control plane for one storage."""

import fcntl
from pathlib import Path
from typing import TextIO

from backend.errors.config import AlreadyRunning


def only_one(storage: Path) -> TextIO:
    """Hold the storage's lock; raises AlreadyRunning."""
    file = (storage / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise AlreadyRunning(f"Another control plane holds {storage.name}/lock.") from error
    return file
