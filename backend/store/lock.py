"""A lock that allows one control plane per storage directory."""

import fcntl
from pathlib import Path
from typing import TextIO

from backend.errors.config import AlreadyRunning


def only_one(storage: Path) -> TextIO:
    """Take the lock of the storage; it is held until the file is closed. Raises AlreadyRunning."""
    file = (storage / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise AlreadyRunning(f"Another control plane holds {storage.name}/lock.") from error
    return file
