"""audio-classification: labels for an audio file, sent as a raw body or in base64."""

from typing import Literal

from pydantic import Field

from backend.tasks.base import Label, RequestModel, Sample, Task
from backend.tasks.files import AudioInputs
from backend.tasks.samples import media_sample, wav


class Parameters(RequestModel):
    """Number of labels and score function."""

    top_k: int = Field(default=5, ge=1, le=100_000, description="Number of labels to return.")
    function_to_apply: Literal["sigmoid", "softmax", "none"] | None = Field(
        default=None,
        description="Function applied to the logits; unset: the one of the model's training.",
    )


class Request(RequestModel):
    """Audio in base64; a single file may also be sent as the raw body."""

    inputs: AudioInputs
    parameters: Parameters = Field(default=Parameters(), description="Optional parameters.")


def sample(seed: int) -> Sample:
    """One second of two tones as WAV."""
    return media_sample(wav(seed), "audio/wav")


TASK = Task(
    name="audio-classification",
    title="Audio classification",
    summary="Classifies audio: words, tones, kinds of sound.",
    modality="audio",
    input="audio",
    kinds=("AutoModelForAudioClassification",),
    parameters=Parameters,
    request=Request,
    response=list[Label] | list[list[Label]],
    sample=sample,
    client_method="audio_classification",
)
