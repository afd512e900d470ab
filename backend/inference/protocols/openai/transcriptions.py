"""`POST /v1/audio/transcriptions`: OpenAI's transcription API for an audio file in a form.

Formats of the response: json, text, verbose_json, srt and vtt. Times are in seconds.
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, WithJsonSchema
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from backend.errors.problem import FieldError
from backend.errors.request import InvalidRequest, UnsupportedMediaType
from backend.inference.config import MAX_BODY_BYTES
from backend.inference.forms import FORM, read_form
from backend.inference.protocols.base import ProtocolRoute, Route, Served, validated
from backend.inference.protocols.openai.schemas import OpenAIRequest, warned
from backend.inference.protocols.openai.subtitles import Part, srt, vtt
from backend.inference.request_parsing import content_type_of, read_body
from backend.inference.responses import json_response
from backend.inference.routes import unless_gone
from backend.tasks.automatic_speech_recognition import Parameters
from backend.tasks.base import ResponseModel

_GRANULARITIES = "timestamp_granularities[]"
_MOST_FIELDS = 50
Format = Literal["json", "text", "verbose_json", "srt", "vtt"]
Recording = Annotated[bytes, WithJsonSchema({"type": "string", "format": "binary"})]


class TranscriptionRequest(OpenAIRequest):
    """The fields of a form, which are text."""

    model_config = ConfigDict(strict=False, populate_by_name=True)

    file: Recording = Field(description="WAV, MP3, OGG, FLAC, M4A or WebM.", min_length=1)
    language: str | None = Field(
        default=None,
        min_length=1,
        max_length=40,
        description="Language of the speech, such as `en`.",
    )
    response_format: Format = Field(default="json", description="Response format.")
    temperature: float | None = Field(
        default=None, ge=0, le=1, description="Sampling temperature. 0 or unset: greedy decoding."
    )
    granularities: list[Literal["word", "segment"]] = Field(
        default=[], max_length=2, alias=_GRANULARITIES, description="For verbose_json."
    )
    stream: bool | None = Field(default=None, description="Must be false.")


class Segment(ResponseModel):
    """A part of the text with its start and end time in seconds."""

    id: int
    start: float
    end: float
    text: str


class Word(ResponseModel):
    """A word with its start and end time in seconds."""

    word: str
    start: float
    end: float


class Transcription(ResponseModel):
    """The text; the other fields with verbose_json only."""

    text: str
    task: Literal["transcribe"] | None = None
    language: str | None = Field(
        default=None, description="Requested language; otherwise `unknown`."
    )
    duration: float | None = Field(default=None, description="End of the last segment, in seconds.")
    segments: list[Segment] | None = None
    words: list[Word] | None = None


async def read_request(request: Request) -> TranscriptionRequest:
    """Parse the form; its size is checked first. Raises 400, 413, 415 and 422."""
    body = await read_body(request, MAX_BODY_BYTES["audio"])
    if content_type_of(request) != FORM:
        raise UnsupportedMediaType("Send `multipart/form-data` with a `file`.")
    form = await read_form(request, body)
    fields: dict[str, object] = {name: values[-1] for name, values in form.fields.items()}
    if _GRANULARITIES in form.fields:
        fields[_GRANULARITIES] = form.fields[_GRANULARITIES]
    return validated(TranscriptionRequest, {**fields, "file": form.file})


def _json(made: dict[str, Any], form: TranscriptionRequest) -> Response:
    del form
    return json_response({"text": made["text"]})


def _text(made: dict[str, Any], form: TranscriptionRequest) -> Response:
    del form
    return PlainTextResponse(made["text"] + "\n")


def _verbose(made: dict[str, Any], form: TranscriptionRequest) -> Response:
    parts = parts_of(made)
    end = max((part.end for part in parts), default=0.0)
    by_word = "word" in form.granularities
    whole = [Part(text=made["text"], start=0.0, end=end)] if by_word else parts
    payload = Transcription(
        text=made["text"],
        task="transcribe",
        language=form.language or "unknown",
        duration=end,
        segments=[Segment(id=i, **vars(part)) for i, part in enumerate(whole)],
        words=[Word(word=p.text.strip(), start=p.start, end=p.end) for p in parts]
        if by_word
        else None,
    )
    return json_response(payload.model_dump(exclude_none=True))


def _srt(made: dict[str, Any], form: TranscriptionRequest) -> Response:
    del form
    return PlainTextResponse(srt(parts_of(made)))


def _vtt(made: dict[str, Any], form: TranscriptionRequest) -> Response:
    del form
    return Response(vtt(parts_of(made)), media_type="text/vtt; charset=utf-8")


def parts_of(made: dict[str, Any]) -> list[Part]:
    """Parts of a transcript with timestamps."""
    return [
        Part(text=chunk["text"], start=chunk["timestamp"][0], end=chunk["timestamp"][1])
        for chunk in made.get("chunks", [])
    ]


_WRITERS: dict[str, Callable[[dict[str, Any], TranscriptionRequest], Response]] = {
    "json": _json,
    "text": _text,
    "verbose_json": _verbose,
    "srt": _srt,
    "vtt": _vtt,
}
_WITH_TIMES = {"verbose_json", "srt", "vtt"}


def _parameters(form: TranscriptionRequest) -> Parameters:
    times = form.response_format in _WITH_TIMES
    return Parameters(
        return_timestamps="word" if times and "word" in form.granularities else times,
        language=form.language,
        do_sample=True if form.temperature else None,
        temperature=form.temperature or None,
    )


def _transcribe(served: Served) -> Route:
    engine = served.engine

    async def transcribe(request: Request) -> Response:
        form = await read_request(request)
        if form.stream:
            raise InvalidRequest(
                "stream is not supported: the response is sent complete.",
                errors=(FieldError(pointer="#/stream", detail="only false"),),
            )
        outcome = await unless_gone(request, engine.predict([form.file], _parameters(form)))
        request.state.timings = outcome.timings
        [made] = outcome.outputs
        return warned(_WRITERS[form.response_format](made, form), form)

    return transcribe


ROUTE = ProtocolRoute(
    path="/v1/audio/transcriptions",
    tag="OpenAI",
    summary="Transcription",
    make=_transcribe,
    request=TranscriptionRequest,
    content_type="multipart/form-data",
    response=Transcription,
)
