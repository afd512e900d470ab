"""Traces a causal language model with transformers' exporter, and checks the graph."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from backend.domain.graph import GRAPH_FILE
from backend.domain.server import ServerSpec
from backend.inference.adapters.generation.slot_cache import SHARED, layer_kinds
from backend.inference.adapters.generation.slot_limits import longest_sequence
from backend.inference.adapters.generation.token_ids import vocabulary_size
from backend.inference.adapters.tokenization import position_limit
from backend.inference.engines.openvino_library import library
from backend.inference.engines.paged_graph import NotPageable, PagedGraph
from backend.inference.engines.paged_model import PagedModel
from backend.inference.export.recorded_calls import NotExportable
from backend.inference.scheduling.agreement import differs

# Two rows of seven tokens: sizes that a graph does not take for constants.
_SAMPLE = (2, 7)
# Tokens of the texts whose logits are compared, each read in two parts; longer than a page, and
# than the sliding windows of small models.
_LENGTHS = (3, 40, 300)
# Of the largest logit; sums in another order differ by a hundredth of it.
_TOLERANCE = 1e-3
# A prime, so that the tokens come from the whole vocabulary.
_STRIDE = 7919


def export_decoder(
    spec: ServerSpec, model: Any, folder: Path, report: Callable[[str], None]
) -> None:
    """Write the graph of a decoder to an empty folder. Raises as `export` does."""
    kinds = layer_kinds(model)
    if kinds is None or SHARED in kinds:
        raise NotExportable("its cache is not keys and values of each token in each layer")
    if longest_sequence(model) is not None:
        raise NotExportable("its positions depend on the length of the sequence")
    report("tracing the model")
    graph = _traced(model)
    report("writing the graph")
    library.save_model(graph, str(folder / GRAPH_FILE), compress_to_fp16=False)
    report("checking the graph")
    try:
        paged = PagedGraph(folder, threads=spec.threads, dtype="float32", windows=kinds)
        _check(model, PagedModel(paged))
    except NotPageable as error:
        raise NotExportable(str(error)) from error


def _traced(model: Any) -> Any:
    from transformers.exporters.configs import OpenVINOConfig  # noqa: PLC0415 - slow
    from transformers.exporters.exporter_openvino import OpenVINOExporter  # noqa: PLC0415
    from transformers.exporters.utils import decompose_for_generation  # noqa: PLC0415

    ids = torch.arange(_SAMPLE[0] * _SAMPLE[1]).reshape(_SAMPLE) % vocabulary_size(model)
    # Without padding, so that the graph has no mask, which paged attention makes itself.
    given = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    stages = decompose_for_generation(model, given, multi_token_decode=True)
    decoder: Any
    decoder, inputs = stages["decode"]
    settings = OpenVINOConfig(dynamic=True)
    return OpenVINOExporter().export_program(decoder, inputs, config=settings)[0]


def _check(model: Any, pages: PagedModel) -> None:
    """Compare the logits of all tokens, with three sequences in the same call."""
    pages.slots(rows=len(_LENGTHS), budget=2 * sum(_LENGTHS))
    size, limit = vocabulary_size(model), position_limit(model) or max(_LENGTHS)
    texts = [
        [_STRIDE * (place + seed) % size for place in range(min(count, limit))]
        for seed, count in enumerate(_LENGTHS)
    ]
    rows = [pages.new_cache() for _ in texts]
    first = pages.run(rows, [text[: len(text) // 2] for text in texts], keep=limit)
    second = pages.run(rows, [text[len(text) // 2 :] for text in texts], keep=limit)
    for text, *parts in zip(texts, first, second, strict=True):
        with torch.inference_mode():
            expected = model(torch.tensor([text]), use_cache=False).logits[0].float()
        if differs(expected.numpy(), torch.cat(parts).numpy(), _TOLERANCE):
            raise NotExportable("its graph computes other logits")
