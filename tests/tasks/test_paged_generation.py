"""Decoders as graphs with paged attention: the tokens of `generate`, alone and in a batch."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from backend.errors.inference import GenerationFailed
from backend.inference import loading
from backend.inference.adapters.generation.slot_cache import layer_kinds
from backend.inference.engines.paged_graph import PagedGraph
from backend.inference.engines.paged_language_model import paged
from backend.inference.engines.paged_model import PagedModel
from backend.inference.export.decoder_graph import export_decoder
from backend.inference.export.openvino_graph import export
from backend.inference.export.recorded_calls import NotExportable
from backend.tasks import TASKS
from tests.fakes.launch import spec
from tests.fakes.tiny_models import BUILDERS
from tests.fakes.tiny_models.causal import causal
from tests.tasks.test_continuous_batching import PROMPTS, serving

# Sliding windows in some layers. Each export takes seconds.
USUAL = ("qwen2",)
FURTHER = ("gpt2", "opt", "llama", "mistral", "qwen3", "qwen3_moe", "gemma3", "gpt_neox", "phi3")
REFUSED = {"mamba": "its cache is not keys and values"}
SPEC = spec("text-generation", Path("none"))

pytestmark = pytest.mark.filterwarnings("ignore")  # of the exporter about itself


def quiet(_: str) -> None:
    """Nobody follows the progress."""


class Exported:
    """A model of torch, the same one as a graph, and the pages of the graph."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.torch, self.tokenizer = causal(kind)
        folder.mkdir()
        export_decoder(SPEC, self.torch, folder, quiet)
        kinds = layer_kinds(self.torch)
        assert kinds is not None
        graph = PagedGraph(folder, threads=1, dtype="float32", windows=kinds)
        self.pages = PagedModel(graph)
        self.pages.slots(rows=4, budget=2000)
        with torch.device("meta"):
            skeleton = type(self.torch)(self.torch.config)
        skeleton.generation_config = self.torch.generation_config
        self.model = paged(skeleton, self.pages)

    def expected(self, prompt: str, **settings: Any) -> list[list[int]]:
        """What `generate` of torch makes of a prompt."""
        ids = self.tokenizer(prompt, return_tensors="pt").input_ids
        with torch.inference_mode():
            made = self.torch.generate(ids, **settings)
        return made[:, ids.shape[1] :].tolist()


MADE: dict[str, Exported] = {}


@pytest.fixture(params=[*USUAL, *(pytest.param(kind, marks=pytest.mark.long) for kind in FURTHER)])
def exported(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Exported]:
    kind = request.param
    if kind not in MADE:
        MADE[kind] = Exported(kind, tmp_path_factory.mktemp("graphs") / kind)
    made = MADE[kind]
    free = made.pages.free
    yield made
    assert made.pages.free == free, "all pages are free again"


async def test_rows_that_join_and_leave_have_the_tokens_of_generate(exported: Exported) -> None:
    lengths = [24, 3, 12, 30, 7]
    async with serving(exported.model, exported.tokenizer) as served:
        first = served.stream(PROMPTS[0], max_new_tokens=lengths[0])
        pieces = [await anext(first) for _ in range(4)]
        others = [
            asyncio.ensure_future(served.predict(prompt, max_new_tokens=most))
            for prompt, most in zip(PROMPTS[1:], lengths[1:], strict=True)
        ]
        outcome: Any = [*pieces, *[piece async for piece in first]][-1]
        results = [outcome.outputs[0][0], *[await other for other in others]]
        steps, tokens = served.rows()
        facts = served.adapter.facts()["continuous_batching"]
        exported.pages.slots(rows=4, budget=2000)
    assert isinstance(facts, dict)
    assert facts["enabled"], facts
    assert tokens > 1.5 * steps, "rows share steps"
    for prompt, most, result in zip(PROMPTS, lengths, results, strict=True):
        [expected] = exported.expected(prompt, max_new_tokens=most, do_sample=False)
        assert [token["id"] for token in result["details"]["tokens"]] == expected


def test_searches_and_groups_have_the_tokens_of_torch(exported: Exported) -> None:
    tokenizer = exported.tokenizer
    tokenizer.padding_side = "left"
    given = tokenizer(list(PROMPTS), return_tensors="pt", padding=True)
    for settings in (
        {"num_beams": 3, "num_return_sequences": 2, "max_new_tokens": 12},
        {"do_sample": False, "max_new_tokens": 12},
        {"do_sample": False, "use_cache": False, "max_new_tokens": 6},
        {"do_sample": False, "guidance_scale": 1.5, "max_new_tokens": 12},
        {"do_sample": True, "top_k": 5, "max_new_tokens": 12},
    ):
        found: list[list[list[int]]] = []
        for model in (exported.torch, exported.model):
            torch.manual_seed(0)
            with torch.inference_mode():
                found.append(model.generate(**given, **settings).tolist())
        assert found[0] == found[1], settings


def test_a_client_that_leaves_frees_its_pages(exported: Exported) -> None:
    batch = exported.pages.slots(rows=4, budget=2000)
    free = exported.pages.free
    for length in (40, 3, 70):
        sequence = exported.pages.new_cache()
        exported.pages.read(list(range(length)), 0, sequence)
        batch.join(sequence, length, 100)
    assert not batch.has_room([2000, 40])
    batch.make_column(100)
    batch.leave(0)
    assert [row.length for row in batch.rows] == [70, 3]
    batch.clear()
    assert exported.pages.free == free


def test_positions_that_depend_on_the_length_are_refused(tmp_path: Path) -> None:
    rope = {
        "rope_type": "dynamic", "rope_theta": 10_000.0, "factor": 2.0,
        "original_max_position_embeddings": 64,
    }  # fmt: skip
    model, _ = causal("llama", rope_parameters=rope)
    with pytest.raises(NotExportable, match="depend on the length"):
        export_decoder(SPEC, model, tmp_path, quiet)


def test_generate_cannot_take_the_pages_of_the_batch(exported: Exported) -> None:
    batch = exported.pages.slots(rows=4, budget=320)
    ids = torch.arange(200)[None]
    with pytest.raises(GenerationFailed, match="used up"):
        exported.model.generate(ids, num_beams=3, max_new_tokens=2)
    sequence = exported.pages.new_cache()
    exported.pages.read(list(range(300)), 0, sequence)
    exported.pages.release(sequence)
    assert batch.has_room([300])
    exported.pages.slots(rows=4, budget=2000)


@pytest.mark.parametrize(("kind", "why"), REFUSED.items())
def test_what_has_no_pages_is_refused_with_the_reason(kind: str, why: str, tmp_path: Path) -> None:
    model, _ = causal(kind)
    with pytest.raises(NotExportable, match=why):
        export_decoder(SPEC, model, tmp_path, quiet)


def test_a_graph_is_served_from_the_files_of_the_model(tmp_path: Path) -> None:
    usual = spec("text-generation", BUILDERS["text-generation"](tmp_path / "model"))
    folder = tmp_path / "graph"
    folder.mkdir()
    export(usual, folder, quiet)
    graph = usual.model_copy(update={"engine": "openvino", "graph_dir": str(folder)})
    first, second = loading.load(usual), loading.load(graph)
    parameters = TASKS[usual.task].parameters.model_validate({"max_new_tokens": 20})
    texts = [
        one.decode(raw, prepared, parameters)
        for one in (first, second)
        for prepared in [one.encode("Once upon a time", parameters)]
        for raw in one.forward([prepared])
    ]
    assert texts[0] == texts[1]
