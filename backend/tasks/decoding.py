"""Generation parameters of speech models: the Hub's `generation_parameters`."""

from typing import Literal, cast

from pydantic import Field

from backend.errors.request import InvalidRequest
from backend.tasks.base import Json, RequestModel

_CARRIERS = ("generation_parameters", "generate_kwargs", "generate_parameters")


class Decoding(RequestModel):
    """Unset values are taken from the model's generation_config.json."""

    do_sample: bool | None = Field(
        default=None, description="Sample tokens in place of greedy decoding."
    )
    temperature: float | None = Field(
        default=None,
        ge=0,
        le=100,
        description="Sampling temperature; above 1 is more random. 0: greedy decoding.",
    )
    top_k: int | None = Field(
        default=None,
        ge=0,
        le=1_000_000,
        description="Sample from the k most likely tokens. 0: off.",
    )
    top_p: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="Sample from the most likely tokens that make up this share. 1: off.",
    )
    typical_p: float | None = Field(
        default=None, gt=0, le=1, description="Sample from locally typical tokens. 1: off."
    )
    epsilon_cutoff: float | None = Field(
        default=None, ge=0, lt=1, description="Sample from tokens with a probability above this."
    )
    eta_cutoff: float | None = Field(
        default=None, ge=0, lt=1, description="Like epsilon_cutoff, scaled by entropy."
    )
    num_beams: int | None = Field(
        default=None, ge=1, le=16, description="Number of beams; the best one is returned."
    )
    early_stopping: bool | Literal["never"] | None = Field(
        default=None, description="Stopping condition of beam search."
    )
    max_length: int | None = Field(
        default=None,
        ge=1,
        le=100_000,
        description="Maximum length of the output in tokens, with the start tokens.",
    )
    max_new_tokens: int | None = Field(
        default=None,
        ge=1,
        le=100_000,
        description="Maximum number of generated tokens, for each part of long audio.",
    )
    min_length: int | None = Field(
        default=None, ge=0, le=100_000, description="Minimum length of the output in tokens."
    )
    min_new_tokens: int | None = Field(
        default=None, ge=0, le=100_000, description="Minimum number of generated tokens."
    )
    use_cache: bool | None = Field(
        default=None, description="Use the key-value cache; off is slower and needs less memory."
    )
    seed: int | None = Field(
        default=None, ge=0, lt=2**63, description="Random seed; makes sampling reproducible."
    )

    def settings(self) -> dict[str, object]:
        """The values that are set, by the names of the arguments of `generate`."""
        names = (name for name in Decoding.model_fields if name != "seed")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


def folded(body: Json) -> Json:
    """Merge the Hub's `generation_parameters` object into `parameters`.

    Raises InvalidRequest if it is not an object.
    """
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
