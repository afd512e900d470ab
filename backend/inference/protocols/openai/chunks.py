"""Streams of chat and completions: chunks as server-sent events, then `[DONE]`."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from backend.errors.base import PlatformError
from backend.inference.engine import Engine, Outcome
from backend.inference.error_bodies import openai_error
from backend.inference.protocols.openai.options import reason_of, usage_of
from backend.inference.streaming import check_streamable, sse
from backend.tasks.text_generation import Parameters

_DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The format of a stream's chunks: common fields, and the `choice` of each chunk."""

    envelope: dict[str, Any]
    first: dict[str, Any]
    piece: Callable[[str], dict[str, Any]]
    last: dict[str, Any]
    with_usage: bool


async def streamed(engine: Engine, item: object, parameters: Parameters, shape: Shape) -> Response:
    """Return the stream. Raises errors before the first token; later ones are sent as events."""
    check_streamable(parameters)
    return await sse(_chunks(engine, item, parameters, shape), _failure, _DONE)


async def _chunks(
    engine: Engine, item: object, parameters: Parameters, shape: Shape
) -> AsyncIterator[dict[str, Any]]:
    has_begun = False
    async with aclosing(engine.stream(item, parameters)) as stream:
        async for piece in stream:
            if not has_begun:
                yield _chunk(shape, shape.first)
                has_begun = True
            if isinstance(piece, Outcome):
                [[made]] = piece.outputs
                yield _chunk(shape, shape.last, reason_of(made))
                if shape.with_usage:
                    usage = usage_of(piece.outputs).model_dump()
                    yield {**shape.envelope, "choices": [], "usage": usage}
            elif piece.text:
                yield _chunk(shape, shape.piece(piece.text))


def _chunk(shape: Shape, choice: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
    entry = {"index": 0, **choice, "logprobs": None, "finish_reason": reason}
    usage = {"usage": None} if shape.with_usage else {}
    return {**shape.envelope, "choices": [entry], **usage}


def _failure(error: PlatformError) -> dict[str, Any]:
    return openai_error(error.problem())
