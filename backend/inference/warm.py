"""A model server that is forked from a parent in which all libraries are imported already."""

import importlib
import random
import sys
from collections.abc import Mapping, Sequence

# Architectures of the best-known models; others are imported when they are loaded.
_COMMON = ("bert", "distilbert", "roberta", "llama", "qwen2", "vit", "wav2vec2", "whisper", "t5")


def preload() -> None:
    """Import what model servers need, without starting a thread and without computing."""
    for name in ("backend.inference.__main__", "backend.inference.engines.torch"):
        importlib.import_module(name)
    for name in _COMMON:
        importlib.import_module(f"transformers.models.{name}.modeling_{name}")
    _fill_caches()


def _fill_caches() -> None:
    """Make what the libraries otherwise make when the first model is loaded."""
    from transformers.conversion_mapping import (  # noqa: PLC0415
        get_checkpoint_conversion_mapping,
    )

    # Hundreds of regular expressions, which take longer than a small model takes to load.
    get_checkpoint_conversion_mapping("bert")


def run(argv: Sequence[str], env: Mapping[str, str]) -> None:
    """Be the server with these arguments, of which the first two start Python; never returns."""
    from setproctitle import setproctitle  # noqa: PLC0415

    from backend.inference.__main__ import main  # noqa: PLC0415
    from backend.inference.config import take_environment  # noqa: PLC0415

    # First, since it looks for the memory of the arguments before that of the environment.
    setproctitle(" ".join(argv))
    take_environment(env)
    sys.argv = list(argv[2:])
    reseed()
    main()


def reseed() -> None:
    """Seed every random generator again: forked processes have their states in common."""
    import numpy as np  # noqa: PLC0415 - slow, and imported already
    import torch  # noqa: PLC0415

    random.seed()
    np.random.seed()
    torch.seed()
