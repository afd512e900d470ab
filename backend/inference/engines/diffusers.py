"""The diffusers engine: pipelines that generate images."""

from functools import cache
from pathlib import Path
from typing import Any

import diffusers as _diffusers
import torch

from backend.domain.server import ServerSpec
from backend.inference.adapters.base import Adapter
from backend.inference.adapters.diffusion.image_to_image import ImageToImage
from backend.inference.adapters.diffusion.text_to_image import TextToImage
from backend.tasks.architectures import is_kind

# Its classes are imported on demand, by names that a type checker does not see.
library: Any = _diffusers


def load(spec: ServerSpec) -> Adapter:
    """Load all components of the pipeline. Raises the errors of diffusers and transformers."""
    torch.set_num_threads(spec.threads)
    library.utils.logging.disable_progress_bar()
    pipeline: Any = library.DiffusionPipeline.from_pretrained(
        Path(spec.model_dir), torch_dtype=getattr(torch, spec.dtype), use_safetensors=True,
        local_files_only=True, trust_remote_code=False,
    ).to(spec.device)  # fmt: skip
    pipeline.set_progress_bar_config(disable=True)
    if spec.task == "text-to-image":
        return TextToImage(pipeline)
    return _image_to_image(pipeline)


def _image_to_image(pipeline: Any) -> ImageToImage:
    name = type(pipeline).__name__

    @cache
    def painter() -> Any | None:
        if is_kind(name, "InpaintPipeline", {}):
            return pipeline
        try:
            return _quiet(library.AutoPipelineForInpainting.from_pipe(pipeline))
        except ValueError:
            return None  # diffusers has no such pipeline for these components

    if is_kind(name, "InpaintPipeline", {}):
        return ImageToImage(None, painter)
    return ImageToImage(_quiet(library.AutoPipelineForImage2Image.from_pipe(pipeline)), painter)


def _quiet(pipeline: Any) -> Any:
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
