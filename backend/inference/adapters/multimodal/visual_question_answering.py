"""visual-question-answering: classification of known answers, or generation."""

from collections.abc import Sequence

import numpy as np
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
from backend.inference.adapters.limits import too_long
from backend.inference.adapters.scores import check_finite, labels_of, sigmoid, to_numpy
from backend.inference.adapters.tensors import prepared, stacked
from backend.inference.adapters.tokenization import position_limit
from backend.inference.media import bytes_of, read_image
from backend.tasks.visual_question_answering import Parameters, Question

Answers = list[dict[str, object]]
_ANSWER_TOKENS = 20


class QuestionEncoder:
    """Encodes an image and a question with the model's image processor and tokenizer."""

    def __init__(self, loaded: LoadedModel) -> None:
        self._images, self.tokenizer = loaded.processor
        self.limit = position_limit(loaded.model, self.tokenizer)

    def read(self, item: object) -> dict[str, torch.Tensor]:
        """Return tensors with batch size 1. Raises InputTooLong for a question that is too long."""
        request = object_item(item, Question)
        image = read_image(bytes_of(request.image))
        words = self.tokenizer(request.question, return_tensors="pt", verbose=False)
        count = words["input_ids"].shape[1]
        if self.limit and count > self.limit:
            raise too_long(count, self.limit)
        return {**self._images(images=image, return_tensors="pt"), **words}


class AnswerClassifier:
    """ViLT (Kim et al. 2021): a score for each answer of its training data."""

    encode_threads = 1

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        self._questions = QuestionEncoder(loaded)
        self.max_group = 1024

    def encode(self, item: object, parameters: Parameters) -> Prepared:
        """Input: `{"image": …, "question": …}`."""
        del parameters
        return prepared(self._questions.read(item))

    def forward(self, group: Sequence[Prepared]) -> list[np.ndarray]:
        """Logits of each question, float32 `[answers]`."""
        with torch.inference_mode():
            logits = self._loaded.model(**stacked(group, self._loaded)).logits
        return list(to_numpy(logits))

    def decode(self, raw: np.ndarray, prepared: Prepared, parameters: Parameters) -> Answers:
        """The best answers; scores are independent sigmoids, so that several may be near 1."""
        del prepared
        scores = check_finite(sigmoid(raw))
        order = np.argsort(-scores, kind="stable")[: parameters.top_k]
        labels = self._loaded.model.config.id2label
        return [{"answer": labels[int(i)], "score": float(scores[i])} for i in order]

    def facts(self) -> dict[str, object]:
        """For /info."""
        labels = labels_of(self._loaded.model.config)
        return {"max_input_tokens": self._questions.limit, "labels": labels}


class AnswerGenerator:
    """BLIP (Li et al. 2022): a generated answer, with the joint probability of its tokens."""

    encode_threads = 1

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        self._questions = QuestionEncoder(loaded)
        ends = [loaded.model.config.text_config.sep_token_id]
        self._generator = TextGenerator(loaded.model, self._questions.tokenizer, ends)
        self.max_group = 1024

    def encode(self, item: object, parameters: Parameters) -> Prepared:
        """Input: `{"image": …, "question": …}`."""
        read = self._questions.read(item)
        features = {name: row for name, row in read.items() if name != "token_type_ids"}
        most = token_budget(1, parameters.max_new_tokens, _ANSWER_TOKENS, self._questions.limit)
        request = greedy_request((), most)
        return prepared(features, keep=request, key=request.sampling)

    def forward(self, group: Sequence[Prepared]) -> list[list[GeneratedSequence]]:
        """Generate for the batch."""
        return self._generator.write(group, stacked(group, self._loaded), 1)

    def decode(
        self, raw: list[GeneratedSequence], prepared: Prepared, parameters: Parameters
    ) -> Answers:
        """The answer as a list of one item."""
        del prepared, parameters
        [made] = raw
        return [{"answer": made.text.text.strip(), "score": probability(made)}]

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {"max_input_tokens": self._questions.limit}
