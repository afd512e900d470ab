"""Fewer embeddings for a document: similar ones are replaced by their mean (Clavié et al. 2024).

https://arxiv.org/abs/2409.14683. Clusters are those of Ward's method on cosine distances, as in
sentence-transformers. scipy computes them; it is in a folder of its own (an extra).
"""

import importlib
from typing import Any

import numpy as np

from backend.tasks.multi_vector import TokenPooling


def pooled(embeddings: np.ndarray, how: TokenPooling) -> np.ndarray:
    """Float32 `[tokens, dimensions]`, of length one, to `[clusters, dimensions]`.

    The first `how.protected` embeddings stay as they are.
    """
    kept, rest = embeddings[: how.protected], embeddings[how.protected :]
    count = max(int(len(rest) // how.factor), 1)
    if how.factor > 1 and count < len(rest):
        groups = _clusters(rest, count)
        means = [rest[groups == group].mean(axis=0) for group in np.unique(groups)]
        embeddings = np.concatenate([kept, np.stack(means)])
    return _normalized(embeddings) if how.normalizes else embeddings


def _clusters(embeddings: np.ndarray, count: int) -> np.ndarray:
    """The number of the cluster of each embedding, of at most `count` clusters."""
    hierarchy: Any = importlib.import_module("scipy.cluster.hierarchy")
    distance: Any = importlib.import_module("scipy.spatial.distance")
    distances = np.clip(1 - embeddings @ embeddings.T, 0, 2)
    tree = hierarchy.linkage(distance.squareform(distances, checks=False), method="ward")
    return hierarchy.fcluster(tree, t=count, criterion="maxclust")


def _normalized(embeddings: np.ndarray) -> np.ndarray:
    return embeddings / np.maximum(np.linalg.norm(embeddings, axis=-1, keepdims=True), 1e-12)
