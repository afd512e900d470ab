"""KServe's V1 protocol, which TensorFlow Serving and Vertex AI share: instances to predictions.

`POST /predict` takes the same body, as Vertex AI sends it to the route of a custom container.
"""

import base64
from typing import Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from backend.errors.request import InvalidRequest
from backend.inference.config import MAX_BODY_BYTES, MAX_ITEMS
from backend.inference.protocols.base import ProtocolRoute, Route, Served, check_name
from backend.inference.request_parsing import content_type_of, json_of, of_instances, read_body
from backend.inference.routes import respond
from backend.tasks import Task
from backend.tasks.base import Json, RequestModel, ResponseModel


class PredictBody(RequestModel):
    """Inputs, each as `inputs` of /predict takes it; files in base64, also as `{"b64": …}`."""

    instances: list[Any] = Field(min_length=1, max_length=MAX_ITEMS, description="The inputs.")
    parameters: dict[str, Any] = Field(default={}, description="Parameters of the task.")


class PredictionsBody(ResponseModel):
    """The results, in the order of the instances."""

    predictions: list[Any]


class Message(ResponseModel):
    """An error."""

    error: str


def _predict(served: Served) -> Route:
    engine = served.engine

    async def predict(request: Request) -> Response:
        check_name(served, request.path_params["name"])
        raw = await read_body(request, MAX_BODY_BYTES[engine.task.carries])
        body = json_of(raw, content_type_of(request))
        if not isinstance(body, dict) or "instances" not in body:
            raise InvalidRequest("The body must be a JSON object with `instances`.")
        return await respond(request, engine, of_instances(engine.task, body))

    return predict


def example(task: Task) -> Json:
    """A request with the sample of the task."""
    sample = task.sample(0)
    if not isinstance(sample.shown, dict) or task.input != "json":
        return {"instances": [{"b64": base64.b64encode(sample.body).decode()}]}
    parameters = {"parameters": sample.shown["parameters"]} if "parameters" in sample.shown else {}
    return {"instances": [sample.shown["inputs"]], **parameters}


ROUTE = ProtocolRoute(
    path="/v1/models/{name:path}:predict",
    tag="KServe V1",
    summary="Predict",
    make=_predict,
    request=PredictBody,
    response=PredictionsBody,
    example=example,
)
