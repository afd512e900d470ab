"""Conversion of pickle weights: real pickle files, a real sealed worker."""

import argparse
import asyncio
import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor
from transformers import GPT2Config, GPT2LMHeadModel

from backend.conversion import folder as folders
from backend.conversion.facade import Conversions
from backend.domain.conversion import SHARED
from backend.domain.deployment import Conversion
from backend.domain.model import ModelFacts
from backend.errors.model import ConversionFailed, UnsafeFormat
from backend.inference.engines import shared_tensors
from backend.sandbox import seal
from tests.fakes.attempts import ATTEMPTS, attempt
from tests.fakes.command_lines import command_of
from tests.fakes.hub.client import RecordingReport, facts_of, models_at, until
from tests.fakes.weights import repository

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def conversions(tmp_path: Path) -> Conversions:
    environment = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG"}}
    return Conversions(
        tmp_path / "state" / "converted",
        python=sys.executable, source=str(ROOT), environment=environment,
    )  # fmt: skip


async def facts_for(tmp_path: Path, files: dict[str, object], **options: bool) -> ModelFacts:
    """Write a local model with these pickle files (bytes and JSON are written as they are)."""
    folder = tmp_path / "local" / "model"
    folder.mkdir(parents=True, exist_ok=True)
    contents = {name: c for name, c in repository().items() if name != "model.safetensors"}
    for name, content in {**contents, **files}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        if isinstance(content, bytes):
            (folder / name).write_bytes(content)
        else:
            torch.save(content, folder / name, **options)
    async with models_at("http://127.0.0.1:9", tmp_path, local_models=folder.parent) as models:
        return await facts_of(models, "model", source="local")


async def converted(
    conversions: Conversions, model: ModelFacts, tmp_path: Path, *, runs_code: bool = False
) -> tuple[Path, Conversion]:
    snapshot = tmp_path / "local" / "model"
    place, record = await conversions.prepared(
        model, snapshot, RecordingReport(), runs_code=runs_code
    )
    assert record is not None
    return place, record


def same(first: Tensor, second: Tensor) -> bool:
    """Equal to the bit, NaN included."""
    return first.dtype == second.dtype and torch.equal(
        first.contiguous().reshape(-1).view(torch.uint8),
        second.contiguous().reshape(-1).view(torch.uint8),
    )


def tricky() -> dict[str, Tensor]:
    base = torch.randn(40, 30)
    return {
        "transposed": base.t(), "part": base[3:7], "scalar": torch.tensor(float("nan")),
        "half": torch.randn(5).half(), "brain": torch.randn(5).bfloat16(),
        "whole": torch.arange(9), "flags": torch.tensor([True, False]), "empty": torch.zeros(0, 3),
        "parameter": torch.nn.Parameter(torch.randn(2)),
    }  # fmt: skip


@pytest.mark.parametrize("is_zip", [True, False])
async def test_every_tensor_is_the_same_afterwards(
    conversions: Conversions, tmp_path: Path, is_zip: bool
) -> None:
    tensors = tricky()
    model = await facts_for(
        tmp_path, {"pytorch_model.bin": tensors | {"step": 3, "names": ["a"]}},
        _use_new_zipfile_serialization=is_zip,
    )  # fmt: skip
    place, record = await converted(conversions, model, tmp_path)
    found = load_file(place / "model.safetensors")
    assert found.keys() == tensors.keys()
    assert all(same(found[name], tensor) for name, tensor in tensors.items())
    assert record.tensors == len(tensors)
    assert set(record.seal) <= set(seal.kinds())
    assert (place / "config.json").is_symlink()
    assert not (place / "pytorch_model.bin").exists()


async def test_tied_tensors_are_written_once_and_named(
    conversions: Conversions, tmp_path: Path
) -> None:
    tied = torch.randn(100, 10)
    model = await facts_for(
        tmp_path, {"pytorch_model.bin": {"embed": tied, "other": torch.zeros(2), "head": tied}}
    )
    place, _ = await converted(conversions, model, tmp_path)
    with safe_open(place / "model.safetensors", "pt") as file:
        assert set(file.keys()) == {"embed", "other"}
        assert json.loads(file.metadata()[SHARED]) == {"head": "embed"}


async def test_tensor_tied_against_its_config_is_loaded(
    conversions: Conversions, tmp_path: Path
) -> None:
    config = GPT2Config(n_layer=1, n_head=2, n_embd=8, vocab_size=2000, n_positions=16)
    tied = GPT2LMHeadModel(config)
    config.tie_word_embeddings = False
    config.architectures = ["GPT2LMHeadModel"]
    files = {
        "config.json": config.to_json_string().encode(),
        "pytorch_model.bin": tied.state_dict(),
    }
    place, _ = await converted(conversions, await facts_for(tmp_path, files), tmp_path)
    loaded: Any = GPT2LMHeadModel.from_pretrained(place, output_loading_info=True)
    first, facts = loaded
    assert facts["missing_keys"] == {"lm_head.weight"}
    model, facts = shared_tensors.complete(first, facts, place)
    assert not facts["missing_keys"]
    assert torch.equal(model.lm_head.weight, tied.lm_head.weight)


async def test_shards_get_an_index(conversions: Conversions, tmp_path: Path) -> None:
    shards = {"first.bin": {"a": torch.randn(3)}, "second.bin": {"b": torch.randn(4)}}
    index = {"weight_map": {"a": "first.bin", "b": "second.bin"}}
    named: dict[str, object] = {"pytorch_model.bin.index.json": json.dumps(index).encode()}
    model = await facts_for(tmp_path, shards | named)
    place, record = await converted(conversions, model, tmp_path)
    table = json.loads((place / "model.safetensors.index.json").read_text())
    assert table["metadata"] == {"total_size": 28}
    for shard in shards.values():
        for name, tensor in shard.items():
            assert same(load_file(place / table["weight_map"][name])[name], tensor)
    assert {file.path for file in record.files} == {
        "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
    }  # fmt: skip


async def test_conversion_is_used_again_unless_its_files_changed(
    conversions: Conversions, tmp_path: Path
) -> None:
    model = await facts_for(tmp_path, {"pytorch_model.bin": {"a": torch.randn(300)}})
    assert not conversions.is_converted(model)
    place, _ = await converted(conversions, model, tmp_path)
    assert conversions.is_converted(model)
    weights = place / "model.safetensors"
    before = weights.stat().st_ino
    await converted(conversions, model, tmp_path)
    assert weights.stat().st_ino == before
    content = weights.read_bytes()
    weights.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    await converted(conversions, model, tmp_path)
    assert weights.read_bytes() == content
    changed = await facts_for(tmp_path, {"pytorch_model.bin": {"a": torch.randn(300)}})
    assert not conversions.is_converted(changed)
    assert await conversions.free("local", "model") >= len(content)
    assert not conversions.is_converted(model)


async def test_renamed_variant_needs_no_conversion(
    conversions: Conversions, tmp_path: Path
) -> None:
    weights = repository()["model.safetensors"]
    model = await facts_for(tmp_path, {"model.fp16.safetensors": weights})
    snapshot = tmp_path / "local" / "model"
    place, record = await conversions.prepared(model, snapshot, RecordingReport(), runs_code=False)
    assert record is None
    assert (place / "model.safetensors").read_bytes() == weights


async def test_other_objects_are_refused_by_name_unless_allowed(
    conversions: Conversions, tmp_path: Path
) -> None:
    content = {"a": torch.ones(3), "arguments": argparse.Namespace(epochs=3)}
    model = await facts_for(tmp_path, {"pytorch_model.bin": content})
    assert model.pickle is not None
    assert model.pickle.refused == ["argparse.Namespace"]
    with pytest.raises(UnsafeFormat, match=r"argparse\.Namespace"):
        await converted(conversions, model, tmp_path)
    assert not list((tmp_path / "state").rglob("*.safetensors"))
    place, _ = await converted(conversions, model, tmp_path, runs_code=True)
    assert load_file(place / "model.safetensors").keys() == {"a"}


class Code:
    """Unpickles to the value of a Python expression."""

    def __init__(self, expression: str) -> None:
        self._expression = expression

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return eval, (self._expression,)


async def test_output_of_code_is_not_taken_for_the_worker(
    conversions: Conversions, tmp_path: Path
) -> None:
    text = """print('{"kind": "done"}', flush=True) or __import__('os').system('echo broken')"""
    content = {"printed": Code(attempt(text)), "a": torch.ones(2)}
    model = await facts_for(tmp_path, {"pytorch_model.bin": content})
    place, _ = await converted(conversions, model, tmp_path, runs_code=True)
    assert set(load_file(place / "model.safetensors")) == {"printed", "a"}


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.skipif(
    not {"files", "system calls"} <= set(seal.kinds()), reason="this kernel has no Landlock"
)
async def test_code_in_a_pickle_reaches_nothing(
    conversions: Conversions,
    tmp_path: Path,
    listener: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    secret = tmp_path / "state" / "secret"
    secret.parent.mkdir()
    secret.write_text("secret")
    elsewhere = tmp_path / "elsewhere"
    values = {
        "secret": str(secret), "folder": str(secret.parent), "elsewhere": str(elsewhere),
        "port": listener, "pid": os.getpid(),
    }  # fmt: skip
    expressions = {name: text.format(**values) for name, text in ATTEMPTS.items()}
    control = {name: eval(attempt(text)) for name, text in expressions.items() if name != "link"}
    assert all(control.values()), "without a seal every attempt succeeds"
    elsewhere.unlink()
    content = {name: Code(attempt(text)) for name, text in expressions.items()}
    content["allowed"] = Code(attempt("__import__('pathlib').Path('own').write_text('x')"))
    model = await facts_for(tmp_path, {"pytorch_model.bin": content})
    place, record = await converted(conversions, model, tmp_path, runs_code=True)
    assert {"files", "system calls"} <= set(record.seal)
    found = load_file(place / "model.safetensors")
    succeeded = {name for name, tensor in found.items() if tensor.item()}
    assert succeeded == {"allowed"}
    assert not elsewhere.exists()
    assert not (place / "own").exists()


@pytest.mark.parametrize(
    "content",
    [
        {"a": 3},
        torch.ones(3),
        {"a": torch.eye(2).to_sparse()},
        {"a": torch.ones(1).expand(10**9)},
    ],
)
async def test_content_without_usable_tensors_is_rejected(
    conversions: Conversions, tmp_path: Path, content: object
) -> None:
    model = await facts_for(tmp_path, {"pytorch_model.bin": content})
    with pytest.raises(ConversionFailed):
        await converted(conversions, model, tmp_path)
    assert not list((tmp_path / "state").rglob("*.safetensors"))


async def test_cancelled_conversion_leaves_nothing(
    conversions: Conversions, tmp_path: Path
) -> None:
    model = await facts_for(tmp_path, {"pytorch_model.bin": {"a": torch.randn(10)}})
    work = asyncio.ensure_future(converted(conversions, model, tmp_path))
    await until(workers)
    [worker] = workers()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert not worker.is_running()
    assert not list((tmp_path / "state" / "converted").glob("*/*"))


def workers() -> list[psutil.Process]:
    """Conversion workers of this test."""
    children = psutil.Process().children()
    return [child for child in children if "backend.inference.conversion" in command_of(child)]


def test_only_plain_files_of_a_worker_are_taken(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    for number, make in enumerate((Path.symlink_to, Path.hardlink_to)):
        draft = tmp_path / f"draft{number}"
        draft.mkdir()
        make(draft / "model.safetensors", secret)
        with pytest.raises(ConversionFailed):
            folders.adopt(draft, ["model.safetensors"], 1, [])
    with pytest.raises(ConversionFailed):
        folders.adopt(tmp_path / "draft2", ["model.safetensors"], 1, [])
