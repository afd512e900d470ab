"""fill-mask: the most likely tokens for each mask token (Devlin et al. 2018)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from backend.errors.inference import InvalidInput
from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.items import text_item
from backend.inference.adapters.scores import check_finite, softmax, to_numpy
from backend.inference.adapters.tokenization import Encoded, TextTokenizer, Truncation, tokens_of
from backend.inference.config import MAX_CHARACTERS

# Logits of a whole vocabulary are large: 1,024 tokens of XLM-RoBERTa are 1 GB.
_MOST_TOKENS = 1024
_MAX_GAPS = 64


class FillMask:
    """Texts with mask tokens to candidates for each of them."""

    encode_threads = 1

    def __init__(self, loaded: LoadedModel) -> None:
        self._model = loaded.model
        self._texts = TextTokenizer(loaded)
        self._tokenizer = self._texts.tokenizer
        self.max_group = self._texts.max_group

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Tokenize a text with at least one mask token."""
        mask = self._tokenizer.mask_token
        text = text_item(item, MAX_CHARACTERS)
        if mask not in text:
            text = text.replace("[MASK]", mask).replace("<mask>", mask)
        rows = self._texts.encode(text, cut=Truncation(allowed=parameters.truncation))
        gaps = self._gaps(rows[0])
        if not gaps:
            raise InvalidInput(f"The text contains no mask token; write {mask} in place of a word.")
        if len(gaps) > _MAX_GAPS:
            raise InvalidInput(f"{len(gaps)} mask tokens; the limit is {_MAX_GAPS}.")
        keep = (gaps, self._targets(parameters.targets))
        return Prepared(size=tokens_of(rows), rows=rows, keep=keep)

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """Logits of the masks of each text, float32 `[masks, vocabulary]`."""
        made = self._texts.through(group, self._mask_logits, most_tokens=_MOST_TOKENS)
        return [rows[0] for rows in made]

    def _mask_logits(self, rows: Sequence[Encoded]) -> np.ndarray:
        with torch.inference_mode():
            logits = self._model(**self._texts.collate(rows)).logits
        found = np.empty(len(rows), object)
        for i, row in enumerate(rows):
            found[i] = to_numpy(logits[i, self._gaps(row)])
        return found

    def _gaps(self, row: Encoded) -> list[int]:
        return [i for i, token in enumerate(row.ids) if token == self._tokenizer.mask_token_id]

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Any) -> object:
        """Candidates for the mask; with several masks, one list for each."""
        gaps, targets = prepared.keep
        scores = check_finite(softmax(raw))
        predictions = [
            self._fill(prepared.rows[0], gap, row, _best(row, parameters.top_k, targets), len(gaps))
            for gap, row in zip(gaps, scores, strict=True)
        ]
        return predictions[0] if len(gaps) == 1 else predictions

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {"max_input_tokens": self._texts.limit, "mask_token": self._tokenizer.mask_token}

    def _fill(
        self, row: Encoded, gap: int, scores: np.ndarray, best: np.ndarray, gaps: int
    ) -> list[dict[str, object]]:
        predictions: list[dict[str, object]] = []
        for token in best.tolist():
            ids = [*row.ids[:gap], token, *row.ids[gap + 1 :]]
            # With several masks, the others remain visible in the text.
            sequence = self._tokenizer.decode(ids, skip_special_tokens=gaps == 1)
            predictions.append({
                "score": float(scores[token]), "token": token,
                "token_str": self._tokenizer.decode([token]), "sequence": sequence,
            })  # fmt: skip
        return predictions

    def _targets(self, words: list[str] | None) -> np.ndarray | None:
        if words is None:
            return None
        vocabulary = self._tokenizer.get_vocab()
        tokens = [vocabulary.get(word, self._first_token(word)) for word in words]
        return np.array(sorted({token for token in tokens if token is not None}), dtype=np.int64)

    def _first_token(self, word: str) -> int | None:
        tokens = self._tokenizer(word, add_special_tokens=False, verbose=False)["input_ids"]
        if not tokens:
            raise InvalidInput("One of parameters.targets has no tokens.")
        return tokens[0]


def _best(scores: np.ndarray, top_k: int, targets: np.ndarray | None) -> np.ndarray:
    if targets is not None:
        return targets[np.argsort(-scores[targets], kind="stable")][:top_k]
    top_k = min(top_k, len(scores))
    found = np.argpartition(-scores, top_k - 1)[:top_k]
    return found[np.argsort(-scores[found], kind="stable")]
