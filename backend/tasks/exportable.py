"""Which models can be exported as one graph: those whose adapter calls the model with tensors, and
causal language models."""

from collections.abc import Sequence

from backend.tasks.onnx import SIGNATURES

# Beside those of ONNX files, which come from elsewhere and have less uniform inputs.
_ALSO = frozenset({"video-classification", "zero-shot-audio-classification"})
# Tasks of decoders, whose graph has paged attention.
PAGED_TASKS = frozenset({"text-generation"})


def is_exportable(task: str, architectures: Sequence[str]) -> bool:
    """Whether to try to export a model; whether it can be is known when it has been traced."""
    if task == "automatic-speech-recognition":
        return any(name.endswith("ForCTC") for name in architectures)
    return task in SIGNATURES or task in _ALSO or task in PAGED_TASKS
