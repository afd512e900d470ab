"""Download one file to a partial file: range requests, resume, retries, hash."""

import asyncio
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import httpx2

from backend.domain.model import ModelFacts, ModelFile
from backend.errors import PlatformError
from backend.errors.hub import CorruptFile, HubStalled, HubUnreachable, ModelNotFound
from backend.hub.hashes import expected
from backend.hub.http import EntryNotFound, Origin, Refused, check, get
from backend.hub.partial import Partial
from backend.hub.throughput import Throughput, duration

USEFUL_BYTES_PER_SECOND = 1000
# Bytes after which the Hub counts as working: earlier failures no longer count.
_FORGIVEN_AFTER = 1 << 20
_LONGEST_WAIT = 120.0
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")

ProgressCallback = Callable[
    [Literal["stalled", "retrying"], str, dict[str, str | int | float | None]], None
]


@dataclass(frozen=True, kw_only=True)
class Source:
    """What all files of one download share; times in seconds."""

    client: httpx2.AsyncClient
    origin: Origin
    model: ModelFacts
    throughput: Throughput
    report_progress: ProgressCallback
    stall_seconds: float
    retries: int


class _Interrupted(Exception):
    """The transfer stopped early. `error` is raised when no retry is left; `wait` is in seconds."""

    def __init__(self, error: PlatformError, *, stalled: bool, wait: float | None = None) -> None:
        super().__init__(error.detail)
        self.error = error
        self.stalled = stalled
        self.wait = wait


async def fetch(source: Source, part: Partial) -> None:
    """Complete `part` and verify its hash; download it again once if the hash differs.

    Raises HubStalled, HubUnreachable, HubRateLimited, CorruptFile and the errors of `http.check`.
    """
    await _complete(source, part)
    if part.is_right:
        return
    name = part.file.path
    source.report_progress(
        "retrying", f"{name} does not match its hash; downloading it again", {"file": name}
    )
    part.restart()
    source.throughput.have(name, 0)
    await _complete(source, part)
    if not part.is_right:
        part.restart()
        raise CorruptFile(f"{name} was downloaded twice with content that does not match its hash.")


async def _complete(source: Source, part: Partial) -> None:
    failures, mark = 0, part.size
    while part.size < part.file.bytes:
        try:
            await _attempt(source, part)
        except _Interrupted as interrupted:
            gained = part.size - mark
            failures = 1 if gained >= _FORGIVEN_AFTER else failures + 1
            mark = part.size
            if failures > source.retries:
                raise interrupted.error from interrupted
            await _pause(source, part.file, interrupted, failures, gained > 0)


async def _pause(
    source: Source, file: ModelFile, why: _Interrupted, failures: int, gained: bool
) -> None:
    backoff = 0.2 if gained and not why.stalled else min(30.0, 0.5 * 2**failures)
    wait = why.wait if why.wait is not None else backoff * random.uniform(1.0, 1.25)  # noqa: S311
    if wait > _LONGEST_WAIT:
        raise why.error
    source.report_progress(
        "stalled" if why.stalled else "retrying",
        f"{why.error.detail} Retrying in {duration(max(wait, 1))} "
        f"({failures} of {source.retries}).",
        {"file": file.path, "retry_in_seconds": round(wait, 1), "attempt": failures},
    )
    await asyncio.sleep(wait)


async def _attempt(source: Source, part: Partial) -> None:
    commit = part.file.commit or source.model.commit
    url = source.origin.file_url(source.model.id, commit, part.file.path)
    headers: dict[str, str] = {}
    if part.size:
        headers = {"Range": f"bytes={part.size}-", "If-Range": f'"{expected(part.file)}"'}
    try:
        async with asyncio.timeout(source.stall_seconds) as limit:
            async with get(source.client, source.origin, url, headers=headers) as response:
                _check(source, response)
                _finish(source, response, part)
                await _stream(source, response, part, limit)
    except Refused as refused:
        raise _Interrupted(refused.error, stalled=False, wait=refused.retry_after) from refused
    except (TimeoutError, httpx2.TimeoutException) as error:
        stalled = HubStalled(
            f"The Hub stopped sending {part.file.path} for {source.stall_seconds:g} s."
        )
        raise _Interrupted(stalled, stalled=True) from error
    except httpx2.ConnectError as error:
        unreachable = HubUnreachable("The Hub could not be reached.")
        raise _Interrupted(unreachable, stalled=False) from error
    except httpx2.HTTPError as error:
        raise _Interrupted(_dropped(part.file), stalled=False) from error


def _check(source: Source, response: httpx2.Response) -> None:
    if response.status_code == 416:
        return
    model = source.model
    try:
        check(response, model.id, model.commit, source.origin.url)
    except EntryNotFound as error:
        raise ModelNotFound(f"A file of {model.id} was removed from the Hub.") from error


def _finish(source: Source, response: httpx2.Response, part: Partial) -> None:
    """Check that the response starts where `part` ends; restart if the server ignores Range."""
    if response.status_code == 206:
        span = _RANGE.fullmatch(response.headers.get("content-range", ""))
        if span and int(span[1]) == part.size and span[2] in {"*", str(part.file.bytes)}:
            return
    if part.size:
        part.restart()
        source.throughput.have(part.file.path, 0)
    if response.status_code in {206, 416}:
        raise _Interrupted(_dropped(part.file), stalled=False)


async def _stream(
    source: Source, response: httpx2.Response, part: Partial, limit: asyncio.Timeout
) -> None:
    useful = USEFUL_BYTES_PER_SECOND * source.stall_seconds
    clock = asyncio.get_running_loop()
    since = 0
    async for received in response.aiter_raw():
        chunk = received[: part.file.bytes - part.size]
        part.write(chunk)
        source.throughput.received(part.file.path, len(chunk))
        since += len(chunk)
        if since >= useful:
            since = 0
            limit.reschedule(clock.time() + source.stall_seconds)
        if len(chunk) < len(received):
            return  # longer than it may be; the hash decides
    if part.size < part.file.bytes:
        raise _Interrupted(_dropped(part.file), stalled=False)


def _dropped(file: ModelFile) -> HubStalled:
    return HubStalled(f"The Hub closed the connection while sending {file.path}.")
