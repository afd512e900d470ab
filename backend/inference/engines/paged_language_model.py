"""`generate` of transformers with a paged graph, for settings that need more than single steps."""

from collections.abc import Sequence
from typing import Any

import torch
from transformers import Cache
from transformers.modeling_outputs import CausalLMOutputWithPast

from backend.inference.engines.paged_model import PagedModel, PagedSequence


class PagedCache(Cache):
    """The sequences of one `generate`, one for each row; `columns` includes padding."""

    def __init__(self, pages: PagedModel) -> None:
        super().__init__(layers=[])
        self._pages = pages
        self.rows: list[PagedSequence] = []
        self.columns = 0

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """See Cache."""
        del layer_idx
        return self.columns

    @property
    def is_compileable(self) -> bool:
        """See Cache."""
        return False

    def append(self, rows: Sequence[Sequence[int]], keep: int) -> list[torch.Tensor]:
        """Append tokens to each row, without padding; logits of the last `keep` of each."""
        if not self.rows:
            self.rows = [PagedSequence(is_aside=True) for _ in rows]
        return self._pages.run(self.rows, rows, keep)

    def reorder_cache(self, beam_idx: torch.Tensor) -> None:
        """See Cache: row `i` becomes a copy of row `beam_idx[i]`."""
        before, after = self.rows, list[PagedSequence]()
        for place in beam_idx.tolist():
            is_new = all(row is not before[place] for row in after)
            after.append(before[place] if is_new else self._pages.copy(before[place]))
            # At once, so that all pages are released if there are too few for a copy.
            self.rows = [*{*before, *after}]
        for row in before:
            if all(row is not other for other in after):
                self._pages.release(row)
        self.rows = after

    def crop(self, tokens_to_remove: int) -> None:
        """See Cache: remove the last columns."""
        for row in self.rows:
            row.length -= abs(tokens_to_remove)
        self.columns -= abs(tokens_to_remove)

    def release(self) -> None:
        """Return all pages."""
        for row in self.rows:
            self._pages.release(row)
        self.rows = []


class PagedForward:
    """Mixed into an architecture without weights: its forward pass is a paged graph."""

    pages: PagedModel
    # Caches of the `generate` that runs: its own one, and that of a prompt for guidance.
    _caches: tuple[PagedCache, ...] = ()
    device = torch.device("cpu")
    dtype = torch.float32

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        past_key_values: PagedCache | None = None,
        logits_to_keep: int = 0,
        use_cache: bool | None = None,
        **_: Any,
    ) -> CausalLMOutputWithPast:
        """Logits float32 `[batch, tokens, vocabulary]` of the last `logits_to_keep` tokens, or of
        all. Positions are those of the tokens without the padding on their left."""
        del position_ids
        rows, width = input_ids.shape
        is_own = past_key_values is None and not use_cache
        cache = past_key_values
        if cache is None:
            cache = PagedCache(self.pages) if is_own else self._new_cache()
        given = input_ids.tolist()
        if attention_mask is not None:
            mask = attention_mask[:, -width:].tolist()
            given = [
                [token for token, is_real in zip(ids, real, strict=True) if is_real]
                for ids, real in zip(given, mask, strict=True)
            ]
        keep = min(logits_to_keep or width, width)
        try:
            found = cache.append(given, keep)
            cache.columns += width
        finally:
            if is_own:
                cache.release()
        logits = found[0].new_zeros((rows, keep, found[0].shape[-1]))
        for place, row in enumerate(found):
            logits[place, keep - len(row) :] = row
        return CausalLMOutputWithPast(logits=logits, past_key_values=None if is_own else cache)

    def _new_cache(self) -> PagedCache:
        cache = PagedCache(self.pages)
        self._caches = (*self._caches, cache)
        return cache

    def _prepare_cache_for_generation(
        self, generation_config: Any, model_kwargs: dict[str, Any], *args: Any
    ) -> None:
        del args
        if generation_config.use_cache is not False:
            model_kwargs["past_key_values"] = self._new_cache()

    def generate(self, *args: Any, **kwargs: Any) -> Any:
        """See GenerationMixin; afterwards all pages are free again."""
        try:
            return super().generate(*args, **kwargs)  # pyright: ignore[reportAttributeAccessIssue]
        finally:
            for cache in self._caches:
                cache.release()
            self._caches = ()


def paged(skeleton: Any, pages: PagedModel) -> Any:
    """The architecture with the forward pass of a graph; everything else stays its own."""
    own = type(skeleton)
    skeleton.__class__ = type(f"Paged{own.__name__}", (PagedForward, own), {})
    skeleton.pages = pages
    return skeleton
