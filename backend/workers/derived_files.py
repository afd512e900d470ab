"""Files that workers derive from models: a folder for each model, with one for each result."""

import shutil
from pathlib import Path

from backend.domain.request import Source


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


def bytes_of(folder: Path) -> int:
    """Size of all files below a folder, without links."""
    paths = folder.rglob("*") if folder.is_dir() else ()
    return sum(path.stat().st_size for path in paths if path.is_file() and not path.is_symlink())


def free(folder: Path) -> int:
    """Remove a folder; return the size of its files in bytes."""
    size = bytes_of(folder)
    shutil.rmtree(folder, ignore_errors=True)
    return size


def remove_drafts(root: Path) -> None:
    """Remove what workers wrote that were killed together with the control plane."""
    for path in root.glob("*/*.*"):
        shutil.rmtree(path, ignore_errors=True)
