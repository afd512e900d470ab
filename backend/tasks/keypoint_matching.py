"""keypoint-matching: matching points in two images."""

import base64
from typing import cast

from pydantic import Field

from backend.tasks.base import Json, RequestModel, ResponseModel, Sample, Task
from backend.tasks.samples import json_sample, png


class Parameters(RequestModel):
    """Threshold of matches."""

    threshold: float = Field(default=0.0, ge=0, le=1, description="Minimum score of a match.")


class Pair(RequestModel):
    """Two images."""

    image_0: str = Field(description="The first image, in base64 or as a `data:` URL.")
    image_1: str = Field(description="The second image.")


class Request(RequestModel):
    """A pair of images, or several. `[A, B]` is also one pair, `[[A, B], [C, D]]` are two pairs."""

    inputs: Pair | list[Pair] = Field(description="Two images, or a list of pairs.")
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")


class Point(ResponseModel):
    """Pixel coordinates from the upper left corner."""

    x: int
    y: int


class Match(ResponseModel):
    """Coordinates of one point in both images."""

    keypoint_image_0: Point
    keypoint_image_1: Point
    score: float


def reshape(body: Json) -> Json:
    """Convert pairs given as lists, as in transformers, to objects."""
    inputs = body.get("inputs")
    if not isinstance(inputs, list):
        return body
    items = cast("list[object]", inputs)
    if len(items) == 2 and all(isinstance(item, str) for item in items):
        return {**body, "inputs": _pair(items)}
    return {**body, "inputs": [_pair(item) for item in items]}


def _pair(item: object) -> object:
    if not isinstance(item, list) or len(cast("list[object]", item)) != 2:
        return cast("object", item)
    first, second = cast("list[object]", item)
    return {"image_0": first, "image_1": second}


def sample(seed: int) -> Sample:
    """Two small PNGs."""
    pair = {
        f"image_{i}": base64.b64encode(png(seed + shift)).decode()
        for i, shift in enumerate((0, 1000))
    }
    return json_sample({"inputs": pair})


TASK = Task(
    name="keypoint-matching",
    title="Keypoint matching",
    summary="Finds matching points in two images.",
    modality="vision",
    input="json",
    kinds=("AutoModelForKeypointMatching",),
    parameters=Parameters,
    request=Request,
    response=list[Match] | list[list[Match]],
    sample=sample,
    reshape=reshape,
    may_find_nothing=True,
)
