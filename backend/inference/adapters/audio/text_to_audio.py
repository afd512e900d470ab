"""text-to-speech with MusicGen (Copet et al. 2023): generates music from a description."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch

from backend.errors.inference import InvalidInput
from backend.inference.adapters.audio.speech_seq2seq import (
    GenerationSettings,
    cancellable,
    generation_settings,
    samples_by_default,
)
from backend.inference.adapters.audio.voice_parameters import reject_unsupported
from backend.inference.adapters.audio.waveform import speech_text, wav_file
from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.scores import to_numpy
from backend.inference.config import MAX_SPEECH_CHARACTERS
from backend.inference.responses import MediaFile


class TextToAudio:
    """Text to music. Each text has its own batch, since models usually sample."""

    encode_threads = 1
    max_group = 1

    def __init__(self, loaded: LoadedModel) -> None:
        self._model = loaded.model
        self._tokenizer = loaded.processor
        self._rate = int(loaded.model.config.audio_encoder.sampling_rate)

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Tokenize a text."""
        reject_unsupported(parameters)
        if (parameters.num_beams or 1) > 1:
            raise InvalidInput(f"num_beams is {parameters.num_beams}; this model supports 1.")
        sample = generation_settings(
            parameters, self._model, usually=samples_by_default(self._model)
        )
        text = speech_text(item)
        ids = self._tokenizer(text, verbose=False, truncation=False)["input_ids"]
        if not ids:
            raise InvalidInput("The text has no tokens.")
        return Prepared(size=len(ids), rows=(ids,), key=sample)

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """Waveform of each text, float32 `[channels, samples]` at the codec's sampling rate."""
        return [self._generate(prepared) for prepared in group]

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Any) -> MediaFile:
        """Encode as 16-bit PCM in a WAV file."""
        del prepared, parameters
        return wav_file(raw, self._rate)

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {"sampling_rate": self._rate, "max_characters": MAX_SPEECH_CHARACTERS}

    def _generate(self, prepared: Prepared) -> np.ndarray:
        settings = cast("GenerationSettings", prepared.key).begin()
        ids = torch.tensor([prepared.rows[0]], device=self._model.device)
        with torch.inference_mode():
            made = self._model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                **cancellable([prepared]),
                **settings,
            )
        return to_numpy(made[0])
