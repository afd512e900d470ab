"""Keys and values of a paged graph, with the interface of SlotModel and SlotCache."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch

from backend.errors.inference import GenerationFailed
from backend.inference.engines.paged_graph import PAGE_TOKENS, PagedGraph, Part


@dataclass(eq=False)
class PagedSequence:
    """A sequence: the pages that it owns, and the number of its tokens in them.

    `is_aside`: it is one of `generate`, which runs beside the running batch.
    """

    pages: list[int] = field(default_factory=list[int])
    length: int = 0
    is_aside: bool = False


class PagedModel:
    """A language model whose sequences own pages. Used in the model thread."""

    def __init__(self, graph: PagedGraph) -> None:
        self._graph = graph
        self._free: list[int] = []
        # Pages that sequences aside own now, and may own at most.
        self._aside = self._most_aside = 0

    @property
    def free(self) -> int:
        """Number of pages that no sequence owns."""
        return len(self._free)

    def slots(self, rows: int, budget: int) -> "PagedRows":
        """An empty batch of this number of rows, whose sequences have at most `budget` tokens.

        As many pages are reserved for `generate`, which cannot take those of the batch. Discards
        all sequences.
        """
        pages = max(budget // PAGE_TOKENS, 2 * rows)
        self._aside, self._most_aside = 0, pages
        self._graph.allocate(2 * pages)
        # Those with the lowest numbers first, so that memory is used only if it is needed.
        self._free = list(range(2 * pages))
        return PagedRows(self, pages)

    def new_cache(self) -> PagedSequence:
        """An empty sequence."""
        return PagedSequence()

    def release(self, sequence: PagedSequence) -> None:
        """Return the pages of a sequence that is not used any more."""
        for page in sequence.pages:
            heapq.heappush(self._free, page)
        self._aside -= len(sequence.pages) if sequence.is_aside else 0
        sequence.pages, sequence.length = [], 0

    def bytes_per_token(self) -> int:
        """Size of the keys and values of one token in all layers."""
        return self._graph.bytes_per_token

    def read(self, part: Sequence[int], start: int, cache: PagedSequence) -> torch.Tensor:
        """Read the tokens of a prompt from `start`; logits of the last one, float32 `[1, size]`."""
        assert start == cache.length, "parts of a prompt are read in order"  # noqa: S101
        return self.run([cache], [part])[0]

    def step(self, tokens: Sequence[int], first: int, cache: "PagedRows") -> torch.Tensor:
        """Process the last token of the rows from `first`; logits float32 `[rows, vocabulary]`.

        `PagedRows.advance` counts the tokens, so that a step can be repeated.
        """
        rows = cache.rows[first : first + len(tokens)]
        parts = [
            Part([token], row.length, row.pages) for token, row in zip(tokens, rows, strict=True)
        ]
        return _tensor(self._graph.run(parts))

    def run(
        self, rows: Sequence[PagedSequence], tokens: Sequence[Sequence[int]], keep: int = 1
    ) -> list[torch.Tensor]:
        """Append tokens to sequences; logits of the last `keep` of each, `[tokens, vocabulary]`.

        Raises GenerationFailed if there are too few pages.
        """
        parts: list[Part] = []
        for row, new in zip(rows, tokens, strict=True):
            self.reserve(row, len(new))
            parts.append(Part(new, row.length, row.pages))
        found = _tensor(self._graph.run(parts, keep))
        for row, new in zip(rows, tokens, strict=True):
            row.length += len(new)
        return list(found.split([min(keep, len(new)) for new in tokens]))

    def reserve(self, row: PagedSequence, count: int) -> None:
        """Add the pages that this many further tokens need."""
        needed = -(-(row.length + count) // PAGE_TOKENS) - len(row.pages)
        left = self._most_aside - self._aside if row.is_aside else len(self._free)
        if needed > min(left, len(self._free)):
            raise GenerationFailed("The memory for keys and values is used up.")
        self._aside += max(0, needed) if row.is_aside else 0
        row.pages += [heapq.heappop(self._free) for _ in range(needed)]

    def copy(self, sequence: PagedSequence) -> PagedSequence:
        """A sequence of its own with the same tokens."""
        made = PagedSequence(is_aside=sequence.is_aside)
        self.reserve(made, sequence.length)
        made.length = sequence.length
        for source, target in zip(sequence.pages, made.pages, strict=False):
            self._graph.copy_page(source, target)
        return made


class PagedRows:
    """The sequences of a running batch, of at most `pages` pages."""

    def __init__(self, model: PagedModel, pages: int) -> None:
        self._model = model
        self._pages = pages
        self.rows: list[PagedSequence] = []

    def has_room(self, sizes: Sequence[int]) -> bool:
        """Whether sequences of these lengths fit at the same time."""
        return sum(-(-size // PAGE_TOKENS) for size in sizes) <= self._pages

    def join(self, sequence: PagedSequence, length: int, longest: int) -> None:
        """Add a row."""
        del length, longest
        self.rows.append(sequence)

    def make_column(self, longest: int) -> None:
        """Reserve room for a token of each row."""
        del longest
        for row in self.rows:
            self._model.reserve(row, 1)

    def advance(self) -> None:
        """Count the token that a step has added to each row."""
        for row in self.rows:
            row.length += 1

    def leave(self, place: int) -> None:
        """Remove a row; the last one takes its place."""
        self._model.release(self.rows[place])
        self.rows[place] = self.rows[-1]
        self.rows.pop()

    def clear(self) -> None:
        """Remove all rows."""
        for row in self.rows:
            self._model.release(row)
        self.rows.clear()


def _tensor(logits: object) -> torch.Tensor:
    """A copy, since the graph writes the next logits to the same memory."""
    return torch.from_numpy(logits).clone()
