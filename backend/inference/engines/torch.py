"""The torch engine: transformers' own classes, on a CPU or a GPU."""

from pathlib import Path
from typing import Any

import torch
import transformers

from backend.domain.server import ServerSpec
from backend.errors.model import TaskNotServed
from backend.errors.server import LoadFailed
from backend.inference.adapters.base import Adapter, LoadedModel
from backend.inference.adapters.table import family_for
from backend.inference.engines import shared_tensors
from backend.tasks import cannot_serve


def load(spec: ServerSpec) -> Adapter:
    """Load the model and its processors. Raises catalogue errors and those of the libraries.

    The only place that calls `from_pretrained` of a torch model.
    """
    torch.set_num_threads(spec.threads)
    transformers.utils.logging.disable_progress_bar()
    folder = Path(spec.model_dir)
    options = {"local_files_only": True, "trust_remote_code": spec.allow_remote_code}
    config = transformers.AutoConfig.from_pretrained(folder, **options)
    architectures, settings = config.architectures or [], config.to_dict()
    reason = cannot_serve(spec.task, architectures, settings)
    if reason:
        raise TaskNotServed(reason)
    family = family_for(spec.task, architectures, settings)
    processors = [
        (getattr(transformers, kind) if isinstance(kind, str) else kind).from_pretrained(
            folder, **options
        )
        for kind in family.processors
    ]
    loader = family.loader or getattr(transformers, family.model)
    model, facts = loader.from_pretrained(
        folder, dtype=getattr(torch, spec.dtype), use_safetensors=True,
        output_loading_info=True, **options,
    )  # fmt: skip
    model, facts = shared_tensors.complete(model, facts, folder)
    _check_complete(spec, facts, family.optional)
    processor = processors[0] if len(processors) == 1 else tuple(processors)
    return family.adapter(
        LoadedModel(spec=spec, model=model.to(spec.device).eval(), processor=processor)
    )


def _check_complete(spec: ServerSpec, facts: Any, optional: tuple[str, ...]) -> None:
    """Reject missing weights, which transformers would initialize at random."""
    missing = [
        name
        for name in sorted(facts["missing_keys"])
        if not any(part in name.split(".") for part in optional)
    ]
    if missing:
        raise LoadFailed(
            f"The files have no weights for {len(missing)} parts of the model, for example "
            f"{missing[0]!r}; this model was not trained for {spec.task}."
        )
