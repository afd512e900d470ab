"""The folder that a model server loads for a PEFT adapter: its base model, changed for the adapter.

It has links to the files of the base model, with the tokenizer and other files of the adapter's
repository in their place, a config.json of the merged model, and the adapter in its own folder.
"""

import hashlib
import os
import shutil
from pathlib import Path
from typing import cast

import orjson

from backend.conversion.folder import RECORD
from backend.domain.model import ModelFacts
from backend.domain.peft_adapter import FOLDER
from backend.tasks.library import vocabulary_files
from backend.tasks.peft_adapters import outputs_of, shapes_of, with_head

CONFIG = "config.json"
_TOKENIZER_CONFIG = "tokenizer_config.json"
_TOKENIZER = frozenset(
    {
        _TOKENIZER_CONFIG, "special_tokens_map.json", "added_tokens.json", "chat_template.json",
        "chat_template.jinja",
    }
)  # fmt: skip
_ADAPTER = "adapter_"
# Part of the key: another version does not use what this one wrote.
_FORMAT = b"1\n"
_WEIGHTS = "adapter_model.safetensors"


def key_of(model: ModelFacts) -> str:
    """Name of the folder: it depends on the files of both repositories."""
    digest = hashlib.sha256(_FORMAT)
    for one in model.repositories:
        digest.update(f"{one.source} {one.id} {one.commit}\n".encode())
        for file in one.files:
            digest.update(f"{file.path} {file.sha256 or file.git_sha1}\n".encode())
    return f"merged-{digest.hexdigest()[:32]}"


def files_of(model: ModelFacts, snapshot: Path, loaded: Path) -> dict[str, Path]:
    """The files to load by name: those of the snapshot, or of the folder with converted files."""
    if loaded == snapshot:
        return {file.path: snapshot / file.path for file in model.files}
    return {
        path.relative_to(loaded).as_posix(): path
        for path in sorted(loaded.rglob("*"))
        if path.is_file() and path.name != RECORD
    }


def compose(folder: Path, model: ModelFacts, base: dict[str, Path], own: dict[str, Path]) -> None:
    """Write the folder, from the files of the base model and those of the adapter.

    A complete one is left as it is: a server may be loading it.
    """
    if folder.is_dir() and all(path.exists() for path in folder.rglob("*")):
        return
    draft = folder.with_name(f"{folder.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    _fill(draft, model, base, own)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)


def _fill(draft: Path, model: ModelFacts, base: dict[str, Path], own: dict[str, Path]) -> None:
    has_tokenizer = _TOKENIZER_CONFIG in own and not vocabulary_files().isdisjoint(own)
    for name, path in base.items():
        if not (has_tokenizer and _is_tokenizer(name)):
            _link(draft / name, path)
    for name, path in own.items():
        if name.startswith(_ADAPTER):
            _link(draft / FOLDER / name, path)
        elif name != CONFIG and (has_tokenizer or not _is_tokenizer(name)):
            _link(draft / name, path)
    (draft / CONFIG).unlink(missing_ok=True)
    (draft / CONFIG).write_bytes(orjson.dumps(_config(model, own)))


def _config(model: ModelFacts, own: dict[str, Path]) -> dict[str, object]:
    """config.json of the merged model; of a converted adapter the outputs are known only now."""
    known = model.adapter
    if known is None or known.outputs is not None:
        return model.config
    with own[_WEIGHTS].open("rb") as file:
        header = file.read(int.from_bytes(file.read(8), "little"))
    stated = orjson.loads(own[CONFIG].read_bytes()) if CONFIG in own else None
    labels = cast("dict[str, object]", stated) if isinstance(stated, dict) else dict[str, object]()
    return with_head(model.config, model.architectures, outputs_of(shapes_of(header)), labels)


def _is_tokenizer(name: str) -> bool:
    return name in _TOKENIZER or name in vocabulary_files()


def _link(place: Path, target: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.symlink_to(target.absolute())
