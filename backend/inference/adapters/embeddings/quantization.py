"""Embeddings of lower precision, as quantize_embeddings of sentence-transformers returns them."""

import numpy as np

from backend.errors.inference import InvalidInput

_BUCKETS = 255


def quantized(embedding: np.ndarray, kind: str, ranges: np.ndarray | None) -> np.ndarray:
    """Quantize one embedding, float32 `[dimensions]`.

    `kind` is int8 or uint8, with 256 buckets between the smallest and the largest value of each
    dimension (`ranges`, `[2, dimensions]`; unset: from -1 to 1, which bounds an embedding of length
    one), or binary or ubinary: one bit for each dimension, eight in a byte. int8 and binary are
    signed, an offset of 128 below the others. Raises InvalidInput.
    """
    if kind.endswith("binary"):
        packed = np.packbits(embedding > 0)
        return packed if kind == "ubinary" else (packed.astype(np.int16) - 128).astype(np.int8)
    if ranges is None:
        if np.linalg.norm(embedding) > 1.001:
            raise InvalidInput(
                f"embedding_type {kind} needs embeddings of length one or `ranges`. Set normalize "
                "to true, or set ranges to the smallest and largest values of your embeddings."
            )
        ranges = np.array([[-1.0], [1.0]], np.float32)
    elif ranges.shape[1] != len(embedding):
        raise InvalidInput(
            f"ranges has {ranges.shape[1]} dimensions; the embedding has {len(embedding)}."
        )
    starts, steps = ranges[0], (ranges[1] - ranges[0]) / _BUCKETS
    steps = np.where(steps == 0, np.float32(1), steps)
    buckets = np.clip(np.floor((embedding - starts) / steps), 0, _BUCKETS)
    return buckets.astype(np.uint8) if kind == "uint8" else (buckets - 128).astype(np.int8)
