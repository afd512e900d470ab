"""zero-shot-audio-classification: similarity of audio and label embeddings (CLAP)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from backend.inference.adapters.audio.audio_input import samples_of
from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.scores import check_finite, softmax, to_numpy
from backend.inference.adapters.tensors import place
from backend.inference.adapters.tokenization import Encoded, TextTokenizer, tokens_of


class ZeroShotAudioClassification:
    """Audio and candidate labels to scores.

    Audio longer than the model's window is split into parts of equal weight. By default the
    model uses a random part, which makes results irreproducible.
    """

    encode_threads = 1
    max_group = 64

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        self._extractor, tokenizer = loaded.processor
        self._texts = TextTokenizer(replace(loaded, processor=tokenizer))

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Decode and prepare an audio file; the candidate labels are in the parameters."""
        samples = samples_of(item, self._extractor.sampling_rate)
        rows = tuple(self._features(part) for part in self._parts(samples))
        sentences = tuple(
            self._texts.encode(parameters.hypothesis_template.replace("{}", label))[0]
            for label in parameters.candidate_labels
        )
        key = (tuple(parameters.candidate_labels), parameters.hypothesis_template)
        size = sum(row["input_features"].numel() for row in rows) + tokens_of(sentences)
        return Prepared(size=size, rows=rows, key=key, keep=sentences)

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """Similarity logits of each audio file, float32 `[candidate labels]`, mean of its parts.

        CLAP (Wu et al. 2023).
        """
        sentences: Sequence[Encoded] = group[0].keep
        rows = [row for prepared in group for row in prepared.rows]
        batch = {
            name: place(torch.cat([row[name] for row in rows]), self._loaded) for name in rows[0]
        }
        with torch.inference_mode():
            fits = self._loaded.model(**batch, **self._texts.collate(sentences)).logits_per_audio
        ends = np.cumsum([len(prepared.rows) for prepared in group])[:-1]
        return [part.mean(axis=0) for part in np.split(to_numpy(fits), ends)]

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Any) -> object:
        """Labels with scores, best first."""
        del prepared
        scores = check_finite(softmax(raw))
        order = np.argsort(-scores, kind="stable")
        labels = parameters.candidate_labels
        return [{"label": labels[int(i)], "score": float(scores[i])} for i in order]

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {"heard_at_once_seconds": self._extractor.max_length_s}

    def _parts(self, samples: np.ndarray) -> list[np.ndarray]:
        """Split into parts of equal length; a shorter last part starts earlier to fill it."""
        most = int(self._extractor.nb_max_samples)
        if len(samples) <= most:
            return [samples]
        starts = [*range(0, len(samples) - most, most), len(samples) - most]
        return [samples[start : start + most] for start in starts]

    def _features(self, part: np.ndarray) -> dict[str, torch.Tensor]:
        rate = self._extractor.sampling_rate
        return dict(self._extractor(part, sampling_rate=rate, return_tensors="pt"))
