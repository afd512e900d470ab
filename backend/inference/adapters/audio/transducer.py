"""automatic-speech-recognition with transducers (Graves 2012; TDT: Xu et al. 2023), as Parakeet.

The text is decoded greedily, a token or a blank at a time: the time of each token is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import torch

from backend.errors.inference import InvalidInput
from backend.inference.adapters.audio.audio_input import (
    batches,
    prepared_audio,
    samples_of,
    split_at_pauses,
)
from backend.inference.adapters.audio.emissions import Emission, words
from backend.inference.adapters.audio.speech_seq2seq import PART_SECONDS, cancellable
from backend.inference.adapters.base import LoadedModel, Prepared


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """Token ids of a part of the audio, blanks included, and the frames that each one takes."""

    ids: torch.Tensor
    durations: torch.Tensor


class TransducerSpeechRecognition:
    """Speech recognition with a transducer; long audio is split at pauses."""

    encode_threads = 1
    max_group = 64

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        self._processor = loaded.processor
        self._rate = int(loaded.processor.feature_extractor.sampling_rate)

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Decode and prepare an audio file: bytes, base64 or a `data:` URL."""
        named = [name for name in ("language", "task") if getattr(parameters, name) is not None]
        foreign = [*parameters.settings(), *named]
        if foreign:
            raise InvalidInput(f"This model is a transducer and does not support {foreign[0]}.")
        parts = split_at_pauses(samples_of(item, self._rate), self._rate, PART_SECONDS)
        rows = [dict(self._processor(part, sampling_rate=self._rate)) for part in parts]
        lengths = [len(part) / self._rate for part in parts[:-1]]
        return prepared_audio(rows, key=(), keep=list(accumulate(lengths, initial=0.0)))

    def forward(self, group: Sequence[Prepared]) -> list[list[Decoded]]:
        """For each audio file, for each of its parts: tokens with their durations, `[steps]`.

        Raises GenerationFailed for logits that are not finite, and ClientGone.
        """
        parts: list[list[Decoded]] = []
        with torch.inference_mode():
            for batch in batches(group, self._loaded):
                made = self._loaded.model.generate(
                    **batch, max_new_tokens=self._most_tokens(batch), **cancellable(group)
                )
                parts.append(self._within_audio(batch, made))
        return [[part[row] for part in parts] for row in range(len(group))]

    def decode(
        self, raw: Sequence[Decoded], prepared: Prepared, parameters: Any
    ) -> dict[str, object]:
        """Join the texts of all parts; timestamps of words or tokens in seconds on request."""
        texts: list[str] = []
        pieces: list[Emission] = []
        for part, start in zip(raw, prepared.keep, strict=True):
            [text], [tokens] = self._processor.decode(
                part.ids[None], durations=part.durations[None], skip_special_tokens=True
            )
            texts.append(text.strip())
            found = [_emission(token, start) for token in tokens]
            pieces += found if parameters.return_timestamps == "char" else words(found)
        answer: dict[str, object] = {"text": " ".join(text for text in texts if text)}
        if parameters.return_timestamps:
            answer["chunks"] = [
                {"text": one.text, "timestamp": [round(one.start, 3), round(one.end, 3)]}
                for one in pieces
            ]
        return answer

    def _within_audio(self, batch: dict[str, torch.Tensor], made: Any) -> list[Decoded]:
        """Each row of a batch, without what it was given after its end until the last row ended."""
        valid = self._loaded.model._get_output_attention_mask(batch["attention_mask"]).sum(-1)
        begins = made.durations.cumsum(dim=-1) - made.durations
        steps = (begins < valid[:, None]).sum(-1).tolist()
        rows = zip(made.sequences.cpu(), made.durations.cpu(), steps, strict=True)
        return [Decoded(ids=ids[:count], durations=spans[:count]) for ids, spans, count in rows]

    def _most_tokens(self, batch: dict[str, torch.Tensor]) -> int:
        """As many tokens and blanks as fit into the audio; the end of it stops the generation."""
        config = self._loaded.model.config
        frames = batch["input_features"].shape[1] // config.encoder_config.subsampling_factor + 1
        return (config.max_symbols_per_step + 1) * frames

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {"timestamps": ["word", "char"], "heard_at_once_seconds": PART_SECONDS}


def _emission(token: dict[str, Any], start: float) -> Emission:
    """A token as the processor returns it, with times from the start of the audio."""
    return Emission(
        text=token["token"], start=start + float(token["start"]), end=start + float(token["end"])
    )
