"""Layers of sentence-transformers after the transformer: poolings, dense layers, norms."""

from collections.abc import Callable
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from backend.errors.server import LoadFailed
from backend.inference.adapters.embeddings.sentence_transformers_files import Layer, poolings

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


class Dense(nn.Module):
    """A linear layer with an activation and an optional residual connection."""

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        width, out = settings["in_features"], settings["out_features"]
        self.linear = nn.Linear(width, out, bias=settings.get("bias", True))
        self.activation = activation(settings.get("activation_function") or "torch.nn.Tanh")
        self._goes_around = bool(settings.get("use_residual"))
        if self._goes_around and width != out:
            self.residual = nn.Linear(width, out, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        """`[batch, in_features]` to `[batch, out_features]`."""
        made = self.activation(self.linear(features))
        if not self._goes_around:
            return made
        return made + (self.residual(features) if hasattr(self, "residual") else features)


class LayerNorm(nn.Module):
    """Layer normalization with learned scale and bias."""

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(settings["dimension"])

    def forward(self, features: Tensor) -> Tensor:
        """`[batch, dimensions]` to the same shape."""
        return self.norm(features)


class Normalize(nn.Module):
    """L2 normalization to length one."""

    def forward(self, features: Tensor) -> Tensor:
        """`[batch, dimensions]` to the same shape."""
        return nn.functional.normalize(features, dim=-1)


def activation(path: str) -> nn.Module:
    """Create an activation of torch.nn by its full name. Raises LoadFailed for other classes."""
    kind = getattr(nn, path.rsplit(".", 1)[-1], None) if path.startswith("torch.nn.") else None
    if not (isinstance(kind, type) and issubclass(kind, nn.Module)):
        raise LoadFailed(f"The model's activation {path[:100]!r} is not supported.")
    return kind()


def pooling_of(layer: Layer) -> tuple[tuple[str, ...], bool]:
    """Names of the poolings, and whether the prompt is pooled as well. Raises LoadFailed."""
    names = poolings(layer.settings)
    if layer.kind != "Pooling" or set(names) - POOLINGS.keys():
        raise LoadFailed(
            f"The model's pooling is not supported: {', '.join(map(str, names))[:100]}."
        )
    return names, bool(layer.settings.get("include_prompt", True))


def head_of(layers: tuple[Layer, ...]) -> nn.Sequential:
    """Layers after the pooling, float32, with weights. Raises LoadFailed."""
    return nn.Sequential(*(_made(layer) for layer in layers)).eval()


def _made(layer: Layer) -> nn.Module:
    ends = {layer.settings.get(f"module_{end}_name") for end in ("input", "output")}
    if ends - {None, "sentence_embedding"}:
        raise LoadFailed(
            f"The model's layer {layer.folder.name} does not map an embedding to an embedding."
        )
    if layer.kind == "Normalize":
        return Normalize()
    if layer.kind == "Dropout":
        return nn.Identity()
    made = {"Dense": Dense, "LayerNorm": LayerNorm}[layer.kind](layer.settings)
    made.load_state_dict(load_file(layer.folder / "model.safetensors"))
    return made.float()
