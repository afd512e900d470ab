"""Traces a model with transformers' exporter, writes the graph, and runs it once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from backend.domain.graph import GRAPH_FILE
from backend.domain.server import ServerSpec
from backend.inference.engines.openvino_library import library
from backend.inference.engines.openvino_model import OpenVinoGraph
from backend.inference.engines.torch import load_model
from backend.inference.export.recorded_calls import NotExportable, RecordedCalls, Tensors, record

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
    report("recording calls of the model")
    calls = record(family.adapter(loaded), model, spec.task)
    report("tracing the model")
    graph = _traced(model, calls)
    report("writing the graph")
    library.save_model(graph, str(folder / GRAPH_FILE), compress_to_fp16=False)
    report("checking the graph")
    _check(model, OpenVinoGraph(folder, threads=spec.threads, dtype="float32"), calls)


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
            _compare(name, one.numpy(), expected.get(name), call)


def _compare(name: str, found: np.ndarray, expected: Any, call: Tensors) -> None:
    if not isinstance(expected, torch.Tensor):
        # One of several, such as hidden_states.0: no adapter gets it from a graph.
        return
    usual = expected.numpy()
    if usual.shape != found.shape:
        raise NotExportable(f"its graph returns {name} in another shape")
    if not np.issubdtype(usual.dtype, np.floating):
        return
    finite = np.isfinite(usual) & np.isfinite(found)
    one, other = usual[finite].astype(np.float64), found[finite].astype(np.float64)
    size = float(np.linalg.norm(one) * np.linalg.norm(other))
    cosine = float(one @ other) / size if size else float(np.array_equal(one, other))
    if cosine < _LEAST_COSINE:
        rows = len(next(iter(call.values())))
        raise NotExportable(f"its graph computes another {name} for {rows} rows")
