"""`POST /v1/embeddings`: OpenAI's Embeddings API, as numbers or as base64.

Each embedding has `[dimensions]` float32 values, or integers with `embedding_type`; base64 is of
their little-endian bytes. OpenAI's API has no parameters for queries and lower precision: Cohere
names the first `input_type`, Jina the second `embedding_type`, with Cohere's values.
"""

import base64
from typing import Any, Literal

import numpy as np
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from backend.errors.request import InvalidRequest
from backend.inference.protocols.base import ProtocolRoute, Route, Served
from backend.inference.protocols.one_embedding import one_embedding_check
from backend.inference.protocols.openai.schemas import OpenAIRequest, Usage, read, warned
from backend.inference.protocols.openai.texts import TextTokenizer, texts_of
from backend.inference.responses import json_response
from backend.inference.routes import unless_gone
from backend.tasks.base import ResponseModel
from backend.tasks.feature_extraction import EmbeddingType, Parameters


class EmbeddingRequest(OpenAIRequest):
    """Texts to embed."""

    input: TextTokenizer = Field(description="A text, or a list of texts.")
    encoding_format: Literal["float", "base64"] | None = Field(
        default=None,
        description="base64 is that of little-endian 32-bit floats, or of the bytes that "
        "embedding_type asks for; unset: numbers.",
    )
    truncate_prompt_tokens: int | None = Field(
        default=None,
        ge=-1,
        le=1_000_000,
        description="Truncate each text to this number of tokens; -1: to the limit of the model. "
        "Unset: a text that is too long is an error. Not in OpenAI's API.",
    )
    dimensions: int | None = Field(
        default=None, ge=1, le=65_536, description="Number of dimensions to keep."
    )
    prompt_name: str | None = Field(
        default=None,
        max_length=200,
        description="Name of a prompt of the model, put before each text. Not in OpenAI's API.",
    )
    input_type: str | None = Field(
        default=None,
        max_length=200,
        description="What the texts are: `query` or `document`. Not in OpenAI's API.",
    )
    embedding_type: EmbeddingType | None = Field(
        default=None,
        description="Numbers of lower precision, as on /predict. Not in OpenAI's API.",
    )


class Embedding(ResponseModel):
    """The embedding of one text."""

    object: Literal["embedding"] = "embedding"
    index: int = Field(description="Index of the text.")
    embedding: list[float] | list[int] | str


class Embeddings(ResponseModel):
    """All embeddings, in the order of the texts."""

    object: Literal["list"] = "list"
    data: list[Embedding]
    model: str
    usage: Usage


def _numbers(row: np.ndarray) -> object:
    return row


def _packed(row: np.ndarray) -> object:
    is_float = row.dtype == np.float32
    return base64.b64encode((row.astype("<f4") if is_float else row).tobytes()).decode()


_WRITERS = {"float": _numbers, "base64": _packed}


def _embeddings(served: Served) -> Route:
    engine, model = served.engine, served.spec.model_id
    check = one_embedding_check(served)

    async def embed(request: Request) -> Response:
        payload = await read(request, EmbeddingRequest)
        most = payload.truncate_prompt_tokens
        if most == 0:
            raise InvalidRequest("truncate_prompt_tokens must be -1 or at least 1.")
        check()
        parameters = Parameters(
            dimensions=payload.dimensions,
            truncate=most is not None,
            max_length=None if most == -1 else most,
            prompt_name=payload.prompt_name,
            input_type=payload.input_type,
            embedding_type=payload.embedding_type,
        )
        work = engine.predict(texts_of(payload.input), parameters)
        outcome = await unless_gone(request, work)
        request.state.timings = outcome.timings
        write = _WRITERS[payload.encoding_format or "float"]
        tokens = sum(outcome.sizes)
        body: dict[str, Any] = {
            "object": "list",
            "data": [
                {"object": "embedding", "index": index, "embedding": write(row)}
                for index, row in enumerate(outcome.outputs)
            ],
            "model": model,
            "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
        }
        return warned(json_response(body), payload)

    return embed


ROUTE = ProtocolRoute(
    path="/v1/embeddings",
    tag="OpenAI",
    summary="Embeddings",
    truncate="set truncate_prompt_tokens to -1",
    make=_embeddings,
    request=EmbeddingRequest,
    response=Embeddings,
    example={"input": ["Today is a sunny day.", "It rains."]},
)
