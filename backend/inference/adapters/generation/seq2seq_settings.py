"""Arguments of `generate` for encoder-decoder models: request, then config.json, then defaults."""

from dataclasses import dataclass
from typing import Any

from backend.errors.inference import InvalidInput
from backend.inference.adapters.generation.sampling import check_sampling, greedy
from backend.tasks.seq2seq import Generation, Parameters

# Defaults for models without a length in their files.
DEFAULT_LENGTH = 256
_LENGTHS = ("max_new_tokens", "max_length", "min_new_tokens", "min_length")
_SETTINGS = tuple(Generation.model_fields)

Settings = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Seq2SeqSettings:
    """Arguments of `generate`, equal for all members of a batch."""

    settings: tuple[tuple[str, Any], ...]
    most: int
    beams: int


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
    given = {
        "min_length": parameters.min_length,
        "max_length": parameters.max_length,
        **parameters.generate_parameters.model_dump(exclude_none=True),
    }
    given = {name: value for name, value in given.items() if value is not None}
    given = greedy(given) or given
    most = _most(given, defaults, limit)
    settings = {name: value for name, value in (defaults | given).items() if name not in _LENGTHS}
    check_sampling(given, is_sampled=bool(settings.get("do_sample")))
    # As max_length, which most generation configs set: `generate` warns if both forms are set.
    settings |= {"max_length": most + 1, "min_length": _least(given, defaults, most) + 1}
    settings |= {"max_new_tokens": None, "min_new_tokens": None}
    return Seq2SeqSettings(
        settings=tuple(sorted(settings.items())), most=most, beams=settings.get("num_beams", 1)
    )


def _most(given: Settings, defaults: Settings, limit: int | None) -> int:
    requested = _new_tokens(given, "max")
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
