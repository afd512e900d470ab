"""text-ranking with a causal language model: the score is in the logits of the next token.

The model is asked whether a text answers a query, and its logits of two tokens, such as "yes" and
"no", are compared: LogitScore of sentence-transformers.
"""

import inspect
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch

from backend.errors.model import ModelNotSupported
from backend.inference.adapters.base import LoadedModel
from backend.inference.adapters.embeddings.model_files import read_model
from backend.inference.adapters.embeddings.text_ranking import TextRanking
from backend.inference.adapters.limits import too_long
from backend.inference.adapters.scores import to_numpy
from backend.inference.adapters.tokenization import Encoded, Truncation

# A template with one of these reads the content of a message as a list of parts.
_PARTS = ("content[0]", ".type", "'type'", '"type"', "item.type", "message.content[")
# Both are one token of most vocabularies; what follows them is the end of the template.
_PROBES = ("a", "b")


class CausalRanking(TextRanking):
    """Scores texts for a query; each pair is a prompt, by the chat template if there is one."""

    def __init__(self, loaded: LoadedModel) -> None:
        super().__init__(loaded)
        found = read_model(loaded.directory)
        if found is None:
            message = "a causal cross-encoder has modules"
            raise RuntimeError(message)
        transformer, score = found.modules
        self._yes = cast("int", score.settings["true_token_id"])
        self._no = cast("int | None", score.settings.get("false_token_id"))
        settings = cast("dict[str, Any]", transformer.settings.get("processing_kwargs") or {})
        self._options: dict[str, Any] = dict(settings.get("chat_template") or {})
        restores = self._options.pop("restore_suffix", True)
        self._has_template = self._texts.tokenizer.chat_template is not None
        self._reads_parts = self._has_template and _reads_parts(self._texts.tokenizer.chat_template)
        if self._has_template and not self._renders_pairs():
            raise ModelNotSupported(
                "The chat template has no place for a query and a document.",
                instead="Choose another model for this task.",
            )
        self._end = self._suffix() if self._has_template and restores else []
        accepted = inspect.signature(loaded.model.forward).parameters
        self._accepts = frozenset({"position_ids", "logits_to_keep"} & set(accepted))

    def _row(self, query: str, text: str, cut: Truncation) -> Encoded:
        if not self._has_template:
            return super()._row(query, text, cut)
        ids = self._ids(query, text)
        limit = min(filter(None, (self._texts.limit, cut.most)), default=None)
        if limit and len(ids) > limit:
            if not cut.allowed:
                raise too_long(len(ids), limit)
            # The end of the template says where the answer begins.
            ids = ids[: limit - len(self._end)] + self._end if limit > len(self._end) else ids
        return Encoded(ids=ids, types=None, special=[], offsets=None)

    def _logits(self, rows: Sequence[Encoded]) -> np.ndarray:
        """Log-odds of the two tokens, or the logit of the only one, float32 `[rows]`."""
        batch = self._left_padded(rows)
        if "logits_to_keep" in self._accepts:
            batch["logits_to_keep"] = 1
        with torch.inference_mode():
            last = self._model(**batch).logits[:, -1].float()
            scores = last[:, self._yes]
            return to_numpy(scores if self._no is None else scores - last[:, self._no])

    def _left_padded(self, rows: Sequence[Encoded]) -> dict[str, Any]:
        """Tensors `[batch, sequence]`, so that the last position is the last token of every row."""
        width = max(len(row.ids) for row in rows)
        pad = self._texts.pad_id or 0
        ids = [[pad] * (width - len(row.ids)) + row.ids for row in rows]
        mask = [[0] * (width - len(row.ids)) + [1] * len(row.ids) for row in rows]
        device = self._texts.device
        batch: dict[str, Any] = {
            "input_ids": torch.tensor(ids, device=device),
            "attention_mask": torch.tensor(mask, device=device),
        }
        if "position_ids" in self._accepts:
            batch["position_ids"] = (batch["attention_mask"].cumsum(-1) - 1).clamp(min=0)
        return batch

    def _ids(self, query: str, text: str) -> list[int]:
        made = self._texts.tokenizer.apply_chat_template(
            self._messages(query, text), tokenize=True, return_dict=True, **self._options
        )
        return list(made["input_ids"])

    def _messages(self, query: str, text: str) -> list[dict[str, object]]:
        contents = [("query", query), ("document", text)]
        if self._prompt:
            contents.insert(0, ("system", self._prompt))
        return [
            {
                "role": role,
                "content": [{"type": "text", "text": content}] if self._reads_parts else content,
            }
            for role, content in contents
        ]

    def _renders_pairs(self) -> bool:
        """Whether query and document change the prompt: most chat templates drop their roles."""
        one, other = _PROBES
        try:
            made = [self._ids(*pair) for pair in ((one, one), (other, one), (one, other))]
        except Exception:  # noqa: BLE001 - a template is code of the repository
            return False
        return made[0] not in made[1:]

    def _suffix(self) -> list[int]:
        """The tokens that the template adds after the document."""
        one, other = (self._ids(_PROBES[0], text)[::-1] for text in _PROBES)
        same = 0
        while same < min(len(one), len(other)) and one[same] == other[same]:
            same += 1
        return one[:same][::-1]


def _reads_parts(template: object) -> bool:
    return not isinstance(template, str) or any(part in template for part in _PARTS)
