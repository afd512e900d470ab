"""Rearranges the folders of a saved sentence-transformers model."""

import json
import shutil
from pathlib import Path


def move_first(folder: Path, name: str) -> Path:
    """Move the first module from the top folder into a folder of its own."""
    layers = json.loads((folder / "modules.json").read_text())
    layers[0]["path"] = name
    (folder / "modules.json").write_text(json.dumps(layers))
    inner = folder / name
    inner.mkdir()
    for path in list(folder.iterdir()):
        if path.is_file() and path.name not in {
            "modules.json",
            "config_sentence_transformers.json",
        }:
            shutil.move(path, inner / path.name)
    return inner
