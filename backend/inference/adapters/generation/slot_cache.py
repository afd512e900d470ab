"""Keys and values of a running batch, whose rows are sequences of different lengths.

All rows end at the same column, as prompts do that `generate` pads on the left: masks, sliding
windows and position biases are those of transformers, and a step writes one column. Storage is
allocated once and grows by doubling; rows that leave are filled by the last one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import Cache
from transformers.cache_utils import (
    CacheLayerMixin,
    DummyLayer,
    DynamicCache,
    DynamicLayer,
    DynamicSlidingWindowLayer,
)

_FIRST_COLUMNS = 256
# A layer without keys and values of its own.
SHARED = -1


@dataclass
class View:
    """The rows and columns that the model sees; the next column is `end`."""

    first: int = 0
    last: int = 0
    start: int = 0
    end: int = 0

    @property
    def width(self) -> int:
        """Number of columns before the next one."""
        return self.end - self.start


class SlotLayer(CacheLayerMixin):
    """Keys and values of one layer, `[rows, heads, columns, size of a head]`."""

    def __init__(self, view: View, window: int | None) -> None:
        super().__init__()
        self._view = view
        self._window = window
        self.is_sliding = window is not None

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        """Not called: `allocate` does it."""
        raise NotImplementedError

    def allocate(self, rows: int, columns: int, keys: torch.Tensor, values: torch.Tensor) -> None:
        """Storage for tensors like `keys` and `values`, `[1, heads, tokens, size of a head]`."""
        self.keys = keys.new_zeros((rows, keys.shape[1], columns, keys.shape[3]))
        self.values = values.new_zeros((rows, values.shape[1], columns, values.shape[3]))
        self.is_initialized = True

    def tensors(self) -> tuple[torch.Tensor, ...]:
        """Keys and values; none before the first sequence."""
        if self.keys is None or self.values is None:
            return ()
        return self.keys, self.values

    def map(self, change: Callable[[torch.Tensor], torch.Tensor]) -> None:
        """Replace keys and values, one after the other, so that one copy exists at a time."""
        if self.keys is not None and self.values is not None:
            self.keys = change(self.keys)
            self.values = change(self.values)

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Called by the model: write the next column; return all that the new token may see."""
        del args, kwargs
        assert self.keys is not None  # noqa: S101 - for the type checker
        assert self.values is not None  # noqa: S101 - for the type checker
        view = self._view
        self.keys[view.first : view.last, :, view.end : view.end + 1] = key_states
        self.values[view.first : view.last, :, view.end : view.end + 1] = value_states
        start = view.start + self.get_mask_sizes(1)[1]
        return (
            self.keys[view.first : view.last, :, start : view.end + 1],
            self.values[view.first : view.last, :, start : view.end + 1],
        )

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Number of columns that `update` returns, and how many before them it leaves out."""
        width = self._view.width
        hidden = max(width - self._window + 1, 0) if self._window else 0
        return width - hidden + query_length, hidden

    def get_seq_length(self) -> int:
        """Number of columns before the next one."""
        return self._view.width

    def get_max_length(self) -> int:
        """No maximum."""
        return self._window or -1


class SlotCache(Cache):
    """The cache of a running batch. `budget` is the maximum of rows times columns.

    Within the view every number is finite, also where it is masked, since the product of zero and
    a number that is not finite would reach the result.
    """

    def __init__(self, kinds: Sequence[int | None], *, most_rows: int, budget: int) -> None:
        """`kinds` has for each layer the size of its sliding window, None for full attention, or
        SHARED."""
        self._view = View()
        super().__init__(
            layers=[
                DummyLayer() if kind == SHARED else SlotLayer(self._view, kind) for kind in kinds
            ]
        )
        self._slots = [
            (index, layer)
            for index, layer in enumerate(self.layers)
            if isinstance(layer, SlotLayer)
        ]
        self._most_rows, self._budget = most_rows, budget
        self._rows = self._columns = 0
        self.lengths: list[int] = []

    def has_room(self, sizes: Sequence[int]) -> bool:
        """Whether sequences of these lengths fit at the same time."""
        return len(sizes) * max(sizes) <= self._budget

    def join(self, cache: Cache, length: int, longest: int) -> None:
        """Add a row with the `length` tokens that `cache` has read.

        `longest` is the maximum length, with the tokens to come, of all rows and this one.
        """
        view, row = self._view, len(self.lengths)
        width = max(view.width, length)
        if row == self._rows or width >= self._columns:
            self._reallocate(row + 1, width, longest, cache)
        elif view.end < length or row == 0:
            self._move(length)
        self._clear(row, row + 1, view.end - width, view.end)
        self._clear(0, row, view.end - width, view.start)
        for index, slot in self._slots:
            read: Any = cache.layers[index]
            for own, new in zip(slot.tensors(), (read.keys, read.values), strict=False):
                own[row, :, view.end - new.shape[2] : view.end] = new[0]
        view.start = view.end - width
        self.lengths.append(length)

    def leave(self, row: int) -> None:
        """Remove a row; the last one takes its place."""
        view, last = self._view, len(self.lengths) - 1
        if row != last:
            for _, slot in self._slots:
                for own in slot.tensors():
                    own[row, :, view.start : view.end] = own[last, :, view.start : view.end]
            self.lengths[row] = self.lengths[last]
        self.lengths.pop()
        view.start = view.end - max(self.lengths, default=0)

    def make_column(self, longest: int) -> None:
        """Make room for the column of the next step."""
        view = self._view
        if view.end < self._columns:
            return
        if view.width > self._columns // 2 and self._columns < longest:
            self._reallocate(len(self.lengths), view.width, longest)
        else:
            self._move(view.width)

    def advance(self) -> None:
        """The model has written the next column of all rows."""
        self._view.end += 1
        self.lengths = [length + 1 for length in self.lengths]

    def select(self, first: int, last: int) -> None:
        """Let the model see these rows; called before each step."""
        self._view.first, self._view.last = first, last

    def mask(self, device: torch.device) -> torch.Tensor | None:
        """Attention mask of the selected rows with the next column, int64 `[rows, columns]`.

        None if they all have the same length.
        """
        view = self._view
        gaps = [view.width - length for length in self.lengths[view.first : view.last]]
        if not any(gaps):
            return None
        columns = torch.arange(view.width + 1, device=device)
        return (columns >= torch.tensor(gaps, device=device)[:, None]).long()

    def clear(self) -> None:
        """Remove all rows, and their storage, whose numbers may not be finite."""
        self.lengths = []
        self._rows = self._columns = 0
        self._view.first = self._view.last = self._view.start = self._view.end = 0

    def _clear(self, first: int, last: int, start: int, end: int) -> None:
        if first < last and start < end:
            for _, slot in self._slots:
                for own in slot.tensors():
                    own[first:last, :, start:end] = 0

    def _move(self, end: int) -> None:
        """Move all rows to other columns of the same storage."""
        view, rows = self._view, len(self.lengths)
        start = end - view.width
        if rows and start != view.start:
            for _, slot in self._slots:
                for own in slot.tensors():
                    # A copy in between, since the places may overlap.
                    own[:rows, :, start:end] = own[:rows, :, view.start : view.end].clone()
        view.start, view.end = start, end

    def _reallocate(self, rows: int, width: int, longest: int, like: Cache | None = None) -> None:
        """Storage for more rows or columns; it may have fewer of what is not needed any more."""
        columns = max(width + 1, min(max(2 * width, _FIRST_COLUMNS, self._columns), longest))
        most = max(rows, min(self._most_rows, self._budget // columns))
        wanted = self._rows if rows <= self._rows else max(rows, 2 * self._rows)
        wanted = min(wanted, most)
        view, now = self._view, len(self.lengths)
        start = width - view.width

        def grown(own: torch.Tensor) -> torch.Tensor:
            new = own.new_zeros((wanted, own.shape[1], columns, own.shape[3]))
            new[:now, :, start:width] = own[:now, :, view.start : view.end]
            return new

        for index, slot in self._slots:
            if now == 0 and like is not None:
                read: Any = like.layers[index]
                if read.keys is not None:
                    slot.allocate(wanted, columns, read.keys, read.values)
            else:
                slot.map(grown)
        self._rows, self._columns = wanted, columns
        view.start, view.end = start, width


def layer_kinds(model: Any) -> list[int | None] | None:
    """`kinds` of SlotCache; None if the model's cache is not keys and values of each token."""
    config = model.config.get_text_config(decoder=True)
    kinds: list[int | None] = []
    for layer in DynamicCache(config=config).layers:
        if type(layer) not in {DynamicLayer, DynamicSlidingWindowLayer, DummyLayer}:
            return None
        is_shared = isinstance(layer, DummyLayer)
        kinds.append(SHARED if is_shared else getattr(layer, "sliding_window", None))
    return kinds or None
