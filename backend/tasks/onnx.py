"""The tasks that ONNX Runtime serves: those whose adapter calls the model once, with tensors.

Names of inputs and outputs are those of transformers' classes, which exporters keep (optimum,
`transformers.exporters`, `torch.onnx`).
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Signature:
    """What the adapters of a task pass to the model, and the outputs that they require."""

    inputs: frozenset[str]
    outputs: tuple[str, ...]


# Segment and position ids are made by the engine where the graph has them and the tokenizer not.
_TEXT = frozenset({"input_ids", "attention_mask", "token_type_ids", "position_ids"})
_IMAGE = frozenset({"pixel_values", "pixel_mask"})
_AUDIO = frozenset({"input_values", "input_features", "attention_mask"})
_LOGITS = ("logits",)
_STATES = ("last_hidden_state",)

SIGNATURES: dict[str, Signature] = {
    "text-classification": Signature(inputs=_TEXT, outputs=_LOGITS),
    "zero-shot-classification": Signature(inputs=_TEXT, outputs=_LOGITS),
    "token-classification": Signature(inputs=_TEXT, outputs=_LOGITS),
    "fill-mask": Signature(inputs=_TEXT, outputs=_LOGITS),
    "text-ranking": Signature(inputs=_TEXT, outputs=_LOGITS),
    "question-answering": Signature(inputs=_TEXT, outputs=("start_logits", "end_logits")),
    "feature-extraction": Signature(inputs=_TEXT, outputs=_STATES),
    "sentence-similarity": Signature(inputs=_TEXT, outputs=_STATES),
    "image-classification": Signature(inputs=_IMAGE, outputs=_LOGITS),
    "image-feature-extraction": Signature(inputs=_IMAGE, outputs=_STATES),
    "image-segmentation": Signature(inputs=_IMAGE, outputs=_LOGITS),
    "depth-estimation": Signature(inputs=_IMAGE, outputs=("predicted_depth",)),
    "object-detection": Signature(inputs=_IMAGE, outputs=("logits", "pred_boxes")),
    "zero-shot-image-classification": Signature(
        inputs=_TEXT | _IMAGE, outputs=("logits_per_image",)
    ),
    "zero-shot-object-detection": Signature(
        inputs=_TEXT | _IMAGE, outputs=("logits", "pred_boxes")
    ),
    "audio-classification": Signature(inputs=_AUDIO, outputs=_LOGITS),
}


def unknown_inputs(task: str, inputs: list[str]) -> str | None:
    """Reason why a graph with these inputs cannot perform the task; None if it can."""
    extra = sorted(set(inputs) - SIGNATURES[task].inputs)
    if not extra:
        return None
    return f"The ONNX model requires inputs that {task} does not have: {', '.join(extra)[:200]}."
