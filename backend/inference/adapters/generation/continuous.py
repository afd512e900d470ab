"""Continuous batching of a causal language model, if its self-test passes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from backend.errors.base import PlatformError
from backend.errors.inference import GenerationFailed
from backend.inference.adapters.base import LoadedModel, Prepared
from backend.inference.adapters.generation.generator import GenerationRequest, TextGenerator
from backend.inference.adapters.generation.sequences import SequenceModel
from backend.inference.adapters.generation.slot_agreement import check_agreement
from backend.inference.adapters.generation.slot_batch import Member, SlotBatch
from backend.inference.adapters.generation.slot_cache import layer_kinds
from backend.inference.adapters.generation.slot_limits import longest_sequence, token_budget
from backend.inference.adapters.generation.slot_model import SlotModel
from backend.inference.adapters.generation.step_settings import stepwise_config
from backend.inference.adapters.generation.token_selection import TokenSelection
from backend.inference.guard import guarded

# Maximum of the tokens of prompts that are read in a step.
_CPU_CHUNK, _GPU_CHUNK = 256, 1024


class ContinuousBatching:
    """Decides whether the model and a request can take part, and makes the batch."""

    def __init__(self, loaded: LoadedModel, generator: TextGenerator) -> None:
        self._spec = loaded.spec
        self._model: Any = loaded.model
        self._generator = generator
        self._longest = longest_sequence(loaded.model)
        self._slots: SequenceModel | None = None
        self._reason: str | None = "The self-test has not run."
        self._has_failed = False
        self._budget = 0
        self.between: Callable[[], None] | None = None

    def marked(self, prepared: Prepared) -> Prepared:
        """The input, able to join the batch if nothing in it requires `generate`."""
        if self._has_failed or (self._longest is not None and prepared.size > self._longest):
            return prepared
        request: GenerationRequest = prepared.keep
        config = stepwise_config(self._model, self._generator.settings(request.sampling))
        keep = replace(request, config=config)
        return replace(prepared, keep=keep, can_join=config is not None)

    def start(self, rows: int, between: Callable[[], None]) -> SlotBatch | None:
        """An empty batch; None if the model does not compute the same in it."""
        try:
            with guarded("The self-test of continuous batching"):
                batch = self._tested(rows)
        except PlatformError as error:
            self._reason, self._has_failed = error.detail, True
            return None
        self._reason, self.between = None, between
        return batch

    def _tested(self, rows: int) -> SlotBatch:
        """An empty batch. Raises GenerationFailed if the model does not compute the same in it."""
        self._slots = self._sequence_model()
        check_agreement(self._model, self._slots)
        self._budget = token_budget(self._spec, self._model, self._slots.bytes_per_token())
        chunk = _CPU_CHUNK if self._model.device.type == "cpu" else _GPU_CHUNK
        return SlotBatch(self._slots, self._member, rows=rows, budget=self._budget, chunk=chunk)

    def _sequence_model(self) -> SequenceModel:
        # A graph with pages has its own keys and values.
        if (pages := getattr(self._model, "pages", None)) is not None:
            return pages
        kinds = layer_kinds(self._model)
        if kinds is None:
            raise GenerationFailed("Its cache is not keys and values of each token.")
        return SlotModel(self._model, kinds)

    def facts(self) -> dict[str, object]:
        """For `/info`."""
        if self._reason is not None:
            return {"enabled": False, "reason": self._reason}
        return {"enabled": True, "max_tokens": self._budget}

    def _member(self, number: int, prepared: Prepared) -> Member:
        request: GenerationRequest = prepared.keep
        sampling, prompt = request.sampling, prepared.rows[0]
        assert self._slots is not None  # noqa: S101 - for the type checker
        return Member(
            number=number,
            sequence=self._generator.sequence(prepared),
            ending=self._generator.conditions(sampling),
            selection=TokenSelection(self._model, sampling, request.config, prompt),
            prompt=prompt,
            cache=self._slots.new_cache(),
        )
