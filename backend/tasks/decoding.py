"""How a model that hears or speaks chooses its tokens: the Hub's `generation_parameters`."""

from typing import Literal, cast

from pydantic import Field

from backend.errors.request import InvalidRequest
from backend.tasks.base import Json, RequestModel

_CARRIERS = ("generation_parameters", "generate_kwargs", "generate_parameters")


class Decoding(RequestModel):
    """Unset: what the model's own files say."""

    do_sample: bool | None = Field(
        default=None, description="Choose tokens by chance, not always the likeliest."
    )
    temperature: float | None = Field(
        default=None, ge=0, le=100, description="Above 1: bolder. For sampling."
    )
    top_k: int | None = Field(
        default=None, ge=0, le=1_000_000, description="Only the k likeliest. For sampling."
    )
    top_p: float | None = Field(
        default=None, gt=0, le=1, description="Only the likeliest of this share. For sampling."
    )
    typical_p: float | None = Field(
        default=None, gt=0, le=1, description="Locally typical tokens. For sampling."
    )
    epsilon_cutoff: float | None = Field(
        default=None, ge=0, lt=1, description="Only tokens likelier than this. For sampling."
    )
    eta_cutoff: float | None = Field(
        default=None, ge=0, lt=1, description="Like epsilon_cutoff, by entropy. For sampling."
    )
    num_beams: int | None = Field(
        default=None, ge=1, le=16, description="Answers followed at once; the best one is told."
    )
    early_stopping: bool | Literal["never"] | None = Field(
        default=None, description="When a search with beams ends."
    )
    max_length: int | None = Field(
        default=None, ge=1, le=100_000, description="Tokens of the answer with its beginning."
    )
    max_new_tokens: int | None = Field(
        default=None, ge=1, le=100_000, description="Tokens of the answer, or of each part of it."
    )
    min_length: int | None = Field(default=None, ge=0, le=100_000, description="Tokens at least.")
    min_new_tokens: int | None = Field(
        default=None, ge=0, le=100_000, description="New tokens at least."
    )
    use_cache: bool | None = Field(default=None, description="Off: slower, with less memory.")
    seed: int | None = Field(
        default=None, ge=0, lt=2**63, description="Makes what chance decides repeatable."
    )

    def settings(self) -> dict[str, object]:
        """What was asked for, by the names that `generate` has."""
        names = (name for name in Decoding.model_fields if name != "seed")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


def folded(body: Json) -> Json:
    """The generation parameters of the Hub's form lie beside the others here. Raises
    InvalidRequest where they are no object."""
    parameters = body.get("parameters")
    if not isinstance(parameters, dict):
        return body
    given = dict(cast("Json", parameters))
    for name in _CARRIERS:
        inner = given.pop(name, None)
        if inner is None:
            continue
        if not isinstance(inner, dict):
            raise InvalidRequest(f"`{name}` must be an object.")
        given |= cast("Json", inner)
    return {**body, "parameters": given}
