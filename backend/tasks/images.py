"""What the tasks that read an image and labels share."""

from typing import cast

from backend.tasks.base import Json


def unwrapped(body: Json) -> Json:
    """`{"image": …, …}` as inputs, as some clients send it, to the image alone with the rest as
    parameters. In a list an image may be wrapped too, with nothing beside it."""
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
