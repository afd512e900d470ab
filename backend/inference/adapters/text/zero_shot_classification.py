"""zero-shot-classification: whether a text entails a hypothesis about each label (NLI)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.items import text_item
from backend.inference.adapters.limits import check_characters
from backend.inference.adapters.scores import check_finite, softmax, to_numpy
from backend.inference.adapters.tokenization import Encoded, TextTokenizer, Truncation, tokens_of
from backend.inference.config import MAX_CHARACTERS
from backend.tasks.zero_shot_classification import Parameters, entailment_of


class ZeroShotClassification:
    """Texts and candidate labels to scores."""

    encode_threads = 1

    def __init__(self, loaded: LoadedModel) -> None:
        self._model = loaded.model
        self._texts = TextTokenizer(loaded)
        self.max_group = self._texts.max_group
        config = loaded.model.config
        self._yes = entailment_of(config.to_dict()) or 0
        # The contradiction label; models with three labels have a neutral one between them.
        names = {str(name).lower(): number for number, name in config.id2label.items()}
        against = (n for name, n in names.items() if name.startswith(("contra", "not_entail")))
        self._no = next(against, -1 if self._yes == 0 else 0)

    def encode(self, item: object, parameters: Parameters) -> Prepared:
        """Tokenize a text with the hypothesis of each label; one row per label."""
        text = text_item(item, MAX_CHARACTERS)
        cut = Truncation(allowed=parameters.truncation)
        check_characters(len(text) * len(parameters.candidate_labels))
        rows = tuple(
            row
            for label in parameters.candidate_labels
            for row in self._texts.encode(
                text, parameters.hypothesis_template.replace("{}", label), cut
            )
        )
        return Prepared(size=tokens_of(rows), rows=rows)

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """For each text: NLI logits, float32 `[candidate labels, classes]` (Yin et al. 2019)."""
        return self._texts.through(group, self._logits)

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Parameters) -> Any:
        """Labels with scores, best first."""
        del prepared
        check_finite(raw)
        if parameters.multi_label or len(raw) == 1:
            scores = softmax(raw[:, [self._no, self._yes]])[:, 1]
        else:
            scores = softmax(raw[:, self._yes])
        order = np.argsort(-scores, kind="stable")
        labels = parameters.candidate_labels
        return [{"label": labels[i], "score": float(scores[i])} for i in order]

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {"max_input_tokens": self._texts.limit}

    def _logits(self, rows: Sequence[Encoded]) -> np.ndarray:
        with torch.inference_mode():
            return to_numpy(self._model(**self._texts.collate(rows)).logits)
