"""Our cache is the Hub's: the real library reads ours, we use in place what it fetched."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import HfApi, hf_hub_download, scan_cache_dir, snapshot_download

from backend.errors.capacity import DiskFull
from backend.errors.hub import CorruptFile, HubOffline, HubUnreachable
from backend.hub.base import ModelQuery
from tests.fakes.hub import FakeHub, Fault
from tests.fakes.hub.client import RecordingReport, content, facts_of, models_at
from tests.fakes.weights import repository

WEIGHTS = repository(2_000_000)["model.safetensors"]


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub() as running:
        running.add("org/model", repository(2_000_000), meta={"pipeline_tag": "fill-mask"})
        yield running


async def test_huggingface_hub_downloads_from_fake_hub(hub: FakeHub, tmp_path: Path) -> None:
    def use_the_library() -> None:
        folder = snapshot_download("org/model", cache_dir=tmp_path, endpoint=hub.url)
        assert content(folder) == repository(2_000_000)
        api = HfApi(endpoint=hub.url)
        assert [model.id for model in api.list_models(search="mod", limit=5)] == ["org/model"]
        assert api.model_info("org/model").sha == hub.repos["org/model"].refs["main"]
        total = api.get_safetensors_metadata("org/model").parameter_count["F32"]
        assert total == 500_000
        assert api.list_repo_refs("org/model").branches[0].name == "main"

    await asyncio.to_thread(use_the_library)


async def test_huggingface_hub_reads_slipway_cache(hub: FakeHub, tmp_path: Path) -> None:
    async with models_at(hub.url, tmp_path) as models:
        facts = await facts_of(models, "org/model")
        got = await models.download(facts, RecordingReport())
    cache = tmp_path / "hub"
    found = scan_cache_dir(cache)
    assert found.warnings == []
    assert [repo.repo_id for repo in found.repos] == ["org/model"]
    assert snapshot_download("org/model", cache_dir=cache, local_files_only=True) == got.directory
    config = hf_hub_download("org/model", "config.json", cache_dir=cache, local_files_only=True)
    assert content(Path(config).parent)["config.json"] == repository()["config.json"]


async def test_huggingface_hub_snapshot_is_used_in_place(hub: FakeHub, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    folder = await asyncio.to_thread(
        snapshot_download, "org/model", cache_dir=theirs, endpoint=hub.url
    )
    async with models_at(hub.url, tmp_path, existing_caches=(theirs,)) as models:
        facts = await facts_of(models, "org/model")
        assert await models.is_cached(facts)
        got = await models.download(facts, RecordingReport())
        cached = await models.cached()
        assert await models.free("org/model") == 0
    assert (got.directory, got.fetched_bytes) == (folder, 0)
    assert [(model.model_id, model.freeable) for model in cached] == [("org/model", False)]
    assert not (tmp_path / "hub").exists()


async def test_corrupt_external_snapshot_is_kept_and_downloaded_again(
    hub: FakeHub, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs"
    folder = await asyncio.to_thread(
        snapshot_download, "org/model", cache_dir=theirs, endpoint=hub.url
    )
    damage(Path(folder) / "model.safetensors")
    before = content(theirs)
    async with models_at(hub.url, tmp_path, existing_caches=(theirs,)) as models:
        facts = await facts_of(models, "org/model")
        got = await models.download(facts, RecordingReport())
    assert content(got.directory)["model.safetensors"] == WEIGHTS
    assert content(theirs) == before


def damage(path: Path) -> None:
    """Change one byte, keep the size."""
    changed = bytearray(path.read_bytes())
    changed[-1] ^= 1
    path.resolve().write_bytes(bytes(changed))


async def test_file_changed_on_disk_is_downloaded_again(hub: FakeHub, tmp_path: Path) -> None:
    async with models_at(hub.url, tmp_path) as models:
        facts = await facts_of(models, "org/model")
        got = await models.download(facts, RecordingReport())
        damage(Path(got.directory) / "model.safetensors")
        again = await models.download(facts, RecordingReport())
    weights = next(file.bytes for file in facts.files if file.path == "model.safetensors")
    assert again.fetched_bytes == weights
    assert content(again.directory)["model.safetensors"] == WEIGHTS


async def test_cached_model_has_facts_and_is_verified_offline(hub: FakeHub, tmp_path: Path) -> None:
    async with models_at(hub.url, tmp_path) as models:
        online = await facts_of(models, "org/model")
        await models.download(online, RecordingReport())
    hub.faults.seen.clear()
    async with models_at(hub.url, tmp_path, offline=True) as models:
        facts = await facts_of(models, "org/model")
        assert facts == online
        got = await models.download(facts, RecordingReport())
        damage(Path(got.directory) / "model.safetensors")
        with pytest.raises(HubOffline):
            await models.download(facts, RecordingReport())
        with pytest.raises(HubOffline):
            await facts_of(models, "org/model", revision="v2")
    assert hub.faults.seen == []


async def test_cached_model_is_found_while_hub_is_unreachable(hub: FakeHub, tmp_path: Path) -> None:
    async with models_at(hub.url, tmp_path) as models:
        online = await facts_of(models, "org/model")
        await models.download(online, RecordingReport())
        hub.fault(Fault("status", "*", status=503))
        assert (await facts_of(models, "org/model")).commit == online.commit
        with pytest.raises(HubUnreachable):
            await facts_of(models, "org/other")


async def test_incomplete_snapshot_is_not_cached(hub: FakeHub, tmp_path: Path) -> None:
    async with models_at(hub.url, tmp_path, retries=0) as models:
        facts = await facts_of(models, "org/model")
        hub.fault(Fault("wrong", "*/model.safetensors"))
        with pytest.raises(CorruptFile):
            await models.download(facts, RecordingReport())
        assert not await models.is_cached(facts)
    async with models_at(hub.url, tmp_path, offline=True) as models:
        with pytest.raises(HubOffline):
            await facts_of(models, "org/model")


async def test_cached_models_are_listed_shown_and_deleted(hub: FakeHub, tmp_path: Path) -> None:
    async with models_at(hub.url, tmp_path) as models:
        facts = await facts_of(models, "org/model")
        await models.download(facts, RecordingReport())
        (listed,) = await models.cached()
        page = await models.search(ModelQuery(source="cached"))
        shown = [(card.id, card.task) for card in page.items]
        assert shown == [("org/model", "text-classification")]
        assert listed.bytes == facts.download_bytes
        assert await models.free("org/model") >= facts.download_bytes
        assert await models.cached() == []
        assert not await models.is_cached(facts)
        assert await models.free("org/model") == 0
    assert content(tmp_path / "hub") == {}


async def test_old_unreferenced_partial_files_are_removed(hub: FakeHub, tmp_path: Path) -> None:
    temp = tmp_path / "tmp"
    temp.mkdir()
    wanted, orphan = temp / "models--org--model.abc.part", temp / "models--org--old.abc.part"
    for path in (wanted, orphan):
        path.write_bytes(b"x")
    async with models_at(hub.url, tmp_path) as models:
        assert await models.collect_garbage({"org/model"}) == 0
        assert await models.collect_garbage({"org/model"}, older_than_seconds=-1) == 1
    assert list(temp.iterdir()) == [wanted]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.call(mount):
        pytest.skip("needs the right to mount a small file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def test_disk_full_during_download_is_reported_and_partial_file_kept(
    hub: FakeHub, tmp_path: Path, small_disk: Path
) -> None:
    hub.add("org/model", repository(20_000_000))
    temp = small_disk / "tmp"
    # A reserve below zero lets the check before the start pass.
    changes = {"temp": temp, "cache": small_disk / "hub", "reserve_bytes": -(10**9)}
    async with models_at(hub.url, tmp_path, **changes) as models:
        facts = await facts_of(models, "org/model")
        with pytest.raises(DiskFull):
            await models.download(facts, RecordingReport())
        kept = content(temp)
        assert sum(len(data) for data in kept.values()) > 5_000_000
        await models.discard(facts)
    assert content(temp) == {}
