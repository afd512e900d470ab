"""document-question-answering with LayoutLM: words and bounding boxes, in windows of tokens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from backend.errors.inference import InvalidInput
from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.items import object_item
from backend.inference.adapters.multimodal.word_recognition import WordBox, WordRecognizer
from backend.inference.adapters.scores import to_numpy
from backend.inference.adapters.tensors import place
from backend.inference.adapters.text.spans import Window, best_spans, null_score
from backend.inference.adapters.text.windows import (
    WindowDefaults,
    by_windows,
    overlap_of,
    window_of,
)
from backend.inference.adapters.tokenization import Encoded, TextTokenizer
from backend.inference.media import bytes_of, read_image
from backend.tasks.document_question_answering import Parameters, Question

Box = list[float]
_WINDOW = 512
_WINDOWS = WindowDefaults(overlap=256, most=500)


@dataclass(frozen=True, kw_only=True)
class TokenWindow:
    """One window: tokens, whose offsets are word indices, and their boxes (0 to 1000)."""

    row: Encoded
    boxes: list[Box]


@dataclass(frozen=True, kw_only=True)
class LayoutVersion:
    """Differences between versions: the tokenizer call, and the image if the model uses it."""

    tokenizer: Any
    call: Callable[[str, list[str], list[Box], dict[str, Any]], Any]
    pixels: Callable[[bytes], torch.Tensor] | None = None


class LayoutDocumentQA:
    """Question and words to the extracted answer."""

    encode_threads = 1

    def __init__(self, loaded: LoadedModel, layout: LayoutVersion) -> None:
        self._loaded = loaded
        self._layout = layout
        self._texts = TextTokenizer(replace(loaded, processor=layout.tokenizer))
        self._recognizer = WordRecognizer(loaded.spec.threads)
        self.max_group = 1024

    def encode(self, item: object, parameters: Parameters) -> Prepared:
        """Input: `{"image": …, "question": …, "word_boxes": …}`; missing words are recognised."""
        request = object_item(item, Question)
        if not request.question.strip():
            raise InvalidInput("question is empty.")
        words, boxes = self._words_of(request, parameters)
        read = self._layout.pixels
        pixels = read(bytes_of(request.image)) if read else None
        pages = self._token_windows(request.question, words, boxes, parameters)
        size = sum(len(page.row.ids) for page in pages)
        return Prepared(size=size, rows=pages, keep=(words, pixels))

    def forward(self, group: Sequence[Prepared]) -> list[list[np.ndarray]]:
        """For each document, for each of its windows: start and end logits, `[2, sequence]`."""
        return by_windows(group, self._logits)

    def decode(
        self, raw: list[np.ndarray], prepared: Prepared, parameters: Parameters
    ) -> list[dict[str, object]]:
        """The best answers, best first; `start` and `end` are word indices, `end` inclusive."""
        null = self._layout.tokenizer.cls_token_id
        windows = [
            Window(
                row=page.row, part=1, starts=logits[0], ends=logits[1],
                null=page.row.ids.index(null) if null in page.row.ids else None,
            )
            for page, logits in zip(prepared.rows, raw, strict=True)
        ]  # fmt: skip
        spans = best_spans(windows, parameters.max_answer_len, parameters.top_k, words=False)
        words = prepared.keep[0]
        answers = [
            _answer(" ".join(words[span.start : span.end]), span.score, span.start, span.end - 1)
            for span in spans
        ]
        if parameters.handle_impossible_answer:
            answers.append(_answer("", null_score(windows), 0, 0))
            answers.sort(key=lambda answer: -answer["score"])
        return answers[: parameters.top_k]

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {
            "max_input_tokens": self._texts.limit,
            "needs_word_boxes": not WordRecognizer.is_available(),
        }  # fmt: skip

    def _words_of(self, request: Question, parameters: Parameters) -> tuple[list[str], list[Box]]:
        given = request.word_boxes if request.word_boxes is not None else parameters.word_boxes
        if given is None and WordRecognizer.is_available():
            given = self._recognizer.words(read_image(bytes_of(request.image)))
            if not given:
                raise InvalidInput("No words were recognised in the image.")
        return _checked(given)

    def _logits(self, pages: Sequence[TokenWindow], prepared: Prepared) -> list[np.ndarray]:
        _, pixels = prepared.keep
        batch = self._texts.collate([page.row for page in pages])
        width = batch["input_ids"].shape[1]
        boxes = [page.boxes + [[0, 0, 0, 0]] * (width - len(page.boxes)) for page in pages]
        batch["bbox"] = torch.tensor(boxes, dtype=torch.long, device=self._loaded.device)
        if pixels is not None:
            batch["pixel_values"] = place(pixels.expand(len(pages), -1, -1, -1), self._loaded)
        with torch.inference_mode():
            made = self._loaded.model(**batch)
        both = np.stack([to_numpy(made.start_logits), to_numpy(made.end_logits)], axis=1)
        # Without the logits of image patches, which follow the tokens.
        return [both[i, :, : len(page.row.ids)] for i, page in enumerate(pages)]

    def _token_windows(
        self, question: str, words: list[str], boxes: list[Box], parameters: Parameters
    ) -> tuple[TokenWindow, ...]:
        limit = self._texts.limit
        window = window_of(parameters.max_seq_len, limit, limit or _WINDOW)
        parts = self._layout.call(question, words, boxes, {"verbose": False}).sequence_ids(0)
        text = parts.count(1)
        overlap = overlap_of(text, len(parts) - text, window, parameters.doc_stride, _WINDOWS)
        settings = {
            "truncation": "only_second", "max_length": window, "stride": overlap,
            "return_overflowing_tokens": True, "verbose": False,
        }  # fmt: skip
        made = self._layout.call(question, words, boxes, settings)
        return tuple(self._token_window(made, i, boxes) for i in range(len(made["input_ids"])))

    def _token_window(self, made: Any, index: int, boxes: list[Box]) -> TokenWindow:
        ids, parts = made["input_ids"][index], made.sequence_ids(index)
        words = made.word_ids(index)
        offsets = [(w, w + 1) if p == 1 else (0, 0) for w, p in zip(words, parts, strict=True)]
        separator = self._layout.tokenizer.sep_token_id
        placed = [
            boxes[word] if part == 1 else [1000.0] * 4 if token == separator else [0.0] * 4
            for token, word, part in zip(ids, words, parts, strict=True)
        ]
        row = Encoded(
            ids=ids, special=[], offsets=offsets, parts=parts,
            types=made["token_type_ids"][index] if "token_type_ids" in made else None,
        )  # fmt: skip
        return TokenWindow(row=row, boxes=made["bbox"][index] if "bbox" in made else placed)


def _checked(given: list[WordBox] | None) -> tuple[list[str], list[Box]]:
    if not given:
        raise InvalidInput(
            "word_boxes is missing: this model finds answers among recognised words. Send them, or "
            "deploy the model with the extra `ocr`, which recognises them."
        )
    words: list[str] = []
    boxes: list[Box] = []
    for i, (word, box) in enumerate(given):
        if not isinstance(word, str) or not word or not isinstance(box, list) or len(box) != 4:
            raise InvalidInput(f"word_boxes[{i}] is not [word, [left, top, right, bottom]].")
        if not all(0 <= number <= 1000 for number in box):
            raise InvalidInput(f"word_boxes[{i}] has a number that is not from 0 to 1000.")
        left, top, right, bottom = box
        if left > right or top > bottom:
            raise InvalidInput(f"word_boxes[{i}] has right < left or bottom < top.")
        words.append(word)
        boxes.append(box)
    return words, boxes


def _answer(text: str, score: float, start: int, end: int) -> dict[str, Any]:
    return {"answer": text, "score": score, "start": start, "end": end}


def layoutlm(loaded: LoadedModel) -> LayoutDocumentQA:
    """Adapter for LayoutLM (Xu et al. 2020): words and boxes, no image."""
    tokenizer = loaded.processor

    def call(question: str, words: list[str], boxes: list[Box], settings: dict[str, Any]) -> Any:
        del boxes
        return tokenizer(question.split(), words, is_split_into_words=True, **settings)

    return LayoutDocumentQA(loaded, LayoutVersion(tokenizer=tokenizer, call=call))


def layoutlm_v3(loaded: LoadedModel) -> LayoutDocumentQA:
    """Adapter for LayoutLMv3 (Huang et al. 2022): words, boxes and image."""
    images, tokenizer = loaded.processor
    images.apply_ocr = False

    def call(question: str, words: list[str], boxes: list[Box], settings: dict[str, Any]) -> Any:
        return tokenizer([question], [words], boxes=[boxes], **settings)

    def pixels(body: bytes) -> torch.Tensor:
        return images(images=read_image(body), return_tensors="pt")["pixel_values"]

    return LayoutDocumentQA(loaded, LayoutVersion(tokenizer=tokenizer, call=call, pixels=pixels))
