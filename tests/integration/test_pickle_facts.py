"""What is known of pickle weights before their download, against a Hub on a real socket."""

import argparse
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from backend.errors.model import CorruptModel
from tests.fakes.hub import FakeHub
from tests.fakes.hub.client import RecordingReport, content, facts_of, models_at
from tests.fakes.weights import repository


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub() as running:
        yield running


def saved(value: object, **options: bool) -> bytes:
    file = io.BytesIO()
    torch.save(value, file, **options)
    return file.getvalue()


async def test_pickle_only_model_reports_safetensors_revision(hub: FakeHub, tmp_path: Path) -> None:
    files = repository() | {"pytorch_model.bin": saved({"arguments": argparse.Namespace()})}
    safe = dict(files)
    del files["model.safetensors"]
    hub.add("org/model", files).commit(safe, "refs/pr/2")
    async with models_at(hub.url, tmp_path) as models:
        facts = await facts_of(models, "org/model")
    assert facts.pickle is not None
    assert facts.pickle.refused == ["argparse.Namespace"]
    assert (facts.safetensors_revision, facts.weights_revision) == ("refs/pr/2", None)
    assert "pytorch_model.bin" in {file.path for file in facts.files}


@pytest.mark.parametrize("is_zip", [True, False])
async def test_tensors_of_pickle_are_counted_without_download(
    hub: FakeHub, tmp_path: Path, is_zip: bool
) -> None:
    big = torch.zeros(300_000, dtype=torch.float16)
    tensors = {f"layer.{number}": torch.ones(3) for number in range(500)} | {"a": big, "tied": big}
    files = repository() | {
        "pytorch_model.bin": saved(tensors, _use_new_zipfile_serialization=is_zip)
    }
    del files["model.safetensors"]
    hub.add("org/pickle", files)
    async with models_at(hub.url, tmp_path) as models:
        facts = await facts_of(models, "org/pickle")
    assert facts.pickle is not None
    assert (facts.parameters, facts.weight_dtype) == (301_500, "float16")
    assert facts.pickle.refused == []
    assert (facts.pickle.unmapped_bytes > 0) == (not is_zip)


@pytest.mark.parametrize("damaged", [b"", b"version https://git-lfs", b"PK\x03\x04" * 99])
async def test_file_that_torch_did_not_write_is_rejected(
    hub: FakeHub, tmp_path: Path, damaged: bytes
) -> None:
    files = repository() | {"pytorch_model.bin": damaged}
    del files["model.safetensors"]
    hub.add("org/damaged", files)
    async with models_at(hub.url, tmp_path) as models:
        with pytest.raises(CorruptModel, match=r"pytorch_model\.bin"):
            await facts_of(models, "org/damaged")


@pytest.mark.parametrize(
    ("author", "is_same", "is_used"),
    [("SFconvertbot", True, True), ("someone", True, False), ("SFconvertbot", False, False)],
)
async def test_conversion_of_the_hub_is_used_for_the_same_weights(
    hub: FakeHub, tmp_path: Path, author: str, is_same: bool, is_used: bool
) -> None:
    pickled = saved({"weight": torch.zeros(4)})
    other = saved({"weight": torch.ones(4)})
    files = repository() | {"pytorch_model.bin": pickled}
    proposed = files | {"pytorch_model.bin": pickled if is_same else other}
    del files["model.safetensors"]
    repo = hub.add("org/model", files)
    commit = repo.refs["main"]
    repo.commit(proposed, "refs/pr/7")
    repo.authors["refs/pr/7"] = author
    async with models_at(hub.url, tmp_path) as models:
        facts = await facts_of(models, "org/model")
        assert facts.commit == commit
        assert facts.weights_revision == ("refs/pr/7" if is_used else None)
        assert (facts.pickle is None) == is_used
        snapshot = await models.download(facts, RecordingReport())
        names = content(snapshot.directory).keys()
        assert ("model.safetensors" in names, "pytorch_model.bin" in names) == (
            is_used, not is_used,
        )  # fmt: skip
        again = await facts_of(models, "org/model", revision=commit)
    assert (again.pickle is None) == is_used
