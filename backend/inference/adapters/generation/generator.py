"""Shared code of text generation tasks: one `generate` per batch, with a streamer per sequence."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import LogitsProcessorList, StoppingCriteriaList

from backend.errors.inference import InputTooLong
from backend.inference.adapters.base import Prepared
from backend.inference.adapters.generation.detokenize import Detokenizer
from backend.inference.adapters.generation.sampling import Sampling, sampling_of
from backend.inference.adapters.generation.token_streamer import (
    FrequencyPenalty,
    GeneratedSequence,
    ScoresRecorder,
    StopConditions,
    StreamedToken,
    TokenStreamer,
)
from backend.inference.adapters.tokenization import too_long


@dataclass(frozen=True, kw_only=True)
class GenerationRequest:
    """Data of one prompt for generation and decoding.

    `ids` are the tokens of the prompt if the output continues it, else empty.
    """

    prompt: str
    ids: Sequence[int]
    sampling: Sampling
    details: bool
    stop: tuple[str, ...]


def generation_request(
    prompt: str, ids: Sequence[int], parameters: Any, max_new_tokens: int
) -> GenerationRequest:
    """Create the request for a prompt with these tokens."""
    return GenerationRequest(
        prompt=prompt,
        ids=ids,
        sampling=sampling_of(parameters, max_new_tokens),
        details=parameters.details,
        stop=tuple(parameters.stop),
    )


def greedy_request(
    ids: Sequence[int], max_new_tokens: int, stop: tuple[str, ...] = ()
) -> GenerationRequest:
    """Create a request for greedy decoding with log probabilities."""
    sampling = Sampling(
        seed=None, chances=(), repetition=1, frequency=0, max_new_tokens=max_new_tokens
    )
    return GenerationRequest(prompt="", ids=ids, sampling=sampling, details=True, stop=stop)


def probability(sequence: GeneratedSequence) -> float:
    """Joint probability of all tokens of a sequence, 0 to 1."""
    return math.exp(sum(piece.logprob or 0.0 for piece in sequence.pieces))


def token_budget(count: int, wanted: int | None, unset: int, limit: int | None) -> int:
    """Maximum number of new tokens after `count`. Raises InputTooLong with the numbers."""
    if limit is None:
        return wanted or unset
    if count >= limit:
        raise too_long(count, limit)
    if wanted and count + wanted > limit:
        raise InputTooLong(
            f"{count:,} tokens and max_new_tokens {wanted:,} are {count + wanted:,}; "
            f"this model takes at most {limit:,} together."
        )
    return wanted or min(unset, limit - count)


class TextGenerator:
    """Runs `generate`. `ends` are the EOS token ids if the model's `generate` sets them itself."""

    def __init__(self, model: Any, tokenizer: Any, ends: Sequence[int] = ()) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._names_ends = not ends
        known = ends or _numbers(model.generation_config.eos_token_id)
        self._eos = frozenset(known or _numbers(tokenizer.eos_token_id))
        pad = tokenizer.pad_token_id
        self.pad: int = pad if pad is not None else min(self._eos, default=0)

    def write(
        self, group: Sequence[Prepared], inputs: Mapping[str, torch.Tensor], start: int
    ) -> list[GeneratedSequence]:
        """Generate for a batch with equal sampling; return one sequence per member.

        `inputs` are arguments of `generate`, for example input_ids int64 `[batch, sequence]`;
        `keep` of each member is a GenerationRequest. `start` is the number of tokens before the
        generated ones. Raises GenerationFailed for NaN in the logits.
        """
        sequences = [self._sequence(prepared) for prepared in group]
        sampling: Sampling = group[0].keep.sampling
        recorder = ScoresRecorder()
        ending = StopConditions(
            eos=self._eos,
            special=frozenset(self._tokenizer.all_special_ids),
            max_new_tokens=sampling.max_new_tokens,
        )
        penalties = [FrequencyPenalty(sampling.frequency, start)] if sampling.frequency else []
        ends = {"pad_token_id": self.pad, "eos_token_id": sorted(self._eos) or None}
        if sampling.seed is not None:
            torch.manual_seed(sampling.seed)
        with torch.inference_mode():
            self._model.generate(
                **inputs,
                logits_processor=LogitsProcessorList([*penalties, recorder]),
                stopping_criteria=StoppingCriteriaList(
                    [TokenStreamer(sequences, recorder, ending)]
                ),
                **(ends if self._names_ends else {}),
                **sampling.settings(),
            )
        return sequences

    def _sequence(self, prepared: Prepared) -> GeneratedSequence:
        def decode(ids: list[int]) -> str:
            return self._tokenizer.decode(ids, skip_special_tokens=True)

        return GeneratedSequence(
            prepared, Detokenizer(decode, prepared.keep.ids, prepared.keep.stop)
        )


def _numbers(value: Any) -> list[int]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def generated(
    sequence: GeneratedSequence, request: GenerationRequest, *, with_prompt: bool
) -> list[dict[str, object]]:
    """The result in the format of the Hub, with details if requested."""
    start = request.prompt if with_prompt else ""
    output: dict[str, object] = {"generated_text": start + sequence.text.text}
    if request.details:
        output["details"] = {
            "finish_reason": sequence.pieces[-1].finish_reason,
            "generated_tokens": len(sequence.pieces),
            "input_length": len(request.ids),
            "seed": request.sampling.seed,
            "prefill": [],
            "tokens": [_token(piece) for piece in sequence.pieces],
        }
    return [output]


def _token(piece: StreamedToken) -> dict[str, object]:
    """One token in the format of the Hub."""
    return {
        "id": piece.id,
        "text": piece.text,
        "logprob": piece.logprob or 0.0,
        "special": piece.special,
    }
