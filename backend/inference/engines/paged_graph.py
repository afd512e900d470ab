"""A causal language model as an OpenVINO graph with paged attention.

Keys and values are in pages of 32 tokens, which sequences own. One call of the graph computes
tokens of several sequences of any length, prompts and single tokens together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backend.domain.graph import GRAPH_FILE
from backend.errors.server import LoadFailed
from backend.inference.engines.openvino_library import VERSION, library, operations
from backend.inference.engines.openvino_model import compile_settings

# The CPU plugin has kernels for this one.
PAGE_TOKENS = 32
_SAMPLED = "sampled_tokens"
# Number of this input of a paged attention.
_WINDOW = 10
_KNOWN = frozenset(
    {
        "input_ids", "position_ids", "past_lens", "subsequence_begins", "block_indices",
        "block_indices_begins", "max_context_len", _SAMPLED,
    }
)  # fmt: skip
_TYPES = {"float32": "f32", "bfloat16": "bf16"}


class NotPageable(Exception):
    """OpenVINO cannot replace the attention of this graph."""


@dataclass(frozen=True)
class Part:
    """Tokens of one sequence to compute: those after its first `past`, with the pages it owns."""

    tokens: Sequence[int]
    past: int
    pages: Sequence[int]


class PagedGraph:
    """A compiled graph and its pages. Used in one thread."""

    def __init__(
        self, folder: Path, *, threads: int, dtype: str, windows: Sequence[int | None]
    ) -> None:
        """`windows` has the size of the sliding window of each layer, None for full attention.

        Raises NotPageable, and LoadFailed if the file cannot be compiled.
        """
        try:
            graph = library.Core().read_model(str(folder / GRAPH_FILE))
        except RuntimeError as error:
            detail = f"OpenVINO {VERSION} could not load the graph that was exported."
            raise LoadFailed(detail) from error
        self._type = getattr(library.Type, _TYPES[dtype])
        _replace_attention(graph)
        self._shapes = _shape_caches(graph, self._type, windows)
        _select_tokens(graph)
        settings = compile_settings(threads, dtype) | {"KV_CACHE_PRECISION": _TYPES[dtype]}
        self._compiled = library.Core().compile_model(graph, "CPU", settings)
        names = {one.any_name for one in self._compiled.inputs} - self._shapes.keys()
        if unknown := names - _KNOWN:
            raise NotPageable(f"its graph needs {', '.join(sorted(unknown))}")
        self._has_positions = "position_ids" in names
        self._request = self._compiled.create_infer_request()

    @property
    def bytes_per_token(self) -> int:
        """Size of the keys and values of one token in all layers."""
        values = sum(heads * size for heads, size in self._shapes.values())
        return values * self._type.size

    def allocate(self, pages: int) -> None:
        """Reserve memory for this many pages; the system provides it when they are first used."""
        for name, (heads, size) in self._shapes.items():
            shape = library.Shape([pages, heads, PAGE_TOKENS, size])
            self._request.set_tensor(name, library.Tensor(self._type, shape))

    def run(self, parts: Sequence[Part], keep: int = 1) -> np.ndarray:
        """Compute the parts; logits float32 `[tokens, vocabulary]` of the last `keep` of each.

        The array is valid until the next call.
        """
        counts = [len(part.tokens) for part in parts]
        ends = np.cumsum([0, *counts], dtype=np.int32)
        pages = np.cumsum([0, *(len(part.pages) for part in parts)], dtype=np.int32)
        tokens = [token for part in parts for token in part.tokens]
        self._set("input_ids", np.array(tokens, dtype=np.int64))
        if self._has_positions:
            ranges = [np.arange(part.past, part.past + len(part.tokens)) for part in parts]
            self._set("position_ids", np.concatenate(ranges).astype(np.int64))
        self._set("past_lens", np.array([part.past for part in parts], dtype=np.int32))
        self._set("subsequence_begins", ends)
        self._set("block_indices_begins", pages)
        owned = [page for part in parts for page in part.pages]
        self._set("block_indices", np.array(owned, dtype=np.int32))
        longest = max(part.past + len(part.tokens) for part in parts)
        self._set("max_context_len", np.array(longest, dtype=np.int32))
        kept = [
            np.arange(end - min(keep, count), end)
            for end, count in zip(ends[1:], counts, strict=True)
        ]
        self._set(_SAMPLED, np.concatenate(kept).astype(np.int64))
        self._request.infer()
        return self._request.get_output_tensor(0).data.reshape(sum(map(len, kept)), -1)

    def copy_page(self, source: int, target: int) -> None:
        """Copy keys and values of a page."""
        for name in self._shapes:
            data = self._request.get_tensor(name).data
            data[target] = data[source]

    def _set(self, name: str, values: np.ndarray) -> None:
        self._request.set_tensor(name, library.Tensor(values))


def _replace_attention(graph: Any) -> None:
    from openvino._offline_transformations import (  # noqa: PLC0415
        paged_attention_transformation,
    )

    try:
        paged_attention_transformation(graph)
    except RuntimeError as error:
        raise NotPageable("OpenVINO cannot replace its attention") from error
    if any(node.get_type_name() == "ReadValue" for node in graph.get_ops()):
        raise NotPageable("it has a state that is not keys and values")


def _shape_caches(
    graph: Any, kind: Any, windows: Sequence[int | None]
) -> dict[str, tuple[int, int]]:
    """Give the inputs of keys and values their types; heads and size of a head of each by name.

    The windows of layers were in masks of the graph, which paged attention does not use.
    """
    found: dict[str, tuple[int, int]] = {}
    for node in graph.get_ops():
        if node.get_type_name() != "PagedAttentionExtension":
            continue
        known = {key: int(getattr(value, "value", value)) for key, value in node.rt_info.items()}
        for place, side in ((3, "k"), (4, "v")):
            parameter = node.input(place).get_source_output().get_node()
            heads, size = known[f"num_{side}_heads"], known[f"{side}_head_size"]
            parameter.set_element_type(kind)
            parameter.set_partial_shape(library.PartialShape([-1, heads, PAGE_TOKENS, size]))
            found[name := parameter.output(0).any_name] = heads, size
            window = windows[int(name.rpartition(".")[2])]
            if window is not None:
                size_of_window = operations.constant(np.int32(window))
                node.input(_WINDOW).replace_source_output(size_of_window.output(0))
    if not found:
        raise NotPageable("it has no attention that OpenVINO knows")
    graph.validate_nodes_and_infer_types()
    return found


def _select_tokens(graph: Any) -> None:
    """Compute the logits of selected tokens only: those of a long prompt take gigabytes."""
    node = graph.get_results()[0]
    while node.get_type_name() != "MatMul":
        if len(node.inputs()) == 0:
            raise NotPageable("its logits are no product of the last layer")
        node = node.input(0).get_source_output().get_node()
    selected = operations.parameter([-1], library.Type.i64, name=_SAMPLED)
    selected.output(0).set_names({_SAMPLED})
    graph.add_parameters([selected])
    axis = operations.constant(np.int64(0))
    rows = operations.gather(node.input(0).get_source_output(), selected, axis)
    node.input(0).replace_source_output(rows.output(0))
    graph.validate_nodes_and_infer_types()
