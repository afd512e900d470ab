"""question-answering: extracts an answer span, from start and end logits of each token."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from backend.errors.inference import InvalidInput
from backend.errors.server import LoadFailed
from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.items import object_item
from backend.inference.adapters.scores import to_numpy
from backend.inference.adapters.text.spans import Window, best_spans, null_score
from backend.inference.adapters.text.windows import (
    WindowDefaults,
    by_windows,
    overlap_of,
    window_of,
)
from backend.inference.adapters.tokenization import Encoded, TextPair, TextTokenizer, tokens_of
from backend.tasks.question_answering import Parameters, Question

DEFAULT_WINDOW = 384
_WINDOWS = WindowDefaults(overlap=128, most=2000)


class QuestionAnswering:
    """Extractive question answering (SQuAD); long contexts are split into overlapping windows."""

    encode_threads = 1

    def __init__(self, loaded: LoadedModel) -> None:
        self._model = loaded.model
        self._texts = TextTokenizer(loaded)
        tokenizer = self._texts.tokenizer
        if not tokenizer.is_fast:
            raise LoadFailed(
                "This model's tokenizer can't say where in a text its tokens stand, which "
                "question answering needs."
            )
        self.max_group = self._texts.max_group
        # Models with left padding were trained with the context first.
        self._part = 1 if tokenizer.padding_side == "right" else 0
        self._null = tokenizer.cls_token_id

    def encode(self, item: object, parameters: Parameters) -> Prepared:
        """Input: `{"question": …, "context": …}`."""
        parsed = object_item(item, Question)
        question = self._question(parsed.question, parameters.max_question_len)
        rows = self._rows(question, parsed.context, parameters)
        return Prepared(size=tokens_of(rows), rows=rows, keep=parsed.context)

    def forward(self, group: Sequence[Prepared]) -> list[list[np.ndarray]]:
        """For each text, for each of its windows: start and end logits, float32 `[2, sequence]`."""
        return by_windows(group, self._logits)

    def decode(self, raw: list[np.ndarray], prepared: Prepared, parameters: Parameters) -> object:
        """The best answer, or the `top_k` best as a list; `start` and `end` in characters."""
        windows = [
            Window(
                row=row, part=self._part, starts=logits[0], ends=logits[1],
                null=row.ids.index(self._null) if self._null in row.ids else None,
            )
            for row, logits in zip(prepared.rows, raw, strict=True)
        ]  # fmt: skip
        spans = best_spans(
            windows, parameters.max_answer_len, parameters.top_k, words=parameters.align_to_words
        )
        answers = [_answer(prepared.keep, span.start, span.end, span.score) for span in spans]
        if parameters.handle_impossible_answer:
            answers.append(_answer("", 0, 0, null_score(windows)))
            answers.sort(key=lambda answer: -answer["score"])
        answers = answers or [_answer("", 0, 0, 0.0)]
        return answers[0] if parameters.top_k == 1 else answers[: parameters.top_k]

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {"max_input_tokens": self._texts.limit, "window_tokens": self._window(None)}

    def _logits(self, rows: Sequence[Encoded], prepared: Prepared) -> list[np.ndarray]:
        del prepared
        with torch.inference_mode():
            made = self._model(**self._texts.collate(rows))
        both = np.stack([to_numpy(made.start_logits), to_numpy(made.end_logits)], axis=1)
        return [both[i, :, : len(row.ids)] for i, row in enumerate(rows)]

    def _question(self, text: str, most: int | None) -> str:
        made = self._texts.tokenizer(
            text, add_special_tokens=False, return_offsets_mapping=True, verbose=False,
            truncation=False,
        )  # fmt: skip
        offsets = made["offset_mapping"]
        return text if most is None or len(offsets) <= most else text[: offsets[most - 1][1]]

    def _window(self, parsed: int | None) -> int:
        return window_of(parsed, self._texts.limit, DEFAULT_WINDOW)

    def _rows(self, question: str, context: str, parameters: Parameters) -> tuple[Encoded, ...]:
        pair = TextPair(question, context) if self._part else TextPair(context, question)
        [whole] = self._texts.windows(pair)
        window = self._window(parameters.max_seq_len)
        text = (whole.parts or []).count(self._part)
        if not text:
            raise InvalidInput("context has no tokens.")
        if len(whole.ids) <= window:
            return (whole,)
        beside = len(whole.ids) - text
        overlap = overlap_of(text, beside, window, parameters.doc_stride, _WINDOWS)
        return self._texts.windows(pair, window=window, overlap=overlap, cut=self._part)


def _answer(text: str, start: int, end: int, score: float) -> dict[str, Any]:
    """Strip whitespace from the answer and adjust its offsets."""
    found = text[start:end]
    start += len(found) - len(found.lstrip())
    found = found.strip()
    return {"score": score, "start": start, "end": start + len(found), "answer": found}
