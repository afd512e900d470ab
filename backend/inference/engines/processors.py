"""What engines of transformers models have in common: the model family and its processors."""

from pathlib import Path
from typing import Any

import transformers

from backend.errors.model import TaskNotServed
from backend.inference.adapters.family import Family
from backend.inference.adapters.table import family_for
from backend.tasks import cannot_serve


def family_of(task: str, config: Any) -> Family:
    """The family that runs a model with this config. Raises TaskNotServed."""
    architectures, settings = config.architectures or [], config.to_dict()
    reason = cannot_serve(task, architectures, settings)
    if reason:
        raise TaskNotServed(reason)
    return family_for(task, architectures, settings)


def processor_of(family: Family, folder: Path, options: dict[str, Any]) -> Any:
    """The processor of the family, or a tuple if it has several; `options` for each of them."""
    found = [
        (getattr(transformers, kind) if isinstance(kind, str) else kind).from_pretrained(
            folder, **options
        )
        for kind in family.processors
    ]
    return found[0] if len(found) == 1 else tuple(found)
