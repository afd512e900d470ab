"""text-ranking: relevance scores of texts for a query, from a cross-encoder."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from backend.errors.model import ModelNotSupported
from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.embeddings.layers import activation
from backend.inference.adapters.embeddings.model_files import read_model
from backend.inference.adapters.items import object_item, text_item
from backend.inference.adapters.limits import check_characters
from backend.inference.adapters.scores import check_finite, to_numpy
from backend.inference.adapters.tokenization import (
    Encoded,
    TextTokenizer,
    Truncation,
    lower_case,
    no_prompt,
    tokens_of,
)
from backend.inference.config import MAX_CHARACTERS
from backend.tasks.module_rules import scores
from backend.tasks.text_ranking import Candidates

_FUNCTIONS = {"sigmoid": "torch.nn.Sigmoid", "none": "torch.nn.Identity"}


def ranked(
    raw: np.ndarray, texts: Sequence[str], parameters: Any, own: torch.nn.Module
) -> list[dict[str, Any]]:
    """Indices of the texts with their scores, best first; `own` is the function of the model."""
    named = parameters.function_to_apply
    function = activation(_FUNCTIONS[named]) if named else own
    scores = check_finite(to_numpy(function(torch.from_numpy(raw))))
    order = np.argsort(-scores, kind="stable")[: parameters.top_k]
    found = [{"index": int(place), "score": float(scores[place])} for place in order]
    if parameters.return_text:
        return [entry | {"text": texts[entry["index"]]} for entry in found]
    return found


class TextRanking:
    """Scores texts for a query; the model processes each pair jointly (cross-encoder)."""

    encode_threads = 1

    def __init__(self, loaded: LoadedModel) -> None:
        self._model = loaded.model
        found = read_model(loaded.directory)
        if found and (reason := scores(found)):
            raise ModelNotSupported(reason, instead="Choose another model for this task.")
        settings: dict[str, Any] = dict(found.settings) if found else {}
        first: dict[str, Any] = dict(found.modules[0].settings) if found else {}
        prompts: dict[str, str] = settings.get("prompts") or {}
        self._prompt = prompts.get(settings.get("default_prompt_name") or "") or ""
        self._own = activation(_trained_with(settings, loaded.model.config))
        self._texts = TextTokenizer(loaded, first.get("max_seq_length") or _tokenizer_limit(first))
        self.max_group = self._texts.max_group
        if first.get("do_lower_case"):
            lower_case(self._texts.tokenizer)

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Tokenize each text together with the query; one row per text."""
        found = object_item(item, Candidates)
        cut = Truncation(allowed=parameters.truncation)
        query = text_item(found.query, MAX_CHARACTERS)
        texts = [text_item(text, MAX_CHARACTERS) for text in found.texts]
        check_characters(len(self._prompt + query) * len(texts) + sum(map(len, texts)))
        rows = tuple(self._row(query, text, cut) for text in texts)
        return Prepared(size=tokens_of(rows), rows=rows, keep=texts)

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """For each item the relevance logits of its texts, float32 `[texts]`."""
        return self._texts.through(group, self._logits)

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Any) -> object:
        """Indices of the texts with their scores, best first."""
        return ranked(raw, prepared.keep, parameters, self._own)

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {"max_input_tokens": self._texts.limit}

    @property
    def tokenizer(self) -> Any:
        """The model's tokenizer."""
        return self._texts.tokenizer

    def prompt(self, name: str | None) -> str:
        """The model has no prompts. Raises InvalidInput if one is requested."""
        return no_prompt(name)

    def _row(self, query: str, text: str, cut: Truncation) -> Encoded:
        return self._texts.encode(self._prompt + query, text, cut)[0]

    def _logits(self, rows: Sequence[Encoded]) -> np.ndarray:
        with torch.inference_mode():
            return to_numpy(self._model(**self._texts.collate(rows)).logits[:, 0])


def _tokenizer_limit(settings: dict[str, Any]) -> int | None:
    given = settings.get("processor_kwargs") or settings.get("tokenizer_args") or {}
    return given.get("model_max_length")


def _trained_with(settings: dict[str, Any], config: Any) -> str:
    """Score function: as configured in newer or older files, else sigmoid."""
    beside = getattr(config, "sentence_transformers", None) or {}
    older = getattr(config, "sbert_ce_default_activation_function", None)
    given = settings.get("activation_fn") or beside.get("activation_fn")
    return given or older or _FUNCTIONS["sigmoid"]
