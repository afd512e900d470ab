"""Parameters of text-to-speech that only some models support."""

from typing import Any

from backend.errors.inference import InvalidInput

_ALL = ("speaker", "voice", "speaker_embeddings", "speed")


def reject_unsupported(parameters: Any, *supported: str) -> None:
    """Raise InvalidInput for a voice parameter that is set and not one of `supported`."""
    for name in _ALL:
        if name not in supported and getattr(parameters, name) is not None:
            raise InvalidInput(f"This model does not support {name}.")
