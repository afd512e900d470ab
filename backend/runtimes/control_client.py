"""Client of a model server's control socket: identity, state, drain and metrics."""

import asyncio
import contextlib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from backend.errors import Problem
from backend.keeper.messages import short_path
from backend.runtimes.server_directory import ServerDirectory

REPLY_LIMIT = 8 * 1024 * 1024


class Hello(BaseModel):
    """The response to `hello`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    nonce: str
    pid: int
    server: str
    state: Literal["loading", "ready", "failed", "draining"]
    message: str = ""
    problem: Problem | None = None
    loaded_seconds: float | None = None


class _Metrics(BaseModel):
    text: str


async def hello(folder: ServerDirectory, timeout: float = 2.0) -> Hello | None:
    """The server's state; None if it does not respond in `timeout` seconds or is not ours."""
    reply = await _ask(folder.path, b'{"verb": "hello"}\n', timeout)
    try:
        known = Hello.model_validate_json(reply)
    except ValidationError:
        return None
    return known if known.nonce == folder.nonce() and known.server == folder.server else None


async def drain(folder: ServerDirectory, timeout: float = 1.0, *, hands_over: bool = False) -> bool:
    """Request a graceful shutdown. False if the server did not respond."""
    verb = b"hand_over" if hands_over else b"drain"
    return bool(await _ask(folder.path, b'{"verb": "%s"}\n' % verb, timeout))


async def metrics(folder: ServerDirectory, timeout: float = 2.0) -> str:
    """The server's Prometheus text; empty if it does not respond in `timeout` seconds."""
    reply = await _ask(folder.path, b'{"verb": "metrics"}\n', timeout)
    with contextlib.suppress(ValidationError):
        return _Metrics.model_validate_json(reply).text
    return ""


async def _ask(path: Path, line: bytes, timeout: float) -> bytes:
    try:
        async with asyncio.timeout(timeout):
            with short_path(path / "control.sock") as name:
                reader, writer = await asyncio.open_unix_connection(name, limit=REPLY_LIMIT)
            try:
                writer.write(line)
                return await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError):
        return b""
