"""WeightedLayerPooling: token embeddings as the weighted mean of several layers."""

import torch
from torch import Tensor, nn

from backend.domain.sentence_transformers import EmbeddingModule
from backend.tasks.module_rules import TOKENS
from backend.tasks.word_rules import layers_to_weigh

# Hidden states of all layers, `[layers, batch, sequence, hidden]`.
ALL_LAYERS = "all_layer_embeddings"


class WeightedLayerPooling(nn.Module):
    """The mean of the hidden states from `layer_start` on, with a learned weight for each layer."""

    def __init__(self, module: EmbeddingModule) -> None:
        super().__init__()
        count, self._start = layers_to_weigh(module)
        # The embeddings before the first layer count as layer 0.
        self.layer_weights = nn.Parameter(torch.ones(count + 1 - self._start))

    def forward(self, features: dict[str, Tensor]) -> dict[str, Tensor]:
        """Replace the token embeddings if the transformer returns all layers, as its config tells.

        sentence-transformers has the same rule.
        """
        if ALL_LAYERS not in features:
            return features
        states = features[ALL_LAYERS][self._start :].to(torch.float32)
        weights = self.layer_weights / self.layer_weights.sum()
        return features | {TOKENS: torch.einsum("lbtd,l->btd", states, weights)}
