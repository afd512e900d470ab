"""automatic-speech-recognition: transcript of an audio file, sent as a raw body or in base64."""

from functools import partial
from typing import Literal

from pydantic import Field

from backend.tasks.base import RequestModel, ResponseModel, Sample, Task
from backend.tasks.decoding import Decoding
from backend.tasks.files import AudioInputs
from backend.tasks.generation import generation_body
from backend.tasks.samples import media_sample, wav


class Parameters(Decoding):
    """Timestamps, language, and generation settings of generative models."""

    return_timestamps: bool | Literal["word", "char"] = Field(
        default=False,
        description="Return timestamps. True: of segments with Whisper, else of words.",
    )
    language: str | None = Field(
        default=None,
        min_length=1,
        max_length=40,
        description="Language of the speech. Whisper: `en` or `english`; unset: detected. MMS: a "
        "language of the deployment, such as `fra`, also as `target_lang`.",
    )
    task: Literal["transcribe", "translate"] | None = Field(
        default=None, description="Transcribe, or translate to English. Whisper only."
    )


class Request(RequestModel):
    """Audio in base64; a single file may also be sent as the raw body."""

    inputs: AudioInputs
    parameters: Parameters = Field(
        default=Parameters(),
        description="Optional parameters. Generation settings may be in `generation_parameters`.",
    )


class Chunk(ResponseModel):
    """A part of the text with its start and end time in seconds."""

    text: str
    timestamp: tuple[float, float]


class Transcript(ResponseModel):
    """The transcript; `chunks` is present if timestamps were requested."""

    text: str
    chunks: list[Chunk] | None = None


def sample(seed: int) -> Sample:
    """One second of two tones as WAV."""
    return media_sample(wav(seed), "audio/wav")


TASK = Task(
    name="automatic-speech-recognition",
    title="Speech recognition",
    summary="Transcribes speech.",
    modality="audio",
    input="audio",
    kinds=(
        "AutoModelForCTC",
        "WhisperForConditionalGeneration",
        "AutoModelForTDT",
        "ParakeetForRNNT",
        "MoonshineForConditionalGeneration",
        "MoonshineStreamingForConditionalGeneration",
        "Speech2TextForConditionalGeneration",
        "SpeechEncoderDecoderModel",
        "SpeechT5ForSpeechToText",
    ),
    parameters=Parameters,
    request=Request,
    response=Transcript | list[Transcript],
    sample=sample,
    client_method="automatic_speech_recognition",
    reshape=partial(generation_body, Parameters),
)
