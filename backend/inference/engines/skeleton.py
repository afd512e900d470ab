"""The architecture of a model that a graph computes: adapters look at its modules."""

from typing import Any

import torch
import transformers

from backend.inference.adapters.family import Family


def skeleton_of(family: Family, config: Any) -> torch.nn.Module | None:
    """The architecture without weights; None if transformers has no class for it."""
    auto: Any = getattr(transformers, family.model)
    if family.loader is not None or type(config) not in auto._model_mapping:
        return None
    with torch.device("meta"):
        return auto.from_config(config)
