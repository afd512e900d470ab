"""automatic-speech-recognition with Whisper: timestamps of segments or words, any length."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, pairwise
from typing import Any, cast

import torch
from transformers.models.whisper.tokenization_whisper import (
    LANGUAGES,
    TO_LANGUAGE_CODE,
    _combine_tokens_into_words,
)

from backend.errors.inference import InputTooLong, InvalidInput
from backend.inference.adapters.audio.audio_input import batches, prepared_audio, samples_of
from backend.inference.adapters.audio.speech_seq2seq import (
    GenerationSettings,
    cancellable,
    generation_settings,
)
from backend.inference.adapters.base import LoadedModel, Prepared

# Start of transcript, language, task, and timestamps or not.
_FIRST_TOKENS = 4


@dataclass(frozen=True, kw_only=True)
class TranscriptionOptions:
    """Options of a request, equal for all members of a batch."""

    generation: GenerationSettings
    language: str | None
    task: str | None
    times: str | bool


@dataclass(frozen=True, kw_only=True)
class Segment:
    """Token ids with start and end in seconds; `ends` of each token if words were requested."""

    start: float
    end: float
    tokens: list[int]
    ends: list[float]


class Whisper:
    """Speech recognition with Whisper (Radford et al. 2022)."""

    encode_threads = 1
    max_group = 64

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        self._extractor, self._tokenizer = loaded.processor
        self._rate = int(self._extractor.sampling_rate)
        self._config = loaded.model.generation_config
        self._languages: dict[str, int] = getattr(self._config, "lang_to_id", None) or {}
        # English-only models sometimes have the table of languages, but do not use it.
        if not getattr(self._config, "is_multilingual", True):
            self._languages = {}

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Decode and prepare an audio file: bytes, base64 or a `data:` URL."""
        options = TranscriptionOptions(
            generation=generation_settings(
                parameters, self._loaded.model, usually=bool(parameters.temperature)
            ),
            language=self._language(parameters.language),
            task=self._task(parameters.task),
            times=self._timestamps(parameters.return_timestamps),
        )
        self._check_length(parameters.max_new_tokens)
        samples = samples_of(item, self._rate)
        is_long = len(samples) > self._extractor.n_samples
        features = self._extractor(
            samples, sampling_rate=self._rate, return_tensors="pt", return_attention_mask=True,
            **({"truncation": False, "padding": "longest"} if is_long else {}),
        )  # fmt: skip
        return prepared_audio([dict(features)], key=options, keep=len(samples) / self._rate)

    def forward(self, group: Sequence[Prepared]) -> list[list[Segment]]:
        """The segments of each audio file: token ids with start and end in seconds.

        Timestamps are Whisper's own tokens (Radford et al. 2022), in steps of 0.02 s.
        """
        _, key = cast("tuple[Any, TranscriptionOptions]", group[0].key)
        settings = key.generation.begin()
        if settings.get("do_sample"):
            # Whisper's `generate` samples only if a temperature is set.
            settings.setdefault("temperature", 1.0)
        model = self._loaded.model
        attention = model.config._attn_implementation
        [batch] = batches(group, self._loaded)
        try:
            with torch.inference_mode():
                made = model.generate(
                    **batch, **cancellable(group), **settings,
                    language=key.language, task=key.task, return_segments=True,
                    return_timestamps=bool(key.times) or None,
                    return_token_timestamps=key.times == "word" or None,
                )  # fmt: skip
        finally:
            # For timestamps of words it switches to eager attention and does not switch back.
            model.config._attn_implementation = attention
        return [[_segment(one) for one in segments] for segments in made["segments"]]

    def decode(
        self, raw: Sequence[Segment], prepared: Prepared, parameters: Any
    ) -> dict[str, object]:
        """The transcript, and chunks with timestamps `[start, end]` in seconds if requested.

        `raw` has the segments; words are built from the end times of their tokens, which `generate`
        aligns with dynamic time warping of cross-attention weights.
        """
        seconds: float = prepared.keep
        answer: dict[str, object] = {"text": self._text([t for one in raw for t in one.tokens])}
        if parameters.return_timestamps == "word":
            found = chain.from_iterable(self._words(one, parameters.language) for one in raw)
        else:
            found = ((self._text(one.tokens), one.start, one.end) for one in raw)
        if parameters.return_timestamps:
            answer["chunks"] = [
                {"text": text, "timestamp": [_rounded(start, seconds), _rounded(end, seconds)]}
                for text, start, end in found
                if text
            ]
        return answer

    def facts(self) -> dict[str, object]:
        """For /info."""
        names = sorted(code.strip("<|>") for code in self._languages)
        times = ["segment", "word"] if hasattr(self._config, "alignment_heads") else ["segment"]
        return {"timestamps": times, "languages": names}

    def _text(self, tokens: Sequence[int]) -> str:
        return self._tokenizer.decode(tokens, skip_special_tokens=True)

    def _words(self, segment: Segment, language: str | None) -> Iterator[tuple[str, float, float]]:
        """Yield (word, start, end); it starts at the end of the previous token."""
        edges = list(pairwise([segment.start, *segment.ends]))
        spoken = LANGUAGES.get(self._language(language) or "")
        tokens = list(zip(segment.tokens, edges, strict=True))
        for is_text, run in groupby(tokens, key=lambda pair: self._is_text(pair[0])):
            if is_text:
                ids, times = zip(*run, strict=True)
                texts, _, inside = _combine_tokens_into_words(self._tokenizer, list(ids), spoken)
                for text, indices in zip(texts, inside, strict=True):
                    yield text, times[indices[0]][0], times[indices[-1]][1]

    def _is_text(self, token: int) -> bool:
        """Return whether it is text; timestamp tokens follow all others in the vocabulary."""
        return token not in self._tokenizer.all_special_ids and token < self._first_time

    @property
    def _first_time(self) -> int:
        return self._tokenizer.convert_tokens_to_ids("<|notimestamps|>") + 1

    def _language(self, name: str | None) -> str | None:
        """Language code of a name or code. Raises InvalidInput for an unsupported language."""
        if name is None:
            return None
        given = name.lower().strip("<|>")
        code = TO_LANGUAGE_CODE.get(given, given)
        if f"<|{code}|>" not in self._languages:
            known = ", ".join(sorted(code.strip("<|>") for code in self._languages))
            raise InvalidInput(
                f"This model does not support the language {name!r}; supported: {known}."
                if known
                else "This model supports one language only; leave language out."
            )
        return code

    def _task(self, task: str | None) -> str | None:
        if task and not (self._languages and hasattr(self._config, "task_to_id")):
            raise InvalidInput("This model transcribes English only; leave task out.")
        return task

    def _timestamps(self, wanted: str | bool) -> str | bool:
        if wanted == "char":
            raise InvalidInput('Whisper returns timestamps of segments (true) or words ("word").')
        if wanted and not hasattr(self._config, "no_timestamps_token_id"):
            raise InvalidInput("The model's generation config has no timestamp tokens.")
        if wanted == "word" and not getattr(self._config, "alignment_heads", None):
            raise InvalidInput(
                "The model's generation config has no alignment heads; word timestamps need them."
            )
        return wanted

    def _check_length(self, wanted: int | None) -> None:
        most = int(self._loaded.model.config.max_target_positions) - _FIRST_TOKENS
        if wanted and wanted > most:
            raise InputTooLong(
                f"max_new_tokens is {wanted:,}; this model generates at most {most:,} tokens."
            )


def _segment(made: dict[str, Any]) -> Segment:
    ends = made.get("token_timestamps")
    return Segment(
        start=float(made["start"]),
        end=float(made["end"]),
        tokens=made["tokens"].tolist(),
        ends=[] if ends is None else ends.tolist(),
    )


def _rounded(time: float, most: float) -> float:
    """Limit to the duration of the audio: Whisper pads each part to 30 seconds, also the last."""
    return round(min(time, most), 2)
