"""Serializes responses with orjson, which supports numpy; rejects non-finite numbers."""

import base64
import math
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.responses import Response

from backend.errors.inference import GenerationFailed

_OPTIONS = orjson.OPT_SERIALIZE_NUMPY


@dataclass(frozen=True, kw_only=True)
class MediaFile:
    """A response that is an audio or image file."""

    body: bytes
    content_type: str


def json_response(value: Any) -> Response:
    """Return a JSON response. Raises GenerationFailed for NaN and infinity."""
    _check(value)
    return Response(to_json(value), media_type="application/json")


def response_for(value: Any) -> Response:
    """Return the response for one result or a list: one file as raw body, several in JSON."""
    if isinstance(value, MediaFile):
        return Response(value.body, media_type=value.content_type)
    if isinstance(value, list) and value and isinstance(value[0], MediaFile):
        return json_response([packed(file) for file in value])
    return json_response(value)


def packed(file: MediaFile) -> dict[str, str]:
    """A file in JSON as on the Hub: `blob` is base64."""
    return {"blob": base64.b64encode(file.body).decode(), "content-type": file.content_type}


def to_json(value: Any) -> bytes:
    """Serialize plain values and numpy arrays."""
    return orjson.dumps(value, option=_OPTIONS)


def _check(value: Any) -> None:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise GenerationFailed("The model produced a number that is not finite.")
    elif isinstance(value, dict):
        for child in value.values():
            _check(child)
    elif isinstance(value, list):
        for child in value:
            _check(child)
