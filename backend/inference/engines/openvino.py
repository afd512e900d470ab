"""The OpenVINO engine: a graph exported from the model, on the CPU."""

from pathlib import Path
from typing import Any

import torch
import transformers

from backend.domain.server import ServerSpec
from backend.errors.server import LoadFailed
from backend.inference.adapters.base import Adapter, LoadedModel
from backend.inference.adapters.embeddings.families import family_by_modules
from backend.inference.adapters.generation.slot_cache import layer_kinds
from backend.inference.adapters.generation.slot_limits import token_budget
from backend.inference.engines.openvino_model import OpenVinoGraph, OpenVinoModel
from backend.inference.engines.paged_graph import NotPageable, PagedGraph
from backend.inference.engines.paged_language_model import paged
from backend.inference.engines.paged_model import PagedModel
from backend.inference.engines.processors import family_of, processor_of
from backend.inference.engines.skeleton import skeleton_of
from backend.tasks.exportable import PAGED_TASKS

_GENERATION = "generation_config.json"


def load(spec: ServerSpec) -> Adapter:
    """Load the graph and the processors of the task. Raises catalogue errors."""
    if spec.graph_dir is None:
        raise LoadFailed("The model has not been exported for OpenVINO.")
    torch.set_num_threads(spec.threads)
    transformers.utils.logging.disable_progress_bar()
    folder = Path(spec.model_dir)
    config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
    family = family_by_modules(spec, config.model_type) or family_of(spec.task, config)
    processor = processor_of(family, folder, {"local_files_only": True})
    if spec.task in PAGED_TASKS:
        model = _paged(spec, skeleton_of(family, config))
        return family.adapter(LoadedModel(spec=spec, model=model, processor=processor))
    graph = OpenVinoGraph(Path(spec.graph_dir), threads=spec.threads, dtype=spec.dtype)
    model = OpenVinoModel(graph, config, skeleton_of(family, config))
    return family.adapter(LoadedModel(spec=spec, model=model, processor=processor))


def _paged(spec: ServerSpec, skeleton: Any) -> Any:
    """A causal language model whose forward pass is a paged graph."""
    if spec.graph_dir is None or skeleton is None:
        raise LoadFailed("The model has no architecture of transformers.")
    folder = Path(spec.model_dir)
    if (folder / _GENERATION).is_file():
        skeleton.generation_config = transformers.GenerationConfig.from_pretrained(
            folder, local_files_only=True
        )
    windows = layer_kinds(skeleton) or []
    try:
        graph = PagedGraph(
            Path(spec.graph_dir), threads=spec.threads, dtype=spec.dtype, windows=windows
        )
    except NotPageable as error:
        raise LoadFailed(f"OpenVINO cannot run the graph: {error}.") from error
    pages = PagedModel(graph)
    model = paged(skeleton.eval(), pages)
    # For calls without a running batch, which reserves its own.
    pages.slots(rows=1, budget=token_budget(spec, model, pages.bytes_per_token()) // 2)
    return model
