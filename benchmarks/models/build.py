"""`python -m benchmarks.models.build NAME FOLDER`: build one model; imports torch."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import torch
import transformers

from benchmarks.models.catalogue import MODELS


def main(name: str, folder: Path) -> None:
    """Build the model of this name."""
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.manual_seed(7)
    module, _, function = MODELS[name].builder.partition(":")
    getattr(importlib.import_module(f"benchmarks.models.{module}"), function)(folder)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
