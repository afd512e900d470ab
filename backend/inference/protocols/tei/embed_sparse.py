"""`POST /embed_sparse`: the dimensions of sparse embeddings that are not zero.

`index` is the token id, or the number of the feature of an autoencoder.
"""

from typing import Any

import numpy as np
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from backend.errors.request import InvalidRequest
from backend.inference.protocols.base import ProtocolRoute, Route, Served
from backend.inference.protocols.openai.texts import texts_of
from backend.inference.protocols.tei.schemas import TAG, TextInputs, read, truncates
from backend.inference.responses import json_response
from backend.inference.routes import unless_gone
from backend.tasks.base import ResponseModel
from backend.tasks.feature_extraction import Parameters


class EmbedSparseRequest(TextInputs):
    """Texts to embed."""

    input_type: str | None = Field(
        default=None, max_length=200, description="`query` or `document`. Not in TEI's API."
    )


class SparseValue(ResponseModel):
    """One dimension that is not zero."""

    index: int
    value: float


def _embed_sparse(served: Served) -> Route:
    engine = served.engine

    async def embed_sparse(request: Request) -> Response:
        body = await read(request, EmbedSparseRequest)
        if not engine.adapter.facts().get("sparse"):
            raise InvalidRequest(
                "This model computes dense embeddings, and /embed_sparse returns those of sparse "
                "encoders such as SPLADE. Use /embed."
            )
        parameters = Parameters(
            truncate=truncates(body),
            truncation_direction=body.truncation_direction,
            prompt_name=body.prompt_name,
            input_type=body.input_type,
        )
        outcome = await unless_gone(request, engine.predict(texts_of(body.inputs), parameters))
        request.state.timings = outcome.timings
        return json_response([_not_zero(row) for row in outcome.outputs])

    return embed_sparse


def _not_zero(embedding: np.ndarray) -> list[dict[str, Any]]:
    places = np.flatnonzero(embedding)
    found = zip(places.tolist(), embedding[places].tolist(), strict=True)
    return [{"index": index, "value": value} for index, value in found]


EMBED_SPARSE = ProtocolRoute(
    path="/embed_sparse",
    tag=TAG,
    summary="Sparse embeddings",
    make=_embed_sparse,
    request=EmbedSparseRequest,
    response=list[list[SparseValue]],
    example={"inputs": ["Today is a sunny day.", "It rains."]},
    truncate="set truncate to true",
)
