"""Layers on the embeddings of words: weights, recurrent and convolutional networks.

As the layers of `layers`, they read and return features by name.
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from backend.domain.sentence_transformers import EmbeddingModule
from backend.inference.adapters.embeddings.word_weights import read_vocabulary, weights_of_words
from backend.tasks.module_rules import TOKENS
from backend.tasks.word_rules import input_width, kernels_of

# Sum of the weights of the tokens, `[batch]`; a mean divides by it instead of their number.
WEIGHTS_SUM = "token_weights_sum"


class WordWeights(nn.Module):
    """Multiplies the embedding of each token by the weight of the token."""

    weights: Tensor

    def __init__(self, folder: Path) -> None:
        super().__init__()
        settings = read_vocabulary(folder)
        self.register_buffer("weights", weights_of_words(settings["vocab"], settings))

    def forward(self, features: dict[str, Tensor]) -> dict[str, Tensor]:
        """Change the token embeddings; add the sum of the weights."""
        weights = nn.functional.embedding(features["input_ids"], self.weights[:, None])
        weights = weights * features["attention_mask"].unsqueeze(-1)
        total = weights.sum((1, 2))
        return features | {TOKENS: features[TOKENS] * weights, WEIGHTS_SUM: total}


class LSTM(nn.Module):
    """A recurrent network over the tokens of each text, in both directions by default."""

    def __init__(self, module: EmbeddingModule) -> None:
        super().__init__()
        settings: dict[str, Any] = module.settings
        is_double = bool(settings.get("bidirectional", True))
        self.encoder = nn.LSTM(
            input_width(module), settings["hidden_dim"], settings.get("num_layers", 1),
            bidirectional=is_double, batch_first=True,
        )  # fmt: skip
        self.out_features = self.encoder.hidden_size * (2 if is_double else 1)

    def forward(self, features: dict[str, Tensor]) -> dict[str, Tensor]:
        """Token embeddings to `[batch, sequence, out_features]`."""
        # A text without tokens has one, which the mask leaves out.
        lengths = features["attention_mask"].sum(1).clamp(min=1).cpu()
        given = features[TOKENS].to(torch.float32)
        packed = nn.utils.rnn.pack_padded_sequence(
            given, lengths, batch_first=True, enforce_sorted=False
        )
        states, _ = nn.utils.rnn.pad_packed_sequence(
            self.encoder(packed)[0], batch_first=True, total_length=given.shape[1]
        )
        return features | {TOKENS: states}


class CNN(nn.Module):
    """Convolutions of several lengths over the tokens of each text, concatenated."""

    def __init__(self, module: EmbeddingModule) -> None:
        super().__init__()
        width, kernels = input_width(module), kernels_of(module)
        out: Any = module.settings.get("out_channels", 256)
        self.convs = nn.ModuleList(
            nn.Conv1d(width, out, kernel, padding=kernel // 2) for kernel in kernels
        )
        self.out_features = out * len(kernels)

    def forward(self, features: dict[str, Tensor]) -> dict[str, Tensor]:
        """Token embeddings to `[batch, sequence, out_features]`.

        The padding of a batch is set to zero before, so that a text has the same embedding in any
        batch.
        """
        mask = features["attention_mask"].unsqueeze(-1)
        given = (features[TOKENS].to(torch.float32) * mask).transpose(1, 2)
        made = torch.cat([one(given) for one in self.convs], dim=1)
        return features | {TOKENS: made.transpose(1, 2)}
