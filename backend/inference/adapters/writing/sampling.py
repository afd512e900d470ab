"""How tokens are chosen: from a request's parameters to the settings of `generate`."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.errors.inference import InvalidInput

_CHANCES = ("temperature", "top_k", "top_p", "typical_p")
_ONLY_DRAWN = (*_CHANCES, "epsilon_cutoff", "eta_cutoff")
# What is not asked for must not come from the model's own defaults.
_NEUTRAL: dict[str, float] = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "typical_p": 1.0}


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """Equal for all members of a group. `seed` is None when the likeliest token is taken.

    A group draws from one random generator, so what samples gets a seed and a group of its own.
    """

    seed: int | None
    chances: tuple[tuple[str, float], ...]
    repetition: float
    frequency: float
    max_new_tokens: int

    def settings(self) -> dict[str, Any]:
        """For `generate`."""
        settings: dict[str, Any] = {
            "max_new_tokens": self.max_new_tokens,
            "do_sample": self.seed is not None,
            "num_beams": 1,
            "repetition_penalty": self.repetition,
        }
        if self.seed is not None:
            settings |= _NEUTRAL | dict(self.chances)
        return settings


def sampling_of(parameters: Any, max_new_tokens: int) -> Sampling:
    """As Text Generation Inference: any of the four chances means that a token is drawn."""
    given = {name: getattr(parameters, name) for name in _CHANCES}
    chances = tuple((name, value) for name, value in given.items() if value is not None)
    draws = parameters.do_sample or bool(chances)
    seed = parameters.seed if parameters.seed is not None else secrets.randbits(63)
    return Sampling(
        seed=seed if draws else None,
        chances=chances,
        repetition=parameters.repetition_penalty or 1.0,
        frequency=parameters.frequency_penalty or 0.0,
        max_new_tokens=max_new_tokens,
    )


def check_chances(given: Mapping[str, Any], *, draws: bool) -> None:
    """Of a request for a model that samples only where it is told to. Raises InvalidInput for
    chances that would do nothing."""
    idle = [name for name in _ONLY_DRAWN if name in given]
    if idle and not draws:
        raise InvalidInput(f"{', '.join(idle)} changes nothing without do_sample.")
