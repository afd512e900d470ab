"""Modules of sparse encoders, whose embeddings have one dimension for each token or feature."""

from typing import Any

import torch
from torch import Tensor, nn

from backend.tasks.module_rules import SENTENCE, TOKENS

Features = dict[str, Tensor]


class SpladePooling(nn.Module):
    """Logits of a masked language model to one weight per token (SPLADE, Formal et al. 2021)."""

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        self._sums = settings.get("pooling_strategy", "max") == "sum"
        self._is_twice = settings.get("activation_function", "relu") == "log1p_relu"

    def forward(self, features: Features) -> Features:
        """Logits `[batch, sequence, vocabulary]` to `sentence_embedding` `[batch, vocabulary]`."""
        mask = features["attention_mask"].unsqueeze(-1)
        weights = (features[TOKENS] * mask).float().relu_().log1p_()
        if self._is_twice:
            weights = weights.log1p_()
        return features | {SENTENCE: weights.sum(1) if self._sums else weights.amax(1)}


class SparseAutoEncoder(nn.Module):
    """The encoder of an autoencoder, of whose features the `k` largest remain (Wen et al. 2025).

    Its decoder is only for training.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        hidden = settings.get("hidden_dim", 512)
        self.pre_bias = nn.Parameter(torch.zeros(settings["input_dim"]))
        self.latent_bias = nn.Parameter(torch.zeros(hidden))
        self.encoder = nn.Linear(settings["input_dim"], hidden, bias=False)
        self.k: int = settings.get("k", 8)
        self._normalizes = bool(settings.get("normalize"))

    def forward(self, features: Features) -> Features:
        """`sentence_embedding` `[batch, input_dim]` to `[batch, hidden_dim]`, mostly zero."""
        given = features[SENTENCE].to(torch.float32)
        if self._normalizes:
            given = given - given.mean(-1, keepdim=True)
            given = given / (given.std(-1, keepdim=True) + 1e-5)
        latent = nn.functional.linear(given - self.pre_bias, self.encoder.weight, self.latent_bias)
        return features | {SENTENCE: largest(latent, self.k).relu()}


def encoder_weights(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a SparseAutoEncoder, whose file may name the encoder by the tied decoder."""
    tied = tensors.get("encoder.weight", tensors.get("decoder.linear.weight"))
    found = {"encoder.weight": tied} | {
        name: tensors.get(name) for name in ("pre_bias", "latent_bias")
    }
    return {name: tensor for name, tensor in found.items() if tensor is not None}


def largest(values: Tensor, count: int) -> Tensor:
    """The `count` largest values of each row; all others become 0."""
    top = torch.topk(values, min(count, values.shape[-1]), dim=-1)
    return torch.zeros_like(values).scatter_(-1, top.indices, top.values)
