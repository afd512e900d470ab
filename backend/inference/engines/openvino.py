"""The OpenVINO engine: a graph exported from the model, on the CPU."""

from pathlib import Path

import torch
import transformers

from backend.domain.server import ServerSpec
from backend.errors.server import LoadFailed
from backend.inference.adapters.base import Adapter, LoadedModel
from backend.inference.adapters.embeddings.families import family_by_modules
from backend.inference.engines.openvino_model import OpenVinoGraph, OpenVinoModel
from backend.inference.engines.processors import family_of, processor_of
from backend.inference.engines.skeleton import skeleton_of


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
    graph = OpenVinoGraph(Path(spec.graph_dir), threads=spec.threads, dtype=spec.dtype)
    model = OpenVinoModel(graph, config, skeleton_of(family, config))
    return family.adapter(LoadedModel(spec=spec, model=model, processor=processor))
