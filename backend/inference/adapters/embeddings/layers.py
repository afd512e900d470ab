"""Modules of sentence-transformers after the first one: poolings, dense layers, norms.

Each reads and returns features by name: `token_embeddings` `[batch, sequence, dimensions]`,
`attention_mask` and `pooled` (the tokens to pool) `[batch, sequence]`, `sentence_embedding`
`[batch, dimensions]`.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor, nn

from backend.domain.sentence_transformers import EmbeddingModule
from backend.errors.server import LoadFailed
from backend.inference.adapters.embeddings.sparse import (
    SparseAutoEncoder,
    SpladePooling,
    encoder_weights,
)
from backend.tasks.colbert import PROJECTION
from backend.tasks.module_rules import SENTENCE, TOKENS, activation_name, poolings

Features = dict[str, Tensor]
# Hidden states [batch, sequence, hidden]; attention mask and pooled tokens, [batch, sequence].
Pool = Callable[[Tensor, Tensor, Tensor], Tensor]


def _cls(states: Tensor, mask: Tensor, pooled: Tensor) -> Tensor:
    del mask
    return states[torch.arange(len(states), device=states.device), pooled.argmax(1)]


def _max(states: Tensor, mask: Tensor, pooled: Tensor) -> Tensor:
    del mask
    return states.masked_fill(pooled.unsqueeze(-1) == 0, -torch.inf).max(1).values


def _mean(states: Tensor, mask: Tensor, pooled: Tensor) -> Tensor:
    del mask
    return _weighted(states, pooled.to(states.dtype))


def _mean_sqrt_len(states: Tensor, mask: Tensor, pooled: Tensor) -> Tensor:
    return _mean(states, mask, pooled) * pooled.sum(1, keepdim=True).to(states.dtype).sqrt()


def _weighted_mean(states: Tensor, mask: Tensor, pooled: Tensor) -> Tensor:
    return _weighted(states, (mask.cumsum(1) * pooled).to(states.dtype))


def _last(states: Tensor, mask: Tensor, pooled: Tensor) -> Tensor:
    del mask
    place = pooled.shape[1] - 1 - pooled.flip(1).argmax(1)
    return states[torch.arange(len(states), device=states.device), place]


def _weighted(states: Tensor, weights: Tensor) -> Tensor:
    return torch.einsum("btd,bt->bd", states, weights) / weights.sum(1, keepdim=True).clamp(1e-9)


POOLINGS: dict[str, Pool] = {
    "cls": _cls,
    "max": _max,
    "mean": _mean,
    "mean_sqrt_len_tokens": _mean_sqrt_len,
    "weightedmean": _weighted_mean,
    "lasttoken": _last,
}


class Pooling(nn.Module):
    """One or more poolings of the token embeddings, concatenated."""

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        self.names = poolings(settings)
        self.pools_prompt = bool(settings.get("include_prompt", True))

    def forward(self, features: Features) -> Features:
        """Add `sentence_embedding`, `[batch, poolings * dimensions]`."""
        states, mask = features[TOKENS].to(torch.float32), features["attention_mask"]
        made = [POOLINGS[name](states, mask, features["pooled"]) for name in self.names]
        return features | {SENTENCE: torch.cat(made, dim=-1)}


class Dense(nn.Module):
    """A linear layer with an activation and an optional residual connection."""

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        width, out = settings["in_features"], settings["out_features"]
        self.linear = nn.Linear(width, out, bias=settings.get("bias", True))
        self.activation = activation(settings.get("activation_function") or "torch.nn.Tanh")
        self._name: str = settings.get("module_input_name") or SENTENCE
        self._goes_around = bool(settings.get("use_residual"))
        if self._goes_around and width != out:
            self.residual = nn.Linear(width, out, bias=False)

    def forward(self, features: Features) -> Features:
        """`[…, in_features]` to `[…, out_features]`."""
        given = features[self._name].to(torch.float32)
        made = self.activation(self.linear(given))
        if self._goes_around:
            made = made + (self.residual(given) if hasattr(self, "residual") else given)
        return features | {self._name: made}


class LayerNorm(nn.Module):
    """Layer normalization with learned scale and bias."""

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(settings["dimension"])

    def forward(self, features: Features) -> Features:
        """`[batch, dimensions]` to the same shape."""
        return features | {SENTENCE: self.norm(features[SENTENCE].to(torch.float32))}


class Normalize(nn.Module):
    """L2 normalization to length one."""

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        self.name: str = settings.get("module_input_name") or SENTENCE

    def forward(self, features: Features) -> Features:
        """`[…, dimensions]` to the same shape."""
        made = nn.functional.normalize(features[self.name].to(torch.float32), dim=-1)
        return features | {self.name: made}


def activation(path: str) -> nn.Module:
    """Create an activation of torch.nn by its full name. Raises LoadFailed for other classes."""
    name = activation_name(path)
    if name is None:
        raise LoadFailed(f"The model's activation {path[:100]!r} is not supported.")
    return getattr(nn, name)()


_MODULES: dict[str, Callable[[dict[str, Any]], nn.Module]] = {
    "Pooling": Pooling, "SpladePooling": SpladePooling, "Normalize": Normalize,
    "Dense": Dense, "LayerNorm": LayerNorm, "SparseAutoEncoder": SparseAutoEncoder,
}  # fmt: skip
_WITH_WEIGHTS = {"Dense", "LayerNorm", "SparseAutoEncoder"}


def layers_of(modules: Sequence[EmbeddingModule], directory: Path) -> list[nn.Module]:
    """The modules in order, float32, with weights; without Dropout, which only trains."""
    return [_made(module, directory) for module in modules if module.kind != "Dropout"]


def _made(module: EmbeddingModule, directory: Path) -> nn.Module:
    if module.kind == "Dense" and not module.folder:
        return _projection(module, directory)
    made = _MODULES[module.kind](dict(module.settings))
    if module.kind in _WITH_WEIGHTS:
        tensors = weights_of(directory / module.folder)
        is_tied = isinstance(made, SparseAutoEncoder)
        made.load_state_dict(encoder_weights(tensors) if is_tied else tensors)
    return made.float().eval()


def _projection(module: EmbeddingModule, directory: Path) -> nn.Module:
    """The projection of a ColBERT checkpoint, whose dimensions only its weights state."""
    weight = _tensor(directory, PROJECTION)
    out, width = weight.shape
    made = Dense({**module.settings, "in_features": width, "out_features": out})
    made.load_state_dict({PROJECTION: weight})
    return made.float().eval()


def _tensor(folder: Path, name: str) -> Tensor:
    """A tensor of a model in one or several files. Raises LoadFailed if none of them has it."""
    for path in sorted(folder.glob("model*.safetensors")):
        with safe_open(path, "pt") as file:
            if name in file.keys():  # noqa: SIM118
                return file.get_tensor(name)
    raise LoadFailed(f"The files have no weights {name!r}, the projection of its embeddings.")


def weights_of(folder: Path) -> dict[str, Tensor]:
    """Tensors in the folder of a module. Raises LoadFailed without a file."""
    path = folder / "model.safetensors"
    if not path.is_file():
        raise LoadFailed(f"The files have no weights for the module {folder.name!r}.")
    return load_file(path)
