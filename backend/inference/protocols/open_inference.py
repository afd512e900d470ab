"""The Open Inference Protocol (KServe V2) under /v2.

Inputs are BYTES tensors of text; outputs are FP32 embeddings or BYTES with JSON.
"""

from collections.abc import Sequence
from math import prod
from typing import Any, Literal, cast

import numpy as np
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from backend import __version__
from backend.errors.inference import InvalidInput
from backend.inference.config import MAX_BODY_BYTES
from backend.inference.protocols.base import ProtocolRoute, Route, Served, check_name, validated
from backend.inference.request_parsing import content_type_of, json_of, of_json, read_body
from backend.inference.responses import MediaFile, json_response, packed
from backend.inference.routes import unless_gone
from backend.tasks.base import RequestModel, ResponseModel

_TAG = "Open Inference Protocol"


class Tensor(RequestModel):
    """One input: texts, or media in base64; shape `[n]` or `[n, 1]`."""

    name: str = Field(
        max_length=100,
        description="Any name for a single input; else the field it is of each item (`question`).",
    )
    shape: list[int] = Field(min_length=1, max_length=2, description="`[n]`, or `[n, 1]`.")
    datatype: Literal["BYTES"] = Field(description="Texts.")
    data: list[str] | list[list[str]]
    parameters: dict[str, object] | None = Field(default=None, description="Not used.")


class WantedOutput(RequestModel):
    """A requested output."""

    name: str = Field(description="The only output is `output`.")
    parameters: dict[str, object] | None = Field(default=None, description="Not used.")


class InferRequest(RequestModel):
    """Inputs of equal length n; the i-th elements of all inputs form the i-th item."""

    id: str | None = Field(default=None, max_length=200, description="Returned unchanged.")
    parameters: dict[str, object] = Field(default={}, description="Parameters of the task.")
    inputs: list[Tensor] = Field(min_length=1, max_length=20)
    outputs: list[WantedOutput] | None = Field(
        default=None, description="The only output is `output`."
    )


class Output(ResponseModel):
    """FP32 `[n, dimensions]` for embeddings, else BYTES `[n]` with one JSON text per item."""

    name: str = "output"
    shape: list[int]
    datatype: Literal["BYTES", "FP32"]
    data: list[str] | list[float]


class InferResponse(ResponseModel):
    """The results, in the order of the items."""

    model_name: str
    model_version: str
    id: str | None
    outputs: list[Output]


class TensorMetadata(ResponseModel):
    """Name, type and shape of a tensor; -1 is a variable dimension."""

    name: str
    datatype: str
    shape: list[int]


class ModelMetadata(ResponseModel):
    """Metadata of the model."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


class ServerMetadata(ResponseModel):
    """Metadata of the server."""

    name: str = "slipway"
    version: str = __version__
    extensions: list[str] = Field(default=[])


class ModelReady(ResponseModel):
    """Readiness of the model."""

    name: str
    ready: bool


def items_of(inputs: Sequence[Tensor]) -> list[object]:
    """Items of a request: texts, or objects with one field per input.

    Raises InvalidInput if shapes, data and names do not match.
    """
    columns = {tensor.name: _texts(tensor) for tensor in inputs}
    if len(columns) != len(inputs) or len({len(texts) for texts in columns.values()}) != 1:
        raise InvalidInput("The inputs must have unique names and the same length.")
    if len(columns) == 1:
        return list(*columns.values())
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _texts(tensor: Tensor) -> list[str]:
    texts = [
        text for entry in tensor.data for text in ([entry] if isinstance(entry, str) else entry)
    ]
    if len(texts) != prod(tensor.shape) or len(texts) != tensor.shape[0]:
        raise InvalidInput(
            f"{len(texts)} texts in input {tensor.name!r}; its shape is {tensor.shape}, "
            "and must be [n] or [n, 1] for n texts."
        )
    return texts


def output_of(results: Sequence[Any]) -> Output:
    """Stack 1-d arrays to FP32 `[n, dimensions]`; serialize anything else to BYTES `[n]`."""
    if all(isinstance(value, np.ndarray) and value.ndim == 1 for value in results):
        table = np.stack(results)
        return Output(shape=list(table.shape), datatype="FP32", data=table.ravel().tolist())
    bodies = [json_response(packed(v) if isinstance(v, MediaFile) else v).body for v in results]
    texts = [bytes(body).decode() for body in bodies]
    return Output(shape=[len(texts)], datatype="BYTES", data=texts)


def _infer(served: Served) -> Route:
    engine, spec = served.engine, served.spec

    async def infer(request: Request) -> Response:
        check_name(served, request.path_params["name"])
        body = await read_body(request, MAX_BODY_BYTES[engine.task.carries])
        payload = validated(InferRequest, json_of(body, content_type_of(request)))
        native = {"inputs": items_of(payload.inputs), "parameters": payload.parameters}
        read = of_json(engine.task, cast("dict[str, object]", native))
        outcome = await unless_gone(request, engine.predict(read.items, read.parameters))
        request.state.timings = outcome.timings
        made = InferResponse(
            model_name=spec.name,
            model_version=str(spec.version),
            id=payload.id,
            outputs=[output_of(outcome.outputs)],
        )
        return json_response(made.model_dump(exclude_none=True))

    return infer


def _metadata(served: Served) -> Route:
    size = served.engine.adapter.facts().get("dimensions")
    embeddings = TensorMetadata(name="output", datatype="FP32", shape=[-1, cast("int", size or -1)])
    texts = TensorMetadata(name="output", datatype="BYTES", shape=[-1])
    model = ModelMetadata(
        name=served.spec.name,
        versions=[str(served.spec.version)],
        platform=served.spec.engine,
        inputs=[TensorMetadata(name="input", datatype="BYTES", shape=[-1])],
        outputs=[embeddings if size else texts],
    ).model_dump()

    async def handler(request: Request) -> Response:
        check_name(served, request.path_params["name"])
        return json_response(model)

    return handler


def _ready(served: Served) -> Route:
    async def handler(request: Request) -> Response:
        check_name(served, request.path_params["name"])
        is_ready = served.engine.healthy()
        return json_response(ModelReady(name=served.spec.name, ready=is_ready).model_dump())

    return handler


def _server(served: Served) -> Route:
    del served
    about = ServerMetadata().model_dump()

    async def handler(request: Request) -> Response:
        del request
        return json_response(about)

    return handler


def _get(path: str, summary: str, make: Any, response: type[ResponseModel]) -> ProtocolRoute:
    return ProtocolRoute(
        path=path, tag=_TAG, summary=summary, make=make, method="GET", response=response
    )


# In this order: a model's name may contain a slash, and the last path matches everything else.
ROUTES = (
    ProtocolRoute(
        path="/v2/models/{name:path}/infer",
        tag=_TAG,
        summary="Inference",
        make=_infer,
        request=InferRequest,
        response=InferResponse,
    ),
    _get("/v2/models/{name:path}/ready", "Readiness of the model", _ready, ModelReady),
    _get("/v2/models/{name:path}", "The model", _metadata, ModelMetadata),
    _get("/v2", "The server", _server, ServerMetadata),
)
