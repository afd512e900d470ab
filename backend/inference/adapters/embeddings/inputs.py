"""First modules of sentence-transformers: they read texts and compute the first features."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from backend.domain.sentence_transformers import EmbeddingModule
from backend.errors.inference import InvalidInput
from backend.errors.model import CorruptModel
from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.embeddings.layer_pooling import ALL_LAYERS
from backend.inference.adapters.embeddings.layers import Features, weights_of
from backend.inference.adapters.limits import too_long
from backend.inference.adapters.tokenization import Encoded, TextTokenizer, Truncation, lower_case
from backend.tasks.module_rules import SENTENCE, TOKENS, is_masked_model, is_whole_text

# Logits of a whole vocabulary are large: 1,024 tokens of BERT are 125 MB. So are all layers.
_LARGE_TOKENS = 1024
# A limit that stands for none.
NO_LIMIT = 1_000_000


class InputModule(Protocol):
    """Tokenizes texts, and computes features of the rows of a batch."""

    limit: int | None
    width: int

    @property
    def tokenizer(self) -> Any:
        """The tokenizer, with the interface of transformers."""
        ...

    def encode(self, text: str, cut: Truncation) -> Encoded:
        """Tokenize one text. Raises InputTooLong, InvalidInput."""
        ...

    def features(self, rows: Sequence[Encoded]) -> Features:
        """Features by name, as described in `layers`."""
        ...

    def through(
        self, group: Sequence[Prepared], model: Callable[[list[Encoded]], np.ndarray]
    ) -> list[np.ndarray]:
        """Results of `model` for the rows of each member of a group."""
        ...


class TransformerInput:
    """A model of transformers with its tokenizer."""

    def __init__(self, loaded: LoadedModel, module: EmbeddingModule) -> None:
        model, settings = loaded.model, dict(module.settings)
        self._model = model.get_encoder() if model.config.is_encoder_decoder else model
        self._is_whole, self._is_masked = is_whole_text(module), is_masked_model(module)
        self._has_layers = bool(getattr(model.config, "output_hidden_states", False))
        tokenizer: Any = settings.get("processor_kwargs") or settings.get("tokenizer_args") or {}
        limit: Any = settings.get("max_seq_length") or tokenizer.get("model_max_length")
        self._texts = TextTokenizer(loaded, limit)
        self.limit = self._texts.limit
        self.width = self._width(model)
        if settings.get("do_lower_case"):
            lower_case(self._texts.tokenizer)

    @property
    def tokenizer(self) -> Any:
        """The model's tokenizer."""
        return self._texts.tokenizer

    def encode(self, text: str, cut: Truncation) -> Encoded:
        """Tokenize one text."""
        [row] = self._texts.encode(text, cut=cut)
        return row

    def features(self, rows: Sequence[Encoded]) -> Features:
        """Token embeddings or logits; embeddings of texts if the model computes them."""
        batch = self._texts.collate(rows)
        mask = batch["attention_mask"]
        places = torch.arange(mask.shape[1], device=mask.device)
        begins = torch.tensor([[row.prompt] for row in rows], device=mask.device)
        features = {
            "input_ids": batch["input_ids"],
            "attention_mask": mask,
            "pooled": mask * (places >= begins),
        }
        if self._is_whole:
            names = ("input_ids", "attention_mask")
            made = self._model.get_text_features(**{name: batch[name] for name in names})
            return features | {SENTENCE: getattr(made, "pooler_output", made)}
        outputs = self._model(**batch)
        if "sentence_embedding" in getattr(self._model, "output_names", ()):
            return features | {SENTENCE: outputs.sentence_embedding}
        states: Tensor = outputs.logits if self._is_masked else outputs.last_hidden_state
        if self._has_layers:
            features[ALL_LAYERS] = torch.stack(outputs.hidden_states)
        return features | {TOKENS: states}

    def through(
        self, group: Sequence[Prepared], model: Callable[[list[Encoded]], np.ndarray]
    ) -> list[np.ndarray]:
        """Results for the rows of each member, in forward passes of limited size."""
        is_large = self._is_masked or self._has_layers
        most = {"most_tokens": _LARGE_TOKENS} if is_large else {}
        return self._texts.through(group, model, **most)

    def _width(self, model: Any) -> int:
        if known := getattr(model, "embedding_size", None):
            return known
        config = model.config
        if self._is_whole:
            return config.projection_dim
        text = config.get_text_config()
        return text.vocab_size if self._is_masked else text.hidden_size


class _WordInput:
    """Texts as lists of tokens, without padding."""

    limit: int | None = None

    def through(
        self, group: Sequence[Prepared], model: Callable[[list[Encoded]], np.ndarray]
    ) -> list[np.ndarray]:
        """Results for the rows of each member, in one pass: a row needs little memory."""
        rows = [row for prepared in group for row in prepared.rows]
        ends = np.cumsum([len(prepared.rows) for prepared in group])[:-1]
        return np.split(model(rows), ends)


class StaticInput(_WordInput):
    """StaticEmbedding: the mean of one vector per token (also the files of model2vec)."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._table = torch.nn.EmbeddingBag.from_pretrained(_table(weights_of(folder)))
        self.width = self._table.embedding_dim

    @property
    def tokenizer(self) -> Any:
        """The tokenizer in a class of transformers."""
        return PreTrainedTokenizerFast(tokenizer_object=self._tokenizer)

    def encode(self, text: str, cut: Truncation) -> Encoded:
        """Tokenize one text, without special tokens; there is no limit but that of the request."""
        ids = self._tokenizer.encode(text, add_special_tokens=False).ids
        return _row(ids, cut, None)

    def features(self, rows: Sequence[Encoded]) -> Features:
        """Embeddings of the texts."""
        ids = torch.tensor([one for row in rows for one in row.ids])
        begins = np.cumsum([0, *(len(row.ids) for row in rows[:-1])])
        return {SENTENCE: self._table(ids, torch.from_numpy(begins))}


class SparseStaticInput(_WordInput):
    """SparseStaticEmbedding: a fixed weight for each token that the text contains."""

    def __init__(self, folder: Path, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        self._weights = weights_of(folder)["weight"].float()
        known = tokenizer.model_max_length
        self.limit = known if known and known < NO_LIMIT else None
        self.width = len(self._weights)

    def encode(self, text: str, cut: Truncation) -> Encoded:
        """Tokenize one text, without special tokens."""
        ids = self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        return _row(ids, cut, self.limit)

    def features(self, rows: Sequence[Encoded]) -> Features:
        """Embeddings `[batch, vocabulary]`."""
        found = torch.zeros(len(rows), self.width)
        for place, row in enumerate(rows):
            found[place, row.ids] = 1.0
        return {SENTENCE: found * self._weights}


def _row(ids: list[int], cut: Truncation, limit: int | None) -> Encoded:
    if not ids:
        raise InvalidInput("The text has no tokens.")
    return cut_row(ids, cut, limit)


def cut_row(ids: list[int], cut: Truncation, limit: int | None) -> Encoded:
    """A row without special tokens, cut as requested. Raises InputTooLong."""
    most = min(filter(None, (limit, cut.most)), default=len(ids))
    if len(ids) > most:
        if not cut.allowed:
            raise too_long(len(ids), most)
        ids = ids[:most] if cut.side == "right" else ids[-most:]
    return Encoded(ids=ids, types=None, special=[0] * len(ids), offsets=None)


def _table(tensors: dict[str, Tensor]) -> Tensor:
    """One vector per token, float32.

    Files of model2vec name it `embeddings`, with an optional weight for each token and `mapping`,
    the row of each token.
    """
    table = tensors.get("embedding.weight", tensors.get("embeddings"))
    if table is None:
        raise CorruptModel("The weights of StaticEmbedding have no tensor named `embeddings`.")
    if "mapping" in tensors:
        table = table[tensors["mapping"].long()]
    weights = tensors.get("weights")
    return table.float() if weights is None else table.float() * weights.float()[:, None]


def with_prompt(module: InputModule, prompt: str, text: str, cut: Truncation) -> Encoded:
    """Tokenize a prompt and a text, with the number of tokens that are the prompt."""
    row = module.encode(prompt + text, cut)
    if not prompt or not isinstance(module, TransformerInput):
        return row
    alone = module.encode(prompt, Truncation(allowed=True))
    # The final special token belongs to the text, not to the prompt.
    return replace(row, prompt=len(alone.ids) - alone.special[-1])
