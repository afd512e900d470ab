"""video-classification: labels for a video, sent as a raw body or in base64."""

from typing import Literal

from pydantic import Field

from backend.tasks.base import Label, RequestModel, Sample, Task
from backend.tasks.samples import gif, media_sample


class Parameters(RequestModel):
    """Frame selection, number of labels and score function."""

    top_k: int = Field(default=5, ge=1, le=100_000, description="Number of labels to return.")
    function_to_apply: Literal["sigmoid", "softmax", "none"] | None = Field(
        default=None,
        description="Function applied to the logits; unset: the one of the model's training.",
    )
    num_frames: int | None = Field(
        default=None, ge=1, le=256,
        description="Number of frames; unset: as in training, which most models require.",
    )  # fmt: skip
    frame_sampling_rate: int = Field(
        default=1, ge=1, le=256, description="Interval between sampled frames, in frames."
    )


class Request(RequestModel):
    """Videos in base64; a single video may also be sent as the raw body."""

    inputs: str | list[str] = Field(
        description="MP4, MOV, WebM, MKV, AVI, OGG, MPEG or animated GIF, in base64 or as a "
        "`data:` URL; or a list."
    )
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")


def sample(seed: int) -> Sample:
    """A small animated GIF."""
    return media_sample(gif(seed), "image/gif")


TASK = Task(
    name="video-classification",
    title="Video classification",
    summary="Classifies videos.",
    modality="video",
    input="video",
    kinds=("AutoModelForVideoClassification",),
    parameters=Parameters,
    request=Request,
    response=list[Label] | list[list[Label]],
    sample=sample,
)
