"""One start of a deployment's servers, from directories to ready."""

import asyncio
import itertools
import logging
from dataclasses import dataclass, field
from pathlib import Path

from backend.domain.report import Report
from backend.domain.server import ServerHandle, ServerSpec
from backend.errors import ProblemError
from backend.errors.server import ServerDied
from backend.runtimes import stopping
from backend.runtimes.classify_exit import classify_exit
from backend.runtimes.control_client import Hello, hello
from backend.runtimes.environment import server_environment
from backend.runtimes.keeper_client import ROOT, KeeperClient, Refused
from backend.runtimes.program import ServerProgram
from backend.runtimes.server_directory import ServerDirectory, create, find, prune
from backend.runtimes.warm_start import WarmStart

LISTENER_FD = 3
# A forked server is ready within a second, in which it is asked often: that takes 1 ms each time.
POLL_SECONDS = (*[0.02] * 50, 0.1, 0.2)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Start:
    """Parameters of one start; `launched` lists the servers to kill if it fails.

    `warm` is None if every server is to be started afresh.
    """

    spec: ServerSpec
    run_dir: Path
    keeper: KeeperClient
    program: ServerProgram
    warm: WarmStart | None = None
    launched: list[ServerDirectory] = field(default_factory=list[ServerDirectory])

    async def found(self) -> list[ServerDirectory]:
        """The live servers of this deployment and generation: all of them, or none.

        Incomplete or dying servers of this generation are killed first, so that no second set runs
        beside them; so are those of another generation of which a worker has died.
        """
        sets: dict[int, list[ServerDirectory]] = {}
        for folder, spec in find(self.run_dir, self.spec.deployment_id):
            if folder.is_alive:
                sets.setdefault(spec.generation, []).append(folder)
        alive = sets.pop(self.spec.generation, [])
        await self._end_incomplete(sets)
        states = [await hello(folder) for folder in alive]
        usable = [known for known in states if known is None or known.state in {"loading", "ready"}]
        if len(usable) == len(alive) == self.spec.workers:
            self.launched.extend(alive)
            return alive
        await asyncio.gather(*(stopping.kill(folder, self.keeper) for folder in alive))
        return []

    async def launch(self, report: Report) -> list[ServerDirectory]:
        """Start every worker through the keeper. Raises ServerDied if it cannot."""
        prune(self.run_dir, self.spec.deployment_id)
        may_fork = bool(self.warm and self.warm.suits(self.spec) and await self.warm.is_ready())
        for _ in range(self.spec.workers):
            folder = create(self.run_dir, self.spec)
            self.launched.append(folder)
            try:
                await self.keeper.request("start", may_fork=may_fork, **self._order(folder))
            except Refused as refused:
                log.error("the keeper could not start %s: %s", folder.server, refused)
                detail = "The process of the model server could not be started."
                raise ServerDied(detail) from refused
        report("the server process has started")
        return list(self.launched)

    async def until_ready(self, folders: list[ServerDirectory], report: Report) -> None:
        """Return when all are ready. Raises the problem or exit of the first server that fails."""
        said = ""
        for pause in itertools.chain(POLL_SECONDS, itertools.repeat(POLL_SECONDS[-1])):
            states = [await _poll(folder) for folder in folders]
            if all(known is not None and known.state == "ready" for known in states):
                return
            messages = [known.message for known in states if known and known.state == "loading"]
            if messages and messages[0] != said:
                said = messages[0]
                report(said)
            await asyncio.sleep(pause)

    async def _end_incomplete(self, sets: dict[int, list[ServerDirectory]]) -> None:
        for folders in sets.values():
            told = folders[0].spec()
            if told is not None and len(folders) < told.workers:
                for folder in folders:
                    await stopping.kill(folder, self.keeper)

    def _order(self, folder: ServerDirectory) -> dict[str, object]:
        spec = self.spec
        argv = [spec.python, "-m", self.program.module]
        return {
            "server": folder.server,
            "deployment": spec.deployment_id,
            "argv": [*argv, "--run-dir", str(folder.path), "--fd", str(LISTENER_FD)],
            "env": server_environment(self.program.environment, spec),
            "cwd": str(ROOT),
            "memory_limit_bytes": spec.memory_limit_bytes,
            "limit_data": not spec.device.startswith("cuda"),
        }


def handle(spec: ServerSpec, port: int, folders: list[ServerDirectory]) -> ServerHandle:
    """The handle of a running deployment, which contains all its state."""
    return ServerHandle(
        runtime="local",
        url=f"http://{_reachable(spec.host)}:{port}",
        port=port,
        ref={
            "servers": " ".join(folder.server for folder in folders),
            "deployment_id": spec.deployment_id,
            "generation": str(spec.generation),
        },
        enforcement=folders[0].enforcement(),
    )


async def _poll(folder: ServerDirectory) -> Hello | None:
    known = await hello(folder)
    if known is not None and known.state == "failed" and known.problem is not None:
        raise ProblemError(known.problem)
    if folder.has_ended:
        raise classify_exit(await stopping.exit_of(folder))
    return known


def _reachable(host: str) -> str:
    wildcard = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104
    return wildcard.get(host) or (f"[{host}]" if ":" in host else host)
