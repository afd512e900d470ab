"""Parameters of text generation tasks: those of Text Generation Inference and of transformers."""

from collections.abc import Mapping
from typing import cast

from pydantic import Field

from backend.errors.problem import FieldError
from backend.errors.request import InvalidRequest
from backend.tasks.base import Json, RequestModel, ResponseModel
from backend.tasks.generation_config import taken
from backend.tasks.generation_fields import StopText as Stop
from backend.tasks.generation_fields import TextSettings

# Objects in which other servers and clients carry the settings of `generate`.
_CARRIERS = ("generation_parameters", "generate_kwargs", "generate_parameters")
# Names of other servers.
_ALIASES = {
    "stop_sequences": "stop",
    "stop_sequence": "stop",
    "max_tokens": "max_new_tokens",
    "min_tokens": "min_new_tokens",
    "n": "num_return_sequences",
    "random_seed": "seed",
    "target_lang": "language",
}


class Seeded(RequestModel):
    """Reproducible sampling."""

    seed: int | None = Field(
        default=None, ge=0, lt=2**63, description="Random seed; makes sampling reproducible."
    )


class Generation(Seeded, TextSettings):
    """Settings of `generate`, and parameters with the names of Text Generation Inference (TGI)."""

    max_new_tokens: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="Maximum number of generated tokens; unset: 100, for chat 1,024, or what fits.",
    )
    frequency_penalty: float | None = Field(
        default=None,
        ge=-2,
        le=2,
        description="Penalty subtracted from a token for each of its occurrences.",
    )
    stop: list[Stop] = Field(default=[], max_length=16, description="Stop sequences; not returned.")
    return_full_text: bool = Field(
        default=False, description="Return the prompt before the generated text."
    )
    details: bool = Field(
        default=False, description="Return tokens, log probabilities and the finish reason."
    )


class Generated(ResponseModel):
    """One generated text."""

    generated_text: str
    details: dict[str, object] | None = None


def generation_body(parameters: type[RequestModel], body: Json) -> Json:
    """The body with the names of this task, for `Task.reshape`.

    Settings in an object of their own are merged into `parameters`, aliases are renamed. Raises
    InvalidRequest for a name that is given twice, OptionNotSupported for fields of GenerationConfig
    that the task does not take.
    """
    given = body.get("parameters")
    if not isinstance(given, dict):
        return body
    merged = dict(cast("Json", given))
    known = parameters.model_fields
    for carrier in _CARRIERS:
        inner = merged.pop(carrier, None) if carrier not in known else merged.get(carrier)
        if inner is None:
            continue
        if not isinstance(inner, dict):
            raise InvalidRequest(f"`{carrier}` must be an object.")
        named = taken(_renamed(cast("Json", inner), known), known)
        merged = {**merged, carrier: named} if carrier in known else {**merged, **named}
    return {**body, "parameters": taken(_renamed(merged, known), known)}


def _renamed(given: Json, known: Mapping[str, object]) -> Json:
    made = dict(given)
    for alias, name in _ALIASES.items():
        if alias not in made or alias in known or name not in known:
            continue
        value = made.pop(alias)
        if value is None:
            continue
        if made.get(name) is not None:
            raise InvalidRequest(
                f"`{alias}` is an alias of `{name}`; send one of them.",
                errors=(FieldError(pointer=f"#/parameters/{alias}", detail="is given twice"),),
            )
        made[name] = [value] if name == "stop" and isinstance(value, str) else value
    return made
