"""`POST /embed` and `/embed_all`: an embedding for each text, or for each of its tokens."""

from typing import Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from backend.inference.protocols.base import ProtocolRoute, Route, Served
from backend.inference.protocols.one_embedding import one_embedding_check
from backend.inference.protocols.openai.texts import texts_of
from backend.inference.protocols.tei.schemas import TAG, TextInputs, read, truncates
from backend.inference.responses import json_response
from backend.inference.routes import unless_gone
from backend.tasks.feature_extraction import Parameters, TokenParameters

_TEXTS = ["Today is a sunny day.", "It rains."]


class EmbedRequest(TextInputs):
    """Texts to embed."""

    normalize: bool = Field(default=True, description="Normalize the embeddings to length one.")
    dimensions: int | None = Field(
        default=None, ge=1, le=65_536, description="Number of dimensions to keep."
    )


class EmbedAllRequest(TextInputs):
    """Texts whose tokens are embedded."""


def _embed(served: Served) -> Route:
    check = one_embedding_check(served)

    async def embed(request: Request) -> Response:
        body = await read(request, EmbedRequest)
        check()
        parameters = Parameters(
            normalize=body.normalize,
            dimensions=body.dimensions,
            truncate=truncates(body),
            truncation_direction=body.truncation_direction,
            prompt_name=body.prompt_name,
        )
        return await _respond(served, request, body, parameters)

    return embed


def _embed_all(served: Served) -> Route:
    async def embed_all(request: Request) -> Response:
        body = await read(request, EmbedAllRequest)
        parameters = TokenParameters(
            truncate=truncates(body),
            truncation_direction=body.truncation_direction,
            prompt_name=body.prompt_name,
        )
        return await _respond(served, request, body, parameters)

    return embed_all


async def _respond(served: Served, request: Request, body: TextInputs, parameters: Any) -> Response:
    work = served.engine.predict(texts_of(body.inputs), parameters)
    outcome = await unless_gone(request, work)
    request.state.timings = outcome.timings
    return json_response(outcome.outputs)


EMBED = ProtocolRoute(
    path="/embed",
    tag=TAG,
    summary="Embeddings",
    make=_embed,
    request=EmbedRequest,
    response=list[list[float]],
    example={"inputs": _TEXTS, "normalize": True},
    truncate="set truncate to true",
)
EMBED_ALL = ProtocolRoute(
    path="/embed_all",
    tag=TAG,
    summary="Embeddings of all tokens",
    make=_embed_all,
    request=EmbedAllRequest,
    response=list[list[list[float]]],
    example={"inputs": _TEXTS},
    truncate="set truncate to true",
)
