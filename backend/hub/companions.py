"""Models of two repositories: an adapter with its base model, a model with its vocoder."""

from backend.domain.model import ModelFacts
from backend.hub.peft_adapters import with_base
from backend.hub.reference import Find
from backend.hub.vocoders import with_vocoder


async def with_companion(model: ModelFacts, find: Find, vocoder: str | None = None) -> ModelFacts:
    """The facts of a model joined with those of the second repository that it requires.

    `vocoder` is the requested one. Raises UnsupportedFormat and ModelNotSupported if the two do not
    belong together, and the errors of looking up the second one, which name it.
    """
    return await with_vocoder(await with_base(model, find), find, vocoder)
