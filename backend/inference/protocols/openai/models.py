"""`GET /v1/models`: lists the model, for clients that request a list of models.

`GET /v1/models/{id}` is also the readiness of KServe V1.
"""

from typing import Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from backend.inference.protocols.base import ProtocolRoute, Route, Served, check_name
from backend.inference.responses import json_response
from backend.tasks.base import ResponseModel


class Model(ResponseModel):
    """The model of this server."""

    id: str
    object: Literal["model"] = "model"
    created: int = Field(description="Start time of the server, in seconds since 1970.")
    owned_by: str = "slipway"
    task: str
    max_model_len: int | None = Field(default=None, description="Maximum number of input tokens.")


class OneModel(Model):
    """The model, also with the fields of KServe V1's readiness."""

    name: str
    ready: bool


class Models(ResponseModel):
    """All models of this server: one."""

    object: Literal["list"] = "list"
    data: list[Model]


def _model(served: Served) -> Model:
    facts = served.engine.adapter.facts()
    limit = facts.get("max_total_tokens") or facts.get("max_input_tokens")
    return Model(
        id=served.spec.model_id,
        created=served.started,
        task=served.spec.task,
        max_model_len=limit if isinstance(limit, int) else None,
    )


def _list(served: Served) -> Route:
    models = Models(data=[_model(served)]).model_dump()

    async def handler(request: Request) -> Response:
        del request
        return json_response(models)

    return handler


def _one(served: Served) -> Route:
    model = _model(served).model_dump()

    async def handler(request: Request) -> Response:
        check_name(served, request.path_params["id"])
        ready = {"name": served.spec.name, "ready": served.engine.healthy()}
        return json_response(model | ready)

    return handler


ROUTES = (
    ProtocolRoute(
        path="/v1/models",
        tag="OpenAI",
        summary="The model",
        make=_list,
        method="GET",
        response=Models,
    ),
    ProtocolRoute(
        path="/v1/models/{id:path}",
        tag="OpenAI",
        summary="One model",
        make=_one,
        method="GET",
        response=OneModel,
    ),
)
