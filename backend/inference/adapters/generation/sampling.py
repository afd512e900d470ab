"""Converts the sampling parameters of a request to arguments of `generate`."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.errors.inference import InvalidInput

_SAMPLING_PARAMETERS = ("temperature", "top_k", "top_p", "typical_p")
_SAMPLED_ONLY = (*_SAMPLING_PARAMETERS, "epsilon_cutoff", "eta_cutoff")
# Values that disable a parameter.
_OFF: dict[str, float] = {
    "top_k": 0, "top_p": 1.0, "typical_p": 1.0, "epsilon_cutoff": 0.0, "eta_cutoff": 0.0
}  # fmt: skip
# Set explicitly, so that the model's generation config does not apply.
_NEUTRAL: dict[str, float] = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "typical_p": 1.0}


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """Sampling parameters, equal for all members of a batch. `seed` is None for greedy decoding.

    A request that samples has a seed and its own batch, since a batch has one random generator.
    """

    seed: int | None
    chances: tuple[tuple[str, float], ...]
    repetition: float
    frequency: float
    max_new_tokens: int
    min_new_tokens: int | None = None

    def settings(self) -> dict[str, Any]:
        """Arguments of `generate`."""
        settings: dict[str, Any] = {
            "max_new_tokens": self.max_new_tokens,
            "do_sample": self.seed is not None,
            "num_beams": 1,
            "repetition_penalty": self.repetition,
        }
        if self.min_new_tokens:
            settings["min_new_tokens"] = self.min_new_tokens
        if self.seed is not None:
            settings |= _NEUTRAL | dict(self.chances)
        return settings


def sampling_of(parameters: Any, max_new_tokens: int) -> Sampling:
    """As in Text Generation Inference: any of the four sampling parameters enables sampling.

    A temperature of 0 is greedy decoding, and a value that disables a parameter (`top_p` of 1,
    `top_k` of 0) counts as unset. Raises InvalidInput if the minimum exceeds the maximum length.
    """
    given = {name: getattr(parameters, name) for name in _SAMPLING_PARAMETERS}
    given = {name: value for name, value in given.items() if value is not None}
    chances = {name: value for name, value in given.items() if _OFF.get(name) != value}
    is_sampled = greedy(given) is None and (parameters.do_sample or bool(chances))
    least = parameters.min_new_tokens
    if least and least > max_new_tokens:
        raise InvalidInput(
            f"min_new_tokens is {least:,}, and at most {max_new_tokens:,} tokens may be generated."
        )
    seed = parameters.seed if parameters.seed is not None else secrets.randbits(63)
    return Sampling(
        seed=seed if is_sampled else None,
        chances=tuple(chances.items()),
        repetition=parameters.repetition_penalty or 1.0,
        frequency=parameters.frequency_penalty or 0.0,
        max_new_tokens=max_new_tokens,
        min_new_tokens=least,
    )


def greedy(given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Arguments of `generate` for a request with a temperature of 0: without sampling.

    None for any other request.
    """
    if given.get("temperature") != 0:
        return None
    kept = {name: value for name, value in given.items() if name not in _SAMPLED_ONLY}
    return {**kept, "do_sample": False}


def check_sampling(given: Mapping[str, Any], *, is_sampled: bool) -> None:
    """Raise InvalidInput for sampling parameters if the model does not sample.

    Parameters with a value that disables them are accepted.
    """
    idle = [name for name in _SAMPLED_ONLY if name in given and given[name] != _OFF.get(name)]
    if idle and not is_sampled:
        raise InvalidInput(f"{', '.join(idle)}: no effect without do_sample.")
