"""automatic-speech-recognition with CTC models, which predict a character for each frame."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import torch

from backend.errors.inference import GenerationFailed, InvalidInput
from backend.inference.adapters.audio.audio_input import batches, prepared_audio, samples_of
from backend.inference.adapters.base import LoadedModel, Prepared

# Longer audio is processed in windows; this overlap on both sides gives context only.
WINDOW_SECONDS = 30
OVERLAP_SECONDS = 5
_PROBE_SECONDS = 4


@dataclass(frozen=True, kw_only=True)
class Emission:
    """A character or word, with its frames from `start` (inclusive) to `end` (exclusive)."""

    text: str
    start: int
    end: int


class CTCSpeechRecognition:
    """Speech recognition with a CTC model (wav2vec 2.0, HuBERT, …)."""

    encode_threads = 1
    max_group = 64

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        self._extractor, self._tokenizer = loaded.processor
        self._rate = int(self._extractor.sampling_rate)
        self._frame = self._samples_per_frame()
        self._window = round(WINDOW_SECONDS * self._rate / self._frame)
        self._overlap = round(OVERLAP_SECONDS * self._rate / self._frame)

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Decode and prepare an audio file: bytes, base64 or a `data:` URL."""
        foreign = [*parameters.settings(), *_named(parameters, ("language", "task"))]
        if foreign:
            raise InvalidInput(f"This model is a CTC model and does not support {foreign[0]}.")
        samples = samples_of(item, self._rate)
        rows = [self._features(samples[start:stop]) for start, stop in self._windows(len(samples))]
        return prepared_audio(rows, key=(), keep=None)

    def forward(self, group: Sequence[Prepared]) -> list[list[np.ndarray]]:
        """CTC greedy decoding (Graves et al. 2006): the most likely token of each frame.

        For each audio file, for each of its windows: int64 `[frames]`, repeats and blanks included.
        Raises GenerationFailed for logits that are not finite.
        """
        windows: list[np.ndarray] = []
        with torch.inference_mode():
            for batch in batches(group, self._loaded):
                logits = self._loaded.model(**batch).logits
                if not torch.isfinite(logits).all():
                    raise GenerationFailed("The model produced a number that is not finite.")
                windows.append(logits.argmax(dim=-1).cpu().numpy())
        return [[window[row] for window in windows] for row in range(len(group))]

    def decode(
        self, raw: Sequence[np.ndarray], prepared: Prepared, parameters: Any
    ) -> dict[str, object]:
        """The transcript: repeats collapsed, blanks removed.

        `raw` is int64 `[frames]` for each window. Timestamps of words or characters are added on
        request, in seconds, with the resolution of a frame.
        """
        del prepared
        ids = self._joined(raw)
        answer: dict[str, object] = {"text": self._tokenizer.decode(ids)}
        if parameters.return_timestamps:
            emissions = self._emissions(ids)
            pieces = emissions if parameters.return_timestamps == "char" else words(emissions)
            answer["chunks"] = [self._chunk(piece) for piece in pieces]
        return answer

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {"timestamps": ["word", "char"], "heard_at_once_seconds": WINDOW_SECONDS}

    def _samples_per_frame(self) -> int:
        """Samples per frame, measured with silence: config.json omits adapters and features."""
        silence = np.zeros(_PROBE_SECONDS * self._rate, np.float32)
        probe = prepared_audio([self._features(silence)], key=(), keep=None)
        with torch.inference_mode():
            [batch] = batches([probe], self._loaded)
            frames = self._loaded.model(**batch).logits.shape[1]
        takes_samples = self._loaded.model.main_input_name == "input_values"
        known = getattr(self._loaded.model.config, "inputs_to_logits_ratio", None)
        unit = known if takes_samples and known else self._rate // 100
        return max(1, round(len(silence) / frames / unit)) * unit

    def _windows(self, length: int) -> list[tuple[int, int]]:
        window, overlap = self._window * self._frame, self._overlap * self._frame
        if length <= window:
            return [(0, length)]
        step = window - 2 * overlap
        return [(start, start + window) for start in range(0, length - 2 * overlap, step)]

    def _joined(self, windows: Sequence[np.ndarray]) -> list[int]:
        last = len(windows) - 1
        inner = self._window - self._overlap
        parts = [
            ids[self._overlap if i else 0 : None if i == last else inner]
            for i, ids in enumerate(windows)
        ]
        return np.concatenate(parts).tolist()

    def _features(self, samples: np.ndarray) -> dict[str, torch.Tensor]:
        return dict(self._extractor(samples, sampling_rate=self._rate, return_tensors="pt"))

    def _emissions(self, ids: Sequence[int]) -> list[Emission]:
        blank, frame = self._tokenizer.pad_token_id, 0
        found: list[Emission] = []
        for token, run in groupby(ids):
            start, frame = frame, frame + len(list(run))
            if token != blank:
                found.append(Emission(text=self._text_of(token), start=start, end=frame))
        return found

    def _text_of(self, token: int) -> str:
        text = str(self._tokenizer.convert_ids_to_tokens(token))
        if text == getattr(self._tokenizer, "word_delimiter_token", None):
            return " "
        text = text.replace("\u2581", " ")
        return text.lower() if getattr(self._tokenizer, "do_lower_case", False) else text

    def _chunk(self, piece: Emission) -> dict[str, object]:
        seconds = (round(frame * self._frame / self._rate, 3) for frame in (piece.start, piece.end))
        return {"text": piece.text, "timestamp": list(seconds)}


def words(emissions: Sequence[Emission]) -> Iterator[Emission]:
    """Join characters or subwords to words, from the start of the first to the end of the last."""
    word: list[Emission] = []
    for emission in emissions:
        if emission.text.startswith(" ") and word:
            yield _word(word)
            word = []
        if emission.text.strip():
            word.append(emission)
    if word:
        yield _word(word)


def _word(emissions: Sequence[Emission]) -> Emission:
    text = "".join(emission.text for emission in emissions).strip()
    return Emission(text=text, start=emissions[0].start, end=emissions[-1].end)


def _named(parameters: Any, names: Sequence[str]) -> list[str]:
    return [name for name in names if getattr(parameters, name) is not None]
