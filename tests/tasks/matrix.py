"""Requests made from a task's own sample and schema: a new task is tested by being there."""

import base64
import io
import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from backend.tasks import Task

# What no task takes as one input, whatever it reads.
BAD_INPUTS: tuple[object, ...] = (None, True, 7, 1.5, "", [], {}, [[]], [""], {"nobody": "knows"})


# How a PNG image begins in base64.
_PNG = "iVBORw0KGgo"


class Setting(NamedTuple):
    """A parameter with a value."""

    name: str
    value: object


def body_of(task: Task, seed: int, inputs: object = ..., /, **parameters: object) -> dict[str, Any]:
    """The sample as JSON, with other inputs or further parameters where they are given."""
    sample = task.sample(seed)
    is_json = sample.content_type == "application/json"
    body = dict(json.loads(sample.body)) if is_json else {}
    body["inputs"] = body.get("inputs", base64.b64encode(sample.body).decode())
    if inputs is not ...:
        body["inputs"] = inputs
    if task.parameters_at_root:
        return body | parameters
    return body | {"parameters": body.get("parameters", {}) | parameters}


def allowed_settings(task: Task) -> Iterator[Setting]:
    """Every parameter at its default, its bounds, and each of its named values."""
    for name, shape, default in _shapes(task):
        yield Setting(name, default)
        for key in ("minimum", "maximum", "const"):
            if key in shape:
                yield Setting(name, shape[key])
        for value in shape.get("enum", [False, True] if shape.get("type") == "boolean" else []):
            yield Setting(name, value)


def refused_settings(task: Task) -> Iterator[Setting]:
    """Every parameter just outside its bounds, and as something that no parameter is."""
    for name, shape, _ in _shapes(task):
        yield Setting(name, {"no": "such thing"})
        for key, beyond in _BEYOND.items():
            if key in shape:
                yield Setting(name, beyond(shape[key]))


_BEYOND: dict[str, Callable[[Any], object]] = {
    "minimum": lambda bound: bound - 1,
    "maximum": lambda bound: bound + 1,
    "exclusiveMinimum": lambda bound: bound,
    "exclusiveMaximum": lambda bound: bound,
    "enum": lambda names: "nobody-knows",
    "maxLength": lambda most: "{}" * most,
    "maxItems": lambda most: ["a"] * (most + 1),
}


def _shapes(task: Task) -> Iterator[tuple[str, dict[str, Any], object]]:
    schema = task.parameters.model_json_schema()
    required = schema.get("required", [])
    for name, found in schema.get("properties", {}).items():
        for shape in found.get("anyOf", [found]):
            if name not in required and shape.get("type") != "null":
                yield name, shape, found.get("default")


def longer(inputs: Any, times: int = 400) -> Any:
    """The same inputs with every text in them many times as long; a `type` is one of few names."""
    if isinstance(inputs, dict):
        return {n: value if n == "type" else longer(value, times) for n, value in inputs.items()}
    if isinstance(inputs, list):
        return [longer(value, times) for value in inputs]
    return " ".join([inputs] * times) if isinstance(inputs, str) else inputs


def differences(one: Any, other: Any, path: str = "", near: float = 1e-4) -> list[str]:
    """Paths at which two responses differ by more than `near`."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [d for k in one for d in differences(one[k], other[k], f"{path}/{k}", near)]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [d for i, (a, b) in pairs for d in differences(a, b, f"{path}/{i}", near)]
    if isinstance(one, float) and isinstance(other, (int, float)):
        return [] if abs(one - other) <= near else [f"{path}: {one} is not {other}"]
    if isinstance(one, str) and isinstance(other, str) and one.startswith(_PNG):
        return [] if _is_same_image(one, other) else [f"{path}: the images differ"]
    return [] if one == other else [f"{path}: {str(one)[:200]} is not {str(other)[:200]}"]


def _is_same_image(one: str, other: str) -> bool:
    """Whether no value of two PNG images in base64 differs by more than a rounding."""
    first, second = (
        np.asarray(Image.open(io.BytesIO(base64.b64decode(one)))) for one in (one, other)
    )
    is_shaped = first.shape == second.shape and first.dtype == second.dtype
    return is_shaped and bool(np.abs(first.astype(int) - second.astype(int)).max() <= 1)
