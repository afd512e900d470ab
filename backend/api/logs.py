"""Route of a deployment's log: its attempts, then its server."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from backend.api.deployments import Key
from backend.api.services import Services, Use
from backend.pipeline.checkpoints import attempt_log
from backend.store.records import DeploymentRecord, ServerRecord

router = APIRouter(tags=["logs"])
POLL_SECONDS = 0.5
WORKING = frozenset({"pending", "initializing", "updating"})


@router.get("/deployments/{key}/logs", response_class=PlainTextResponse)
async def logs(
    key: Key,
    use: Use,
    tail: Annotated[
        int, Query(ge=1, le=10_000, description="Number of lines from the end of each log.")
    ] = 200,
    follow: Annotated[
        bool, Query(description="Keep the response open and stream new lines.")
    ] = False,
) -> Response:
    """Get the log lines; with `follow`, a plain text stream until the server ends."""
    record = await use.store.deployments.find(key)
    path = attempt_log(use.paths.storage, record.id)
    lines = _lines(use, record, path, tail, follow)
    if follow:
        return StreamingResponse(lines, media_type="text/plain; charset=utf-8")
    return PlainTextResponse("".join([line async for line in lines]))


async def _lines(
    use: Services, record: DeploymentRecord, path: Path, tail: int, follow: bool
) -> AsyncIterator[str]:
    offset = 0
    lines, offset = await asyncio.to_thread(_tail, path, tail)
    for line in lines:
        yield line
    while follow and record.state in WORKING:
        await asyncio.sleep(POLL_SECONDS)
        more, offset = await asyncio.to_thread(_since, path, offset)
        if more:
            yield more
        record = await use.store.deployments.get(record.id)
    server = await use.store.servers.current(record.id)
    if server is not None:
        async for line in _server(use, server, tail, follow):
            yield line
        return
    for runtime in use.pipeline.runtimes.values():
        for line in await runtime.last_log(record.id, tail):
            yield _ended(line)


async def _server(
    use: Services, server: ServerRecord, tail: int, follow: bool
) -> AsyncIterator[str]:
    runtime = use.pipeline.runtimes[server.handle.runtime]
    async for line in runtime.logs(server.handle, tail=tail, follow=follow):
        yield _ended(line)


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n"


def _tail(path: Path, count: int) -> tuple[list[str], int]:
    if not path.is_file():
        return [], 0
    with path.open(encoding="utf-8", errors="replace") as file:
        return list(deque(file, maxlen=count)), file.tell()


def _since(path: Path, offset: int) -> tuple[str, int]:
    if not path.is_file():
        return "", offset
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(65_536)
    return data.decode("utf-8", "replace"), offset + len(data)
