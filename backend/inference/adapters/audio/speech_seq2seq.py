"""automatic-speech-recognition with encoder-decoder models other than Whisper."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import torch
from transformers import LogitsProcessorList, StoppingCriteria, StoppingCriteriaList

from backend.errors.inference import InvalidInput
from backend.inference.adapters.audio.audio_input import (
    batches,
    prepared_audio,
    samples_of,
    split_at_pauses,
)
from backend.inference.adapters.base import LoadedModel, Prepared, check_client_waiting
from backend.inference.adapters.generation.sampling import check_sampling, greedy
from backend.inference.adapters.generation.token_ids import check_settings, vocabulary_size
from backend.inference.adapters.generation.token_streamer import ScoresRecorder

PART_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class GenerationSettings:
    """Arguments of `generate` as JSON, equal for all members of a batch.

    A request that samples has a seed and its own batch, since a batch has one random generator.
    """

    settings: str
    seed: int | None
    alone: object = field(default=None)

    def begin(self) -> dict[str, Any]:
        """Seed torch's random generator and return the arguments of `generate`."""
        if self.seed is not None:
            torch.manual_seed(self.seed)
        return json.loads(self.settings)


def generation_settings(parameters: Any, model: Any, *, usually: bool) -> GenerationSettings:
    """Convert the parameters of a request; `usually`: the model samples if do_sample is unset.

    Raises InvalidInput for sampling parameters without sampling, and for unknown token ids.
    """
    given = parameters.settings()
    settings = greedy(given) or given
    is_sampled = bool(settings.get("do_sample", usually))
    check_sampling(settings, is_sampled=is_sampled)
    check_settings(settings, vocabulary_size(model))
    if not is_sampled:
        return GenerationSettings(settings=json.dumps(settings), seed=None)
    seed = parameters.seed if parameters.seed is not None else secrets.randbits(63)
    return GenerationSettings(settings=json.dumps(settings), seed=seed, alone=object())


def samples_by_default(model: Any) -> bool:
    """Return whether the model's generation config enables sampling."""
    return bool(model.generation_config.do_sample)


class StopWhenAbandoned(StoppingCriteria):
    """Stops a generation when all clients are gone; called by `generate` after each token."""

    def __init__(self, group: Sequence[Prepared]) -> None:
        self._group = group

    def __call__(self, input_ids: torch.Tensor, scores: Any, **kwargs: Any) -> Any:
        """Return bool `[batch]`, all false. Raises ClientGone."""
        del scores, kwargs
        check_client_waiting(self._group)
        return torch.zeros(len(input_ids), dtype=torch.bool, device=input_ids.device)


def cancellable(group: Sequence[Prepared]) -> dict[str, Any]:
    """Arguments of `generate` that stop it when all clients are gone, and reject NaN in logits."""
    return {
        "logits_processor": LogitsProcessorList([ScoresRecorder()]),
        "stopping_criteria": StoppingCriteriaList([StopWhenAbandoned(group)]),
    }


class SpeechSeq2Seq:
    """Speech recognition with `generate`; long audio is split at pauses.

    With `padding_multiple`, audio is padded to a multiple of this number of samples.
    """

    encode_threads = 1
    max_group = 64

    def __init__(self, loaded: LoadedModel, padding_multiple: int | None = None) -> None:
        self._loaded = loaded
        padded = {"padding": True, "pad_to_multiple_of": padding_multiple}
        self._options: dict[str, Any] = padded if padding_multiple else {}
        self._extractor, self._tokenizer = loaded.processor
        self._rate = int(self._extractor.sampling_rate)

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Decode and prepare an audio file: bytes, base64 or a `data:` URL."""
        for name in ("language", "task"):
            if getattr(parameters, name) is not None:
                raise InvalidInput(f"This model does not support {name}.")
        if parameters.return_timestamps:
            raise InvalidInput("This model has no timestamps; leave return_timestamps out.")
        generation = self._generation(parameters)
        parts = split_at_pauses(samples_of(item, self._rate), self._rate, PART_SECONDS)
        rows = [
            dict(
                self._extractor(
                    part, sampling_rate=self._rate, return_tensors="pt", **self._options
                )
            )
            for part in parts
        ]
        return prepared_audio(rows, key=generation, keep=None)

    def forward(self, group: Sequence[Prepared]) -> list[list[list[int]]]:
        """For each audio file, for each of its parts: generated token ids, with special tokens."""
        settings = _generation(group).begin()
        parts: list[list[list[int]]] = []
        with torch.inference_mode():
            for batch in batches(group, self._loaded):
                made = self._loaded.model.generate(**batch, **cancellable(group), **settings)
                parts.append(made.tolist())
        return [[part[row] for part in parts] for row in range(len(group))]

    def decode(
        self, raw: Sequence[list[int]], prepared: Prepared, parameters: Any
    ) -> dict[str, object]:
        """Join the texts of all parts."""
        del prepared, parameters
        texts = (self._tokenizer.decode(ids, skip_special_tokens=True).strip() for ids in raw)
        return {"text": " ".join(text for text in texts if text)}

    def _generation(self, parameters: Any) -> GenerationSettings:
        model = self._loaded.model
        return generation_settings(parameters, model, usually=samples_by_default(model))

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {"timestamps": [], "heard_at_once_seconds": PART_SECONDS}


def _generation(group: Sequence[Prepared]) -> GenerationSettings:
    _, generation = cast("tuple[Any, GenerationSettings]", group[0].key)
    return generation
