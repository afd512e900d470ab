"""The format of all errors: problem details (RFC 9457) with the fields that Hub clients read."""

from pydantic import BaseModel, ConfigDict, Field


class FieldError(BaseModel):
    """One invalid field of a request body. Never contains the value that was sent."""

    model_config = ConfigDict(frozen=True)

    pointer: str = Field(description="JSON pointer to the place, for example `#/serving/port`.")
    detail: str = Field(description="What is wrong there, without the value.")


class Problem(BaseModel):
    """An error, with the same fields in responses, events, database, logs and wizard (RFC 9457).

    `error` and `error_type` are read by huggingface_hub's client; `code`, `remedy`, `step` and
    `retryable` are extensions.
    """

    model_config = ConfigDict(frozen=True)

    type: str = Field(description="Relative URL of the error's page, `/errors/{code}`.")
    title: str = Field(description="The error in general, one short sentence.")
    status: int = Field(description="The HTTP status, also when the problem came by an event.")
    detail: str = Field(description="What is true this time.")
    instance: str | None = Field(
        default=None, description="The request or deployment it happened to."
    )
    code: str = Field(description="Kebab-case name from the catalogue.")
    remedy: str = Field(description="What to do, beginning with a verb.")
    step: str | None = Field(default=None, description="The step that failed, for a deployment.")
    retryable: bool = Field(
        default=False, description="Whether the same request may succeed later."
    )
    error: str = Field(description="`detail` again, for Hugging Face clients.")
    error_type: str = Field(description="`validation`, `overloaded`, `generation`, … for clients.")
    request_id: str | None = Field(
        default=None, description="The X-Request-Id of the failed request."
    )
    errors: list[FieldError] = Field(
        default=[], description="The refused places of the body, if any."
    )
