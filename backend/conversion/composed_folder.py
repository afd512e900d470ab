"""The folder that a model server loads for a model of two repositories: links to files of both.

An adapter's folder is that of its base model, changed (adapter_folder.py); a vocoder is in a folder
of its own.
"""

import hashlib
import os
import shutil
from pathlib import Path

from backend.conversion import adapter_folder
from backend.conversion.folder import RECORD
from backend.conversion.links import link
from backend.domain.model import ModelFacts
from backend.tasks.vocoders import FOLDER as VOCODER

# Part of the key: another version does not use what this one wrote.
_FORMAT = b"1\n"


def key_of(model: ModelFacts) -> str:
    """Name of the folder: it depends on the files of both repositories."""
    digest = hashlib.sha256(_FORMAT)
    for one in model.repositories:
        digest.update(f"{one.source} {one.id} {one.commit}\n".encode())
        for file in one.files:
            digest.update(f"{file.path} {file.sha256 or file.git_sha1}\n".encode())
    return f"{'merged' if model.base else 'joined'}-{digest.hexdigest()[:32]}"


def files_of(model: ModelFacts, snapshot: Path, loaded: Path) -> dict[str, Path]:
    """The files to load by name: those of the snapshot, or of the folder with converted files."""
    if loaded == snapshot:
        return {file.path: snapshot / file.path for file in model.files}
    return {
        path.relative_to(loaded).as_posix(): path
        for path in sorted(loaded.rglob("*"))
        if path.is_file() and path.name != RECORD
    }


def compose(folder: Path, model: ModelFacts, own: dict[str, Path], other: dict[str, Path]) -> None:
    """Write the folder, from the files of the model and those of its companion.

    A complete one is left as it is: a server may be loading it.
    """
    if folder.is_dir() and all(path.exists() for path in folder.rglob("*")):
        return
    draft = folder.with_name(f"{folder.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    if model.base:
        adapter_folder.fill(draft, model, other, own)
    else:
        _fill(draft, own, other)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)


def _fill(draft: Path, own: dict[str, Path], vocoder: dict[str, Path]) -> None:
    for name, path in own.items():
        link(draft / name, path)
    for name, path in vocoder.items():
        link(draft / VOCODER / name, path)
