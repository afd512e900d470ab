"""Downloads over a real socket by a real worker process, and every way they can go wrong."""

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from backend.domain.model import ModelFacts
from backend.errors.capacity import DiskFull
from backend.errors.config import InvalidSetting
from backend.errors.hub import (
    CorruptFile,
    HubRateLimited,
    HubStalled,
    HubUnreachable,
    ModelGated,
)
from backend.errors.server import WorkerDied
from backend.hub.models import Models
from tests.fakes.command_lines import command_of
from tests.fakes.hub import FakeHub, Fault, RecordedRequest
from tests.fakes.hub.client import RecordingReport, content, facts_of, models_at, until
from tests.fakes.weights import repository

WEIGHTS = "*/model.safetensors"


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub() as running:
        yield running


def workers() -> list[psutil.Process]:
    """Download workers that this test has running."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if "backend.hub.worker" in command_of(child)]


def parts(folder: Path) -> list[Path]:
    return list((folder / "tmp").glob("*"))


def part_bytes(folder: Path) -> int:
    """Bytes of the partial downloads; 0 if the worker renames one meanwhile."""
    with suppress(FileNotFoundError):
        return sum(path.stat().st_size for path in parts(folder))
    return 0


async def prepared(hub: FakeHub, models: Models, size: int) -> tuple[ModelFacts, dict[str, bytes]]:
    """A model on the Hub with its facts; requests recorded so far are cleared."""
    files = repository(size)
    hub.add("org/model", files)
    facts = await facts_of(models, "org/model")
    hub.faults.seen.clear()
    hub.faults.sent.clear()
    return facts, {file.path: files[file.path] for file in facts.files}


async def test_download_is_complete_and_leaves_no_temporary_files(
    hub: FakeHub, tmp_path: Path
) -> None:
    async with models_at(hub.url, tmp_path) as models:
        facts, files = await prepared(hub, models, 5_000_000)
        got = await models.download(facts, RecordingReport())
        assert content(got.directory) == files
        assert got.fetched_bytes == facts.download_bytes == got.bytes
        assert await models.is_cached(facts)
    assert parts(tmp_path) == []
    assert not (Path(got.directory) / "model.safetensors").readlink().is_absolute()


async def test_second_download_sends_no_request(hub: FakeHub, tmp_path: Path) -> None:
    async with models_at(hub.url, tmp_path) as models:
        facts, _ = await prepared(hub, models, 50_000)
        await models.download(facts, RecordingReport())
        hub.faults.seen.clear()
        assert (await models.download(facts, RecordingReport())).fetched_bytes == 0
    assert hub.faults.seen == []


async def test_progress_reports_bytes_speed_and_eta(hub: FakeHub, tmp_path: Path) -> None:
    hub.fault(Fault("throttle", WEIGHTS, rate=2_000_000))
    report = RecordingReport()
    async with models_at(hub.url, tmp_path) as models:
        facts, _ = await prepared(hub, models, 10_000_000)
        await models.download(facts, report)
    events = [event for event in report.progress if "bytes_per_second" in event]
    done = [event["bytes_done"] for event in events]
    assert done == sorted(done)
    assert done[-1] == facts.download_bytes == events[-1]["bytes_total"]
    assert len(events) >= 5
    assert events[1]["eta_seconds"] is None
    assert any(event["eta_seconds"] for event in events)
    assert any(event["message"].startswith("model.safetensors ") for event in events)


async def test_download_resumes_after_worker_is_killed(hub: FakeHub, tmp_path: Path) -> None:
    hub.fault(Fault("throttle", WEIGHTS, rate=8_000_000))
    async with models_at(hub.url, tmp_path) as models:
        facts, files = await prepared(hub, models, 30_000_000)
        downloading = asyncio.create_task(models.download(facts, RecordingReport()))
        await until(lambda: part_bytes(tmp_path) > 10_000_000)
        workers()[0].send_signal(signal.SIGKILL)
        with pytest.raises(WorkerDied):
            await downloading
        hub.clear_faults()
        kept = part_bytes(tmp_path)
        got = await models.download(facts, RecordingReport())
    assert got.fetched_bytes <= facts.download_bytes - kept
    assert content(got.directory) == files
    # What was under way when the process died may have been sent in vain.
    assert hub.sent("model.safetensors") <= facts.download_bytes + 8_000_000


DYING_PARENT = """
import asyncio, sys
from pathlib import Path
from tests.fakes.hub.client import RecordingReport, facts_of, models_at

async def main():
    async with models_at(sys.argv[1], Path(sys.argv[2])) as models:
        await models.download(await facts_of(models, "org/model"), RecordingReport())

asyncio.run(main())
"""


async def test_worker_ends_with_control_plane_and_next_one_resumes(
    hub: FakeHub, tmp_path: Path
) -> None:
    hub.add("org/model", repository(30_000_000))
    hub.fault(Fault("throttle", WEIGHTS, rate=8_000_000))
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DYING_PARENT, hub.url, str(tmp_path), cwd=Path.cwd()
    )
    await until(lambda: part_bytes(tmp_path) > 5_000_000)
    orphans = psutil.Process(parent.pid).children()
    parent.kill()
    await parent.wait()
    await until(lambda: not any(orphan.is_running() for orphan in orphans), 5)
    hub.clear_faults()
    kept = part_bytes(tmp_path)
    async with models_at(hub.url, tmp_path) as models:
        facts = await facts_of(models, "org/model")
        got = await models.download(facts, RecordingReport())
    assert got.fetched_bytes <= facts.download_bytes - kept


async def test_cancel_stops_worker_and_discard_removes_partial_files(
    hub: FakeHub, tmp_path: Path
) -> None:
    hub.fault(Fault("stall", WEIGHTS, after=3_000_000))
    async with models_at(hub.url, tmp_path, stall_seconds=60) as models:
        facts, _ = await prepared(hub, models, 10_000_000)
        downloading = asyncio.create_task(models.download(facts, RecordingReport()))
        await until(lambda: part_bytes(tmp_path) >= 3_000_000)
        running = workers()
        began = time.monotonic()
        downloading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await downloading
        assert time.monotonic() - began < 5
        assert not any(worker.is_running() for worker in running)
        assert part_bytes(tmp_path) >= 3_000_000
        await models.discard(facts)
    assert parts(tmp_path) == []


async def test_dropped_connections_are_resumed(hub: FakeHub, tmp_path: Path) -> None:
    chance = random.Random(7)
    for _ in range(20):
        hub.fault(Fault("drop", WEIGHTS, times=1, after=chance.randrange(100_000, 1_500_000)))
    # One fault a request: the next one comes to the front when the one before is used up.
    queue = hub.faults.active[:]
    hub.faults.active[:] = []
    hub.before = lambda seen: (
        hub.faults.active.__setitem__(slice(None), [queue.pop()] if queue else [])
        if seen.path.endswith("model.safetensors") else None
    )  # fmt: skip
    hub.add("org/model", repository(6_000_000))
    async with models_at(hub.url, tmp_path, retries=30) as models:
        queue.append(Fault("drop", "nothing"))  # the header's read
        facts = await facts_of(models, "org/model")
        hub.faults.sent.clear()
        got = await models.download(facts, RecordingReport())
    assert content(got.directory)["model.safetensors"]
    assert got.fetched_bytes == facts.download_bytes


async def test_stall_is_reported_retried_and_then_raised(hub: FakeHub, tmp_path: Path) -> None:
    hub.fault(Fault("stall", WEIGHTS, after=1000, times=1))
    report = RecordingReport()
    async with models_at(hub.url, tmp_path, stall_seconds=0.5, retries=1) as models:
        hub.add("org/model", repository(5_000_000))
        hub.clear_faults()
        facts = await facts_of(models, "org/model")
        hub.fault(Fault("stall", WEIGHTS, after=1000, times=1))
        await models.download(facts, report)
        assert len(report.stalls) == 1
        assert "Retrying in" in report.stalls[0]
        await models.free("org/model")
        hub.fault(Fault("stall", WEIGHTS, after=1000))
        with pytest.raises(HubStalled):
            await models.download(facts, report)


async def test_slow_drip_counts_as_stall(hub: FakeHub, tmp_path: Path) -> None:
    async with models_at(hub.url, tmp_path, stall_seconds=1.5, retries=0) as models:
        facts, _ = await prepared(hub, models, 5_000_000)
        hub.fault(Fault("drip", WEIGHTS, after=1000))
        with pytest.raises(HubStalled):
            await models.download(facts, RecordingReport())


async def test_retry_after_is_honoured(hub: FakeHub, tmp_path: Path) -> None:
    report = RecordingReport()
    async with models_at(hub.url, tmp_path) as models:
        facts, _ = await prepared(hub, models, 50_000)
        hub.fault(Fault("status", WEIGHTS, times=1, status=429, retry_after=2))
        began = time.monotonic()
        await models.download(facts, report)
    assert time.monotonic() - began >= 2
    assert "429" in report.retries[0]


async def test_worker_output_is_written_to_deployment_log(
    hub: FakeHub, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'Traceback: no such library' >&2\nexit 7\n")
    broken.chmod(0o700)
    report = RecordingReport()
    async with models_at(hub.url, tmp_path, python=str(broken)) as models:
        facts, _ = await prepared(hub, models, 50_000)
        with pytest.raises(WorkerDied):
            await models.download(facts, report)
    assert report.lines == ["Traceback: no such library"]
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("status", WEIGHTS, status=429, retry_after=3600), HubRateLimited),
        (Fault("status", WEIGHTS, status=503), HubUnreachable),
        (Fault("status", WEIGHTS, status=403, code="GatedRepo"), ModelGated),
        (Fault("wrong", WEIGHTS), CorruptFile),
        (Fault("truncated", WEIGHTS, after=10), HubStalled),
        (Fault("drop", WEIGHTS), HubStalled),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else value.__name__,
)
async def test_permanent_failures_have_their_own_errors(
    hub: FakeHub, tmp_path: Path, fault: Fault, error: type[Exception]
) -> None:
    async with models_at(hub.url, tmp_path, retries=1) as models:
        facts, _ = await prepared(hub, models, 50_000)
        hub.fault(fault)
        with pytest.raises(error):
            await models.download(facts, RecordingReport())
        assert not await models.is_cached(facts)
        hub.clear_faults()
        await models.download(facts, RecordingReport())
        assert await models.is_cached(facts)


async def test_corrupt_file_is_downloaded_again_once(hub: FakeHub, tmp_path: Path) -> None:
    report = RecordingReport()
    async with models_at(hub.url, tmp_path) as models:
        facts, files = await prepared(hub, models, 50_000)
        hub.fault(Fault("wrong", WEIGHTS, times=1))
        got = await models.download(facts, report)
    assert content(got.directory) == files
    assert "does not match its hash" in report.retries[0]


async def test_ignored_range_restarts_download(hub: FakeHub, tmp_path: Path) -> None:
    async with models_at(hub.url, tmp_path) as models:
        facts, files = await prepared(hub, models, 3_000_000)
        hub.fault(Fault("drop", WEIGHTS, times=1, after=1_500_000))
        hub.fault(Fault("ignore-range", WEIGHTS))
        got = await models.download(facts, RecordingReport())
    assert content(got.directory) == files


async def test_corrupt_partial_file_is_detected(hub: FakeHub, tmp_path: Path) -> None:
    async with models_at(hub.url, tmp_path) as models:
        facts, files = await prepared(hub, models, 50_000)
        weights = next(file for file in facts.files if file.path == "model.safetensors")
        (tmp_path / "tmp").mkdir()
        part = tmp_path / "tmp" / f"models--org--model.{weights.sha256}.part"
        part.write_bytes(b"\0" * 20_000)
        got = await models.download(facts, RecordingReport())
    assert content(got.directory) == files


async def test_moved_revision_is_never_mixed(hub: FakeHub, tmp_path: Path) -> None:
    async with models_at(hub.url, tmp_path) as models:
        facts, files = await prepared(hub, models, 50_000)
        other = repository(60_000) | {"config.json": b'{"moved": true}'}

        def move(seen: RecordedRequest) -> None:
            if "/resolve/" in seen.path:
                hub.repos["org/model"].commit(other)

        hub.before = move
        got = await models.download(facts, RecordingReport())
    assert content(got.directory) == files


async def test_concurrent_downloads_fetch_each_byte_once(hub: FakeHub, tmp_path: Path) -> None:
    hub.fault(Fault("throttle", WEIGHTS, rate=4_000_000))
    async with models_at(hub.url, tmp_path) as models:
        facts, files = await prepared(hub, models, 8_000_000)
        one, two = await asyncio.gather(
            models.download(facts, RecordingReport()), models.download(facts, RecordingReport())
        )
    assert one.fetched_bytes + two.fetched_bytes == facts.download_bytes
    assert content(one.directory) == content(two.directory) == files


async def test_cancelling_one_of_two_downloads_keeps_the_other(
    hub: FakeHub, tmp_path: Path
) -> None:
    hub.fault(Fault("throttle", WEIGHTS, rate=4_000_000))
    async with models_at(hub.url, tmp_path) as models:
        facts, files = await prepared(hub, models, 10_000_000)
        first = asyncio.create_task(models.download(facts, RecordingReport()))
        await until(lambda: part_bytes(tmp_path) > 2_000_000)
        second = asyncio.create_task(models.download(facts, RecordingReport()))
        await until(lambda: len(workers()) == 2)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await models.discard(facts)
        got = await second
    assert content(got.directory) == files
    assert got.fetched_bytes < facts.download_bytes


async def test_full_disk_is_reported_before_download(hub: FakeHub, tmp_path: Path) -> None:
    async with models_at(hub.url, tmp_path, reserve_bytes=10**18) as models:
        facts, _ = await prepared(hub, models, 50_000)
        with pytest.raises(DiskFull) as full:
            await models.download(facts, RecordingReport())
    assert "TEMP_MODEL_PATH" in full.value.problem().remedy
    assert hub.requests("/resolve/") == []


async def test_unwritable_cache_error_names_setting(hub: FakeHub, tmp_path: Path) -> None:
    (tmp_path / "hub").write_text("a file where the folder should be")
    async with models_at(hub.url, tmp_path) as models:
        facts, _ = await prepared(hub, models, 50_000)
        with pytest.raises(InvalidSetting) as wrong:
            await models.download(facts, RecordingReport())
    assert "HUGGINGFACE_CACHE_DIR" in wrong.value.problem().remedy


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second file system")
async def test_partial_files_can_be_on_another_file_system(hub: FakeHub, tmp_path: Path) -> None:
    elsewhere = Path("/dev/shm") / f"slipway-test-{os.getpid()}"
    try:
        async with models_at(hub.url, tmp_path, temp=elsewhere) as models:
            facts, files = await prepared(hub, models, 500_000)
            got = await models.download(facts, RecordingReport())
        assert content(got.directory) == files
        assert list(elsewhere.iterdir()) == []
    finally:
        elsewhere.rmdir()


async def test_token_is_not_in_command_line_or_sent_to_other_hosts(
    tmp_path: Path,
) -> None:
    with FakeHub() as hub, FakeHub() as other:
        other.add("org/model", repository(2_000_000))
        async with models_at(hub.url, tmp_path, token=lambda: "hf_secret") as models:
            facts, files = await prepared(hub, models, 2_000_000)
            hub.fault(Fault("redirect", WEIGHTS, location=other.url))
            other.fault(Fault("throttle", WEIGHTS, rate=2_000_000))
            downloading = asyncio.create_task(models.download(facts, RecordingReport()))
            await until(workers)
            assert "hf_secret" not in " ".join(workers()[0].cmdline())
            got = await downloading
        assert content(got.directory) == files
        assert hub.requests("config.json")[0].headers["authorization"] == "Bearer hf_secret"
        assert other.requests("model.safetensors")
        assert not [seen for seen in other.faults.seen if "authorization" in seen.headers]
