"""Starters and the user's own models: read where they lie."""

import json
import os
from pathlib import Path

import pytest

from backend.errors.hub import CorruptFile, ModelNotFound
from backend.errors.model import CorruptModel, UnsafeRepository, UnsupportedFormat
from backend.hub.base import ModelQuery
from tests.fakes.hub.client import RecordingReport, facts_of, models_at
from tests.fakes.weights import repository

NOWHERE = "http://127.0.0.1:9"


def write(folder: Path, **extra: bytes) -> Path:
    """A model folder."""
    folder.mkdir(parents=True)
    for name, data in (repository() | extra).items():
        (folder / name).write_bytes(data)
    return folder


async def test_local_model_is_verified_in_place(tmp_path: Path) -> None:
    folder = write(tmp_path / "local" / "mine")
    async with models_at(NOWHERE, tmp_path) as models:
        facts = await facts_of(models, "mine", source="local")
        got = await models.download(facts, RecordingReport())
    assert (got.directory, got.fetched_bytes) == (str(folder), 0)
    assert (facts.license, facts.parameters, len(facts.commit)) == ("mit", 1000, 40)
    assert not (tmp_path / "hub").exists()


async def test_commit_depends_on_file_contents(tmp_path: Path) -> None:
    write(tmp_path / "local" / "one")
    write(tmp_path / "local" / "two")
    write(tmp_path / "local" / "three", **{"tokenizer.json": b"{}"})
    async with models_at(NOWHERE, tmp_path) as models:
        commits = [
            (await facts_of(models, name, source="local")).commit
            for name in ("one", "two", "three")
        ]
    assert commits[0] == commits[1] != commits[2]


async def test_file_changed_after_validation_is_rejected(tmp_path: Path) -> None:
    folder = write(tmp_path / "local" / "mine")
    async with models_at(NOWHERE, tmp_path) as models:
        facts = await facts_of(models, "mine", source="local")
        (folder / "tokenizer.json").write_bytes(b'{"version": "6.6"}')
        with pytest.raises(CorruptFile):
            await models.download(facts, RecordingReport())


async def test_change_with_same_size_and_mtime_is_detected(tmp_path: Path) -> None:
    folder = write(tmp_path / "local" / "mine")
    async with models_at(NOWHERE, tmp_path) as models:
        facts = await facts_of(models, "mine", source="local")
        await models.download(facts, RecordingReport())
        weights = folder / "model.safetensors"
        status = weights.stat()
        weights.write_bytes(weights.read_bytes()[:-1] + b"!")
        os.utime(weights, ns=(status.st_atime_ns, status.st_mtime_ns))
        with pytest.raises(CorruptFile):
            await models.download(facts, RecordingReport())


async def test_links_and_devices_in_local_model_are_rejected(tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text("{}")
    (write(tmp_path / "local" / "link") / "vocab.json").symlink_to(outside)
    os.mkfifo(write(tmp_path / "local" / "pipe") / "vocab.json")
    async with models_at(NOWHERE, tmp_path) as models:
        for name in ("link", "pipe"):
            with pytest.raises(UnsafeRepository):
                await facts_of(models, name, source="local")


async def test_missing_or_corrupt_local_model_raises_specific_error(tmp_path: Path) -> None:
    write(tmp_path / "local" / "bad", **{"model.safetensors": b"\xff" * 100})
    async with models_at(NOWHERE, tmp_path) as models:
        with pytest.raises(ModelNotFound):
            await facts_of(models, "none", source="local")
        with pytest.raises(ModelNotFound):
            await facts_of(models, "none", source="starter")
        with pytest.raises(CorruptModel):
            await facts_of(models, "bad", source="local")
        cards = (await models.search(ModelQuery(source="local"))).items
    assert [(card.id, card.served) for card in cards] == [("bad", False)]


async def test_local_models_are_listed_searched_and_paginated(tmp_path: Path) -> None:
    for name in ("alpha", "beta", "team/gamma"):
        write(tmp_path / "local" / name)
    async with models_at(NOWHERE, tmp_path) as models:
        first = await models.search(ModelQuery(source="local", limit=2))
        rest = await models.search(ModelQuery(source="local", limit=2, cursor=first.next_cursor))
        found = await models.search(ModelQuery(source="local", search="gamma"))
    assert [card.id for card in (*first.items, *rest.items)] == ["alpha", "beta", "team/gamma"]
    assert [card.id for card in found.items] == ["team/gamma"]


def fill(folder: Path, *names: str) -> None:
    """Empty files below `folder`."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


async def test_folder_in_other_format_is_listed_with_format(
    tmp_path: Path,
) -> None:
    local = tmp_path / "local"
    write(local / "good")
    write(local / "team" / "good")
    fill(local / "team" / "broken", "notes.txt")
    fill(local / "team" / "adapter", "adapter_config.json", "checkpoint.safetensors")
    fill(local / "gguf", "model-q4-00001-of-00002.gguf")
    fill(local / "llama", "model-q4_k_m.gguf")
    fill(local / "pipeline", "model_index.json", "unet/config.json")
    fill(local / "exported", "config.json", "onnx/decoder_model.onnx")
    (local / "exported" / "config.json").write_bytes(repository()["config.json"])
    (local / "empty").mkdir()
    (local / ".hidden").mkdir()
    write(local / "my model")
    async with models_at(NOWHERE, tmp_path) as models:
        cards = (await models.search(ModelQuery(source="local", limit=100))).items
        found = await models.search(ModelQuery(source="local", search="gguf files"))
        with pytest.raises(UnsupportedFormat, match="PEFT adapter") as refused:
            await facts_of(models, "team/adapter", source="local")
        with pytest.raises(UnsupportedFormat, match="PEFT adapter"):
            await models.detail("local", "team/adapter")
    assert {card.id: (card.kind, card.served) for card in cards} == {
        "empty": ("No model", False), "exported": ("ONNX model", False),
        "gguf": ("GGUF files", False), "good": (None, True), "llama": (None, False),
        "my model": ("Folder name not allowed", False), "pipeline": (None, False),
        "team/adapter": ("PEFT adapter", False), "team/broken": ("No model", False),
        "team/good": (None, True),
    }  # fmt: skip
    assert [card.id for card in found.items] == ["gguf"]
    assert "save_pretrained of PEFT" in refused.value.problem().remedy
    notes = {card.id: card.note or "" for card in cards}
    assert notes["team/broken"].startswith("The folder has no config.json. Use")


async def test_starters_include_metadata_from_index(tmp_path: Path) -> None:
    write(tmp_path / "starters" / "mood")
    entry: dict[str, object] = {
        "id": "mood", "title": "Mood", "task": "text-classification", "score": 0.875,
        "score_of": "80 sentences", "limits": "English only.",
    }  # fmt: skip
    missing = {"id": "gone", "title": "Not there"}
    (tmp_path / "starters" / "starters.json").write_text(json.dumps([entry, missing]))
    async with models_at(NOWHERE, tmp_path) as models:
        (card,) = (await models.search(ModelQuery(source="starter"))).items
        shown = await models.detail("starter", "mood")
        with pytest.raises(ModelNotFound, match="'mod'; there are mood"):
            await facts_of(models, "mod", source="starter")
    note = "Score 88% (80 sentences). English only."
    assert (card.title, card.note, card.type) == ("Mood", note, "nlp")
    assert (shown.card.title, shown.card.note) == ("Mood", note)
    assert shown.facts is not None


async def test_catalogue_is_first_hub_page_without_request(tmp_path: Path) -> None:
    (tmp_path / "starters").mkdir()
    known = [
        {"id": "org/small", "task": "fill-mask"}, {"id": "org/other", "task": "x"},
        {"id": "org/rejected", "task": "fill-mask", "served": False, "note": "Rejected: too old."},
    ]  # fmt: skip
    (tmp_path / "starters" / "catalogue.json").write_text(json.dumps(known))
    async with models_at(NOWHERE, tmp_path) as models:
        page = await models.search(ModelQuery(source="hub", task="fill-mask"))
    assert [(card.id, card.served, card.note) for card in page.items] == [
        ("org/small", True, "Not tested on this machine."),
        ("org/rejected", False, "Rejected: too old. Not tested on this machine."),
    ]
    assert page.next_cursor == "live"
