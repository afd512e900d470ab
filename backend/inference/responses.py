"""Answers to bytes: orjson reads numpy directly, and nothing that is not finite leaves."""

import base64
import json
import math
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.responses import Response

from backend.errors.inference import GenerationFailed
from backend.errors.problem import Problem

_OPTIONS = orjson.OPT_SERIALIZE_NUMPY


@dataclass(frozen=True, kw_only=True)
class MediaFile:
    """An answer that is an audio file or an image."""

    body: bytes
    content_type: str


def answer(value: Any) -> Response:
    """A JSON answer. Raises GenerationFailed for a float that JSON does not have."""
    _check(value)
    return Response(to_json(value), media_type="application/json")


def response_for(value: Any) -> Response:
    """The answer to one input, or to a list of them: a file stays one, several go into JSON."""
    if isinstance(value, MediaFile):
        return Response(value.body, media_type=value.content_type)
    if isinstance(value, list) and value and isinstance(value[0], MediaFile):
        return answer([packed(file) for file in value])
    return answer(value)


def packed(file: MediaFile) -> dict[str, str]:
    """A file in JSON, as the Hub packs files: `blob` is base64."""
    return {"blob": base64.b64encode(file.body).decode(), "content-type": file.content_type}


def to_json(value: Any) -> bytes:
    """The bytes of plain values and numpy arrays."""
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


def problem_body(problem: Problem, path: str) -> tuple[bytes, str]:
    """Body and media type of a failure: OpenAI's shape on /v1, RFC 9457 with `error` elsewhere."""
    if path.removeprefix("/predict").startswith("/v1/"):
        return _plain(openai_error(problem)), "application/json"
    body = problem.model_dump(exclude_none=True)
    if problem.status == 503:
        body["estimated_time"] = 5.0
    return _plain(body), "application/problem+json"


def openai_error(problem: Problem) -> dict[str, Any]:
    """A failure as OpenAI's clients read it."""
    error = {
        "message": f"{problem.detail} {problem.remedy}",
        "type": "invalid_request_error" if problem.status < 429 else problem.error_type,
        "param": problem.errors[0].pointer.removeprefix("#/") if problem.errors else None,
        "code": problem.code,
    }
    return {"error": error}


def _plain(body: dict[str, Any]) -> bytes:
    """In ASCII: a failure can be told whatever text it quotes."""
    return json.dumps(body).encode()
