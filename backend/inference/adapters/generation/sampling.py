"""Converts the generation parameters of a request to arguments of `generate`."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.errors.inference import InvalidInput
from backend.errors.request import PayloadTooLarge
from backend.inference.config import MAX_PARALLEL_TOKENS
from backend.tasks.generation_fields import EncoderFields, TextSettings, settings_of

_SAMPLED_ONLY = (
    "temperature", "top_k", "top_p", "min_p", "top_h", "typical_p", "epsilon_cutoff", "eta_cutoff"
)  # fmt: skip
# Values that disable a parameter.
_OFF: dict[str, float] = {
    "top_k": 0, "top_p": 1.0, "min_p": 0.0, "typical_p": 1.0, "epsilon_cutoff": 0.0,
    "eta_cutoff": 0.0,
}  # fmt: skip
# Set explicitly, so that the model's generation config does not apply.
_NEUTRAL: dict[str, float] = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "typical_p": 1.0}
# Set from other values, or read by the token streamer.
_APART = frozenset(
    {"max_new_tokens", "max_length", "min_new_tokens", "min_length", "do_sample", "num_beams",
     "num_return_sequences", "max_time", "stop_strings", *_SAMPLED_ONLY}
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """Generation settings, equal for all members of a batch. `seed` is None without sampling.

    A request that samples has a seed and its own batch, since a batch has one random generator.
    `others` are further arguments of `generate`, as JSON. `alone` differs from that of any other
    request that samples.
    """

    seed: int | None
    max_new_tokens: int
    chances: tuple[tuple[str, float], ...] = ()
    frequency: float = 0.0
    min_new_tokens: int | None = None
    beams: int = 1
    returned: int = 1
    max_time: float | None = None
    others: str = "{}"
    alone: object = None

    def settings(self) -> dict[str, Any]:
        """Arguments of `generate`."""
        settings: dict[str, Any] = {
            "max_new_tokens": self.max_new_tokens,
            "do_sample": self.seed is not None,
            "num_beams": self.beams,
            "num_return_sequences": self.returned,
            "repetition_penalty": 1.0,
            **json.loads(self.others),
        }
        if self.min_new_tokens:
            settings["min_new_tokens"] = self.min_new_tokens
        if self.seed is not None:
            settings |= _NEUTRAL | dict(self.chances)
        return settings


def sampling_of(parameters: Any, count: int, max_new_tokens: int) -> Sampling:
    """As in Text Generation Inference: each of the sampling parameters enables sampling.

    A temperature of 0 is greedy decoding, and a value that disables a parameter (`top_p` of 1,
    `top_k` of 0) counts as unset. `count` is the number of tokens
    before the generated ones. Raises InvalidInput for values that contradict each other, and
    PayloadTooLarge for too many tokens in all sequences together.
    """
    given: dict[str, Any] = settings_of(parameters, TextSettings, EncoderFields)
    if (scale := getattr(parameters, "guidance_scale", None)) not in {None, 1}:
        given["guidance_scale"] = scale
    found = {name: given[name] for name in _SAMPLED_ONLY if name in given}
    chances = {name: value for name, value in found.items() if _OFF.get(name) != value}
    is_sampled = greedy(given) is None and bool(parameters.do_sample or chances)
    seed = parameters.seed if parameters.seed is not None else secrets.randbits(63)
    sampling = Sampling(
        seed=seed if is_sampled else None,
        chances=tuple(chances.items()),
        frequency=parameters.frequency_penalty or 0.0,
        max_new_tokens=max_new_tokens,
        min_new_tokens=_least(parameters, count, max_new_tokens),
        beams=parameters.num_beams or 1,
        returned=parameters.num_return_sequences or 1,
        max_time=parameters.max_time,
        alone=object() if is_sampled else None,
        others=json.dumps({k: v for k, v in given.items() if k not in _APART}, sort_keys=True),
    )
    check_sequences(beams=sampling.beams, returned=sampling.returned, is_sampled=is_sampled)
    check_parallel(max(sampling.beams, sampling.returned), count + max_new_tokens)
    if sampling.beams > 1 and "guidance_scale" in given:
        raise InvalidInput("guidance_scale does not work with num_beams above 1.")
    return sampling


def _least(parameters: Any, count: int, most: int) -> int | None:
    least = parameters.min_new_tokens
    if least is None and parameters.min_length is not None:
        least = max(parameters.min_length - count, 0)
    if least and least > most:
        raise InvalidInput(
            f"min_new_tokens is {least:,}, and at most {most:,} tokens may be generated."
        )
    return least


def check_sequences(*, beams: int, returned: int, is_sampled: bool) -> None:
    """Raise InvalidInput if the search cannot return this number of different sequences."""
    if beams > 1 and returned > beams:
        raise InvalidInput(f"num_return_sequences is {returned}, above num_beams, {beams}.")
    if returned > 1 and beams == 1 and not is_sampled:
        raise InvalidInput(
            f"num_return_sequences is {returned}: set do_sample to true, or num_beams to at least "
            f"{returned}; otherwise all texts are equal."
        )


def check_parallel(sequences: int, tokens: int) -> None:
    """Limit the memory of several sequences, each of `tokens`. Raises PayloadTooLarge."""
    if sequences > 1 and sequences * tokens > MAX_PARALLEL_TOKENS:
        raise PayloadTooLarge(
            f"{sequences} sequences of {tokens:,} tokens each are {sequences * tokens:,} tokens; "
            f"the limit is {MAX_PARALLEL_TOKENS:,}."
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
