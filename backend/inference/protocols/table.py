"""Protocol routes by task."""

from backend.inference.protocols import kserve_v1, open_inference, rerank, sagemaker
from backend.inference.protocols.base import ProtocolRoute
from backend.inference.protocols.openai import (
    chat,
    completions,
    embeddings,
    images,
    models,
    speech,
    transcriptions,
)
from backend.inference.protocols.tei.embed import EMBED, EMBED_ALL
from backend.inference.protocols.tei.embed_sparse import EMBED_SPARSE
from backend.inference.protocols.tei.similarity import SIMILARITY
from backend.inference.protocols.tei.tokens import DECODE, TOKENIZE

ALWAYS: tuple[ProtocolRoute, ...] = (
    *models.ROUTES,
    kserve_v1.ROUTE,
    *open_inference.ROUTES,
    sagemaker.ROUTE,
)
ROUTES: dict[str, tuple[ProtocolRoute, ...]] = {
    "text-generation": (chat.ROUTE, completions.ROUTE),
    "image-text-to-text": (chat.ROUTE,),
    "feature-extraction": (
        embeddings.ROUTE,
        EMBED,
        EMBED_ALL,
        EMBED_SPARSE,
        SIMILARITY,
        TOKENIZE,
        DECODE,
    ),
    "sentence-similarity": (SIMILARITY, TOKENIZE, DECODE),
    "text-classification": (TOKENIZE, DECODE),
    "text-ranking": (rerank.ROUTE, TOKENIZE, DECODE),
    "automatic-speech-recognition": (transcriptions.ROUTE,),
    "text-to-speech": (speech.ROUTE,),
    "text-to-image": (images.GENERATIONS,),
    "image-to-image": (images.EDITS,),
}


def routes_for_task(task: str) -> tuple[ProtocolRoute, ...]:
    """All protocol routes of a task, its own first."""
    return (*ROUTES.get(task, ()), *ALWAYS)


def tasks_at(path: str) -> list[str]:
    """Tasks with a protocol route at `path`; empty for an unknown path."""
    return [
        task
        for task, protocol_routes in ROUTES.items()
        if any(path in protocol_route.paths for protocol_route in protocol_routes)
    ]
