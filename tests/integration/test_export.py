"""Exports in a real worker process: once for each model, with the reason where it is impossible."""

import asyncio
import os
from pathlib import Path

import psutil
import pytest

from backend.domain.graph import GRAPH_FILE, ExportFailed
from backend.domain.model import ModelFacts
from backend.domain.report import Unheard
from backend.domain.server import ServerSpec
from backend.export.facade import MODULE, Exports
from tests.fakes import launch
from tests.fakes.command_lines import command_of
from tests.fakes.hub.client import RecordingReport
from tests.fakes.tiny_models import BUILDERS

ROOT = Path(__file__).resolve().parents[2]
GB = 10**9


def exports(folder: Path) -> Exports:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder / "home")}
    (folder / "home").mkdir(exist_ok=True)
    return Exports(folder / "exported", source=str(ROOT), environment=environment)


def facts(**changes: object) -> ModelFacts:
    known: dict[str, object] = {
        "id": "acme/tiny",
        "source": "hub",
        "commit": "c" * 40,
        "task": None,
    }
    return ModelFacts.model_validate(
        known | {"revision": "main", "weight_bytes": 1, "download_bytes": 1, "files": []} | changes
    )


def spec_for(task: str, folder: Path) -> ServerSpec:
    return launch.spec(task, BUILDERS[task](folder / "model"))


async def test_model_is_exported_once_and_its_files_are_part_of_the_cache(tmp_path: Path) -> None:
    model, spec = facts(), spec_for("text-classification", tmp_path)
    mine = exports(tmp_path)
    assert mine.find(model, spec) is None
    report = RecordingReport()
    folder = await mine.export(model, spec, 8 * GB, report)
    assert (folder / GRAPH_FILE).is_file()
    assert any("tracing" in str(told["message"]) for told in report.progress)
    assert exports(tmp_path).find(model, spec) == folder
    again = RecordingReport()
    assert await mine.export(model, spec, 8 * GB, again) == folder
    assert again.progress == []
    # A library that reports its use to its vendor would keep an id there.
    assert list((tmp_path / "home").iterdir()) == []
    size = await mine.bytes_of("hub", "acme/tiny")
    assert size > (folder / GRAPH_FILE).stat().st_size
    (folder / GRAPH_FILE).write_bytes(b"damaged")
    assert mine.find(model, spec) is None
    assert await mine.free("hub", "acme/tiny") > 0
    assert not folder.exists()


async def test_reason_is_kept_where_a_model_cannot_be_exported(tmp_path: Path) -> None:
    model, spec = facts(), spec_for("image-to-text", tmp_path)
    with pytest.raises(ExportFailed, match="other inputs than tensors"):
        await exports(tmp_path).export(model, spec, 8 * GB, Unheard())
    with pytest.raises(ExportFailed, match="other inputs than tensors"):
        exports(tmp_path).find(model, spec)


async def test_nothing_is_exported_without_memory_and_it_may_be_tried_again(tmp_path: Path) -> None:
    model = facts(parameters=10**9)
    spec = launch.spec("text-classification", tmp_path)
    with pytest.raises(ExportFailed, match="memory"):
        await exports(tmp_path).export(model, spec, GB, Unheard())
    assert exports(tmp_path).find(model, spec) is None


async def test_cancelling_ends_the_worker_and_leaves_no_files(tmp_path: Path) -> None:
    begun = asyncio.Event()

    class Begun(Unheard):
        def __call__(self, message: str, **_: object) -> None:
            begun.set()

    spec = spec_for("text-classification", tmp_path)
    mine = exports(tmp_path)
    task = asyncio.create_task(mine.export(facts(), spec, 8 * GB, Begun()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not any(MODULE in command_of(child) for child in psutil.Process().children())
    assert [path for path in (tmp_path / "exported").rglob("*") if path.is_file()] == []
