"""Which surfaces a task has beside /predict."""

from backend.inference.surfaces import open_inference, rerank
from backend.inference.surfaces.base import Surface
from backend.inference.surfaces.openai import (
    chat,
    completions,
    embeddings,
    models,
    speech,
    transcriptions,
)

ALWAYS: tuple[Surface, ...] = (*models.SURFACES, *open_inference.SURFACES)
SURFACES: dict[str, tuple[Surface, ...]] = {
    "text-generation": (chat.SURFACE, completions.SURFACE),
    "image-text-to-text": (chat.SURFACE,),
    "feature-extraction": (embeddings.SURFACE,),
    "text-ranking": (rerank.SURFACE,),
    "automatic-speech-recognition": (transcriptions.SURFACE,),
    "text-to-speech": (speech.SURFACE,),
}


def surfaces_of(task: str) -> tuple[Surface, ...]:
    """All of them, the task's own first."""
    return (*SURFACES.get(task, ()), *ALWAYS)


def tasks_at(path: str) -> list[str]:
    """The tasks that answer at `path`; none for an address of nobody."""
    return [
        task
        for task, surfaces in SURFACES.items()
        if any(path in surface.paths for surface in surfaces)
    ]
