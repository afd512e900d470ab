"""Call a pipeline of diffusers with the settings of a request."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image

from backend.errors.inference import InvalidInput
from backend.inference.adapters.base import Prepared, check_client_waiting
from backend.inference.adapters.scores import check_finite
from backend.inference.media import write_png
from backend.inference.responses import MediaFile
from backend.tasks.diffusion import Diffusion

# Where the pipeline states no size of its own.
_DEFAULT_SIDE = 512
_NAMES = ("negative_prompt", "num_inference_steps", "guidance_scale", "strength")


@dataclass(frozen=True, kw_only=True)
class Step:
    """A finished denoising step, of `total` steps (None: unknown)."""

    number: int
    total: int | None


def settings_of(pipeline: Any, parameters: Diffusion) -> dict[str, Any]:
    """The settings that the request states. Raises InvalidInput for what the pipeline lacks."""
    given = {
        name: value for name in _NAMES if (value := getattr(parameters, name, None)) is not None
    }
    for name in given:
        if name not in arguments_of(pipeline):
            raise InvalidInput(f"This model does not support {name}.")
    if parameters.scheduler not in {None, *schedulers(pipeline)}:
        names = ", ".join(schedulers(pipeline))
        raise InvalidInput(f"This model does not support that scheduler; it supports {names}.")
    return given


def arguments_of(pipeline: Any) -> frozenset[str]:
    """Names of the arguments that this pipeline takes."""
    return frozenset(inspect.signature(type(pipeline).__call__).parameters)


def schedulers(pipeline: Any) -> dict[str, Any]:
    """The schedulers that can replace the pipeline's own, by name."""
    own = type(pipeline.scheduler)
    compatible = getattr(pipeline.scheduler, "compatibles", [])
    # Classes with `_backends` are placeholders for schedulers whose library is missing.
    usable = (kind for kind in (own, *compatible) if not hasattr(kind, "_backends"))
    return {kind.__name__: kind for kind in usable if kind.__name__[0] != "_"}


def side_of(pipeline: Any) -> int:
    """Side of the images that it generates by default, in pixels."""
    denoiser = getattr(pipeline, "unet", None) or getattr(pipeline, "transformer", None)
    size = getattr(getattr(denoiser, "config", None), "sample_size", None)
    scale = getattr(pipeline, "vae_scale_factor", 8)
    return size * scale if isinstance(size, int) else _DEFAULT_SIDE


def generated(
    pipeline: Any, prepared: Prepared, parameters: Diffusion, inputs: Mapping[str, Any]
) -> np.ndarray:
    """Run the pipeline for one input: float32 `[height, width, 3]`, 0 to 1.

    Raises ClientGone when the client leaves, GenerationFailed for NaN.
    """
    seed = parameters.seed
    generator = torch.Generator("cpu")
    if seed is None:
        generator.seed()
    else:
        generator.manual_seed(seed)
    options: dict[str, Any] = {"generator": generator, "output_type": "np"}
    if "callback_on_step_end" in arguments_of(pipeline):
        options["callback_on_step_end"] = _on_step(prepared)
    with torch.inference_mode(), _scheduled(pipeline, parameters.scheduler):
        found = pipeline(**inputs, **settings_of(pipeline, parameters), **options)
    return check_finite(np.asarray(found.images[0], dtype=np.float32))


def png_of(pixels: np.ndarray) -> MediaFile:
    """A generated image as PNG."""
    levels = (pixels * 255).round().astype(np.uint8)
    return MediaFile(body=write_png(Image.fromarray(levels)), content_type="image/png")


def _on_step(prepared: Prepared) -> Callable[..., dict[str, Any]]:
    def report(pipeline: Any, index: int, _: Any, values: dict[str, Any]) -> dict[str, Any]:
        check_client_waiting([prepared])
        if prepared.on_piece is not None:
            total = getattr(pipeline, "num_timesteps", None)
            prepared.on_piece(Step(number=index + 1, total=total))
        return values

    return report


@contextmanager
def _scheduled(pipeline: Any, name: str | None) -> Iterator[None]:
    """The pipeline with another scheduler, for one call."""
    own = pipeline.scheduler
    if name is not None:
        pipeline.scheduler = schedulers(pipeline)[name].from_config(own.config)
    try:
        yield
    finally:
        pipeline.scheduler = own
