"""text-to-speech: speech, or music from a description; returns a WAV file."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated

from pydantic import Field

from backend.tasks.base import RequestModel, Sample, Task
from backend.tasks.decoding import Decoding
from backend.tasks.generation import generation_body
from backend.tasks.samples import json_sample, sentence

Number = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]


class Parameters(Decoding):
    """Speaker, speed, and generation settings of generative models."""

    speaker: int | None = Field(
        default=None, ge=0, le=100_000, description="Number of a speaker of a multi-speaker model."
    )
    voice: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="Name of a voice preset, such as `v2/en_speaker_6`; unset: a random voice. "
        "Bark only; `/info` lists the presets.",
    )
    speaker_embeddings: list[Number] | None = Field(
        default=None,
        min_length=1,
        max_length=4096,
        description="X-vector of the speaker, 512 numbers; unset: zeros, a voice of no particular "
        "speaker. SpeechT5 only.",
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


def needs_phonemes(config: Mapping[str, object]) -> str | None:
    """Reject models whose tokenizer needs a library that is not available."""
    if config.get("model_type") == "fastspeech2_conformer":
        return "The tokenizer of FastSpeech2Conformer requires g2p_en, which no extra provides."
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
        "MusicgenForConditionalGeneration",
        "BarkModel",
        "AutoModelForTextToSpectrogram",
    ),
    unfit=needs_phonemes,
    parameters=Parameters,
    request=Request,
    response=list[dict[str, str]],
    sample=sample,
    reshape=partial(generation_body, Parameters),
    client_method="text_to_speech",
)
