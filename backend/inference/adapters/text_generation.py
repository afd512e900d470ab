"""text-generation: prompts and chat messages to text, told token by token where that is wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from jinja2 import TemplateError
from transformers import LogitsProcessorList, StoppingCriteriaList

from backend.errors.inference import InputTooLong, InvalidInput
from backend.inference.adapters.base import Loaded, Prepared
from backend.inference.adapters.detokenize import Detokenizer
from backend.inference.adapters.follow import Ending, Follow, Frequency, Piece, Recorder, Track
from backend.inference.adapters.sampling import Sampling, sampling_of
from backend.inference.adapters.scores import text_item
from backend.inference.adapters.texts import position_limit, too_long
from backend.inference.config import DEFAULT_CHAT_TOKENS, DEFAULT_NEW_TOKENS, MAX_CHARACTERS


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What decode and the loop need to know of one prompt."""

    prompt: str
    tokens: int
    details: bool
    stop: tuple[str, ...]
    seed: int | None


class TextGeneration:
    """Prompts to text."""

    encode_threads = 1

    def __init__(self, loaded: Loaded) -> None:
        self._model = loaded.model
        self._tokenizer = loaded.processor
        self._limit = position_limit(loaded.model, self._tokenizer)
        self._eos = frozenset(_numbers(self._model.generation_config.eos_token_id)) or frozenset(
            _numbers(self._tokenizer.eos_token_id)
        )
        pad = self._tokenizer.pad_token_id
        self._pad = pad if pad is not None else min(self._eos, default=0)
        self.max_group = 1024

    def encode(self, item: object, parameters: Any) -> Prepared:
        """A prompt, or the messages of a conversation as a list."""
        prompt, ids = self._chat(item) if isinstance(item, list) else self._prompt(item)
        if not ids:
            raise InvalidInput("The prompt has no tokens.")
        if parameters.truncate:
            ids = ids[-parameters.truncate :]
        unset = DEFAULT_CHAT_TOKENS if isinstance(item, list) else DEFAULT_NEW_TOKENS
        sampling = sampling_of(parameters, self._room(len(ids), parameters, unset))
        keep = Asked(
            prompt=prompt,
            tokens=len(ids),
            details=parameters.details,
            stop=tuple(parameters.stop),
            seed=sampling.seed,
        )
        size = len(ids) + sampling.max_new_tokens
        return Prepared(size=size, rows=(ids,), keep=keep, key=sampling)

    def forward(self, group: Sequence[Prepared]) -> list[Track]:
        """Generate for the whole group, padded on the left."""
        width = max(len(prepared.rows[0]) for prepared in group)
        ids = [[self._pad] * (width - len(p.rows[0])) + p.rows[0] for p in group]
        mask = [[0] * (width - len(p.rows[0])) + [1] * len(p.rows[0]) for p in group]
        tracks = [self._track(prepared) for prepared in group]
        sampling = cast("Sampling", group[0].key)
        recorder = Recorder()
        ending = Ending(
            eos=self._eos,
            special=frozenset(self._tokenizer.all_special_ids),
            max_new_tokens=sampling.max_new_tokens,
        )
        penalties = [Frequency(sampling.frequency, width)] if sampling.frequency else []
        if sampling.seed is not None:
            torch.manual_seed(sampling.seed)
        device = self._model.device
        with torch.inference_mode():
            self._model.generate(
                torch.tensor(ids, device=device),
                attention_mask=torch.tensor(mask, device=device),
                logits_processor=LogitsProcessorList([*penalties, recorder]),
                stopping_criteria=StoppingCriteriaList([Follow(tracks, recorder, ending)]),
                pad_token_id=self._pad,
                eos_token_id=sorted(self._eos) or None,
                **sampling.settings(),
            )
        return tracks

    def decode(self, raw: Track, prepared: Prepared, parameters: Any) -> list[dict[str, object]]:
        """In the Hub's shape, with details where they are asked for."""
        asked: Asked = prepared.keep
        start = asked.prompt if parameters.return_full_text else ""
        answer: dict[str, object] = {"generated_text": start + raw.text.text}
        if asked.details:
            answer["details"] = {
                **ending_of(raw.pieces, asked),
                "prefill": [],
                "tokens": [token_of(piece) for piece in raw.pieces],
            }
        return [answer]

    def facts(self) -> dict[str, object]:
        """For /info."""
        return {
            "max_total_tokens": self._limit,
            "default_new_tokens": DEFAULT_NEW_TOKENS,
            "has_chat_template": bool(self._tokenizer.chat_template),
        }

    def _prompt(self, item: object) -> tuple[str, list[int]]:
        text = text_item(item, MAX_CHARACTERS)
        return text, self._tokenizer(text, verbose=False, truncation=False)["input_ids"]

    def _chat(self, messages: list[object]) -> tuple[str, list[int]]:
        if not self._tokenizer.chat_template:
            raise InvalidInput("This model has no chat template; send a text instead of messages.")
        try:
            text = self._tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=True
            )
        except TemplateError as error:
            # Templates refuse conversations by raising, with a text for the person.
            raise InvalidInput(f"The model's chat template refused: {str(error)[:200]}") from None
        text = text_item(text, MAX_CHARACTERS)
        made = self._tokenizer(text, add_special_tokens=False, verbose=False, truncation=False)
        return text, made["input_ids"]

    def _room(self, count: int, parameters: Any, unset: int) -> int:
        wanted = parameters.max_new_tokens
        if self._limit is None:
            return wanted or unset
        if count >= self._limit:
            raise too_long(count, self._limit)
        if wanted and count + wanted > self._limit:
            raise InputTooLong(
                f"{count:,} tokens and max_new_tokens {wanted:,} are {count + wanted:,}; "
                f"this model takes at most {self._limit:,} together."
            )
        return wanted or min(unset, self._limit - count)

    def _track(self, prepared: Prepared) -> Track:
        def decode(ids: list[int]) -> str:
            return self._tokenizer.decode(ids, skip_special_tokens=True)

        return Track(prepared, Detokenizer(decode, prepared.rows[0], prepared.keep.stop))


def _numbers(value: Any) -> list[int]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def token_of(piece: Piece) -> dict[str, object]:
    """One token as the Hub tells it."""
    return {
        "id": piece.id,
        "text": piece.text,
        "logprob": piece.logprob or 0.0,
        "special": piece.special,
    }


def ending_of(pieces: Sequence[Piece], asked: Asked) -> dict[str, object]:
    """Why an answer ended and how long it is."""
    return {
        "finish_reason": pieces[-1].finish_reason, "generated_tokens": len(pieces),
        "input_length": asked.tokens, "seed": asked.seed,
    }  # fmt: skip
