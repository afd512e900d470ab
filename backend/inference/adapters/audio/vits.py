"""text-to-speech with VITS (Kim et al. 2021), not autoregressive; long texts are split.

Its noise makes each waveform slightly different, unless the request sets a seed.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers.utils.import_utils import is_phonemizer_available, is_uroman_available

from backend.errors.inference import InvalidInput
from backend.errors.model import MissingLibrary
from backend.inference.adapters.audio.voice_parameters import reject_unsupported
from backend.inference.adapters.audio.waveform import speech_text, split_text, wav_file
from backend.inference.adapters.base import LoadedModel, Prepared, check_client_waiting
from backend.inference.adapters.scores import to_numpy
from backend.inference.config import MAX_SPEECH_CHARACTERS
from backend.inference.responses import MediaFile

# A forward pass needs memory proportional to the duration of its audio and cannot be interrupted.
# The duration is known only within the pass; this number of characters is about one second.
_PASS_SECONDS = 30
_CHARACTERS_IN_A_SECOND = 15


@dataclass(frozen=True, kw_only=True)
class Voice:
    """Seed, speaker and speaking rate of a request."""

    seed: int
    speaker: int | None
    rate: float


class Vits:
    """Text to speech. Each text has its own batch, since a batch has one random generator."""

    encode_threads = 1
    max_group = 1

    def __init__(self, loaded: LoadedModel) -> None:
        self._model = loaded.model
        self._tokenizer = loaded.processor
        _check_libraries(self._tokenizer)

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Tokenize a text, in parts if it is long."""
        reject_unsupported(parameters, "speaker", "speed")
        foreign = list(parameters.settings())
        if foreign:
            raise InvalidInput(f"This model does not sample and does not support {foreign[0]}.")
        text = speech_text(item)
        rate = float(self._model.config.speaking_rate) * (parameters.speed or 1.0)
        most = max(1, int(_PASS_SECONDS * _CHARACTERS_IN_A_SECOND * rate))
        said = [part for part in split_text(text, most) if self._has_letters(part)]
        if not said:
            raise InvalidInput("The text contains no character of this model's vocabulary.")
        rows = tuple(self._tokenizer(part)["input_ids"] for part in said)
        given = parameters.seed
        voice = Voice(
            seed=secrets.randbits(63) if given is None else given,
            speaker=self._speaker(parameters.speaker),
            rate=rate,
        )
        return Prepared(size=sum(map(len, rows)), rows=rows, key=object(), keep=voice)

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """Waveform of each text, float32 `[samples]` from -1 to 1 at the model's sampling rate."""
        return [self._synthesize(prepared) for prepared in group]

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Any) -> MediaFile:
        """Encode as 16-bit PCM in a WAV file."""
        del prepared, parameters
        return wav_file(raw, self._model.config.sampling_rate)

    def facts(self) -> dict[str, object]:
        """For /info."""
        config = self._model.config
        return {
            "sampling_rate": config.sampling_rate,
            "speakers": config.num_speakers,
            "max_characters": MAX_SPEECH_CHARACTERS,
        }

    def _synthesize(self, prepared: Prepared) -> np.ndarray:
        torch.manual_seed(prepared.keep.seed)
        parts: list[np.ndarray] = []
        for ids in prepared.rows:
            check_client_waiting([prepared])
            parts.append(self._waveform(ids, prepared.keep))
        return np.concatenate(parts)

    def _waveform(self, ids: list[int], voice: Voice) -> np.ndarray:
        with torch.inference_mode():
            made = self._model(
                torch.tensor([ids], device=self._model.device),
                speaker_id=voice.speaker,
                speaking_rate=voice.rate,
            )
        return to_numpy(made.waveform[0])

    def _has_letters(self, text: str) -> bool:
        said, _ = self._tokenizer.prepare_for_tokenization(text)
        return bool(said.strip())

    def _speaker(self, wanted: int | None) -> int | None:
        count = self._model.config.num_speakers
        if wanted is not None and wanted >= count:
            raise InvalidInput(
                f"speaker is {wanted}; this model has {count} speakers, numbered from 0."
            )
        return (wanted or 0) if count > 1 else None


def _check_libraries(tokenizer: Any) -> None:
    """Reject tokenizers whose libraries are missing: they would process the text incorrectly."""
    needed = {
        "phonemizer": tokenizer.phonemize and not is_phonemizer_available(),
        "uroman": tokenizer.is_uroman and not is_uroman_available(),
    }
    for extra, is_missing in needed.items():
        if is_missing:
            raise MissingLibrary(f"The model's tokenizer requires {extra}.", extra=extra)
