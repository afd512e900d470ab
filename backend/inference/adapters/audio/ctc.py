"""automatic-speech-recognition with CTC models, which predict a character for each frame."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
import torch

from backend.errors.inference import GenerationFailed, InvalidInput
from backend.inference.adapters.audio.audio_input import batches, prepared_audio, samples_of
from backend.inference.adapters.audio.emissions import Emission, words
from backend.inference.adapters.audio.language_adapters import languages_of
from backend.inference.adapters.base import LoadedModel, Prepared

# Longer audio is processed in windows; this overlap on both sides gives context only.
WINDOW_SECONDS = 30
OVERLAP_SECONDS = 5
_PROBE_SECONDS = 4


class CTCSpeechRecognition:
    """Speech recognition with a CTC model (wav2vec 2.0, HuBERT, …)."""

    encode_threads = 1
    max_group = 64

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        self._extractor, tokenizer = loaded.processor
        self._languages = languages_of(loaded, tokenizer)
        self._rate = int(self._extractor.sampling_rate)
        self._frame = self._samples_per_frame()
        self._window = round(WINDOW_SECONDS * self._rate / self._frame)
        self._overlap = round(OVERLAP_SECONDS * self._rate / self._frame)

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Decode and prepare an audio file: bytes, base64 or a `data:` URL."""
        foreign = [*parameters.settings(), *(["task"] if parameters.task else [])]
        if foreign:
            raise InvalidInput(f"This model is a CTC model and does not support {foreign[0]}.")
        language = self._languages.check(parameters.language)
        samples = samples_of(item, self._rate)
        rows = [self._features(samples[start:stop]) for start, stop in self._windows(len(samples))]
        return prepared_audio(rows, key=language, keep=language)

    def forward(self, group: Sequence[Prepared]) -> list[list[np.ndarray]]:
        """CTC greedy decoding (Graves et al. 2006): the most likely token of each frame.

        For each audio file, for each of its windows: int64 `[frames]`, repeats and blanks included.
        Raises GenerationFailed for logits that are not finite.
        """
        windows: list[np.ndarray] = []
        self._languages.activate(group[0].keep)
        with torch.inference_mode():
            for batch in batches(group, self._loaded):
                logits = self._loaded.model(**batch).logits
                if not torch.isfinite(logits).all():
                    raise GenerationFailed("The model produced a number that is not finite.")
                windows.append(self._without_padding(logits.argmax(dim=-1), batch).cpu().numpy())
        return [[window[row] for window in windows] for row in range(len(group))]

    def decode(
        self, raw: Sequence[np.ndarray], prepared: Prepared, parameters: Any
    ) -> dict[str, object]:
        """The transcript: repeats collapsed, blanks removed.

        `raw` is int64 `[frames]` for each window. Timestamps of words or characters are added on
        request, in seconds, with the resolution of a frame.
        """
        tokenizer = self._languages.tokenizer(prepared.keep)
        ids = self._joined(raw)
        answer: dict[str, object] = {"text": tokenizer.decode(ids)}
        if parameters.return_timestamps:
            emissions = _emissions(ids, tokenizer)
            pieces = emissions if parameters.return_timestamps == "char" else words(emissions)
            answer["chunks"] = [self._chunk(piece) for piece in pieces]
        return answer

    def facts(self) -> dict[str, object]:
        """For /info."""
        facts = {"timestamps": ["word", "char"], "heard_at_once_seconds": WINDOW_SECONDS}
        return facts | self._languages.facts()

    def _without_padding(self, ids: torch.Tensor, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        """Blanks for frames after the audio: some feature extractors add one that is masked."""
        masked = getattr(self._loaded.model, "_get_output_attention_mask", None)
        if masked is None or "attention_mask" not in batch:
            return ids
        valid = masked(batch["attention_mask"], target_length=ids.shape[1])
        return ids.masked_fill(~valid.bool(), int(self._loaded.model.config.pad_token_id))

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

    def _chunk(self, piece: Emission) -> dict[str, object]:
        seconds = (round(frame * self._frame / self._rate, 3) for frame in (piece.start, piece.end))
        return {"text": piece.text, "timestamp": list(seconds)}


def _emissions(ids: Sequence[int], tokenizer: Any) -> list[Emission]:
    blank, frame = tokenizer.pad_token_id, 0
    found: list[Emission] = []
    for token, run in groupby(ids):
        start, frame = frame, frame + len(list(run))
        if token != blank:
            found.append(Emission(text=_text_of(token, tokenizer), start=start, end=frame))
    return found


def _text_of(token: int, tokenizer: Any) -> str:
    text = str(tokenizer.convert_ids_to_tokens(token))
    if text == getattr(tokenizer, "word_delimiter_token", None):
        return " "
    text = text.replace("\u2581", " ")
    return text.lower() if getattr(tokenizer, "do_lower_case", False) else text
