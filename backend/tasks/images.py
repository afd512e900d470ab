"""Shared code of tasks with images: in requests, and as results."""

from typing import cast

from pydantic import Field

from backend.tasks.base import Json, ResponseModel


class PackedImage(ResponseModel):
    """One of several images; the response to a single input is the PNG itself."""

    blob: str
    """The PNG in base64."""
    content_type: str = Field(alias="content-type")


def unwrapped(body: Json) -> Json:
    """Convert `{"image": …, …}` in `inputs`, as some clients send it, to the image alone.

    The other fields are moved to `parameters`. In a list, an image may be wrapped without other
    fields.
    """
    inputs = body.get("inputs")
    if isinstance(inputs, list):
        return {**body, "inputs": [_image(item) for item in cast("list[object]", inputs)]}
    if not isinstance(inputs, dict) or "image" not in inputs:
        return body
    rest = dict(cast("Json", inputs))
    body = {**body, "inputs": rest.pop("image")}
    given = body.get("parameters")
    if rest and (given is None or isinstance(given, dict)):
        body["parameters"] = {**rest, **cast("Json", given or {})}
    return body


def _image(item: object) -> object:
    if not isinstance(item, dict):
        return item
    wrapped = cast("Json", item)
    return wrapped["image"] if set(wrapped) == {"image"} else wrapped
