"""document-question-answering with Donut (Kim et al. 2022), without OCR: generates the answer."""

from collections.abc import Sequence

import torch

from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.generation.generator import (
    TextGenerator,
    greedy_request,
    probability,
)
from backend.inference.adapters.generation.token_budget import token_budget
from backend.inference.adapters.generation.token_streamer import GeneratedSequence
from backend.inference.adapters.items import object_item
from backend.inference.adapters.tensors import prepared, stacked
from backend.inference.adapters.tokenization import position_limit
from backend.inference.media import bytes_of, read_image
from backend.tasks.document_question_answering import Parameters, Question

_PROMPT = "<s_docvqa><s_question>{question}</s_question><s_answer>"
_END = "</s_answer>"
_ANSWER_TOKENS = 256


class DonutDocumentQA:
    """Image and question to a generated answer."""

    encode_threads = 1

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        self._images, self._tokenizer = loaded.processor
        self._generator = TextGenerator(loaded.model, self._tokenizer)
        self._limit = position_limit(loaded.model, self._tokenizer)
        self.max_group = 1024

    def encode(self, item: object, parameters: Parameters) -> Prepared:
        """Input: `{"image": …, "question": …}`; `word_boxes` is not used."""
        question = object_item(item, Question)
        image = read_image(bytes_of(question.image))
        text = _PROMPT.format(question=question.question)
        ids = self._tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        most = token_budget(len(ids), parameters.max_new_tokens, _ANSWER_TOKENS, self._limit)
        request = greedy_request(ids, most, stop=(_END,))
        features = self._images(images=image, return_tensors="pt")
        inputs = {**features, "decoder_input_ids": torch.tensor([ids])}
        return prepared(inputs, keep=request, key=request.sampling)

    def forward(self, group: Sequence[Prepared]) -> list[list[GeneratedSequence]]:
        """Generate for the batch; `pixel_values` is `[batch, 3, height, width]`."""
        return self._generator.write(group, stacked(group, self._loaded), len(group[0].keep.ids))

    def decode(
        self, raw: list[GeneratedSequence], prepared: Prepared, parameters: Parameters
    ) -> list[dict[str, object]]:
        """One answer, without a position in the document."""
        del prepared, parameters
        [made] = raw
        answer = made.text.text.strip()
        return [{"answer": answer, "score": probability(made), "start": None, "end": None}]

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {"max_total_tokens": self._limit, "needs_word_boxes": False}
