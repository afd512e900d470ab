"""The models of the bench by name, and the folder in which each is built once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import ROOT, environment

BUILD_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model; `builder` is a function of a file in this folder, as `file:function`."""

    name: str
    task: str
    builder: str


MODELS = {
    model.name: model
    for model in (
        Model(name="minilm-l6", task="feature-extraction", builder="encoders:minilm"),
        Model(name="bert-base", task="text-classification", builder="encoders:bert_base"),
        Model(name="vit-base", task="image-classification", builder="media:vit_base"),
        Model(name="wav2vec2-base", task="audio-classification", builder="media:wav2vec2_base"),
        Model(name="llama-135m", task="text-generation", builder="decoders:llama"),
    )
}


def folder_of(name: str, cache: Path) -> Path:
    """Return the folder of a model in the cache; builds it in a subprocess if it is missing."""
    folder = cache / "models" / name
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    print(f"  building {name} in {folder}", flush=True)
    unfinished = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{name}-"))
    try:
        subprocess.run(
            [sys.executable, "-m", "benchmarks.models.build", name, str(unfinished)],
            cwd=ROOT, env=environment(), check=True, timeout=BUILD_SECONDS,
        )  # fmt: skip
        unfinished.chmod(0o755)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def copy_linked(source: Path, target: Path) -> None:
    """Copy a folder with hard links, which costs no space; a plain copy across file systems."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copytree(source, target, copy_function=os.link)
    except (OSError, shutil.Error):
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)
