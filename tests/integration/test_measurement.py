"""Prepare measures how a model runs best here: the real worker, and a real deployment."""

import asyncio
import os
from pathlib import Path

import psutil
import pytest

from backend.domain.choice import choose
from backend.domain.deployment import Candidate
from backend.domain.machine import Machine
from backend.domain.report import Watch
from backend.domain.server import ServerSpec
from backend.measurement.facade import MODULE, Measurements
from tests.fakes import launch
from tests.fakes.command_lines import command_of
from tests.fakes.control_plane import running_plane
from tests.fakes.hub.client import RecordingReport
from tests.fakes.tiny_models import BUILDERS, headless

ROOT = Path(__file__).resolve().parents[2]
GB = 10**9
MACHINE = Machine(
    platform="Linux", cpu="test", cores=2, memory_bytes=8 * GB, memory_free_bytes=8 * GB,
    disk_bytes=GB, disk_free_bytes=GB, has_bfloat16=False, accelerators=[],
)  # fmt: skip
PAIR = [
    Candidate(engine="torch", dtype="float32", threads=1, packs_weights=packs, chosen=False,
              reason="not measured", memory_bytes=GB)
    for packs in (False, True)
]  # fmt: skip


# Long enough for a busy machine; they end when all inputs were measured.
SECONDS = 200


def measurements(folder: Path, seconds: float = SECONDS) -> Measurements:
    environment = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG"}}
    return Measurements(
        folder / "records",
        source=str(ROOT),
        environment=environment,
        seconds=seconds,
        step_seconds=2000,
    )


def spec_for(task: str, folder: Path) -> ServerSpec:
    return launch.spec(task.partition("/")[0], BUILDERS[task](folder / "model"))


@pytest.mark.parametrize(
    "task",
    [
        "text-classification",
        pytest.param("text-generation", marks=pytest.mark.long),
        pytest.param("feature-extraction", marks=pytest.mark.long),
        pytest.param("image-classification", marks=pytest.mark.long),
        pytest.param("question-answering", marks=pytest.mark.long),
        pytest.param("summarization", marks=pytest.mark.long),
        pytest.param("text-to-speech", marks=pytest.mark.long),
        pytest.param("automatic-speech-recognition/whisper", marks=pytest.mark.long),
    ],
)
async def test_candidates_are_measured_once_and_compared(task: str, tmp_path: Path) -> None:
    report = RecordingReport()
    watch = Watch(report, asyncio.Event())
    measure = measurements(tmp_path)
    spec = spec_for(task, tmp_path)
    usual, packed = await measure(spec, PAIR, MACHINE, watch)
    assert usual.latency_ms is not None, usual.reason
    assert packed.latency_ms is not None, packed.reason
    assert (usual.worst_agreement, usual.inputs) == (1.0, packed.inputs)
    assert packed.worst_agreement == pytest.approx(1, abs=1e-5)
    assert packed.inputs >= 24
    assert any(told.get("skippable") for told in report.progress)
    again = RecordingReport()
    assert await measure(spec, PAIR, MACHINE, Watch(again, asyncio.Event())) == [usual, packed]
    assert [told["message"] for told in again.progress] == ["measured before on this machine"]


async def test_measurement_can_be_skipped(tmp_path: Path) -> None:
    skip = asyncio.Event()
    report = RecordingReport(at_fraction=lambda _: skip.set())
    measure = measurements(tmp_path)
    spec = spec_for("text-classification", tmp_path)
    found = await measure(spec, PAIR, MACHINE, Watch(report, skip))
    assert {one.reason for one in found} == {"not measured: skipped"}
    assert not (tmp_path / "records").exists(), "an incomplete measurement is not kept"


@pytest.mark.long
async def test_what_fails_here_is_not_chosen_and_says_so(tmp_path: Path) -> None:
    spec = launch.spec("text-classification", headless(tmp_path / "model"))
    watch = Watch(RecordingReport(), asyncio.Event())
    found = await measurements(tmp_path)(spec, PAIR, MACHINE, watch)
    assert choose(found)[0].chosen
    assert all(one.latency_ms is None for one in found)


@pytest.mark.parametrize(
    ("seconds", "free", "reason"),
    [(0, 8 * GB, "PREPARE_MEASURE_SECONDS is 0"), (30, GB, "not enough free memory")],
)
async def test_nothing_is_measured_without_time_or_memory(
    seconds: float, free: int, reason: str, tmp_path: Path
) -> None:
    machine = MACHINE.model_copy(update={"memory_free_bytes": free})
    spec = launch.spec("text-classification", tmp_path / "no-model")
    watch = Watch(RecordingReport(), asyncio.Event())
    found = await measurements(tmp_path, seconds)(spec, PAIR, machine, watch)
    assert all(reason in one.reason for one in found)


async def test_cancelling_ends_the_worker(tmp_path: Path) -> None:
    begun = asyncio.Event()
    report = RecordingReport(at_fraction=lambda _: begun.set())
    spec = spec_for("text-classification", tmp_path)
    watch = Watch(report, asyncio.Event())
    task = asyncio.create_task(measurements(tmp_path)(spec, PAIR, MACHINE, watch))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    children = [command_of(child) for child in psutil.Process().children()]
    assert not any(MODULE in line for line in children)


def large_classifier(folder: Path) -> None:
    """Quick to run, and large enough to be measured: most of it are embeddings of words."""
    import torch
    import transformers

    BUILDERS["text-classification"](folder)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=160_000, hidden_size=128, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=256, max_position_embeddings=64,
    )  # fmt: skip
    transformers.BertForSequenceClassification(config).save_pretrained(folder)


def test_deployment_has_a_measured_receipt(tmp_path: Path) -> None:
    large_classifier(tmp_path / "plane" / "storage" / "local" / "large")
    with running_plane(tmp_path / "plane", PREPARE_MEASURE_SECONDS=str(SECONDS)) as plane:
        plane.deploy("large", source="local")
        running = plane.wait("large", "running", "failed")
        assert running["state"] == "running", running["problem"]
        receipt = running["receipt"]
        usual, packed, *_ = receipt["candidates"]
        assert usual["latency_ms"] is not None, usual["reason"]
        assert usual["latency_ms"] > 0
        assert packed["latency_ms"] > 0
        assert packed["worst_agreement"] > 0.99999
        assert (usual["packs_weights"], packed["packs_weights"]) == (False, True)
        assert sum(one["chosen"] for one in receipt["candidates"]) == 1
        assert receipt["packs_weights"] == packed["chosen"]
        assert receipt["speedup"] == 1 or (packed["chosen"] and receipt["speedup"] > 1)
        assert any(event["details"].get("skippable") for event in plane.events("large"))
        refused = plane.verb("large", "skip")
        assert (refused.status_code, refused.json()["code"]) == (409, "state-forbids")
        plane.deploy("large", source="local", name="again", hardware={"dtype": "float32"})
        again = plane.wait("again", "running", "failed")
        assert again["receipt"]["candidates"][:2] == [usual, packed], "measured once"
