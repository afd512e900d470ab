"""Convert the generation parameters of a request to those of llama.cpp's server.

Samplers are applied in the order of transformers, and only those that the request sets.
"""

import json
from dataclasses import dataclass
from typing import Any

from backend.errors.inference import InvalidInput
from backend.inference.adapters.generation.sampling import Sampling, sampling_of

Json = dict[str, Any]
# llama.cpp has 32 bits, the highest number means a random seed.
_SEEDS = 2**32 - 1
_SAMPLERS = {"temperature": "temperature", "top_k": "top_k", "top_p": "top_p", "min_p": "min_p",
             "typical_p": "typ_p"}  # fmt: skip
# Fields of `generate` without effect here.
_IDLE = frozenset({"use_cache", "renormalize_logits", "remove_invalid_values", "pad_token_id"})
_TRANSLATED = frozenset(
    {"repetition_penalty", "sequence_bias", "suppress_tokens", "bad_words_ids"}
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class GgufSettings:
    """`body` are the parameters of a completion; `sampling` those of the request."""

    body: Json
    sampling: Sampling


def gguf_settings(parameters: Any, count: int, most: int, vocabulary: int) -> GgufSettings:
    """Settings for a prompt of `count` tokens and at most `most` new ones.

    Raises InvalidInput for parameters that llama.cpp does not have, and for contradicting ones.
    """
    sampling = sampling_of(parameters, count, most)
    others: Json = json.loads(sampling.others)
    _refuse(sampling, others)
    body: Json = {
        "samplers": ["penalties", *(_SAMPLERS[name] for name, _ in sampling.chances)],
        "repeat_last_n": count + most,
        "repeat_penalty": others.get("repetition_penalty", 1.0),
        "frequency_penalty": sampling.frequency,
        "logit_bias": _biases(others, vocabulary),
        "stop": _stops(parameters),
        "n_probs": 1 if parameters.details else 0,
        **dict(sampling.chances),
    }
    if sampling.seed is None:
        body["temperature"] = 0.0
        body["samplers"] = ["penalties", "temperature"]
    return GgufSettings(body=body, sampling=sampling)


def seed_of(sampling: Sampling, index: int) -> int:
    """Seed of the text with this index; each of several texts has its own."""
    return ((sampling.seed or 0) + index) % _SEEDS


def _refuse(sampling: Sampling, others: Json) -> None:
    unknown = [name for name in others if name not in _IDLE | _TRANSLATED]
    unknown += [name for name, _ in sampling.chances if name not in _SAMPLERS]
    if sampling.beams > 1:
        unknown.append("num_beams")
    if unknown:
        raise InvalidInput(f"llama.cpp, which runs this model, does not support {unknown[0]}.")


def _biases(others: Json, vocabulary: int) -> list[list[Any]]:
    """Biases of single tokens; `false` excludes a token."""
    biased: list[tuple[list[int], Any]] = [
        *((phrase, bias) for phrase, bias in others.get("sequence_bias", [])),
        *((phrase, False) for phrase in others.get("bad_words_ids", [])),
        *(([token], False) for token in others.get("suppress_tokens", [])),
    ]
    for phrase, _ in biased:
        if len(phrase) != 1:
            raise InvalidInput(
                "llama.cpp, which runs this model, changes single tokens only, not sequences."
            )
        if phrase[0] >= vocabulary:
            raise InvalidInput(
                f"This model has {vocabulary:,} token ids; {phrase[0]:,} is not one of them."
            )
    return [[phrase[0], bias] for phrase, bias in biased]


def _stops(parameters: Any) -> list[str]:
    ends = parameters.stop_strings or []
    return [*parameters.stop, *([ends] if isinstance(ends, str) else ends)]
