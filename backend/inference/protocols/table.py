"""Protocol routes by task."""

from backend.inference.protocols import open_inference, rerank
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

ALWAYS: tuple[ProtocolRoute, ...] = (*models.ROUTES, *open_inference.ROUTES)
ROUTES: dict[str, tuple[ProtocolRoute, ...]] = {
    "text-generation": (chat.ROUTE, completions.ROUTE),
    "image-text-to-text": (chat.ROUTE,),
    "feature-extraction": (embeddings.ROUTE,),
    "text-ranking": (rerank.ROUTE,),
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
