"""SageMaker's container routes: `POST /invocations` is `/predict`, `GET /ping` is `/ready`."""

import csv
import io

from starlette.requests import Request
from starlette.responses import Response

from backend.errors.request import InvalidRequest, InvalidSyntax
from backend.inference.config import MAX_BODY_BYTES
from backend.inference.protocols.base import ProtocolRoute, Route, Served
from backend.inference.request_parsing import (
    PredictRequest,
    content_type_of,
    of_json,
    read,
    read_body,
)
from backend.inference.routes import respond
from backend.tasks import Task

TAG = "SageMaker"
_CSV = "text/csv"


def _invocations(served: Served) -> Route:
    engine = served.engine
    task = engine.task

    async def invocations(request: Request) -> Response:
        if task.input == "json" and content_type_of(request) == _CSV:
            body = await read_body(request, MAX_BODY_BYTES["json"])
            return await respond(request, engine, of_csv(task, body))
        return await respond(request, engine, await read(request, task))

    return invocations


def of_csv(task: Task, body: bytes) -> PredictRequest:
    """Rows of a table with a header, as Hugging Face's SageMaker toolkit reads them.

    A column `inputs` has the texts, other columns are fields of inputs that are objects. Raises
    InvalidSyntax and InvalidRequest.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise InvalidSyntax("The body is not a CSV table in UTF-8.") from None
    if not rows or any(None in row or None in row.values() for row in rows):
        raise InvalidRequest("The table needs a header, and a value in each column of each row.")
    inputs = [row["inputs"] if set(row) == {"inputs"} else row for row in rows]
    return of_json(task, {"inputs": inputs})


ROUTE = ProtocolRoute(
    path="/invocations",
    tag=TAG,
    summary="Predict",
    make=_invocations,
    response=object,
    is_predict=True,
)
