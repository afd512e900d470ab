"""The torch engine: transformers' own classes, on a CPU or a GPU."""

from pathlib import Path
from typing import Any

import torch
import transformers

from backend.domain.server import ServerSpec
from backend.errors.server import LoadFailed
from backend.inference.adapters.base import Adapter, LoadedModel
from backend.inference.engines import peft_adapter, shared_tensors
from backend.inference.engines.processors import family_of, processor_of
from backend.inference.quantized import loading as quantized


def load(spec: ServerSpec) -> Adapter:
    """Load the model and its processors. Raises catalogue errors and those of the libraries.

    The only place that calls `from_pretrained` of a torch model.
    """
    torch.set_num_threads(spec.threads)
    transformers.utils.logging.disable_progress_bar()
    folder = Path(spec.model_dir)
    options = {"local_files_only": True, "trust_remote_code": spec.allow_remote_code}
    config = transformers.AutoConfig.from_pretrained(folder, **options)
    family = family_of(spec.task, config)
    processor = processor_of(family, folder, options)
    loader = family.loader or getattr(transformers, family.model)
    dtype = getattr(torch, spec.dtype)
    packed = quantized.loading_options(config, folder, spec.device)
    model, facts = loader.from_pretrained(
        folder, dtype=dtype, use_safetensors=True, output_loading_info=True,
        ignore_mismatched_sizes=spec.adapter_dir is not None, **packed, **options,
    )  # fmt: skip
    model, facts = shared_tensors.complete(model, facts, folder)
    if packed:
        quantized.cast_full_precision(model, dtype)
    model, facts = peft_adapter.merge(model, facts, spec, processor)
    _check_complete(spec, facts, family.optional)
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
