"""text-to-speech: speech, or music from a description; returns a WAV file."""

from collections.abc import Mapping
from functools import partial

from pydantic import Field

from backend.tasks.base import RequestModel, Sample, Task
from backend.tasks.decoding import Decoding
from backend.tasks.generation import generation_body
from backend.tasks.samples import json_sample, sentence


class Parameters(Decoding):
    """Speaker, speed, and generation settings of generative models."""

    speaker: int | None = Field(
        default=None, ge=0, le=100_000, description="Number of a speaker of a multi-speaker model."
    )
    voice: str | None = Field(
        default=None, max_length=100, description="Name of a voice of the model. Bark only."
    )
    speed: float | None = Field(
        default=None, ge=0.25, le=4, description="Speed factor; 2 is twice as fast. VITS only."
    )


class Request(RequestModel):
    """Texts to speak."""

    inputs: str | list[str] = Field(
        description="A text, or a list of them.", examples=["Today is a sunny day."]
    )
    parameters: Parameters = Field(
        default=Parameters(),
        description="Optional parameters. Generation settings may be in `generation_parameters`.",
    )


def sample(seed: int) -> Sample:
    """A sentence with a fixed seed, so that the audio is reproducible."""
    return json_sample({"inputs": sentence(seed), "parameters": {"seed": 0}})


def needs_vocoder(config: Mapping[str, object]) -> str | None:
    """Reject models that generate spectrograms, since their vocoder is a separate model."""
    kind = config.get("model_type")
    if kind in {"speecht5", "fastspeech2_conformer"}:
        return f"Text to speech with {kind} needs a vocoder, which lies in another repository."
    return None


TASK = Task(
    name="text-to-speech",
    title="Text to speech",
    summary="Generates speech from text, or music from a description.",
    modality="audio",
    input="json",
    output="audio",
    aliases=("text-to-audio",),
    kinds=(
        "VitsModel",
        "BarkModel",
        "MusicgenForConditionalGeneration",
        "AutoModelForTextToSpectrogram",
    ),
    unfit=needs_vocoder,
    parameters=Parameters,
    request=Request,
    response=list[dict[str, str]],
    sample=sample,
    reshape=partial(generation_body, Parameters),
    client_method="text_to_speech",
)
