"""`POST /v1/audio/speech`: OpenAI's speech API; returns 16-bit PCM as a WAV file."""

from collections.abc import Collection
from typing import cast

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from backend.errors.inference import OptionNotSupported
from backend.inference.protocols.base import ProtocolRoute, Route, Served
from backend.inference.protocols.openai.schemas import OpenAIRequest, read, warned
from backend.inference.responses import response_for
from backend.inference.routes import unless_gone
from backend.tasks.text_to_speech import Parameters

_HIGHEST_SPEAKER = 100_000


class SpeechRequest(OpenAIRequest):
    """A text to speak."""

    input: str = Field(min_length=1, description="Text to speak.")
    voice: str | None = Field(
        default=None,
        max_length=200,
        description="Name of a voice of the model (see /info), or number of a speaker; any other "
        "name selects the default voice.",
    )
    response_format: str | None = Field(default=None, max_length=20, description="Only `wav`.")
    speed: float | None = Field(
        default=None, ge=0.25, le=4, description="Speed factor; 2 is twice as fast."
    )
    stream_format: str | None = Field(default=None, max_length=20, description="Only `audio`.")


def _parameters(body: SpeechRequest, voices: Collection[str]) -> Parameters:
    voice = body.voice or ""
    is_number = voice.isascii() and voice.isdigit() and len(voice) <= len(str(_HIGHEST_SPEAKER))
    return Parameters(
        voice=voice if voice in voices else None,
        speaker=min(int(voice), _HIGHEST_SPEAKER) if is_number else None,
        # Not all models support a speed; 1 has no effect.
        speed=body.speed if body.speed != 1 else None,
    )


def _speak(served: Served) -> Route:
    engine = served.engine
    voices = frozenset(cast("list[str]", engine.adapter.facts().get("voices", [])))

    async def speak(request: Request) -> Response:
        body = await read(request, SpeechRequest)
        if body.response_format not in {None, "wav"}:
            raise OptionNotSupported(
                f"response_format is only 'wav', not {body.response_format!r}.",
                option="response_format",
            )
        if body.stream_format not in {None, "audio"}:
            raise OptionNotSupported("Streaming of audio is not supported.", option="stream_format")
        outcome = await unless_gone(
            request, engine.predict([body.input], _parameters(body, voices))
        )
        request.state.timings = outcome.timings
        return warned(response_for(outcome.outputs[0]), body)

    return speak


ROUTE = ProtocolRoute(
    path="/v1/audio/speech",
    tag="OpenAI",
    summary="Speech",
    make=_speak,
    request=SpeechRequest,
    response=bytes,
    response_type="audio/wav",
    example={"input": "Today is a sunny day."},
)
