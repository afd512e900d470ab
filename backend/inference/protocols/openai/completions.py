"""`POST /v1/completions`: OpenAI's Completions API, complete or streamed.

Raises InvalidInput for a stream with several prompts, OptionNotSupported for other options.
"""

from typing import Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from backend.errors.inference import InvalidInput
from backend.inference.protocols.base import ProtocolRoute, Route, Served
from backend.inference.protocols.openai.chunks import Shape, streamed
from backend.inference.protocols.openai.options import (
    FinishReason,
    GenerationUsage,
    Options,
    parameters_of,
    reason_of,
    refuse_unsupported,
    usage_of,
)
from backend.inference.protocols.openai.schemas import new_id, now, read, warned
from backend.inference.protocols.openai.texts import TextTokenizer, texts_of
from backend.inference.responses import json_response
from backend.inference.routes import unless_gone
from backend.tasks.base import ResponseModel

# OpenAI's default of max_tokens.
_DEFAULT_TOKENS = 16


class CompletionRequest(Options):
    """One or more prompts to complete."""

    prompt: TextTokenizer = Field(description="A text, or a list of texts.")
    echo: bool | None = Field(
        default=None, description="Return the prompt before the generated text."
    )
    suffix: str | None = Field(default=None, description="Must be empty.")
    best_of: int | None = Field(default=None, description="Only 1.")
    logprobs: int | None = Field(default=None, description="Must be null.")


class CompletionChoice(ResponseModel):
    """The completion of one prompt."""

    index: int = Field(description="Index; the choices of a prompt are adjacent.")
    text: str
    logprobs: None = None
    finish_reason: FinishReason


class Completion(ResponseModel):
    """The completions, in the order of the prompts."""

    id: str
    object: Literal["text_completion"] = "text_completion"
    created: int
    model: str
    choices: list[CompletionChoice]
    usage: GenerationUsage


def _completions(served: Served) -> Route:
    engine, model = served.engine, served.spec.model_id

    async def complete(request: Request) -> Response:
        body = await read(request, CompletionRequest)
        refuse_unsupported(body)
        prompts = texts_of(body.prompt)
        unset = None if body.max_new_tokens or body.max_length else _DEFAULT_TOKENS
        parameters = parameters_of(body, body.max_tokens or unset, echo=bool(body.echo))
        if body.stream:
            if len(prompts) > 1:
                raise InvalidInput("A stream supports one prompt; send several requests.")
            work = streamed(engine, prompts[0], parameters, _shape(model, body, prompts[0]))
            return warned(await unless_gone(request, work), body)
        outcome = await unless_gone(request, engine.predict(prompts, parameters))
        request.state.timings = outcome.timings
        return warned(json_response(_whole(model, outcome.outputs).model_dump()), body)

    return complete


def _whole(model: str, outputs: list[Any]) -> Completion:
    return Completion(
        id=new_id("cmpl"),
        created=now(),
        model=model,
        choices=[
            CompletionChoice(index=i, text=made["generated_text"], finish_reason=reason_of(made))
            for i, made in enumerate(made for choices in outputs for made in choices)
        ],
        usage=usage_of(outputs),
    )


def _shape(model: str, body: CompletionRequest, prompt: str) -> Shape:
    return Shape(
        envelope={
            "id": new_id("cmpl"),
            "object": "text_completion",
            "created": now(),
            "model": model,
        },
        first={"text": prompt if body.echo else ""},
        piece=lambda text: {"text": text},
        last={"text": ""},
        with_usage=body.wants_usage,
    )


ROUTE = ProtocolRoute(
    path="/v1/completions",
    tag="OpenAI",
    summary="Completions",
    make=_completions,
    request=CompletionRequest,
    response=Completion,
    example={"prompt": "Once upon a time", "max_tokens": 32},
    can_stream=True,
)
