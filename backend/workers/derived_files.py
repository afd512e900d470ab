"""Files that workers derive from models: a folder for each model, with one for each result."""

import asyncio
import shutil
from pathlib import Path

from backend.domain.request import Source


class DerivedFiles:
    """What one kind of worker has made, below `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder_of(self, source: Source, model_id: str) -> Path:
        """The folder with all results of a model."""
        return model_folder(self.root, source, model_id)

    async def bytes_of(self, source: Source, model_id: str) -> int:
        """Size of the results of a model."""
        return await asyncio.to_thread(_size, self.folder_of(source, model_id))

    async def free(self, source: Source, model_id: str) -> int:
        """Remove the results of a model; return their size in bytes."""
        size = await self.bytes_of(source, model_id)
        folder = self.folder_of(source, model_id)
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        return size

    async def collect_garbage(self) -> None:
        """Called at start, before any work: remove what was not finished."""
        await asyncio.to_thread(_remove_drafts, self.root)


def model_folder(root: Path, source: Source, model_id: str) -> Path:
    """The folder with all results of a model."""
    return root / f"{source}--{model_id.replace('/', '--')}"


def draft_of(place: Path, owner: int) -> Path:
    """Where the process `owner` collects files until they are complete."""
    return place.with_name(f"{place.name}.{owner}")


def empty(folder: Path) -> None:
    """Create a folder that only this user can read, without files."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)


def _size(folder: Path) -> int:
    """Of all files below a folder, without links."""
    paths = folder.rglob("*") if folder.is_dir() else ()
    return sum(path.stat().st_size for path in paths if path.is_file() and not path.is_symlink())


def _remove_drafts(root: Path) -> None:
    """Remove what workers wrote that were killed together with the control plane."""
    for path in root.glob("*/*.*"):
        shutil.rmtree(path, ignore_errors=True)
