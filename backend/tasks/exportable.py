"""Which models can be exported as one graph: those whose adapter calls the model with tensors."""

from collections.abc import Sequence

from backend.tasks.onnx import SIGNATURES

# Beside those of ONNX files, which come from elsewhere and have less uniform inputs.
_ALSO = frozenset({"video-classification", "zero-shot-audio-classification"})


def is_exportable(task: str, architectures: Sequence[str]) -> bool:
    """Whether to try to export a model; whether it can be is known when it has been traced."""
    if task == "automatic-speech-recognition":
        return any(name.endswith("ForCTC") for name in architectures)
    return task in SIGNATURES or task in _ALSO
