"""The engines by name. Each is imported when it is used: their libraries are slow to import."""

from collections.abc import Callable

from backend.domain.engine import EngineName
from backend.domain.server import ServerSpec
from backend.inference.adapters.base import Adapter

Load = Callable[[ServerSpec], Adapter]


def load_with(engine: EngineName) -> Load:
    """The function that loads a model with this engine and returns the adapter of its task."""
    match engine:
        case "torch":
            from backend.inference.engines.torch import load  # noqa: PLC0415

            return load
        case "openvino":
            from backend.inference.engines.openvino import load  # noqa: PLC0415

            return load
        case "onnxruntime":
            from backend.inference.engines.onnxruntime import load  # noqa: PLC0415

            return load
        case "diffusers":
            from backend.inference.engines.diffusers import load  # noqa: PLC0415

            return load
        case "llama.cpp":
            from backend.inference.engines.gguf import load  # noqa: PLC0415

            return load
        case "handler":
            from backend.inference.engines.handler import load  # noqa: PLC0415

            return load
