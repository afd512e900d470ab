"""decision: scores the options of a question at one position of a prompt, without generation."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from jinja2 import TemplateError
from transformers import JevConfig, JevForDecision
from transformers.decision import DecisionConfig, label_token_ids, parse_questions
from transformers.decision.modeling_utils import DecisionMixin, process_scores

from backend.errors.inference import InvalidInput
from backend.errors.server import LoadFailed
from backend.inference.adapters.base import LoadedModel, Prepared, check_client_waiting
from backend.inference.adapters.items import object_item, text_item
from backend.inference.adapters.limits import check_characters, too_long
from backend.inference.adapters.scores import check_finite, softmax, to_numpy
from backend.inference.adapters.tokenization import position_limit
from backend.inference.config import MAX_CHARACTERS
from backend.tasks.decision import DecisionInput


class DecisionModel:
    """Replaces `AutoModelForDecision`, which does not report missing weights."""

    @staticmethod
    def from_pretrained(folder: Path, **options: Any) -> Any:
        """Return the model with its loading info; its settings are read from the same folder."""
        loader: Any = super(DecisionMixin, JevForDecision)
        model, loading_info = loader.from_pretrained(folder, **options)
        model.decision_config = DecisionConfig.from_pretrained(folder)
        return model, loading_info


class Decision:
    """For models with a decision head, and for causal models that score the letters of options."""

    encode_threads = 1
    max_group = 1

    def __init__(self, loaded: LoadedModel) -> None:
        self._model, self._tokenizer = loaded.model, loaded.processor
        self._has_head = isinstance(self._model, JevForDecision)
        self._config = (
            self._model.decision_config
            if self._has_head
            else DecisionConfig.from_pretrained(loaded.directory)
        )
        heads = [n for n in JevConfig.extra_config_files if (loaded.directory / n).exists()]
        if heads or self._config.adapter:
            raise LoadFailed(
                "The model's head or adapter is stored in separate files. Save both as one model "
                "with transformers to deploy it."
            )
        if not (self._config.chat_template or self._tokenizer.chat_template):
            raise LoadFailed("The model has no chat template, which this task requires.")
        self._limit = position_limit(self._model, self._tokenizer)

    def encode(self, item: object, parameters: Any) -> Prepared:
        """Render one prompt per question, or one for all if the model's template does so."""
        del parameters
        payload = object_item(item, DecisionInput).model_dump()
        text_item(json.dumps(payload), MAX_CHARACTERS)
        check_characters(len(json.dumps(payload["state"])) * len(payload["questions"]))
        try:
            questions = parse_questions(payload["questions"], self._config)
            if not self._has_head:
                for question in questions:
                    label_token_ids(self._tokenizer, tuple(question.labels))
        except ValueError as error:
            raise InvalidInput(str(error)[:300]) from None
        try:
            prompts = self._config.prepare_inputs(payload, self._tokenizer)
        except TemplateError as error:
            raise InvalidInput(
                f"The model's template rejected the input: {str(error)[:200]}"
            ) from None
        longest = max(inputs["input_ids"].shape[1] for inputs, _ in prompts)
        if self._limit and longest > self._limit:
            raise too_long(longest, self._limit)
        size = sum(inputs["input_ids"].shape[1] for inputs, _ in prompts)
        return Prepared(size=size, rows=(prompts,))

    def forward(self, group: Sequence[Prepared]) -> list[Any]:
        """For each member: its questions with the logits of their options, `[options]`."""
        with torch.inference_mode():
            return [self._answers(prepared) for prepared in group]

    def decode(self, raw: Any, prepared: Prepared, parameters: Any) -> dict[str, object]:
        """Results by the names of the questions; probabilities are a softmax of the logits."""
        del prepared, parameters
        return {
            question.name: question.answer(softmax(check_finite(to_numpy(scores))).tolist())
            for question, scores in raw
        }

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {"max_tokens": self._limit, "has_decision_head": self._has_head}

    def _answers(self, prepared: Prepared) -> list[Any]:
        scored: list[Any] = []
        for prompt in prepared.rows[0]:
            check_client_waiting([prepared])
            scored.extend(self._scored(*prompt))
        return scored

    def _scored(self, inputs: dict[str, Any], questions: list[Any]) -> Any:
        if self._has_head:
            scores = self._model.decide(**inputs, decision_questions=questions)
            return zip(questions, scores, strict=True)
        marks = inputs["marks"]
        placed = {
            name: value.to(self._model.device) for name, value in inputs.items() if name != "marks"
        }
        logits = self._model(**placed, use_cache=False, logits_to_keep=marks - 1).logits[0]
        labels = [
            logits[place, label_token_ids(self._tokenizer, tuple(question.labels))]
            for place, question in enumerate(questions)
        ]
        scores = process_scores(self._config, inputs["input_ids"], marks, questions, labels)
        return zip(questions, scores, strict=True)
