"""Shared parameters of tasks that generate images with a diffusion model."""

from pydantic import Field

from backend.tasks.base import RequestModel


class Diffusion(RequestModel):
    """Settings of the pipeline. What a model does not support is rejected."""

    negative_prompt: str | None = Field(
        default=None, max_length=10_000, description="What the image should not show."
    )
    num_inference_steps: int | None = Field(
        default=None, ge=1, le=200, description="Denoising steps; null: the model's default."
    )
    guidance_scale: float | None = Field(
        default=None, ge=0, le=100,
        description="How closely the image follows the prompt; null: the model's default.",
    )  # fmt: skip
    scheduler: str | None = Field(
        default=None, max_length=100,
        description="Name of a scheduler of diffusers that the model supports; see /info.",
    )  # fmt: skip
    seed: int | None = Field(
        default=None, ge=0, le=2**32 - 1, description="Makes the image reproducible."
    )


_SMALL = 512 * 512


def most_pixels(side: int) -> int:
    """The largest image, for a model that generates images of `side` pixels by default."""
    return max(side * side * 3 // 2, _SMALL)
