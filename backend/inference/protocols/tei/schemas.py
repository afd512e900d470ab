"""Shared parts of TEI requests."""

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, Field
from starlette.requests import Request

from backend.errors.inference import InvalidInput
from backend.inference.config import MAX_BODY_BYTES
from backend.inference.protocols.base import validated
from backend.inference.protocols.openai.texts import TextTokenizer
from backend.inference.request_parsing import content_type_of, json_of, read_body
from backend.tasks.base import RequestModel, ResponseModel

TAG = "Text Embeddings Inference"
Body = TypeVar("Body", bound=BaseModel)


def _lower(value: object) -> object:
    """TEI writes `Left`, and also reads `left`."""
    return value.lower() if isinstance(value, str) else value


Direction = Annotated[Literal["left", "right"], BeforeValidator(_lower)]


class TruncationFields(RequestModel):
    """How long texts are truncated, and the prompt."""

    truncate: bool | None = Field(
        default=None,
        description="Truncate a text that is too long; false: it is an error. Unset: true.",
    )
    truncation_direction: Direction = Field(
        default="right", description="Side that is truncated, `Left` or `Right`."
    )
    prompt_name: str | None = Field(
        default=None, max_length=200, description="Name of a prompt of the model."
    )


class TextInputs(TruncationFields):
    """Texts to embed."""

    inputs: TextTokenizer = Field(description="A text, or a list of texts.")


class ErrorResponse(ResponseModel):
    """An error."""

    error: str
    error_type: Literal["Unhealthy", "Backend", "Overloaded", "Validation"]


async def read(request: Request, kind: type[Body]) -> Body:
    """Parse the JSON body as `kind`. Raises 400, 413, 415 and 422."""
    body = await read_body(request, MAX_BODY_BYTES["json"])
    return validated(kind, json_of(body, content_type_of(request)))


def truncates(body: TruncationFields) -> bool:
    """As with TEI's `--auto-truncate`, on by default: truncate unless the request forbids it."""
    return body.truncate is not False


def refuse_empty(name: str, given: object) -> None:
    """Raise InvalidInput for an empty list."""
    if given == []:
        raise InvalidInput(f"`{name}` cannot be empty.")
