"""`POST /v1/rerank`: ranks documents by relevance, in the format of Cohere, Jina or TEI.

The fields of the request select the format of the response: `documents` is that of Cohere and
Jina, `texts` that of Text Embeddings Inference. Scores are the sigmoid of the model's logits, 0 to
1, unless `raw_scores` is set.
"""

from typing import Annotated, Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from backend.errors.problem import FieldError
from backend.errors.request import InvalidRequest
from backend.inference.protocols.base import ProtocolRoute, Route, Served
from backend.inference.protocols.openai.schemas import (
    OpenAIRequest,
    RequestModel,
    new_id,
    read,
    warned,
)
from backend.inference.responses import json_response
from backend.inference.routes import unless_gone
from backend.tasks.base import ResponseModel
from backend.tasks.text_ranking import Parameters

Text = Annotated[str, Field(min_length=1)]


class Document(RequestModel):
    """A document given as an object."""

    text: Text


class RerankRequest(OpenAIRequest):
    """A query, and `documents` or `texts`."""

    query: Text = Field(description="Search query.")
    documents: list[Text | Document] | None = Field(
        default=None, min_length=1, max_length=1000, description="Texts to rank."
    )
    top_n: int | None = Field(
        default=None, ge=1, le=1000, description="Number of documents to return; unset: all."
    )
    return_documents: bool | None = Field(default=None, description="Return the documents.")
    texts: list[Text] | None = Field(
        default=None, min_length=1, max_length=1000, description="Texts to rank, in TEI's format."
    )
    raw_scores: bool | None = Field(
        default=None, description="Return raw scores, not scores from 0 to 1. With `texts`."
    )
    return_text: bool | None = Field(default=None, description="Return the texts. With `texts`.")
    truncate: bool | None = Field(
        default=None,
        description="Truncate long texts. With `texts`; documents are always truncated.",
    )


class Result(ResponseModel):
    """One document, by its index in the request."""

    index: int
    relevance_score: float = Field(description="From 0 to 1.")
    document: dict[str, str] | None = None


class RerankUsage(ResponseModel):
    """Total number of tokens, counting the query with each document."""

    total_tokens: int


class Reranked(ResponseModel):
    """The response to `documents`, best first."""

    id: str
    model: str
    results: list[Result]
    usage: RerankUsage


class Rank(ResponseModel):
    """One entry of the response to `texts`, best first."""

    index: int
    score: float
    text: str | None = None


def _rerank(served: Served) -> Route:
    engine, model = served.engine, served.spec.model_id

    async def rerank(request: Request) -> Response:
        body = await read(request, RerankRequest)
        texts = _texts(body)
        parameters = _parameters(body)
        work = engine.predict([{"query": body.query, "texts": texts}], parameters)
        outcome = await unless_gone(request, work)
        request.state.timings = outcome.timings
        [found] = outcome.outputs
        if body.documents is None:
            return warned(json_response(found), body)
        usage = RerankUsage(total_tokens=sum(outcome.sizes))
        results = [_result(entry) for entry in found]
        payload = Reranked(id=new_id("rerank"), model=model, results=results, usage=usage)
        return warned(json_response(payload.model_dump(exclude_none=True)), body)

    return rerank


def _texts(body: RerankRequest) -> list[str]:
    if (body.documents is None) == (body.texts is None):
        raise InvalidRequest(
            "Send either `documents` or `texts`.",
            errors=(FieldError(pointer="#/documents", detail="documents or texts"),),
        )
    given = body.documents if body.documents is not None else body.texts or []
    return [text if isinstance(text, str) else text.text for text in given]


def _parameters(body: RerankRequest) -> Parameters:
    is_documents = body.documents is not None
    return Parameters(
        top_k=body.top_n,
        return_text=bool(body.return_documents if is_documents else body.return_text),
        function_to_apply="none" if body.raw_scores else "sigmoid",
        # Services with `documents` truncate; TEI returns an error by default.
        truncation=is_documents or bool(body.truncate),
    )


def _result(entry: dict[str, Any]) -> Result:
    document = {"text": entry["text"]} if "text" in entry else None
    return Result(index=entry["index"], relevance_score=entry["score"], document=document)


ROUTE = ProtocolRoute(
    truncate="set truncate to true",
    path="/v1/rerank",
    tag="Rerank",
    summary="Rerank",
    make=_rerank,
    request=RerankRequest,
    response=Reranked | list[Rank],
    example={
        "query": "A quiet place to read",
        "documents": ["The library is open until ten.", "Trains leave every hour."],
    },
    also=("/rerank", "/v2/rerank"),
)
