"""First modules of sentence-transformers without a transformer: word vectors and bags of words."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from backend.domain.sentence_transformers import EmbeddingModule
from backend.errors.model import CorruptModel
from backend.inference.adapters.base import Prepared
from backend.inference.adapters.embeddings.inputs import NO_LIMIT, cut_row
from backend.inference.adapters.embeddings.layers import Features, weights_of
from backend.inference.adapters.embeddings.word_tokens import (
    WhitespaceTokens,
    read_whitespace_tokens,
)
from backend.inference.adapters.embeddings.word_weights import read_vocabulary, weights_of_words
from backend.inference.adapters.tokenization import Encoded, Truncation, in_passes
from backend.tasks.module_rules import SENTENCE, TOKENS
from backend.tasks.word_rules import WHITESPACE, tokenizer_kind

# Numbers in the result of one pass of a bag of words, whose rows are as wide as the vocabulary.
_MOST_NUMBERS = 1 << 24


class WordVectors:
    """WordEmbeddings: a vector for each word of a text, such as those of GloVe."""

    def __init__(self, folder: Path, module: EmbeddingModule, load_tokenizer: Any) -> None:
        """`load_tokenizer` loads a tokenizer of transformers from a folder."""
        is_own = tokenizer_kind(module) == WHITESPACE
        self.tokenizer: Any = read_whitespace_tokens(folder) if is_own else load_tokenizer(folder)
        table = weights_of(folder).get("emb_layer.weight")
        if table is None or len(table) < len(self.tokenizer):
            raise CorruptModel("The weights of WordEmbeddings have no vector for each word.")
        self._table = table.float()
        self.width = self._table.shape[1]
        limit: Any = module.settings.get("max_seq_length")
        self.limit: int | None = limit if limit and limit < NO_LIMIT else None

    def encode(self, text: str, cut: Truncation) -> Encoded:
        """Ids of the known words; none for a text without any."""
        ids = self.tokenizer(text, verbose=False)["input_ids"]
        return cut_row(ids, cut, self.limit)

    def features(self, rows: Sequence[Encoded]) -> Features:
        """Vectors of the words, padded on the right to at least one, which the mask leaves out."""
        width = max(1, *(len(row.ids) for row in rows))
        ids = torch.tensor([row.ids + [0] * (width - len(row.ids)) for row in rows])
        lengths = torch.tensor([[len(row.ids)] for row in rows])
        mask = (torch.arange(width) < lengths).long()
        vectors = torch.nn.functional.embedding(ids, self._table)
        return {"input_ids": ids, "attention_mask": mask, "pooled": mask, TOKENS: vectors}

    def through(
        self, group: Sequence[Prepared], model: Callable[[list[Encoded]], np.ndarray]
    ) -> list[np.ndarray]:
        """Results for the rows of each member, in passes of limited size."""
        return in_passes(group, model)


class BagOfWords:
    """BoW: the weights of the words that a text contains, one dimension for each known word."""

    limit: int | None = None

    def __init__(self, folder: Path) -> None:
        settings = read_vocabulary(folder)
        words = list(dict.fromkeys(settings["vocab"]))
        self.tokenizer: Any = WhitespaceTokens(words)
        self._weights = weights_of_words(words, settings)
        self._counts: bool = settings.get("cumulative_term_frequency", True)
        self.width = len(words)

    def encode(self, text: str, cut: Truncation) -> Encoded:
        """Ids of the known words; none for a text without any."""
        return cut_row(self.tokenizer(text)["input_ids"], cut, None)

    def features(self, rows: Sequence[Encoded]) -> Features:
        """Embeddings `[batch, vocabulary]`."""
        found = torch.zeros(len(rows), self.width)
        for place, row in enumerate(rows):
            ids = torch.tensor(row.ids, dtype=torch.long)
            found[place].index_put_((ids,), self._weights[ids], accumulate=self._counts)
        return {SENTENCE: found}

    def through(
        self, group: Sequence[Prepared], model: Callable[[list[Encoded]], np.ndarray]
    ) -> list[np.ndarray]:
        """Results for the rows of each member, in passes of limited size."""
        return in_passes(group, model, most_rows=max(1, _MOST_NUMBERS // max(self.width, 1)))
