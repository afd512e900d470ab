"""What all requests and answers under /v1 have in common."""

import json
import time
from secrets import token_hex
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from backend.inference.config import MAX_BODY_BYTES
from backend.inference.protocols.base import validated
from backend.inference.request_parsing import content_type_of, json_of, read_body
from backend.tasks.base import ResponseModel


class RequestModel(BaseModel):
    """A part of a request; fields that we don't know are let through, and named in the answer."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)


class OpenAIRequest(RequestModel):
    """Any request."""

    model: str | None = Field(
        default=None, max_length=500, description="Any name is accepted: a server has one model."
    )
    user: str | None = Field(default=None, description="Not used.")


class Error(ResponseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None = Field(description="Name of the invalid field, if there is one.")
    code: str = Field(description="Error code, as on /predict.")


class Failure(ResponseModel):
    """The body of every answer that is no success."""

    error: Error


class Usage(ResponseModel):
    """Tokens of the request."""

    prompt_tokens: int
    total_tokens: int


PredictRequest = TypeVar("PredictRequest", bound=OpenAIRequest)


async def read(
    request: Request, kind: type[PredictRequest], most_bytes: int = MAX_BODY_BYTES["json"]
) -> PredictRequest:
    """The JSON body as `kind`. Raises 400, 413, 415 and 422, naming fields and never values."""
    body = await read_body(request, most_bytes)
    return validated(kind, json_of(body, content_type_of(request)))


def warned(response: Response, asked: OpenAIRequest) -> Response:
    """The answer, with a Warning that names the fields which were not used."""
    if asked.model_extra:
        # In ASCII and without a quote or line end, whatever a client calls its fields.
        names = ", ".join(json.dumps(name[:60])[1:-1] for name in sorted(asked.model_extra)[:20])
        unquoted = names.replace("\\", "").replace('"', "")
        response.headers["warning"] = f'299 slipway "Not used: {unquoted}"'
    return response


def new_id(kind: str) -> str:
    """For example `chatcmpl-` and 24 digits."""
    return f"{kind}-{token_hex(12)}"


def now() -> int:
    """Seconds since 1970, as OpenAI tells times."""
    return int(time.time())
