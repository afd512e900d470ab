"""Bodies of error responses, each in the format of the protocol that the path belongs to."""

import json
import re
from collections.abc import Callable
from typing import Any

from backend.errors.problem import Problem

_TEI = frozenset({"/embed", "/embed_all", "/similarity", "/tokenize", "/decode"})
_KSERVE = re.compile(r"/v1/models/.+:predict")
# Names of Text Embeddings Inference, by status; all others are Validation.
_TEI_TYPES = {424: "Backend", 429: "Overloaded", 500: "Backend", 503: "Unhealthy", 504: "Backend"}


def problem_body(problem: Problem, path: str) -> tuple[bytes, str]:
    """Body and media type of an error on a path of the model server."""
    make, media_type = _FORMATS[format_of(path)]
    # ASCII, so that an error may quote any text.
    return json.dumps(make(problem)).encode(), media_type


def format_of(path: str) -> str:
    """Which error format the route at `path` has: `openai`, `tei`, `kserve` or `problem`."""
    path = path.removeprefix("/predict") or "/predict"
    if path in _TEI:
        return "tei"
    if _KSERVE.fullmatch(path):
        return "kserve"
    return "openai" if path.startswith("/v1/") else "problem"


def openai_error(problem: Problem) -> dict[str, Any]:
    """An error in OpenAI's format."""
    error = {
        "message": f"{problem.detail} {problem.remedy}",
        "type": "invalid_request_error" if problem.status < 429 else problem.error_type,
        "param": problem.errors[0].pointer.removeprefix("#/") if problem.errors else None,
        "code": problem.code,
    }
    return {"error": error}


def _tei_error(problem: Problem) -> dict[str, Any]:
    """ErrorResponse of Text Embeddings Inference (router/src/lib.rs)."""
    error_type = _TEI_TYPES.get(problem.status, "Validation")
    return {"error": f"{problem.detail} {problem.remedy}", "error_type": error_type}


def _kserve_error(problem: Problem) -> dict[str, Any]:
    """An error of KServe's V1 protocol."""
    return {"error": f"{problem.detail} {problem.remedy}"}


def _problem(problem: Problem) -> dict[str, Any]:
    """RFC 9457, with the `error` that the Hub's clients read."""
    body = problem.model_dump(exclude_none=True)
    return body | ({"estimated_time": 5.0} if problem.status == 503 else {})


_FORMATS: dict[str, tuple[Callable[[Problem], dict[str, Any]], str]] = {
    "openai": (openai_error, "application/json"),
    "tei": (_tei_error, "application/json"),
    "kserve": (_kserve_error, "application/json"),
    "problem": (_problem, "application/problem+json"),
}
