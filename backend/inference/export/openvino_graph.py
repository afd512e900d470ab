"""Traces a model with transformers' exporter, writes the graph, and runs it once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

from backend.domain.graph import GRAPH_FILE
from backend.domain.server import ServerSpec
from backend.inference.engines.openvino import load
from backend.inference.engines.openvino_library import library
from backend.inference.engines.openvino_model import OpenVinoGraph
from backend.inference.engines.torch import load_model
from backend.inference.export.decoder_graph import export_decoder
from backend.inference.export.recorded_calls import (
    NotExportable,
    RecordedCalls,
    groups_of,
    record,
)
from backend.inference.measurement.comparison import compare
from backend.tasks.exportable import PAGED_TASKS

# Of float32 results, whose sums have another order. The measurement has the bar for a choice.
_LEAST_COSINE = 0.9999


def export(spec: ServerSpec, folder: Path, report: Callable[[str], None]) -> None:
    """Write the graph of a model to an empty folder.

    Raises NotExportable, and the exceptions of the libraries if the exporter does not support the
    model.
    """
    report("loading the model")
    family, loaded = load_model(spec)
    model = loaded.model
    if not isinstance(model, nn.Module):
        raise NotExportable("it is no model of transformers")
    if spec.task in PAGED_TASKS:
        export_decoder(spec, model, folder, report)
        return
    report("recording calls of the model")
    adapter = family.adapter(loaded)
    groups = groups_of(adapter, spec.task)
    calls = record(adapter, model, groups)
    report("tracing the model")
    graph = _traced(model, calls)
    report("writing the graph")
    library.save_model(graph, str(folder / GRAPH_FILE), compress_to_fp16=False)
    report("checking the graph")
    _check(model, OpenVinoGraph(folder, threads=spec.threads, dtype="float32"), calls)
    served = load(spec.model_copy(update={"engine": "openvino", "graph_dir": str(folder)}))
    for group in groups:
        served.forward(group)


def _traced(model: Any, calls: RecordedCalls) -> Any:
    from transformers.exporters.configs import OpenVINOConfig  # noqa: PLC0415 - slow
    from transformers.exporters.exporter_openvino import OpenVINOExporter  # noqa: PLC0415

    axes = {name: calls.varying(name) for name in calls.sample}
    shapes = {name: dict.fromkeys(found, torch.export.Dim.AUTO) for name, found in axes.items()}
    settings = OpenVINOConfig(dynamic_shapes=shapes)
    graph = OpenVINOExporter().export(model, dict(calls.sample), config=settings).program
    for one in graph.inputs:
        shape = one.get_partial_shape()
        if any(shape[axis].is_static for axis in axes[one.any_name]):
            raise NotExportable(f"its graph would have a fixed length of {one.any_name}")
    return graph


def _check(model: nn.Module, graph: OpenVinoGraph, calls: RecordedCalls) -> None:
    if unknown := graph.inputs.keys() - calls.sample.keys():
        raise NotExportable(f"its graph needs {', '.join(sorted(unknown))}")
    for call in calls.calls:
        with torch.inference_mode():
            expected = model(**call)
        found = graph(call)
        for name, one in found.items():
            usual = expected.get(name)
            # Lists of tensors, such as hidden states, are no part of what adapters get.
            if isinstance(usual, torch.Tensor) and usual.is_floating_point():
                compared = compare(usual.numpy(), one.numpy(), None)
                if compared.cosine < _LEAST_COSINE:
                    raise NotExportable(f"its graph computes another {name}")
