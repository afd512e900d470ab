"""Vocoders: find the model that converts spectrograms to audio, and join the facts of both."""

from backend.domain.model import ModelFacts
from backend.errors.model import ModelNotSupported, UnsupportedOption
from backend.hub.reference import Find, Reference, found
from backend.tasks.vocoders import VOCODER_CLASS, default_vocoder, does_not_match


async def with_vocoder(model: ModelFacts, find: Find, requested: str | None) -> ModelFacts:
    """The facts of a model joined with those of its vocoder; other models unchanged.

    Raises UnsupportedOption if one is requested for a model that uses none, ModelNotSupported if
    the vocoder is of another kind, and the errors of looking it up, which name it.
    """
    default = default_vocoder(model.architectures)
    if default is None:
        if requested is None:
            return model
        detail = f"{model.id} does not use a vocoder."
        raise UnsupportedOption(detail, instead="Leave vocoder out.")
    reference = Reference(requested or default)
    vocoder = await found(reference, find, f"{model.id} requires the vocoder ")
    if reason := does_not_match(model.config, vocoder.architectures, vocoder.config):
        detail = f"{vocoder.id} cannot be the vocoder of {model.id}: {reason}."
        instead = f"Use {default}, or another vocoder of the class {VOCODER_CLASS}."
        raise ModelNotSupported(detail, instead=instead)
    return joined(model, vocoder)


def joined(model: ModelFacts, vocoder: ModelFacts) -> ModelFacts:
    """Both models. Identity, class, task and files are those of the first."""
    known = model.parameters is not None and vocoder.parameters is not None
    return model.model_copy(
        update={
            "vocoder": vocoder,
            "engines": ["torch"],
            "parameters": (model.parameters or 0) + (vocoder.parameters or 0) if known else None,
            "weight_bytes": model.weight_bytes + vocoder.weight_bytes,
            "download_bytes": model.download_bytes + vocoder.download_bytes,
            "gated": model.gated or vocoder.gated,
            "has_code": model.has_code or vocoder.has_code,
        }
    )
