"""From logits to labels with probabilities."""

from typing import Any

import numpy as np
import torch

from backend.errors.inference import GenerationFailed, InvalidInput


def to_numpy(tensor: torch.Tensor) -> np.ndarray:
    """On the CPU and in float32, which numpy has."""
    return tensor.detach().to(device="cpu", dtype=torch.float32).numpy()


def check_finite(numbers: np.ndarray) -> np.ndarray:
    """NaN and infinity are no answer, and no JSON. Raises GenerationFailed."""
    if not np.isfinite(numbers).all():
        raise GenerationFailed("The model produced a number that is not finite.")
    return numbers


def softmax(logits: np.ndarray) -> np.ndarray:
    """Along the last axis."""
    with np.errstate(invalid="ignore"):
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Of each number, without overflow."""
    return np.where(
        logits >= 0, 1 / (1 + np.exp(-np.abs(logits))), 1 - 1 / (1 + np.exp(-np.abs(logits)))
    )


FUNCTIONS = {"softmax": softmax, "sigmoid": sigmoid, "none": lambda logits: logits}


def default_function(config: Any) -> str:
    """What the model was trained with, as its config.json says."""
    problem = getattr(config, "problem_type", None)
    if problem == "regression":
        return "none"
    if problem == "multi_label_classification" or config.num_labels == 1:
        return "sigmoid"
    return "softmax"


def best_labels(logits: np.ndarray, parameters: Any, config: Any) -> list[dict[str, object]]:
    """The `top_k` best labels, best first; all of them when it is not set."""
    name = parameters.function_to_apply or default_function(config)
    scores = check_finite(FUNCTIONS[name](logits))
    order = np.argsort(-scores, kind="stable")[: parameters.top_k]
    labels = config.id2label
    return [{"label": labels[int(i)], "score": float(scores[i])} for i in order]


def labels_of(config: Any) -> list[str]:
    """The first thousand labels in their order."""
    labels = getattr(config, "id2label", None) or {}
    return [str(labels[i]) for i in sorted(labels)[:1000]]


def text_item(item: object, max_characters: int) -> str:
    """An input that is a text. Raises InvalidInput with what is wrong."""
    if not isinstance(item, str):
        raise InvalidInput("inputs must be a text or a list of texts.")
    if not item:
        raise InvalidInput("inputs is an empty text.")
    if len(item) > max_characters:
        raise InvalidInput(f"{len(item):,} characters; at most {max_characters:,} are read.")
    return item
