"""`POST /v1/chat/completions`: OpenAI's Chat Completions API, complete or streamed.

Applies the model's chat template. Raises InvalidInput if there is none, and OptionNotSupported
for options such as tools.
"""

from typing import Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from backend.errors.inference import InvalidInput, OptionNotSupported
from backend.inference.config import MAX_BODY_BYTES
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
from backend.inference.protocols.openai.schemas import RequestModel, new_id, now, read, warned
from backend.inference.responses import json_response
from backend.inference.routes import unless_gone
from backend.tasks import TASKS
from backend.tasks.base import ResponseModel

# OpenAI's newer name of the system role, which chat templates do not know.
_ROLES = {"developer": "system"}


class ImageURL(RequestModel):
    """An image in a message."""

    url: str | None = Field(default=None, description="A `data:` URL; other URLs are not fetched.")


class Part(RequestModel):
    """A part of a message."""

    type: str = Field(
        max_length=64, description="`text`, or `image_url` where the model reads images."
    )
    text: str | None = Field(default=None, description="Text of the message.")
    image_url: ImageURL | None = Field(default=None, description="An image.")


class Message(RequestModel):
    """One message of the conversation."""

    role: str = Field(min_length=1, max_length=64, description="`system`, `user` or `assistant`.")
    content: str | list[Part] | None = Field(default=None, description="Text of the message.")


class ChatRequest(Options):
    """A conversation to complete."""

    messages: list[Message] = Field(min_length=1, max_length=10_000, description="Oldest first.")
    max_completion_tokens: int | None = Field(
        default=None, ge=1, le=1_000_000, description="Replaces max_tokens in OpenAI's API."
    )
    logprobs: bool | None = Field(default=None, description="Must be false.")
    top_logprobs: int | None = Field(default=None, description="Only 0.")
    response_format: dict[str, object] | None = Field(default=None, description="Must be text.")
    tools: list[object] | None = Field(default=None, description="Must be empty.")
    tool_choice: object = Field(default=None, description="Not used, as there are no tools.")
    functions: list[object] | None = Field(default=None, description="Must be empty.")


class ChatMessage(ResponseModel):
    """The generated message."""

    role: Literal["assistant"] = "assistant"
    content: str


class ChatChoice(ResponseModel):
    """The completion."""

    index: int = 0
    message: ChatMessage
    logprobs: None = None
    finish_reason: FinishReason


class ChatCompletion(ResponseModel):
    """A complete response."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[ChatChoice]
    usage: GenerationUsage


def chat_messages(body: ChatRequest, *, with_images: bool = False) -> list[object]:
    """Convert the messages to the input of the task.

    With `with_images` the content may be a list of text and image parts, else it is text.
    Raises OptionNotSupported for other types of parts.
    """
    payload = _parts if with_images else _text
    return [
        {"role": _ROLES.get(message.role, message.role), "content": payload(message.content)}
        for message in body.messages
    ]


def _text(content: str | list[Part] | None) -> str:
    if not isinstance(content, list):
        return content or ""
    _refuse_others(content, {"text"}, "text only")
    return "\n".join(part.text or "" for part in content)


def _parts(content: str | list[Part] | None) -> str | list[dict[str, object]]:
    if not isinstance(content, list):
        return content or ""
    _refuse_others(content, {"text", "image_url"}, "text and images")
    return [
        {"type": "text", "text": part.text or ""}
        if part.type == "text"
        else {"type": part.type, "image_url": part.image_url and {"url": part.image_url.url}}
        for part in content
    ]


def _refuse_others(parts: list[Part], known: set[str], reads: str) -> None:
    for part in parts:
        if part.type not in known:
            raise OptionNotSupported(
                f"A message has a part of type {part.type!r}; this model reads {reads}.",
                option=f"parts of type {part.type!r}",
            )


def _chat(served: Served) -> Route:
    engine, model = served.engine, served.spec.model_id
    task = TASKS[served.spec.task]
    has_template = bool(engine.adapter.facts().get("has_chat_template"))
    otherwise = "/predict" if task.reads_images else "/v1/completions"

    async def chat(request: Request) -> Response:
        body = await read(request, ChatRequest, MAX_BODY_BYTES[task.carries])
        refuse_unsupported(body)
        if not has_template:
            raise InvalidInput(f"This model has no chat template; use {otherwise}.")
        messages = chat_messages(body, with_images=task.reads_images)
        parameters = parameters_of(body, body.max_completion_tokens or body.max_tokens)
        if body.stream:
            shape = _shape(model, with_usage=body.wants_usage)
            work = streamed(engine, messages, parameters, shape)
            return warned(await unless_gone(request, work), body)
        outcome = await unless_gone(request, engine.predict([messages], parameters))
        request.state.timings = outcome.timings
        return warned(json_response(_whole(model, outcome.outputs).model_dump()), body)

    return chat


def _whole(model: str, outputs: list[Any]) -> ChatCompletion:
    [choices] = outputs
    return ChatCompletion(
        id=new_id("chatcmpl"),
        created=now(),
        model=model,
        choices=[
            ChatChoice(
                index=index,
                message=ChatMessage(content=made["generated_text"]),
                finish_reason=reason_of(made),
            )
            for index, made in enumerate(choices)
        ],
        usage=usage_of(outputs),
    )


def _shape(model: str, *, with_usage: bool) -> Shape:
    return Shape(
        envelope={
            "id": new_id("chatcmpl"),
            "object": "chat.completion.chunk",
            "created": now(),
            "model": model,
        },
        first={"delta": {"role": "assistant", "content": ""}},
        piece=lambda text: {"delta": {"content": text}},
        last={"delta": {}},
        with_usage=with_usage,
    )


ROUTE = ProtocolRoute(
    path="/v1/chat/completions",
    tag="OpenAI",
    summary="Chat",
    make=_chat,
    request=ChatRequest,
    response=ChatCompletion,
    example={"messages": [{"role": "user", "content": "Tell me a story."}], "max_tokens": 64},
    can_stream=True,
)
