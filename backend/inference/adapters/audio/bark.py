"""text-to-speech with Bark (Suno, 2023): three transformers in sequence, then its codec.

A semantic model reads the text, a coarse and a fine model generate the tokens of the codec. A voice
preset is tokens of earlier speech, which they continue.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers.models.bark.generation_configuration_bark import BarkSemanticGenerationConfig

from backend.errors.inference import InvalidInput
from backend.inference.adapters.audio.speech_seq2seq import cancellable
from backend.inference.adapters.audio.voice_parameters import reject_unsupported
from backend.inference.adapters.audio.voice_presets import VoicePresets
from backend.inference.adapters.audio.waveform import speech_text, wav_file
from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.generation.sampling import check_sampling, greedy
from backend.inference.adapters.limits import too_long
from backend.inference.adapters.scores import to_numpy
from backend.inference.adapters.tensors import place
from backend.inference.config import MAX_SPEECH_CHARACTERS
from backend.inference.responses import MediaFile

# Settings of `generate` by the stages to which they apply; the fine model is not autoregressive.
_STAGES = {
    "max_new_tokens": ("semantic",),
    "do_sample": ("semantic", "coarse"),
    "temperature": ("semantic", "coarse"),
    "top_k": ("semantic", "coarse"),
    "top_p": ("semantic", "coarse"),
}


@dataclass(frozen=True, kw_only=True)
class Speech:
    """What to generate: arguments of `generate`, the name of a voice, and a seed."""

    settings: dict[str, Any]
    voice: str | None
    seed: int


class Bark:
    """Text to speech. Each text has its own batch, since a batch has one random generator."""

    encode_threads = 1
    max_group = 1

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        self._model = loaded.model
        self._tokenizer = loaded.processor
        stated = loaded.model.generation_config.semantic_config
        self._semantic = BarkSemanticGenerationConfig(**stated)
        codes = int(loaded.model.generation_config.codebook_size)
        self._presets = VoicePresets(
            loaded.directory,
            {
                "semantic_prompt": (1, int(self._semantic.semantic_vocab_size)),
                "coarse_prompt": (2, codes),
                "fine_prompt": (2, codes),
            },
        )
        self._rate = int(loaded.model.generation_config.sample_rate)

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Tokenize a text, and read the voice preset. A longer text than the model reads is
        rejected: each part would have another voice."""
        reject_unsupported(parameters, "voice")
        settings = self._settings(parameters)
        text = speech_text(item)
        most = int(self._semantic.max_input_semantic_length)
        ids = self._tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        if not ids:
            raise InvalidInput("The text has no tokens.")
        if len(ids) > most:
            raise too_long(len(ids), most)
        padded = self._tokenizer(
            text, add_special_tokens=False, padding="max_length", max_length=most,
            return_attention_mask=True, return_token_type_ids=False, return_tensors="pt",
        )  # fmt: skip
        history = self._presets.load(parameters.voice) if parameters.voice else None
        given = parameters.seed
        seed = secrets.randbits(63) if given is None else given
        keep = Speech(settings=settings, voice=parameters.voice, seed=seed)
        return Prepared(size=most, rows=(dict(padded), history), key=object(), keep=keep)

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """Waveform of each text, float32 `[samples]` at the codec's sampling rate."""
        return [self._generate(prepared) for prepared in group]

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Any) -> MediaFile:
        """Encode as 16-bit PCM in a WAV file."""
        del prepared, parameters
        return wav_file(raw, self._rate)

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {
            "sampling_rate": self._rate,
            "max_characters": MAX_SPEECH_CHARACTERS,
            "voices": self._presets.names,
            "max_input_tokens": int(self._semantic.max_input_semantic_length),
        }

    def _generate(self, prepared: Prepared) -> np.ndarray:
        torch.manual_seed(prepared.keep.seed)
        tokens, history = prepared.rows
        stop = cancellable([prepared])["stopping_criteria"]
        with torch.inference_mode():
            made = self._model.generate(
                **self._placed(tokens),
                history_prompt=self._placed(history) if history else None,
                semantic_stopping_criteria=stop,
                coarse_stopping_criteria=stop,
                **prepared.keep.settings,
            )
        return to_numpy(made[0])

    def _placed(self, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {name: place(tensor, self._loaded) for name, tensor in tensors.items()}

    def _settings(self, parameters: Any) -> dict[str, Any]:
        """Arguments of `generate`, each with the prefix of its stage."""
        given = parameters.settings()
        foreign = [name for name in given if name not in _STAGES]
        if foreign:
            raise InvalidInput(f"This model does not support {foreign[0]}.")
        settings = greedy(given) or given
        usually = bool(self._semantic.do_sample)
        check_sampling(settings, is_sampled=bool(settings.get("do_sample", usually)))
        staged = {
            f"{stage}_{name}": value for name, value in settings.items() for stage in _STAGES[name]
        }
        if settings.get("do_sample") is False:
            # The fine model takes the most likely codes with a temperature of 1.
            staged["fine_temperature"] = 1.0
        return staged
