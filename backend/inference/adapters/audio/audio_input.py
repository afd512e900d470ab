"""Decodes the audio of a request, and prepares it for a model's feature extractor."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from backend.errors.inference import InvalidInput
from backend.inference.adapters.base import LoadedModel, Prepared, check_client_waiting
from backend.inference.adapters.tensors import place
from backend.inference.media import bytes_of, read_audio


def samples_of(item: object, rate: int) -> np.ndarray:
    """Mono float32 `[samples]` at `rate` Hz, from bytes, base64 or a `data:` URL."""
    samples = read_audio(bytes_of(item), rate)
    if len(samples) < rate // 50:
        raise InvalidInput("The audio is shorter than 0.02 seconds.")
    return samples


def split_at_pauses(samples: np.ndarray, rate: int, seconds: int) -> list[np.ndarray]:
    """Split into parts of at most `seconds`, each at the quietest point of its last third."""
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
    """Prepare the parts of one audio file.

    Only files with parts of equal shape are batched, since padding would change the result.
    """
    shapes = tuple(
        tuple((name, tuple(value.shape[1:])) for name, value in row.items()) for row in rows
    )
    size = sum(max(value.numel() for value in row.values()) for row in rows)
    return Prepared(size=size, rows=tuple(rows), key=(shapes, key), keep=keep)


def batches(group: Sequence[Prepared], loaded: LoadedModel) -> Iterator[dict[str, torch.Tensor]]:
    """Yield batches: the first part of each file, then the second, and so on. Raises ClientGone."""
    for rows in zip(*(prepared.rows for prepared in group), strict=True):
        check_client_waiting(group)
        yield {name: place(torch.cat([row[name] for row in rows]), loaded) for name in rows[0]}
