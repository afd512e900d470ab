"""text-to-speech with SpeechT5 (Ao et al. 2022) and a HiFi-GAN vocoder; long texts are split.

The decoder's prenet drops values at random in inference too: each waveform is slightly different,
unless the request sets a seed.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from backend.errors.inference import InvalidInput
from backend.inference.adapters.audio.voice_parameters import reject_unsupported
from backend.inference.adapters.audio.waveform import speech_text, split_text, wav_file
from backend.inference.adapters.base import LoadedModel, Prepared, check_client_waiting
from backend.inference.adapters.scores import to_numpy
from backend.inference.config import MAX_SPEECH_CHARACTERS
from backend.inference.responses import MediaFile

# Steps of the decoder for each token of the text, as in the library, unless positions run out.
_MOST_RATIO = 20.0


@dataclass(frozen=True, kw_only=True)
class Voice:
    """Seed of a request, and the x-vector of its speaker."""

    seed: int
    embeddings: tuple[float, ...]


class SpeechT5:
    """Text to speech. Each text has its own batch, since a batch has one random generator."""

    encode_threads = 1
    max_group = 1

    def __init__(self, loaded: LoadedModel) -> None:
        self._model = loaded.model
        self._vocoder = loaded.vocoder
        self._tokenizer = loaded.processor
        config = loaded.model.config
        self._dimensions = int(config.speaker_embedding_dim)
        self._most_tokens = int(config.max_text_positions)
        self._most_steps = int(config.max_speech_positions)
        self._rate = int(loaded.vocoder.config.sampling_rate)

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Tokenize a text, in parts if it has more tokens than the model has positions."""
        reject_unsupported(parameters, "speaker_embeddings")
        foreign = list(parameters.settings())
        if foreign:
            raise InvalidInput(f"This model does not sample and does not support {foreign[0]}.")
        rows = tuple(self._parts(speech_text(item)))
        given = parameters.seed
        voice = Voice(
            seed=secrets.randbits(63) if given is None else given,
            embeddings=self._embeddings(parameters.speaker_embeddings),
        )
        return Prepared(size=sum(map(len, rows)), rows=rows, key=object(), keep=voice)

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """Waveform of each text, float32 `[samples]` from -1 to 1 at the vocoder's rate."""
        return [self._synthesize(prepared) for prepared in group]

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Any) -> MediaFile:
        """Encode as 16-bit PCM in a WAV file."""
        del prepared, parameters
        return wav_file(raw, self._rate)

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {
            "sampling_rate": self._rate,
            "speaker_embeddings": self._dimensions,
            "max_characters": MAX_SPEECH_CHARACTERS,
        }

    def _synthesize(self, prepared: Prepared) -> np.ndarray:
        torch.manual_seed(prepared.keep.seed)
        speaker = torch.tensor(
            [prepared.keep.embeddings], device=self._model.device, dtype=self._model.dtype
        )
        with torch.inference_mode(), _interruptible(self._model, prepared):
            return np.concatenate([self._waveform(ids, speaker) for ids in prepared.rows])

    def _waveform(self, ids: list[int], speaker: torch.Tensor) -> np.ndarray:
        steps = self._most_steps * self._model.config.reduction_factor / len(ids)
        spectrogram = self._model.generate_speech(
            torch.tensor([ids], device=self._model.device),
            speaker_embeddings=speaker,
            maxlenratio=min(_MOST_RATIO, steps),
        )
        return to_numpy(self._vocoder(spectrogram.float()))

    def _parts(self, text: str) -> Iterator[list[int]]:
        """Token ids of the text, or of parts of it; a token is a character or more."""
        ids = self._tokenizer(text, verbose=False, truncation=False)["input_ids"]
        if len(ids) <= self._most_tokens:
            yield ids
            return
        for part in split_text(text, max(1, len(text) * self._most_tokens // len(ids) - 2)):
            yield from self._parts(part)

    def _embeddings(self, given: list[float] | None) -> tuple[float, ...]:
        if given is None:
            return (0.0,) * self._dimensions
        if len(given) != self._dimensions:
            raise InvalidInput(
                f"speaker_embeddings has {len(given):,} numbers; this model requires "
                f"{self._dimensions:,}."
            )
        return tuple(given)


@contextmanager
def _interruptible(model: Any, prepared: Prepared) -> Iterator[None]:
    """Stop the generation before its next step when the client is gone. Raises ClientGone."""
    hook = model.speecht5.decoder.prenet.register_forward_pre_hook(
        lambda *_: check_client_waiting([prepared])
    )
    try:
        yield
    finally:
        hook.remove()
