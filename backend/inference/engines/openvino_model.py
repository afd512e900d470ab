"""A model whose forward pass is an OpenVINO graph, with the interface that adapters use."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from backend.domain.graph import GRAPH_FILE
from backend.errors.server import LoadFailed
from backend.inference.engines.openvino_library import VERSION, library
from backend.inference.engines.outputs import Outputs

_PRECISION = {"float32": "f32", "bfloat16": "bf16"}


def compile_settings(threads: int, dtype: str) -> dict[str, object]:
    """How the CPU plugin compiles a graph."""
    return {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads,
        "INFERENCE_PRECISION_HINT": _PRECISION[dtype],
        # Servers would be bound to the same cores.
        "ENABLE_CPU_PINNING": False,
    }


class OpenVinoGraph:
    """A compiled graph. Inputs and outputs have the names of transformers, and float32 numbers."""

    def __init__(self, folder: Path, *, threads: int, dtype: str) -> None:
        settings = compile_settings(threads, dtype)
        try:
            compiled = library.Core().compile_model(str(folder / GRAPH_FILE), "CPU", settings)
        except RuntimeError as error:
            detail = f"OpenVINO {VERSION} could not load the graph that was exported."
            raise LoadFailed(detail) from error
        self.inputs: dict[str, Any] = {one.any_name: one for one in compiled.inputs}
        self.outputs = [one.any_name for one in compiled.outputs]
        self._request = compiled.create_infer_request()

    def __call__(self, tensors: dict[str, Tensor]) -> Outputs:
        """The outputs for the inputs that the graph has; others are ignored."""
        given = {name: _array(tensors[name]) for name in self.inputs}
        found = self._request.infer(given, share_inputs=True)
        arrays = (torch.from_numpy(found[i]) for i in range(len(self.outputs)))
        return Outputs(zip(self.outputs, arrays, strict=True))


class OpenVinoModel:
    """Runs a graph with the tensors of an adapter.

    `skeleton` is the same architecture of transformers without weights, or None.
    """

    device = torch.device("cpu")
    dtype = torch.float32

    def __init__(self, graph: OpenVinoGraph, config: Any, skeleton: torch.nn.Module | None) -> None:
        self.config = config
        self._graph = graph
        self._skeleton = skeleton or torch.nn.Module()

    def __getattr__(self, name: str) -> Any:
        """What an adapter asks the architecture, such as its modules, or lengths of its outputs."""
        return getattr(self._skeleton, name)

    def __call__(self, **tensors: Any) -> Outputs:
        """The outputs for a batch."""
        return self._graph(tensors)


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().contiguous().numpy()
