"""Tokenization and padding of texts; rejects texts that are too long, with length and limit."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from tokenizers import normalizers

from backend.errors.inference import InputTooLong, InvalidInput
from backend.inference.adapters.base import LoadedModel, Prepared, check_client_waiting
from backend.inference.adapters.limits import too_long

# A tokenizer without a limit reports 10^30.
_NO_LIMIT = 10_000_000
# Maximum number of padded tokens per forward pass of an input with many texts.
_PART_TOKENS = 16_384
_PART_ROWS = 1024


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """One tokenized row: token ids, segment ids if the model uses them, character offsets.

    `parts` has the index of the text (0 or 1) of each token; None for special tokens. `prompt` is
    the number of first tokens that are a prompt and not part of the text.
    """

    ids: list[int]
    types: list[int] | None
    special: list[int]
    offsets: list[tuple[int, int]] | None
    words: list[int | None] | None = None
    parts: list[int | None] | None = None
    prompt: int = 0


class TextPair(NamedTuple):
    """Two texts, in the order of the model's input."""

    first: str
    second: str


@dataclass(frozen=True, kw_only=True)
class Truncation:
    """Handling of a text that is too long; `stride` is the overlap of windows, in tokens.

    `most` is a limit in tokens below the one of the model.
    """

    allowed: bool = False
    side: str = "right"
    stride: int | None = None
    most: int | None = None


def position_limit(model: Any, tokenizer: Any = None) -> int | None:
    """Maximum number of tokens, or None if neither model nor tokenizer has a limit.

    Without a tokenizer, that of the model alone.

    Models like RoBERTa count positions from after the padding index, so that they support fewer
    tokens than config.json states.
    """
    config = model.config.get_text_config()
    limits = [getattr(config, "max_position_embeddings", None)]
    limits += [tokenizer.model_max_length] if tokenizer is not None else []
    for name, module in model.named_modules():
        is_table = name.endswith("position_embeddings") and isinstance(module, torch.nn.Embedding)
        if is_table and module.padding_idx is not None:
            limits.append(module.num_embeddings - module.padding_idx - 1)
    known = [int(limit) for limit in limits if limit and 0 < limit < _NO_LIMIT]
    return min(known, default=None)


class TextTokenizer:
    """A model's tokenizer with its limit; not thread-safe."""

    def __init__(self, loaded: LoadedModel, limit: int | None = None) -> None:
        self.tokenizer = loaded.processor
        self.device = loaded.device
        known = position_limit(loaded.model, self.tokenizer)
        self.limit = min(filter(None, (known, limit)), default=None)
        config = loaded.model.config.get_text_config()
        pad = self.tokenizer.pad_token_id
        self.pad_id = pad if pad is not None else getattr(config, "pad_token_id", None)
        # Several models locate the last token by its padding and need a pad token for batches.
        self.max_group = 1 if self.pad_id is None else _PART_ROWS
        self._takes_types = "token_type_ids" in self.tokenizer.model_input_names

    def encode(
        self, text: str, pair: str | None = None, cut: Truncation = Truncation()
    ) -> tuple[Encoded, ...]:
        """Tokenize a text or pair to rows. Raises InputTooLong if truncation is not enabled."""
        made = self._call(text, pair)
        count = len(made["input_ids"][0])
        if not count:
            raise InvalidInput("The text has no tokens.")
        limit = min(filter(None, (self.limit, cut.most)), default=None)
        if limit and count > limit:
            if not (cut.allowed or cut.stride):
                if limit != self.limit:
                    raise InputTooLong(f"{count:,} tokens; max_length is {limit:,}.")
                raise too_long(count, limit)
            self.tokenizer.truncation_side = cut.side
            if pair is not None:
                text, pair = self._shorter(made, text, 0), self._shorter(made, pair, 1)
            made = self._call(text, pair, self._window(cut, limit))
        rows = range(len(made["input_ids"]) if cut.stride else 1)
        return tuple(self._row(made, row) for row in rows)

    def _shorter(self, made: Any, text: str, number: int) -> str:
        """One text of a pair without its end, which truncation would remove anyway.

        With overflowing tokens the tokenizer combines all parts of one text with all parts of the
        other, which takes minutes for long texts.
        """
        if not made["parts"]:
            return text
        places = zip(made["offset_mapping"][0], made["parts"][0], strict=True)
        ends = [end for (_, end), part in places if part == number]
        most = 2 * (self.limit or 0)
        return text[: ends[most]] if len(ends) > most else text

    def windows(
        self, pair: TextPair, *, window: int | None = None, overlap: int = 0, cut: int = 0
    ) -> tuple[Encoded, ...]:
        """Split text `cut` (0 or 1) into rows of at most `window` tokens; unset: one row."""
        settings = {
            "truncation": ("only_first", "only_second")[cut], "max_length": window,
            "stride": overlap, "return_overflowing_tokens": True,
        }  # fmt: skip
        self.tokenizer.truncation_side = "right"
        made = self._call(*pair, settings if window else None)
        return tuple(self._row(made, row) for row in range(len(made["input_ids"])))

    def _window(self, cut: Truncation, limit: int) -> dict[str, Any]:
        settings: dict[str, Any] = {"truncation": True, "max_length": limit}
        if cut.stride:
            most = limit - self.tokenizer.num_special_tokens_to_add() - 1
            if cut.stride > most:
                raise InvalidInput(f"stride is {cut.stride}; this model allows at most {most}.")
            settings |= {"stride": cut.stride, "return_overflowing_tokens": True}
        return settings

    def _call(self, text: str, pair: str | None, settings: dict[str, Any] | None = None) -> Any:
        is_fast = self.tokenizer.is_fast
        made = self.tokenizer(
            [text], None if pair is None else [pair], return_special_tokens_mask=True,
            return_offsets_mapping=is_fast, verbose=False, **(settings or {"truncation": False}),
        )  # fmt: skip
        rows = range(len(made["input_ids"]))
        made["words"] = [made.word_ids(i) for i in rows] if is_fast else None
        made["parts"] = [made.sequence_ids(i) for i in rows] if is_fast else None
        return made

    def _row(self, made: Any, row: int) -> Encoded:
        return Encoded(
            ids=made["input_ids"][row],
            types=made["token_type_ids"][row] if self._takes_types else None,
            special=made["special_tokens_mask"][row],
            offsets=made["offset_mapping"][row] if "offset_mapping" in made else None,
            words=made["words"][row] if made["words"] else None,
            parts=made["parts"][row] if made["parts"] else None,
        )

    def through(
        self,
        group: Sequence[Prepared],
        model: Callable[[list[Encoded]], np.ndarray],
        most_tokens: int = _PART_TOKENS,
    ) -> list[np.ndarray]:
        """Results for the rows of each member of a batch, as `in_passes`."""
        return in_passes(group, model, most_tokens=most_tokens, most_rows=self.max_group)

    def collate(self, rows: Sequence[Encoded]) -> dict[str, torch.Tensor]:
        """Pad on the right; int64 tensors `[batch, sequence]` on the model's device."""
        width = max(len(row.ids) for row in rows)
        pad = self.pad_id or 0
        batch = {
            "input_ids": [row.ids + [pad] * (width - len(row.ids)) for row in rows],
            "attention_mask": [[1] * len(row.ids) + [0] * (width - len(row.ids)) for row in rows],
        }
        if rows[0].types is not None:
            batch["token_type_ids"] = [
                (row.types or []) + [0] * (width - len(row.ids)) for row in rows
            ]
        return {name: torch.tensor(values, device=self.device) for name, values in batch.items()}


def in_passes(
    group: Sequence[Prepared],
    model: Callable[[list[Encoded]], np.ndarray],
    *,
    most_tokens: int = _PART_TOKENS,
    most_rows: int = _PART_ROWS,
) -> list[np.ndarray]:
    """Results for the rows of each member of a batch, in forward passes of limited size.

    `model` maps rows to an array with one entry per row; a pass has at most `most_tokens` padded
    tokens, or one row. Raises ClientGone when all clients are gone.
    """
    rows: list[Encoded] = [row for prepared in group for row in prepared.rows]
    made: list[np.ndarray] = []
    for part in _parts(rows, most_tokens, most_rows):
        check_client_waiting(group)
        made.append(model(part))
    ends = np.cumsum([len(prepared.rows) for prepared in group])[:-1]
    return np.split(np.concatenate(made), ends)


def _parts(rows: list[Encoded], most_tokens: int, most_rows: int) -> Iterator[list[Encoded]]:
    begin, width = 0, 0
    for place, row in enumerate(rows):
        width = max(width, len(row.ids))
        count = place - begin + 1
        if count > 1 and (width * count > most_tokens or count > most_rows):
            yield rows[begin:place]
            begin, width = place, len(row.ids)
    yield rows[begin:]


def no_prompt(name: str | None) -> str:
    """The prompt of a model without prompts. Raises InvalidInput if one is requested."""
    if name is not None:
        raise InvalidInput("This model has no prompts; leave prompt_name out.")
    return ""


def lower_case(tokenizer: Any) -> None:
    """Configure the tokenizer to convert all texts to lower case."""
    own = tokenizer.backend_tokenizer.normalizer
    first = normalizers.Lowercase()
    tokenizer.backend_tokenizer.normalizer = normalizers.Sequence([first, own] if own else [first])


def tokens_of(rows: Sequence[Encoded]) -> int:
    """Total number of tokens of the rows."""
    return sum(len(row.ids) for row in rows)
