"""Shared parts of all requests and responses under /v1."""

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
    """A part of a request; unknown fields are ignored and listed in a Warning header."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)


class OpenAIRequest(RequestModel):
    """Base of all requests."""

    model: str | None = Field(
        default=None, max_length=500, description="Any name is accepted: a server has one model."
    )
    user: str | None = Field(default=None, description="Not used.")


class Error(ResponseModel):
    """Description of an error."""

    message: str
    type: str
    param: str | None = Field(description="Name of the invalid field, if there is one.")
    code: str = Field(description="Error code, as on /predict.")


class Failure(ResponseModel):
    """Body of all error responses."""

    error: Error


class Usage(ResponseModel):
    """Number of tokens of the request."""

    prompt_tokens: int
    total_tokens: int


PredictRequest = TypeVar("PredictRequest", bound=OpenAIRequest)


async def read(
    request: Request, kind: type[PredictRequest], most_bytes: int = MAX_BODY_BYTES["json"]
) -> PredictRequest:
    """Parse the JSON body as `kind`. Raises 400, 413, 415 and 422, without values of fields."""
    body = await read_body(request, most_bytes)
    return validated(kind, json_of(body, content_type_of(request)))


def warned(response: Response, payload: OpenAIRequest) -> Response:
    """Add a Warning header with the names of the ignored fields to the response."""
    if payload.model_extra:
        # Only ASCII without quotes or line ends, since clients choose the names.
        names = ", ".join(json.dumps(name[:60])[1:-1] for name in sorted(payload.model_extra)[:20])
        unquoted = names.replace("\\", "").replace('"', "")
        response.headers["warning"] = f'299 slipway "Not used: {unquoted}"'
    return response


def new_id(kind: str) -> str:
    """A unique ID, such as `chatcmpl-` and 24 hexadecimal digits."""
    return f"{kind}-{token_hex(12)}"


def now() -> int:
    """Unix time in seconds."""
    return int(time.time())
