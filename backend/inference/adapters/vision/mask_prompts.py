"""Prompts of mask-generation: points and a box of each object, in pixels of the image."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from backend.errors.inference import InvalidInput
from backend.inference.adapters.vision.image_model import Size


@dataclass(frozen=True, kw_only=True)
class MaskPrompt:
    """The prompts of one object; `labels` belong to `points`."""

    points: tuple[tuple[float, ...], ...] = ()
    labels: tuple[int, ...] = ()
    box: tuple[float, ...] | None = None

    def tensors(self, row: Mapping[str, Any], device: Any) -> dict[str, torch.Tensor]:
        """Arguments of the model: points `[1, 1, points, 2]`, labels, box `[1, 1, 4]`.

        In pixels of the resized image, float32 also where the weights are narrower: bfloat16 tells
        only each fourth pixel apart. `row` are the outputs of the image processor.
        """
        height, width = (float(side) for side in row["original_sizes"][0])
        new_height, new_width = (float(side) for side in row["reshaped_input_sizes"][0])
        scale = torch.tensor([new_width / width, new_height / height])
        found: dict[str, torch.Tensor] = {}
        if self.points:
            found["input_points"] = (torch.tensor(self.points) * scale)[None, None].to(device)
            found["input_labels"] = torch.tensor(self.labels)[None, None].to(device)
        if self.box is not None:
            found["input_boxes"] = (torch.tensor(self.box) * scale.repeat(2))[None, None].to(device)
        return found


def prompts_of(parameters: Any, size: Size) -> list[MaskPrompt]:
    """The prompts of each object, empty without prompts. `size` is (height, width) of the image.

    Raises InvalidInput for places outside the image, and for lists that do not match.
    """
    points, labels, boxes = parameters.points, parameters.labels, parameters.boxes
    if points is None and labels is not None:
        raise InvalidInput("labels belong to points, which are missing.")
    if points is not None and boxes is not None and len(points) != len(boxes):
        raise InvalidInput(
            f"points are of {len(points)} objects and boxes of {len(boxes)}; both must be of the "
            "same objects."
        )
    count = len(points or boxes or ())
    marks = labels if labels is not None else [[1] * len(one) for one in points or ()]
    if points is not None and [len(one) for one in points] != [len(one) for one in marks]:
        raise InvalidInput("labels must have a number for each point of each object.")
    for one in points or ():
        for x, y in one:
            _check(x, y, size, "points")
    for left, top, right, bottom in boxes or ():
        _check(left, top, size, "boxes")
        _check(right, bottom, size, "boxes")
        if left >= right or top >= bottom:
            raise InvalidInput("A box is empty; it is left, top, right, bottom.")
    return [
        MaskPrompt(
            points=tuple(map(tuple, points[i])) if points else (),
            labels=tuple(marks[i]) if points else (),
            box=tuple(boxes[i]) if boxes else None,
        )
        for i in range(count)
    ]


def _check(x: float, y: float, size: Size, name: str) -> None:
    height, width = size
    if x > width or y > height:
        raise InvalidInput(
            f"{name} has the place {_pixels(x, y)}, which is outside the image of {width} x "
            f"{height} pixels."
        )


def _pixels(*place: float) -> str:
    return f"[{', '.join(f'{one:g}' for one in place)}]"
