"""The torch engine: transformers' own classes, on a CPU or a GPU."""

import logging
from functools import partial
from pathlib import Path
from typing import Any

import torch
import transformers

from backend.domain.sentence_transformers import EmbeddingModule
from backend.domain.server import ServerSpec
from backend.errors.server import LoadFailed
from backend.inference.adapters.base import Adapter, LoadedModel
from backend.inference.adapters.embeddings.embedder import InputModules
from backend.inference.adapters.embeddings.families import (
    family_by_modules,
    input_family,
    modules_of,
)
from backend.inference.adapters.embeddings.inputs import (
    InputModule,
    SparseStaticInput,
    StaticInput,
    TransformerInput,
)
from backend.inference.adapters.embeddings.word_inputs import BagOfWords, WordVectors
from backend.inference.adapters.family import Family
from backend.inference.adapters.table import FAMILIES
from backend.inference.engines import peft_adapter, shared_tensors
from backend.inference.engines.packed_linear import pack_linear_weights
from backend.inference.engines.processors import family_of, processor_of
from backend.inference.quantized import loading as quantized
from backend.tasks.vocoders import FOLDER as VOCODER

log = logging.getLogger(__name__)


def load(spec: ServerSpec) -> Adapter:
    """Load the model and its processors. Raises catalogue errors and those of the libraries."""
    family, loaded = load_model(spec)
    return family.adapter(loaded)


def load_model(spec: ServerSpec) -> tuple[Family, LoadedModel]:
    """The model with its processors, and the family whose adapter runs it.

    The only place that calls `from_pretrained` of a torch model. Raises as `load` does.
    """
    torch.set_num_threads(spec.threads)
    transformers.utils.logging.disable_progress_bar()
    folder = Path(spec.model_dir)
    modules = modules_of(spec)
    if modules is not None:
        parts = {first.folder: _input(spec, first) for first, *_ in modules.routes.values()}
        loaded = LoadedModel(spec=spec, model=InputModules(parts), processor=None)
        return FAMILIES[spec.task][0], loaded
    config = transformers.AutoConfig.from_pretrained(folder, **_options(spec))
    family = family_by_modules(spec, config.model_type) or family_of(spec.task, config)
    return family, _loaded(spec, folder, family)


def _options(spec: ServerSpec) -> dict[str, Any]:
    return {"local_files_only": True, "trust_remote_code": spec.allow_remote_code}


def _loaded(spec: ServerSpec, folder: Path, family: Family) -> LoadedModel:
    """Load a model and its processors from a folder."""
    config = transformers.AutoConfig.from_pretrained(folder, **_options(spec))
    processor = processor_of(family, folder, _options(spec))
    loader = family.loader or getattr(transformers, family.model)
    dtype = getattr(torch, spec.dtype)
    packed = quantized.loading_options(config, folder, spec.device)
    model, facts = loader.from_pretrained(
        folder, dtype=dtype, use_safetensors=True, output_loading_info=True,
        ignore_mismatched_sizes=spec.adapter_dir is not None, **packed, **_options(spec),
    )  # fmt: skip
    model, facts = shared_tensors.complete(model, facts, folder)
    if packed:
        quantized.cast_full_precision(model, dtype)
    model, facts = peft_adapter.merge(model, facts, spec, processor)
    _check_complete(spec, facts, family.optional)
    model = model.to(spec.device).eval()
    if spec.packs_weights:
        log.info("packed the weights of %d linear layers", pack_linear_weights(model))
    return LoadedModel(
        spec=spec, model=model, processor=processor,
        vocoder=_vocoder(spec, folder, family.vocoder),
    )  # fmt: skip


def _vocoder(spec: ServerSpec, folder: Path, kind: str | None) -> Any:
    """The vocoder in its folder, always in float32: it is small, and its errors can be heard."""
    if kind is None:
        return None
    model, facts = getattr(transformers, kind).from_pretrained(
        folder / VOCODER, dtype=torch.float32, use_safetensors=True, output_loading_info=True,
        local_files_only=True,
    )  # fmt: skip
    _check_complete(spec, facts, ())
    return model.to(spec.device).eval()


def _input(spec: ServerSpec, module: EmbeddingModule) -> InputModule:
    """Load the first module of a route of sentence-transformers."""
    folder = Path(spec.model_dir) / module.folder
    if module.kind == "StaticEmbedding":
        return StaticInput(folder)
    if module.kind == "SparseStaticEmbedding":
        return SparseStaticInput(folder, _tokenizer(spec, folder))
    if module.kind == "WordEmbeddings":
        return WordVectors(folder, module, partial(_tokenizer, spec))
    if module.kind == "BoW":
        return BagOfWords(folder)
    return TransformerInput(_loaded(spec, folder, input_family(module)), module)


def _tokenizer(spec: ServerSpec, folder: Path) -> Any:
    return transformers.AutoTokenizer.from_pretrained(folder, **_options(spec))


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
