"""Where an exported graph is: `exported/hub--owner--name/<key>/`, with a record of its files.

The key is a hash of all that the graph depends on, so that a changed model or library is exported
again. A model that cannot be exported has a record with the reason instead.
"""

import contextlib
import hashlib
import json
from importlib import metadata
from pathlib import Path

from pydantic import Field, ValidationError

from backend.domain.base import Value
from backend.domain.graph import GRAPH_FILE
from backend.domain.server import ServerSpec

RECORD = "export.json"
# Part of the key: another version of the worker does not use what this one wrote.
_FORMAT = 1
_LIBRARIES = ("openvino", "torch", "transformers")


class ExportRecord(Value):
    """Sizes of the files in bytes, by name; or the reason why there are none."""

    files: dict[str, int] = Field(default={})
    reason: str | None = None


def folder_of(model_folder: Path, spec: ServerSpec) -> Path:
    """The folder of the graph for this server; it need not exist."""
    facts = {
        "format": _FORMAT,
        "model": [spec.commit, spec.model_dir, spec.task, spec.languages],
        "overlay": spec.overlay,
        "versions": [metadata.version(name) for name in _LIBRARIES],
    }
    key = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]
    return model_folder / key


def recorded(folder: Path) -> ExportRecord | None:
    """The record of a finished export whose files are there with the right size."""
    try:
        record = ExportRecord.model_validate_json((folder / RECORD).read_bytes())
    except (OSError, ValidationError):
        return None
    if record.reason is None and GRAPH_FILE not in record.files:
        return None
    is_whole = all(_size(folder / name) == size for name, size in record.files.items())
    return record if is_whole else None


def adopt(draft: Path, place: Path) -> None:
    """Record the files of a complete export and move them to their place."""
    sizes = {file.name: file.stat().st_size for file in draft.iterdir()}
    _write(draft, ExportRecord(files=sizes))
    draft.rename(place)


def give_up(place: Path, reason: str) -> None:
    """Record that this model cannot be exported; if the disk is full, it is tried again."""
    with contextlib.suppress(OSError):
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(place, ExportRecord(reason=reason))


def _write(folder: Path, record: ExportRecord) -> None:
    (folder / RECORD).write_text(record.model_dump_json())


def _size(file: Path) -> int | None:
    try:
        return file.stat().st_size
    except OSError:
        return None
