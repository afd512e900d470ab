"""Shared code of text generation tasks: one `generate` per batch, with a streamer per sequence."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import LogitsProcessorList, StoppingCriteriaList

from backend.errors.inference import InvalidInput
from backend.inference.adapters.base import Prepared
from backend.inference.adapters.generation.detokenize import Detokenizer
from backend.inference.adapters.generation.interleaving import Interleaving
from backend.inference.adapters.generation.row_stopping import RowStopping
from backend.inference.adapters.generation.sampling import Sampling, sampling_of
from backend.inference.adapters.generation.streamed_token import StreamedToken
from backend.inference.adapters.generation.token_ids import check_settings, vocabulary_size
from backend.inference.adapters.generation.token_streamer import (
    FrequencyPenalty,
    GeneratedSequence,
    ScoresRecorder,
    StopConditions,
    TokenStreamer,
)


@dataclass(frozen=True, kw_only=True)
class GenerationRequest:
    """Data of one prompt for generation and decoding.

    `ids` are the tokens of the prompt if the output continues it, else empty. `config` is the
    GenerationConfig of a request that can run step by step, else None.
    """

    prompt: str
    ids: Sequence[int]
    sampling: Sampling
    details: bool
    stop: tuple[str, ...]
    stop_strings: tuple[str, ...] = ()
    config: Any = None


def greedy_request(
    ids: Sequence[int], max_new_tokens: int, stop: tuple[str, ...] = ()
) -> GenerationRequest:
    """Create a request for greedy decoding with log probabilities."""
    sampling = Sampling(seed=None, max_new_tokens=max_new_tokens)
    return GenerationRequest(prompt="", ids=ids, sampling=sampling, details=True, stop=stop)


def probability(sequence: GeneratedSequence) -> float:
    """Joint probability of all tokens of a sequence, 0 to 1."""
    return math.exp(sum(piece.logprob or 0.0 for piece in sequence.pieces))


class TextGenerator:
    """Runs `generate`. `ends` are the EOS token ids if the model's `generate` sets them itself."""

    def __init__(self, model: Any, tokenizer: Any, ends: Sequence[int] = ()) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._names_ends = not ends
        known = ends or _numbers(model.generation_config.eos_token_id)
        self._eos = frozenset(known or _numbers(tokenizer.eos_token_id))
        self._special = frozenset(tokenizer.all_special_ids)
        pad = tokenizer.pad_token_id
        self.pad: int = pad if pad is not None else min(self._eos, default=0)

    def request(
        self, prompt: str, ids: Sequence[int], parameters: Any, max_new_tokens: int
    ) -> GenerationRequest:
        """Create the request for a prompt with these tokens. Raises InvalidInput."""
        sampling = sampling_of(parameters, max(len(ids), 1), max_new_tokens)
        settings = sampling.settings()
        check_settings(settings, vocabulary_size(self._model))
        if not self._names_ends and {"eos_token_id", "pad_token_id"} & settings.keys():
            raise InvalidInput("eos_token_id and pad_token_id are set by this model itself.")
        ends = parameters.stop_strings
        return GenerationRequest(
            prompt=prompt,
            ids=ids,
            sampling=sampling,
            details=parameters.details,
            stop=tuple(parameters.stop),
            stop_strings=(ends,) if isinstance(ends, str) else tuple(ends or ()),
        )

    def write(
        self,
        group: Sequence[Prepared],
        inputs: Mapping[str, torch.Tensor],
        start: int,
        between: Callable[[], None] | None = None,
    ) -> list[list[GeneratedSequence]]:
        """Generate for a batch with equal settings; return the sequences of each member.

        `inputs` are arguments of `generate`, for example input_ids int64 `[batch, sequence]`;
        `keep` of each member is a GenerationRequest. `start` is the number of tokens before the
        generated ones. `between` is called after each token. Raises GenerationFailed for NaN in
        the logits.
        """
        sampling: Sampling = group[0].keep.sampling
        sequences = [[self.sequence(p) for _ in range(sampling.returned)] for p in group]
        rows = [sequence for each in sequences for sequence in each]
        recorder = ScoresRecorder()
        settings = self.settings(sampling)
        streamer = TokenStreamer(rows, recorder, self.conditions(sampling))
        is_search = sampling.beams > 1
        stops = [(*p.keep.stop, *p.keep.stop_strings) for p in group]
        ending = RowStopping(group, recorder, self._decode, stops) if is_search else streamer
        penalties = [FrequencyPenalty(sampling.frequency, start)] if sampling.frequency else []
        if sampling.seed is not None:
            torch.manual_seed(sampling.seed)
        criteria = [ending, Interleaving(between)] if between else [ending]
        with torch.inference_mode():
            made = self._model.generate(
                **inputs,
                logits_processor=LogitsProcessorList([*penalties, recorder]),
                stopping_criteria=StoppingCriteriaList(criteria),
                **settings,
            )
        if is_search:
            streamer.replay(made[:, recorder.start :].tolist())
        return sequences

    def settings(self, sampling: Sampling) -> dict[str, Any]:
        """Arguments of `generate`, with the end tokens of this model."""
        settings = sampling.settings()
        if sampling.beams > 1 and sampling.max_time:
            settings["max_time"] = sampling.max_time
        if not self._names_ends:
            return settings
        ends = {"pad_token_id": self.pad, "eos_token_id": sorted(self._eos) or None}
        return ends | settings

    def conditions(self, sampling: Sampling) -> StopConditions:
        """When a sequence ends; its time begins now."""
        settings = self.settings(sampling)
        ends = _numbers(settings["eos_token_id"]) if self._names_ends else self._eos
        return StopConditions(
            eos=frozenset(ends),
            special=self._special,
            max_new_tokens=sampling.max_new_tokens,
            deadline=time.monotonic() + sampling.max_time if sampling.max_time else None,
        )

    def _decode(self, ids: list[int]) -> str:
        return self._tokenizer.decode(ids, skip_special_tokens=True)

    def sequence(self, prepared: Prepared) -> GeneratedSequence:
        """An empty sequence for this input, whose `keep` is a GenerationRequest."""
        request: GenerationRequest = prepared.keep
        text = Detokenizer(self._decode, request.ids, request.stop, request.stop_strings)
        return GeneratedSequence(prepared, text)


def _numbers(value: Any) -> list[int]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def generated(
    sequences: Sequence[GeneratedSequence], request: GenerationRequest, *, with_prompt: bool
) -> list[dict[str, object]]:
    """The results of one input in the format of the Hub, with details if requested."""
    start = request.prompt if with_prompt else ""
    made: list[dict[str, object]] = []
    for sequence in sequences:
        made.append({"generated_text": start + sequence.text.text})
        if request.details:
            made[-1]["details"] = _details(sequence, request)
    return made


def _details(sequence: GeneratedSequence, request: GenerationRequest) -> dict[str, object]:
    return {
        "finish_reason": sequence.finish_reason,
        "generated_tokens": len(sequence.pieces),
        "input_length": len(request.ids),
        "seed": request.sampling.seed,
        "prefill": [],
        "tokens": [_token(piece) for piece in sequence.pieces],
    }


def _token(piece: StreamedToken) -> dict[str, object]:
    """One token in the format of the Hub. Beam search has no log probabilities of its tokens."""
    return {
        "id": piece.id,
        "text": piece.text,
        "logprob": piece.logprob,
        "special": piece.special,
    }
