"""The download worker, `python -m backend.hub.worker`: a job on stdin, lines on stdout.

It exits when stdin closes, so it never outlives the control plane; partial files stay.
"""

import asyncio
import shutil
import sys
import threading
from pathlib import Path
from typing import Literal

from backend.domain.model import ModelFile
from backend.errors import PlatformError
from backend.errors.capacity import DiskFull
from backend.errors.config import InvalidSetting
from backend.hub.cache import Cache
from backend.hub.fetch import Source, fetch
from backend.hub.hashes import Hashes, expected
from backend.hub.http import Origin, new_client
from backend.hub.job import Details, Failure, Job, Line
from backend.hub.names import check_paths, repo_folder
from backend.hub.partial import disk_error, lock, part_path
from backend.hub.throughput import Throughput, amount
from backend.transport.worker_pipes import end_with_parent

_FILES_AT_ONCE = 4
_TICK_SECONDS = 0.5


def main() -> None:
    """Read the job and run it until it is done, fails, or stdin closes."""
    job = Job.model_validate_json(sys.stdin.buffer.readline())
    threading.Thread(target=end_with_parent, daemon=True).start()
    try:
        asyncio.run(download(job))
    except* PlatformError as group:
        _say(_failed(_first(group)))
    except* OSError as group:
        error = _first_os(group)
        made = disk_error(error, job.model.download_bytes)
        _say(_failed(made if isinstance(made, PlatformError) else _unwritable(error)))


async def download(job: Job) -> None:
    """Download the missing files into the cache, link all files and record the commit."""
    model = job.model
    check_paths([file.path for file in model.files])
    cache = Cache(Path(job.cache), ours=True)
    throughput = Throughput(model.download_bytes)
    ticker = asyncio.create_task(_tick(throughput))
    try:
        missing = await _missing(job, cache, throughput)
        _check_disk(job, missing)
        await _bring_all(job, cache, throughput, missing)
    finally:
        ticker.cancel()
    for file in model.files:
        cache.link(model, file)
    cache.seal(model)
    _say(
        Line(
            kind="done",
            message=throughput.message(),
            details=throughput.details()
            | {
                "fetched_bytes": throughput.fetched,
            },
        )
    )


async def _bring_all(
    job: Job, cache: Cache, throughput: Throughput, missing: list[ModelFile]
) -> None:
    origin = Origin(
        endpoint=job.endpoint, token=lambda: job.token, allow_insecure=job.allow_insecure
    )
    async with await new_client(
        job.endpoint, connect_seconds=10.0, read_seconds=job.stall_seconds
    ) as client:
        source = Source(
            client=client,
            origin=origin,
            model=job.model,
            throughput=throughput,
            report_progress=_report_progress,
            stall_seconds=job.stall_seconds,
            retries=job.retries,
        )
        slots = asyncio.Semaphore(_FILES_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for file in sorted(missing, key=lambda file: file.bytes):
                group.create_task(_bring(job, cache, source, file, slots))


async def _missing(job: Job, cache: Cache, throughput: Throughput) -> list[ModelFile]:
    """Files that are not in the cache; removes blobs whose content does not match their hash."""
    missing: list[ModelFile] = []
    hashes = Hashes(Path(job.memory))
    for file in job.model.files:
        blob = cache.blob(job.model.id, file)
        if not blob.is_file():
            part = part_path(Path(job.temp), repo_folder(job.model.id), file)
            throughput.have(file.path, min(part.stat().st_size, file.bytes) if part.exists() else 0)
            missing.append(file)
            continue
        digest = await asyncio.to_thread(hashes.of, blob, file, threading.Event())
        if digest == expected(file):
            throughput.have(file.path, file.bytes)
        else:
            blob.unlink()
            missing.append(file)
    return missing


def _check_disk(job: Job, missing: list[ModelFile]) -> None:
    there = sum(
        part.stat().st_size
        for file in missing
        if (part := part_path(Path(job.temp), repo_folder(job.model.id), file)).exists()
    )
    needed = max(sum(file.bytes for file in missing) - there, 0) + job.reserve_bytes
    for name, folder in (("TEMP_MODEL_PATH", job.temp), ("HUGGINGFACE_CACHE_DIR", job.cache)):
        Path(folder).mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        if missing and free < needed:
            raise DiskFull(
                f"The download requires {amount(needed)} including the reserve; "
                f"{amount(free)} are free.",
                needed=amount(needed - free),
                setting=name,
            )


async def _bring(
    job: Job, cache: Cache, source: Source, file: ModelFile, slots: asyncio.Semaphore
) -> None:
    blob = cache.blob(job.model.id, file)
    path = part_path(Path(job.temp), repo_folder(job.model.id), file)
    async with slots:
        part = await lock(path, file, blob, lambda size: source.throughput.have(file.path, size))
        if part is None:
            source.throughput.have(file.path, file.bytes)
            return
        try:
            await asyncio.to_thread(part.resume)
            source.throughput.have(file.path, part.size)
            await fetch(source, part)
            await asyncio.to_thread(part.place, blob)
        finally:
            part.close()


async def _tick(throughput: Throughput) -> None:
    while True:
        _say(Line(kind="progress", message=throughput.message(), details=throughput.details()))
        await asyncio.sleep(_TICK_SECONDS)


def _report_progress(kind: Literal["stalled", "retrying"], message: str, details: Details) -> None:
    _say(Line(kind=kind, message=message, details=details))


def _failed(error: PlatformError) -> Line:
    facts = {name: str(value) for name, value in error.values.items()}
    failure = Failure(code=error.code, detail=error.detail, facts=facts)
    return Line(kind="failed", message=failure.model_dump_json())


def _unwritable(error: OSError) -> PlatformError:
    return InvalidSetting(
        f"The download could not be written: {error.strerror}.",
        setting="HUGGINGFACE_CACHE_DIR or TEMP_MODEL_PATH",
    )


def _first(group: BaseExceptionGroup[PlatformError]) -> PlatformError:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner


def _first_os(group: BaseExceptionGroup[OSError]) -> OSError:
    inner = group.exceptions[0]
    return _first_os(inner) if isinstance(inner, BaseExceptionGroup) else inner


def _say(line: Line) -> None:
    sys.stdout.write(line.model_dump_json() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
