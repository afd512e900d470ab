"""Converts logits to labels with scores."""

from typing import Any

import numpy as np
import torch

from backend.errors.inference import GenerationFailed


def to_numpy(tensor: torch.Tensor) -> np.ndarray:
    """Copy to the CPU as float32, since numpy has no bfloat16."""
    return tensor.detach().to(device="cpu", dtype=torch.float32).numpy()


def check_finite(numbers: np.ndarray) -> np.ndarray:
    """Return `numbers` unchanged. Raises GenerationFailed for NaN or infinity."""
    if not np.isfinite(numbers).all():
        raise GenerationFailed("The model produced a number that is not finite.")
    return numbers


def softmax(logits: np.ndarray) -> np.ndarray:
    """Softmax along the last axis; same shape."""
    with np.errstate(invalid="ignore"):
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Numerically stable sigmoid of each element; same shape."""
    return np.where(
        logits >= 0, 1 / (1 + np.exp(-np.abs(logits))), 1 - 1 / (1 + np.exp(-np.abs(logits)))
    )


FUNCTIONS = {"softmax": softmax, "sigmoid": sigmoid, "none": lambda logits: logits}


def default_function(config: Any) -> str:
    """The function of the model's training loss, from its config.json."""
    problem = getattr(config, "problem_type", None)
    if problem == "regression":
        return "none"
    if problem == "multi_label_classification" or config.num_labels == 1:
        return "sigmoid"
    return "softmax"


def best_labels(logits: np.ndarray, parameters: Any, config: Any) -> list[dict[str, object]]:
    """The `top_k` best labels of logits `[labels]`, best first; all labels if it is unset."""
    name = parameters.function_to_apply or default_function(config)
    scores = check_finite(FUNCTIONS[name](logits))
    order = np.argsort(-scores, kind="stable")[: parameters.top_k]
    labels = config.id2label
    return [{"label": labels[int(i)], "score": float(scores[i])} for i in order]


def labels_of(config: Any) -> list[str]:
    """The first thousand labels, in the order of their ids."""
    labels = getattr(config, "id2label", None) or {}
    return [str(labels[i]) for i in sorted(labels)[:1000]]
