"""An audio file as a request brings it, and its parts as a model's feature extractor takes them."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from backend.errors.inference import InvalidInput
from backend.inference.adapters.base import LoadedModel, Prepared, check_client_waiting
from backend.inference.adapters.tensors import place
from backend.inference.media import bytes_of, read_audio


def samples_of(item: object, rate: int) -> np.ndarray:
    """Mono float32 samples at `rate` Hz of bytes, base64 or a `data:` URL."""
    samples = read_audio(bytes_of(item), rate)
    if len(samples) < rate // 50:
        raise InvalidInput("The audio is shorter than a fiftieth of a second.")
    return samples


def split_at_pauses(samples: np.ndarray, rate: int, seconds: int) -> list[np.ndarray]:
    """Parts of at most so many seconds, cut where the last third of each is quietest."""
    most, step = seconds * rate, rate // 50
    parts: list[np.ndarray] = []
    while len(samples) > most:
        start = 2 * most // 3
        tail = samples[start : min(most, len(samples) - rate)]
        loudness = np.square(tail[: len(tail) // step * step].reshape(-1, step)).mean(axis=1)
        cut = start + int(loudness.argmin()) * step + step // 2
        parts.append(samples[:cut])
        samples = samples[cut:]
    return [*parts, samples]


def prepared_audio(rows: Sequence[dict[str, Any]], key: Any, keep: Any) -> Prepared:
    """The parts of one audio file. Only files with parts of equal shape share a group, since
    padding would change the answer."""
    shapes = tuple(
        tuple((name, tuple(value.shape[1:])) for name, value in row.items()) for row in rows
    )
    size = sum(max(value.numel() for value in row.values()) for row in rows)
    return Prepared(size=size, rows=tuple(rows), key=(shapes, key), keep=keep)


def batches(group: Sequence[Prepared], loaded: LoadedModel) -> Iterator[dict[str, torch.Tensor]]:
    """The first parts of a group as one batch, then the second ones, until nobody waits."""
    for rows in zip(*(prepared.rows for prepared in group), strict=True):
        check_client_waiting(group)
        yield {name: place(torch.cat([row[name] for row in rows]), loaded) for name in rows[0]}
