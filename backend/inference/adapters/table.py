"""Model families by task: loading class, processors and adapter."""

from collections.abc import Mapping, Sequence

from backend.inference.adapters.audio.families import AUDIO
from backend.inference.adapters.embeddings.families import EMBEDDINGS
from backend.inference.adapters.family import Family
from backend.inference.adapters.generation.families import GENERATION
from backend.inference.adapters.multimodal.families import MULTIMODAL
from backend.inference.adapters.text.families import TEXT
from backend.inference.adapters.vision.families import VISION
from backend.tasks.architectures import is_kind

FAMILIES: dict[str, tuple[Family, ...]] = {
    **TEXT, **EMBEDDINGS, **GENERATION, **AUDIO, **VISION, **MULTIMODAL,
}  # fmt: skip


def family_for(task: str, architectures: Sequence[str], config: Mapping[str, object]) -> Family:
    """The first family that loads one of these classes; if none does, the last one of the task."""
    families = FAMILIES[task]
    return next(
        (
            family
            for family in families
            for name in architectures
            if is_kind(name, family.kind or family.model, config)
        ),
        families[-1],
    )
