"""Embeddings of the tokens of a text, and scores of texts from them (ColBERT)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from tokenizers import AddedToken

from backend.domain.sentence_transformers import SentenceTransformersModel
from backend.errors.inference import InvalidInput
from backend.errors.model import ModelNotSupported
from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.embeddings.layers import layers_of
from backend.inference.adapters.embeddings.model_files import read_model
from backend.inference.adapters.embeddings.prompts import Prompts, task_of
from backend.inference.adapters.embeddings.text_ranking import ranked
from backend.inference.adapters.embeddings.token_pooling import pooled
from backend.inference.adapters.items import object_item, text_item
from backend.inference.adapters.limits import check_characters
from backend.inference.adapters.scores import check_finite, to_numpy
from backend.inference.adapters.tokenization import (
    Encoded,
    TextTokenizer,
    Truncation,
    position_limit,
    tokens_of,
)
from backend.inference.config import MAX_CHARACTERS
from backend.tasks.multi_vector import (
    DOCUMENT,
    QUERY,
    cannot_encode,
    settings_of,
    token_level,
)
from backend.tasks.text_ranking import Candidates


@dataclass(frozen=True, kw_only=True)
class TokenRow(Encoded):
    """A tokenized query or document: the model sees the first `seen` tokens, `counts` tells whose
    embeddings count."""

    side: str
    seen: int
    counts: list[bool]


class TokenEmbedder:
    """Tokenizes queries and documents, and computes the embeddings of their tokens."""

    def __init__(self, loaded: LoadedModel) -> None:
        found = read_model(loaded.directory)
        reason = cannot_encode(found) if found else "It has no modules.json."
        if found is None or reason:
            raise ModelNotSupported(str(reason), instead="Choose another model for this task.")
        self._model = loaded.model
        self.settings = settings_of(found)
        self.prompts = Prompts(_with_prompts(found, self.settings.prompts))
        first: dict[str, Any] = dict(found.modules[0].settings)
        self.texts = TextTokenizer(loaded, first.get("max_seq_length"))
        self._most = self._limits()
        layers = layers_of(token_level(found), loaded.directory)
        self._layers = [layer.to(loaded.device) for layer in layers]
        tokenizer = self.texts.tokenizer
        _keep_markers(tokenizer, self.settings.markers)
        self._skipped = _known(tokenizer, self.settings.skipped)
        filler = self.settings.expansion and self.settings.expansion.token
        ids = tokenizer.mask_token_id if not filler else tokenizer.convert_tokens_to_ids(filler)
        self._filler: int = tokenizer.eos_token_id if ids is None else ids

    def encode(self, text: str, prompt: str, side: str | None, cut: Truncation) -> TokenRow:
        """Tokenize a query or document. Raises InputTooLong if it must not be truncated."""
        limits = [limit for limit in (self._most.get(side or ""), cut.most) if limit]
        [row] = self.texts.encode(prompt + text, cut=replace(cut, most=min(limits, default=None)))
        ids = list(row.ids)
        skips = (side or DOCUMENT) in self.settings.skipped_sides
        counts = [not (skips and one in self._skipped) for one in ids]
        expansion = self.settings.expansion if side == QUERY else None
        missing = max(0, expansion.length - len(ids)) if expansion else 0
        seen = len(ids) + (missing if expansion and expansion.attends else 0)
        return TokenRow(
            ids=ids + [self._filler] * missing, types=None, special=[], offsets=None, seen=seen,
            side=side or DOCUMENT, counts=counts + [True] * missing,
        )  # fmt: skip

    def _limits(self) -> dict[str, int | None]:
        """Maximum number of tokens of queries, documents and, with an empty name, other texts.

        The lengths of the model replace the limit of its tokenizer, which may not count the marker.
        """
        own = self.texts.limit
        found = {"": own, **{side: most or own for side, most in self.settings.lengths.items()}}
        longest = max(most or 0 for most in found.values())
        if own and longest > own:
            self.texts.limit = min(filter(None, (longest, position_limit(self._model))))
        return found

    def embeddings(self, group: Sequence[Prepared]) -> list[list[np.ndarray]]:
        """For each member, for each of its rows: float32 `[tokens, dimensions]`."""
        return [list(made) for made in self.texts.through(group, self._computed)]

    def _computed(self, rows: Sequence[Any]) -> np.ndarray:
        batch = self.texts.collate(rows)
        seen = torch.tensor([row.seen for row in rows], device=self.texts.device)
        places = torch.arange(batch["input_ids"].shape[1], device=self.texts.device)
        batch["attention_mask"] = (places[None] < seen[:, None]).long()
        with torch.inference_mode():
            states = self._model(**batch).last_hidden_state
            features = {"token_embeddings": states, "attention_mask": batch["attention_mask"]}
            for layer in self._layers:
                features = layer(features)
            made = features["token_embeddings"].float()
        found = np.empty(len(rows), object)
        for i, row in enumerate(rows):
            counts = torch.tensor(row.counts, device=made.device)
            found[i] = self._pooled(
                check_finite(to_numpy(made[i, : len(row.ids)][counts])), row.side
            )
        return found

    def _pooled(self, embeddings: np.ndarray, side: str) -> np.ndarray:
        how = self.settings.pooling
        return pooled(embeddings, how) if how and side in how.sides else embeddings


class _MultiVector:
    """What both tasks have in common."""

    encode_threads = 1

    def __init__(self, loaded: LoadedModel) -> None:
        self._tokens = TokenEmbedder(loaded)
        self.max_group = self._tokens.texts.max_group

    def facts(self) -> dict[str, object]:
        """For /info."""
        return _facts(self._tokens)

    @property
    def tokenizer(self) -> Any:
        """The model's tokenizer."""
        return self._tokens.texts.tokenizer

    def prompt(self, name: str | None) -> str:
        """The prompt of this name, or the default one. Raises InvalidInput."""
        return self._tokens.prompts.choose(name, None)[1]


class MultiVectorExtraction(_MultiVector):
    """feature-extraction with an embedding for each token: `[tokens, dimensions]` of each text."""

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Tokenize a text; `input_type` tells a query from a document."""
        if parameters.dimensions or parameters.embedding_type not in {None, "float"}:
            raise InvalidInput(
                "dimensions and embedding_type are not supported by a multi-vector encoder."
            )
        cut = Truncation(
            allowed=parameters.truncate, side=parameters.truncation_direction or "right",
            most=parameters.max_length if parameters.truncate else None,
        )  # fmt: skip
        _, prompt = self._tokens.prompts.choose(parameters.prompt_name, parameters.input_type)
        side = task_of(parameters.input_type or parameters.prompt_name)
        row = self._tokens.encode(text_item(item, MAX_CHARACTERS), prompt, side, cut)
        return Prepared(size=len(row.ids), rows=(row,))

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """Embeddings of the tokens of each text, float32 `[tokens, dimensions]`."""
        return [rows[0] for rows in self._tokens.embeddings(group)]

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Any) -> np.ndarray:
        """As they are."""
        del prepared, parameters
        return raw


class MultiVectorRanking(_MultiVector):
    """text-ranking by late interaction: the sum of the best similarity of each query token."""

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Tokenize the query, then the texts; one row each."""
        found = object_item(item, Candidates)
        cut = Truncation(allowed=parameters.truncation)
        query = text_item(found.query, MAX_CHARACTERS)
        texts = [text_item(text, MAX_CHARACTERS) for text in found.texts]
        check_characters(len(query) + sum(map(len, texts)))
        sides = {side: self._tokens.prompts.choose(None, side)[1] for side in (QUERY, DOCUMENT)}
        rows = [self._tokens.encode(query, sides[QUERY], QUERY, cut)]
        rows += [self._tokens.encode(text, sides[DOCUMENT], DOCUMENT, cut) for text in texts]
        return Prepared(size=tokens_of(rows), rows=tuple(rows), keep=texts)

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """For each item the scores of its texts (MaxSim), float32 `[texts]`."""
        scores: list[np.ndarray] = []
        for query, *texts in self._tokens.embeddings(group):
            sums = [float((query @ text.T).max(1).sum()) if len(text) else 0.0 for text in texts]
            whole = np.array(sums, np.float32)
            is_mean = self._tokens.settings.is_mean
            scores.append(whole / max(1, len(query)) if is_mean else whole)
        return scores

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Any) -> object:
        """Indices of the texts with their scores, best first."""
        return ranked(raw, prepared.keep, parameters, torch.nn.Identity())


def _facts(tokens: TokenEmbedder) -> dict[str, object]:
    lengths = {f"max_{side}_tokens": most for side, most in tokens.settings.lengths.items() if most}
    return {
        "max_input_tokens": tokens.texts.limit, "vectors_per_text": "tokens", **lengths,
        "prompts": tokens.prompts.names(), "input_types": [DOCUMENT, QUERY],
    }  # fmt: skip


def _with_prompts(
    model: SentenceTransformersModel, prompts: dict[str, str]
) -> SentenceTransformersModel:
    return model.model_copy(update={"settings": {**model.settings, "prompts": prompts}})


def _keep_markers(tokenizer: Any, markers: Sequence[str]) -> None:
    """Make markers of queries and documents single tokens again, if the vocabulary has them."""
    vocabulary = tokenizer.get_vocab()
    wanted: list[AddedToken] = []
    for marker in markers:
        if not marker.split():
            continue
        known = [one for one in (marker, marker.split(None, 1)[0]) if one in vocabulary]
        if known and tokenizer.tokenize(known[0]) != [known[0]]:
            wanted.append(AddedToken(known[0], normalized=False, special=True))
    if wanted:
        tokenizer.add_special_tokens({"additional_special_tokens": wanted})


def _known(tokenizer: Any, words: Sequence[str]) -> frozenset[int]:
    ids = {word: tokenizer.convert_tokens_to_ids(word) for word in words}
    unknown = tokenizer.unk_token_id
    return frozenset(
        one for word, one in ids.items()
        if one is not None and (one != unknown or word == tokenizer.unk_token)
    )  # fmt: skip
