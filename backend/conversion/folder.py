"""The folder that a model server loads if files must be converted or renamed before.

`converted/hub--owner--name/<key>/` has the converted files and links to all other files of the
snapshot. The key is a hash of the commit's files, so that a changed file is converted again.
"""

import contextlib
import hashlib
import json
import os
import stat
from pathlib import Path

from pydantic import ValidationError

from backend.domain.deployment import Conversion, ConvertedFile
from backend.domain.model import ModelFacts
from backend.errors.model import ConversionFailed
from backend.workers.derived_files import model_folder

RECORD = "conversion.json"
# Part of the key: another version of the converter does not use what this one wrote.
_FORMAT = 1


def folder_of(root: Path, model: ModelFacts) -> Path:
    """The folder of a model; it need not exist."""
    text = "\n".join(
        [
            f"{_FORMAT}",
            *(f"{file.path} {file.sha256 or file.git_sha1}" for file in model.files),
            *sorted(f"{name} {target}" for name, target in _targets(model).items()),
            *([model.added_model_type] if model.added_model_type else []),
        ]
    )
    key = hashlib.sha256(text.encode()).hexdigest()[:32]
    return model_folder(root, model.source, model.id) / key


def recorded(folder: Path) -> Conversion | None:
    """The record of a complete conversion whose files are there with the right size."""
    try:
        record = Conversion.model_validate_json((folder / RECORD).read_bytes())
    except (OSError, ValidationError):
        return None
    return record if all(_has_size(folder, file) for file in record.files) else None


def is_intact(folder: Path, record: Conversion) -> bool:
    """Whether the content of all converted files is what was recorded; reads them completely."""
    with contextlib.suppress(OSError):
        return all(_digest(folder / file.path) == file.sha256 for file in record.files)
    return False


def adopt(draft: Path, names: list[str], tensors: int, seal: list[str]) -> Conversion:
    """Check and record what a worker wrote. Raises ConversionFailed.

    The worker may have run code of the model: only plain files with the expected names are taken,
    and become ours.
    """
    files = [_adopted(draft / name, name) for name in names]
    stems = {Path(name).with_name(Path(name).name.split("-")[0]) for name in names if "-" in name}
    indexes = sorted(stem.with_name(f"{stem.name}.safetensors.index.json") for stem in stems)
    present = [index for index in indexes if os.path.lexists(draft / index)]
    files += [_adopted(draft / index, index.as_posix()) for index in present]
    expected = {file.path for file in files}
    for path in sorted(draft.rglob("*"), reverse=True):
        name = path.relative_to(draft).as_posix()
        if path.is_dir() and not path.is_symlink():
            os.chown(path, os.geteuid(), os.getegid())
        elif name not in expected:
            path.unlink()
    os.chown(draft, os.geteuid(), os.getegid())
    record = Conversion(tensors=tensors, seal=seal, files=files)
    (draft / RECORD).write_text(record.model_dump_json())
    return record


def link(folder: Path, snapshot: Path, model: ModelFacts) -> None:
    """Link all files that are not converted, under the names that the server expects."""
    converted = model.pickle.files if model.pickle else {}
    for file in model.files:
        if file.path in converted:
            continue
        place = folder / model.renamed.get(file.path, file.path)
        target = (snapshot / file.path).absolute()
        if file.path == "config.json" and model.added_model_type:
            _complete_config(place, target, model.added_model_type)
            continue
        if place.is_symlink() and place.readlink() == target:
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        place.symlink_to(target)


def _complete_config(place: Path, original: Path, model_type: str) -> None:
    """Write a config.json with the model type, by which transformers finds the classes."""
    content = json.dumps({**json.loads(original.read_bytes()), "model_type": model_type})
    if place.is_file() and not place.is_symlink() and place.read_text() == content:
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.write_text(content)


def _targets(model: ModelFacts) -> dict[str, str]:
    return model.renamed | (model.pickle.files if model.pickle else {})


def _adopted(path: Path, name: str) -> ConvertedFile:
    try:
        status = path.lstat()
    except OSError:
        raise ConversionFailed(f"The conversion wrote no {name}.") from None
    if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
        raise ConversionFailed(f"The conversion wrote something else than a file as {name}.")
    os.chown(path, os.geteuid(), os.getegid(), follow_symlinks=False)
    path.chmod(0o600)
    return ConvertedFile(path=name, bytes=status.st_size, sha256=_digest(path))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _has_size(folder: Path, file: ConvertedFile) -> bool:
    with contextlib.suppress(OSError):
        return (folder / file.path).stat().st_size == file.bytes
    return False
