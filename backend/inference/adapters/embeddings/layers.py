"""Modules of sentence-transformers after the first one: poolings, dense layers, norms.

Each reads and returns features by name: `token_embeddings` `[batch, sequence, dimensions]`,
`input_ids`, `attention_mask` and `pooled` (the tokens to pool) `[batch, sequence]`,
`sentence_embedding` `[batch, dimensions]`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor, nn

from backend.domain.sentence_transformers import EmbeddingModule
from backend.errors.server import LoadFailed
from backend.inference.adapters.embeddings.layer_pooling import WeightedLayerPooling
from backend.inference.adapters.embeddings.sparse import (
    SparseAutoEncoder,
    SpladePooling,
    encoder_weights,
)
from backend.inference.adapters.embeddings.word_layers import CNN, LSTM, WEIGHTS_SUM, WordWeights
from backend.tasks.colbert import PROJECTION
from backend.tasks.module_rules import SENTENCE, TOKENS, activation_name, poolings

Features = dict[str, Tensor]


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """What is pooled: hidden states `[batch, sequence, hidden]`; attention mask and pooled tokens,
    `[batch, sequence]`; the sum of the weights of the tokens `[batch]`, if they have weights."""

    states: Tensor
    mask: Tensor
    pooled: Tensor
    weights_sum: Tensor | None


Pool = Callable[[Tokens], Tensor]


def _cls(given: Tokens) -> Tensor:
    return given.states[_rows(given), given.pooled.argmax(1)]


def _max(given: Tokens) -> Tensor:
    return given.states.masked_fill(given.pooled.unsqueeze(-1) == 0, -torch.inf).max(1).values


def _mean(given: Tokens) -> Tensor:
    return _summed(given, given.pooled) / _total(given, given.pooled)


def _mean_sqrt_len(given: Tokens) -> Tensor:
    return _summed(given, given.pooled) / _total(given, given.pooled).sqrt()


def _weighted_mean(given: Tokens) -> Tensor:
    places = given.mask.cumsum(1) * given.pooled
    return _summed(given, places) / _total(given, places)


def _last(given: Tokens) -> Tensor:
    place = given.pooled.shape[1] - 1 - given.pooled.flip(1).argmax(1)
    found = given.states[_rows(given), place]
    # Zero for a text without tokens.
    return found * given.pooled.any(1, keepdim=True)


def _rows(given: Tokens) -> Tensor:
    return torch.arange(len(given.states), device=given.states.device)


def _summed(given: Tokens, weights: Tensor) -> Tensor:
    return torch.einsum("btd,bt->bd", given.states, weights.to(given.states.dtype))


def _total(given: Tokens, weights: Tensor) -> Tensor:
    """What the sum is divided by, `[batch, 1]`; above zero also for a text without tokens."""
    total = weights.sum(1) if given.weights_sum is None else given.weights_sum
    return total.to(given.states.dtype).clamp(min=1e-9).unsqueeze(1)


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
        given = Tokens(
            states=features[TOKENS].to(torch.float32), mask=features["attention_mask"],
            pooled=features["pooled"], weights_sum=features.get(WEIGHTS_SUM),
        )  # fmt: skip
        made = [POOLINGS[name](given) for name in self.names]
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
_TOKEN_LAYERS: dict[str, Callable[[EmbeddingModule], nn.Module]] = {
    "LSTM": LSTM, "CNN": CNN, "WeightedLayerPooling": WeightedLayerPooling,
}  # fmt: skip
_WITHOUT_WEIGHTS = {"Pooling", "SpladePooling", "Normalize"}


def layers_of(modules: Sequence[EmbeddingModule], directory: Path) -> list[nn.Module]:
    """The modules in order, float32, with weights; without Dropout, which only trains."""
    return [_made(module, directory) for module in modules if module.kind != "Dropout"]


def _made(module: EmbeddingModule, directory: Path) -> nn.Module:
    if module.kind == "WordWeights":
        return WordWeights(directory / module.folder).eval()
    if module.kind == "Dense" and not module.folder:
        return _projection(module, directory)
    if layer := _TOKEN_LAYERS.get(module.kind):
        made = layer(module)
    else:
        made = _MODULES[module.kind](dict(module.settings))
    if module.kind not in _WITHOUT_WEIGHTS:
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
