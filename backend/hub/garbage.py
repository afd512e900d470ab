"""Remove partial files of crashed downloads that no deployment needs."""

import time
from collections.abc import Collection
from pathlib import Path

from backend.hub.names import repo_folder
from backend.hub.partial import remove

DAY = 86_400.0


def collect(
    folders: Collection[Path], keep: Collection[str], older_than_seconds: float = DAY
) -> list[Path]:
    """Remove old partial files of models not in `keep`, except locked ones; return their paths."""
    kept = {repo_folder(model_id) for model_id in keep}
    before = time.time() - older_than_seconds
    removed: list[Path] = []
    for path in _leftovers(folders):
        is_kept = path.suffix == ".part" and path.name.split(".", 1)[0] in kept
        if not is_kept and path.stat().st_mtime < before and remove(path):
            removed.append(path)
    return removed


def _leftovers(folders: Collection[Path]) -> list[Path]:
    return [
        path
        for folder in folders
        if folder.is_dir()
        for pattern in ("*.part", "models--*/blobs/*.incomplete")
        for path in folder.glob(pattern)
    ]
