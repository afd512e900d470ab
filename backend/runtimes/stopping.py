"""Stop servers (drain, wait, kill) and describe how one ended."""

import asyncio
import logging
import signal
import time

from backend.domain.server import ServerStatus
from backend.errors import PlatformError
from backend.keeper import messages
from backend.runtimes.classify_exit import Exit, cause
from backend.runtimes.control_client import drain
from backend.runtimes.keeper_client import KeeperClient, Refused
from backend.runtimes.process_activity import observe
from backend.runtimes.server_directory import ServerDirectory

POLL_SECONDS = 0.02
RECORD_SECONDS = 2.0
KILL_SECONDS = 10.0
CONNECT_SECONDS = 0.5
# Share of the grace period for draining requests; the rest is for SIGTERM.
DRAIN_SHARE = 0.8
log = logging.getLogger(__name__)


async def end(
    folder: ServerDirectory, keeper: KeeperClient, grace: float, *, hands_over: bool = False
) -> None:
    """Drain, then SIGTERM, then SIGKILL, within `grace` seconds; return when the server is gone.

    `hands_over`: another server has its port.
    """
    deadline = time.monotonic() + grace
    acknowledged = await drain(folder, hands_over=hands_over)
    if not acknowledged and await asyncio.to_thread(is_stopped, folder):
        await kill(folder, keeper)
        return
    if acknowledged and await gone(folder, grace * DRAIN_SHARE):
        return
    await _signal(folder, keeper, signal.SIGTERM)
    if await gone(folder, deadline - time.monotonic()):
        return
    await kill(folder, keeper)


def is_stopped(folder: ServerDirectory) -> bool:
    """Whether the process is stopped (SIGSTOP, a debugger), so that SIGTERM has no effect."""
    try:
        with messages.connect(folder.path / "control.sock", CONNECT_SECONDS) as connection:
            pid = messages.peer(connection)[0]
    except OSError:
        return False
    activity = observe(pid) if pid is not None else None
    return activity is not None and activity.is_stopped


async def kill(folder: ServerDirectory, keeper: KeeperClient) -> None:
    """Send SIGKILL and wait until the keeper has seen the exit. Idempotent."""
    if folder.has_ended:
        return
    await _signal(folder, keeper, signal.SIGKILL)
    if not await gone(folder, KILL_SECONDS):
        log.error("server %s still runs after SIGKILL", folder.server)


async def drain_all(folders: list[ServerDirectory], grace: float) -> None:
    """Drain all servers concurrently, and wait for them for their share of `grace` seconds."""
    acknowledged = await asyncio.gather(*(drain(folder) for folder in folders))
    draining = [folder for folder, did in zip(folders, acknowledged, strict=True) if did]
    await asyncio.gather(*(gone(folder, grace * DRAIN_SHARE) for folder in draining))


async def gone(folder: ServerDirectory, seconds: float) -> bool:
    """Wait at most `seconds` for the server to end; return whether it did."""
    deadline = time.monotonic() + seconds
    while not folder.has_ended:
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(POLL_SECONDS)
    await exit_of(folder)
    return True


async def exit_of(folder: ServerDirectory) -> Exit:
    """How it ended. Waits 2 s for `exit.json`, written after the lock is free, if at all."""
    for _ in range(int(RECORD_SECONDS / POLL_SECONDS)):
        if folder.has_record:
            break
        await asyncio.sleep(POLL_SECONDS)
    return await asyncio.to_thread(folder.exit)


async def describe(folder: ServerDirectory) -> ServerStatus:
    """The status of a server that has ended."""
    known = await exit_of(folder)
    return ServerStatus(
        state="exited",
        cause=cause(known),
        exit_code=known.exit_code,
        signal=known.signal,
        log_tail=known.log_tail,
    )


async def _signal(folder: ServerDirectory, keeper: KeeperClient, number: int) -> None:
    try:
        await keeper.request("signal", server=folder.server, signal=int(number))
    except (Refused, PlatformError) as error:
        log.warning("server %s cannot be signalled: %s", folder.server, error)
