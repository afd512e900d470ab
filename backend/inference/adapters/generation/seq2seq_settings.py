"""Arguments of `generate` for encoder-decoder models: request, then config.json, then defaults."""

import json
from dataclasses import dataclass
from typing import Any

import torch

from backend.errors.inference import InvalidInput
from backend.inference.adapters.generation.sampling import (
    check_sampling,
    check_sequences,
    greedy,
)
from backend.tasks.seq2seq import Generation, Parameters

# Defaults for models without a length in their files.
DEFAULT_LENGTH = 256
_LENGTHS = ("max_new_tokens", "max_length", "min_new_tokens", "min_length")
# Set by the request or by the model itself, not by the files of a task.
_NOT_DEFAULTS = {
    "seed", "num_return_sequences", "eos_token_id", "pad_token_id", "decoder_start_token_id",
    "forced_bos_token_id", "forced_eos_token_id", "watermarking_config", "max_time",
}  # fmt: skip
_SETTINGS = tuple(name for name in Generation.model_fields if name not in _NOT_DEFAULTS)

Settings = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Seq2SeqSettings:
    """Arguments of `generate` as JSON, equal for all members of a batch.

    A request that samples with a seed has its own batch, since a batch has one random generator.
    """

    settings: str
    most: int
    beams: int = 1
    returned: int = 1
    seed: int | None = None
    stops: tuple[str, ...] = ()
    alone: object = None

    def begin(self) -> Settings:
        """Seed torch's random generator, if requested; return the arguments of `generate`."""
        if self.seed is not None:
            torch.manual_seed(self.seed)
        return json.loads(self.settings)


def task_settings(config: Any, task: str) -> Settings:
    """Settings in config.json for a task; if unset, those of its first language pair."""
    special: dict[str, Settings] = getattr(config, "task_specific_params", None) or {}
    pairs = [special[name] for name in special if name.startswith(f"{task}_") and "_to_" in name]
    return special.get(task) or next(iter(pairs), {})


def defaults_of(model: Any, task: str) -> Settings:
    """The model's generation config, overridden by config.json for this task."""
    named = task_settings(model.config, task)
    chosen = {name: getattr(model.generation_config, name, None) for name in _SETTINGS}
    if {"max_length", "max_new_tokens"} & named.keys():
        chosen["max_length"] = chosen["max_new_tokens"] = None
    chosen |= {name: named[name] for name in _SETTINGS if name in named}
    return {name: value for name, value in chosen.items() if value is not None}


def seq2seq_settings(
    parameters: Parameters, defaults: Settings, limit: int | None
) -> Seq2SeqSettings:
    """Merge a request and the defaults. Raises InvalidInput for conflicting values."""
    given: Settings = parameters.given()
    seed, stops = given.pop("seed", None), given.pop("stop_strings", ())
    given = greedy(given) or given
    most = _most(given, defaults, limit)
    settings = {name: value for name, value in (defaults | given).items() if name not in _LENGTHS}
    is_sampled = bool(settings.get("do_sample"))
    check_sampling(given, is_sampled=is_sampled)
    # As max_length, which most generation configs set: `generate` warns if both forms are set.
    settings |= {"max_length": most + 1, "min_length": _least(given, defaults, most) + 1}
    settings |= {"max_new_tokens": None, "min_new_tokens": None}
    beams, returned = settings.get("num_beams", 1), settings.setdefault("num_return_sequences", 1)
    check_sequences(beams=beams, returned=returned, is_sampled=is_sampled)
    return Seq2SeqSettings(
        settings=json.dumps(settings, sort_keys=True),
        most=most,
        beams=beams,
        returned=returned,
        seed=seed if is_sampled else None,
        stops=(stops,) if isinstance(stops, str) else tuple(stops),
        alone=object() if is_sampled and seed is not None else None,
    )


def _most(given: Settings, defaults: Settings, limit: int | None) -> int:
    requested = _new_tokens(given, "max")
    if requested == 0:
        raise InvalidInput("max_length counts the start token of the output; it must be above 1.")
    if requested and limit and requested > limit:
        raise InvalidInput(
            f"{requested:,} tokens are requested; this model generates at most {limit:,}."
        )
    usual = _new_tokens(defaults, "max") or DEFAULT_LENGTH
    return requested or min(usual, limit or usual)


def _least(given: Settings, defaults: Settings, most: int) -> int:
    requested = _new_tokens(given, "min")
    if requested is not None and requested > most:
        raise InvalidInput(f"The minimum of {requested:,} tokens is above the maximum of {most:,}.")
    return min(_new_tokens(defaults, "min") or 0, most) if requested is None else requested


def _new_tokens(settings: Settings, bound: str) -> int | None:
    """`…_length` includes the decoder start token, `…_new_tokens` does not."""
    new, length = settings.get(f"{bound}_new_tokens"), settings.get(f"{bound}_length")
    if new is not None:
        return new
    return None if length is None else max(length - 1, 0)
