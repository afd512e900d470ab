"""The census: its facts are read like those of real repositories, and its names exist."""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch

from backend.domain.model import ModelFacts
from scripts.census import contents, shapes
from scripts.census.entry import Entry, entries, expanded
from scripts.census.verdict import Verdict, facts, verdict
from scripts.render import census
from tests.fakes.hub import FakeHub
from tests.fakes.hub.client import facts_of, models_at
from tests.fakes.tiny_models import BUILDERS

FAKES = Path(__file__).resolve().parents[1] / "fakes"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FakeHub, Path]]:
    root = tmp_path_factory.mktemp("models")
    safe = BUILDERS["token-classification"](root / "acme" / "safe")
    pickled = BUILDERS["token-classification"](root / "acme" / "pickled")
    from safetensors.torch import load_file

    torch.save(load_file(pickled / "model.safetensors"), pickled / "pytorch_model.bin")
    (pickled / "model.safetensors").unlink()
    with FakeHub(root) as running:
        yield running, safe


@pytest.mark.parametrize("name", ["safe", "pickled"])
async def test_recorded_facts_are_those_of_a_look_up(
    hub: tuple[FakeHub, Path], tmp_path: Path, name: str
) -> None:
    async with models_at(hub[0].url, tmp_path) as models:
        real = await facts_of(models, f"acme/{name}")
    config: dict[str, Any] = json.loads((hub[1] / "config.json").read_text())
    weights = "model.safetensors" if name == "safe" else "pytorch_model.bin"
    entry = Entry(
        id=f"acme/{name}", task=None, config=config, files=[weights, "tokenizer.json"],
        parameters=real.parameters, license=real.license, gated=False,
    )  # fmt: skip
    recorded = await facts(entry)

    def compared(model: ModelFacts) -> list[object]:
        return [
            model.task, model.architectures, model.engines, model.parameters, model.weight_dtype,
            model.pickle and (model.pickle.files, model.pickle.refused), model.needs_remote_code,
            model.tokenizer_libraries, model.config,
        ]  # fmt: skip

    assert compared(recorded) == compared(real)
    assert recorded.weight_bytes == pytest.approx(real.weight_bytes, rel=0.2)


def found(model_id: str) -> Verdict:
    return next(verdict(entry) for entry in entries() if entry.id == model_id)


@pytest.mark.parametrize(
    ("model_id", "outcome", "extras", "reason"),
    [
        ("google-bert/bert-base-uncased", "served", (), ""),
        ("facebook/opt-1.3b", "converted", (), ""),
        ("Helsinki-NLP/opus-mt-en-de", "converted", ("sentencepiece",), ""),
        ("TheBloke/Llama-2-7B-Chat-GGUF", "served", ("gguf",), ""),
        ("Xenova/all-MiniLM-L6-v2", "served", ("onnxruntime",), ""),
        ("alignment-handbook/zephyr-7b-sft-qlora", "served", ("peft",), ""),
        ("unsloth/llama-3-8b-bnb-4bit", "served", ("accelerate", "bitsandbytes"), ""),
        ("stable-diffusion-v1-5/stable-diffusion-v1-5", "served", ("diffusers",), ""),
        ("microsoft/Phi-3-mini-4k-instruct", "served", (), ""),
        ("briaai/RMBG-2.0", "consent", (), "Python code"),
        ("jinaai/jina-embeddings-v2-base-en", "rejected", (), "another repository"),
        ("flair/ner-english", "rejected", (), "Flair"),
        ("tohoku-nlp/bert-base-japanese", "rejected", (), "fugashi"),
    ],
)
def test_verdict(model_id: str, outcome: str, extras: tuple[str, ...], reason: str) -> None:
    one = found(model_id)
    assert (one.outcome, one.extras) == (outcome, extras)
    assert reason in one.reason


def test_default_settings_reject_large_models_only() -> None:
    assert found("openai/whisper-tiny").settings == ()
    assert found("Qwen/Qwen3-8B").settings == ("MAX_MODEL_SIZE_GB", "MAX_MEMORY_PER_MODEL_GB")
    assert "MAX_MODEL_SIZE_GB" in census.words(found("Qwen/Qwen3-8B"))


def test_every_rejection_has_a_reason_and_a_way_out() -> None:
    rejected = [one for _, one in census.verdicts() if one.outcome == "rejected"]
    assert [one for one in rejected if not (one.reason and one.remedy)] == []


def test_repositories_are_listed_once_and_the_wizard_lists_what_is_served() -> None:
    ids = [entry.id for entry in entries()]
    assert len(set(ids)) == len(ids) >= 150
    listed = [(entry, one) for entry, one in census.verdicts() if entry.listed]
    assert [entry.id for entry, one in listed if one.outcome not in {"served", "converted"}] == []
    assert [entry.id for entry, one in listed if one.settings] == []
    catalogue = {row["id"]: row for row in json.loads(census.catalogue())["models"]}
    assert "Requires sentencepiece." in catalogue["google/siglip-base-patch16-224"]["note"]


def test_shards_are_named_one_by_one() -> None:
    assert expanded("unet/a-*-of-00002.safetensors") == [
        "unet/a-00001-of-00002.safetensors", "unet/a-00002-of-00002.safetensors",
        "unet/a.safetensors.index.json",
    ]  # fmt: skip
    assert expanded("model.safetensors") == ["model.safetensors"]


def test_content_has_zeros_where_nothing_is_known() -> None:
    content = contents.Content(size=10, parts={2: b"abc", 8: b"xyz"})
    assert content.part(0, 9) == b"\0\0abc\0\0\0xy"
    assert content.part(3, 3) == b"b"
    assert content.part(9, 20) == b"y"


@pytest.mark.parametrize("name", sorted(set(shapes.tables()["tiny_models"].values())))
def test_tiny_model_has_the_class_that_it_stands_for(name: str, tmp_path: Path) -> None:
    folder = BUILDERS[name](tmp_path)
    index = folder / "model_index.json"
    if index.exists():
        built = [json.loads(index.read_text())["_class_name"]]
    else:
        built = json.loads((folder / "config.json").read_text())["architectures"]
    wanted = [kind for kind, one in shapes.tables()["tiny_models"].items() if one == name]
    assert wanted == built


def test_other_shapes_exist() -> None:
    for name in shapes.tables()["shapes"].values():
        assert callable(getattr(import_module("tests.fakes.shapes"), name))
    for place in shapes.tables()["files"].values():
        module, name = place.split(".", 1)
        source = (FAKES / f"{module}.py").read_text()
        assert re.search(rf"def {name}\(|\"{name}\"|^    {name},", source, re.MULTILINE), place
