"""Parses requests for a custom handler as the Hub's inference toolkit does."""

from typing import Any, cast

from starlette.requests import Request

from backend.errors.inference import InvalidInput
from backend.errors.request import InvalidRequest
from backend.inference.config import MAX_BODY_BYTES
from backend.inference.media import read_image
from backend.inference.request_parsing import (
    PredictRequest,
    content_type_of,
    json_of,
    read_body,
)

_FILES = ("audio/", "video/", "application/octet-stream", "application/pdf")


async def read_for_handler(request: Request) -> PredictRequest:
    """The whole JSON object, or `{"inputs": FILE}`: images are decoded, other files are bytes."""
    body = await read_body(request, MAX_BODY_BYTES["image"])
    content_type = content_type_of(request)
    data: dict[str, Any]
    if content_type.startswith("image/"):
        data = {"inputs": read_image(body)}
    elif content_type.startswith(_FILES):
        data = {"inputs": body}
    else:
        value = json_of(body, content_type)
        if not isinstance(value, dict):
            raise InvalidRequest("The body must be a JSON object with `inputs`.")
        data = cast("dict[str, Any]", value)
    if data.get("inputs") in (None, b"") and "inputs" in data:
        raise InvalidInput("inputs is empty.")
    return PredictRequest(items=[data], is_single=True, parameters=None)
