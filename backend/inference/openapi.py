"""The OpenAPI document of one server: exact request and response of its task, with an example."""

import base64
import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, TypeAdapter

from backend.domain.server import ServerSpec
from backend.errors.problem import Problem
from backend.inference.error_bodies import format_of
from backend.inference.forms import FORM
from backend.inference.protocols.base import ProtocolRoute
from backend.inference.protocols.kserve_v1 import Message
from backend.inference.protocols.openai.schemas import Failure
from backend.inference.protocols.tei.schemas import ErrorResponse
from backend.tasks import TASKS, Task

_FORM = {
    "type": "object",
    "required": ["file"],
    "description": "One file, and parameters as form fields or as JSON.",
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "parameters": {"type": "string", "description": "A JSON object."},
    },
    "additionalProperties": {"type": "string"},
}
_REF = "#/components/schemas/{model}"
_FAILURES = {
    "400": "The body is not valid JSON",
    "401": "The API key is missing",
    "403": "The API key is wrong",
    "413": "The input is too large",
    "415": "Unsupported content type",
    "422": "The input or a parameter is invalid",
    "424": "The model failed on this input",
    "429": "Too many requests are waiting",
    "503": "The model is not ready",
    "504": "The response took too long",
}
_RAW = {
    "image": ("image/png", "image/jpeg", "image/webp", "application/octet-stream"),
    "audio": ("audio/wav", "audio/mpeg", "audio/webm", "application/octet-stream"),
    "video": ("video/mp4", "video/webm", "image/gif", "application/octet-stream"),
}
# Error bodies by format.
_ERRORS: dict[str, tuple[type[BaseModel], str]] = {
    "openai": (Failure, "application/json"),
    "tei": (ErrorResponse, "application/json"),
    "kserve": (Message, "application/json"),
    "problem": (Problem, "application/problem+json"),
}
# Media types of responses that are files.
_FILES = {"audio": "audio/wav", "image": "image/png"}


def document(spec: ServerSpec, protocol_routes: Sequence[ProtocolRoute] = ()) -> dict[str, Any]:
    """OpenAPI 3.1 document. `protocol_routes` are the routes besides `/predict`, such as `/v1`."""
    task = TASKS[spec.task]
    schemas: dict[str, Any] = {}
    is_own = spec.engine == "handler"
    request = _schema(dict[str, Any] if is_own else task.request, schemas)
    response = _schema(Any if is_own else task.response, schemas)
    _schema(Problem, schemas)
    predict = {
        "summary": task.title,
        "description": "Request and response are those of handler.py in the repository."
        if is_own
        else f"{task.summary} Also takes `instances`, as KServe V1 and Vertex AI do.",
        "operationId": "predict",
        "tags": ["Prediction"],
        "requestBody": {"required": True, "content": _contents(task, request)},
        "responses": {
            "200": {"description": "The response", "content": _responses(task, response)},
            **_failures(),
        },
    }
    extra: dict[str, Any] = {}
    for each in protocol_routes:
        made = (
            _as_predict(each, predict) if each.is_predict else _protocol_route(each, spec, schemas)
        )
        extra.setdefault(shown_path(each), {}).update(made)
    keyed = {"security": [{"bearer": []}, {"header": []}]} if spec.api_key_sha256 else {}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": spec.name,
            "version": str(spec.version),
            "description": f"{task.title} by `{spec.model_id}`, served by Slipway.",
        },
        **keyed,
        "paths": {"/predict": {"post": predict}, **extra, **_about()},
        "components": {"schemas": schemas, "securitySchemes": _keys()},
    }


def _schema(kind: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of `kind`; referenced schemas are added to `schemas`."""
    made = TypeAdapter(kind).json_schema(ref_template=_REF)
    schemas.update(made.pop("$defs", {}))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        schemas[kind.__name__] = made
        return {"$ref": _REF.format(model=kind.__name__)}
    return made


def _contents(task: Task, request: dict[str, Any]) -> dict[str, Any]:
    sample = task.sample(0)
    form = {} if task.carries == "json" else {FORM: {"schema": _FORM}}
    if task.input == "json":
        return {"application/json": {"schema": request, "example": sample.shown}, **form}
    packed = {"inputs": base64.b64encode(sample.body).decode()}
    raw = {"schema": {"type": "string", "format": "binary"}}
    return {
        **dict.fromkeys(_RAW[task.input], raw),
        "application/json": {"schema": request, "example": packed},
        **form,
    }


def _responses(task: Task, response: dict[str, Any]) -> dict[str, Any]:
    contents: dict[str, Any] = {"application/json": {"schema": response}}
    if task.output != "json":
        raw = {"schema": {"type": "string", "format": "binary"}}
        contents = {_FILES[task.output]: raw, **contents}
    if task.can_stream:
        contents["text/event-stream"] = {"schema": {"type": "string"}}
    return contents


def _failures(model: str = "Problem", kind: str = "application/problem+json") -> dict[str, Any]:
    schema = {kind: {"schema": {"$ref": _REF.format(model=model)}}}
    return {status: {"description": text, "content": schema} for status, text in _FAILURES.items()}


def shown_path(protocol_route: ProtocolRoute) -> str:
    """The path in OpenAPI syntax, without the converter of a path parameter."""
    return protocol_route.path.replace(":path}", "}")


def _as_predict(protocol_route: ProtocolRoute, predict: dict[str, Any]) -> dict[str, Any]:
    """The operation of `/predict` under another path."""
    named = {
        "summary": protocol_route.summary,
        "operationId": protocol_route.path.strip("/"),
        "tags": [protocol_route.tag],
    }
    return {protocol_route.method.lower(): predict | named}


def _protocol_route(
    protocol_route: ProtocolRoute, spec: ServerSpec, schemas: dict[str, Any]
) -> dict[str, Any]:
    path = shown_path(protocol_route)
    contents: dict[str, Any] = {
        protocol_route.response_type: {"schema": _schema(protocol_route.response, schemas)}
    }
    if protocol_route.can_stream:
        contents["text/event-stream"] = {"schema": {"type": "string"}}
    model, media_type = _ERRORS[format_of(path)]
    _schema(model, schemas)
    operation: dict[str, Any] = {
        "summary": protocol_route.summary,
        "operationId": re.sub(r"\W+", "_", path).strip("_"),
        "tags": [protocol_route.tag],
        "responses": {
            "200": {"description": "The response", "content": contents},
            **_failures(model.__name__, media_type),
        },
    }
    if names := re.findall(r"{(\w+)}", path):
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in names
        ]
    if protocol_route.request is not None:
        content: dict[str, Any] = {"schema": _schema(protocol_route.request, schemas)}
        if protocol_route.example is not None:
            name = (
                {"model": spec.model_id} if "model" in protocol_route.request.model_fields else {}
            )
            made = protocol_route.example
            content["example"] = name | (made(TASKS[spec.task]) if callable(made) else made)
        operation["requestBody"] = {
            "required": True,
            "content": {protocol_route.content_type: content},
        }
    return {protocol_route.method.lower(): operation}


def _about() -> dict[str, Any]:
    summaries = {
        "/health": "Liveness",
        "/ready": "Readiness of the model",
        "/ping": "Readiness of the model, for SageMaker",
        "/info": "Model, limits and an example request",
        "/metrics": "Prometheus metrics",
    }
    return {
        path: {
            "get": {
                "summary": text,
                "operationId": path[1:],
                "tags": ["Server"],
                "responses": {"200": {"description": "The response"}},
                **({"security": []} if path in {"/health", "/ready", "/ping"} else {}),
            }
        }
        for path, text in summaries.items()
    }


def _keys() -> dict[str, Any]:
    return {
        "bearer": {"type": "http", "scheme": "bearer"},
        "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
