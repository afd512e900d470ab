"""`POST /similarity`: cosine similarity of sentences to a source sentence."""

from typing import Annotated

import numpy as np
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from backend.errors.inference import OptionNotSupported
from backend.inference.engine import Engine, Outcome
from backend.inference.protocols.base import ProtocolRoute, Route, Served
from backend.inference.protocols.one_embedding import one_embedding_check
from backend.inference.protocols.tei.schemas import TAG, TruncationFields, read, truncates
from backend.inference.responses import json_response
from backend.inference.routes import unless_gone
from backend.tasks import feature_extraction, sentence_similarity
from backend.tasks.base import RequestModel

Text = Annotated[str, Field(min_length=1)]


class Compared(RequestModel):
    """A source sentence, and the sentences to compare with it."""

    source_sentence: Text = Field(description="Sentence that the others are compared with.")
    sentences: list[Text] = Field(
        min_length=1, max_length=999, description="Sentences, in the order of the response."
    )


class SimilarityParameters(TruncationFields):
    """Truncation and prompt."""


class SimilarityRequest(RequestModel):
    """Sentences to compare."""

    inputs: Compared
    parameters: SimilarityParameters | None = Field(
        default=None, description="Optional parameters."
    )


def _similarity(served: Served) -> Route:
    check = one_embedding_check(served)
    compare = _by_sentences if served.spec.task == "sentence-similarity" else _by_embeddings

    async def similarity(request: Request) -> Response:
        body = await read(request, SimilarityRequest)
        check()
        parameters = body.parameters or SimilarityParameters()
        scores, outcome = await unless_gone(
            request, compare(served.engine, body.inputs, parameters)
        )
        request.state.timings = outcome.timings
        return json_response(scores)

    return similarity


async def _by_embeddings(
    engine: Engine, inputs: Compared, given: SimilarityParameters
) -> tuple[list[float], Outcome]:
    parameters = feature_extraction.Parameters(
        normalize=True,
        truncate=truncates(given),
        truncation_direction=given.truncation_direction,
        prompt_name=given.prompt_name,
    )
    outcome = await engine.predict([inputs.source_sentence, *inputs.sentences], parameters)
    source, *others = outcome.outputs
    return [float(np.dot(source, other)) for other in others], outcome


async def _by_sentences(
    engine: Engine, inputs: Compared, given: SimilarityParameters
) -> tuple[list[float], Outcome]:
    if given.prompt_name is not None or given.truncation_direction != "right":
        raise OptionNotSupported(
            "Models for sentence-similarity use their default prompt and truncate on the right.",
            option="prompt_name and truncation_direction",
        )
    parameters = sentence_similarity.Parameters(truncation=truncates(given))
    outcome = await engine.predict([inputs.model_dump()], parameters)
    return outcome.outputs[0], outcome


SIMILARITY = ProtocolRoute(
    path="/similarity",
    tag=TAG,
    summary="Similarity",
    make=_similarity,
    request=SimilarityRequest,
    response=list[float],
    example={
        "inputs": {
            "source_sentence": "A quiet place to read",
            "sentences": ["The library is open until ten.", "Trains leave every hour."],
        }
    },
    truncate="set parameters.truncate to true",
)
