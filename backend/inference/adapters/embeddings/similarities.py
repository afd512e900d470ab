"""Similarity functions of sentence-transformers, of one embedding to several others."""

from collections.abc import Callable

import numpy as np

from backend.inference.adapters.embeddings.embedder import normalized


def _cosine(source: np.ndarray, others: np.ndarray) -> np.ndarray:
    return normalized(others) @ normalized(source)


def _dot(source: np.ndarray, others: np.ndarray) -> np.ndarray:
    return others @ source


def _euclidean(source: np.ndarray, others: np.ndarray) -> np.ndarray:
    return -np.linalg.norm(others - source, axis=-1)


def _manhattan(source: np.ndarray, others: np.ndarray) -> np.ndarray:
    return -np.abs(others - source).sum(-1)


# Distances are negative: a larger number always means more similar.
SIMILARITIES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "cosine": _cosine,
    "dot": _dot,
    "euclidean": _euclidean,
    "manhattan": _manhattan,
}
