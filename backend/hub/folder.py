"""Models in a local folder: starters and the user's own. Read in place, never copied."""

import hashlib
import re
import stat
import threading
from pathlib import Path

from backend.domain.model import ModelFacts, ModelFile
from backend.domain.request import Source
from backend.errors.hub import ModelNotFound
from backend.errors.model import UnsafeRepository
from backend.hub.base_model import BASE_MODEL
from backend.hub.facts import Identity
from backend.hub.hashes import Hashes, expected
from backend.hub.names import check_paths

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_FIELD = re.compile(r"^(license|pipeline_tag|library_name):\s*([\w.-]+)\s*$", re.MULTILINE)
_BASE_MODEL = re.compile(r"^base_model:\s*(?:\n\s*-\s*)?([\w./-]+)\s*$", re.MULTILINE)
_MOST_FILES = 2000
# Files that exist only at the root of a model.
_MARKERS = ("config.json", "adapter_config.json", "model_index.json", "modules.json")
# A placeholder, not a hash: it selects SHA-256.
_ANY_SHA256 = "0" * 64


def folder_of(root: Path, model_id: str) -> Path:
    """Directory of the model; it may be a symlink, unlike files in it. Raises ModelNotFound."""
    folder = root / model_id
    if not folder.is_dir():
        raise ModelNotFound(f"There is no model folder {model_id!r}.")
    return folder.resolve()


def model_folders(root: Path) -> list[Path]:
    """Directories `name` below `root`, and `owner/name` where `owner` is not a model itself."""
    found: list[Path] = []
    for folder in _folders_in(root):
        inside = [] if _has_marker(folder) else _folders_in(folder)
        is_owner = any(_has_marker(one) for one in inside)
        found.extend(inside if is_owner else [folder])
    return found


def _folders_in(folder: Path) -> list[Path]:
    try:
        return sorted(one for one in folder.iterdir() if one.is_dir() and one.name[0] != ".")
    except OSError:
        return []


def _has_marker(folder: Path) -> bool:
    return any((folder / name).is_file() for name in _MARKERS) or any(folder.glob("*.gguf"))


def listing(folder: Path) -> dict[str, ModelFile]:
    """Every file, without its hash. Raises UnsafeRepository on a link that leaves, or a device."""
    files: dict[str, ModelFile] = {}
    paths = [path for path in sorted(folder.rglob("*")) if not _is_hidden(path, folder)]
    if len(paths) > _MOST_FILES:
        raise UnsafeRepository(f"The folder has more than {_MOST_FILES} files.")
    for path in paths:
        if path.is_symlink() or not path.is_dir():
            name = path.relative_to(folder).as_posix()
            files[name] = ModelFile(path=name, bytes=_size(path, folder, name), sha256=_ANY_SHA256)
    check_paths(list(files))
    return files


def sealed(model: ModelFacts, folder: Path, hashes: Hashes, stop: threading.Event) -> ModelFacts:
    """The facts with each file's hash and, as commit, a content hash of 40 hex digits."""
    files = [
        file.model_copy(update={"sha256": hashes.of(folder / file.path, file, stop)})
        for file in model.files
    ]
    hashes.save()
    digest = hashlib.sha1(usedforsecurity=False)
    for file in files:
        digest.update(f"{file.path}\0{expected(file)}\n".encode())
    return model.model_copy(update={"files": files, "commit": digest.hexdigest()})


def identity(folder: Path, model_id: str, source: Source) -> Identity:
    """Metadata from the model card; `sealed` sets the commit."""
    card = folder / "README.md"
    text = card.read_text(errors="replace")[:100_000] if card.is_file() else ""
    front = _FRONT_MATTER.match(text)
    fields = dict(_FIELD.findall(front[1])) if front else {}
    base = _BASE_MODEL.search(front[1]) if front else None
    return Identity(
        tags=(f"{BASE_MODEL}{base[1]}",) if base else (),
        id=model_id,
        source=source,
        revision="main",
        commit="",
        pipeline_tag=fields.get("pipeline_tag"),
        library=fields.get("library_name"),
        license=fields.get("license"),
    )


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _size(path: Path, folder: Path, name: str) -> int:
    if not path.resolve().is_relative_to(folder):
        raise UnsafeRepository(f"{name!r} is a link to a path outside the model folder.")
    try:
        status = path.stat()
    except OSError as error:
        raise UnsafeRepository(f"{name!r} could not be read.") from error
    if not stat.S_ISREG(status.st_mode):
        raise UnsafeRepository(f"{name!r} is not a regular file.")
    return status.st_size
