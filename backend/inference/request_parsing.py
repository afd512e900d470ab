"""Parses a request body to inputs and parameters; task, content type and first byte select how."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, cast, get_args

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from backend.domain.strict_json import parse
from backend.errors.inference import ClientGone, InvalidInput
from backend.errors.problem import FieldError
from backend.errors.request import (
    InvalidRequest,
    PayloadTooLarge,
    UnsupportedMediaType,
)
from backend.inference.config import MAX_BODY_BYTES, MAX_ITEMS
from backend.inference.forms import FORM, Form, as_json, read_form
from backend.tasks import Task
from backend.tasks.base import RequestModel
from backend.transport.content_coding import ContentDecoder

# Sent by common clients; without effect here.
_ROOT_NOISE = frozenset({"options", "model"})
_PARAMETER_NOISE = frozenset({"model"})
# The last one is the default of `curl -d`. Cross-site pages that could make a browser send it are
# rejected by their Origin before the body is read.
_JSON_TYPES = frozenset({"", "application/json", "application/x-www-form-urlencoded"})
_RAW_TYPES = {
    "image": ("image/", "application/octet-stream"),
    "audio": ("audio/", "video/", "application/ogg", "application/octet-stream"),
    "video": ("video/", "image/gif", "application/octet-stream"),
}


@dataclass(frozen=True, kw_only=True)
class PredictRequest:
    """Parsed inputs and parameters. `is_single`: the input was not a list.

    `is_instances`: the response has the format of KServe V1 and Vertex AI.
    """

    items: list[object]
    is_single: bool
    parameters: Any
    stream: bool = False
    is_instances: bool = False


async def read_body(request: Request, limit: int) -> bytes:
    """Read and decompress at most `limit` bytes of the body.

    Raises PayloadTooLarge, ClientGone, and 400 or 415 for a compressed body.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise PayloadTooLarge(f"The body is larger than {limit:,} bytes.")
    decoder = ContentDecoder(request.headers.get("content-encoding", "identity"), limit)
    parts: list[bytes] = []
    has_more = True
    while has_more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientGone("The client closed the connection while sending.")
        parts.append(decoder.feed(message.get("body", b"")))
        has_more = message.get("more_body", False)
    decoder.finish()
    return b"".join(parts)


async def read(request: Request, task: Task) -> PredictRequest:
    """Parse body and query of a request to `/predict`."""
    body = await read_body(request, MAX_BODY_BYTES[task.carries])
    content_type = content_type_of(request)
    if content_type == FORM and task.carries != "json":
        return of_form(task, await read_form(request, body))
    if task.input != "json" and _is_raw(body, content_type, task):
        if not body:
            raise InvalidInput("The body is empty.")
        parameters = from_query(task, request.query_params)
        return PredictRequest(items=[body], is_single=True, parameters=parameters)
    value = json_of(body, content_type)
    if isinstance(value, dict) and "instances" in value and "inputs" not in value:
        return of_instances(task, cast("dict[str, object]", value))
    return of_json(task, value)


def of_instances(task: Task, body: dict[str, object]) -> PredictRequest:
    """Parse `{"instances": […], "parameters": {…}}` of KServe V1 and Vertex AI.

    An instance is one input. It may be an object with only `inputs`, or with only `b64`, which is
    base64 in the format of TensorFlow Serving. Raises InvalidRequest.
    """
    _refuse_unknown(body, ["instances", "parameters"], "#")
    instances = body["instances"]
    if not isinstance(instances, list):
        raise InvalidRequest(
            "`instances` must be a list.",
            errors=(FieldError(pointer="#/instances", detail="must be a list"),),
        )
    inputs = [_instance(one) for one in cast("list[object]", instances)]
    parsed = of_json(task, {"inputs": inputs, "parameters": body.get("parameters")})
    # A list of messages is one instance, so the instances are never messages themselves.
    return replace(parsed, items=inputs, is_single=False, is_instances=True)


def _instance(given: object) -> object:
    """The input of an instance."""
    if isinstance(given, dict) and len(given) == 1:
        [(name, value)] = cast("dict[str, object]", given).items()
        if name in {"inputs", "b64"}:
            return value
    return given


def of_form(task: Task, form: Form) -> PredictRequest:
    """Parse a form: the file is the input, or the image of an input that is an object.

    Other fields are fields of that object, or parameters. Raises InvalidRequest for unknown ones.
    """
    fields = {name: as_json(values) for name, values in form.fields.items()}
    given = fields.pop("parameters", {})
    if not isinstance(given, dict):
        raise InvalidRequest("`parameters` must be an object, as JSON.")
    if not form.file:
        raise InvalidInput("The file is empty.")
    parts = {name: fields.pop(name) for name in _object_fields(task) if name in fields}
    parameters = {**fields, **cast("dict[str, object]", given)}
    if task.input != "json":
        validated = _validated(task, parameters, "#")
        return PredictRequest(items=[form.file], is_single=True, parameters=validated)
    packed = base64.b64encode(form.file).decode()
    inputs = {**parts, "image": packed} if _object_fields(task) else packed
    return of_json(task, {"inputs": inputs, "parameters": parameters})


def _object_fields(task: Task) -> frozenset[str]:
    """The other fields of an input object that has an image."""
    kinds = get_args(task.request.model_fields["inputs"].annotation) or (
        task.request.model_fields["inputs"].annotation,
    )
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, BaseModel) and "image" in kind.model_fields:
            return frozenset(kind.model_fields) - {"image"}
    return frozenset()


def content_type_of(request: Request) -> str:
    """Content type in lower case without parameters; empty if missing."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def json_of(body: bytes, content_type: str) -> object:
    """Parse the body as JSON. Raises UnsupportedMediaType if its content type is not JSON."""
    if content_type not in _JSON_TYPES and not content_type.endswith("+json"):
        raise UnsupportedMediaType(
            f"This route does not support the content type {content_type[:100]!r}."
        )
    return parse(body)


def _is_raw(body: bytes, content_type: str, task: Task) -> bool:
    if content_type.startswith(_RAW_TYPES[task.input]):
        return True
        # No media format starts with a brace; clients that send bytes set no content type.
    return content_type != "application/json" and body.lstrip()[:1] != b"{"


def of_json(task: Task, value: object) -> PredictRequest:
    """Parse a JSON body. Raises InvalidRequest for unknown fields, with the list of known ones."""
    if not isinstance(value, dict):
        raise InvalidRequest("The body must be a JSON object with `inputs`.")
    body = dict(cast("dict[str, object]", value))
    for noise in _ROOT_NOISE:
        body.pop(noise, None)
    body = task.reshape(body)
    if "inputs" not in body:
        raise InvalidRequest(
            "`inputs` is missing.", errors=(FieldError(pointer="#/inputs", detail="is missing"),)
        )
    inputs = body.pop("inputs")
    stream = _stream(task, body)
    given = body.pop("parameters", None)
    given = {} if given is None else given
    if not isinstance(given, dict):
        raise InvalidRequest("`parameters` must be an object.")
    pointer = "#/parameters"
    if task.parameters_at_root:
        given, body, pointer = {**given, **body}, {}, "#"
    _refuse_unknown(body, ["inputs", "parameters", *(["stream"] if task.can_stream else [])], "#")
    items, is_single = _items(inputs)
    return PredictRequest(
        items=items, is_single=is_single, stream=stream,
        parameters=_validated(task, cast("dict[str, object]", given), pointer),
    )  # fmt: skip


def _stream(task: Task, body: dict[str, object]) -> bool:
    stream = body.pop("stream", None) if task.can_stream else None
    if stream is not None and not isinstance(stream, bool):
        raise InvalidRequest("`stream` must be true or false.")
    return bool(stream)


def _items(inputs: object) -> tuple[list[object], bool]:
    if not isinstance(inputs, list):
        return [inputs], True
    items = cast("list[object]", inputs)
    if not items:
        raise InvalidInput("inputs is an empty list.")
    if len(items) > MAX_ITEMS:
        raise PayloadTooLarge(
            f"{len(items):,} inputs; at most {MAX_ITEMS:,} are supported in one request."
        )
    if _is_chat(items):
        return [items], True
    return items, False


def _is_chat(items: list[object]) -> bool:
    return isinstance(items[0], dict) and "role" in items[0]


def from_query(task: Task, query: Mapping[str, str]) -> Any:
    """Parameters in the query of a raw body, such as `?top_k=3`."""
    given = {name: text for name, text in query.items() if name not in _PARAMETER_NOISE}
    _refuse_unknown(given, list(task.parameters.model_fields), "#")
    try:
        return task.parameters.model_validate_strings(given)
    except ValidationError as error:
        raise refused(error, "#") from None


def _validated(task: Task, given: dict[str, object], pointer: str) -> Any:
    parameters = {
        name: value
        for name, value in given.items()
        if value is not None and name not in _PARAMETER_NOISE
    }
    _refuse_unknown(parameters, list(task.parameters.model_fields), pointer)
    try:
        if not parameters:
            return _defaults(task.parameters)
        return task.parameters.model_validate(parameters)
    except ValidationError as error:
        raise refused(error, pointer) from None


@cache
def _defaults(parameters: type[RequestModel]) -> RequestModel:
    """The parameters of a request without any; they cannot be changed."""
    return parameters.model_validate({})


def _refuse_unknown(given: Mapping[str, object], known: list[str], pointer: str) -> None:
    if unknown := sorted(name for name in given if name not in known):
        names = ", ".join(repr(name[:100]) for name in unknown[:10])
        raise InvalidRequest(
            f"Unknown field(s): {names}. Supported fields: {', '.join(known)}.",
            errors=tuple(
                FieldError(pointer=f"{pointer}/{name[:100]}", detail="is unknown")
                for name in unknown[:10]
            ),
        )


def refused(error: ValidationError, pointer: str) -> InvalidRequest:
    """Convert pydantic's errors, without the values that were sent."""
    found = [
        FieldError(pointer="/".join([pointer, *map(str, e["loc"])]), detail=e["msg"])
        for e in error.errors(include_url=False, include_context=False, include_input=False)[:20]
    ]
    detail = "; ".join(f"{entry.pointer.removeprefix('#/')}: {entry.detail}" for entry in found[:3])
    return InvalidRequest(detail, errors=tuple(found))
